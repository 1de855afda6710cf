"""A small disk of the test's own (a tmpfs) that can be filled to the last page. Needs root."""

import os
import subprocess


class SmallDisk:
    def __init__(self, folder, mib):
        """In this empty folder. OSError: a tmpfs cannot be mounted here."""
        self.folder = folder
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", folder], capture_output=True, text=True)
        if done.returncode != 0:
            raise OSError(f"a tmpfs cannot be mounted: {done.stderr}")

    def fill(self):
        """Takes what is free, to the last page."""
        with open(os.path.join(self.folder, "ballast"), "ab", buffering=0) as ballast:
            block = bytes(1 << 20)
            while block:
                try:
                    if ballast.write(block) < len(block):
                        block = block[: len(block) // 2]
                except OSError:
                    block = block[: len(block) // 2]

    def free(self):
        try:
            os.remove(os.path.join(self.folder, "ballast"))
        except FileNotFoundError:
            pass

    def remove(self):
        subprocess.run(["umount", "-l", self.folder])

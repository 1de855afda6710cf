"""Cold start of the server to /ready on an empty data folder and again on the same, memory when idle, size of the binary."""
import os
import subprocess
import tempfile
import time

import harness

STARTS = 10


def run():
    figures = harness.Figures("start")
    for _ in range(STARTS):
        with harness.DataFolder() as data:
            for what, target in (("start to /ready, new data folder", None), ("start to /ready", 200)):
                with harness.Conditions() as conditions, harness.elevaite(data, harness.free_port()) as server:
                    ready_ms = server.ready_seconds * 1e3
                figures.add(what, ready_ms, "ms", conditions, at_most=target)
    with harness.DataFolder() as data, harness.elevaite(data, harness.free_port()) as server:
        with harness.Conditions(server.pid) as conditions:
            time.sleep(2)
        figures.add("memory when idle", server.rss_mib(), "MiB", conditions, at_most=60)
    with harness.Conditions() as conditions, tempfile.NamedTemporaryFile() as stripped:
        binary = os.path.join(harness.BUILD, "elevaite")
        subprocess.run(["llvm-strip-19", "-o", stripped.name, binary], check=True)
        size = os.path.getsize(stripped.name)
    figures.add("binary, stripped", size / (1 << 20), "MiB", conditions, at_most=40)
    figures.finish()

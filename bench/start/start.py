"""Cold start of the server to /ready on an empty data folder and again on the same, memory when idle, size of the binary."""
import os
import subprocess
import tempfile
import time

import harness

STARTS = 10


def start_twice():
    """Milliseconds on a new data folder, and again on the same."""
    times = []
    with harness.DataFolder() as data:
        for _ in range(2):
            with harness.elevaite(data, harness.free_port()) as server:
                times.append(server.ready_seconds * 1e3)
    return times


def run():
    figures = harness.Figures("start")
    with harness.Conditions() as conditions:
        starts = [start_twice() for _ in range(STARTS)]
    for first, second in starts:
        figures.add("start to /ready, new data folder", first, "ms", conditions, at_most=200)
        figures.add("start to /ready", second, "ms", conditions, at_most=200)
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

"""A queue of 1,000,000 runs: starts in a second under 10,000 keys beside one lane; how long a run of a new key waits; taking it up, and memory."""
import json
import os
import subprocess

import harness

RUNS = "1000000"
KEYS = "10000"


def run():
    figures = harness.Figures("flow")
    tool = os.path.join(harness.BUILD, "bench/flow/flow_bench")
    with harness.DataFolder() as data, harness.Conditions() as conditions:
        output = subprocess.run([tool, data, RUNS, KEYS, "5"], check=True, stdout=subprocess.PIPE).stdout
    result = json.loads(output)
    plain, keys = result["plain"], result["keys"]
    figures.add("starts, one lane", plain["starts_per_second"], "/s", conditions)
    figures.add("starts, 10,000 keys", keys["starts_per_second"], "/s", conditions)
    figures.add("with keys / without", keys["starts_per_second"] / plain["starts_per_second"], "x", conditions)
    figures.add("new key: p50 of the wait", keys["new_key_p50_ms"], "ms", conditions)
    figures.add("new key: the longest of 20", keys["new_key_max_ms"], "ms", conditions)
    figures.add("taking up 1,000,000 under keys", keys["boot_seconds"], "s", conditions)
    figures.add("memory of one that waits", keys["bytes_each"], "bytes", conditions)
    figures.finish()

"""Compiling and running 50 expressions on a document of 1 KB (jq_bench.cc)."""
import json
import os
import subprocess

import harness


def run():
    figures = harness.Figures("jq")
    for _ in range(harness.ROUNDS):
        with harness.Conditions() as conditions:
            output = subprocess.run([os.path.join(harness.BUILD, "bench/jq/jq_bench")], check=True, capture_output=True, text=True).stdout
        result = json.loads(output)
        for kind in ("compile", "run"):
            figures.add(f"{kind}: the median filter", result[f"{kind}_p50_us"], "us", conditions)
            figures.add(f"{kind}: the slowest filter", result[f"{kind}_max_us"], "us", conditions)
    figures.finish()

"""Compiling and running 50 expressions on a document of 1 KB, beside Debian's libjq in the same process (jq_bench.cc)."""
import json
import os
import subprocess

import harness

TARGETS = {("compile", "p50"): 25, ("run", "p50"): 0.8, ("run", "max"): 10}  # microseconds


def run():
    figures = harness.Figures("jq")
    for _ in range(harness.ROUNDS):
        with harness.Conditions() as conditions:
            output = subprocess.run([os.path.join(harness.BUILD, "bench/jq/jq_bench")], check=True, capture_output=True, text=True).stdout
        result = json.loads(output)
        for kind in ("compile", "run"):
            for which, of in (("p50", "the median filter"), ("max", "the slowest filter")):
                ours, libjq = result[f"{kind}_{which}_us"], result[f"libjq_{kind}_{which}_us"]
                figures.add(f"{kind}: {of}", ours, "us", conditions, at_most=TARGETS.get((kind, which)))
                figures.add(f"{kind}: {of}, libjq", libjq, "us", conditions)
                figures.add(f"{kind}: {of}, libjq / elevaite", libjq / ours, "x", conditions)
    figures.finish()

"""Ten durable steps in a row through the engine in one process (durable_bench.cc), beside the disk's own fdatasync."""
import json
import os
import subprocess

import harness

# Of two cores that others may use too: concurrency to the least steps a second.
CONCURRENCY = {1: None, 16: None, 256: 50_000}
START_AT = 256
START_P50_MAX_MS = 2
RUN_PER_FDATASYNC_MAX = 15  # a run of ten steps waits for eleven commits


def run_tool(where, concurrency):
    command = [os.path.join(harness.BUILD, "bench/engine/durable_bench"), where, str(harness.SECONDS), str(concurrency)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def measure(figures, where, concurrency, target, *pids):
    """`where`: a folder, or the address of a PostgreSQL whose processes are `pids`."""
    with harness.Conditions(*pids) as conditions:
        result = run_tool(where, concurrency)
    at = f"{concurrency} at a time: "
    figures.add(at + "steps", result["steps_per_second"], "/s", conditions, at_least=target)
    figures.add(at + "executions of ten steps", result["executions_per_second"], "/s", conditions)
    figures.add(at + "p50 of an execution", result["p50_ms"], "ms", conditions)
    figures.add(at + "p99 of an execution", result["p99_ms"], "ms", conditions)
    if concurrency == START_AT:
        figures.add("half of that rate: from the posting to the first call, p50", result["half_load_start_p50_ms"], "ms", conditions,
                    at_most=START_P50_MAX_MS)
        figures.add("half of that rate: from the posting to the first call, p99", result["half_load_start_p99_ms"], "ms", conditions)
    figures.add(at + "commits", result["commits_per_second"], "/s", conditions)
    figures.add(at + "CPU per step", result["cpu_us_per_step"], "us", conditions)
    figures.add(at + "memory", result["rss_mib"], "MiB", conditions)
    return result, conditions


def run():
    figures = harness.Figures("engine-durable")
    for _ in range(harness.ROUNDS):
        with harness.DataFolder() as data:
            fdatasync_ms = harness.add_disk(figures, data)
        for concurrency, target in CONCURRENCY.items():
            with harness.DataFolder() as data:
                result, conditions = measure(figures, data, concurrency, target)
            if concurrency == 1:
                figures.add("p50 of an execution alone / fdatasync p50", result["p50_ms"] / fdatasync_ms, "", conditions,
                            at_most=RUN_PER_FDATASYNC_MAX)
    figures.finish()

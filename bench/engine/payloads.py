"""Executions with two values of 40 KiB, 256 KiB and 2 MiB each: in the database, and in the store of objects."""
import json
import os
import subprocess
import sys

import harness

sys.path.append(os.path.join(harness.ROOT, "tests/system"))
from postgres import Postgres  # noqa: E402

SIZES = {"40 KiB": 40 << 10, "256 KiB": 256 << 10, "2 MiB": 2 << 20}


def measure(figures, name, target, objects, size, *pids):
    tool = os.path.join(harness.BUILD, "bench/engine/payloads_bench")
    with harness.Conditions(*pids) as conditions:
        output = subprocess.run([tool, target, objects, str(SIZES[size]), str(harness.SECONDS)], check=True, stdout=subprocess.PIPE).stdout
    result = json.loads(output)
    figures.add(f"{name}, {size}: executions", result["executions_per_second"], "/s", conditions)
    figures.add(f"{name}, {size}: p99 of a small start beside", result["small_p99_ms"], "ms", conditions)


def run():
    figures = harness.Figures("payloads")
    for _ in range(harness.ROUNDS):
        for size in SIZES:
            with harness.DataFolder() as data:
                measure(figures, "SQLite, inline", data, "-", size)
            with harness.DataFolder() as data:
                measure(figures, "SQLite, by reference", data, os.path.join(data, "objects"), size)
    with harness.DataFolder() as data:
        postgres = Postgres(data, "max_wal_size=4GB")
        try:
            for turn in range(harness.ROUNDS):
                for size in SIZES:
                    for how, objects in (("inline", "-"), ("by reference", os.path.join(data, f"objects{turn}"))):
                        url = postgres.new_database(f"p{turn}_{SIZES[size]}_{how.split()[0]}")
                        measure(figures, f"PostgreSQL, {how}", url, objects, size, postgres.process.pid)
        finally:
            postgres.remove()
    figures.finish()

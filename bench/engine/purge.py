"""Starts while 100,000 executions are being forgotten, on SQLite and on a PostgreSQL of its own, beside starts alone."""
import json
import os
import subprocess
import sys

import harness

sys.path.append(os.path.join(harness.ROOT, "tests/system"))
from postgres import Postgres  # noqa: E402

EXECUTIONS = "100000"
STARTS = "500"


def measure(figures, name, target, *pids):
    tool = os.path.join(harness.BUILD, "bench/engine/purge_bench")
    with harness.Conditions(*pids) as conditions:
        output = subprocess.run([tool, target, EXECUTIONS, STARTS], check=True, stdout=subprocess.PIPE).stdout
    result = json.loads(output)
    for when in ("alone", "beside"):
        for part in ("p50", "p99"):
            figures.add(f"{name}: {part} of a start, {when}", result[when][f"{part}_ms"], "ms", conditions)
    figures.add(f"{name}: executions forgotten", result["purged_per_second"], "/s", conditions)


def run():
    figures = harness.Figures("purge")
    with harness.DataFolder() as data:
        measure(figures, "SQLite", data)
        postgres = Postgres(data, "max_wal_size=4GB")
        try:
            measure(figures, "PostgreSQL", postgres.new_database("purge"), postgres.process.pid)
        finally:
            postgres.remove()
    figures.finish()

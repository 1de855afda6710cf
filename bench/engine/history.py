"""Lists of executions: every shape of filter over BENCH_EXECUTIONS (1,000,000) stored ones, on SQLite and on a PostgreSQL of its own."""
import json
import os
import subprocess
import sys

import harness

sys.path.append(os.path.join(harness.ROOT, "tests/system"))
from postgres import Postgres  # noqa: E402

EXECUTIONS = os.environ.get("BENCH_EXECUTIONS", "1000000")
DATABASES = os.environ.get("BENCH_DATABASES", "sqlite,postgres").split(",")
PAGES = "200"
TARGET_MS = 200


def measure(figures, name, target, pid=None):
    tool = os.path.join(harness.BUILD, "bench/engine/history_bench")
    with harness.Conditions(*([pid] if pid else [])) as conditions:
        output = subprocess.run([tool, target, EXECUTIONS, PAGES], check=True, stdout=subprocess.PIPE).stdout
    result = json.loads(output)
    for shape in result["shapes"]:
        figures.add(f"{name}: {shape['shape']}: p50", shape["p50_ms"], "ms", conditions)
        figures.add(f"{name}: {shape['shape']}: p99", shape["p99_ms"], "ms", conditions, at_most=TARGET_MS)


def run():
    figures = harness.Figures("history")
    with harness.DataFolder() as data:
        if "sqlite" in DATABASES:
            measure(figures, "SQLite", data)
        if "postgres" in DATABASES:
            postgres = Postgres(data, "max_wal_size=4GB")
            try:
                measure(figures, "PostgreSQL", postgres.new_database("history"), postgres.process.pid)
            finally:
                postgres.remove()
    figures.finish()

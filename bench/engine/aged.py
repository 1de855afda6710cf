"""Durable steps on a journal that has BENCH_EXECUTIONS (1,000,000) executions which have ended, and on an empty one, in turns."""
import os
import subprocess
import sys

import harness
from engine import durable

sys.path.append(os.path.join(harness.ROOT, "tests/system"))
from postgres import Postgres  # noqa: E402

EXECUTIONS = os.environ.get("BENCH_EXECUTIONS", "1000000")
DATABASES = os.environ.get("BENCH_DATABASES", "sqlite,postgres").split(",")
CONCURRENCY = 256
RATIO_MIN = 0.9


def fill(where):
    subprocess.run([os.path.join(harness.BUILD, "bench/engine/history_bench"), where, EXECUTIONS, "0"], check=True, stdout=subprocess.DEVNULL)


def compare(figures, name, empty, full, *pids):
    fill(full)
    for _ in range(harness.ROUNDS):
        rates = []
        for state, where in (("empty", empty()), (f"{int(EXECUTIONS):,} ended", full)):
            with harness.Conditions(*pids) as conditions:
                rates.append(durable.run_tool(where, CONCURRENCY)["steps_per_second"])
            figures.add(f"{name}, {state}: steps", rates[-1], "/s", conditions)
        figures.add(f"{name}: full / empty", rates[1] / rates[0], "", conditions, at_least=RATIO_MIN)


def run():
    figures = harness.Figures("engine-aged")
    with harness.DataFolder() as data:
        if "sqlite" in DATABASES:
            folders = iter(range(harness.ROUNDS + 1))

            def folder():
                path = os.path.join(data, f"journal-{next(folders)}")
                os.mkdir(path)
                return path

            compare(figures, "SQLite", folder, folder())
        if "postgres" in DATABASES:
            postgres = Postgres(data, "max_wal_size=4GB")
            try:
                names = iter(range(harness.ROUNDS + 1))
                compare(figures, "PostgreSQL", lambda: postgres.new_database(f"journal_{next(names)}"),
                        postgres.new_database("journal_full"), postgres.process.pid)
            finally:
                postgres.remove()
    figures.finish()

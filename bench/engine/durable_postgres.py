"""The same as durable.py on a PostgreSQL of its own on a socket (synchronous_commit on), beside what that server itself can do with one
connection (pgbench): commits of one row, and rows of the journal's kind, a hundred in a commit."""
import os
import re
import subprocess
import sys
import time

import harness
from engine import durable

sys.path.append(os.path.join(harness.ROOT, "tests/system"))
from postgres import Postgres  # noqa: E402

CONCURRENCY = {1: None, 16: None, 256: 25_000}
ROWS = 100
TABLE = "CREATE TABLE rows (a TEXT, e BYTEA, s BIGINT, events BYTEA, PRIMARY KEY (a, e, s))"
# Ids that grow, as those of executions do; some 60 bytes of events.
INSERT = ("\\set id random(1, 1000000000)\n"
          "INSERT INTO rows SELECT 'default', decode(lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000000)::bigint), 16, '0') ||"
          " lpad(to_hex(CAST(:id AS BIGINT)), 16, '0'), 'hex'), g, decode(repeat('ab', 60), 'hex') FROM generate_series(1, {rows}) g;\n")


def pgbench(postgres, database, rows):
    script = os.path.join(postgres.folder, f"insert-{rows}.sql")
    with open(script, "w") as file:
        file.write(INSERT.format(rows=rows))
    output = postgres.check("pgbench", "-h", postgres.folder, "-U", "root", "-n", "-M", "prepared", "-f", script, "-c", "1",
                            "-T", str(max(1, round(harness.SECONDS))), database)
    return float(re.search(r"tps = ([\d.]+)", output).group(1))


def measure_limits(figures, postgres, database):
    postgres.sql(TABLE, database)
    for rows, what in ((1, "pgbench: commits of one row"), (ROWS, f"pgbench: rows, {ROWS} in a commit")):
        with harness.Conditions(postgres.process.pid) as conditions:
            rate = pgbench(postgres, database, rows)
        figures.add(what, rate * rows, "/s", conditions)
    return rate * ROWS


def measure_steps(figures, postgres, name, concurrency, target):
    pid = postgres.process.pid
    url = postgres.new_database(name)
    migrate = [os.path.join(harness.BUILD, "elevaite"), "migrate"]  # so that its tables do not count
    subprocess.run(migrate, check=True, capture_output=True, env={**os.environ, "ELEVAITE_DATABASE_URL": url})
    before = harness.cpu_seconds(pid)
    result, conditions = durable.measure(figures, url, concurrency, target, pid)
    rows = int(postgres.sql("SELECT count(*) FROM elevaite_engine.journal", name))
    time.sleep(0.5)  # until the server knows of all its processes that have ended
    cpu = harness.cpu_seconds(pid) - before
    figures.add(f"{concurrency} at a time: CPU of PostgreSQL per step", cpu * 1e6 / rows * 11 / 10, "us", conditions)
    return result["steps_per_second"], conditions


def run():
    figures = harness.Figures("engine-durable-postgres")
    for _ in range(harness.ROUNDS):
        with harness.DataFolder() as data:
            harness.add_disk(figures, data)
            postgres = Postgres(data, "max_wal_size=4GB")
            try:
                postgres.new_database("limits")
                rows_per_second = measure_limits(figures, postgres, "limits")
                for concurrency, target in CONCURRENCY.items():
                    steps_per_second, conditions = measure_steps(figures, postgres, f"steps_{concurrency}", concurrency, target)
                figures.add("256 at a time: steps / rows of pgbench", steps_per_second / rows_per_second, "", conditions)
            finally:
                postgres.remove()
    figures.finish()

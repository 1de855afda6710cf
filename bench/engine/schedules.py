"""100,000 schedules: the start of a process that has them, the memory of each, and how late executions begin at 1,000 firings/s.

Each is due every 100 seconds, a millisecond behind the one before it. How late is what the clock says when the execution is made (its
record) against the due time (in its id). BENCH_SCHEDULES sets how many there are.
"""
import glob
import json
import os
import sqlite3
import sys
import time
import urllib.error

import harness

WORKFLOW = """
document: {dsl: '1.0.3', namespace: bench, name: tick, version: '1.0.0'}
do:
  - s: {set: {done: true}}
"""
COUNT = int(os.environ.get("BENCH_SCHEDULES", 100_000))
PERIOD_MS = 100_000
AHEAD_S = 60  # from the making of the rows to the first firing: the server must be there by then
GIVEN_BACK_S = 20  # the allocator keeps for some seconds what was freed
LATE_MS_MAX, KIB_MAX, READY_MAX = 1_000, 1.0, 2.0


def database(data, table):
    """The file that has the table."""
    for path in glob.glob(os.path.join(data, "*.db")):
        with sqlite3.connect(path) as db:
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
                return path
    raise AssertionError(f"no database has {table}")


def multiply(data):
    """Makes COUNT schedules of the one that the server made; gives the milliseconds of the first firing."""
    path = database(data, "schedules")
    with sqlite3.connect(path) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(schedules)")]
        row = dict(zip(columns, db.execute("SELECT * FROM schedules WHERE id = 'first'").fetchone()))
        definition = json.loads(row["definition"])
        first_ms = int((time.time() + AHEAD_S) * 1000)
        rows = []
        for i in range(COUNT):
            offset = (first_ms + i * PERIOD_MS // COUNT) % PERIOD_MS
            definition["times"] = [{"every": "100s", "offset": f"{offset // 1000}s{offset % 1000}ms"}]
            due_ms = first_ms + (offset - first_ms) % PERIOD_MS
            rows.append(tuple({**row, "id": f"tick-{i}", "definition": json.dumps(definition), "due_us": due_ms * 1000}[name] for name in columns))
        db.execute("DELETE FROM schedules WHERE id = 'first'")
        db.executemany(f"INSERT INTO schedules VALUES ({','.join('?' * len(columns))})", rows)
    return first_ms


def keeps_schedules(port):
    """Whether they have been taken up: only then may one be created."""
    try:
        harness.call("POST", f"http://127.0.0.1:{port}/v1/schedules", {"workflow": "tick", "times": []})
    except urllib.error.HTTPError as error:
        return error.code == 400
    return False


def start(data, port):
    """The server, and the seconds until it fires."""
    server = harness.elevaite(data, port)
    while not keeps_schedules(port):
        time.sleep(0.002)
    return server, time.monotonic() - server.begun


def lateness(data):
    """Milliseconds of each execution, and over how many seconds they began."""
    with sqlite3.connect(database(data, "executions")) as db:
        rows = db.execute("SELECT id, created_us FROM executions").fetchall()
    made = [us for _, us in rows]
    return sorted(us / 1000 - int.from_bytes(id[:6], "big") for id, us in rows), (max(made) - min(made)) / 1e6


def run():
    figures = harness.Figures("schedules")
    port = harness.free_port()
    with harness.DataFolder() as data:
        with harness.elevaite(data, port):
            harness.call("POST", f"http://127.0.0.1:{port}/v1/workflows", WORKFLOW, "application/yaml")
            harness.call("POST", f"http://127.0.0.1:{port}/v1/schedules", {"id": "first", "workflow": "tick", "times": [{"every": "365d"}]})
        server, _ = start(data, port)
        with server:
            alone = server.rss_mib()
        first_ms = multiply(data)
        with harness.Conditions() as conditions:
            server, seconds = start(data, port)
        with server:
            figures.add(f"start with {COUNT:,} schedules, until they are kept", seconds, "s", conditions, at_most=READY_MAX)
            figures.add("memory of each, with what the rows were read into", (server.rss_mib() - alone) * 1024 / COUNT, "KiB", conditions)
            time.sleep(GIVEN_BACK_S)
            figures.add("memory of each", (server.rss_mib() - alone) * 1024 / COUNT, "KiB", conditions, at_most=KIB_MAX)
            left = first_ms / 1000 - time.time()
            if left < 0:
                sys.exit(f"the server was there {-left:.1f} s too late for the first firing")
            with harness.Conditions(server.pid) as conditions:
                time.sleep(max(0, first_ms / 1000 - time.time()) + harness.SECONDS * 2)
                cpu = server.cpu_seconds()
            figures.add("memory of each, after firing", (server.rss_mib() - alone) * 1024 / COUNT, "KiB", conditions)
        late, span = lateness(data)
        figures.add("firings", len(late) / span, "/s", conditions)
        figures.add("late, p50", late[len(late) // 2], "ms", conditions)
        figures.add("late, p99", late[len(late) * 99 // 100], "ms", conditions, at_most=LATE_MS_MAX)
        figures.add("late, most", late[-1], "ms", conditions)
        figures.add("CPU of a firing, the start included", cpu * 1e6 / len(late), "us", conditions)
    figures.finish()

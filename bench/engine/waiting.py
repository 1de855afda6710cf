"""What executions cost that wait: memory of 100,000, and the start of a process that finds 1,000,000 of them, after SIGKILL.

BENCH_WAITING sets the second number.
"""
import os
import signal

import harness

WORKFLOW = """
document: {dsl: '1.0.3', namespace: bench, name: later, version: '1.0.0'}
do:
  - keep:
      set: {order: '${ .order }', who: '${ .name }'}
  - rest:
      wait: {hours: 100}
  - last:
      set: {done: true}
"""
LUA = """
wrk.method = "POST"
wrk.body = '{"order": 41, "name": "bench"}'
wrk.headers["content-type"] = "application/json"
"""
SOME = 100_000
MANY = int(os.environ.get("BENCH_WAITING", 1_000_000))
KIB_MAX = 1.5  # of memory for each of SOME
READY_MAX = 5  # seconds, with MANY


def start_until(count, port, script):
    started = 0
    while started < count:
        seconds = 2 if count - started < 30_000 else 5
        harness.wrk(f"http://127.0.0.1:{port}/v1/workflows/later/executions", 64, seconds, script)
        started = harness.settled(port)["executions_started_total"]
    return started


def run():
    figures = harness.Figures("engine-waiting")
    port = harness.free_port()
    with harness.DataFolder() as data:
        script = os.path.join(data, "post.lua")
        with open(script, "w") as file:
            file.write(LUA)
        with harness.elevaite(data, port) as server:
            harness.call("POST", f"http://127.0.0.1:{port}/v1/workflows", WORKFLOW, "application/yaml")
            first = start_until(1, port, script)  # what serving itself takes counts for nobody
            before = server.rss_mib()
            for count in (SOME, MANY)[: 2 if MANY > SOME else 1]:
                with harness.Conditions(server.pid) as conditions:
                    waiting = start_until(first + count, port, script) - first
                memory = (server.rss_mib() - before) * 1024 / waiting
                figures.add(f"memory of each of {count:,} waiting", memory, "KiB", conditions, at_most=KIB_MAX if count == SOME else None)
            server.stop(signal.SIGKILL)
        for _ in range(harness.ROUNDS):
            with harness.Conditions() as conditions:
                server = harness.elevaite(data, port)
            with server:
                target = READY_MAX if MANY >= 1_000_000 else None
                figures.add(f"start to /ready with {max(MANY, SOME):,} waiting", server.ready_seconds, "s", conditions, at_most=target)
                figures.add("memory after that start, of each", server.rss_mib() * 1024 / waiting, "KiB", conditions)
                server.stop(signal.SIGKILL)
    figures.finish()

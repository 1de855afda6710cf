"""A webhook that answers when its workflow has ended (set, switch, set), on the shipped binary, driven by wrk.

Each answer stands for an execution whose start and end are on disk. It is checked that every reply was 200 and, after the server
was killed with SIGKILL in the end, that the database holds every execution that was answered.
"""
import contextlib
import json
import os
import signal
import sqlite3
import sys

import harness

WORKFLOW = """
document: {dsl: '1.0.3', namespace: bench, name: greet, version: '1.0.0'}
input:
  from: ${ .body }
do:
  - first:
      set: {x: '${ .x + 1 }', who: '${ .name }'}
  - choose:
      switch:
        - large: {when: '${ .x > 10 }', then: answer}
        - otherwise: {then: end}
  - answer:
      set: {ok: true, msg: '${ "hello \\(.who) \\(.x)" }'}
"""
ANSWER = {"ok": True, "msg": "hello bench 42"}

LUA = """
wrk.method = "POST"
wrk.body = '{"x": 41, "name": "bench"}'
wrk.headers["content-type"] = "application/json"
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init(args) wrong = 0 end
function response(status, headers, body)
  if status ~= 200 or body ~= '%s' then wrong = wrong + 1 end
end
function done(summary, latency, requests)
  local sum = 0
  for _, thread in ipairs(threads) do sum = sum + thread:get("wrong") end
  print("not 200: " .. sum)
end
"""
CONNECTIONS = (1, 16, 64)
TARGET = 15000  # requests a second, at 64 connections on two cores that wrk uses too


def publish(base):
    harness.call("POST", f"{base}/v1/workflows", WORKFLOW, "application/yaml")
    harness.call("POST", f"{base}/v1/webhooks",
                 {"workflow": "bench.greet", "path": "greet", "response": {"wait": "10s"}})
    answer = harness.call("POST", f"{base}/hooks/greet", {"x": 41, "name": "bench"})
    if json.loads(answer) != ANSWER:
        sys.exit(f"the webhook answers {answer}")
    return answer


def measure(figures, server, port, connections, script):
    before = harness.settled(port)
    with harness.Conditions(server.pid) as conditions:
        cpu = server.cpu_seconds()
        result = harness.wrk(f"http://127.0.0.1:{port}/hooks/greet", connections, harness.SECONDS, script)
        cpu = server.cpu_seconds() - cpu
    after = harness.settled(port)
    grown = {name: after[name] - before[name] for name in before}
    # wrk drops what is under way at its end.
    if not result["requests"] <= grown["executions_completed_total"] <= result["requests"] + connections:
        sys.exit(f"{result['requests']} replies, but {grown['executions_completed_total']} executions completed")
    if grown["executions_faulted_total"] or grown["engine_commits_failed_total"]:
        sys.exit("executions or commits failed")
    at = f"{connections} connections: "
    figures.add(at + "requests", result["requests_per_second"], "/s", conditions, at_least=TARGET if connections == 64 else None)
    figures.add(at + "p50", result["p50_ms"], "ms", conditions)
    figures.add(at + "p99", result["p99_ms"], "ms", conditions)
    figures.add(at + "CPU of the server per request", cpu * 1e6 / result["requests"], "us", conditions)
    figures.add(at + "executions per commit of a partition", result["requests"] / grown["engine_commits_total"], "", conditions)
    figures.add(at + "memory", server.rss_mib(), "MiB", conditions)
    return result["requests"]


def check_stored(data, answered):
    with contextlib.closing(sqlite3.connect(f"{data}/engine.db")) as db:
        completed, = db.execute("SELECT count(*) FROM executions WHERE finished_us IS NOT NULL").fetchone()
        journaled, = db.execute("SELECT count(DISTINCT execution_id) FROM journal").fetchone()
    if completed < answered or journaled < answered:
        sys.exit(f"{answered} answered, but {completed} executions ended on disk and {journaled} are in the journal")
    print(f"checked: {answered:,} answers, {completed:,} executions on disk after SIGKILL, each in the journal")


def run():
    figures = harness.Figures("engine-sync")
    port = harness.free_port()
    with harness.DataFolder() as data:
        with harness.elevaite(data, port) as server:
            script = os.path.join(data, "post.lua")
            with open(script, "w") as file:
                file.write(LUA % publish(f"http://127.0.0.1:{port}"))
            answered = harness.wrk(f"http://127.0.0.1:{port}/hooks/greet", 16, 2, script)["requests"] + 1
            for _ in range(harness.ROUNDS):
                harness.add_disk(figures, data)
                for connections in CONNECTIONS:
                    answered += measure(figures, server, port, connections, script)
            server.stop(signal.SIGKILL)
        check_stored(data, answered)
    figures.finish()

"""Calls through workers in other processes, beside the same calls in the engine's own process, taking turns on the same machine.

An execution makes CALLS calls in a row to a web server (nginx) that answers at once; wrk starts them and waits for their ends. It is checked
that every execution completed and that as many calls were made as there must be.
"""
import contextlib
import os
import sys

import harness

CALLS = 10
CONNECTIONS = 32
WORKERS = 2
TOKEN = "a token for benches only"
AT_LEAST = 0.5  # of the rate in one process: all of it, engine, workers, web server and wrk, shares the cores

WORKFLOW = """
document: {{dsl: '1.0.3', namespace: bench, name: calls, version: '1.0.0'}}
do:
  - all:
      for: {{each: i, in: '[range({calls})]'}}
      do:
        - one: {{call: http, with: {{method: get, endpoint: 'http://127.0.0.1:{port}/'}}, output: {{as: '{{}}'}}}}
"""
LUA = 'wrk.method = "POST"\nwrk.body = "{}"\nwrk.headers["content-type"] = "application/json"\n'


def elevaite(data, port, *options):
    return harness.Server([os.path.join(harness.BUILD, "elevaite"), "serve", f"--data.dir={data}", f"--server.port={port}",
                           "--log.level=warn", "--egress.allow=127.0.0.1", *options],
                          f"http://127.0.0.1:{port}/ready", cwd=data, env={**os.environ, "ELEVAITE_WORKER_TOKEN": TOKEN})


@contextlib.contextmanager
def platform(data, with_workers):
    """The port of an engine, and all processes that make its calls."""
    port = harness.free_port()
    folder = os.path.join(data, "workers" if with_workers else "alone")
    os.makedirs(folder, exist_ok=True)
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(elevaite(folder, port, *(["--roles=workflow"] if with_workers else [])))]
        for _ in range(WORKERS if with_workers else 0):
            servers.append(stack.enter_context(
                elevaite(folder, harness.free_port(), "--roles=worker", f"--worker.engine=http://127.0.0.1:{port}")))
        yield port, servers


def measure(figures, name, port, servers, script):
    before = harness.counters(port)
    with harness.Conditions(*(server.pid for server in servers)) as conditions:
        cpu = sum(server.cpu_seconds() for server in servers)
        result = harness.wrk(f"http://127.0.0.1:{port}/v1/workflows/calls/executions?wait=30s", CONNECTIONS, harness.SECONDS, script)
        cpu = sum(server.cpu_seconds() for server in servers) - cpu
    after = harness.counters(port)
    grown = {key: after[key] - before[key] for key in before}
    if grown["executions_faulted_total"] or grown["activities_failed_total"]:
        sys.exit("executions or calls failed")
    if not grown["activities_succeeded_total"] >= CALLS * result["requests"]:
        sys.exit(f"{result['requests']} executions, but only {grown['activities_succeeded_total']:.0f} calls")
    rate = CALLS * result["requests_per_second"]
    figures.add(f"{name}: calls", rate, "/s", conditions)
    figures.add(f"{name}: p50 of an execution of {CALLS} calls", result["p50_ms"], "ms", conditions)
    figures.add(f"{name}: CPU of all processes per call", cpu * 1e6 / grown["activities_succeeded_total"], "us", conditions)
    return rate, conditions


def run():
    figures = harness.Figures("workers")
    web_port = harness.free_port()
    with harness.DataFolder() as data, harness.web_server(data, web_port):
        script = os.path.join(data, "post.lua")
        with open(script, "w") as file:
            file.write(LUA)
        with platform(data, False) as alone, platform(data, True) as apart:
            for port, _ in (alone, apart):
                harness.call("POST", f"http://127.0.0.1:{port}/v1/workflows", WORKFLOW.format(calls=CALLS, port=web_port), "application/yaml")
                harness.wrk(f"http://127.0.0.1:{port}/v1/workflows/calls/executions?wait=30s", CONNECTIONS, 1, script)
            for _ in range(harness.ROUNDS):
                in_process, _ = measure(figures, "in one process", *alone, script)
                through_workers, conditions = measure(figures, f"{WORKERS} workers", *apart, script)
                figures.add("calls, through workers / in one process", through_workers / in_process, "", conditions, at_least=AT_LEAST)
    figures.finish()

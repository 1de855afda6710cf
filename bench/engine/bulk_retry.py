"""A bulk retry of 100,000 parked runs: how many a second, and what it does to the latency of another workflow.

Each run has one call that nobody answers; tried again it fails and is parked again. Beside it, four callers start a workflow of one
task and wait for its end, one after the other, before and during the operation. BENCH_RUNS sets how many runs there are.
"""
import http.client
import json
import os
import threading
import time

import harness

PARKED = """
document: {dsl: '1.0.3', namespace: bench, name: parked, version: '1.0.0', metadata: {elevaite: {onError: park}}}
do:
  - c: {call: http, with: {method: get, endpoint: 'http://127.0.0.1:9/'}}
"""
OTHER = """
document: {dsl: '1.0.3', namespace: bench, name: other, version: '1.0.0'}
do:
  - s: {set: {done: true}}
"""
RUNS = int(os.environ.get("BENCH_RUNS", 100_000))
CALLERS = 4
RATIO_MAX = 1.5


def post(connection, path):
    connection.request("POST", path, b"{}", {"content-type": "application/json"})
    response = connection.getresponse()
    response.read()
    return response.status


def latencies(port, seconds):
    """Milliseconds of each start of the other workflow with its end, sorted."""
    until, took = time.monotonic() + seconds, []

    def caller():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < until:
            begun = time.monotonic()
            status = post(connection, "/v1/workflows/other/executions?wait=10s")
            assert status == 200, status
            took.append((time.monotonic() - begun) * 1000)
            time.sleep(0.01)

    threads = [threading.Thread(target=caller) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(took)


def ask(method, url, body=None):
    return json.loads(harness.call(method, url, body))


def p99(sorted_values):
    return sorted_values[len(sorted_values) * 99 // 100]


def run():
    figures = harness.Figures("bulk-retry")
    port = harness.free_port()
    base = f"http://127.0.0.1:{port}"
    seconds = harness.SECONDS * 4
    with harness.DataFolder() as data, harness.elevaite(data, port) as server:
        for document in (PARKED, OTHER):
            harness.call("POST", f"{base}/v1/workflows", document, "application/yaml")
        harness.start_all(port, "parked", ({} for _ in range(RUNS)))
        while True:
            preview = ask("POST", f"{base}/v1/operations", {"act": "retry", "filter": {"workflow": "parked", "status": "running"}, "dry_run": True})
            if preview["count"] == 0:
                break
            time.sleep(1)
        latencies(port, 2)
        with harness.Conditions(server.pid) as conditions:
            before = latencies(port, seconds)
        figures.add("another workflow, alone, p99", p99(before), "ms", conditions)
        operation = ask("POST", f"{base}/v1/operations", {"act": "retry", "filter": {"workflow": "parked", "status": "suspended"}})
        begun = time.monotonic()
        while ask("GET", f"{base}/v1/operations/{operation['id']}")["done"] == 0:
            time.sleep(0.1)
        with harness.Conditions(server.pid) as conditions:
            during = latencies(port, seconds)
        figures.add("another workflow, during the retry, p99", p99(during), "ms", conditions)
        figures.add("ratio of the two", p99(during) / p99(before), "", conditions, at_most=RATIO_MAX)
        while (now := ask("GET", f"{base}/v1/operations/{operation['id']}"))["state"] == "running":
            time.sleep(1)
        figures.add(f"retries of {now['total']:,}, all of them", now["done"] / (time.monotonic() - begun), "/s", conditions)
        assert now["done"] == RUNS and now["failed"] == 0, now
    figures.finish()

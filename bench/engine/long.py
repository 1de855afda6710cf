"""An execution of 50,000 events: opening it, and pages of its events, over HTTP.

BENCH_EVENTS sets their number.
"""
import json
import os
import statistics
import time

import harness

EVENTS = int(os.environ.get("BENCH_EVENTS", 50_000))
TARGET_MS = 1_000
# Name, the list of rounds, the tasks of a round, their events.
SHAPES = {
    "loop": ("- count: {set: '${ {n: $x} }'}\n", 2),
    "loop of lists": ("- count: {do: [{a: {set: '${ {n: $x} }'}}, {b: {if: '${ .n % 2 == 0 }', set: '${ {n: (.n + 1)} }'}}]}\n", 5),
}


def document(name, tasks):
    indented = tasks.replace("- ", "        - ", 1)
    return f"document: {{dsl: '1.0.3', namespace: bench, name: {name}, version: '1.0.0'}}\ndo:\n- each:\n    for: {{each: x, in: '${{ [range(.rounds)] }}'}}\n    do:\n{indented}"


class Opened:
    """Times of requests, in milliseconds."""

    def __init__(self, url):
        self.url = url

    def get(self, path):
        begin = time.perf_counter()
        text = harness.call("GET", self.url + path)
        return (time.perf_counter() - begin) * 1e3, json.loads(text)


def last_seq(opened, path):
    after, count = 0, 0
    while after is not None:
        _, page = opened.get(f"{path}/events?limit=5000&after={after}")
        count += len(page["items"])
        after = page["next_after"]
    return count


def executed(url, shape, tasks, events):
    """Such an execution: its id, and how many events it has."""
    name = shape.replace(" ", "-")
    harness.call("POST", f"{url}/v1/workflows", document(name, tasks), "application/yaml")
    started = json.loads(harness.call("POST", f"{url}/v1/workflows/{name}/executions?wait=60s", {"rounds": EVENTS // events}))
    total = last_seq(Opened(url), f"/v1/executions/{started['id']}")
    assert total >= EVENTS, f"{shape}: {total} events"
    return started["id"], total


def run():
    figures = harness.Figures("long")
    port = harness.free_port()
    with harness.DataFolder() as data, harness.elevaite(data, port) as server:
        opened = Opened(f"http://127.0.0.1:{port}")
        for shape, (tasks, events) in SHAPES.items():
            execution, total = executed(opened.url, shape, tasks, events)
            path = f"/v1/executions/{execution}"
            for _ in range(max(3, harness.ROUNDS)):
                with harness.Conditions(server.pid) as conditions:
                    whole, view = opened.get(path)
                    assert view["status"] == "completed", view["status"]
                    pages = [opened.get(f"{path}/events?limit=1000&after={after}")[0] for after in range(0, total, 1000)]
                figures.add(f"{shape}: opening it", whole, "ms", conditions, at_most=TARGET_MS)
                figures.add(f"{shape}: first page of 1,000 events", pages[0], "ms", conditions, at_most=TARGET_MS)
                figures.add(f"{shape}: a page, median", statistics.median(pages), "ms", conditions)
                figures.add(f"{shape}: the slowest page", max(pages), "ms", conditions, at_most=TARGET_MS)
    figures.finish()

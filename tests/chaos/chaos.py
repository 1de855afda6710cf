"""The real binary under faults and load, and a checker over what its clients were told: `./dev chaos --help`.

Needs root (network namespaces, a tmpfs to fill), iproute2, clang, and PostgreSQL for --database postgres.
"""

import argparse
import collections
import concurrent.futures
import http.client
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import world as worlds
from check import check
from faults import ALL, Nemesis
from history import History
from load import Client
from workflows import documents

from harness import document, until  # noqa: E402

ACTIVE = "pending,running,waiting,suspended"


def arguments():
    parser = argparse.ArgumentParser(prog="./dev chaos", description="Runs the platform under faults and load, then checks what its clients were told.")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--nodes", type=int, default=1, help="more than one needs postgres")
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--pace", type=float, default=0.05, help="seconds between two requests of a client")
    parser.add_argument("--pause", type=float, default=3, help="seconds between two faults")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--faults", default="", help="only these, with commas: " + ", ".join(k.__name__ for k in ALL))
    parser.add_argument("--keep", action="store_true", help="leave the folder of a run that failed")
    chosen = parser.parse_args()
    if chosen.nodes > 1 and chosen.database != "postgres":
        parser.error("several nodes need --database postgres")
    return chosen


NOT_POSSIBLE_HERE = 77


def require_namespaces():
    """A container that is not privileged has no use of them, nor of a disk of its own: said, instead of failing."""
    if os.getuid() != 0 or not shutil.which("ip"):
        print("root and iproute2 are needed", file=sys.stderr)
        sys.exit(NOT_POSSIBLE_HERE)
    name = f"chaosprobe{os.getpid()}"
    with tempfile.TemporaryDirectory() as folder:
        steps = [(["ip", "link", "add", name[:15], "type", "bridge"], ["ip", "link", "del", name[:15]]),
                 (["ip", "netns", "add", name], ["ip", "netns", "del", name]),
                 (["ip", "netns", "exec", name, "true"], None),
                 (["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], ["umount", "-l", folder])]
        undo, failed = [], None
        for step, back in steps:
            done = subprocess.run(step, capture_output=True, text=True)
            if done.returncode != 0:
                failed = f"{' '.join(step)}: {done.stderr.strip()}"
                break
            if back:
                undo.append(back)
        for step in reversed(undo):
            subprocess.run(step, check=True)
    if failed:
        print(f"network namespaces or a disk of its own cannot be had here: {failed}", file=sys.stderr)
        sys.exit(NOT_POSSIBLE_HERE)


def publish(node, effects_url):
    for name, tasks in documents(effects_url).items():
        until(lambda: node.publish(document(name, tasks.lstrip())).status in (200, 201), 30, f"{name} is published")


def pages(node, path, items="items", cursor="cursor", next_cursor="next_cursor"):
    after = None
    while True:
        page = node.get(f"{path}{'&' if '?' in path else '?'}limit=200" + (f"&{cursor}={after}" if after is not None else "")).json
        yield from page[items]
        after = page[next_cursor]
        if after is None:
            return


def tell(node, n, id):
    event = {"specversion": "1.0", "id": id, "source": "urn:chaos", "type": "com.chaos.told", "data": {"n": int(n), "word": f"word-{n}"}}
    until(lambda: node.request("POST", "/v1/events", json.dumps(event), {"content-type": "application/cloudevents+json"}).status < 300, 30, "an event is taken")


def bring_back(world):
    """As a supervisor does: what has ended (at its start there was no database) is started again."""
    if world.postgres:
        time.sleep(0.5)  # a process that a thread has started dies with the thread
        world.postgres.revive()
    deadline = time.monotonic() + 90
    for node in world.nodes:
        while not node.ready():
            assert time.monotonic() < deadline, f"{node.name} does not become ready again: {node.log_text()[-3000:]}"
            if not node.alive():
                node.launch()
            time.sleep(0.1)


class Ending:
    """What no client ends: endless runs, and hearers of a start without an answer, which nobody told anything since."""

    def __init__(self, node, history):
        self.node, self.history = node, history
        self.acknowledged = {o.result[0] for o in history.of("start", "ok")}
        self.asked = set()

    def ask(self, row):
        """Until it is taken: also a server that is ready may answer 503 to the first command after a failure."""
        id = row["id"]
        if id in self.asked:
            return
        if row["workflow"] == "endless":
            operation = self.history.perform("cancel", id, 0, lambda: ("ok", "cancelled") if self.cancels(id) else ("unknown", None))
            if operation.outcome == "ok":
                self.asked.add(id)
        elif row["workflow"] == "hearer" and id not in self.acknowledged:
            n = self.node.get(f"/v1/executions/{id}").json["input"]["n"]
            tell(self.node, n, f"told-late-{n}")
            self.history.perform("send", str(n), 0, lambda: ("ok", f"word-{n}"))
            self.asked.add(id)

    def cancels(self, id):
        return self.node.request("POST", f"/v1/executions/{id}/cancel", {"reason": "the end"}).status < 300


def settle(world, history):
    """The faults have ended: everything must end now. What runs for ever is cancelled first."""
    bring_back(world)
    node = world.nodes[0]
    began = time.monotonic()
    # What was not told for certain (a lost answer) is told now: the same event, so it counts once.
    answered = {o.subject for o in history.of("send", "ok")}
    for n in {o.subject for o in history.of("send")} - answered:
        tell(node, n, f"told-{n}")
    ending = Ending(node, history)
    while left := list(pages(node, f"/v1/executions?status={ACTIVE}")):
        assert time.monotonic() < began + 150, f"the faults have ended, and these do not end: {[(e['id'], e['workflow'], e['status']) for e in left[:10]]}"
        for row in left:
            ending.ask(row)
        time.sleep(0.3)
    return time.monotonic() - began


class Reader(threading.local):
    """Reads from one node over one connection for each thread: half an hour leaves some hundred thousand pages."""

    def __init__(self, node):
        self.connection = http.client.HTTPConnection(node.address, node.port, timeout=60)

    def get(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == 200, f"GET {path}: {answer.status} {text[:500]}"
        return Page(json.loads(text))


Page = collections.namedtuple("Page", "json")


def examine(world):
    reader = Reader(world.nodes[0])
    stored = {e["id"]: e for e in pages(reader, "/v1/executions")}

    def story(id):
        """Its view, and its journal; that of an endless loop is long and tells nothing."""
        view = reader.get(f"/v1/executions/{id}").json
        if stored[id]["workflow"] == "endless":
            return view, None
        return view, list(pages(reader, f"/v1/executions/{id}/events", cursor="after", next_cursor="next_after"))

    with concurrent.futures.ThreadPoolExecutor(4) as readers:
        stories = dict(zip(stored, readers.map(story, stored)))
    return stored, {id: view for id, (view, _) in stories.items()}, {id: journal for id, (_, journal) in stories.items() if journal is not None}


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0


def report(args, history, nemesis, stored, verdict, settled_s, effects):
    took = {kind: [o.ended - o.began for o in history.of(kind, "ok")] for kind in ("start", "read", "cancel", "send")}
    unknown = sum(o.outcome == "unknown" for o in history.operations)
    return {
        "database": args.database, "nodes": args.nodes, "minutes": args.minutes, "seed": args.seed,
        "faults": nemesis.done,
        "operations": {kind: len(values) for kind, values in took.items()}, "unanswered": unknown, "refused": history.refusals,
        "latency_ms": {kind: {"p50": round(1000 * statistics.median(values), 1), "p99": round(1000 * percentile(values, 0.99), 1)} for kind, values in took.items() if values},
        "executions": len(stored), "ends": {s: sum(e["status"] == s for e in stored.values()) for s in ("completed", "cancelled", "faulted")},
        "effects": {"done": len(effects.first), "calls": effects.calls, "repeated": effects.repeated},
        "all_ended_after_s": round(settled_s, 1),
        "problems": {rule: {"count": len(texts), "first": texts[:5]} for rule, texts in verdict.problems.items()},
    }


def main():
    args = arguments()
    require_namespaces()
    kinds = [k for k in ALL if not args.faults or k.__name__ in args.faults.split(",")]
    print(f"seed {args.seed}: {args.minutes} minutes, {args.nodes} node(s) on {args.database}", file=sys.stderr, flush=True)
    world = worlds.World(args.database, args.nodes, args.seed)
    good = False
    try:
        world.start()
        publish(world.nodes[0], world.effects.url)
        history = History()
        clients = [Client(world, history, i + 1, args.seed, args.pace) for i in range(args.clients)]
        nemesis = Nemesis(world, random.Random(f"{args.seed}/nemesis"), kinds, args.pause)
        for thread in [*clients, nemesis]:
            thread.start()
        deadline = time.monotonic() + 60 * args.minutes
        while time.monotonic() < deadline and nemesis.failure is None:
            time.sleep(1)
        nemesis.going = False
        nemesis.join(120)
        for client in clients:
            client.going = False
        for thread in [*clients, nemesis]:
            thread.join(120)
            if thread.failure:
                raise thread.failure
        settled_s = settle(world, history)
        began = time.monotonic()
        stored, views, events = examine(world)
        print(f"{len(stored)} executions read in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        verdict = check(history, stored, views, events, world.effects)
        doctor = world.nodes[0].doctor()
        if not doctor["healthy"]:
            verdict.add("the doctor finds something", json.dumps(doctor["findings"][:5]))
        print(json.dumps(report(args, history, nemesis, stored, verdict, settled_s, world.effects), indent=2))
        good = verdict.ok()
    finally:
        if not good and args.keep:
            traceback.print_exc()
            print(f"left in {world.folder}, and running", file=sys.stderr, flush=True)
            os._exit(1)
        world.remove()
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()

"""kill -9 under load, again and again: what was acknowledged exists, goes on and ends as it would have without the crashes.

ELEVAITE_TEST_SEED repeats a run's decisions (not its timing); ELEVAITE_TEST_KILLS sets how often the process dies.
"""

import collections
import http.client
import json
import os
import random
import subprocess
import threading
import time
import unittest

from harness import BINARY, SystemTest, document, until

SEED = int(os.environ.get("ELEVAITE_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
KILLS = int(os.environ.get("ELEVAITE_TEST_KILLS", 12))
CLIENTS = 6

WORKFLOWS = {
    "pure": """
- first: {set: '${ . + {twice: (.n * 2)} }'}
- each:
    for: {each: x, in: '${ [range(20)] }'}
    do: [{add: {set: '${ .twice += $x }'}}]
- last: {set: '${ {n, sum: .twice} }'}
""",
    "nap": """
- first: {wait: {milliseconds: 80}}
- second: {wait: {milliseconds: 120}}
- last: {set: '${ {n, slept: true} }'}
""",
    "branches": """
- all:
    fork:
      branches:
      - slow: {do: [{w: {wait: {milliseconds: 150}}}, {s: {set: '${ .n + 1 }'}}]}
      - quick: {do: [{w: {wait: {milliseconds: 30}}}, {s: {set: '${ .n + 2 }'}}]}
      - none: {set: '${ .n + 3 }'}
- last: {set: '${ {sum: add} }'}
""",
    "retried": """
- body:
    try: [{fail: {raise: {error: {type: 'urn:test:crash', status: 503, title: Not yet}}}}]
    catch:
      errors: {with: {status: 503}}
      retry: {delay: {milliseconds: 60}, backoff: {constant: {}}, limit: {attempt: {count: 2}}}
      do: [{instead: {set: '${ {n, instead: true} }'}}]
""",
    # A call that dies with the process is made again; while the process starts, its own port may refuse it.
    "caller": """
- body:
    try: [{ask: {call: http, with: {method: get, endpoint: '${ $runtime.metadata.baseUrl + "/health" }'}, output: {as: '${ {n: $input.n, health: .status} }'}}}]
    catch:
      errors: {with: {type: 'https://open-workflow-specification.org/spec/1.0.0/errors/communication'}}
      retry: {delay: {milliseconds: 50}, backoff: {constant: {}}, limit: {attempt: {count: 100}}}
""",
    "hooked": """
- first: {wait: {milliseconds: 20}}
- last: {set: '${ {n: .body.n, hooked: true} }'}
""",
}


def expected(kind, n):
    return {
        "pure": {"n": n, "sum": n * 2 + 190},
        "nap": {"n": n, "slept": True},
        "branches": {"sum": 3 * n + 6},
        "retried": {"n": n, "instead": True},
        "caller": {"n": n, "health": "ok"},
        "hooked": {"n": n, "hooked": True},
    }[kind]


class Acknowledged:
    """What clients were told, shared by their threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.executions = {}  # id -> (kind, n, key)
        self.ids_of_keys = collections.defaultdict(set)
        self.ended = {}  # id -> output that was told
        self.broken = 0  # requests without an answer
        self.refused = collections.Counter()
        self.wrong = []

    def take(self, kind, n, key, reply):
        id = reply.headers.get("x-execution-id") if kind == "hooked" else reply.json["id"]
        with self.lock:
            before = self.executions.setdefault(id, (kind, n, key))
            if before != (kind, n, key):
                self.wrong.append(f"{id} was acknowledged for {before} and for {(kind, n, key)}")
            if key:
                self.ids_of_keys[key].add(id)
            if kind == "hooked" and reply.status == 200:
                self.ended[id] = reply.json
            elif kind != "hooked" and reply.json["status"] == "completed":
                self.ended[id] = reply.json["output"]


class Client(threading.Thread):
    def __init__(self, server, told, number):
        super().__init__(daemon=True)
        self.server, self.told, self.number = server, told, number
        self.random = random.Random(f"{SEED}/{number}")
        self.going = True
        self.failure = None

    def run(self):
        count = 0
        try:
            while self.going:
                count += 1
                kind = self.random.choice(list(WORKFLOWS))
                n = self.number * 1_000_000 + count
                key = f"key-{n}" if kind != "hooked" and self.random.random() < 0.5 else None
                wait = self.random.choice(["", "?wait=1s"])
                answered = self.start_one(kind, n, key, wait)
                if key and (not answered or self.random.random() < 0.3):
                    self.start_one(kind, n, key, wait)  # what a careful client does when it got no answer, or by mistake
                time.sleep(self.random.random() * 0.02)
        except Exception as error:  # told at the end: a thread's exception would go unseen
            self.failure = error

    def start_one(self, kind, n, key, wait):
        path = "/hooks/crash/hooked" if kind == "hooked" else f"/v1/workflows/{kind}/executions{wait}"
        try:
            reply = self.server.request("POST", path, {"n": n}, {"idempotency-key": key} if key else {}, timeout=20)
        except (OSError, http.client.HTTPException):
            with self.told.lock:
                self.told.broken += 1
            time.sleep(0.02)
            return False
        if reply.status not in (200, 202):
            with self.told.lock:
                self.told.refused[f"{reply.status} {reply.body[:200]}"] += 1
            return False
        self.told.take(kind, n, key, reply)
        return True


class Crashes(SystemTest):
    def test_nothing_acknowledged_is_lost(self):
        print(f"seed {SEED}, {KILLS} kills", flush=True)
        for name, tasks in WORKFLOWS.items():
            self.assertEqual(self.server.publish(document(name, tasks.lstrip())).status, 201, name)
        self.server.webhook("hooked", "crash/hooked", response={"wait": "1s"})

        told = Acknowledged()
        clients = [Client(self.server, told, i + 1) for i in range(CLIENTS)]
        for client in clients:
            client.start()
        self.kill_often()
        for _ in range(20):  # while executions come and end
            report = self.server.doctor()
            self.assertEqual((report["healthy"], report["findings"]), (True, []))
            time.sleep(0.05)
        for client in clients:
            client.going = False
        for client in clients:
            client.join(30)
            self.assertIsNone(client.failure, client.failure)
        self.check(told)

    def kill_often(self):
        chance = random.Random(SEED)
        for round in range(KILLS):
            time.sleep(0.1 + chance.random() * 1.2)
            self.server.kill()
            if round % 4 == 3:  # and once more while it recovers
                self.start_without_waiting()
                time.sleep(chance.random() * 0.15)
                self.server.kill()
            self.server.start()

    def start_without_waiting(self):
        self.server.log = open(os.path.join(self.folder, "server.log"), "ab")
        command = [BINARY, "serve", f"--data.dir={self.server.data}", f"--server.port={self.server.port}"]
        self.server.process = subprocess.Popen(command, stdout=self.server.log, stderr=self.server.log, env=self.server.env)

    def all_executions(self):
        found, cursor = {}, ""
        while cursor is not None:
            page = self.server.get(f"/v1/executions?limit=200{'&cursor=' + cursor if cursor else ''}").json
            found.update({e["id"]: e for e in page["items"]})
            cursor = page["next_cursor"]
        return found

    def check(self, told):
        self.assertEqual(told.wrong, [])
        self.check_refused(told)
        twice = {k: ids for k, ids in told.ids_of_keys.items() if len(ids) > 1}
        self.assertEqual(twice, {}, "one key, one execution")
        self.assertGreater(len(told.executions), 20 * KILLS, "the load was real")
        self.assertGreater(told.broken, KILLS // 2, "the kills hit requests")

        def all_ended():
            return not self.server.get("/v1/executions?status=pending,running,waiting,suspended").json["items"]

        until(all_ended, 60, "all executions end")
        stored = self.all_executions()
        self.assertEqual(set(told.executions) - set(stored), set(), "every acknowledged execution exists")
        self.assertEqual({i: e["status"] for i, e in stored.items() if e["status"] != "completed"}, {})
        for id, (kind, n, _) in told.executions.items():
            output = self.server.get(f"/v1/executions/{id}").json["output"]
            self.assertEqual(output, expected(kind, n), f"{id} {kind}")
            self.assertEqual(told.ended.get(id, output), output, "what was told is what is stored")
        starts = collections.Counter()
        for id in stored:
            first = self.check_journal(id)
            starts[(stored[id]["workflow"], json.dumps(first["input"].get("n")))] += 1
        for id, (kind, n, key) in told.executions.items():
            if key:
                self.assertEqual(starts[(kind, str(n))], 1, f"{key} began more than one execution")
        live = self.server.cli("doctor", f"--data.dir={self.server.data}", "--json")
        self.assertEqual((live.returncode, json.loads(live.stdout)["healthy"]), (0, True), live.stdout + live.stderr)
        self.assertEqual(self.server.stop(), 0)
        offline = self.server.cli("doctor", f"--data.dir={self.server.data}", "--json")
        self.assertEqual((offline.returncode, json.loads(offline.stdout)["healthy"]), (0, True), offline.stdout + offline.stderr)
        print(f"{len(told.executions)} acknowledged, {len(stored)} stored, {told.broken} requests broken", flush=True)

    def check_refused(self, told):
        self.assertEqual(dict(told.refused), {}, "a server that answers takes starts")

    def check_journal(self, id):
        events, after = [], 0
        while after is not None:
            page = self.server.get(f"/v1/executions/{id}/events?after={after}&limit=5000").json
            events += page["items"]
            after = page["next_after"]
        self.assertEqual([e["seq"] for e in events], list(range(1, len(events) + 1)), id)
        types = [e["type"] for e in events]
        self.assertEqual((types[0], types[-1]), ("execution.started", "execution.completed"), id)
        self.assertEqual(sum(t.startswith("execution.") for t in types), 2, f"{id}: {types}")
        opened = collections.Counter(e["task_id"] for e in events if e["type"] == "task.started")
        self.assertLessEqual(max(opened.values(), default=0), 1, f"{id}: a task began twice")
        return events[0]


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""Clients: they start workflows, ask after them, cancel, send events, through any node, and write down what they were told."""

import http.client
import json
import random
import threading
import time

from workflows import STARTED

FINAL = ("completed", "faulted", "cancelled")


class Client(threading.Thread):
    def __init__(self, world, history, number, seed, pace):
        super().__init__(daemon=True, name=f"client-{number}")
        self.world, self.history, self.number, self.pace = world, history, number, pace
        self.random = random.Random(f"{seed}/{number}")
        self.known = []  # (id, kind, n) of its own starts
        self.going = True
        self.failure = None

    def run(self):
        count = 0
        try:
            while self.going:
                count += 1
                self.act(self.number * 10_000_000 + count)
                time.sleep(self.random.random() * 2 * self.pace)
        except Exception as error:
            self.failure = error

    def act(self, n):
        chance = self.random.random()
        if chance < 0.5 or not self.known:
            self.start_one(n)
        elif chance < 0.85:
            self.read(self.random.choice(self.known[-200:])[0])
        elif chance < 0.93:
            endless = [k for k in self.known[-200:] if k[1] == "endless"] or self.known[-20:]
            self.cancel(self.random.choice(endless)[0])
        else:
            self.read(self.random.choice(self.known)[0])

    def start_one(self, n):
        kind = self.random.choice(STARTED)
        key = f"key-{n}"
        for attempt in range(1 if self.random.random() < 0.8 else 3):
            operation = self.history.perform("start", key, node := self.node(), lambda: self.ask_start(node, kind, n, key))
            if operation.outcome == "ok":
                self.known.append((operation.result[0], kind, n))
                if kind == "hearer":  # an event counts from the start on, also when nobody listens yet
                    self.tell(n)
                break
            time.sleep(0.05)

    def ask_start(self, node, kind, n, key):
        reply = self.request(node, "POST", f"/v1/workflows/{kind}/executions", {"n": n}, {"idempotency-key": key})
        if reply is None:
            return "unknown", (None, kind, n)
        status, body = reply
        if status in (200, 202):
            return "ok", (body["id"], kind, n)
        # 503 may come after it was handed to a partition: it may have been done.
        return ("unknown", (None, kind, n)) if status >= 500 else ("refused", f"start {status} {body.get('code')}: {body.get('detail')}")

    def tell(self, n):
        """Until it is acknowledged, as a careful sender does: the same event each time."""
        word = f"word-{n}"
        event = {"specversion": "1.0", "id": f"told-{n}", "source": "urn:chaos", "type": "com.chaos.told", "data": {"n": n, "word": word}}
        for _ in range(400):
            operation = self.history.perform("send", str(n), node := self.node(), lambda: self.ask_send(node, event, word))
            if operation.outcome == "ok" or not self.going:
                return
            time.sleep(0.25)

    def ask_send(self, node, event, word):
        reply = self.request(node, "POST", "/v1/events", event, {"content-type": "application/cloudevents+json"})
        if reply is None or reply[0] >= 500:
            return "unknown", word
        return ("ok", word) if reply[0] < 300 else ("refused", f"send {reply[0]} {reply[1].get('code')}: {reply[1].get('detail')}")

    def read(self, id):
        self.history.perform("read", id, node := self.node(), lambda: self.ask_read(node, id))

    def ask_read(self, node, id):
        reply = self.request(node, "GET", f"/v1/executions/{id}")
        if reply is None or reply[0] >= 500:
            return "unknown", None
        if reply[0] == 404:
            return "ok", "missing"
        return ("ok", reply[1]["status"]) if reply[0] == 200 else ("refused", f"read {reply[0]}: {reply[1]}")

    def cancel(self, id):
        self.history.perform("cancel", id, node := self.node(), lambda: self.ask_cancel(node, id))

    def ask_cancel(self, node, id):
        reply = self.request(node, "POST", f"/v1/executions/{id}/cancel", {"reason": "chaos"})
        if reply is None or reply[0] >= 500:
            return "unknown", None
        if reply[0] < 300:
            return "ok", "cancelled"
        if reply[0] == 409:
            return "ok", "ended"
        return "refused", f"cancel {reply[0]} {reply[1].get('code')}: {reply[1].get('detail')}"

    def node(self):
        return self.random.randrange(len(self.world.nodes))

    def request(self, node, method, path, body=None, headers=None):
        """(status, JSON), or None when there was no answer."""
        target = self.world.nodes[node]
        connection = http.client.HTTPConnection(target.address, target.port, timeout=15)
        try:
            data = json.dumps(body).encode() if body is not None else None
            connection.request(method, path, data, {"content-type": "application/json", **(headers or {})})
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else {}
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return None
        finally:
            connection.close()

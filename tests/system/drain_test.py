"""A node is stopped by SIGTERM while clients work with all nodes over connections that they keep: no request of theirs is lost."""

import collections
import http.client
import json
import threading
import time
import unittest

from nodes import ClusterTest, setUpModule


class Client(threading.Thread):
    """Asks one node on one connection for as long as that says nothing else, and then another one. `pause`: between requests."""

    def __init__(self, nodes, first, work, pause):
        super().__init__(daemon=True)
        self.nodes, self.at, self.work, self.pause = nodes, first, work, pause
        self.connection = None
        self.answers = []  # (when, how long it took)
        self.ends, self.failures = collections.Counter(), collections.Counter()
        self.accepted = []
        self.stopping = False

    def connect(self):
        while self.connection is None:
            node = self.nodes[self.at % len(self.nodes)]
            connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
            connection.auto_open = 0
            try:
                connection.connect()
                self.connection = connection
            except ConnectionRefusedError:
                connection.close()
                self.ends["refused"] += 1
                self.at += 1

    def was_closed_while_idle(self):
        """In order: with nothing unread, and no reset."""
        self.connection.sock.setblocking(False)
        try:
            return self.connection.sock.recv(1) == b""
        except BlockingIOError:
            return False
        finally:
            self.connection.sock.settimeout(30)

    def run(self):
        while not self.stopping:
            try:
                self.ask()
            except (OSError, http.client.HTTPException) as error:
                self.failures[f"{self.nodes[self.at % len(self.nodes)].port} {type(error).__name__}: {error}"] += 1
                self.disconnect()
            time.sleep(self.pause)
        self.disconnect()

    def disconnect(self, why=None):
        if why:
            self.ends[why] += 1
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def ask(self):
        if self.connection is not None and self.was_closed_while_idle():
            self.disconnect("closed while idle")
        begun = time.monotonic()
        self.connect()
        method, path, body, headers = self.work(len(self.answers))
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        text = response.read()
        self.answers.append((begun, time.monotonic() - begun))
        if response.status not in (200, 201, 202):
            self.failures[f"{self.nodes[self.at % len(self.nodes)].port} {response.status} {text[:100]}"] += 1
        elif method == "POST":
            self.accepted.append(json.loads(text)["id"])
        if response.will_close:
            self.disconnect("last answer")

    def slowest(self, since, until=float("inf")):
        return max((took for begun, took in self.answers if since <= begun + took and begun < until), default=0.0)


JSON = {"content-type": "application/json"}


def starts_and_waits(n):
    return "POST", "/v1/workflows/steps/executions?wait=20s", json.dumps({"n": n}), JSON


def starts(n):
    return "POST", "/v1/workflows/steps/executions?wait=0s", json.dumps({"n": n}), JSON


def reads(_n):
    return "GET", "/v1/executions?workflow=steps&limit=5", None, {}


class Drained(ClusterTest):
    WORKFLOWS = {"steps": "".join(f"- w{i}: {{wait: {{milliseconds: 20}}}}\n" for i in range(3)) + "- s: {set: '${ {done: true} }'}\n"}

    def drain(self, leaver):
        nodes = self.cluster.alive()
        clients = [Client(nodes, first, work, pause) for first in range(len(nodes))
                   for work, pause in ((starts_and_waits, 0), (starts, 0.02), (reads, 0.05), (reads, 1.7))]
        for client in clients:
            client.start()
        time.sleep(2.5)
        stayers = [node for node in self.cluster.alive() if node is not leaver]
        asked = time.monotonic()
        handed_over, ended = self.cluster.drain(leaver, stayers)
        time.sleep(2.5)
        for client in clients:
            client.stopping = True
        for client in clients:
            client.join(60)
        before = max(client.slowest(0, asked) for client in clients)
        during = max(client.slowest(asked) for client in clients)
        ends = sum((client.ends for client in clients), collections.Counter())
        print(f"\n  drained: handed over after {handed_over:.2f} s, ended after {ended:.2f} s; slowest answer before {before:.2f} s, from then on {during:.2f} s; "
              f"{sum(len(client.answers) for client in clients)} answers, ends of connections {dict(ends)}")
        self.assertEqual(sum((client.failures for client in clients), collections.Counter()), {})
        # Who asks again within the time for it is told to go; only the others find their connection closed.
        self.assertEqual([client.ends["closed while idle"] for client in clients if client.pause < 1], [0] * 3 * len(nodes))
        self.assertGreaterEqual(ends["last answer"], 3)
        self.assertLess(handed_over, 1)
        self.assertLess(during - before, 1)
        accepted = {id for client in clients for id in client.accepted}
        self.assertEqual({stayers[0].get(f"/v1/executions/{id}").json["status"] for id in accepted}, {"completed"})

    def test_no_client_sees_that_a_node_leaves(self):
        leader = self.cluster.leader()
        self.drain(next(node for node in self.nodes if node is not leader))

    def test_nor_that_the_leader_does(self):
        while len(self.cluster.alive()) < self.NODES:
            self.cluster.add()
        self.cluster.await_balance()
        self.drain(self.cluster.leader())


if __name__ == "__main__":
    unittest.main(verbosity=2)

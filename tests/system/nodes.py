"""Several nodes on one PostgreSQL, for the tests of what they do together: `from nodes import ..., setUpModule`."""

import collections
import http.client
import os
import shutil
import signal
import tempfile
import threading
import time
import unittest

from harness import Server, document, until
from postgres import Postgres

TOKEN = "the same on all the nodes of it"
PARTITIONS = 16
postgres = None


def setUpModule():
    global postgres
    postgres = Postgres()
    unittest.addModuleCleanup(postgres.remove)


class Cluster:
    def __init__(self, name, *options):
        self.options = options
        self.folder = tempfile.mkdtemp(prefix="elevaite-cluster-")
        self.url = postgres.new_database(name)
        self.nodes = []

    def add(self, *options):
        folder = os.path.join(self.folder, f"node{len(self.nodes)}")
        os.mkdir(folder)
        node = Server(os.path.join(folder, "data"), env={"ELEVAITE_DATABASE_URL": self.url, "ELEVAITE_CLUSTER_TOKEN": TOKEN})
        node.options = (f"--cluster.node_address=http://127.0.0.1:{node.port}", "--server.shutdown_timeout=10s", *self.options, *options)
        self.nodes.append(node)
        return node.start()

    def alive(self):
        return [node for node in self.nodes if node.process.poll() is None]

    def owned(self, node):
        return node.get("/v1/system").json["node"]["partitions"]

    def leader(self):
        """That keeps the schedules, the queue and the operations, and sends notifications."""
        return until(lambda: next((node for node in self.alive() if 0 in self.owned(node)), None), 30, "a node keeps the schedules")

    def await_balance(self, nodes=None, seconds=20):
        """Every partition has one owner among them, and no node has two more than another."""
        nodes = nodes or self.alive()

        def balanced():
            parts = [self.owned(node) for node in nodes]
            return sorted(p for part in parts for p in part) == list(range(PARTITIONS)) and max(map(len, parts)) - min(map(len, parts)) <= 1
        until(balanced, seconds, "all partitions are owned in equal shares", pause=0.02)

    def drain(self, leaver, stayers):
        """Stops a node; after how many seconds the others had its partitions, and it had ended."""
        asked = time.monotonic()
        leaver.process.send_signal(signal.SIGTERM)
        self.await_balance(stayers)
        handed_over = time.monotonic() - asked
        if leaver.process.wait(30) != 0:
            raise AssertionError(f"the drained node ended with {leaver.process.returncode}")
        return handed_over, time.monotonic() - asked

    def remove(self):
        for node in self.alive():
            node.process.send_signal(signal.SIGCONT)
            node.process.kill()
            node.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Load(threading.Thread):
    """Starts executions at the nodes in turn until it is stopped, and keeps what it was told."""

    def __init__(self, nodes, workflow, wait="20s"):
        super().__init__(daemon=True)
        self.nodes, self.workflow, self.wait = nodes, workflow, wait
        self.accepted, self.failures, self.slowest = [], collections.Counter(), 0.0
        self.stopping = False

    def run(self):
        for n in iter(int, 1):
            if self.stopping:
                return
            node = self.nodes[len(self.accepted) % len(self.nodes)]
            begun = time.monotonic()
            try:
                reply = node.run(self.workflow, {"n": n}, wait=self.wait)
            except (OSError, http.client.HTTPException) as error:
                self.failures[f"{node.port} {type(error).__name__}"] += 1
                self.nodes = [other for other in self.nodes if other is not node] or self.nodes
                continue
            self.slowest = max(self.slowest, time.monotonic() - begun)
            if reply.status in (200, 201, 202):
                self.accepted.append(reply.json["id"])
            else:
                self.failures[f"{node.port} {reply.status} {reply.json.get('detail', '')[:80]}"] += 1

    def stop(self):
        self.stopping = True
        self.join(60)


class ClusterTest(unittest.TestCase):
    NODES = 3
    WORKFLOWS = {}  # tasks by name
    OPTIONS = ()

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(cls.__name__.lower(), *cls.OPTIONS)
        cls.addClassCleanup(cls.cluster.remove)
        for _ in range(cls.NODES):
            cls.cluster.add()
        cls.cluster.await_balance()
        cls.nodes = cls.cluster.nodes
        for name, tasks in cls.WORKFLOWS.items():
            reply = cls.nodes[-1].publish(document(name, tasks))
            assert reply.status == 201, reply.body

    def start_at_owner(self, node, workflow, value=None):
        reply = node.run(workflow, value, wait="0s")
        self.assertIn(reply.status, (200, 201, 202), reply.body)
        return reply.json["id"]

    def status(self, node, id):
        return node.get(f"/v1/executions/{id}").json["status"]

    def await_all_completed(self, node, ids, seconds=60):
        left = set(ids)

        def done():
            left.difference_update([id for id in list(left) if self.status(node, id) == "completed"])
            return not left
        until(done, seconds, "everything that was accepted completes", pause=0.2)

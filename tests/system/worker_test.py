"""An engine that runs no connectors, and workers that do: whatever dies, what was accepted is done."""

import http.server
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from harness import BINARY, Server, SystemTest, document, has_hung_up, until
from postgres import Postgres

TOKEN = "a token for tests only"
CALL = "- c: {call: http, with: {method: post, endpoint: 'http://127.0.0.1:%d/', body: '${ . }'}}\n"


class Service:
    """What the tasks call. Answers when `open` is set; keeps the idempotency keys and who was connected when."""

    def __init__(self):
        service = self
        self.open = threading.Event()
        self.open.set()
        self.calls = []  # (key, port of the client's socket)
        self.broken_off = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                service.calls.append((self.headers["idempotency-key"], self.client_address[1]))
                while not service.open.wait(0.02):
                    if has_hung_up(self.connection):
                        service.broken_off += 1
                        self.close_connection = True
                        return
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Threaded(http.server.ThreadingHTTPServer):
            request_queue_size = 256

        self.http = Threaded(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


class Worker(Server):
    def __init__(self, folder, name, engine, *options, token=TOKEN):
        super().__init__(os.path.join(folder, name, "none"), env={"ELEVAITE_WORKER_TOKEN": token})
        self.engine, self.more = engine, options
        self.name = name

    def start(self, wait=True):
        os.makedirs(os.path.dirname(self.data), exist_ok=True)
        self.log = open(os.path.join(os.path.dirname(self.data), "server.log"), "ab")
        self.process = subprocess.Popen(
            [BINARY, "serve", "--roles=worker", f"--worker.engine={self.engine}", f"--worker.name={self.name}",
             f"--server.port={self.port}", "--egress.allow=127.0.0.1", *self.more],
            stdout=self.log, stderr=self.log, env=self.env)
        if wait:
            until(self.is_ready, 30, "the worker is ready")
        return self

    def is_ready(self):
        try:
            return self.get("/ready").status == 200
        except OSError:
            return False

    def connections(self):
        """Ports of the sockets that this process has open to somewhere."""
        out = subprocess.run(["ss", "-Htnp"], capture_output=True, text=True).stdout
        return {int(line.split()[3].rsplit(":", 1)[1]) for line in out.splitlines() if f"pid={self.process.pid}," in line}


class WorkerTest(SystemTest):
    LEASE = 1
    OPTIONS = None

    def setUp(self):
        self.service = Service()
        self.running = []
        self.server = Server(os.path.join(self.folder, self.id().rsplit(".", 1)[1], "data"), "--roles=workflow",
                             f"--worker.lease={self.LEASE}s", "--engine.attempts_lost_max=3", "--egress.allow=127.0.0.1",
                             env={**self.environment(), "ELEVAITE_WORKER_TOKEN": TOKEN})
        os.makedirs(os.path.dirname(self.server.data))
        self.server.start()
        self.assertEqual(self.server.publish(document("call", CALL % self.service.port)).status, 201)

    def tearDown(self):
        self.service.open.set()
        for worker in self.running:
            if worker.process.poll() is None:
                worker.kill()
        if self.server.process.poll() is None:
            self.server.stop()

    def worker(self, name, *options, wait=True, token=TOKEN):
        worker = Worker(os.path.dirname(self.server.data), name, self.server.url, *options, token=token)
        self.running.append(worker)
        return worker.start(wait)

    def start(self, count, name="call"):
        return [self.server.run(name, {"n": n}, wait="0s").json["id"] for n in range(count)]

    def execution(self, id):
        return self.server.get(f"/v1/executions/{id}").json

    def completed(self, ids):
        return all(self.execution(id)["status"] == "completed" for id in ids)

    def workers(self):
        return self.server.get("/v1/system").json["workers"]


class Workers(WorkerTest):
    def test_do_what_the_engine_does_not(self):
        ids = self.start(3)
        until(lambda: self.workers()["tasks_waiting"]["quick"] == 3, 10, "they wait")
        until(lambda: "no worker that does their class is connected" in self.server.log_text(), 10, "said in the log")
        self.assertEqual(self.service.calls, [])
        a = self.worker("a")
        until(lambda: self.completed(ids), 20)
        self.assertEqual(self.execution(ids[1])["output"], {"n": 1})
        reply = self.server.run("call", {"n": 7})
        self.assertEqual((reply.status, reply.json["output"]), (200, {"n": 7}))
        connected = self.workers()["connected"]
        self.assertEqual(sorted((w["name"], w["classes"]) for w in connected), [("a", ["long"]), ("a", ["quick"])])
        self.assertIn("activities_succeeded_total 4", a.get("/metrics").body.decode())
        self.assertIn('workers_connected{class="quick"} 1', self.server.get("/metrics").body.decode())

    def test_one_that_is_killed_is_replaced(self):
        a, b = self.worker("a"), self.worker("b")
        self.service.open.clear()
        ids = self.start(40)
        until(lambda: len(self.service.calls) == 40, 20, "all are under way")
        ports = a.connections()
        of_a = {key for key, port in self.service.calls if port in ports}
        self.assertTrue(0 < len(of_a) < 40, f"both have some: {len(of_a)}")
        a.kill()
        until(lambda: len(self.service.calls) == 40 + len(of_a), 20, "b does what a had")
        self.assertEqual({key for key, _ in self.service.calls[40:]}, of_a, "with the same keys")
        self.service.open.set()
        until(lambda: self.completed(ids), 20)
        self.assertIn(f"workers_attempts_lost_total {len(of_a)}", self.server.get("/metrics").body.decode())
        self.assertEqual({w["name"] for w in self.workers()["connected"]}, {"b"})

    def test_a_task_that_kills_its_workers_is_a_dead_letter(self):
        self.service.open.clear()
        id, = self.start(1)
        for death in range(3):
            worker = self.worker(f"w{death}")
            until(lambda: len(self.service.calls) == death + 1, 90, "a worker has it")
            worker.kill()
        until(lambda: self.execution(id)["status"] == "faulted", 20)
        ended = self.execution(id)
        self.assertEqual(ended["error"]["type"], "urn:elevaite:errors:attempts-lost")
        letter, = self.server.get("/v1/dead-letters?workflow=test.call").json["items"]
        self.assertEqual((letter["execution"], letter["attempts"]), (id, 3))
        self.assertEqual(len({key for key, _ in self.service.calls}), 1)

    def test_one_that_is_told_to_end_ends_what_it_does_and_gives_back_the_rest(self):
        a = self.worker("a", "--worker.quick_max=4")
        self.service.open.clear()
        ids = self.start(20)
        until(lambda: len(self.service.calls) == 4, 20, "it is full")
        until(lambda: self.workers()["tasks_waiting"]["quick"] == 15, 10, "and has one more")
        a.process.send_signal(signal.SIGTERM)
        until(lambda: self.workers()["tasks_waiting"]["quick"] == 16, 10, "which goes back")
        self.assertIsNone(a.process.poll())
        self.service.open.set()
        self.assertEqual(a.process.wait(20), 0)
        self.assertEqual(len(self.service.calls), 4)
        self.assertEqual(sum(self.completed([id]) for id in ids), 4)
        self.worker("b")
        until(lambda: self.completed(ids), 20)
        self.assertEqual(len({key for key, _ in self.service.calls}), len(self.service.calls), "none was done twice")
        self.assertTrue(all("failures" not in task or not task["failures"] for id in ids for task in self.execution(id)["tasks"]))
        self.assertIn("workers_attempts_lost_total 0", self.server.get("/metrics").body.decode())

    def engine_restart(self, end):
        self.worker("a"), self.worker("b")
        self.service.open.clear()
        ids = self.start(30)
        until(lambda: len(self.service.calls) == 30, 20, "all are under way")
        end()
        self.server.start()
        time.sleep(2 * self.LEASE)
        self.service.open.set()
        until(lambda: self.completed(ids), 30)
        self.assertEqual(len(self.service.calls), 30, "the workers went on with what they had")
        self.assertTrue(all(not self.execution(id)["tasks"][0].get("failures") for id in ids), "no attempt is lost")
        more = self.start(5)
        until(lambda: self.completed(more), 20, "and they take new work")

    def test_go_on_while_the_engine_is_killed_and_comes_back(self):
        self.engine_restart(self.server.kill)

    def test_go_on_while_the_engine_is_stopped_and_comes_back(self):
        self.engine_restart(self.server.stop)

    def test_results_wait_for_an_engine_that_is_away(self):
        self.worker("a")
        self.service.open.clear()
        ids = self.start(10)
        until(lambda: len(self.service.calls) == 10, 20)
        self.server.kill()
        self.service.open.set()
        time.sleep(1)
        self.server.start()
        until(lambda: self.completed(ids), 20)
        self.assertEqual(len(self.service.calls), 10)

    def test_break_off_what_is_cancelled(self):
        self.worker("a")
        self.service.open.clear()
        id, = self.start(1)
        until(lambda: self.service.calls, 20)
        begun = time.monotonic()
        self.assertEqual(self.server.request("POST", f"/v1/executions/{id}/cancel", {}).status, 200)
        until(lambda: self.service.broken_off == 1, 5, "the call is broken off")
        self.assertLess(time.monotonic() - begun, 2)
        self.assertEqual(self.execution(id)["status"], "cancelled")
        self.service.open.set()
        self.assertEqual(self.server.run("call", {"n": 1}).json["output"], {"n": 1})

    def test_need_the_right_token(self):
        stranger = self.worker("stranger", wait=False, token="not the same token")
        until(lambda: "the engine answered 401" in stranger.log_text(), 20)
        reply = stranger.get("/ready")
        self.assertEqual(reply.status, 503)
        self.assertIn("401", reply.json["detail"])
        id, = self.start(1)
        time.sleep(0.5)
        self.assertEqual((self.service.calls, self.execution(id)["status"]), ([], "running"))
        for route in ("hello", "pull", "heartbeat", "results"):
            path = f"/internal/v1/workers/{route}"
            self.assertEqual(self.server.request("POST", path, {}).status, 401, route)
            wrong = {"authorization": f"Bearer {TOKEN}x"}
            self.assertEqual(self.server.request("POST", path, {}, wrong).status, 401, route)
            right = {"authorization": f"Bearer {TOKEN}"}
            self.assertEqual(self.server.request("POST", path, {}, right).status, 400, route)

    def test_get_secrets_with_their_tasks(self):
        self.server.stop()
        self.server.env["ELEVAITE_SECRET_KEY"] = "open sesame"
        self.server.start()
        source = document("secret", "- c: {call: http, with: {method: post, endpoint: 'http://127.0.0.1:%d/', "
                          "body: '${ {key: $secrets.key} }'}}\n" % self.service.port, "use: {secrets: [key]}\n")
        self.assertEqual(self.server.publish(source).status, 201)
        a = self.worker("a")
        reply = self.server.run("secret", {})
        self.assertEqual(reply.json["status"], "completed", reply.body)
        for place in (a.log_text(), self.server.log_text(), json.dumps(self.execution(reply.json["id"])["tasks"][0].get("input"))):
            self.assertNotIn("sesame", place)


class Classes(WorkerTest):
    def test_keep_what_is_long_apart(self):
        source = document("takes-long", CALL.replace("}}\n", "}, metadata: {elevaite: {class: long}}}\n") % self.service.port)
        self.assertEqual(self.server.publish(source).status, 201)
        self.service.open.clear()
        long = self.start(5, "takes-long")
        until(lambda: self.workers()["tasks_waiting"] == {"quick": 0, "long": 5}, 10)
        self.worker("quick", "--worker.long_max=0")
        time.sleep(0.3)
        self.assertEqual(self.service.calls, [], "not its class")
        self.worker("both", "--worker.long_max=2")
        until(lambda: len(self.service.calls) == 2, 10)
        until(lambda: self.workers()["tasks_waiting"]["long"] == 3, 10, "long ones wait where any worker may take them")
        quick = self.start(5)
        until(lambda: len(self.service.calls) == 7, 10, "quick ones have places of their own")
        self.service.open.set()
        until(lambda: self.completed(long + quick), 20)

    def test_may_wait_for_their_turn_only_so_long(self):
        bound = "}, metadata: {elevaite: {timeouts: {queued: PT0.3S}}}}\n"
        self.server.publish(document("impatient", CALL.replace("}}\n", bound) % self.service.port))
        ended = self.server.run("impatient", {}).json
        self.assertEqual((ended["status"], ended["error"]["status"]), ("faulted", 408))
        self.assertIn("metadata.elevaite.timeouts.queued", ended["error"]["detail"])


class Cluster(unittest.TestCase):
    """Two nodes that run no connectors, and one worker that is told of one of them."""

    def setUp(self):
        self.postgres = Postgres()
        self.addCleanup(self.postgres.remove)
        self.folder = tempfile.mkdtemp(prefix="elevaite-workers-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.service = Service()
        self.addCleanup(self.service.open.set)
        self.url = self.postgres.new_database("workers")
        self.nodes = [self.node(0), self.node(1)]
        until(lambda: all(len(self.partitions(node)) == 8 for node in self.nodes), 30, "each has its share")
        self.nodes[0].publish(document("call", CALL % self.service.port))

    def node(self, number):
        folder = os.path.join(self.folder, f"node{number}")
        os.mkdir(folder)
        node = Server(os.path.join(folder, "data"), env={
            "ELEVAITE_DATABASE_URL": self.url, "ELEVAITE_CLUSTER_TOKEN": "the nodes know each other", "ELEVAITE_WORKER_TOKEN": TOKEN})
        node.options = ("--roles=workflow", f"--cluster.node_address={node.url}", "--worker.lease=2s", "--cluster.lease=2s",
                        "--egress.allow=127.0.0.1")
        node.start()
        self.addCleanup(lambda: node.process.poll() is None and node.kill())
        return node

    def partitions(self, node):
        return node.get("/v1/system").json["node"]["partitions"]

    def test_a_worker_works_for_all_nodes_and_goes_on_when_one_is_killed(self):
        first, second = self.nodes
        worker = Worker(self.folder, "w", first.url).start()
        self.addCleanup(lambda: worker.process.poll() is None and worker.kill())
        until(lambda: "worker_engines 2" in worker.get("/metrics").body.decode(), 20, "it has found the other node")
        self.service.open.clear()
        ids = [node.run("call", {"n": n}, wait="0s").json["id"] for n in range(20) for node in self.nodes]
        until(lambda: len(self.service.calls) == 40, 20, "it does what both have")
        second.kill()
        until(lambda: len(self.partitions(first)) == 16, 30, "the first takes over")
        time.sleep(3)
        self.service.open.set()
        until(lambda: all(first.get(f"/v1/executions/{id}").json["status"] == "completed" for id in ids), 30)
        self.assertEqual(len(self.service.calls), 40, "the worker kept what the killed node had given it")
        self.assertEqual(first.run("call", {"n": 1}).json["output"], {"n": 1})
        self.assertIn("worker_engines 1", worker.get("/metrics").body.decode())


if __name__ == "__main__":
    unittest.main(verbosity=2)

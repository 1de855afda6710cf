"""Limits and circuits of the hosts that workflows call, with a real server that counts who calls at once and fails on demand."""

import http.server
import os
import threading
import time
import unittest

from harness import Server, SystemTest, document, has_hung_up, until
from postgres import Postgres
from worker_test import TOKEN, Worker

CALL = "- c: {call: http, with: {method: post, endpoint: 'http://127.0.0.1:%d/', body: '${ . }'}}\n"
OPEN = "The circuit to the host is open"


class Host:
    """Answers when `open` is set, with `status`. Knows how many were here at once."""

    def __init__(self):
        host = self
        self.open = threading.Event()
        self.open.set()
        self.status, self.headers = 200, {}
        self.lock = threading.Lock()
        self.now = self.most = self.calls = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                with host.lock:
                    host.calls += 1
                    host.now += 1
                    host.most = max(host.most, host.now)
                try:
                    while not host.open.wait(0.02):
                        if has_hung_up(self.connection):
                            self.close_connection = True
                            return
                finally:
                    with host.lock:
                        host.now -= 1
                self.send_response(host.status)
                for name, value in host.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Threaded(http.server.ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = True

        self.http = Threaded(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        self.name = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.open.set()
        self.http.shutdown()
        self.http.server_close()


class HostTest(SystemTest):
    OPTIONS = ("--egress.allow=127.0.0.1",)

    def setUp(self):
        self.host = Host()
        self.addCleanup(self.host.close)
        self.workflow = "call-" + self.id().rsplit(".", 1)[1].replace("_", "-")[:40].strip("-")
        reply = self.server.publish(document(self.workflow, CALL % self.host.port))
        self.assertEqual(reply.status, 201, reply.body)

    def put(self, rule, status=200, host=None):
        reply = self.server.request("PUT", f"/v1/flow/hosts/{host or self.host.name}", rule)
        self.assertEqual(reply.status, status, reply.body)
        return reply.json

    def seen(self):
        """What the API says of the host; nothing before it has been called."""
        items = self.server.get("/v1/flow/hosts?limit=1000").json["items"]
        return next((one for one in items if one["host"] == self.host.name), None)

    def start(self, count):
        return [self.server.run(self.workflow, {"n": n}, wait="0s").json["id"] for n in range(count)]

    def view(self, id):
        return self.server.get(f"/v1/executions/{id}").json

    def all_are(self, ids, status="completed"):
        return all(self.view(id)["status"] == status for id in ids)

    def run_now(self):
        return self.server.run(self.workflow, {"n": 0}).json


class Limits(HostTest):
    def test_hold_while_they_change_and_over_a_kill(self):
        self.put({"concurrency": 2})
        self.host.open.clear()
        ids = self.start(12)
        until(lambda: self.host.now == 2 and self.seen()["waiting"] == 10, 20, "two are out, and ten wait")
        calls = self.server.get(f"/v1/flow/hosts/{self.host.name}/calls").json["items"]
        self.assertEqual([one["state"] for one in calls].count("waiting"), 10)
        self.assertEqual(calls[0]["task"], "/do/0/c")
        self.put({"concurrency": 3})
        until(lambda: self.host.now == 3, 20, "the larger limit holds at once")
        self.server.kill()
        until(lambda: self.host.now == 0, 20, "its calls ended with it")
        self.host.most = 0
        self.server.start()
        until(lambda: self.host.now == 3 and self.seen()["waiting"] == 9, 20, "the same limit after a kill")
        self.host.open.set()
        until(lambda: self.all_are(ids), 30, "all have been made")
        self.assertLessEqual(self.host.most, 3)
        self.assertEqual((self.seen()["running"], self.seen()["waiting"]), (0, 0))

    def test_a_cancelled_run_gives_its_place_back(self):
        self.put({"concurrency": 1})
        self.host.open.clear()
        first, waits, last = self.start(3)
        until(lambda: self.host.now == 1 and self.seen()["waiting"] == 2, 20)
        for id in (waits, first):
            self.assertIn(self.server.request("POST", f"/v1/executions/{id}/cancel", {}).status, (200, 202))
        until(lambda: self.all_are([first, waits], "cancelled"), 20)
        until(lambda: self.host.calls == 2, 20, "the last has its turn, the cancelled one had none")
        self.host.open.set()
        until(lambda: self.all_are([last]), 20)
        self.assertEqual((self.seen()["running"], self.seen()["waiting"], self.host.calls), (0, 0, 2))

    def test_a_host_that_hangs_keeps_another_from_nothing(self):
        server = Server(os.path.join(self.folder, "small", "data"), "--egress.allow=127.0.0.1", "--engine.activities_max=4")
        os.makedirs(os.path.dirname(server.data))
        server.start()
        self.addCleanup(server.stop)
        other = Host()
        self.addCleanup(other.close)
        for name, host in (("hangs", self.host), ("well", other)):
            self.assertEqual(server.publish(document(name, CALL % host.port)).status, 201)
        self.assertEqual(server.request("PUT", "/v1/flow/hosts/*", {"concurrency": 2}).status, 200)
        self.host.open.clear()
        for n in range(20):
            server.run("hangs", {"n": n}, wait="0s")
        until(lambda: self.host.now == 2, 20)
        for n in range(5):
            self.assertEqual(server.run("well", {"n": n}).json["status"], "completed")
        self.host.open.set()

    def test_too_many_and_too_long_waits_are_named(self):
        self.put({"concurrency": 1, "queue": {"max": 1, "wait": "200ms"}})
        self.host.open.clear()
        out, = self.start(1)
        until(lambda: self.host.now == 1, 20)
        waits, = self.start(1)
        until(lambda: self.seen()["waiting"] == 1 or self.view(waits)["status"] == "faulted", 20)
        until(lambda: self.view(waits)["status"] == "faulted", 20)
        error = self.view(waits)["error"]
        self.assertEqual(error["title"], "The call waited too long for its host")
        self.put({"concurrency": 1, "queue": {"max": 1}})
        self.start(1)
        until(lambda: self.seen()["waiting"] == 1, 20)
        error = self.run_now()["error"]
        self.assertEqual((error["title"], error["status"]), ("Too many calls wait for the host", 429))
        self.host.open.set()
        until(lambda: self.all_are([out]), 20)


class Circuits(HostTest):
    def test_open_close_by_themselves_and_by_hand(self):
        self.put({"breaker": {"in_a_row": 2, "open": "1s"}})
        self.host.status = 500
        for _ in range(2):
            self.assertEqual(self.run_now()["error"]["status"], 500)
        error = self.run_now()["error"]
        self.assertEqual((error["title"], error["status"]), (OPEN, 503))
        self.assertTrue(error["type"].endswith("communication"))
        self.assertIn("it answered 500", error["detail"])
        self.assertEqual(self.host.calls, 2, "no call went out")
        seen = self.seen()
        self.assertEqual((seen["circuit"]["state"], seen["last_error"]["status"]), ("open", 500))
        self.host.status = 200
        until(lambda: self.seen()["circuit"]["state"] == "half_open", 20)
        self.assertEqual(self.run_now()["status"], "completed")
        self.assertEqual(self.seen()["circuit"]["state"], "closed")

        self.put({"breaker": {"in_a_row": 1, "open": "1h"}})
        self.host.status = 502
        self.run_now()
        self.host.status = 200
        self.assertEqual(self.run_now()["error"]["title"], OPEN)
        closed = self.server.request("POST", f"/v1/flow/hosts/{self.host.name}/close", {"reason": "they are back"})
        self.assertEqual(closed.status, 204, closed.body)
        self.assertEqual(self.run_now()["status"], "completed")
        acts = self.server.get(f"/v1/audit?object_kind=host&object_id={self.host.name}").json["items"]
        self.assertEqual((acts[0]["act"], acts[0]["note"]), ("host.close", "they are back"))
        self.assertEqual((acts[1]["act"], acts[1]["change"]["after"]), ("host.change", {"breaker": {"in_a_row": 1, "open": "1h"}}))

    def test_what_a_host_asks_for_opens_it_and_other_statuses_do_not(self):
        self.put({"breaker": {"in_a_row": 1}})
        self.host.status = 404
        for _ in range(3):
            self.assertEqual(self.run_now()["error"]["status"], 404)
        self.host.status, self.host.headers = 429, {"retry-after": "100"}
        self.assertEqual(self.run_now()["error"]["status"], 429)
        self.assertEqual(self.run_now()["error"]["title"], OPEN)
        circuit = self.seen()["circuit"]
        self.assertEqual(circuit["state"], "open")
        self.assertNotEqual(circuit["since"][:16], circuit["until"][:16], "longer than the 30 s of the rule")

    def test_a_dead_port_opens_it_and_a_retry_that_waits_outlives_the_trouble(self):
        name = self.workflow + "-retries"
        steps = ("- t:\n    try:\n      - c: {call: http, with: {method: post, endpoint: 'http://127.0.0.1:%d/', body: '${ . }'}}\n"
                 "    catch: {retry: {delay: {milliseconds: 10}, limit: {attempt: {count: 2}}}}\n" % self.host.port)
        self.assertEqual(self.server.publish(document(name, steps)).status, 201)
        self.put({"breaker": {"in_a_row": 1, "open": "1s", "when_open": "wait"}})
        self.host.status = 500
        id = self.server.run(name, {"n": 1}, wait="0s").json["id"]
        until(lambda: (self.seen() or {}).get("waiting") == 1, 20, "the retry waits for the circuit")
        self.host.status = 200
        until(lambda: self.view(id)["status"] == "completed", 20, "one retry was enough")
        self.assertEqual(self.host.calls, 2)


class Api(HostTest):
    def test_rules_are_kept_changed_and_dropped(self):
        kept = self.put({"concurrency": 7}, host="API.Example.com:443")
        self.assertEqual((kept["host"], kept["rules"]), ("api.example.com", {"concurrency": 7}))
        self.put({"breaker": {}}, host="*.example.com")
        names = [one["host"] for one in self.server.get("/v1/flow/hosts").json["rules"]]
        self.assertEqual(names[:2], ["*.example.com", "api.example.com"])
        self.assertEqual(self.server.get("/v1/flow/hosts/api.example.com").json["rules"], {"concurrency": 7})
        for host in ("api.example.com", "%2A.example.com"):
            self.assertEqual(self.server.request("DELETE", f"/v1/flow/hosts/{host}").status, 204)
        self.assertEqual(self.server.get("/v1/flow/hosts/api.example.com").json["rules"], {})

    def test_what_is_wrong_is_said(self):
        for rule, word in (({"concurrency": 0}, "concurrency"), ({"limit": 1}, "limit"), ({"breaker": {"open": "x"}}, "breaker.open"),
                           ([], "object"), ({"rate": {"limit": 1}}, "rate.period")):
            self.assertIn(word, self.put(rule, status=400)["detail"])
        for host in ("a b", "http:%2F%2Fx", "**", "x" * 300):
            reply = self.server.request("PUT", f"/v1/flow/hosts/{host.replace(' ', '%20')}", {})
            self.assertEqual(reply.status, 400, host)
            self.assertIn("is no host", reply.json["detail"])
        self.assertEqual(self.server.request("POST", "/v1/flow/hosts/never.called/close", {}).status, 404)

    def test_the_command_line_does_it_too(self):
        def cli(*arguments, stdin=None):
            done = self.server.cli("flow", "hosts", *arguments, stdin=stdin)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout
        cli("set", self.host.name, "-f", "-", stdin="concurrency: 4\nbreaker: {in_a_row: 1, open: 1h}\n")
        self.assertIn('"concurrency": 4', cli("show", self.host.name))
        self.host.status = 500
        self.run_now()
        listed = cli("ls")
        self.assertIn("open until", listed)
        self.assertIn(self.host.name, listed)
        self.assertIn("closed", cli("close", self.host.name, "--reason", "well again"))
        self.assertIn("nobody calls it", cli("calls", self.host.name))
        self.assertIn("no rule", cli("clear", self.host.name))


class WithWorkers(HostTest):
    """Workers make the calls: the engine lets them go, and counts them also over its own death."""

    OPTIONS = None

    def setUp(self):
        self.host = Host()
        self.addCleanup(self.host.close)
        self.workflow = "call"
        self.running = []
        folder = os.path.join(self.folder, self.id().rsplit(".", 1)[1])
        os.makedirs(folder)
        self.server = Server(os.path.join(folder, "data"), "--roles=workflow", "--worker.lease=2s", "--engine.attempts_lost_max=5",
                             "--egress.allow=127.0.0.1", env={"ELEVAITE_WORKER_TOKEN": TOKEN}).start()
        self.addCleanup(self.server.stop)
        self.assertEqual(self.server.publish(document("call", CALL % self.host.port)).status, 201)
        self.workers = [Worker(folder, name, self.server.url).start() for name in ("a", "b")]
        self.addCleanup(lambda: [one.kill() for one in self.workers if one.process.poll() is None])

    def test_a_limit_holds_over_workers_a_kill_of_the_engine_and_one_of_a_worker(self):
        self.put({"concurrency": 3})
        self.host.open.clear()
        ids = self.start(15)
        until(lambda: self.host.now == 3 and self.seen()["waiting"] == 12, 20, "three of all workers")
        self.server.kill()
        self.server.start()
        until(lambda: self.seen() is not None and self.seen()["running"] + self.seen()["waiting"] == 15, 20, "all are back")
        until(lambda: self.seen()["running"] == 3, 20, "those that workers have went on, and hold their places")
        self.assertEqual((self.host.now, self.host.calls), (3, 3), "nobody else went out, and none twice")
        self.workers[0].kill()
        until(lambda: self.host.now == 3 and self.seen()["running"] == 3, 20, "others make what it had")
        self.host.open.set()
        until(lambda: self.all_are(ids), 60, "all have been made")
        self.assertLessEqual(self.host.most, 3)
        until(lambda: (self.seen()["running"], self.seen()["waiting"]) == (0, 0), 10, "all places are free")

    def test_a_worker_says_what_the_host_did(self):
        self.put({"breaker": {"in_a_row": 5}})
        self.host.status, self.host.headers = 503, {"retry-after": "90"}
        self.assertEqual(self.run_now()["error"]["status"], 503)
        self.assertEqual(self.run_now()["error"]["title"], OPEN)
        self.assertEqual(self.seen()["circuit"]["state"], "open")


class OnTwoNodes(HostTest):
    """Each node makes its part of the calls; what goes on is told by any of them, and a circuit is closed on all."""

    OPTIONS = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        postgres = Postgres()
        cls.addClassCleanup(postgres.remove)
        url = postgres.new_database("hosts")
        cls.nodes = []
        for name in ("a", "b"):
            os.mkdir(os.path.join(cls.folder, name))
            node = Server(os.path.join(cls.folder, name, "data"), env={"ELEVAITE_DATABASE_URL": url, "ELEVAITE_CLUSTER_TOKEN": TOKEN})
            node.options = (f"--cluster.node_address=http://127.0.0.1:{node.port}", "--egress.allow=127.0.0.1")
            cls.nodes.append(node.start())
            cls.addClassCleanup(lambda node=node: node.process.poll() is None and node.kill())
        cls.server = cls.nodes[0]
        until(lambda: all(len(node.get("/v1/system").json["node"]["partitions"]) == 8 for node in cls.nodes), 30, "each has its half")

    def start(self, count):
        nodes = [node for node in self.nodes if node.process.poll() is None]
        return [nodes[n % len(nodes)].run(self.workflow, {"n": n}, wait="0s").json["id"] for n in range(count)]

    def seen_by(self, node):
        return next((one for one in node.get("/v1/flow/hosts").json["items"] if one["host"] == self.host.name), None)

    def test_a_limit_is_shared_and_goes_to_who_is_left(self):
        self.put({"breaker": {"in_a_row": 1, "open": "1h"}})
        time.sleep(1.5)  # the other knows of it within a second
        self.host.status = 500
        until(lambda: self.start(1) and (self.seen() or {}).get("circuit", {}).get("state") == "open", 20)
        self.assertEqual(self.seen_by(self.nodes[1])["circuit"]["state"], "open", "any node tells of it")
        self.assertEqual(self.nodes[1].request("POST", f"/v1/flow/hosts/{self.host.name}/close", {}).status, 204)
        self.assertEqual([self.seen_by(node)["circuit"]["state"] for node in self.nodes], ["closed", "closed"])

        self.host.status, self.host.most = 200, 0
        self.put({"concurrency": 4})
        time.sleep(1.5)
        self.host.open.clear()
        ids = self.start(24)
        until(lambda: self.host.now == 4 and self.seen()["running"] + self.seen()["waiting"] == 24, 20, "two of each node are out")
        self.assertEqual(self.seen()["concurrency"], 4)
        self.nodes[1].kill()
        until(lambda: self.seen()["concurrency"] == 4 and self.host.now == 4, 30, "all places are of the one that is left")
        self.host.open.set()
        until(lambda: self.all_are(ids), 60, "all have been made")
        self.assertLessEqual(self.host.most, 4)

    def test_a_limit_below_the_number_of_nodes_holds(self):
        self.put({"concurrency": 1})
        time.sleep(1.5)
        self.host.open.clear()
        ids = self.start(30)
        until(lambda: (self.seen() or {}).get("running") == 1, 20, "one is out")
        self.assertEqual(self.seen()["concurrency"], 1)
        time.sleep(2.5)  # longer than a turn
        self.assertEqual(self.host.now, 1)
        self.host.open.set()
        until(lambda: self.all_are(ids), 60, "all have been made, by both")
        self.assertEqual((self.host.most, self.host.calls), (1, 30))


if __name__ == "__main__":
    unittest.main()

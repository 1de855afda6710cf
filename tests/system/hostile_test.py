"""Bad documents, bad requests, bad clients and bad workflows: each is refused or ended in bounded time, and nobody else notices."""

import http.client
import http.server
import json
import os
import socket
import threading
import time
import unittest

from harness import SystemTest, document, until

MIB = 1 << 20
# What may not hang is answered in well under a second; a machine whose cores are taken by others needs its time.
PATIENCE = 15


def resident_bytes(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmRSS"))


class Watch(threading.Thread):
    """Asks /health again and again; keeps the slowest answer and the largest memory."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.slowest, self.largest, self.count = server, 0.0, 0, 0
        self.failure = None
        self.over = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()

    def run(self):
        try:
            while self.count == 0 or not self.over.wait(0.02):
                began = time.monotonic()
                assert self.server.get("/health", timeout=30).status == 200
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.largest = max(self.largest, resident_bytes(self.server.process.pid))
                self.count += 1
        except Exception as error:
            self.failure = error


class HostileTest(SystemTest):
    def tearDown(self):
        self.assertIsNone(self.server.process.poll(), "the server is still there")
        self.assertEqual(self.server.get("/ready").status, 200)

    def assert_problem(self, reply, status, code=None):
        self.assertEqual(reply.status, status, reply.body[:500])
        self.assertEqual(reply.headers["content-type"], "application/problem+json")
        for secret in (b"/root", b".cc:", b"terminate", b"std::"):
            self.assertNotIn(secret, reply.body)
        if code:
            self.assertEqual(reply.json["code"], code)
        self.assertLess(len(reply.body), 100_000)

    def quiet(self, watch):
        self.assertIsNone(watch.failure, watch.failure)
        self.assertGreater(watch.count, 0)
        self.assertLess(watch.slowest, PATIENCE, "others wait")

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=30)
        self.addCleanup(connection.close)
        return connection


def read_all(connection):
    received = b""
    try:
        while block := connection.recv(65536):
            received += block
    except ConnectionResetError:
        pass
    return received


class Documents(HostileTest):
    def refuse(self, source):
        began = time.monotonic()
        with Watch(self.server) as watch:
            reply = self.server.publish(source)
        self.assertLess(time.monotonic() - began, PATIENCE)
        self.quiet(watch)
        return reply

    def test_yaml_bomb(self):
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{i}: &a{i} [{', '.join(['*a' + str(i - 1)] * 10)}]" for i in range(1, 12)]
        self.assert_problem(self.refuse("\n".join(lines)), 422, "invalid_workflow")
        self.assertLess(resident_bytes(self.server.process.pid), 400 * MIB)

    def test_depth(self):
        for source in ("[" * 100_000, "{a: " * 50_000, "- " * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000,
                       document("deep", "- a:\n    do: " + "[{a: {do: " * 5_000 + "[]" + "}}]" * 5_000 + "\n")):
            self.assert_problem(self.refuse(source), 422, "invalid_workflow")
        deep = "- a: {set: {x: '${ " + "(" * 20_000 + "1" + ")" * 20_000 + " }'}}\n"
        self.assert_problem(self.refuse(document("deep", deep)), 422)

    def test_what_is_no_document(self):
        for source in (b"", b"\x00", b"\xff\xfe\x00", b"\xc3\x28: 1", "null", "[]", "5", "text", "document: 5", "document: {dsl: '1.0.3'}\ndo: {}",
                       "%TAG ! tag:x,2000:\n--- !!python/object:os.system {}", "a: !!binary x", "--- 1\n--- 2", "? [a]\n: b", "<<: *x",
                       document("twice", "- a: {set: {x: 1}}\n", "document: {}\n"), document("twice", "- a: {set: {x: 1, x: 2}}\n"),
                       document("unknown", "- a: {set: {x: 1}, zzz: 1}\n"),
                       document("UPPER CASE", "- a: {set: {x: 1}}\n"), document("x" * 5000, "- a: {set: {x: 1}}\n"),
                       document("wrong", "- a: {wait: tomorrow}\n"), document("wrong", "- a: {for: 5, do: 6}\n"),
                       document("wrong", "- a: {wait: {seconds: -1}}\n"), document("wrong", "- a: {call: http, with: 5}\n"),
                       document("wrong", "- a: {fork: {branches: x}}\n"), document("wrong", "- a: {switch: [{x: {when: 1, then: 2}}]}\n")):
            self.assert_problem(self.refuse(source), 422, "invalid_workflow")

    def test_many_diagnostics_stay_a_page(self):
        tasks = "".join(f"- t{i}: {{sett: {{x: 1}}, then: nowhere{i}}}\n" for i in range(10_000))
        reply = self.refuse(document("many", tasks))
        self.assertEqual(reply.status, 422)
        self.assertLess(len(reply.body), MIB)

    def test_a_name_that_is_a_path_stays_a_name(self):
        for path in ("/v1/workflows/..%2f..%2fetc", "/v1/workflows/%00", "/v1/workflows/" + "x" * 9000, "/v1/workflows/a%zz", "/../etc/passwd", "/assets/..%2f..%2fetc/passwd"):
            reply = self.server.get(path)
            self.assertIn(reply.status, (400, 404, 414), path)
            self.assertNotIn(b"root:", reply.body)


class Requests(HostileTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.publish(document("same", "- a: {set: '${ . }'}\n"))

    def test_a_body_of_100_mb_is_refused_unread(self):
        for path, kind in (("/v1/workflows", "application/yaml"), ("/v1/workflows/same/executions", "application/json"), ("/v1/dsl/check", "application/yaml"), ("/hooks/x", "text/plain")):
            connection = self.connect()
            connection.sendall(f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\ncontent-length: {100 * MIB}\r\n\r\n".encode() + b"x" * 1000)
            began = time.monotonic()
            answer = connection.recv(65536)
            self.assertLess(time.monotonic() - began, PATIENCE)
            self.assertIn(b" 413 ", answer.split(b"\r\n")[0], path)
        # The same in chunks, which do not say how many will come: it listens politely for a while, then it goes.
        connection = self.connect()
        connection.sendall(b"POST /v1/workflows/same/executions HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n")
        began = time.monotonic()
        with Watch(self.server) as watch, self.assertRaises(OSError):
            while time.monotonic() - began < 30:
                connection.sendall(b"100000\r\n" + b"x" * MIB + b"\r\n")
        self.assertLess(time.monotonic() - began, PATIENCE)
        self.quiet(watch)
        self.assertLess(resident_bytes(self.server.process.pid), 400 * MIB)

    def test_inputs_that_are_no_json(self):
        start = lambda body, kind="application/json": self.server.request("POST", "/v1/workflows/same/executions?wait=10s", body, {"content-type": kind})
        for body in (b"{", b'{"a":1,"a":2}', b"\xff", b'"\xc3\x28"', b"[" * 100_000, b'{"a":' * 100_000, b"nul", b"1 2", b'"\\ud800"', b"01", b"1e", b"NaN", b'"\x01"'):
            with Watch(self.server) as watch:
                self.assert_problem(start(body), 400)
            self.quiet(watch)
        self.assert_problem(start(b"\xff\xfe", "text/plain"), 400)
        self.assert_problem(start(b"a,b", "image/png"), 415)
        self.assertEqual(start(b"1e400").json["status"], "completed")
        self.assertEqual(start(b"9" * 10_000).status, 200)
        self.assertEqual(start(b"[" * 200 + b"]" * 200).json["status"], "completed")

    def test_fields_of_the_wrong_kind(self):
        create = lambda body: self.server.request("POST", "/v1/schedules", body)
        for body in ("[]", "5", "{}", '{"workflow": 5}', '{"workflow": "same", "times": 5}', '{"workflow": "same", "times": [{"cron": 5}]}', '{"workflow": "same", "zzz": 1}',
                     '{"workflow": "same", "times": [{"every": "1h"}], "exclude": {"a": 1}}', '{"workflow": "same", "times": [], "times": []}', '{"workflow": "same", "times": [{"every": "1h"}], "note": 5}'):
            self.assert_problem(create(body), 400)
        for query in ("wait=x", "wait=-1s", "wait=1h", "wait=99999999999999999999s", "version=" + "9" * 5000, "wait=%ff"):
            self.assertIn(self.server.request("POST", f"/v1/workflows/same/executions?{query}", "1").status, (400, 404), query)
        for query in ("limit=x", "limit=-1", "limit=99999999999999999999", "cursor=x", "since=x", "until=2020-13-01T00:00:00Z", "status=,", "workflow=%ff"):
            self.assertIn(self.server.get(f"/v1/executions?{query}").status, (400,) if "workflow" not in query else (200, 400), query)
        id = self.server.run("same", 1).json["id"]
        for query in ("after=-1", "after=x", "after=99999999999999999999999", "limit=0", "limit=100000"):
            self.assert_problem(self.server.get(f"/v1/executions/{id}/events?{query}"), 400)
        self.assertEqual(self.server.get(f"/v1/executions/{id}/events?after=9223372036854775807").json["items"], [])
        cancel = lambda body: self.server.request("POST", f"/v1/executions/{id}/cancel", body)
        for body in ("{", "[]", '{"reason": 5}', json.dumps({"reason": "x" * 5000})):
            self.assert_problem(cancel(body), 400)
        key = {"idempotency-key": "x" * 201}
        self.assert_problem(self.server.run("same", 1, headers=key), 400)

    def test_heads_that_are_no_http(self):
        for head in (b"\x16\x03\x01\x02\x00\x01\x00\x01", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
                     b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
                     b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx", b"GET / HTTP/1.1\r\nhost: x\r\nbad header: 1\r\n\r\n",
                     b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 100_000 + b"\r\n\r\n", b"GET / HTTP/1.1\r\nhost: x\r\n" + b"x: y\r\n" * 5000 + b"\r\n", b"\r\n" * 50_000):
            connection = self.connect()
            try:
                connection.sendall(head)
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            answer = read_all(connection)
            self.assertTrue(answer == b"" or answer.split(b" ")[1][:1] in (b"4", b"5"), answer[:200])


class Expressions(HostileTest):
    OPTIONS = ("--engine.tasks_max=300000",)

    def test_expressions_without_end(self):
        """Each faults as an expression error, soon, and the memory comes back."""
        forms = {"recursion": "def f: f; f", "deep": "def f: 1 + f; f", "range": "[range(1e12)]", "repeat": "last(repeat(1))", "until": "0 | until(false; . + 1)",
                 "text": "reduce range(60) as $i (\"x\"; . + .)", "lists": "reduce range(60) as $i ([1]; . + .)", "product": "[range(1e5)] as $a | [$a[] | $a[]] | length",
                 "wide": "\"x\" * 1e10", "pattern": "(\"a\" * 30) | test(\"(a+)+$b\")", "index": ".[999999999999] = 1", "nested": "reduce range(1e6) as $i (0; [.])", "limit": "[limit(1e10; repeat(\"x\" * 1000))]",
                 "number": "[range(1e7)] | map(tostring) | join(\",\") | length", "walk": "[recurse(.+1)]", "paths": "[range(3e6)] | [paths] | length", "big": "1e1000000000 | tostring | length, infinite | tostring", "ends": "error(\"x\" * 1e7)"}
        for name, expression in forms.items():
            with self.subTest(name):
                published = self.server.publish(document("endless-" + name, f"- a: {{set: {{x: {json.dumps('${ ' + expression + ' }')}}}}}\n"))
                self.assertEqual(published.status, 201, published.body)
                with Watch(self.server) as watch:
                    began = time.monotonic()
                    ended = self.server.run("endless-" + name).json
                    took = time.monotonic() - began
                self.quiet(watch)
                self.assertLess(took, 5)
                self.assertLess(watch.largest, 1536 * MIB)
                if name in ("big", "index", "number"):  # may have an answer
                    self.assertIn(ended["status"], ("completed", "faulted"))
                    continue
                self.assertEqual(ended["status"], "faulted", str(ended)[:500])
                self.assertTrue(ended["error"]["type"].endswith("/expression"), ended["error"])
                self.assertLess(len(json.dumps(ended)), 100_000)

    def test_many_endless_expressions_leave_room_for_others(self):
        self.server.publish(document("spin", "- a: {set: {x: '${ def f: f; f }'}}\n"))
        self.server.publish(document("quick", "- a: {set: {x: 1}}\n"))
        ids = [self.server.run("spin", wait="0s").json["id"] for _ in range(2)]
        with Watch(self.server) as watch:
            began = time.monotonic()
            self.assertEqual(self.server.run("quick").json["status"], "completed")
            self.assertLess(time.monotonic() - began, PATIENCE)
            for id in ids:
                until(lambda: self.server.get(f"/v1/executions/{id}").json["status"] == "faulted", 60)
        self.quiet(watch)

    def test_an_endless_loop_of_tasks_ends(self):
        self.assertEqual(self.server.publish(document("circle", "- a: {set: {x: 1}, if: '${ true }'}\n- b: {set: {y: 1}, if: '${ . != null }', then: a}\n- c: {set: {z: 1}}\n")).status, 201)
        with Watch(self.server) as watch:
            id = self.server.run("circle", wait="0s").json["id"]
            ended = until(lambda: (i := self.server.get("/v1/executions?workflow=circle").json["items"][0])["status"] == "faulted" and i, 60, pause=0.2)
        self.quiet(watch)
        self.assertEqual(ended["id"], id)
        last = self.server.get(f"/v1/executions/{id}/events?after=300000&limit=5000").json["items"]
        self.assertLess(watch.largest, 1536 * MIB)
        self.assertIn("tasks_max", json.dumps(ended["error"]) + json.dumps(last))

    def test_results_that_are_too_large(self):
        self.server.publish(document("large", "- a: {set: {x: '${ \"x\" * 20000000 }'}}\n"))
        ended = self.server.run("large").json
        self.assertEqual(ended["status"], "faulted")
        self.assertIn("value_bytes_max", ended["error"]["detail"])
        self.server.publish(document("grow", "- l: {for: {each: i, in: '${ [range(2000)] }'}, do: [{a: {set: {x: '${ (.x // \"y\") + (\"x\" * 100000) }'}}}]}\n"))
        with Watch(self.server) as watch:
            id = self.server.run("grow", wait="0s").json["id"]
            until(lambda: self.server.get("/v1/executions?workflow=grow").json["items"][0]["status"] == "faulted", 240, pause=0.2)
            reply = self.server.get(f"/v1/executions/{id}")
        self.quiet(watch)
        self.assertEqual((reply.status, reply.json["status"], reply.json["too_large"]), (200, "faulted", True))
        self.assertLess(watch.largest, 1536 * MIB)


class Million(HostileTest):
    def test_a_loop_whose_every_round_writes_a_large_value(self):
        """What waits to be written is bounded, and a cancel is heard."""
        self.server.publish(document("heavy", "- l: {for: {each: i, in: '${ . }'}, do: [{a: {set: '${ . }'}}]}\n"))
        with Watch(self.server) as watch:
            id = self.server.run("heavy", list(range(500_000)), wait="0s").json["id"]
            time.sleep(3)
            cancelled = self.server.request("POST", f"/v1/executions/{id}/cancel", {})
        self.assertEqual((cancelled.status, cancelled.json["status"]), (200, "cancelled"), cancelled.body[:300])
        self.assertLess(len(cancelled.body), 64 * MIB, "a thousand tasks that show the same value do not write it a thousand times")
        self.quiet(watch)
        self.assertLess(watch.largest, 1024 * MIB)

    def test_errors_that_quote_what_they_were_given_keep_its_characters(self):
        """A text cut inside a character could not be read from the journal again."""
        for cut in range(4):
            self.server.publish(document(f"cut-{cut}", f"- l: {{for: {{each: i, in: '${{ \"{'x' * cut}\" + (\"€\" * 200) }}'}}, do: [{{a: {{set: {{x: 1}}}}}}]}}\n"))
            ended = self.server.run(f"cut-{cut}").json
            self.assertEqual(ended["status"], "faulted", ended)
            self.assertIn("€", ended["error"]["detail"])
            self.server.publish(document(f"raise-{cut}", f"- a: {{set: {{x: '${{ error(\"{'x' * cut}\" + (\"€\" * 20000)) }}'}}}}\n"))
            raised = self.server.run(f"raise-{cut}").json
            self.assertEqual(raised["status"], "faulted", raised)
            self.assertLess(len(raised["error"]["detail"]), 3000)

    def test_slow_rounds_let_others_go_on(self):
        self.server.publish(document("rounds", "- l: {for: {each: i, in: '${ [range(1000)] }'}, do: [{a: {set: '${ {n: ([range(100000)] | length)} }'}}]}\n"))
        self.server.publish(document("quick", "- a: {set: {x: 1}}\n"))
        ids = [self.server.run("rounds", wait="0s").json["id"] for _ in range(4)]  # every partition has one of them
        for _ in range(10):
            began = time.monotonic()
            self.assertEqual(self.server.run("quick").json["status"], "completed")
            self.assertLess(time.monotonic() - began, PATIENCE)
        for id in ids:
            self.server.request("POST", f"/v1/executions/{id}/cancel", {})

    def test_a_loop_of_a_million_items(self):
        self.server.publish(document("million", "- l: {for: {each: i, in: '${ [range(.n)] }'}, do: [{a: {set: '${ . }'}}]}\n- e: {set: {done: true}}\n"))
        self.server.publish(document("quick", "- a: {set: {x: 1}}\n"))
        began = time.monotonic()
        with Watch(self.server) as watch:
            id = self.server.run("million", {"n": 1_000_000}, wait="0s").json["id"]
            slowest = 0
            while (item := self.server.get("/v1/executions?workflow=million").json["items"][0])["status"] in ("pending", "running"):
                asked = time.monotonic()
                self.assertEqual(self.server.run("quick").json["status"], "completed")
                slowest = max(slowest, time.monotonic() - asked)
                self.assertLess(time.monotonic() - began, 100)
                time.sleep(0.05)
        took = time.monotonic() - began
        self.assertLess(watch.largest, 1536 * MIB)
        self.quiet(watch)
        self.assertLess(slowest, PATIENCE, "other executions go on")
        view_began = time.monotonic()
        with Watch(self.server) as viewing:
            view = self.server.get(f"/v1/executions/{id}", timeout=60)
        self.quiet(viewing)
        print(f"{item['status']} in {took:.1f} s, {watch.largest / MIB:.0f} MiB, slowest other {slowest:.2f} s, "
              f"view {time.monotonic() - view_began:.1f} s {len(view.body) / MIB:.1f} MiB {viewing.largest / MIB:.0f} MiB", flush=True)
        if item["status"] == "faulted":
            self.assertRegex(json.dumps(view.json["error"]), "outputs|limit|max|million|100000")
        else:
            self.assertEqual(item["status"], "completed")


class Connections(HostileTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.publish(document("slow", "- w: {wait: {seconds: 600}}\n"))

    def opened(self):
        return self.server.metric("http_connections_open")

    def test_slow_heads_and_bodies_are_cut_off(self):
        """A byte now and then keeps no connection for longer than the time for a head."""
        began = time.monotonic()
        slow = [self.connect() for _ in range(50)]
        for connection in slow:
            connection.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n")
        open_ones = set(slow)
        with Watch(self.server) as watch:
            while open_ones and time.monotonic() - began < 20:
                for connection in list(open_ones):
                    try:
                        connection.sendall(b"a")
                        connection.settimeout(0.001)
                        connection.recv(1000)
                        open_ones.discard(connection)  # closed, or told with a 408
                    except TimeoutError:
                        pass
                    except OSError:
                        open_ones.discard(connection)
                time.sleep(0.5)
        self.quiet(watch)
        self.assertEqual(len(open_ones), 0)
        self.assertLess(time.monotonic() - began, 60)

    def test_idle_connections_cost_little(self):
        before, open_before = resident_bytes(self.server.process.pid), self.opened()
        idle = [self.connect() for _ in range(1000)]
        with Watch(self.server) as watch:
            until(lambda: self.opened() >= open_before + 1000, 60)
            time.sleep(0.5)
        self.quiet(watch)
        self.assertLess(resident_bytes(self.server.process.pid) - before, 100 * MIB)
        for connection in idle:
            connection.close()
        until(lambda: self.opened() < open_before + 50, 60)

    def test_streams_whose_client_is_gone_are_ended(self):
        id = self.server.run("slow", wait="0s").json["id"]
        open_before = self.opened()
        head = f"GET /v1/executions/{id}/events HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n".encode()
        streams = []
        for _ in range(100):
            connection = self.connect()
            connection.sendall(head)
            self.assertIn(b"200", connection.recv(200))
            streams.append(connection)
        self.assertGreaterEqual(self.opened(), open_before + 100)
        for i, connection in enumerate(streams):
            if i % 2:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # a reset instead of an end
            connection.close()
        until(lambda: self.opened() < open_before + 20, 120, "the streams are ended")

    def test_half_closed_clients_get_their_answer(self):
        connection = self.connect()
        connection.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        self.assertIn(b'{"status":"ok"}', read_all(connection))
        id = self.server.run("slow", wait="0s").json["id"]
        stream = self.connect()
        stream.sendall(f"GET /v1/executions/{id}/events HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n".encode())
        stream.shutdown(socket.SHUT_WR)
        self.server.request("POST", f"/v1/executions/{id}/cancel", {})
        received = read_all(stream)
        self.assertTrue(received == b"" or b"HTTP/1.1 200" in received, received[:200])

    def test_clients_that_leave_while_they_wait(self):
        for _ in range(50):
            connection = self.connect()
            connection.sendall(b"POST /v1/workflows/slow/executions?wait=60s HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
            connection.close()
        self.assertEqual(self.server.get("/health").status, 200)


class Inside(http.server.BaseHTTPRequestHandler):
    """A server on a private address: the first hop is allowed, what it redirects to is not."""

    targets = {}

    def do_GET(self):
        self.server.seen.append(self.path)
        if self.path in self.targets:
            self.send_response(302)
            self.send_header("location", self.targets[self.path])
        else:
            self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET

    def log_message(self, *_):
        pass


class Egress(HostileTest):
    OPTIONS = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inside, cls.hidden = (http.server.ThreadingHTTPServer(("127.0.0.1", 0), Inside) for _ in range(2))
        for server in (cls.inside, cls.hidden):
            server.seen = []
            threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.server.options = (f"--egress.allow=127.0.0.1:{cls.inside.server_port}",)
        cls.server.start()
        tasks = "- a: {call: http, with: {method: get, endpoint: '${ .url }', redirect: '${ .redirect // false }'}}\n"
        reply = cls.server.publish(document("fetch", tasks.replace("'${ .redirect // false }'", "false")))
        assert reply.status == 201, reply.body
        reply = cls.server.publish(document("follow", tasks.replace("'${ .redirect // false }'", "true")))
        assert reply.status == 201, reply.body

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        for server in (cls.inside, cls.hidden):
            server.shutdown()
            server.server_close()

    def forbidden(self):
        port = self.hidden.server_port
        return [f"http://127.0.0.1:{port}/", f"http://localhost:{port}/", f"http://127.1.2.3:{port}/", "http://169.254.169.254/latest/meta-data/", f"http://[::1]:{port}/",
                f"http://[::ffff:127.0.0.1]:{port}/", "http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/", f"http://0.0.0.0:{port}/", f"http://[::]:{port}/",
                "http://100.64.0.1/", "http://[fd00::1]/", "http://[fe80::1]/", "http://[64:ff9b::7f00:1]/"]

    def disguised(self):
        port = self.hidden.server_port
        return [f"http://2130706433:{port}/", f"http://0x7f000001:{port}/", f"http://0177.0.0.1:{port}/", f"http://127.1:{port}/", f"http://127.0.0.1.:{port}/",
                f"http://user@127.0.0.1:{port}/", f"http://127.0.0.1:{self.inside.server_port}@127.0.0.1:{port}/", f"http://127.0.0.1%00:{port}/",
                f"http://①②⑦.⓪.⓪.①:{port}/", "file:///etc/passwd", "gopher://127.0.0.1/", f"http:127.0.0.1:{port}/", "//127.0.0.1/", "", "http://"]

    def test_private_addresses_are_refused(self):
        for url in self.forbidden():
            with self.subTest(url):
                began = time.monotonic()
                ended = self.server.run("fetch", {"url": url}).json
                self.assertEqual(ended["status"], "faulted")
                self.assertTrue(ended["error"]["type"].endswith("/authorization"), ended["error"])
                self.assertEqual(ended["error"]["status"], 403)
                self.assertLess(time.monotonic() - began, PATIENCE, "nothing was tried")
        self.assertEqual(self.hidden.seen, [])

    def test_disguises_do_not_help(self):
        for url in self.disguised():
            with self.subTest(url):
                ended = self.server.run("fetch", {"url": url}).json
                self.assertEqual(ended["status"], "faulted")
                self.assertRegex(ended["error"]["type"], "/(authorization|validation|communication)$", ended["error"])
        self.assertEqual(self.hidden.seen, [])

    def test_redirects_do_not_help(self):
        allowed = f"http://127.0.0.1:{self.inside.server_port}"
        self.assertEqual(self.server.run("follow", {"url": allowed + "/ok"}).json["status"], "completed")
        for i, url in enumerate(self.forbidden() + [u for u in self.disguised() if u.startswith("http://") and u.isascii() and len(u) > 7]):
            with self.subTest(url):
                Inside.targets[f"/to/{i}"] = url
                ended = self.server.run("follow", {"url": f"{allowed}/to/{i}"}).json
                self.assertEqual(ended["status"], "faulted")
                self.assertRegex(ended["error"]["type"], "/(authorization|validation|communication)$" if i >= len(self.forbidden()) else "/authorization$", ended["error"])
                self.assertIn(f"/to/{i}", self.inside.seen)
        Inside.targets["/circle"] = allowed + "/circle"
        self.assertEqual(self.server.run("follow", {"url": allowed + "/circle"}).json["status"], "faulted")
        self.assertLess(self.inside.seen.count("/circle"), 10)
        self.assertEqual(self.hidden.seen, [])

    def test_credentials_stay_out_of_errors(self):
        self.server.publish(document("login", f"- a: {{call: http, with: {{method: post, endpoint: 'http://127.0.0.1:{self.hidden.server_port}/', headers: {{authorization: 'Bearer very-secret-token'}}}}}}\n"))
        ended = self.server.run("login")
        self.assertEqual(ended.json["status"], "faulted")
        self.assertNotIn("very-secret-token", json.dumps(ended.json["error"]))
        self.assertNotIn("very-secret-token", self.server.log_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)

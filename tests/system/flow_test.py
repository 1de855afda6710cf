"""Limits of how runs flow, through the API: they hold over a kill -9, and on several nodes."""

import collections
import http.server
import json
import threading
import time
import unittest

from harness import SystemTest, document, until


class Shop:
    """A service that refuses while it is told to, and knows what it was asked, and how much of it at once."""

    def __init__(self):
        shop = self
        self.refuses, self.calls, self.now, self.most = True, [], 0, 0
        lock = threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"] or 0)))
                with lock:
                    shop.calls.append((self.path[1:], body["n"]))
                    shop.now += 1
                    shop.most = max(shop.most, shop.now)
                time.sleep(0.2)
                with lock:
                    shop.now -= 1
                answer = json.dumps(body).encode()
                self.send_response(422 if shop.refuses and self.path == "/pay" else 200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                try:
                    self.wfile.write(answer)
                except OSError:  # who asked was killed
                    pass

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def task(self, what):
        return "{call: http, with: {method: post, endpoint: '%s/%s', body: '${ . }'}}" % (self.base, what)


class Flow(SystemTest):
    OPTIONS = ("--egress.allow=127.0.0.1",)

    def publish(self, name, tasks):
        reply = self.server.publish(document(name, tasks))
        self.assertIn(reply.status, (200, 201), reply.body)

    def put(self, name, rules, status=200):
        reply = self.server.request("PUT", f"/v1/workflows/{name}/flow", rules)
        self.assertEqual(reply.status, status, reply.body)
        return reply.json

    def begin(self, name, body=None, **headers):
        reply = self.server.request("POST", f"/v1/workflows/{name}/executions", body or {}, headers=headers)
        self.assertEqual(reply.status, 202, reply.body)
        return reply.json

    def view(self, id):
        return self.server.get(f"/v1/executions/{id}").json

    def queue(self, query=""):
        return self.server.get(f"/v1/flow/queue{query}").json["items"]

    def kill_and_start(self):
        self.server.kill()
        self.server.start()

    def await_all(self, ids, status="completed", seconds=60):
        until(lambda: all(self.view(id)["status"] == status for id in ids), seconds, f"all are {status}")

    def overlaps(self, ids):
        """How many of them ran at once, at most."""
        steps = []
        for id in ids:
            view = self.view(id)
            steps += [(view["started_at"], 1), (view["finished_at"], -1)]
        most = now = 0
        for _, step in sorted(steps, key=lambda one: (one[0], one[1])):
            now += step
            most = max(most, now)
        return most

    def test_a_limit_holds_over_a_kill_and_no_place_is_lost(self):
        self.publish("slow", "- nap: {wait: {milliseconds: 300}}\n")
        self.put("slow", {"concurrency": [{"limit": 3}, {"limit": 1, "key": ".customer"}]})
        ids = [self.begin("slow", {"customer": n % 4})["id"] for n in range(12)]
        first = self.queue("?limit=200")
        self.assertGreaterEqual(len(first), 8)
        waits = {one["waits_for"]["kind"] for one in first}
        self.assertEqual(waits, {"concurrency"})
        for _ in range(3):
            time.sleep(0.2)
            self.kill_and_start()
        self.await_all(ids)
        # A run that a kill cut in two has been one all the time.
        self.assertLessEqual(self.overlaps(ids), 3)
        for customer in range(4):
            self.assertEqual(self.overlaps(ids[customer::4]), 1)
        until(lambda: self.server.get("/v1/flow/gates").json["running"] == 0, 10, "all places are free")
        self.assertEqual(self.queue(), [])
        self.await_all([self.begin("slow", {"customer": 1})["id"]])

    def test_what_waits_is_seen_cancelled_and_held_back(self):
        self.publish("gate", "- nap: {wait: {milliseconds: 50}}\n")
        self.put("gate", {"concurrency": {"limit": 1, "key": ".c"}})
        held = {"workflow": "gate", "expression": ".c", "key": "x", "reason": "their side is down"}
        self.assertEqual(self.server.request("POST", "/v1/flow/pause", held).status, 200)
        x, y = self.begin("gate", {"c": "x"})["id"], self.begin("gate", {"c": "y"})["id"]
        self.await_all([y])
        self.assertEqual((self.view(x)["status"], self.view(x)["waits_for"]["kind"], self.view(x)["waits_for"]["note"]),
                         ("queued", "pause", "their side is down"))
        self.kill_and_start()
        self.assertEqual(self.view(x)["waits_for"]["kind"], "pause")
        doomed = self.begin("gate", {"c": "x"})["id"]
        self.assertEqual(self.view(doomed)["waits_for"]["place"], 2)
        self.assertEqual([one["id"] for one in self.queue("?workflow=gate&key=x")], [x, doomed])
        self.assertEqual(self.queue("?workflow=gate&key=nobody"), [])
        page = self.server.get("/v1/executions?status=queued&workflow=gate&limit=1").json
        self.assertEqual([one["id"] for one in page["items"]], [x])
        page = self.server.get(f"/v1/executions?status=queued&workflow=gate&cursor={page['next_cursor']}").json
        self.assertEqual(([one["id"] for one in page["items"]], page["next_cursor"]), ([doomed], None))
        self.assertEqual(self.server.request("POST", f"/v1/executions/{doomed}/cancel", {"reason": "not needed"}).status, 200)
        self.assertEqual((self.view(doomed)["status"], self.view(doomed)["cancel_reason"]), ("cancelled", "not needed"))
        self.assertEqual([one["workflow"] for one in self.server.get("/v1/flow/pauses").json["items"]], ["test.gate"])
        self.assertEqual(self.server.request("POST", "/v1/flow/resume", held).status, 204)
        self.await_all([x])
        self.assertEqual(self.server.request("POST", "/v1/flow/pause", {}).status, 200)
        other = self.begin("gate", {"c": "z"})["id"]
        time.sleep(0.3)
        self.assertEqual(self.view(other)["status"], "queued")
        self.assertEqual(self.server.request("POST", "/v1/flow/resume", {}).status, 204)
        self.await_all([other])
        acts = [(one["act"], one["object_id"]) for one in self.server.get("/v1/audit?limit=100").json["items"]]
        for act in (("flow.pause", "gate"), ("flow.resume", "gate"), ("flow.pause", "account"), ("flow.change", "gate")):
            self.assertIn(act, acts)

    def test_wait_and_idempotency_go_through_the_queue(self):
        self.publish("once", "- nap: {wait: {milliseconds: 100}}\n- set: {set: {n: '${ .n }'}}\n")
        self.put("once", {"concurrency": {"limit": 1}})
        reply = self.server.request("POST", "/v1/workflows/once/executions?wait=20s", {"n": 7})
        self.assertEqual((reply.status, reply.json["output"]), (200, {"n": 7}), reply.body)
        first = self.begin("once", {"n": 1}, **{"idempotency-key": "a"})
        again = self.begin("once", {"n": 1}, **{"idempotency-key": "a"})
        self.assertEqual(first["id"], again["id"])
        other = self.server.request("POST", "/v1/workflows/once/executions", {"n": 2}, headers={"idempotency-key": "a"})
        self.assertEqual(other.status, 409, other.body)
        self.await_all([first["id"]])
        late = self.server.request("POST", "/v1/workflows/once/executions?wait=20s", {"n": 1}, headers={"idempotency-key": "a"})
        self.assertEqual((late.status, late.json["id"]), (200, first["id"]), late.body)

    def test_a_batch_a_debounce_and_a_rate_limit(self):
        self.publish("many", "- all: {set: {items: '${ . }'}}\n")
        self.put("many", {"batch": {"size": 3, "timeout": "1s"}})
        ids = [self.begin("many", {"n": n}, **{"idempotency-key": str(n)})["id"] for n in range(4)]
        self.assertEqual(len(set(ids)), 2)
        self.kill_and_start()  # the second is still collecting
        self.await_all(ids)
        self.assertEqual(self.view(ids[0])["output"]["items"], [{"n": 0}, {"n": 1}, {"n": 2}])
        self.assertEqual(self.view(ids[3])["output"]["items"], [{"n": 3}])
        self.assertEqual(self.begin_any("many", {"n": 1}, **{"idempotency-key": "1"})["id"], ids[0])

        self.publish("last", "- keep: {set: {n: '${ .n }'}}\n")
        self.put("last", {"debounce": {"period": "600ms"}})
        ids = {self.begin("last", {"n": n})["id"] for n in range(5)}
        self.assertEqual(len(ids), 1)
        self.await_all(ids)
        self.assertEqual(self.view(ids.pop())["output"], {"n": 4})

        self.publish("rated", "- ok: {set: {a: 1}}\n")
        self.put("rated", {"rate_limit": {"limit": 2, "period": "1h"}})
        replies = [self.server.request("POST", "/v1/workflows/rated/executions", {}) for _ in range(3)]
        self.assertEqual([one.status for one in replies], [202, 202, 429])
        self.assertIn("rate_limit", replies[2].json["detail"])
        self.assertIn("retry-after", {name.lower() for name in replies[2].headers})
        self.kill_and_start()
        self.assertEqual(self.server.request("POST", "/v1/workflows/rated/executions", {}).status, 429)

    def begin_any(self, name, body, **headers):
        return self.server.request("POST", f"/v1/workflows/{name}/executions", body, headers=headers).json

    def redrive(self, id, body=None, status=202):
        reply = self.server.request("POST", f"/v1/executions/{id}/redrive", body or {})
        self.assertEqual(reply.status, status, reply.body)
        return reply.json

    def let_fail(self, shop, name, tasks, inputs):
        self.publish(name, tasks)
        failed = [self.begin(name, body)["id"] for body in inputs]
        self.await_all(failed, "faulted")
        shop.calls.clear()
        shop.refuses, shop.most = False, 0
        return failed

    def test_what_is_tried_again_waits_for_its_place_and_goes_on_from_its_task_over_a_kill(self):
        shop = Shop()
        tasks = f"- make: {shop.task('make')}\n- pay: {shop.task('pay')}\n"
        failed = self.let_fail(shop, "retried", tasks, [{"n": n, "customer": n % 2} for n in range(4)])
        self.put("retried", {"concurrency": [{"limit": 1}, {"limit": 1, "key": ".customer"}]})
        self.assertEqual(self.server.request("POST", "/v1/flow/pause", {"workflow": "retried"}).status, 200)
        again = [self.redrive(id, {"reason": "they are back"}) for id in failed[:3]]
        edited = self.server.request("POST", f"/v1/executions/{failed[3]}/fork", {"task": 2, "input": {"n": 99}})
        self.assertEqual(edited.status, 202, edited.body)
        again.append(edited.json)
        self.assertEqual([one["status"] for one in again], ["queued"] * 4)
        self.assertEqual([one["forked_from"]["execution"] for one in again], failed)
        self.assertEqual([one["keys"] for one in again], [{".customer": str(n % 2)} for n in range(4)])
        ids = [one["id"] for one in again]
        self.assertIn(ids[0], self.redrive(failed[0], status=409)["detail"])
        self.kill_and_start()
        self.assertEqual(self.view(ids[0])["waits_for"]["kind"], "pause")
        self.assertEqual(self.server.request("POST", "/v1/flow/resume", {"workflow": "retried"}).status, 204)
        until(lambda: shop.calls, 30, "one has begun")
        self.kill_and_start()
        self.await_all(ids)
        self.assertEqual({what for what, _ in shop.calls}, {"pay"}, "what had been made is not made again")
        self.assertEqual({n for _, n in shop.calls}, {0, 1, 2, 99})
        self.assertLessEqual(self.overlaps(ids), 1)
        first = self.view(ids[0])
        self.assertEqual((first["forked_from"]["execution"], first["forked_from"]["reason"]), (failed[0], "they are back"))
        until(lambda: self.server.get("/v1/flow/gates").json["running"] == 0, 10, "all places are free")

    def test_what_is_tried_again_cannot_begin_when_its_past_has_gone(self):
        shop = Shop()
        [failed] = self.let_fail(shop, "gone", f"- pay: {shop.task('pay')}\n", [{"n": 1}])
        self.assertEqual(self.server.request("POST", "/v1/flow/pause", {"workflow": "gone"}).status, 200)
        id = self.redrive(failed)["id"]
        self.assertEqual(self.server.request("DELETE", f"/v1/executions/{failed}").status, 204)
        self.assertEqual(self.server.request("POST", "/v1/flow/resume", {"workflow": "gone"}).status, 204)
        self.await_all([id], "cancelled")
        self.assertIn("not there any more", self.view(id)["cancel_reason"])
        self.assertIn(failed, self.view(id)["cancel_reason"])
        self.assertEqual(shop.calls, [])
        until(lambda: self.server.get("/v1/flow/gates").json["running"] == 0, 10, "all places are free")

    def test_a_key_is_resumed_when_its_rule_has_gone(self):
        self.publish("ruled", "- ok: {set: {a: 1}}\n")
        self.put("ruled", {"concurrency": {"limit": 1, "key": ".c"}})
        held = {"workflow": "ruled", "expression": "${ .c }", "key": "x"}
        self.assertEqual(self.server.request("POST", "/v1/flow/pause", held).status, 200)
        id = self.begin("ruled", {"c": "x"})["id"]
        self.assertEqual(self.server.request("DELETE", "/v1/workflows/ruled/flow").status, 204)
        self.assertEqual(len(self.server.get("/v1/flow/pauses").json["items"]), 1)
        self.assertEqual(self.server.request("POST", "/v1/flow/resume", held).status, 204)
        self.assertEqual(self.server.get("/v1/flow/pauses").json["items"], [])
        self.await_all([id])
        self.assertEqual(self.server.request("POST", "/v1/flow/resume", held).status, 400)

    def test_who_was_refused_and_comes_again_is_no_duplicate(self):
        self.publish("hooked", "- ok: {set: {a: 1}}\n")
        self.put("hooked", {"concurrency": {"limit": 5}, "queue": {"max": 1}})
        self.assertEqual(self.server.request("POST", "/v1/flow/pause", {"workflow": "hooked"}).status, 200)
        self.server.webhook("hooked", "again", deduplicate={"key": ".body.id"})
        send = lambda id: self.server.request("POST", "/hooks/again", {"id": id})
        self.assertEqual((send("a").status, send("b").status), (202, 429))
        self.assertEqual(self.server.request("POST", "/v1/flow/resume", {"workflow": "hooked"}).status, 204)
        until(lambda: self.queue("?workflow=hooked") == [], 10, "there is room")
        self.assertEqual([send("b").json.get("duplicate"), send("b").json.get("duplicate")], [None, True])

    def test_the_audit_says_what_was_changed_by_whom_and_why(self):
        self.publish("noted", "- ok: {set: {a: 1}}\n")
        rules = {"concurrency": {"limit": 1, "key": ".c"}}
        self.put("noted", {"concurrency": {"limit": 3}})
        stored = self.put("noted", {**rules, "reason": "too much", "by": "ada"})
        self.assertEqual((stored["rules"], stored["updated_by"]), (rules, "ada"))
        held = {"workflow": "noted", "expression": ".c", "key": "17"}
        self.assertEqual(self.server.request("POST", "/v1/flow/pause", {**held, "by": "ada", "reason": "down"}).json["by"], "ada")
        self.assertEqual(self.server.request("POST", "/v1/flow/resume", {**held, "by": "bo"}).status, 204)
        self.assertEqual(self.server.request("DELETE", "/v1/workflows/noted/flow", {"by": "bo", "reason": "enough"}).status, 204)
        self.assertEqual(self.server.request("DELETE", "/v1/workflows/noted/flow", {"why": "?"}).status, 400)
        self.assertEqual(self.put("noted", {"by": 7}, 400)["status"], 400)
        cleared, resumed, paused, changed, first = self.server.get("/v1/audit?object_id=noted&object_kind=flow").json["items"]
        scope = {"workflow": "test.noted", "expression": ".c", "key": "17", "running": "hold"}
        said = lambda one: (one["act"], one["who"], one["note"], one["change"]["before"], one["change"]["after"])
        self.assertEqual(said(first), ("flow.change", "api", None, None, {"concurrency": {"limit": 3}}))
        self.assertEqual(said(changed), ("flow.change", "ada", "too much", {"concurrency": {"limit": 3}}, rules))
        self.assertEqual(said(paused), ("flow.pause", "ada", "down", None, scope))
        self.assertEqual(said(resumed), ("flow.resume", "bo", None, scope, None))
        self.assertEqual(said(cleared), ("flow.clear", "bo", "enough", rules, None))
        self.server.doctor(mend=True)
        mended = self.server.get("/v1/audit?act=system.mend").json["items"]
        self.assertEqual([(one["object_id"], one["who"]) for one in mended], [("server", "api")])

    def test_versions_say_what_waits_on_them(self):
        self.publish("aging", "- ok: {set: {a: 1}}\n")
        self.assertEqual(self.server.request("POST", "/v1/flow/pause", {"workflow": "aging"}).status, 200)
        ids = [self.begin("aging")["id"] for _ in range(2)]
        newer = document("aging", "- ok: {set: {a: 2}}\n").replace("1.0.0", "2.0.0")
        self.assertEqual(self.server.publish(newer).status, 201)
        counts = {one["version"]: one["queued"] for one in self.server.get("/v1/workflows/aging/versions?counts=true").json["items"]}
        self.assertEqual(counts, {"1.0.0": 2, "2.0.0": 0})
        self.assertEqual(self.server.request("POST", "/v1/flow/resume", {"workflow": "aging"}).status, 204)
        self.await_all(ids)

    def test_what_begins_just_now_is_cancelled(self):
        self.publish("quick", "- nap: {wait: {seconds: 30}}\n")
        self.put("quick", {"concurrency": {"limit": 100}})
        for _ in range(40):
            id = self.begin("quick")["id"]
            reply = self.server.request("POST", f"/v1/executions/{id}/cancel", {})
            self.assertEqual(reply.status, 200, reply.body)
            self.await_all([id], "cancelled")

    def test_limits_change_while_runs_wait(self):
        self.publish("moving", "- nap: {wait: {milliseconds: 200}}\n")
        self.put("moving", {"concurrency": {"limit": 1}})
        ids = [self.begin("moving")["id"] for _ in range(8)]
        self.assertEqual(self.put("moving", {"concurrency": {"limit": 0}}, 400)["status"], 400)
        self.put("moving", {"concurrency": {"limit": 4}})
        until(lambda: self.server.get("/v1/flow/gates?workflow=moving").json["running"] >= 3, 10, "more run at once")
        self.assertEqual(self.server.request("DELETE", "/v1/workflows/moving/flow").status, 204)
        until(lambda: self.queue() == [], 10, "nothing holds them back")
        self.await_all(ids)

    def test_what_is_wrong_is_named(self):
        self.publish("strict", "- ok: {set: {a: 1}}\n")
        for rules in ({"concurency": 1}, {"concurrency": {"limit": -1}}, {"throttle": {"limit": 1}}, {"priority": 9},
                      {"concurrency": {"limit": 1, "key": ".a ||"}}, {"batch": {"size": 0, "timeout": "1s"}}, "[]", "7"):
            reply = self.server.request("PUT", "/v1/workflows/strict/flow", rules)
            self.assertEqual(reply.status, 400, rules)
        self.assertEqual(self.server.request("PUT", "/v1/workflows/nobody/flow", {}).status, 404)
        self.put("strict", {"concurrency": {"limit": 1, "key": ".a.b"}})
        reply = self.server.request("POST", "/v1/workflows/strict/executions", {"a": 5})
        self.assertEqual(reply.status, 400)
        self.assertIn(".a.b", json.dumps(reply.json))
        for body in ({"workflow": "nobody"}, {"expression": ".x", "key": "1"}, {"workflow": "strict", "expression": ".x", "key": "1"},
                     {"workflow": "strict", "expression": ".a.b"}, {"reson": "x"}, {"reason": 5}):
            reply = self.server.request("POST", "/v1/flow/pause", body)
            self.assertIn(reply.status, (400, 404), body)
        wrapped = {"workflow": "strict", "expression": "${ .a.b }", "key": "1"}
        self.assertEqual(self.server.request("POST", "/v1/flow/pause", wrapped).json["expression"], ".a.b")
        self.assertEqual(self.server.request("POST", "/v1/flow/resume", wrapped).status, 204)
        for query in ("flow/queue?key=x", "executions?status=queued&tag=a=b", "flow/queue?cursor=x", "executions?status=queued,running"):
            self.assertEqual(self.server.get(f"/v1/{query}").status, 400, query)


if __name__ == "__main__":
    unittest.main()

"""Webhooks, as those who send and those who configure see them: who may call, what starts once, what is answered, what is shown.
The signatures are made by Python's own hmac here, and by the packages of the vendors in the last class."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import shutil
import socket
import subprocess
import threading
import time
import unittest

from harness import ROOT, Server, SystemTest, document, until

ECHO = document("echo", "- a: {set: '${ . }'}\n")
PACKAGES = os.path.join(ROOT, "build", "webhook-clients")
CLIENTS = ["@octokit/webhooks-methods@6.0.0", "stripe@20.4.1", "standardwebhooks@1.0.0"]
SECRETS = {"github": "It's a Secret", "stripe": "whsec_c3RyaXBl", "slack": "8f742231b10e8888", "shared": "open-sesame",
           "login": '{"username": "ada", "password": "lovelace"}', "standard": "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode(),
           "both": '["the-new-one", "the-old-one"]'}


def code(secret, text, algorithm=hashlib.sha256):
    return hmac.new(secret.encode(), text.encode(), algorithm).hexdigest()


class Hooks(SystemTest):
    OPTIONS = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = os.path.join(cls.folder, "secrets")
        os.makedirs(folder)
        for name, value in SECRETS.items():
            with open(os.path.join(folder, name), "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as f:
                f.write(value)
        cls.server.options = (f"--secrets.dir={folder}",)
        cls.server.start()
        cls.server.publish(ECHO)
        cls.server.publish(document("fails", "- a: {raise: {error: {type: 'https://x.test/e', status: 400, title: very-private}}}\n"))
        cls.number = 0

    def hook(self, workflow="echo", **settings):
        """A webhook at a path of its own."""
        type(self).number += 1
        return self.server.webhook(workflow, f"hook-{self.number}", **settings)

    def post(self, hook, body=b"", headers=None, method="POST"):
        if isinstance(body, (dict, list)):
            body, headers = json.dumps(body), {"content-type": "application/json", **(headers or {})}
        return self.server.request(method, hook["url"], body, headers)

    def requests(self, hook):
        return self.server.get(f"/v1/webhooks/{hook['id']}/requests").json["items"]

    def last(self, hook):
        return self.requests(hook)[0]

    def change(self, hook, **settings):
        reply = self.server.request("PATCH", f"/v1/webhooks/{hook['id']}", settings)
        self.assertEqual(reply.status, 200, reply.body)
        return reply.json

    def assert_refused(self, hook, reply, status, result, reason=""):
        self.assertEqual(reply.status, status, reply.body)
        self.assertEqual(reply.headers["content-type"], "application/problem+json")
        seen = self.last(hook)
        self.assertEqual((seen["result"], seen["status"]), (result, status))
        self.assertIn(reason, seen["reason"])
        self.assertIsNone(seen["execution"])


class Webhooks(Hooks):
    def test_a_webhook_is_made_changed_and_deleted(self):
        made = self.hook(description="new orders", methods=["PUT", "POST"], response={"wait": "10s"})
        self.assertEqual((made["methods"], made["enabled"], made["secret_found"], made["last_request"]), (["POST", "PUT"], True, True, None))
        path = "/v1/webhooks/" + made["id"]
        self.assertEqual(self.server.get(path).json, made)
        self.assertIn(made, self.server.get("/v1/webhooks?workflow=test.echo&limit=200").json["items"])
        self.assertEqual(self.post(made, {"a": 1}).json["body"], {"a": 1})
        self.assertEqual(self.post(made, {"a": 2}, method="PUT").json["method"], "PUT")
        self.assertEqual(self.post(made, {"a": 2}, method="DELETE").status, 405)
        changed = self.change(made, methods=["DELETE"], description=None)
        self.assertEqual((changed["methods"], changed["description"], changed["response"]), (["DELETE"], "", {"wait": "10s"}))
        self.assertEqual(self.post(made, {"a": 2}, method="DELETE").status, 200)
        self.assertEqual(self.post(made, {"a": 2}).status, 405)
        self.assertEqual(self.change(made, workflow="fails")["workflow"], "fails")
        self.assertEqual(self.post(made, {"a": 2}, method="DELETE").status, 502)
        self.assertEqual(self.server.request("DELETE", path).status, 204)
        self.assertEqual(self.server.request("DELETE", path).status, 404)
        self.assertEqual(self.post(made, {}).status, 404)

    def test_what_cannot_be_configured(self):
        hook = self.hook()
        create = lambda **settings: self.server.request("POST", "/v1/webhooks", {"workflow": "echo", "path": "x", **settings})
        self.assertEqual(create(path=hook["path"]).status, 409)
        self.assertEqual(create(workflow="nobody").status, 404)
        for wrong in ({"path": "../x"}, {"path": "a b"}, {"methods": ["HEAD"]}, {"wait": "1s"}, {"authentication": {"type": "github"}},
                      {"authentication": {"type": "github", "secret": "it is $ecret"}}, {"filter": "{"}, {"response": {"wait": "2m"}},
                      {"response": {"wait": "1s", "headers": {"set-cookie": "a"}}}, {"body_max": "50MB"}, {"workflow": 5}, {"workflow": None}):
            self.assertEqual(create(**wrong).status, 400, wrong)
        for id in ("whk_1", "exe_00000000000000000000000000", "x"):
            self.assertEqual(self.server.get("/v1/webhooks/" + id).status, 400, id)
        self.assertEqual(self.server.get("/v1/webhooks/whk_00000000000000000000000000").status, 404)
        self.assertEqual(self.server.request("PATCH", "/v1/webhooks/" + hook["id"], [1]).status, 400)

    def test_bodies_by_their_type(self):
        hook = self.hook(response={"wait": "10s"})
        body = lambda sent, kind: self.post(hook, sent, {"content-type": kind}).json["body"]
        self.assertEqual(body('{"a": [1]}', "application/json"), {"a": [1]})
        self.assertEqual(body('{"a": 1}', "application/vnd.x+json; charset=utf-8"), {"a": 1})
        self.assertEqual(body("a=1&b=x+y&a=2", "application/x-www-form-urlencoded"), {"a": ["1", "2"], "b": "x y"})
        self.assertEqual(body("5", "text/plain"), "5")
        self.assertIsNone(self.post(hook).json["body"])
        self.assert_refused(hook, self.post(hook, "{", {"content-type": "application/json"}), 400, "invalid", "line 1")
        self.assertEqual(self.last(hook)["body_text"], "{")
        self.assert_refused(hook, self.post(hook, b"\xff\xfe", {"content-type": "text/plain"}), 400, "invalid")
        for kind in ("image/png", "multipart/form-data; boundary=x", "application/octet-stream"):
            self.assert_refused(hook, self.post(hook, b"x", {"content-type": kind}), 415, "unsupported", kind.split(";")[0])

    def test_50_mb_are_refused_unread(self):
        hook = self.hook(body_max="64KiB")
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as connection:
            connection.sendall(f"POST {hook['url']} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 52428800\r\n\r\n".encode() + b" " * 1000)
            self.assertIn(b" 413 ", connection.recv(65536).split(b"\r\n")[0])
        self.assertLess(time.monotonic() - began, 2)
        self.assert_refused(hook, self.post(hook, b'"' + b"x" * 65536 + b'"', {"content-type": "application/json"}), 413, "too_large", "65536 bytes")
        self.assertEqual(self.post(hook, b'"' + b"x" * 65534 + b'"', {"content-type": "application/json"}).status, 202)
        # The same in chunks, which do not say how many come.
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as connection:
            connection.sendall(f"POST {hook['url']} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n".encode())
            connection.sendall(b"10001\r\n" + b"x" * 65537 + b"\r\n")
            self.assertIn(b" 413 ", connection.recv(65536).split(b"\r\n")[0])
        self.assertEqual(self.last(hook)["result"], "too_large")

    def test_answers(self):
        mapped = self.hook(response={"wait": "10s", "status": "${ .body.code }", "headers": {"location": "${ \"/orders/\" + .body.id }"},
                                     "body": {"order": "${ .body.id }", "run": "${ $execution.id }", "how": "${ $request.method }"}})
        answer = self.post(mapped, {"code": 201, "id": "o-7"})
        self.assertEqual((answer.status, answer.headers["location"]), (201, "/orders/o-7"))
        self.assertEqual(answer.json, {"order": "o-7", "run": answer.headers["x-execution-id"], "how": "POST"})
        self.assertEqual(answer.headers["content-security-policy"], "sandbox; default-src 'none'")
        wrong = self.post(mapped, {"code": "x", "id": "o-7"})
        self.assertEqual(wrong.status, 500)
        self.assertIn("is no status", self.last(mapped)["reason"])
        self.assertTrue(self.last(mapped)["execution"])
        page = self.hook(response={"wait": "10s", "headers": {"content-type": "text/html; charset=utf-8"}, "body": "${ \"<h1>\" + .body + \"</h1>\" }"})
        answer = self.post(page, "<script>alert(1)</script>", {"content-type": "text/plain"})
        self.assertEqual((answer.body, answer.headers["content-type"]), (b"<h1><script>alert(1)</script></h1>", "text/html; charset=utf-8"))
        self.assertIn("sandbox", answer.headers["content-security-policy"])
        fails = self.post(self.hook("fails", response={"wait": "10s"}), {})
        self.assertEqual(fails.status, 502)
        self.assertNotIn(b"very-private", fails.body)
        self.server.publish(document("slow", "- a: {wait: {seconds: 30}}\n"))
        slow = self.post(self.hook("slow", response={"wait": "200ms"}), {})
        self.assertEqual((slow.status, list(slow.json)), (202, ["execution"]))

    def test_a_filter_ignores_the_others(self):
        hook = self.hook(filter='.body.action == "opened" and .headers["x-kind"] != null')
        self.assertEqual(self.post(hook, {"action": "opened"}, {"x-kind": "issue"}).status, 202)
        ignored = self.post(hook, {"action": "closed"}, {"x-kind": "issue"})
        self.assertEqual((ignored.status, ignored.body), (204, b""))
        self.assertEqual((self.last(hook)["result"], self.last(hook)["execution"]), ("ignored", None))
        self.assert_refused(hook, self.post(hook, [1]), 400, "invalid", "jq")

    def test_capturing_shows_what_comes_and_starts_nothing(self):
        hook = self.hook(capture=True, authentication={"type": "github", "secret": "github"}, body_max="64KiB")
        answer = self.post(hook, {"a": 1}, {"x-hub-signature-256": "sha256=" + "0" * 64, "x-github-event": "ping", "cookie": "session=hush"})
        self.assertEqual((answer.status, answer.json), (200, {"captured": True}))
        seen = self.last(hook)
        self.assertEqual((seen["result"], seen["body"], seen["headers"]["x-github-event"], seen["execution"]), ("captured", {"a": 1}, "ping", None))
        self.assertEqual(seen["reason"], "would be refused: the signature does not fit the body")
        self.assertEqual(seen["hidden_headers"], ["x-hub-signature-256", "cookie"])
        self.post(hook, b"\x89PNG", {"content-type": "image/png"})
        self.assertIn("would be refused", self.last(hook)["reason"])
        self.change(hook, capture=False)
        self.assertEqual(self.post(hook, {"a": 1}).status, 401)
        replayed = self.server.request("POST", f"/v1/webhooks/{hook['id']}/requests/{seen['id']}/replay")
        self.assertEqual(replayed.status, 202, replayed.body)
        self.assertEqual(self.last(hook)["reason"], "replay of " + seen["id"])
        run = until(lambda: (r := self.server.get("/v1/executions/" + replayed.json["execution"]).json)["status"] == "completed" and r)
        self.assertEqual((run["output"]["body"], run["trigger"]), ({"a": 1}, "webhook"))
        self.assertNotIn("cookie", run["output"]["headers"])

    def test_requests_that_cannot_be_replayed(self):
        hook = self.hook(authentication={"type": "header", "secret": "shared", "header": "x-token"})
        replay = lambda id: self.server.request("POST", f"/v1/webhooks/{hook['id']}/requests/{id}/replay").status
        self.post(hook, {"a": 1}, {"x-token": "wrong"})
        self.assertFalse(self.last(hook)["can_be_replayed"])
        self.assertEqual(replay(self.last(hook)["id"]), 409)
        self.post(hook, json.dumps("x" * 70_000), {"x-token": "open-sesame", "content-type": "application/json"})
        self.assertEqual((self.last(hook)["result"], self.last(hook)["body"], len(self.last(hook)["body_text"])), ("started", None, 4096))
        self.assertEqual(replay(self.last(hook)["id"]), 409)
        self.assertEqual(replay("whr_00000000000000000000000000"), 404)
        self.assertEqual(replay("x"), 400)

    def test_the_last_fifty_are_shown(self):
        hook = self.hook()
        for n in range(55):
            self.assertEqual(self.post(hook, {"n": n}).status, 202)
        seen = self.requests(hook)
        self.assertEqual([r["body"]["n"] for r in seen], list(range(54, 4, -1)))
        self.assertEqual(self.server.get("/v1/webhooks/" + hook["id"]).json["last_request"]["id"], seen[0]["id"])

    def test_on_the_command_line(self):
        hook = self.hook(authentication={"type": "github", "secret": "missing"}, capture=True)
        self.post(hook, {"a": 1})
        listed = self.server.cli("webhooks", "ls", "--workflow", "test.echo")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        line = next(line for line in listed.stdout.splitlines() if line.startswith(hook["id"]))
        for part in ("POST", hook["url"], "test.echo", "github", "captures", "captured"):
            self.assertIn(part, line)
        seen = self.last(hook)["id"]
        self.assertIn("there is no secret 'missing'", self.server.cli("webhooks", "requests", hook["id"]).stdout)
        replayed = self.server.cli("webhooks", "replay", hook["id"], seen)
        self.assertEqual(replayed.stdout.strip(), self.last(hook)["execution"])
        self.assertEqual(json.loads(self.server.cli("webhooks", "requests", hook["id"], "--json").stdout)["items"][0]["result"], "replayed")
        failed = self.server.cli("webhooks", "requests", "whk_00000000000000000000000000")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("no webhook", failed.stderr)

    def test_a_disabled_one_is_not_there(self):
        hook = self.hook(enabled=False)
        self.assert_refused(hook, self.post(hook, {}), 404, "disabled")
        self.change(hook, enabled=True)
        self.assertEqual(self.post(hook, {}).status, 202)

    def test_requests_are_counted_by_what_became_of_them(self):
        count = lambda: int(next(line.split()[1] for line in self.server.get("/metrics").body.decode().splitlines()
                                 if line.startswith('webhook_requests_total{result="ignored"}')).split(".")[0])
        before = count()
        self.post(self.hook(filter="false"), {})
        self.assertEqual(count(), before + 1)


class Senders(Hooks):
    def sent(self, hook, body, headers, status, reason=""):
        reply = self.post(hook, body, {"content-type": "application/json", **headers})
        if status < 400:
            self.assertEqual(reply.status, status, (reply.body, self.last(hook)))
        else:
            self.assert_refused(hook, reply, status, "unauthenticated", reason)
            self.assertIn("www-authenticate", reply.headers)

    def test_github(self):
        hook = self.hook(authentication={"type": "github", "secret": "github"})
        body = '{"zen": "ü"}'
        right = "sha256=" + code(SECRETS["github"], body)
        self.sent(hook, body, {"x-hub-signature-256": right}, 202)
        self.sent(hook, body + " ", {"x-hub-signature-256": right}, 401, "does not fit")
        self.sent(hook, body, {"x-hub-signature-256": "sha256=" + code("another", body)}, 401, "does not fit")
        self.sent(hook, body, {"x-hub-signature": "sha1=" + code(SECRETS["github"], body, hashlib.sha1)}, 401, "no header")
        self.sent(hook, body, {"x-hub-signature-256": right[7:]}, 401, "does not begin")
        self.sent(hook, body, {}, 401, "no header x-hub-signature-256")

    def test_stripe(self):
        hook = self.hook(authentication={"type": "stripe", "secret": "stripe"})
        body = '{"id": "evt_1"}'
        sign = lambda at, secret=SECRETS["stripe"]: {"stripe-signature": f"t={at},v1={code(secret, f'{at}.{body}')}"}
        now = int(time.time())
        self.sent(hook, body, sign(now), 202)
        self.sent(hook, body, sign(now - 250), 202)
        self.sent(hook, body, sign(now - 310), 401, "s old")  # what somebody has recorded
        self.sent(hook, body, sign(now + 400), 401, "s ahead")
        self.sent(hook, body, sign(now, "whsec_other"), 401, "does not fit")
        self.sent(hook, body, {"stripe-signature": f"t={now},v0={code(SECRETS['stripe'], f'{now}.{body}')}"}, 401)
        self.sent(hook, body, {"stripe-signature": "nonsense"}, 401)

    def test_slack(self):
        hook = self.hook(authentication={"type": "slack", "secret": "slack"})
        sign = lambda body, at: {"x-slack-request-timestamp": str(at), "x-slack-signature": "v0=" + code(SECRETS["slack"], f"v0:{at}:{body}")}
        now = int(time.time())
        self.sent(hook, '{"type": "event_callback"}', sign('{"type": "event_callback"}', now), 202)
        self.sent(hook, '{"type": "event_callback"}', sign('{"type": "event_callback"}', now - 310), 401, "s old")
        challenge = '{"type": "url_verification", "challenge": "3eZbrw1aB"}'
        answer = self.post(hook, challenge, {"content-type": "application/json", **sign(challenge, now)})
        self.assertEqual((answer.status, answer.json), (200, {"challenge": "3eZbrw1aB"}))
        self.assertEqual((self.last(hook)["result"], self.last(hook)["execution"]), ("verified", None))
        self.sent(hook, challenge, {}, 401)  # not for everybody who asks
        form = "command=%2Fdeploy&text=now"
        answer = self.post(hook, form, {"content-type": "application/x-www-form-urlencoded", **sign(form, now)})
        self.assertEqual(answer.status, 202)
        self.assertEqual(self.last(hook)["body"], {"command": "/deploy", "text": "now"})

    def test_secrets_in_headers(self):
        header = self.hook(authentication={"type": "header", "secret": "shared", "header": "X-Gitlab-Token"})
        self.sent(header, "{}", {"x-gitlab-token": "open-sesame"}, 202)
        self.sent(header, "{}", {"x-gitlab-token": "open-sesam"}, 401)
        self.sent(header, "{}", {}, 401)
        both = self.hook(authentication={"type": "header", "secret": "both"})
        for value, status in (("the-new-one", 202), ("the-old-one", 202), ("the-", 401)):
            self.sent(both, "{}", {"x-webhook-secret": value}, status)
        basic = self.hook(authentication={"type": "basic", "secret": "login"})
        login = lambda text: {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}
        self.sent(basic, "{}", login("ada:lovelace"), 202)
        self.sent(basic, "{}", login("ada:babbage"), 401)
        self.assertEqual(self.post(basic, {}).headers["www-authenticate"], 'Basic realm="webhook"')

    def test_a_secret_that_is_not_there_lets_nobody_in(self):
        hook = self.hook(authentication={"type": "github", "secret": "missing"})
        self.assertFalse(hook["secret_found"])
        reply = self.post(hook, {}, {"x-hub-signature-256": "sha256=" + code("", "{}")})
        self.assertEqual(reply.status, 503)
        self.assertNotIn(b"missing", reply.body)
        self.assertIn("no secret 'missing'", self.last(hook)["reason"])

    def test_neither_secrets_nor_signatures_are_written_down(self):
        hook = self.hook(authentication={"type": "github", "secret": "github"}, response={"wait": "10s"})
        body = '{"a": 1}'
        right = code(SECRETS["github"], body)
        answer = self.post(hook, body, {"content-type": "application/json", "x-hub-signature-256": "sha256=" + right, "x-api-key": "key-of-mine"})
        self.assertEqual(answer.status, 200)
        self.assertNotIn("x-hub-signature-256", answer.json["headers"])
        self.post(hook, "{", {"content-type": "application/json", "x-hub-signature-256": "sha256=" + code(SECRETS["github"], "{")})
        told = self.server.get(f"/v1/executions/{answer.headers['x-execution-id']}/events").body
        told += self.server.get(f"/v1/webhooks/{hook['id']}/requests").body + self.server.get("/v1/webhooks?limit=200").body
        told += self.server.log_text().encode()
        for name in os.listdir(self.server.data):
            if os.path.isfile(os.path.join(self.server.data, name)):
                with open(os.path.join(self.server.data, name), "rb") as f:
                    told += f.read()
        for hidden in (SECRETS["github"], right, "key-of-mine", code(SECRETS["github"], "{")):
            self.assertNotIn(hidden.encode(), told, hidden)


class Once(Hooks):
    def test_a_key_starts_one_execution(self):
        hook = self.hook(deduplicate={"header": "X-GitHub-Delivery"})
        first = self.post(hook, {"n": 1}, {"x-github-delivery": "d-1"})
        again = self.post(hook, {"n": 2}, {"x-github-delivery": "d-1"})
        self.assertEqual((first.status, again.status), (202, 202))
        self.assertEqual(again.json, {"execution": first.json["execution"], "duplicate": True})
        self.assertEqual([r["result"] for r in self.requests(hook)], ["duplicate", "started"])
        self.assertNotEqual(self.post(hook, {}, {"x-github-delivery": "d-2"}).json["execution"], first.json["execution"])
        without = {self.post(hook, {}).json["execution"] for _ in range(3)}
        self.assertEqual(len(without), 3)
        # Another webhook has keys of its own.
        self.assertNotEqual(self.post(self.hook(deduplicate={"header": "X-GitHub-Delivery"}), {}, {"x-github-delivery": "d-1"}).json["execution"],
                            first.json["execution"])

    def test_a_key_of_the_body_with_an_answer(self):
        hook = self.hook(deduplicate={"key": "[.body.id, .body.kind]"}, response={"wait": "10s"})
        first = self.post(hook, {"id": 7, "kind": "a", "n": 1})
        again = self.post(hook, {"id": 7, "kind": "a", "n": 2})
        self.assertEqual((first.status, again.status, first.json), (200, 200, again.json))
        self.assertEqual((again.headers["x-webhook-duplicate"], first.headers["x-execution-id"]), ("true", again.headers["x-execution-id"]))
        self.assertEqual(self.post(hook, {"id": 7, "kind": "b"}).headers.get("x-webhook-duplicate"), None)
        self.assert_refused(hook, self.post(hook, "text", {"content-type": "text/plain"}), 400, "invalid", "jq")

    def test_many_at_the_same_time(self):
        hook = self.hook(deduplicate={"key": ".body.id"})
        told = []
        def send(n):
            for i in range(10):
                told.append((i, self.post(hook, {"id": i, "n": n}).json["execution"]))
        threads = [threading.Thread(target=send, args=(n,)) for n in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        self.assertEqual(len(told), 80)
        self.assertEqual(len(set(told)), 10)

    def test_a_key_is_forgotten_after_its_window(self):
        hook = self.hook(deduplicate={"header": "x-id", "window": "1s"})
        first = self.post(hook, {}, {"x-id": "1"}).json["execution"]
        time.sleep(1.1)
        self.assertNotEqual(self.post(hook, {}, {"x-id": "1"}).json["execution"], first)


class OnceOverCrashes(Hooks):
    def test_over_kill_9(self):
        """A sender that tries again until it is answered, while the server is killed over and over: one execution a key, and each key has
        the one that its sender was told."""
        hook = self.hook(deduplicate={"header": "x-id"})
        keys, told, stop = 12, {}, threading.Event()
        answers = []

        def send(sender):
            n = 0
            while not stop.is_set():
                key = f"{sender}-{n}"
                for _ in range(2):  # each at least twice
                    while not stop.is_set():
                        try:
                            reply = self.post(hook, {"key": key}, {"x-id": key})
                            if reply.status == 202:
                                answers.append((key, reply.json["execution"]))
                                break
                        except (OSError, http.client.HTTPException):
                            pass
                        time.sleep(0.02)
                n += 1
                time.sleep(0.01)

        threads = [threading.Thread(target=send, args=(i,)) for i in range(4)]
        for thread in threads: thread.start()
        for _ in range(6):
            time.sleep(0.7)
            self.server.kill()
            self.server.start()
        time.sleep(0.5)
        stop.set()
        for thread in threads: thread.join()
        self.assertGreater(len({key for key, _ in answers}), keys)
        self.assertEqual(len({key for key, _ in answers}), len(set(answers)), "a key was told two executions")
        # What really ran: one a key, also of keys whose answer was lost.
        runs, cursor = {}, ""
        while cursor is not None:
            page = self.server.get(f"/v1/executions?workflow=echo&limit=200{cursor}").json
            for run in page["items"]:
                body = self.server.get("/v1/executions/" + run["id"]).json["input"]["body"]
                runs.setdefault(body["key"], []).append(run["id"])
            cursor = page["next_cursor"] and "&cursor=" + page["next_cursor"]
        self.assertEqual({key: ids for key, ids in runs.items() if len(ids) > 1}, {})
        self.assertEqual({key for key, _ in answers} - set(runs), set())


class Vendors(Hooks):
    """Headers made by the packages that the vendors publish for tests of receivers."""

    def test_what_their_packages_sign_is_known(self):
        if not all(os.path.isdir(os.path.join(PACKAGES, "node_modules", name[:name.rindex("@")])) for name in CLIENTS):
            os.makedirs(PACKAGES, exist_ok=True)
            subprocess.run(["npm", "install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", PACKAGES, *CLIENTS],
                           check=True, timeout=300)
        script = os.path.join(PACKAGES, "webhook_client.mjs")
        shutil.copy(os.path.join(ROOT, "tests/system/webhook_client.mjs"), script)
        hooks = {kind: self.hook(authentication={"type": kind, "secret": kind}) for kind in ("github", "stripe", "standard")}
        asked = {kind: {"url": self.server.url + hook["url"], "secret": SECRETS[kind]} for kind, hook in hooks.items()}
        done = subprocess.run(["node", script, json.dumps(asked)], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = json.loads(done.stdout)
        self.assertEqual({kind: answer["right"] for kind, answer in answers.items()}, dict.fromkeys(hooks, 202), answers)
        self.assertEqual({kind: answer["changed"] for kind, answer in answers.items()}, dict.fromkeys(hooks, 401), answers)


if __name__ == "__main__":
    unittest.main(verbosity=2)

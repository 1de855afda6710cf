"""Notifications, as those who are told see them: signed webhooks, mail, Slack; what is tried again, what is told once, what a crash changes."""

import base64
import collections
import hashlib
import hmac
import http.server
import json
import os
import shutil
import socket
import socketserver
import subprocess
import threading
import time
import unittest

from harness import ROOT, SystemTest, document, until

KEY = base64.b64encode(b"0123456789abcdef01234567").decode()
PACKAGES = os.path.join(ROOT, "build", "webhook-clients")
FAILS = document("fails", "- a: {raise: {error: {type: 'https://x.test/e', status: 400, title: \"no\\r\\nBcc: evil@x.example\", detail: '<!channel> & so on'}}}\n")
VERIFY = """
import { Webhook } from "standardwebhooks";
const { secret, headers, body } = JSON.parse(process.argv[2]);
new Webhook(secret).verify(body, headers);
let refused = false;
try { new Webhook(secret).verify(body + " ", headers); } catch { refused = true; }
console.log(refused ? "verified" : "takes anything");
"""


class Receiver:
    """Takes webhooks; `answers` are given first, one after the other, then 200."""

    def __init__(self, port=0):
        self.got, self.answers, self.lock = [], collections.deque(), threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                with receiver.lock:
                    receiver.got.append({"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}, "body": body})
                    answer = receiver.answers.popleft() if receiver.answers else 200
                if answer == "hang":
                    return time.sleep(60)
                self.send_response(answer)
                if answer in (301, 302, 307):
                    self.send_header("location", "/elsewhere")
                text = f"you said {self.path}".encode()
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        class Many(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 128

        self.server = Many(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path="/in"):
        return f"http://127.0.0.1:{self.port}{path}"

    def at(self, path):
        with self.lock:
            return [one for one in self.got if one["path"] == path]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class MailServer:
    """A mail server of RFC 5321's minimum; keeps what it is given."""

    def __init__(self):
        self.messages = []
        mails = self.messages

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"220 mail.test\r\n")
                envelope = {"to": []}
                for line in self.rfile:
                    word = line.decode().strip()
                    if word.startswith("EHLO"):
                        self.wfile.write(b"250-mail.test\r\n250 SIZE 1000000\r\n")
                    elif word.startswith("MAIL FROM:"):
                        envelope["from"] = word[10:]
                        self.wfile.write(b"250 ok\r\n")
                    elif word.startswith("RCPT TO:"):
                        envelope["to"].append(word[8:])
                        self.wfile.write(b"250 ok\r\n")
                    elif word == "DATA":
                        self.wfile.write(b"354 go on\r\n")
                        text = []
                        for piece in self.rfile:
                            if piece == b".\r\n":
                                break
                            text.append(piece[1:] if piece.startswith(b"..") else piece)
                        mails.append({**envelope, "text": b"".join(text)})
                        self.wfile.write(b"250 taken\r\n")
                    elif word == "QUIT":
                        self.wfile.write(b"221 bye\r\n")
                        return

        class Many(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Many(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Notifications(SystemTest):
    OPTIONS = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receiver, cls.mail = Receiver(), MailServer()
        secrets = os.path.join(cls.folder, "secrets")
        os.makedirs(secrets)
        for name, value in {"pager": "whsec_" + KEY, "slack": cls.receiver.url("/services/T0/very-secret")}.items():
            with open(os.path.join(secrets, name), "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as f:
                f.write(value)
        cls.options = (f"--secrets.dir={secrets}", "--egress.allow=127.0.0.1")
        cls.server.options = cls.options
        cls.server.start()
        cls.server.publish(FAILS)
        cls.number = 0

    @classmethod
    def tearDownClass(cls):
        cls.receiver.close()
        super().tearDownClass()

    def make(self, path, body, status=201):
        reply = self.server.request("POST", f"/v1/{path}", body)
        self.assertEqual(reply.status, status, reply.body)
        return reply.json

    def channel(self, **settings):
        """One of its own; of a webhook its path is that of its number."""
        type(self).number += 1
        if settings.get("type", "webhook") == "webhook":
            settings = {"type": "webhook", "url": self.receiver.url(f"/{self.number}"), **settings}
        return self.make("notification-channels", {"name": f"channel {self.number}", **settings})

    def rule(self, channel, on="execution.failed", workflow="test.fails", **settings):
        return self.make("notification-rules", {"name": f"rule {self.number}", "on": [on], "workflows": [workflow], "channels": [channel["id"]],
                                                "group_within": "0s", **settings})

    def messages(self, channel, **query):
        text = "&".join(f"{k}={v}" for k, v in query.items())
        return self.server.get(f"/v1/notifications?limit=200&channel={channel['id']}&{text}").json["items"]

    def settled(self, channel, count=1, status="delivered", seconds=60):
        return until(lambda: len(found := self.messages(channel, status=status)) >= count and found, seconds, f"{count} {status}")

    def got(self, channel):
        return self.receiver.at(channel["url"][len(self.receiver.url("")):])

    def end(self, channel, rule=None):
        """Nothing more is told to it by other tests."""
        if rule:
            self.server.request("DELETE", f"/v1/notification-rules/{rule['id']}")
        self.server.request("DELETE", f"/v1/notification-channels/{channel['id']}")

    def test_a_failure_is_told_once_signed_with_a_link(self):
        channel = self.channel(secret="pager")
        rule = self.rule(channel)
        run = self.server.run("fails").json
        [message] = self.settled(channel)
        [got] = self.got(channel)
        body = json.loads(got["body"])
        self.assertEqual(body["type"], "execution.failed")
        self.assertEqual(body["data"]["execution"]["id"], run["id"])
        self.assertTrue(body["data"]["url"].endswith(f"/executions/{run['id']}"))
        self.assertEqual(body["data"]["error"]["status"], 400)
        head = got["headers"]
        self.assertEqual(head["webhook-id"], message["id"])
        content = f"{head['webhook-id']}.{head['webhook-timestamp']}.{got['body']}".encode()
        code = base64.b64encode(hmac.new(base64.b64decode(KEY), content, hashlib.sha256).digest()).decode()
        self.assertEqual(head["webhook-signature"], f"v1,{code}")
        self.assertEqual(message["answer"]["status"], 200)
        self.assert_verified_by_others(got)
        time.sleep(2)
        self.assertEqual(len(self.got(channel)), 1)
        self.end(channel, rule)

    def assert_verified_by_others(self, got):
        if not os.path.isdir(os.path.join(PACKAGES, "node_modules", "standardwebhooks")):
            os.makedirs(PACKAGES, exist_ok=True)
            subprocess.run(["npm", "install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", PACKAGES, "standardwebhooks@1.0.0"],
                           check=True, timeout=300)
        script = os.path.join(PACKAGES, "verify.mjs")
        with open(script, "w") as f:
            f.write(VERIFY)
        done = subprocess.run(["node", script, json.dumps({"secret": "whsec_" + KEY, **got})], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stdout.strip(), "verified", done.stderr)

    def test_what_is_not_taken_is_sent_again_as_the_same(self):
        channel = self.channel(url=self.receiver.url("/again"))
        rule = self.rule(channel)
        self.receiver.answers.extend([500, 302])
        self.server.run("fails")
        [message] = self.settled(channel)
        self.assertEqual(message["attempts"], 3)
        self.assertEqual(len({one["headers"]["webhook-id"] for one in self.receiver.at("/again")}), 1)
        self.assertEqual(self.receiver.at("/elsewhere"), [], "a redirect was followed")
        self.end(channel, rule)

    def test_a_test_shows_what_the_other_side_says(self):
        channel = self.channel()
        answer = self.make(f"notification-channels/{channel['id']}/test", None, 200)
        self.assertEqual((answer["delivered"], answer["status"]), (True, 200))
        self.receiver.answers.append(503)
        answer = self.make(f"notification-channels/{channel['id']}/test", None, 200)
        self.assertEqual((answer["delivered"], answer["status"]), (False, 503))
        self.assertIn("answers with 503", answer["error"])
        self.receiver.answers.append("hang")
        answer = self.make(f"notification-channels/{channel['id']}/test", None, 200)
        self.assertEqual((answer["delivered"], answer["status"]), (False, None))
        self.assertTrue(answer["error"].startswith("timeout:"), answer)
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            self.server.request("PATCH", f"/v1/notification-channels/{channel['id']}", {"url": f"http://127.0.0.1:{nobody.getsockname()[1]}/"})
            answer = self.make(f"notification-channels/{channel['id']}/test", None, 200)
        self.assertIn("refuses the connection", answer["error"])
        self.server.request("PATCH", f"/v1/notification-channels/{channel['id']}", {"url": "http://10.0.0.1/"})
        answer = self.make(f"notification-channels/{channel['id']}/test", None, 200)
        self.assertTrue(answer["error"].startswith("egress:"), answer)
        self.end(channel)

    def test_mail_keeps_texts_of_workflows_out_of_its_head(self):
        channel = self.channel(type="email", host="127.0.0.1", port=self.mail.port, security="none", **{"from": "flows@x.example"}, to=["a@x.example", "b@x.example"])
        rule = self.rule(channel, subject="${ .error.title }", body="${ .error.detail } in ${ .workflow.name }\n.\n.")
        self.server.run("fails")
        self.settled(channel)
        [mail] = self.mail.messages
        self.assertEqual((mail["from"], mail["to"]), ("<flows@x.example>", ["<a@x.example>", "<b@x.example>"]))
        head, _, body = mail["text"].partition(b"\r\n\r\n")
        self.assertIn(b"\r\nSubject: no  Bcc: evil@x.example\r\n", head)
        self.assertNotIn(b"\nBcc", head)
        self.assertTrue(base64.b64decode(body).decode().startswith("<!channel> & so on in fails\r\n.\r\n.\r\n"), body)
        self.end(channel, rule)

    def test_slack_gets_blocks_and_its_address_stays_secret(self):
        channel = self.channel(type="slack", url_secret="slack")
        rule = self.rule(channel)
        self.server.run("fails")
        [message] = self.settled(channel)
        [got] = self.receiver.at("/services/T0/very-secret")
        blocks = json.loads(got["body"])["blocks"]
        self.assertEqual(blocks[0]["text"]["text"], "test.fails failed")
        self.assertIn("&lt;!channel&gt; &amp; so on", blocks[1]["text"]["text"])
        self.receiver.answers.append(404)  # which repeats the path, as the receiver does
        answer = self.make(f"notification-channels/{channel['id']}/test", None, 200)
        shown = json.dumps([message, answer, self.server.get("/v1/notification-channels").json])
        self.assertNotIn("very-secret", shown)
        self.assertNotIn("very-secret", self.server.log_text())
        self.end(channel, rule)

    def test_what_stays_in_the_queue_is_told(self):
        channel = self.channel()
        self.server.publish(document("held", "- ok: {set: {a: 1}}\n"))
        rule = self.rule(channel, "execution.waiting", "held", waiting_after="10s")
        self.assertEqual(self.server.request("POST", "/v1/flow/pause", {"workflow": "held"}).status, 200)
        held = self.server.run("held", wait="0s").json["id"]
        self.settled(channel, 1)
        [told] = self.messages(channel)
        self.assertEqual((told["type"], told["execution"]), ("execution.waiting", held))
        self.assertEqual(self.server.request("POST", "/v1/flow/resume", {"workflow": "held"}).status, 204)
        retried = [one["act"] for one in self.server.get("/v1/audit?limit=200").json["items"]]
        self.assertIn("notification_channel.create", retried)
        self.assertIn("notification_rule.create", retried)
        self.server.request("DELETE", f"/v1/notification-rules/{rule['id']}")
        self.end(channel)

    def test_people_parked_calls_waits_and_schedules(self):
        channel = self.channel()
        port = self.receiver.port
        self.server.publish(document("asks", "- ask: {call: human.approve, with: {title: May I?, assignee: ann}}\n"))
        self.server.publish(document("parks", f"- call: {{call: http, with: {{method: POST, endpoint: 'http://127.0.0.1:{port}/broken', body: {{}}}}}}\n",
                                     head="").replace("version: '1.0.0'}", "version: '1.0.0', metadata: {elevaite: {onError: park}}}"))
        self.server.publish(document("listens", "- wait: {listen: {to: {one: {with: {type: never}}}}}\n"))
        rules = [self.rule(channel, "task.opened", "*"), self.rule(channel, "execution.parked", "*"), self.rule(channel, "schedule.paused", "*"),
                 self.rule(channel, "execution.waiting", "listens", waiting_after="10s")]
        self.receiver.answers.append(400)
        self.assertEqual(self.server.run("parks", wait="0s").status, 202)
        until(lambda: self.receiver.at("/broken"))
        self.assertEqual(self.server.run("asks", wait="0s").status, 202)
        waiting = self.server.run("listens", wait="0s").json["id"]
        made = self.server.request("POST", "/v1/schedules", {"id": "often", "workflow": "fails", "times": [{"every": "1s"}], "pause_on_failure": True})
        self.assertEqual(made.status, 201, made.body)
        self.settled(channel, 4)
        told = {one["type"]: one for one in self.messages(channel)}
        self.assertEqual(set(told), {"task.opened", "execution.parked", "schedule.paused", "execution.waiting"})
        self.assertEqual(told["execution.waiting"]["execution"], waiting)
        self.assertEqual(told["task.opened"]["subject"], "To do: May I?")
        self.assertIn("/inbox/tsk_", told["task.opened"]["url"])
        self.assertEqual(told["schedule.paused"]["subject"], "Schedule often has paused itself")
        self.assertEqual(len(self.messages(channel)), 4, "each once")
        self.server.request("DELETE", "/v1/schedules/often")
        for rule in rules:
            self.server.request("DELETE", f"/v1/notification-rules/{rule['id']}")
        self.end(channel)

    def test_a_storm_is_a_few_messages(self):
        channel = self.channel()
        rule = self.rule(channel, group_within="3s")
        for _ in range(30):
            self.server.run("fails")
        until(lambda: sum(one["count"] for one in self.messages(channel, status="delivered")) == 30, 60, "all are told of")
        messages = self.messages(channel, status="delivered")
        self.assertLess(len(messages), 15)
        grouped = max(messages, key=lambda one: one["count"])
        self.assertRegex(grouped["subject"], r"^test\.fails: \d+ runs failed in 3s$")
        self.end(channel, rule)

    def test_the_command_line_makes_and_shows(self):
        path = os.path.join(self.folder, "notify.yaml")
        with open(path, "w") as f:
            f.write(f"channels:\n- {{name: from a file, type: webhook, url: '{self.receiver.url('/file')}'}}\n"
                    "rules:\n- {name: of a file, 'on': [execution.failed], workflows: [nothing], channels: [from a file]}\n")
        first, second = self.server.cli("notify", "apply", path), self.server.cli("notify", "apply", path)
        self.assertEqual((first.returncode, second.returncode), (0, 0), first.stderr + second.stderr)
        self.assertEqual(first.stdout.count("created"), 2)
        self.assertEqual(second.stdout.count("changed"), 2)
        channel = next(one for one in json.loads(self.server.cli("notify", "channels", "--json").stdout)["items"] if one["name"] == "from a file")
        self.assertEqual(self.server.cli("notify", "test", channel["id"]).returncode, 0)
        self.receiver.answers.append(500)
        failed = self.server.cli("notify", "test", channel["id"])
        self.assertEqual((failed.returncode, "answers with 500" in failed.stdout), (1, True), failed.stdout)
        self.assertIn("of a file", self.server.cli("notify", "rules", "--workflow", "test.nothing").stdout)
        self.assertEqual(self.server.cli("notify", "ls").returncode, 0)


class Crash(SystemTest):
    OPTIONS = ("--egress.allow=127.0.0.1",)

    def test_what_happened_before_a_kill_is_told_after_it(self):
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            port = reserved.getsockname()[1]
        self.server.publish(FAILS)
        channel = self.server.request("POST", "/v1/notification-channels", {"name": "a", "type": "webhook", "url": f"http://127.0.0.1:{port}/in"}).json
        self.server.request("POST", "/v1/notification-rules", {"name": "r", "on": ["execution.failed"], "channels": [channel["id"]], "group_within": "0s"})
        # Nobody listens yet. The server is killed at once after the last of them has ended.
        runs = {self.server.run("fails").json["id"] for _ in range(20)}
        self.server.kill()
        receiver = Receiver(port)
        try:
            self.server.start()
            told = lambda: collections.Counter(json.loads(one["body"])["data"]["execution"]["id"] for one in receiver.at("/in"))
            until(lambda: set(told()) == runs, 90, "all are told")
            # ... and while it sends.
            more = {self.server.run("fails").json["id"] for _ in range(20)}
            until(lambda: set(told()) & more, 30)
            self.server.kill()
            self.server.start()
            until(lambda: set(told()) == runs | more, 90, "all are told")
            until(lambda: self.server.get("/v1/notifications?status=pending").json["items"] == [], 90, "nothing is left")
            ids = collections.Counter(one["headers"]["webhook-id"] for one in receiver.at("/in"))
            self.assertEqual(len(ids), len(runs | more), "an occasion has one message")
            self.assertLessEqual(sum(ids.values()) - len(ids), 4, "only what was under way may come twice")
        finally:
            receiver.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""kill -9 in the middle of sagas: each ends with all steps done, or with those that were done undone, in their order, once or (a call that was
under way) with the same key. And a cancel cleans up over a kill, too."""

import http.server
import json
import os
import random
import threading
import time
import unittest

from harness import SystemTest, document, until

SEED = int(os.environ.get("ELEVAITE_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
KILLS = 6
SAGAS = 12


def call(base, what):
    return "{call: http, with: {method: post, endpoint: '%s/%s', body: {id: '${ $workflow.id }'}}, output: {as: '$input'}}" % (base, what)


def saga(base):
    step = "            - %s: {do: [{%s: %s}]%s}\n"
    steps = "".join(step % (name, f"do{name}", call(base, f"do-{name}"), f", undo: [{{undo{name}: {call(base, f'undo-{name}')}}}]")
                    for name in ("a", "b"))
    last = step % ("c", "check", "{if: '${ .fails }', raise: {error: {type: 'urn:test:full', status: 409}}}", "")
    return f"- trip:\n        call: flow.saga\n        with:\n            steps:\n{steps}{last}"


class Services:
    """Notes each call once by its idempotency key."""

    def __init__(self):
        services = self
        self.lock = threading.Lock()
        self.keys = set()
        self.calls = {}  # by execution, in their order

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with services.lock:
                    if self.headers["idempotency-key"] not in services.keys:
                        services.keys.add(self.headers["idempotency-key"])
                        services.calls.setdefault(body["id"], []).append(self.path[1:])
                time.sleep(0.02)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


class Sagas(SystemTest):
    OPTIONS = ("--egress.allow=127.0.0.1", "--engine.attempts_lost_max=100")

    def view(self, id):
        return self.server.get(f"/v1/executions/{id}").json

    def kill_and_start(self):
        self.server.kill()
        self.server.start()

    def test_all_or_nothing_over_kills(self):
        print(f"seed {SEED}", flush=True)
        chance = random.Random(SEED)
        services = Services()
        self.assertEqual(self.server.publish(document("trip", saga(services.base))).status, 201)
        wanted = {}
        for _ in range(KILLS):
            for _ in range(SAGAS):
                fails = chance.random() < 0.6
                started = self.server.run("trip", {"fails": fails}, wait="0s")
                self.assertEqual(started.status, 202, started.body)
                wanted[started.json["id"]] = fails
            time.sleep(chance.random() * 0.25)
            self.kill_and_start()
        for id, fails in wanted.items():
            until(lambda: self.view(id)["status"] in ("completed", "faulted"), 60, id)
            ended = self.view(id)
            done = ["do-a", "do-b"] + (["undo-b", "undo-a"] if fails else [])
            self.assertEqual(services.calls[id], done, id)
            self.assertEqual(ended["status"], "faulted" if fails else "completed")
            if fails:
                self.assertEqual((ended["error"]["type"], "undoFailed" in ended["error"]), ("urn:test:full", False))

    def test_a_cancel_cleans_up_over_a_kill(self):
        services = Services()
        tasks = f"""- guarded:
    try: [{{work: {{wait: {{hours: 1}}}}}}]
    catch:
      errors: {{with: {{type: 'urn:elevaite:errors:cancelled'}}}}
      do: [{{nap: {{wait: {{milliseconds: 700}}}}}}, {{clean: {call(services.base, "clean")}}}]
"""
        self.assertEqual(self.server.publish(document("guarded", tasks)).status, 201)
        id = self.server.run("guarded", {}, wait="0s").json["id"]
        cancel = f"/v1/executions/{id}/cancel"
        self.assertEqual(self.server.request("POST", cancel, {"grace": "3 weeks"}).status, 400)
        self.assertEqual(self.server.request("POST", cancel, {"forse": True}).status, 400)
        asked = self.server.request("POST", cancel, {"reason": "enough", "grace": "60s"})
        self.assertEqual((asked.status, asked.json["status"] in ("running", "waiting")), (200, True), asked.body)
        self.assertEqual(asked.json["cancelling"]["reason"], "enough")
        self.kill_and_start()
        until(lambda: self.view(id)["status"] == "cancelled", 30, "it ends")
        self.assertEqual(services.calls[id], ["clean"])
        ended = self.view(id)
        self.assertEqual((ended["cancel_reason"], ended["cancelling"]), ("enough", None))
        again = self.server.run("guarded", {}, wait="0s").json["id"]
        forced = self.server.request("POST", f"/v1/executions/{again}/cancel", {"force": True})
        self.assertEqual(forced.json["status"], "cancelled")
        self.assertNotIn(again, services.calls)


if __name__ == "__main__":
    unittest.main(verbosity=2)

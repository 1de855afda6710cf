"""A cancel leaves time for cleaning up, also over a kill -9 in between; how long, and how to end it at once."""

import http.server
import json
import threading
import unittest

from harness import SystemTest, document, until


def call(base, what):
    return "{call: http, with: {method: post, endpoint: '%s/%s', body: {id: '${ $workflow.id }'}}, output: {as: '$input'}}" % (base, what)


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
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


class Cancelling(SystemTest):
    OPTIONS = ("--egress.allow=127.0.0.1",)

    def view(self, id):
        return self.server.get(f"/v1/executions/{id}").json

    def kill_and_start(self):
        self.server.kill()
        self.server.start()

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

"""A call that ends the server each time that it is made (here: whoever is called kills it) is given up at last, and is a dead letter.
What runs beside it goes on as if nothing had been."""

import http.server
import threading
import unittest

from harness import SystemTest, document, until

LOST_MAX = 3
FIRST = "- w: {wait: {milliseconds: 300}}\n"  # the start is answered before anybody dies
POISON = FIRST + "- c: {call: http, with: {method: post, endpoint: 'http://127.0.0.1:%d/'}}\n"
GUARDED = FIRST + """- t:
    try: [{c: {call: http, with: {method: post, endpoint: 'http://127.0.0.1:%d/'}}}]
    catch: {errors: {with: {type: 'urn:elevaite:errors:attempts-lost'}}, as: e, do: [{s: {set: '${ {saved: $e.status} }'}}]}
"""
WAITS = "- a: {wait: {milliseconds: 300}}\n- b: {set: done}\n"


class Killer:
    """Answers nothing, and ends the server that asks, until it does no more."""

    def __init__(self, server):
        killer = self
        self.keys = []
        self.kills = True

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                killer.keys.append(self.headers["idempotency-key"])
                if killer.kills:
                    server.process.kill()
                else:
                    self.send_response(204)
                    self.end_headers()

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


class DeadLetters(SystemTest):
    OPTIONS = (f"--engine.attempts_lost_max={LOST_MAX}", "--egress.allow=127.0.0.1")

    def restart_until_it_stays(self, ended):
        deaths = 0
        while True:
            until(lambda: self.server.process.poll() is not None or ended(), 60, "it dies, or the task is given up")
            if self.server.process.poll() is None:
                return deaths
            deaths += 1
            self.assertLessEqual(deaths, LOST_MAX, "for ever")
            try:
                self.server.start()
            except AssertionError:  # it made the call, and died, while it started
                self.assertIsNotNone(self.server.process.poll())

    def status(self, id):
        try:
            return self.server.get(f"/v1/executions/{id}").json["status"]
        except OSError:
            return "?"

    def play(self, name, tasks):
        killer = self.killer = Killer(self.server)
        self.assertEqual(self.server.publish(document(name, tasks % killer.port)).status, 201)
        self.server.publish(document("waits", WAITS))
        beside = self.server.run("waits", {}, wait="0s").json["id"]
        id = self.server.run(name, {}, wait="0s").json["id"]
        deaths = self.restart_until_it_stays(lambda: self.status(id) in ("faulted", "completed"))
        self.assertEqual(deaths, LOST_MAX)
        self.assertEqual(killer.keys, [f"{id}.{killer.keys[0].rsplit('.', 1)[1]}"] * LOST_MAX, "one key for all attempts")
        until(lambda: self.status(beside) == "completed", 10, "what runs beside it goes on")
        return self.server.get(f"/v1/executions/{id}").json

    def test_ends_with_its_own_error_and_can_be_found(self):
        ended = self.play("poison", POISON)
        self.assertEqual(ended["status"], "faulted")
        self.assertEqual(ended["error"]["type"], "urn:elevaite:errors:attempts-lost")
        self.assertIn(f"died {LOST_MAX} times in a row", ended["error"]["detail"])
        self.assertEqual(len(ended["tasks"][1]["failures"]), LOST_MAX)
        page = self.server.get("/v1/dead-letters?workflow=test.poison&limit=1").json
        self.assertIsNone(page["next_cursor"])
        letter = page["items"][0]
        self.assertEqual((letter["execution"], letter["ref"], letter["connector"], letter["attempts"]),
                         (ended["id"], "/do/1/c", "http", LOST_MAX))
        self.assertEqual(letter["error"], ended["error"])
        self.assertEqual(self.server.get("/v1/dead-letters?workflow=other").json["items"], [])
        gone = f"/v1/dead-letters/{letter['id']}"
        self.assertEqual(self.server.request("DELETE", gone).status, 204)
        self.assertEqual(self.server.request("DELETE", gone).status, 404)
        self.assertEqual(self.server.request("DELETE", "/v1/dead-letters/x").status, 400)

    def test_a_try_may_go_on_without_it(self):
        ended = self.play("guarded", GUARDED)
        self.assertEqual((ended["status"], ended["output"]), ("completed", {"saved": 500}))
        [letter] = self.server.get("/v1/dead-letters?workflow=guarded").json["items"]
        self.killer.kills = False
        again = self.server.request("POST", f"/v1/dead-letters/{letter['id']}/redrive", {"by": "ada", "reason": "it is mended"})
        self.assertEqual(again.status, 202, again.body)
        self.assertNotEqual(again.json["id"], ended["id"], "that one has ended")
        until(lambda: self.status(again.json["id"]) == "completed", 10, "the task is done")
        self.assertNotEqual(self.server.get(f"/v1/executions/{again.json['id']}").json["output"], {"saved": 500})
        self.assertEqual(len(self.killer.keys), LOST_MAX + 1)
        self.assertEqual(self.server.get("/v1/dead-letters?workflow=guarded").json["items"], [])
        self.assertEqual(self.server.request("POST", f"/v1/dead-letters/{letter['id']}/redrive", {}).status, 404)


if __name__ == "__main__":
    unittest.main(verbosity=2)

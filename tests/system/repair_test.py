"""Pausing, parking, repairing and running again from a task through the API, each kept over a kill -9."""

import http.server
import json
import threading
import time
import unittest

from harness import SystemTest, document, until


class Shop:
    """A service that fails while it is told to, and counts what it is asked."""

    def __init__(self):
        shop = self
        self.fails = True
        self.calls = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"] or 0))
                shop.calls.append(self.path[1:])
                body = json.dumps({"made": self.path[1:]}).encode()
                self.send_response(422 if shop.fails else 200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def task(self, what, metadata="{}"):
        return "{call: http, with: {method: post, endpoint: '%s/%s', body: {}}, metadata: %s}" % (self.base, what, metadata)


class Repairing(SystemTest):
    OPTIONS = ("--egress.allow=127.0.0.1",)

    def view(self, id):
        return self.server.get(f"/v1/executions/{id}").json

    def post(self, path, body=None, status=200):
        reply = self.server.request("POST", f"/v1/executions/{path}", body)
        self.assertEqual(reply.status, status, reply.body)
        return reply.json

    def kill_and_start(self):
        self.server.kill()
        self.server.start()

    def publish(self, name, tasks):
        reply = self.server.publish(document(name, tasks))
        self.assertIn(reply.status, (200, 201), reply.body)

    def begin(self, name):
        return self.server.run(name, {}, wait="0s").json["id"]

    def wait_for(self, id, status):
        until(lambda: self.view(id)["status"] == status, 30, f"it is {status}: {self.view(id)['status']}")
        return self.view(id)

    def test_a_pause_outlives_a_kill_and_what_comes_meanwhile_is_kept(self):
        self.publish("napping", "- nap: {wait: {milliseconds: 400}}\n- after: {set: {done: true}}\n")
        id = self.begin("napping")
        paused = self.post(f"{id}/pause", {"reason": "looking"})
        self.assertEqual((paused["status"], paused["paused"]["reason"], paused["paused"]["by"]), ("suspended", "looking", "api"))
        self.kill_and_start()
        until(lambda: self.view(id)["tasks"][0]["status"] == "completed", 30, "the wait ends by the clock")
        time.sleep(0.3)
        self.assertEqual((self.view(id)["status"], len(self.view(id)["tasks"])), ("suspended", 1))
        listed = self.server.get("/v1/executions?status=suspended").json["items"]
        self.assertEqual([one["id"] for one in listed], [id])
        self.post(f"{id}/resume")
        self.assertEqual(self.wait_for(id, "completed")["output"], {"done": True})
        self.assertIn("has already ended", self.post(f"{id}/pause", None, 409)["detail"])
        told = [event["type"] for event in self.server.get(f"/v1/executions/{id}/events").json["items"]]
        self.assertIn("execution.paused", told)
        lifecycle = self.server.get(f"/v1/executions/{id}/lifecycle").json
        self.assertIn("suspended", json.dumps(lifecycle))

    def test_a_call_that_nothing_catches_is_parked_until_somebody_repairs_it(self):
        shop = Shop()
        park = "{elevaite: {onError: park}}"
        self.publish("parking", f"- order: {shop.task('order', park)}\n- after: {{set: {{order: '${{ .made }}'}}}}\n")
        id = self.begin("parking")
        parked = self.wait_for(id, "suspended")
        self.assertEqual(parked["waiting_for"][0]["reason"], "operator")
        self.assertEqual(parked["tasks"][0]["error"]["status"], 422)
        self.kill_and_start()
        task = self.wait_for(id, "suspended")["waiting_for"][0]["task_id"]
        shop.fails = False
        self.post(f"{id}/tasks/{task}/retry", {"reason": "the shop is open again"})
        ended = self.wait_for(id, "completed")
        self.assertEqual((ended["output"], shop.calls), ({"order": "order"}, ["order", "order"]))

    def test_tasks_are_skipped_completed_and_failed_by_hand(self):
        self.publish("waiting", "- nap: {wait: {hours: 1}}\n- after: {set: {got: '${ . }'}}\n")
        completed, skipped, failed = (self.begin("waiting") for _ in range(3))
        for id in (completed, skipped, failed):
            self.wait_for(id, "waiting")
        self.post(f"{completed}/tasks/1/complete", {"output": 42})
        self.assertEqual(self.wait_for(completed, "completed")["output"], {"got": 42})
        self.post(f"{skipped}/tasks/1/skip")
        self.assertEqual(self.wait_for(skipped, "completed")["output"], {"got": {}})
        self.post(f"{failed}/tasks/1/fail", {"error": {"title": "No", "status": 418}})
        self.assertEqual(self.wait_for(failed, "faulted")["error"]["status"], 418)

    def test_a_past_execution_is_run_again_from_a_task_with_another_input(self):
        shop = Shop()
        large = "x" * 100_000
        self.publish("charging", (
            f"- first: {shop.task('first')}\n"
            f"- keep: {{set: {{amount: 5, large: '{large}'}}}}\n"
            f"- charge: {shop.task('charge')}\n"
            "- nap: {wait: {milliseconds: 300}}\n"
            "- after: {set: {charged: '${ . }'}}\n"))
        shop.fails = False
        past = self.begin("charging")
        self.wait_for(past, "completed")
        before = self.server.get(f"/v1/executions/{past}/events").body
        shop.calls.clear()
        fork = self.post(f"{past}/fork", {"task": "/do/3/nap", "input": {"amount": 7}, "reason": "too little"}, 202)
        id = fork["id"]
        self.kill_and_start()
        ended = self.wait_for(id, "completed")
        self.assertEqual(ended["output"], {"charged": {"amount": 7}})
        self.assertEqual(shop.calls, [], "what was done before is not done again")
        origin = ended["forked_from"]
        self.assertEqual((origin["execution"], origin["task"], origin["by"], origin["reason"], origin["edited"]),
                         (past, "/do/3/nap", "api", "too little", True))
        self.assertEqual((ended["trigger"], ended["parent"]), ("fork", None))
        self.assertEqual(self.server.get(f"/v1/executions/{past}/events").body, before, "the past stays as it is")
        # The large value is the new one's own.
        self.assertEqual(self.server.request("DELETE", f"/v1/executions/{past}").status, 204)
        kept = next(task for task in self.view(id)["tasks"] if task["name"] == "keep")
        self.assertEqual(kept["output"]["large"], large)
        again = self.post(f"{id}/fork", {"task": 3}, 202)
        self.assertEqual(self.wait_for(again["id"], "completed")["output"]["charged"]["made"], "charge")
        self.assertEqual(shop.calls, ["charge"])

    def test_a_fork_of_a_failed_run_goes_on_and_a_key_makes_it_one(self):
        shop = Shop()
        self.publish("failing", f"- order: {shop.task('order')}\n- after: {{set: {{order: '${{ .made }}'}}}}\n")
        past = self.begin("failing")
        self.wait_for(past, "faulted")
        shop.fails = False
        ids = set()
        for _ in range(2):
            reply = self.server.request("POST", f"/v1/executions/{past}/fork", {"task": "order"}, headers={"idempotency-key": "once"})
            self.assertEqual(reply.status, 202, reply.body)
            ids.add(reply.json["id"])
        self.assertEqual(len(ids), 1)
        self.assertEqual(self.wait_for(ids.pop(), "completed")["output"], {"order": "order"})
        self.assertEqual(self.view(past)["status"], "faulted")
        self.post(f"{past}/fork", {"task": "/do/9/none"}, 404)
        self.post(f"{past}/fork", {"task": 99}, 404)
        self.post(f"{past}/fork", {"task": "order", "visit": 2}, 404)
        self.post(f"{past}/fork", {}, 400)
        self.post(f"{past}/fork", {"task": 1, "visit": 1}, 400)
        self.post(f"{past}/fork", {"task": 1, "inputs": 1}, 400)

    def test_what_cannot_be_done_is_said_and_changes_nothing(self):
        self.publish("resting", "- nap: {wait: {hours: 1}}\n")
        id = self.begin("resting")
        before = self.wait_for(id, "waiting")["events"]
        self.post(f"{id}/tasks/1/retry", {}, 409)
        self.post(f"{id}/tasks/7/skip", {}, 409)
        self.post(f"{id}/tasks/0/skip", {}, 404)
        self.post(f"{id}/tasks/x/skip", {}, 404)
        self.post(f"{id}/tasks/1/explode", {}, 404)
        self.post(f"{id}/tasks/1/complete", {}, 400)
        self.post(f"{id}/tasks/1/fail", {"error": {"status": 9}}, 400)
        self.post(f"{id}/pause", {"because": "x"}, 400)
        self.post(f"{id}/pause", {"reason": "x" * 2000}, 400)
        self.post("exe_01kdvdna00ewbrc0b9bhy65ts0/pause", {}, 404)
        self.assertEqual(self.view(id)["events"], before)


if __name__ == "__main__":
    unittest.main(verbosity=2)

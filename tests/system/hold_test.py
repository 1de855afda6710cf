"""Pauses of what runs: of the account, of a workflow and of a key. They hold over a kill -9, and what they held goes on."""

import http.server
import threading
import time
import unittest

from harness import SystemTest, document, until


class Counter:
    """A service that notes when it is called, and by whom."""

    def __init__(self):
        counter = self
        self.calls = []
        self.release = threading.Event()  # what is under way is answered then
        self.release.set()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                counter.calls.append(self.path[1:])
                counter.release.wait(30)
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", "1")
                self.end_headers()
                try:
                    self.wfile.write(b"1")
                except OSError:
                    pass  # who asked was killed

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


class Hold(SystemTest):
    OPTIONS = ("--egress.allow=127.0.0.1",)

    def setUp(self):
        self.counter = Counter()

    def publish(self, name, rounds=400):
        call = "{call: http, with: {method: get, endpoint: '${ \"%s/\" + .who }'}, output: {as: $input}}" % self.counter.base
        tasks = f"- rounds: {{for: {{in: '[range({rounds})]'}}, do: [{{c: {call}}}, {{w: {{wait: {{milliseconds: 20}}}}}}]}}\n"
        reply = self.server.publish(document(name, tasks))
        self.assertIn(reply.status, (200, 201), reply.body)

    def begin(self, name, who):
        reply = self.server.run(name, {"who": who}, wait="0s")
        self.assertIn(reply.status, (200, 202), reply.body)
        return reply.json["id"]

    def view(self, id):
        return self.server.get(f"/v1/executions/{id}").json

    def pause(self, **scope):
        reply = self.server.request("POST", "/v1/flow/pause", scope)
        self.assertEqual(reply.status, 200, reply.body)
        return reply.json

    def pause_in_a_call(self, who, **scope):
        """Its call is under way when the pause comes, so something happens to the execution under it.

        One whose next call was written and not given out is not written to before the pause is over."""
        self.counter.release.clear()
        until(lambda: self.is_calling(who), 10, f"{who} calls")
        pause = self.pause(**scope)
        self.counter.release.set()
        return pause

    def is_calling(self, who):
        before = self.calls_of(who)
        time.sleep(0.3)
        return self.calls_of(who) == before

    def resume(self, **scope):
        self.assertEqual(self.server.request("POST", "/v1/flow/resume", scope).status, 204)

    def kill_and_start(self):
        self.server.kill()
        self.server.start()

    def calls_of(self, who):
        return self.counter.calls.count(who)

    def assert_still(self, who, seconds=0.5):
        before = self.calls_of(who)
        time.sleep(seconds)
        self.assertEqual(self.calls_of(who), before, "nothing new begins")

    def await_move(self, who):
        before = self.calls_of(who)
        until(lambda: self.calls_of(who) > before + 2, 20, f"{who} goes on")

    def test_a_workflow_is_held_over_a_kill_and_goes_on(self):
        self.publish("looping")
        self.publish("beside")
        held, beside = self.begin("looping", "held"), self.begin("beside", "beside")
        self.await_move("held")
        pause = self.pause_in_a_call("held", workflow="looping", reason="their database is down")
        self.assertEqual(pause["running"], "hold")
        # A call that was on its way to the service when the answer came may still be seen there.
        time.sleep(0.1)
        self.assert_still("held")
        self.await_move("beside")
        view = self.view(held)
        self.assertEqual((view["held_by"]["workflow"], view["held_by"]["reason"]), ("test.looping", "their database is down"))
        self.assertIsNone(self.view(beside)["held_by"])
        until(lambda: self.view(held)["status"] == "suspended", 10, "it is paused when something would have begun")
        self.assertEqual(self.view(held)["paused"]["reason"], "their database is down")
        before = self.calls_of("held")
        for _ in range(2):
            self.kill_and_start()
            self.await_move("beside")
        self.assertEqual(self.calls_of("held"), before)
        refused = self.server.request("POST", f"/v1/executions/{held}/resume")
        self.assertEqual(refused.status, 409, refused.body)
        self.resume(workflow="looping")
        self.await_move("held")
        self.assertIsNone(self.view(held)["held_by"])
        self.assertEqual(self.server.request("POST", f"/v1/executions/{held}/cancel").status, 200)
        self.assertEqual(self.server.request("POST", f"/v1/executions/{beside}/cancel").status, 200)

    def test_what_is_under_way_at_a_kill_is_not_done_again_before_the_end(self):
        self.publish("underway", rounds=2)
        self.counter.release.clear()
        id = self.begin("underway", "slow")
        until(lambda: self.calls_of("slow") == 1, 10, "it is called")
        self.pause(reason="all of it")
        self.kill_and_start()
        self.counter.release.set()
        self.assert_still("slow", 1)
        self.assertIn(self.view(id)["status"], ("suspended", "running"))
        self.resume()
        until(lambda: self.view(id)["status"] == "completed", 20, "it ends")
        self.assertEqual(self.calls_of("slow"), 3, "the first call was lost, and two rounds were made")

    def test_a_pause_that_is_lifted_while_nobody_lives(self):
        self.publish("lifted")
        id = self.begin("lifted", "lifted")
        self.await_move("lifted")
        self.pause_in_a_call("lifted", workflow="lifted")
        until(lambda: self.view(id)["status"] == "suspended", 10, "it is paused")
        self.resume(workflow="lifted")
        self.kill_and_start()
        self.await_move("lifted")
        self.assertEqual(self.server.request("POST", f"/v1/executions/{id}/cancel").status, 200)

    def test_a_key_is_held_and_what_runs_may_finish(self):
        self.publish("keyed")
        self.assertEqual(self.server.request("PUT", "/v1/workflows/keyed/flow", {"concurrency": {"limit": 5, "key": ".who"}}).status, 200)
        x, y = self.begin("keyed", "x"), self.begin("keyed", "y")
        self.await_move("x")
        scope = {"workflow": "keyed", "expression": ".who", "key": "x"}
        self.pause(**scope)
        time.sleep(0.1)
        self.assert_still("x")
        self.await_move("y")
        self.assertEqual(self.view(x)["held_by"]["key"], "x")
        self.pause(**scope, running="finish")
        self.await_move("x")
        self.assertEqual(self.server.get("/v1/flow/pauses").json["items"][0]["running"], "finish")
        self.resume(**scope)
        for id in (x, y):
            self.assertEqual(self.server.request("POST", f"/v1/executions/{id}/cancel").status, 200)
        reply = self.server.request("POST", "/v1/flow/pause", {"running": "perhaps"})
        self.assertEqual(reply.status, 400)

    def test_a_person_and_a_hold(self):
        self.publish("both")
        mine, theirs = self.begin("both", "mine"), self.begin("both", "theirs")
        self.await_move("mine")
        self.assertEqual(self.server.request("POST", f"/v1/executions/{mine}/pause", {"reason": "I look"}).status, 200)
        self.pause_in_a_call("theirs", workflow="both")
        until(lambda: self.view(theirs)["status"] == "suspended", 10, "the other is held")
        self.resume(workflow="both")
        self.await_move("theirs")
        self.assertEqual(self.view(mine)["status"], "suspended")
        self.pause(workflow="both")
        self.assertEqual(self.server.request("POST", f"/v1/executions/{mine}/resume").status, 200)
        self.assert_still("mine")
        self.resume(workflow="both")
        self.await_move("mine")
        # A cancel ends one that is held.
        self.pause(workflow="both")
        for id in (mine, theirs):
            self.assertEqual(self.server.request("POST", f"/v1/executions/{id}/cancel").status, 200)
            until(lambda: self.view(id)["status"] == "cancelled", 10, "it is cancelled")
        self.resume(workflow="both")


if __name__ == "__main__":
    unittest.main()

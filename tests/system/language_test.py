"""What of the language needs the real server: events, schedules, subflows and secrets, also over kill -9."""

import http.server
import json
import os
import threading
import time
import unittest

from harness import Server, SystemTest, document, until


def event(kind, number, data=None, source="/test"):
    return {"specversion": "1.0", "id": f"{kind}-{number}", "source": source, "type": kind, "data": data}


class LanguageTest(SystemTest):
    def publish(self, name, tasks, head=""):
        reply = self.server.publish(document(name, tasks, head))
        self.assertIn(reply.status, (200, 201), reply.body)

    def send(self, *events):
        reply = self.server.request("POST", "/v1/events", json.dumps(events),
                                    {"content-type": "application/cloudevents-batch+json"})
        self.assertEqual(reply.status, 202, reply.body)
        return reply.json

    def start(self, name, value=None):
        return self.server.run(name, value, wait="0ms").json["id"]

    def execution(self, execution):
        return self.server.get(f"/v1/executions/{execution}").json

    def ended(self, execution):
        return until(lambda: (lambda e: e["finished_at"] and e)(self.execution(execution)), what=execution)

    def executions_of(self, name):
        return self.server.get(f"/v1/executions?workflow={name}&limit=200").json["items"]

    def restart_hard(self):
        self.server.kill()
        self.server.start()


class Events(LanguageTest):
    def test_a_listener_that_was_killed_takes_what_comes_after_and_what_came_before(self):
        self.publish("both", "- hear: {listen: {to: {all: [{with: {type: t.a}}, {with: {type: t.b}}]}}}\n")
        execution = self.start("both")
        until(lambda: self.execution(execution)["status"] == "waiting")
        self.send(event("t.a", 1, {"a": 1}))
        self.restart_hard()
        self.assertEqual(self.execution(execution)["status"], "waiting")
        self.send(event("t.b", 2, {"b": 2}))
        self.assertEqual(self.ended(execution)["output"], [{"a": 1}, {"b": 2}])

    def test_an_event_sent_while_the_task_before_it_runs_is_not_lost_by_a_crash(self):
        self.publish("late", "- nap: {wait: {seconds: 2}}\n- hear: {listen: {to: {one: {with: {type: t.early}}}}}\n")
        execution = self.start("late")
        self.send(event("t.early", 3, "kept"))
        self.restart_hard()
        self.assertEqual(self.ended(execution)["output"], ["kept"])

    def test_an_event_sent_twice_counts_once(self):
        self.publish("two", "- hear: {listen: {to: {any: [{with: {type: t.dup}}], until: '${ length == 2 }'}}}\n")
        execution = self.start("two")
        until(lambda: self.execution(execution)["status"] == "waiting")
        new = lambda: (self.send(event("t.dup", 4, 1))["accepted"], self.send(event("t.dup", 4, 1))["duplicates"])
        self.assertEqual(new(), (1, 1))
        self.restart_hard()
        self.assertEqual(new(), (0, 1))
        self.assertEqual(self.execution(execution)["status"], "waiting")
        self.send(event("t.dup", 5, 2))
        self.assertEqual(self.ended(execution)["output"], [1, 2])

    def test_binary_and_structured_events_are_taken_and_bad_ones_refused(self):
        binary = self.server.request("POST", "/v1/events", '{"x": 1}',
                                     {"content-type": "application/json", "ce-id": "b1", "ce-source": "/s", "ce-type": "t.bin"})
        self.assertEqual(binary.json, {"accepted": 1, "duplicates": 0, "events": [{"id": "b1", "source": "/s", "result": "accepted"}]})
        for bad in ({}, {"id": "1", "source": "/s"}, {"id": "1", "source": "/s", "type": "t", "Upper": 1},
                    {"id": "1", "source": "/s", "type": "t", "time": "yesterday"}, [event("t", 9), {"id": "x"}]):
            self.assertEqual(self.server.request("POST", "/v1/events", bad).status, 400, bad)

    def test_a_batch_is_taken_as_a_whole(self):
        self.publish("each", "- a: {set: {got: '${ . }'}}\n", "schedule: {on: {one: {with: {type: t.batch}}}}\n")
        answer = self.send(event("t.batch", 1), event("t.batch", 2), event("t.batch", 1), event("t.other", 1))
        self.assertEqual((answer["accepted"], answer["duplicates"]), (3, 1))
        self.assertEqual([one["result"] for one in answer["events"]], ["accepted", "accepted", "duplicate", "accepted"])
        post = lambda body, kind="application/cloudevents-batch+json": self.server.request("POST", "/v1/events", body, {"content-type": kind})
        wrong = post(json.dumps([event("t.batch", 3), {"id": "x"}]))
        self.assertEqual(wrong.status, 400)
        self.assertIn("event 2", wrong.json["detail"])
        self.assertEqual(post(json.dumps([event("t.batch", n) for n in range(1001)])).status, 400)
        self.assertEqual(post(json.dumps(event("t.batch", 3))).status, 400)
        self.assertEqual(post(json.dumps([event("t.batch", 3)]), "application/cloudevents+json").status, 400)
        self.assertEqual(post(json.dumps(event("t.batch", 3)), "text/plain").status, 415)
        self.assertEqual(post("[]").json, {"accepted": 0, "duplicates": 0, "events": []})
        until(lambda: len(self.executions_of("each")) == 2)
        self.assertEqual(self.send(event("t.batch", 3))["accepted"], 1)  # nothing of the refused ones was kept
        until(lambda: len(self.executions_of("each")) == 3)

    def test_emitted_events_reach_other_workflows_and_lifecycle_is_told(self):
        self.publish("hearer", "- hear: {listen: {to: {one: {with: {type: t.said, data: '${ .to == \"you\" }'}}}}}\n")
        self.publish("sayer", "- say: {emit: {event: {with: {type: t.said, data: '${ . }'}}}}\n")
        hearer = self.start("hearer")
        until(lambda: self.execution(hearer)["status"] == "waiting")
        self.start("sayer", {"to": "somebody"})
        self.start("sayer", {"to": "you"})
        self.assertEqual(self.ended(hearer)["output"], [{"to": "you"}])
        told = self.server.get(f"/v1/executions/{hearer}/lifecycle").json
        kinds = [e["type"].removeprefix("io.serverlessworkflow.") for e in told]
        self.assertEqual(kinds, ["workflow.started.v1", "task.created.v1", "task.started.v1", "task.completed.v1",
                                 "workflow.completed.v1"])
        self.assertEqual(told[1]["data"]["task"], "/do/0/hear")

    def test_workflows_may_listen_for_what_happens_to_others(self):
        self.publish("watcher", "- hear: {listen: {to: {one: {with: {type: io.serverlessworkflow.workflow.faulted.v1}}}}}\n")
        self.publish("failing", "- no: {raise: {error: {type: 'urn:t', status: 418, title: No}}}\n")
        watcher = self.start("watcher")
        until(lambda: self.execution(watcher)["status"] == "waiting")
        self.start("failing")
        self.assertEqual(self.ended(watcher)["output"][0]["error"]["status"], 418)


class Schedules(LanguageTest):
    def test_the_completion_of_another_workflow_starts_one_execution_each_also_over_crashes(self):
        self.publish("work", "- nap: {wait: {milliseconds: 1500}}\n")
        self.publish("chained", "- a: {set: {of: '${ .[0].subject }'}}\n",
                     """schedule: {on: {one: {with: {type: io.serverlessworkflow.workflow.completed.v1, data: '${ .name | startswith("work-exe_") }'}}}, read: envelope}\n""")
        works = [self.start("work") for _ in range(40)]
        self.server.kill()
        time.sleep(1.6)
        self.server.start()  # all end at once, while the schedules are taken up
        time.sleep(0.2)
        works += [self.start("work") for _ in range(10)]
        self.restart_hard()
        for work in works:
            self.ended(work)
        until(lambda: len(self.executions_of("chained")) >= len(works), what="each completion starts one")
        time.sleep(0.5)
        chained = [self.ended(one["id"])["output"]["of"] for one in self.executions_of("chained")]
        self.assertEqual(sorted(chained), sorted(works))

    def test_events_start_one_execution_each_also_over_a_crash(self):
        self.publish("onstart", "- a: {set: {got: '${ . }'}}\n", "schedule: {on: {one: {with: {type: t.go}}}}\n")
        self.send(event("t.go", 1, "one"))
        until(lambda: len(self.executions_of("onstart")) == 1)
        self.restart_hard()
        self.send(event("t.go", 2, "two"))
        self.send(event("t.go", 2, "two"))
        until(lambda: len(self.executions_of("onstart")) == 2)
        time.sleep(0.3)
        outputs = [self.execution(e["id"])["output"] for e in self.executions_of("onstart")]
        self.assertEqual(sorted(o["got"][0] for o in outputs), ["one", "two"])
        self.assertEqual({e["trigger"] for e in self.executions_of("onstart")}, {"event"})

    def test_a_start_that_needs_several_events_remembers_them(self):
        self.publish("onboth", "- a: {set: {got: '${ . }'}}\n",
                     "schedule: {on: {all: [{with: {type: t.x}}, {with: {type: t.y}}]}}\n")
        self.send(event("t.x", 1, "x"))
        time.sleep(0.5)
        self.restart_hard()
        self.send(event("t.y", 2, "y"))
        until(lambda: len(self.executions_of("onboth")) == 1)
        self.assertEqual(self.ended(self.executions_of("onboth")[0]["id"])["output"], {"got": ["x", "y"]})

    def test_what_is_never_complete_does_not_hold_up_what_is(self):
        both = "{with: {type: %s}, correlate: {order: {from: .data.order}}}"
        self.publish("onorder", "- a: {set: {order: '${ .[0].order }'}}\n",
                     f"schedule: {{on: {{all: [{both % 't.paid'}, {both % 't.packed'}]}}}}\n")
        self.send(event("t.paid", 1, {"order": 1}))
        for order in (2, 3):
            self.send(event("t.paid", order, {"order": order}))
        self.restart_hard()
        for order in (3, 2):
            self.send(event("t.packed", order, {"order": order}))
        until(lambda: len(self.executions_of("onorder")) == 2)
        ends = [self.ended(e["id"])["output"]["order"] for e in self.executions_of("onorder")]
        self.assertEqual(sorted(ends), [2, 3])
        until(lambda: self.server.get("/v1/schedules/test.onorder").json["collected"] == {"events": 1, "starts": 1, "forgotten": 0})
        self.send(event("t.packed", 1, {"order": 1}))
        until(lambda: len(self.executions_of("onorder")) == 3)

    def test_time_starts_executions_and_a_pause_stops_them(self):
        self.publish("ticker", "- a: {set: {x: 1}}\n", "schedule: {every: {seconds: 1}}\n")
        until(lambda: len(self.executions_of("ticker")) >= 2)
        self.restart_hard()
        before = len(self.executions_of("ticker"))
        until(lambda: len(self.executions_of("ticker")) > before)
        running = self.server.get("/v1/schedules/test.ticker").json
        self.assertEqual((len(running["upcoming"]), running["upcoming"][0]["at"]), (5, running["next_at"]))
        paused = self.server.request("POST", "/v1/schedules/test.ticker/pause", {"note": "enough"})
        self.assertEqual((paused.status, paused.json["next_at"], paused.json["note"]), (200, None, "enough"), paused.body)
        self.assertEqual(paused.json["upcoming"], [])
        time.sleep(0.3)
        stopped = len(self.executions_of("ticker"))
        time.sleep(2.2)
        self.assertEqual(len(self.executions_of("ticker")), stopped)

    def test_after_waits_for_the_end(self):
        self.publish("again", "- a: {wait: {milliseconds: 300}}\n", "schedule: {after: {milliseconds: 200}}\n")
        until(lambda: len(self.executions_of("again")) >= 3)
        runs = sorted(self.executions_of("again"), key=lambda e: e["created_at"])[:2]
        self.assertGreaterEqual(runs[1]["created_at"], runs[0]["finished_at"])


class Subflows(LanguageTest):
    def test_a_child_outlives_the_crash_and_its_parent_gets_its_output_once(self):
        self.publish("child", "- nap: {wait: {seconds: 2}}\n- out: {set: {v: '${ .v + 1 }'}}\n")
        self.publish("parent", "- call: {run: {workflow: {namespace: test, name: child, version: '1.0.0', input: {v: '${ .n }'}}}}\n")
        parent = self.start("parent", {"n": 41})
        until(lambda: self.executions_of("child"))
        self.restart_hard()
        self.assertEqual(self.ended(parent)["output"], {"v": 42})
        children = self.executions_of("child")
        self.assertEqual([c["parent"] for c in children], [parent])
        self.assertEqual(self.server.get(f"/v1/executions/{parent}").json["tasks"][0]["child"], children[0]["id"])
        self.assertEqual(children[0]["trigger"], "workflow")

    def test_cancelling_the_parent_cancels_the_child(self):
        self.publish("longchild", "- nap: {wait: {hours: 1}}\n")
        self.publish("canceller", "- call: {run: {workflow: {namespace: test, name: longchild, version: latest}}}\n")
        parent = self.start("canceller")
        until(lambda: self.executions_of("longchild"))
        self.assertIn(self.server.request("POST", f"/v1/executions/{parent}/cancel", {}).status, (200, 202))
        until(lambda: self.executions_of("longchild")[0]["status"] == "cancelled")

    def test_a_workflow_that_runs_itself_ends(self):
        self.publish("selfish", "- again: {run: {workflow: {namespace: test, name: selfish, version: latest}}}\n")
        error = self.ended(self.start("selfish"))["error"]
        self.assertEqual(error["title"], "Too many workflows inside each other", error)

    def test_an_unknown_workflow_is_a_clear_error(self):
        self.publish("nobody", "- call: {run: {workflow: {namespace: test, name: nowhere, version: '1.0.0'}}}\n")
        error = self.ended(self.start("nobody"))["error"]
        self.assertTrue(error["type"].endswith("/configuration"), error)
        self.assertIn("nowhere", error["detail"])


class Drips(http.server.BaseHTTPRequestHandler):
    """Answers a byte at a time, with the pause between them that the path says, in milliseconds."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "6")
        self.end_headers()
        try:
            for byte in b'"abcd"':
                time.sleep(int(self.path[1:]) / 1000)
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
        except OSError:
            pass  # nobody listens any more

    def log_message(self, *_):
        pass


class SignsOfLife(LanguageTest):
    OPTIONS = ("--egress.allow=127.0.0.1",)

    def call(self, name, pause_ms):
        web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Drips)
        threading.Thread(target=web.serve_forever, daemon=True).start()
        self.addCleanup(web.server_close)
        self.addCleanup(web.shutdown)
        self.publish(name, f"- a: {{call: http, with: {{method: get, endpoint: 'http://127.0.0.1:{web.server_address[1]}/{pause_ms}'}},"
                           " metadata: {elevaite: {timeouts: {heartbeat: PT1S}}}}\n")
        return self.ended(self.start(name))

    def test_bytes_that_come_are_a_sign_of_life_and_silence_ends_the_attempt(self):
        self.assertEqual(self.call("drips", 300)["output"], "abcd", "longer than the bound in all")
        silent = self.call("stalls", 2_000)
        self.assertEqual((silent["status"], silent["error"]["status"]), ("faulted", 408))
        self.assertIn("heartbeat", silent["error"]["detail"])


class Secrets(LanguageTest):
    OPTIONS = None
    VALUE = "hunter2-is-not-written-down"

    def test_a_secret_reaches_the_far_side_and_nothing_else(self):
        self.server = Server(os.path.join(self.folder, "data"), "--egress.allow_self=true",
                             env={"ELEVAITE_SECRET_TOKEN": self.VALUE})
        self.server.start()
        call = ("- ask:\n    call: http\n    with: {method: get, endpoint: '${ $runtime.metadata.baseUrl + \"/v1/executions/\" + $secrets.token }',"
                " headers: {x-key: '${ $secrets.token }'}}\n")
        self.publish("asker", call, "use: {secrets: [token]}\n")
        asked = self.start("asker")
        until(lambda: self.execution(asked)["finished_at"])
        view = self.server.get(f"/v1/executions/{asked}").body + self.server.get(f"/v1/executions/{asked}/events").body
        self.assertIn(b"(secret)", view)
        self.assertNotIn(self.VALUE.encode(), view)
        self.publish("missing", call.replace("token", "other"), "use: {secrets: [other]}\n")
        error = self.ended(self.start("missing"))["error"]
        self.assertEqual((error["status"], "other" in error["detail"]), (403, True), error)
        self.server.stop()
        self.assertNotIn(self.VALUE, self.server.log_text())
        for folder, _, files in os.walk(self.server.data):
            for name in files:
                with open(os.path.join(folder, name), "rb") as f:
                    self.assertNotIn(self.VALUE.encode(), f.read(), name)


if __name__ == "__main__":
    unittest.main(verbosity=2)

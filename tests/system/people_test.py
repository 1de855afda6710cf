"""Tasks for people: asked, answered, reminded of and over, through kill -9, twice, late and by the wrong person."""

import concurrent.futures
import time
import unittest

from harness import SystemTest, document, until

APPROVE = """- ask:
    call: human.approve
    with:
      title: '${ "Refund \\(.order)?" }'
      text: '${ "Order **\\(.order)**" }'
      data: '${ . }'
      assignee: ana
      form: {type: object, required: [amount], properties: {amount: {type: number, minimum: 1}, currency: {type: string, default: EUR}}}
- decide:
    switch:
      - yes: {when: '.decision == "approve"', then: pay}
      - no: {then: end}
- pay: {set: '${ {paid: .values.amount, currency: .values.currency, by: .by} }'}
"""


class People(SystemTest):
    OPTIONS = ("--engine.attempts_lost_max=2", "--log.level=debug")

    def post(self, path, body, headers=None):
        return self.server.request("POST", path, body, headers=headers)

    def start(self, name, tasks, value=None):
        self.assertIn(self.server.publish(document(name, tasks)).status, (200, 201))
        return self.server.run(name, value or {}, wait="0s").json["id"]

    def task_of(self, execution):
        def found():
            items = self.server.get(f"/v1/tasks?execution={execution}").json["items"]
            return items and items[0]
        return until(found, 10, "the task is in the inbox")

    def ended(self, execution):
        def found():
            one = self.server.get(f"/v1/executions/{execution}").json
            return one["status"] in ("completed", "faulted", "cancelled") and one
        return until(found, 15, "the execution has ended")

    def acts(self, task):
        return [act["act"] for act in self.server.get(f"/v1/tasks/{task}").json["history"]]

    def test_an_answer_is_a_branch_also_over_kill_9(self):
        execution = self.start("refund", APPROVE, {"order": "12"})
        task = self.task_of(execution)
        self.assertEqual((task["title"], task["assignee"], task["status"]), ("Refund 12?", "ana", "open"))
        for _ in range(4):  # more often than an attempt may be lost
            self.server.kill()
            self.server.start()
        self.assertEqual(self.server.get(f"/v1/executions/{execution}").json["status"], "waiting")
        again = self.task_of(execution)
        self.assertEqual((again["id"], self.acts(again["id"])), (task["id"], ["created"]))
        answer = self.post(f"/v1/tasks/{task['id']}/answer", {"decision": "approve", "values": {"amount": 5}, "by": "ana"})
        self.assertEqual(answer.status, 200, answer.body)
        self.server.kill()  # the answer is on disk; its execution may not have been told
        self.server.start()
        ended = self.ended(execution)
        self.assertEqual(ended["output"], {"paid": 5, "currency": "EUR", "by": "ana"})
        self.assertEqual(self.acts(task["id"]), ["created", "answered"])

    def test_of_many_answers_at_the_same_time_one_counts(self):
        execution = self.start("race", "- ask: {call: human.approve, with: {title: Go?}}\n")
        task = self.task_of(execution)["id"]
        names = [f"person-{i}" for i in range(16)]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            replies = list(pool.map(lambda by: (by, self.post(f"/v1/tasks/{task}/answer", {"decision": "approve", "by": by})), names))
        won = [by for by, reply in replies if reply.status == 200]
        self.assertEqual(len(won), 1)
        for by, reply in replies:
            if by not in won:
                self.assertEqual((reply.status, reply.json["outcome"]["by"]), (409, won[0]), reply.body)
        self.assertEqual(self.ended(execution)["output"]["by"], won[0])

    def test_what_is_wrong_is_named(self):
        execution = self.start("refund", APPROVE, {"order": "12"})
        task = f"/v1/tasks/{self.task_of(execution)['id']}"
        wrong = self.post(f"{task}/answer", {"decision": "approve", "values": {"amount": 0}, "by": "ana"})
        self.assertEqual((wrong.status, wrong.json["errors"][0]["pointer"]), (400, "/values/amount"))
        missing = self.post(f"{task}/answer", {"decision": "approve", "by": "ana"})
        self.assertEqual(missing.json["errors"][0]["pointer"], "/values")
        self.assertEqual(self.post(f"{task}/answer", {"decision": "maybe", "by": "ana"}).json["errors"][0]["pointer"], "/decision")
        self.assertEqual(self.post(f"{task}/answer", {"decision": "reject"}).json["errors"][0]["pointer"], "/by")
        self.assertEqual(self.post(f"{task}/answer", {"decision": "reject", "by": "bo"}).status, 403)
        self.assertEqual(self.post(f"{task}/answer", {"decision": "reject", "by": "ana", "reson": "x"}).status, 400)
        self.assertEqual(self.post("/v1/tasks/tsk_00000000000000000000000000/answer", {"decision": "reject", "by": "ana"}).status, 404)
        self.assertEqual(self.post("/v1/tasks/what/answer", {}).status, 404)
        self.assertEqual(self.server.get("/v1/tasks?cursor=x").status, 400)
        self.assertEqual(self.post(f"{task}/reassign", {"assignee": "bo", "by": "ana", "reason": "away"}).status, 200)
        self.assertEqual(self.post(f"{task}/answer", {"decision": "reject", "by": "ana"}).status, 403)
        self.assertEqual(self.post(f"{task}/answer", {"decision": "reject", "by": "bo"}).status, 200)
        self.assertEqual(self.ended(execution)["output"]["decision"], "reject")

    def test_what_cannot_be_asked_faults(self):
        execution = self.start("odd", "- ask: {call: human.form, with: {title: Who?, form: {type: object, properties: {a: {type: text}}}}}\n")
        error = self.ended(execution)["error"]
        self.assertEqual(error["status"], 400)
        self.assertIn("form", error["detail"])

    def test_time_reminds_and_ends_also_while_the_server_is_down(self):
        events = self.start("hear", "- l: {listen: {to: {one: {with: {type: elevaite.human.reminder}}}}}\n")
        execution = self.start("late", """- ask:
    call: human.approve
    with: {title: Go?, reminders: [PT1S], escalations: [{after: PT1S, role: managers}], deadline: {after: PT4S, decision: expired}}
""")
        task = self.task_of(execution)["id"]
        until(lambda: "reminded" in self.acts(task), 5, "a reminder")
        self.assertEqual(self.ended(events)["output"][0]["task"]["id"], task)
        self.assertEqual(self.server.get(f"/v1/tasks/{task}").json["role"], "managers")
        self.server.kill()
        time.sleep(4)
        self.server.start()
        self.assertEqual(self.ended(execution)["output"]["decision"], "expired")
        self.assertEqual(self.post(f"/v1/tasks/{task}/answer", {"decision": "approve", "by": "ana"}).status, 410)
        self.assertEqual(self.acts(task), ["created", "escalated", "reminded", "expired"])

    def test_a_deadline_without_a_decision_can_be_caught(self):
        execution = self.start("catch", """- t:
    try: [{ask: {call: human.approve, with: {title: Go?, deadline: {after: PT0.5S}}}}]
    catch: {errors: {with: {status: 408}}, as: e, do: [{s: {set: '${ {late: $e.title} }'}}]}
""")
        self.assertEqual(self.ended(execution)["output"], {"late": "Nobody has answered in time"})

    def test_a_cancelled_execution_closes_its_task(self):
        execution = self.start("stop", "- ask: {call: human.approve, with: {title: Go?}}\n")
        task = self.task_of(execution)["id"]
        self.assertEqual(self.post(f"/v1/executions/{execution}/cancel", {}).status, 200)
        until(lambda: self.server.get(f"/v1/tasks/{task}").json["status"] == "cancelled", 5, "it is closed")
        self.assertEqual(self.post(f"/v1/tasks/{task}/answer", {"decision": "approve", "by": "ana"}).status, 410)

    def test_a_timeout_of_the_task_that_the_server_does_not_survive_closes_it_too(self):
        execution = self.start("short", "- ask: {call: human.approve, timeout: {after: PT1S}, with: {title: Go?}}\n")
        task = self.task_of(execution)["id"]
        self.server.kill()
        time.sleep(1.2)
        self.server.start()
        self.assertEqual(self.ended(execution)["status"], "faulted")
        until(lambda: self.server.get(f"/v1/tasks/{task}").json["status"] == "cancelled", 5, "it is closed")

    def test_a_signed_link_reaches_one_task_and_nothing_else(self):
        execution = self.start("refund", APPROVE, {"order": "12"})
        task = f"/v1/tasks/{self.task_of(execution)['id']}"
        made = self.post(f"{task}/links", {"expires_in": "1h", "by": "bo"})
        self.assertEqual(made.status, 201, made.body)
        token = made.json["url"].rsplit("/", 1)[1]
        self.assertEqual(self.post(f"{task}/links", {"assignee": "cy"}).status, 409)
        self.assertEqual(self.post(f"{task}/links", {"expires_in": "91d"}).status, 400)
        self.assertNotIn("url", self.server.get(f"{task}/links").json["items"][0])
        shown = self.server.get(f"/t/{token}/task")
        self.assertEqual((shown.status, shown.json["assignee"], shown.headers["cache-control"]), (200, "ana", "no-store"))
        page = self.server.get(f"/t/{token}", headers={"accept": "text/html"})
        self.assertEqual((page.status, page.headers["content-type"].split(";")[0]), (200, "text/html"))
        bodies = set()
        forged = [token[:-1] + ("A" if token[-1] != "A" else "B"), "B" + token[1:], token + "A", "x", "A" * 5000]
        for bad in forged:
            for reply in (self.server.get(f"/t/{bad}/task"), self.post(f"/t/{bad}/answer", {"decision": "approve"})):
                self.assertEqual(reply.status, 404, bad)
                bodies.add((reply.json["detail"], reply.json["hint"]))
        self.assertEqual(len(bodies), 1, "the answer to a forged link tells nothing")
        self.assertEqual(self.post(f"/t/{token}/answer", {"decision": "approve", "by": "cy"}).status, 400, "the link says who answers")
        self.assertEqual(self.server.get(f"/t/{token}/reassign").status, 404)
        answer = self.post(f"/t/{token}/answer", {"decision": "approve", "values": {"amount": 7}})
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(self.ended(execution)["output"]["by"], "ana")
        self.assertEqual(self.post(f"/t/{token}/answer", {"decision": "reject"}).status, 409)
        after = self.server.get(f"/t/{token}/task").json
        self.assertEqual((after["status"], after["outcome"]), ("answered", {"decision": "approve", "by": "ana"}))
        self.assertNotIn("text", after)
        self.assertIn("/t/***/answer", self.server.log_text())
        self.assertNotIn(token, self.server.log_text())

    def test_a_link_is_good_after_kill_9_and_ends_when_the_task_is_given_away(self):
        execution = self.start("refund", APPROVE, {"order": "12"})
        task = f"/v1/tasks/{self.task_of(execution)['id']}"
        token = self.post(f"{task}/links", {}).json["url"].rsplit("/", 1)[1]
        self.server.kill()
        self.server.start()
        self.assertEqual(self.server.get(f"/t/{token}/task").status, 200)
        self.post(f"{task}/reassign", {"assignee": "bo", "by": "ana"})
        self.assertEqual(self.server.get(f"/t/{token}/task").status, 410)
        self.assertEqual(self.post(f"/t/{token}/answer", {"decision": "reject"}).status, 410)
        self.post(f"/v1/executions/{execution}/cancel", {"force": True})

    def test_files_come_with_a_form(self):
        form = "{type: object, required: [receipt], properties: {receipt: {type: string, format: file, accept: [application/pdf]}}}"
        execution = self.start("file", f"- ask: {{call: human.form, with: {{title: Receipt, form: {form}}}}}\n")
        task = f"/v1/tasks/{self.task_of(execution)['id']}"
        send = lambda name, body: self.server.request("POST", f"{task}/files?name={name}", body, {"content-type": "application/octet-stream"})
        page = send("x.html", b"<script>alert(1)</script>").json
        self.assertEqual(page["type"], "text/plain")
        shown = self.server.get(f"{task}/files/{page['id']}")
        self.assertEqual((shown.headers["content-type"], shown.headers["x-content-type-options"]), ("text/plain", "nosniff"))
        self.assertTrue(shown.headers["content-disposition"].startswith("attachment"))
        try:
            self.assertEqual(send("big", b"x" * (10 * 1024 * 1024 + 1)).status, 413)
        except OSError:  # it hung up before all was sent
            pass
        self.assertEqual(send("none", b"").status, 400)
        pdf = send("..%2Fr%C3%A9sum%C3%A9.pdf", b"%PDF-1.7 abc").json
        self.assertEqual((pdf["name"], pdf["bytes"]), ("r\u00e9sum\u00e9.pdf", 12))
        wrong = self.post(f"{task}/answer", {"decision": "submit", "values": {"receipt": page["id"]}, "by": "ana"})
        self.assertEqual(wrong.json["errors"][0]["pointer"], "/values/receipt")
        self.assertEqual(self.post(f"{task}/answer", {"decision": "submit", "values": {"receipt": pdf["id"]}, "by": "ana"}).status, 200)
        receipt = self.ended(execution)["output"]["values"]["receipt"]
        self.assertEqual(self.server.get("/v1" + receipt["href"].split("/v1", 1)[1]).body, b"%PDF-1.7 abc")
        for n in range(20):
            late = send("late", b"x")
        self.assertEqual(late.status, 409)

    def test_the_command_line_answers(self):
        execution = self.start("refund", APPROVE, {"order": "77"})
        task = self.task_of(execution)["id"]
        self.assertIn(task, self.server.cli("tasks", "ls", "--assignee", "ana").stdout)
        shown = self.server.cli("tasks", "show", task)
        self.assertIn("decisions: approve, reject", shown.stdout)
        wrong = self.server.cli("tasks", "answer", task, "approve", "--by", "ana", "--values", '{"amount": 0}')
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("/values/amount", wrong.stderr)
        link = self.server.cli("tasks", "link", task)
        self.assertIn("/t/", link.stdout)
        self.assertEqual(self.server.cli("tasks", "reassign", task, "--assignee", "bo", "--by", "ana").returncode, 0)
        done = self.server.cli("tasks", "answer", task, "reject", "--by", "bo", "--comment", "no")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.ended(execution)["output"]["comment"], "no")
        self.assertEqual(self.server.get(f"/v1/tasks/{task}").json["history"][-1]["detail"]["by_way_of"], "cli")

    def test_a_secret_may_not_be_shown_to_people(self):
        refused = self.server.publish(document("leak", "- ask: {call: human.approve, with: {title: '${ $secrets.key }'}}\n",
                                               head="use: {secrets: [key]}\n"))
        self.assertEqual(refused.status, 422)
        self.assertIn("written down", refused.json["diagnostics"][0]["message"])


if __name__ == "__main__":
    unittest.main(verbosity=2)

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
    OPTIONS = ("--engine.attempts_lost_max=2",)

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
        self.assertEqual(self.server.get(f"/v1/executions/{execution}").json["status"], "running")
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

    def test_a_secret_may_not_be_shown_to_people(self):
        refused = self.server.publish(document("leak", "- ask: {call: human.approve, with: {title: '${ $secrets.key }'}}\n",
                                               head="use: {secrets: [key]}\n"))
        self.assertEqual(refused.status, 422)
        self.assertIn("written down", refused.json["diagnostics"][0]["message"])


if __name__ == "__main__":
    unittest.main(verbosity=2)

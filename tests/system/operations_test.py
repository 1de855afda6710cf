"""One act on many executions, dead letters that are tried again, and the audit, each kept over a kill -9."""

import os
import unittest

from harness import SystemTest, document, until
from repair_test import Shop

PARK = "{elevaite: {onError: park}}"


class Operations(SystemTest):
    OPTIONS = ("--egress.allow=127.0.0.1", "--operations.per_second=60")

    def view(self, id):
        return self.server.get(f"/v1/executions/{id}").json

    def post(self, path, body=None, status=200):
        reply = self.server.request("POST", path, body)
        self.assertEqual(reply.status, status, reply.body)
        return reply.json

    def publish(self, name, tasks):
        reply = self.server.publish(document(name, tasks))
        self.assertIn(reply.status, (200, 201), reply.body)

    def begin(self, name):
        return self.server.run(name, {}, wait="0s").json["id"]

    def count(self, name, status):
        total, cursor = 0, ""
        while cursor is not None:
            page = self.server.get(f"/v1/executions?workflow={name}&status={status}&limit=200&cursor={cursor}").json
            total, cursor = total + len(page["items"]), page["next_cursor"]
        return total

    def operation(self, id):
        return self.server.get(f"/v1/operations/{id}").json

    def ended(self, id):
        until(lambda: self.operation(id)["state"] != "running", 60, "the operation ends")
        return self.operation(id)

    def test_many_parked_runs_are_tried_again_over_a_kill(self):
        shop = Shop()
        self.publish("bulk", f"- order: {shop.task('order', PARK)}\n")
        runs = [self.begin("bulk") for _ in range(250)]
        until(lambda: self.count("bulk", "suspended") == len(runs), 60, "all are parked")
        shop.fails = False
        shop.calls.clear()
        wanted = {"act": "retry", "filter": {"workflow": "bulk", "status": ["suspended"]}, "reason": "open again"}
        preview = self.post("/v1/operations", {**wanted, "dry_run": True})
        self.assertEqual((preview["count"], preview["at_least"], len(preview["examples"])), (250, False, 10))
        self.assertEqual(shop.calls, [])
        operation = self.post("/v1/operations", wanted, 202)["id"]
        late = self.begin("bulk")
        until(lambda: self.operation(operation)["done"] >= 100, 60, "a page is done")
        self.server.kill()
        self.server.start()
        done = self.ended(operation)
        self.assertEqual((done["state"], done["failed"], done["total"]), ("completed", 0, 250))
        # Of the page that was under way when the process died, what was done then no longer matches, and is not counted.
        self.assertGreaterEqual(done["done"], 150)
        self.assertLessEqual(done["done"], 250)
        until(lambda: self.count("bulk", "completed") == 251, 60, "all are completed")
        repaired = next(event for event in self.server.get(f"/v1/executions/{runs[0]}/events").json["items"] if event["type"] == "task.repaired")
        self.assertEqual((repaired["operation"], repaired["reason"]), (operation, "open again"))
        self.assertNotIn("task.repaired", [event["type"] for event in self.server.get(f"/v1/executions/{late}/events").json["items"]])

    def test_what_does_not_apply_is_skipped_and_an_operation_is_stopped(self):
        self.publish("mixed", "- a: {set: {done: true}}\n")
        for _ in range(3):
            self.begin("mixed")
        until(lambda: self.count("mixed", "completed") == 3, 30, "they are completed")
        operation = self.post("/v1/operations", {"act": "pause", "filter": {"workflow": "mixed"}}, 202)["id"]
        done = self.ended(operation)
        self.assertEqual((done["done"], done["skipped"], len(done["reasons"])), (0, 3, 3))
        self.assertIn("already ended", done["reasons"][0]["message"])
        self.post(f"/v1/operations/{operation}/cancel")
        self.assertEqual(self.operation(operation)["state"], "completed")
        deleted = self.ended(self.post("/v1/operations", {"act": "delete", "filter": {"workflow": "mixed"}}, 202)["id"])
        self.assertEqual(deleted["done"], 3)
        self.assertEqual(self.count("mixed", "completed"), 0)
        for body in ({"act": "delete"}, {"act": "delete", "filter": {}}, {"act": "melt", "filter": {"workflow": "x"}}):
            self.post("/v1/operations", body, 400)
        self.assertEqual(self.server.get("/v1/operations/op_01kdvdna00ewbrc0b9bhy65ts0").status, 404)

    def test_what_waits_in_the_queue_is_prioritized_and_cancelled(self):
        self.publish("lined", "- nap: {wait: {hours: 1}}\n")
        rules = {"concurrency": {"limit": 2}, "fairness": {"key": ".c"}}
        self.assertEqual(self.server.request("PUT", "/v1/workflows/lined/flow", rules).status, 200)

        def begin(customer):
            return self.server.request("POST", "/v1/workflows/lined/executions", {"c": customer}).json["id"]

        first = [begin("x") for _ in range(2)]
        until(lambda: self.count("lined", "waiting") == 2, 30, "two have begun")
        queued = [begin("x") for _ in range(140)] + [begin("y")]
        in_queue = {"workflow": "lined", "status": "queued"}
        preview = self.post("/v1/operations", {"act": "cancel", "filter": in_queue, "dry_run": True})
        self.assertEqual((preview["count"], preview["queued"], preview["at_least"]), (141, 141, False))
        self.assertEqual({one["status"] for one in preview["examples"]}, {"queued"})
        self.post("/v1/operations", {"act": "pause", "filter": in_queue}, 400)
        done = self.ended(self.post("/v1/operations", {"act": "prioritize", "priority": 1, "filter": {**in_queue, "key": "y"}}, 202)["id"])
        self.assertEqual((done["total"], done["done"]), (1, 1))
        self.server.kill()
        self.server.start()
        self.assertEqual(self.server.get("/v1/flow/queue?workflow=lined&key=y").json["items"][0]["priority"], 1)
        self.assertEqual(self.server.request("POST", f"/v1/executions/{first[0]}/cancel", {}).status, 200)
        until(lambda: self.view(queued[-1])["status"] == "waiting", 30, "the last that came is the first that starts")
        cancel = self.post("/v1/operations", {"act": "cancel", "filter": in_queue, "reason": "no more"}, 202)["id"]
        until(lambda: self.operation(cancel)["done"] >= 100, 60, "a page is done")
        self.server.kill()
        self.server.start()
        done = self.ended(cancel)
        self.assertEqual((done["state"], done["failed"], done["total"]), ("completed", 0, 140))
        self.assertEqual(self.view(queued[0])["cancel_reason"], f"no more (operation {cancel})")
        self.assertEqual({self.view(id)["status"] for id in queued[:-1]}, {"cancelled"})
        self.assertEqual(self.view(first[1])["status"], "waiting", "what runs is left alone")
        late = [begin("x") for _ in range(3)]
        done = self.ended(self.post("/v1/operations", {"act": "cancel", "filter": {"workflow": "lined", "since": self.view(first[0])["created_at"]}}, 202)["id"])
        self.assertEqual((done["total"], done["failed"]), (6, 0), "three that wait, and three that have begun")
        for id in [*late, first[1], queued[-1]]:
            until(lambda: self.view(id)["status"] == "cancelled", 30, "it is cancelled")

    def test_what_has_failed_is_redriven_once_from_the_task_that_failed(self):
        shop = Shop()
        self.publish("redriven", (
            f"- first: {{set: {{amount: 5}}}}\n"
            f"- outer: {{do: [{{order: {shop.task('order')}}}]}}\n"
            "- after: {set: {order: '${ .made }'}}\n"))
        failed = [self.begin("redriven") for _ in range(4)]
        until(lambda: self.count("redriven", "faulted") == 4, 30, "they have failed")
        shop.fails = False
        one = self.post(f"/v1/executions/{failed[0]}/redrive", {"reason": "by hand"}, 202)
        self.assertEqual((one["forked_from"]["execution"], one["forked_from"]["task"]), (failed[0], "/do/1/outer/do/0/order"))
        self.assertIn(one["id"], self.post(f"/v1/executions/{failed[0]}/redrive", {}, 409)["detail"])
        operation = self.post("/v1/operations", {"act": "redrive", "filter": {"workflow": "redriven", "status": "faulted"}}, 202)["id"]
        done = self.ended(operation)
        self.assertEqual((done["done"], done["skipped"]), (3, 1))
        until(lambda: self.count("redriven", "completed") == 4, 30, "the new ones are completed")
        self.post(f"/v1/executions/{one['id']}/redrive", {}, 409)

    def test_who_publishes_stands_in_the_audit(self):
        path = os.path.join(self.folder, "published.yaml")
        with open(path, "w") as file:
            file.write(document("published", "- s: {set: {x: 1}}\n"))
        done = self.server.cli("workflow", "apply", path, "--by", "cleo", "--note", "as agreed")
        self.assertEqual(done.returncode, 0, done.stderr)
        [one] = self.server.get("/v1/audit?who=cleo").json["items"]
        self.assertEqual((one["act"], one["object_id"], one["note"]), ("workflow.publish", "test.published 1.0.0", "as agreed"))
        refused = self.server.request("POST", f"/v1/workflows?by={'x' * 201}", document("unpublished", "- s: {set: {x: 1}}\n"))
        self.assertEqual(refused.status, 400, refused.body)
        self.assertEqual(self.server.get("/v1/workflows/unpublished").status, 404)

    def test_who_and_why_is_said_of_schedules_webhooks_and_messages(self):
        self.publish("named", "- ok: {set: {a: 1}}\n")
        note = {"by": "ada", "reason": "as agreed"}

        def act(method, path, body=None, status=200):
            reply = self.server.request(method, path, {**(body or {}), **note})
            self.assertEqual(reply.status, status, f"{method} {path}: {reply.body}")
            return reply.json if reply.body else None

        schedule = {"id": "named-daily", "workflow": "named", "times": [{"every": "1d"}]}
        act("POST", "/v1/schedules", schedule, 201)
        act("PATCH", "/v1/schedules/named-daily", {"description": "x"})
        for what, status in (("pause", 200), ("resume", 200), ("trigger", 201)):
            act("POST", f"/v1/schedules/named-daily/{what}", {}, status)
        act("DELETE", "/v1/schedules/named-daily", {}, 204)
        hook = act("POST", "/v1/webhooks", {"workflow": "named", "path": "named"}, 201)
        self.assertNotIn("by", hook)
        act("PATCH", f"/v1/webhooks/{hook['id']}", {"description": "x"})
        act("DELETE", f"/v1/webhooks/{hook['id']}", {}, 204)
        channel = act("POST", "/v1/notification-channels", {"name": "named", "type": "webhook", "url": "http://127.0.0.1:9/x"}, 201)
        act("PATCH", f"/v1/notification-channels/{channel['id']}", {"enabled": False})
        rule = act("POST", "/v1/notification-rules", {"name": "named", "on": ["execution.failed"], "channels": [channel["id"]]}, 201)
        act("PATCH", f"/v1/notification-rules/{rule['id']}", {"enabled": False})
        act("DELETE", f"/v1/notification-rules/{rule['id']}", {}, 204)
        act("POST", f"/v1/notification-channels/{channel['id']}/test", {})
        act("DELETE", f"/v1/notification-channels/{channel['id']}", {}, 204)
        acts = self.server.get("/v1/audit?who=ada&limit=200").json["items"]
        self.assertEqual([one["act"] for one in reversed(acts)], [
            "schedule.create", "schedule.change", "schedule.pause", "schedule.resume", "schedule.trigger", "schedule.delete",
            "webhook.create", "webhook.change", "webhook.delete", "notification_channel.create", "notification_channel.change",
            "notification_rule.create", "notification_rule.change", "notification_rule.delete", "notification_channel.test", "notification_channel.delete"])
        self.assertEqual({one["note"] for one in acts}, {"as agreed"})
        for method, path in (("POST", "/v1/schedules"), ("POST", "/v1/webhooks"), ("POST", "/v1/notification-rules"), ("DELETE", "/v1/schedules/x"),
                             ("DELETE", f"/v1/webhooks/{hook['id']}"), ("POST", f"/v1/notification-channels/{channel['id']}/test")):
            self.assertEqual(self.server.request(method, path, {"by": 7}).status, 400, path)
        self.assertEqual(self.server.cli("flow", "pause", "named", "--by", "bo", "--reason", "enough").returncode, 0)
        self.assertEqual(self.server.cli("flow", "resume", "named", "--by", "bo").returncode, 0)
        done = self.server.cli("operations", "run", "cancel", "--workflow", "named", "--by", "bo", "--status", "queued")
        self.assertEqual(done.returncode, 0, done.stderr)
        said = [(one["act"], one["note"]) for one in self.server.get("/v1/audit?who=bo").json["items"]]
        self.assertEqual(said, [("operation.create", None), ("flow.resume", None), ("flow.pause", "enough")])

    def test_who_did_what_and_why_is_kept(self):
        self.publish("audited", "- nap: {wait: {hours: 1}}\n")
        id = self.begin("audited")
        self.post(f"/v1/executions/{id}/pause", {"reason": "looking"})
        self.post(f"/v1/executions/{id}/tasks/9/skip", {}, 409)
        self.server.kill()
        self.server.start()
        self.post(f"/v1/executions/{id}/resume")
        self.post(f"/v1/executions/{id}/tasks/1/skip", {"reason": "no time", "by": "ada"})
        acts = self.server.get(f"/v1/audit?object_id={id}").json["items"]
        self.assertEqual([(one["act"], one["who"], one["note"]) for one in acts],
                         [("execution.task.skip", "ada", "no time"), ("execution.resume", "api", None), ("execution.pause", "api", "looking")])
        other = self.begin("audited")
        cancel = self.post("/v1/operations", {"act": "cancel", "filter": {"workflow": "audited"}, "reason": "enough", "by": "bo"}, 202)
        self.assertEqual((cancel["by"], cancel["reason"]), ("bo", "enough"))
        self.ended(cancel["id"])
        until(lambda: self.server.get(f"/v1/executions/{other}").json["status"] == "cancelled", 30, "it is cancelled")
        self.assertEqual(self.server.get(f"/v1/executions/{other}").json["cancel_reason"], f"enough (operation {cancel['id']})")
        self.assertEqual(self.server.get("/v1/audit?object_kind=operation&who=bo").json["items"][0]["object_id"], cancel["id"])
        published = self.server.get("/v1/audit?object_kind=workflow").json["items"]
        self.assertIn("audited", published[0]["object_id"])
        self.assertEqual(self.server.get("/v1/audit?who=nobody").json["items"], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""Running executions are moved to another version: over the API, on the command line, and with kill -9 at once after it."""

import json
import threading
import unittest

from harness import SystemTest, document, until

V1 = "- a: {set: {n: 1}}\n- w: {wait: {milliseconds: 2500}}\n- old: {set: {from: 1}}\n"
V2 = "- x: {set: {n: 2}}\n- a: {set: {n: 1}}\n- w: {wait: {hours: 1}}\n- new: {set: '${ {n, from: 2, version: $workflow.definition.document.version} }'}\n"
V3 = "- w: {call: http, with: {method: get, endpoint: 'http://127.0.0.1:1/'}}\n"


class Migrate(SystemTest):
    def publish(self, name):
        for version, tasks in (("1.0.0", V1), ("2.0.0", V2), ("3.0.0", V3)):
            source = document(name, tasks).replace("1.0.0", version)
            self.assertEqual(self.server.publish(source).status, 201, version)

    def start(self, name):
        started = self.server.request("POST", f"/v1/workflows/{name}/executions?version=1.0.0", {})
        self.assertEqual(started.status, 202, started.body)
        return started.json["id"]

    def migrate(self, id, **body):
        return self.server.request("POST", f"/v1/executions/{id}/migrate", body)

    def ended(self, id):
        return until(lambda: (e := self.server.get(f"/v1/executions/{id}").json)["finished_at"] and e, 30, "it ends")

    def test_a_move_survives_a_kill(self):
        self.publish("killed")
        ids = [self.start("killed") for _ in range(30)]
        reports = []
        looking = threading.Thread(target=lambda: reports.extend(self.server.doctor() for _ in range(20)))
        looking.start()
        for id in ids:
            self.assertEqual(self.migrate(id, version="2.0.0").status, 200)
        looking.join()
        self.assertEqual([r["findings"] for r in reports if not r["healthy"]], [], "what is read beside the engine fits together")
        self.server.kill()
        self.server.start()
        for id in ids:
            execution = self.ended(id)
            self.assertEqual((execution["status"], execution["version"]), ("completed", "2.0.0"))
            self.assertEqual(execution["output"], {"n": 1, "from": 2, "version": "2.0.0"})
        self.assertTrue(self.server.doctor()["healthy"])

    def test_the_whole_of_an_execution_that_was_moved(self):
        self.publish("whole")
        id = self.start("whole")
        dry = self.migrate(id, version="2.0.0", dry_run=True)
        self.assertEqual(dry.status, 200, dry.body)
        self.assertEqual(dry.json, {"id": id, "from": "1.0.0", "to": "2.0.0", "dry_run": True, "migrated": False,
                                    "tasks": [{"task_id": 2, "from": "/do/1/w", "to": "/do/2/w"}], "passed": ["/do/0/x"]})
        self.assertEqual(self.server.get(f"/v1/executions/{id}").json["version"], "1.0.0")
        moved = self.migrate(id, version="2.0.0", reason="a new step")
        self.assertEqual((moved.status, moved.json["migrated"]), (200, True))
        running = self.server.get(f"/v1/executions/{id}").json
        self.assertEqual([w["ref"] for w in running["waiting_for"]], ["/do/2/w"])
        self.assertEqual(self.migrate(id, version="2.0.0").json["migrated"], False, "it is there already")
        done = self.ended(id)
        self.assertEqual([(t["ref"], t["status"]) for t in done["tasks"]],
                         [("/do/0/a", "completed"), ("/do/2/w", "completed"), ("/do/3/new", "completed")])
        self.assertEqual([(m["from"], m["to"], m["reason"], m["by"]) for m in done["migrations"]], [("1.0.0", "2.0.0", "a new step", "api")])
        events = self.server.get(f"/v1/executions/{id}/events").json["items"]
        self.assertEqual([(e["type"], e.get("ref")) for e in events],
                         [("execution.started", None), ("task.completed", "/do/0/a"), ("task.started", "/do/1/w"), ("execution.migrated", None),
                          ("task.completed", "/do/2/w"), ("task.completed", "/do/3/new"), ("execution.completed", None)])
        self.assertEqual(set(events[3]), {"seq", "time", "type", "from", "to", "reason", "by"})
        page = self.server.get(f"/v1/executions/{id}/events?after=4").json["items"]
        self.assertEqual([e.get("ref") for e in page], ["/do/2/w", "/do/3/new", None])
        live = self.server.get(f"/v1/executions/{id}/events", headers={"accept": "text/event-stream"})
        self.assertEqual(live.body.decode().count("\nevent: end\n"), 1)
        told = [e["data"]["task"] for e in self.server.get(f"/v1/executions/{id}/lifecycle").json if e["type"].endswith("task.completed.v1")]
        self.assertEqual(told, ["/do/0/a", "/do/2/w", "/do/3/new"])
        self.assertEqual(self.migrate(id, version="1.0.0").status, 409, "it has ended")

    def test_what_is_in_the_way(self):
        self.publish("blocked")
        id = self.start("blocked")
        for dry_run in (True, False):
            refused = self.migrate(id, version="3.0.0", dry_run=dry_run)
            self.assertEqual((refused.status, refused.headers["content-type"]), (409, "application/problem+json"))
            self.assertEqual(refused.json["obstacles"][0]["task"], "/do/1/w")
            self.assertIn("is of another kind: wait became call", refused.json["obstacles"][0]["why"])
        self.assertEqual(self.migrate(id, version="9.0.0").status, 404)
        self.assertEqual(self.migrate("exe_00000000000000000000000000", version="2.0.0").status, 404)
        for body in ({}, {"version": 2}, {"version": "2.0.0", "dryRun": True}, {"version": "2.0.0", "dry_run": "yes"}, {"version": "2.0.0", "reason": "x" * 1001}, []):
            reply = self.server.request("POST", f"/v1/executions/{id}/migrate", body)
            self.assertEqual(reply.status, 400, body)
        execution = self.ended(id)
        self.assertEqual((execution["version"], execution["output"], execution["migrations"]), ("1.0.0", {"from": 1}, []))

    def test_the_command_line(self):
        self.publish("typed")
        id = self.start("typed")
        dry = self.server.cli("executions", "migrate", id, "--version", "2.0.0", "--dry-run")
        self.assertEqual((dry.returncode, dry.stderr), (0, ""))
        self.assertIn("can be moved from version 1.0.0 to 2.0.0\n  /do/1/w  →  /do/2/w\n  /do/0/x  is new, and passed already\n", dry.stdout)
        refused = self.server.cli("executions", "migrate", id, "--version", "3.0.0")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("/do/1/w is of another kind", refused.stderr)
        moved = self.server.cli("executions", "migrate", id, "--version", "2.0.0", "--reason", "typed", "--json")
        self.assertEqual((moved.returncode, json.loads(moved.stdout)["migrated"]), (0, True))
        again = self.server.cli("executions", "migrate", id, "--version", "2.0.0")
        self.assertIn("is on version 2.0.0 already", again.stdout)
        watched = self.server.cli("executions", "watch", id)
        self.assertEqual(watched.returncode, 0, watched.stdout + watched.stderr)
        self.assertIn('"from": 2', watched.stdout)
        self.assertEqual(self.ended(id)["migrations"][0]["by"], "cli")

    def test_an_awaited_execution_is_moved_and_its_parent_gets_the_output(self):
        self.publish("inner")
        parent = document("outer", "- run: {run: {workflow: {namespace: test, name: inner, version: '1.0.0'}}}\n- last: {set: '${ {inner: .} }'}\n")
        self.assertEqual(self.server.publish(parent).status, 201)
        id = self.server.request("POST", "/v1/workflows/outer/executions", {}).json["id"]
        child = until(lambda: self.server.get("/v1/executions?workflow=inner&status=waiting").json["items"], 10, "the child runs")[0]
        self.assertEqual(child["parent"], id)
        self.assertEqual(self.migrate(child["id"], version="2.0.0").status, 200)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.ended(id)["output"], {"inner": {"n": 1, "from": 2, "version": "2.0.0"}})


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""Which version starts: roll back, canaries and what still runs on old versions, kept over a kill -9 and the same on two nodes."""

import unittest
import urllib.parse

import nodes
from harness import SystemTest, until
from postgres import Postgres


def greeting(version, tasks="- say: {set: {version: '%s'}}", head=""):
    if "%s" in tasks:
        tasks = tasks % version
    return f"document: {{dsl: '1.0.3', namespace: test, name: greet, version: '{version}'}}\n{head}do:\n{tasks}\n"


class Api:
    def __init__(self, server, case):
        self.server, self.case = server, case

    def publish(self, source, query=""):
        reply = self.server.request("POST", f"/v1/workflows{query}", source, {"content-type": "application/yaml"})
        self.case.assertIn(reply.status, (200, 201), reply.body)
        return reply.json

    def act(self, path, body=None, status=200):
        reply = self.server.request("POST", f"/v1/workflows/greet{path}", body or {}, {"content-type": "application/json"})
        self.case.assertEqual(reply.status, status, reply.body)
        return reply.json

    def deployment(self):
        return self.server.get("/v1/workflows/greet/deployment").json

    def history(self):
        return [one["act"] for one in self.server.get("/v1/workflows/greet/deployment/history").json["items"]]

    def versions(self):
        items = self.server.get("/v1/workflows/greet/versions?counts=true").json["items"]
        return {one["version"]: one for one in items}

    def started(self, key=None):
        reply = self.server.run("greet", {}, headers={"idempotency-key": key} if key else {})
        self.case.assertEqual(reply.status, 200, reply.body)
        return reply.json["version"]


class Versions(SystemTest):
    def setUp(self):
        self.api = Api(self.server, self)

    def restart(self):
        self.server.kill()
        self.server.start()

    def test_1_rolling_back_is_one_act_that_outlives_a_kill(self):
        self.api.publish(greeting("1.0.0"))
        self.api.publish(greeting("2.0.0"))
        self.assertEqual(self.api.started(), "2.0.0")
        self.api.publish(greeting("3.0.0"), "?activate=false&note=" + urllib.parse.quote("not yet"))
        self.assertEqual(self.api.started(), "2.0.0")
        answer = self.api.act("/activate", {"version": "1.0.0", "note": "it fails"})
        self.assertEqual((answer["current_version"], answer["latest_version"]), ("1.0.0", "3.0.0"))
        self.restart()
        self.assertEqual(self.api.started(), "1.0.0")
        self.api.publish(greeting("2.0.0"))
        self.assertEqual(self.api.started(), "1.0.0", "the same document again changes nothing")
        self.assertEqual(self.server.get("/v1/workflows/greet").json["version"], "1.0.0")
        change = self.server.get("/v1/workflows/greet/deployment/history").json["items"][0]
        self.assertEqual((change["act"], change["by"], change["note"]), ("rollback", "api", "it fails"))
        explicit = self.server.request("POST", "/v1/workflows/greet/executions?version=3.0.0&wait=30s", "{}", {"content-type": "application/json"})
        self.assertEqual(explicit.json["output"], {"version": "3.0.0"})

    def test_2_a_canary_gets_its_share_and_a_key_always_the_same_version(self):
        self.api.act("/canary", {"version": "3.0.0", "percent": 50})
        keys = {f"key-{n}": self.api.started(f"key-{n}") for n in range(60)}
        self.assertEqual(set(keys.values()), {"1.0.0", "3.0.0"})
        self.restart()
        for key, version in keys.items():
            self.assertEqual(self.api.started(key), version, key)
        self.assertGreater(self.api.versions()["3.0.0"]["recent"]["completed"], 5)
        self.api.act("/canary", {"version": "3.0.0", "percent": 100})
        self.assertEqual({self.api.started() for _ in range(20)}, {"3.0.0"})
        self.api.act("/canary/stop")
        self.assertEqual({self.api.started() for _ in range(20)}, {"1.0.0"})

    def test_3_subflows_schedules_and_webhooks_follow(self):
        self.api.act("/canary", {"version": "3.0.0", "percent": 100})
        parent = "document: {dsl: '1.0.3', namespace: test, name: parent, version: '1.0.0'}\ndo:\n- child: {run: {workflow: {namespace: test, name: greet, version: VERSION}}}\n"
        for version, wanted in (("latest", "3.0.0"), ("2.0.0", "2.0.0")):
            self.server.publish(parent.replace("VERSION", f"'{version}'").replace("'1.0.0'", f"'{'1.0.1' if version == 'latest' else '1.0.2'}'", 1))
            self.assertEqual(self.server.run("parent", {}).json["output"], {"version": wanted}, version)
        self.server.webhook("greet", "greet", response={"wait": "20s"})
        def hooked():
            reply = self.server.request("POST", "/hooks/greet", {})
            return reply.status == 200 and reply.json == {"version": "3.0.0"}
        until(hooked, 5, "the webhook starts the canary")
        self.server.request("POST", "/v1/schedules", {"id": "often", "workflow": "greet", "times": [{"every": "1s"}]})
        def scheduled():
            items = self.server.get("/v1/executions?workflow=greet&limit=50").json["items"]
            return [one["version"] for one in items if one["trigger"] == "schedule"]
        self.assertEqual(until(scheduled, 20, "the schedule starts")[0], "3.0.0")
        self.server.request("DELETE", "/v1/schedules/often")
        self.api.act("/canary/promote")
        self.assertEqual(self.api.deployment()["current_version"], "3.0.0")

    def test_4_two_who_decide_and_what_is_wrong(self):
        revision = self.api.deployment()["revision"]
        self.api.act("/canary", {"version": "1.0.0", "percent": 5, "revision": revision})
        problem = self.api.act("/canary", {"version": "1.0.0", "percent": 90, "revision": revision}, 409)
        self.assertIn("changed in the meantime", problem["title"] + problem.get("detail", ""))
        self.api.act("/canary", {"version": "1.0.0", "percent": 101}, 400)
        self.api.act("/canary", {"version": "1.0.0", "percent": 1.5}, 400)
        self.api.act("/canary", {"version": "9.9.9", "percent": 1}, 404)
        self.api.act("/canary", {"version": "3.0.0", "percent": 1}, 409)
        self.api.act("/canary", {"version": "1.0.0", "percent": 1, "abort_when": {"failure_ratio": 2}}, 400)
        self.api.act("/activate", {"version": "1.0.0", "force": True}, 400)
        self.api.act("/activate", {"note": "which?"}, 400)
        self.api.act("/activate", {"version": "1.0.0", "note": "x" * 1001}, 400)
        self.assertEqual(self.api.deployment()["canary"]["percent"], 5)
        self.api.act("/canary/stop")
        self.api.act("/canary/stop", status=409)

    def test_5_a_canary_that_fails_is_stopped(self):
        self.api.publish(greeting("4.0.0", "- no: {raise: {error: {type: 'https://x.test/no', status: 500, title: No}}}"), "?activate=false")
        self.api.act("/canary", {"version": "4.0.0", "percent": 100, "abort_when": {"failure_ratio": 0.3, "runs": 5}})
        for _ in range(6):
            self.server.run("greet", {})
        until(lambda: self.api.deployment()["canary"] is None, 20, "the canary is stopped")
        change = self.server.get("/v1/workflows/greet/deployment/history").json["items"][0]
        self.assertEqual((change["act"], change["by"]), ("abort", "elevaite"))
        self.assertIn("6 of 6 runs of the canary failed", change["note"])
        self.assertEqual(self.api.started(), "3.0.0")

    def test_6_what_still_runs_on_old_versions(self):
        wait = "- nap: {wait: {hours: 1}}\n- say: {set: {version: '%s'}}"
        self.api.publish(greeting("5.0.0", wait))
        old = self.server.run("greet", {}, wait="0s").json["id"]
        self.api.publish(greeting("6.0.0", wait + "\n- more: {set: {a: 1}}"))
        until(lambda: self.api.versions()["5.0.0"]["unfinished"] == 1, 10, "it is counted")
        five = self.api.versions()["5.0.0"]
        self.assertEqual(five["move_to_current"], {"safe": True, "in_the_way": []})
        self.assertIsNotNone(five["oldest_unfinished_at"])
        self.api.publish(greeting("7.0.0"))
        move = self.api.versions()["5.0.0"]["move_to_current"]
        self.assertFalse(move["safe"])
        self.assertEqual(move["in_the_way"][0]["code"], "DIFF010")
        self.api.act("/activate", {"version": "6.0.0"})
        moved = self.server.request("POST", f"/v1/executions/{old}/migrate", {"version": "6.0.0"})
        self.assertEqual(moved.status, 200, moved.body)
        self.assertEqual(self.api.versions()["5.0.0"]["unfinished"], 0)
        self.assertEqual(self.api.versions()["6.0.0"]["unfinished"], 1)

    def test_7_the_command_line(self):
        out = self.server.cli("workflow", "rollback", "greet", "1.0.0", "--note", "by hand")
        self.assertEqual((out.returncode, "test.greet starts 1.0.0" in out.stdout), (0, True), out.stdout + out.stderr)
        out = self.server.cli("workflow", "canary", "greet", "2.0.0", "25", "--abort-above", "5")
        self.assertIn("2.0.0 for 25 %, stopped when more than 5 % of at least 20 runs fail", out.stdout)
        self.assertIn("canary 25 %", self.server.cli("workflow", "versions", "greet").stdout)
        self.assertIn("by hand", self.server.cli("workflow", "history", "greet").stdout)
        self.assertEqual(self.server.cli("workflow", "promote", "greet").returncode, 0)
        self.assertEqual(self.server.cli("workflow", "stop-canary", "greet").returncode, 1)
        self.assertEqual(self.api.started(), "2.0.0")


class OnTwoNodes(unittest.TestCase):
    def test_an_act_on_one_node_counts_on_the_other_at_once(self):
        nodes.postgres = postgres = Postgres()
        self.addCleanup(postgres.remove)
        cluster = nodes.Cluster("versions")
        self.addCleanup(cluster.remove)
        both = [cluster.add(), cluster.add()]
        cluster.await_balance()
        one, two = (Api(node, self) for node in both)
        one.publish(greeting("1.0.0"))
        two.publish(greeting("2.0.0"))
        self.assertEqual((one.started(), two.started()), ("2.0.0", "2.0.0"))
        for here, there in ((one, two), (two, one)):
            here.act("/activate", {"version": "1.0.0"})
            self.assertEqual(there.started(), "1.0.0")
            here.act("/canary", {"version": "2.0.0", "percent": 100})
            self.assertEqual(there.started(), "2.0.0")
            here.act("/canary/promote")
            self.assertEqual(there.started(), "2.0.0")
        here.act("/canary", {"version": "1.0.0", "percent": 40})
        keys = {f"key-{n}": one.started(f"key-{n}") for n in range(20)}
        for key, version in keys.items():
            self.assertEqual(two.started(key), version)


if __name__ == "__main__":
    unittest.main()

"""Three nodes on one PostgreSQL: any of them takes any request; one is killed, stopped for a while, drained, added."""

import collections
import http.client
import os
import signal
import subprocess
import threading
import time
import unittest

import nodes
from harness import BINARY, clean_environment, document, until
from nodes import TOKEN, Cluster, Load, setUpModule


WORKFLOWS = {
    "steps": "".join(f"- w{i}: {{wait: {{milliseconds: 20}}}}\n" for i in range(5)) + "- s: {set: '${ {done: true} }'}\n",
    "long": "- w: {wait: {minutes: 10}}\n",
    "short": "- w: {wait: {seconds: 2}}\n- s: {set: {done: true}}\n",
    "parent": "- r: {run: {workflow: {namespace: test, name: steps, version: '1.0.0'}}}\n- s: {set: '${ {child: .} }'}\n",
    "parent-of-long": "- r: {run: {workflow: {namespace: test, name: long, version: '1.0.0'}}}\n",
    "listener": "- l: {listen: {to: {one: {with: {type: test.wanted}}}}}\n",
    "teller": "- e: {emit: {event: {with: {source: 'https://t', type: test.wanted, data: {told: true}}}}}\n",
    "ask": "- ask: {call: human.approve, with: {title: Go?, reminders: [PT1S], deadline: {after: PT20S, decision: expired}}}\n",
    "slow": "- w: {wait: {seconds: 4}}\n- s: {set: {done: true}}\n",
}


class ClusterTest(nodes.ClusterTest):
    WORKFLOWS = WORKFLOWS


class Queue(ClusterTest):
    """Runs that rules concern: any node takes them, one keeps them, and another goes on when that one dies."""

    def running_at_once(self, node, ids):
        steps = []
        for id in ids:
            view = node.get(f"/v1/executions/{id}").json
            steps += [(view["started_at"], 1), (view["finished_at"], -1)]
        most = now = 0
        for _, step in sorted(steps):
            now += step
            most = max(most, now)
        return most

    def test_a_limit_holds_on_all_nodes_and_over_the_death_of_its_keeper(self):
        keeper = self.cluster.leader()
        others = [node for node in self.nodes if node is not keeper]
        reply = others[0].request("PUT", "/v1/workflows/short/flow", {"concurrency": {"limit": 2}})
        self.assertEqual(reply.status, 200, reply.body)
        ids = []
        for n in range(9):
            reply = self.nodes[n % 3].run("short", {"n": n}, wait="0s", headers={"idempotency-key": f"q{n}"})
            self.assertIn(reply.status, (200, 202), reply.body)
            ids.append(reply.json["id"])
        queued = others[1].get("/v1/flow/queue").json["items"]
        self.assertGreaterEqual(len(queued), 5)
        last = {node: node.get(f"/v1/executions/{queued[-1]['id']}").json["waits_for"] for node in self.nodes}
        self.assertEqual({(one["kind"], one["since"]) for one in last.values()}, {("concurrency", queued[-1]["waits_for"]["since"])})
        cancelled = ids.pop()
        self.assertEqual(others[1].request("POST", f"/v1/executions/{cancelled}/cancel", {"reason": "test"}).status, 200)
        self.assertEqual(others[0].get(f"/v1/executions/{cancelled}").json["status"], "cancelled")
        keeper.kill()
        # Changed while nobody keeps it: refused or done, and then it holds.
        changed = lambda: others[0].request("PUT", "/v1/workflows/short/flow", {"concurrency": {"limit": 3}}).status
        statuses = []
        until(lambda: statuses.append(changed()) or statuses[-1] == 200, 30, "the limit is changed")
        self.assertLessEqual(set(statuses), {200, 502, 503, 504}, statuses)
        self.assertEqual(others[1].get("/v1/workflows/short/flow").json["rules"], {"concurrency": {"limit": 3}})
        self.await_all_completed(others[0], ids, 90)
        self.assertLessEqual(self.running_at_once(others[0], ids), 3)
        waited = others[0].run("short", {"n": 99}, wait="30s")
        self.assertEqual((waited.status, waited.json["status"]), (200, "completed"), waited.body)
        until(lambda: others[1].get("/v1/flow/gates").json["running"] == 0, 20, "all places are free")


    def test_a_pause_holds_what_runs_on_all_nodes_and_over_the_death_of_an_owner(self):
        tasks = "- rounds: {for: {in: '[range(2000)]'}, do: [{w: {wait: {milliseconds: 20}}}, {s: {set: {a: 1}}}]}\n"
        nodes = self.cluster.alive()
        self.assertIn(nodes[0].publish(document("turning", tasks)).status, (200, 201))
        ids = [nodes[n % len(nodes)].run("turning", {}, wait="0s").json["id"] for n in range(12)]
        views = lambda: [nodes[0].get(f"/v1/executions/{id}").json for id in ids]
        until(lambda: all(view["events"] > 20 for view in views()), what="all turn")
        reply = nodes[-1].request("POST", "/v1/flow/pause", {"workflow": "turning", "reason": "test"})
        self.assertEqual(reply.status, 200, reply.body)
        time.sleep(0.3)  # what only waits is paused when its wait is over
        before = views()
        self.assertEqual({view["status"] for view in before}, {"suspended"})
        keeper = self.cluster.leader()
        victim = next(node for node in nodes if node is not keeper)
        victim.kill()
        nodes = [node for node in nodes if node is not victim]
        self.cluster.await_balance(nodes)
        time.sleep(0.5)
        self.assertEqual([view["events"] for view in views()], [view["events"] for view in before])
        self.assertEqual(views()[0]["held_by"]["reason"], "test")
        self.assertEqual(nodes[-1].request("POST", "/v1/flow/resume", {"workflow": "turning"}).status, 204)
        until(lambda: all(view["events"] > old["events"] + 20 for view, old in zip(views(), before)), what="all turn again")
        for id in ids:
            self.assertEqual(nodes[0].request("POST", f"/v1/executions/{id}/cancel", {}).status, 200)


class AnyNode(ClusterTest):
    def test_any_node_takes_any_request(self):
        for node in self.nodes:
            reply = node.run("steps", {"n": 1})
            self.assertEqual(reply.json["output"], {"done": True}, reply.body)
            self.assertEqual(node.run("parent", {}).json["output"], {"child": {"done": True}})
        for starts in self.nodes:
            for cancels in self.nodes:
                id = self.start_at_owner(starts, "long")
                reply = cancels.request("POST", f"/v1/executions/{id}/cancel", {"reason": "test"})
                self.assertEqual(reply.status, 200, reply.body)
                for node in self.nodes:
                    self.assertEqual(self.status(node, id), "cancelled")
        self.assertGreater(sum(node.metric("cluster_commands_forwarded_total") for node in self.nodes), 3)

    def test_who_waits_no_more_keeps_no_place_on_the_way_to_another_node(self):
        replies = [node.run("long", {}, wait="50ms", headers={"idempotency-key": f"w{n}"}) for n in range(6) for node in self.nodes]
        self.assertEqual({reply.status for reply in replies}, {202})
        ids = {reply.json["id"] for reply in replies}
        self.assertEqual(len(ids), 6)
        for node in self.nodes:
            until(lambda: node.metric("cluster_commands_waiting") == 0, 5, "nothing is on its way")
        for id in ids:
            self.assertEqual(self.nodes[0].request("POST", f"/v1/executions/{id}/cancel", {}).status, 200)

    def test_one_key_is_one_execution_on_all_nodes(self):
        for n in range(6):
            replies = []
            threads = [threading.Thread(target=lambda node=node: replies.append(node.run("steps", {"n": n}, headers={"idempotency-key": f"k{n}"})))
                       for node in self.nodes]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual({reply.status for reply in replies} - {200, 201, 202}, set(), [r.body for r in replies])
            self.assertEqual(len({reply.json["id"] for reply in replies}), 1)

    def test_children_are_cancelled_wherever_they_are(self):
        parents = [self.start_at_owner(node, "parent-of-long") for node in self.nodes for _ in range(3)]
        listed = until(lambda: (lambda items: items if len(items) >= len(parents) else None)(
            self.nodes[0].get("/v1/executions?workflow=long&status=waiting&limit=100").json["items"]), what="the children run")
        for parent in parents:
            self.assertEqual(self.nodes[2].request("POST", f"/v1/executions/{parent}/cancel", {}).status, 200)
        for child in listed:
            until(lambda: self.status(self.nodes[1], child["id"]) == "cancelled", what="a child is cancelled")

    def test_events_reach_listeners_on_all_nodes_once(self):
        waiting = [self.start_at_owner(node, "listener") for node in self.nodes for _ in range(4)]
        event = {"specversion": "1.0", "id": "e1", "source": "https://t", "type": "test.wanted", "data": {"n": 1}}
        for n, node in enumerate(self.nodes):  # the same event, told to all: it counts once
            reply = node.request("POST", "/v1/events", event, headers={"content-type": "application/cloudevents+json"})
            self.assertEqual((reply.status, reply.json["accepted"]), (202, 1 if n == 0 else 0), reply.body)
        self.await_all_completed(self.nodes[2], waiting, 10)
        for teller in self.nodes:
            waiting = [self.start_at_owner(node, "listener") for node in self.nodes]
            self.assertEqual(teller.run("teller", {}).json["status"], "completed")
            self.await_all_completed(self.nodes[0], waiting, 10)

    def test_a_schedule_starts_one_execution_for_each_event(self):
        source = document("on-event", "- s: {set: {done: true}}\n", head="schedule: {on: {one: {with: {type: test.starts}}}}\n")
        self.assertEqual(self.nodes[2].publish(source).status, 201)
        for n in range(30):
            reply = self.nodes[n % 3].request("POST", "/v1/events", {"specversion": "1.0", "id": f"s{n}", "source": "https://t", "type": "test.starts"},
                                              headers={"content-type": "application/cloudevents+json"})
            self.assertEqual(reply.status, 202, reply.body)

        def started():
            return len(self.nodes[0].get("/v1/executions?workflow=on-event&limit=100").json["items"])
        until(lambda: started() >= 30, 15, "each event starts one")
        time.sleep(1)
        self.assertEqual(started(), 30)
        self.assertEqual(sum(node.get("/v1/system").json["node"]["keeps_schedules"] for node in self.nodes), 1)

    def test_people_answer_at_any_node(self):
        for starts in self.nodes:
            for answers in self.nodes:
                id = self.start_at_owner(starts, "ask")
                task = until(lambda: answers.get(f"/v1/tasks?execution={id}").json["items"], 10, "the task is there")[0]
                first = answers.request("POST", f"/v1/tasks/{task['id']}/answer", {"decision": "approve", "by": "ana"})
                self.assertEqual(first.status, 200, first.body)
                second = starts.request("POST", f"/v1/tasks/{task['id']}/answer", {"decision": "reject", "by": "bo"})
                self.assertEqual((second.status, second.json["outcome"]["by"]), (409, "ana"))
                self.await_all_completed(answers, [id], 5)
        link = self.nodes[0].request("POST", f"/v1/tasks/{self.asked(self.nodes[1])}/links", {"assignee": "cy"}).json["url"]
        token = link.rsplit("/", 1)[1]
        self.assertEqual([node.get(f"/t/{token}/task").status for node in self.nodes], [200] * len(self.nodes))

    def asked(self, node):
        id = self.start_at_owner(node, "ask")
        return until(lambda: node.get(f"/v1/tasks?execution={id}").json["items"], 10, "the task is there")[0]["id"]

    def test_streams_from_every_node(self):
        id = self.start_at_owner(self.nodes[0], "short")
        streams = []
        for node in self.nodes:
            connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=20)
            self.addCleanup(connection.close)
            connection.request("GET", f"/v1/executions/{id}/events", headers={"accept": "text/event-stream"})
            streams.append(connection.getresponse())
        told = []
        for stream in streams:
            kinds = []
            while not kinds or kinds[-1] != "end":
                line = stream.readline().decode()
                self.assertTrue(line, "the stream ended early")
                if line.startswith("event: "):
                    kinds.append(line[7:].strip())
            told.append(kinds)
        self.assertEqual(told[0], told[1])
        self.assertEqual(told[0], told[2])
        self.assertIn("execution.completed", told[0])

    def test_the_internal_routes_want_the_token(self):
        command = {"command": "watch", "account": "default", "id": "0" * 32}
        for headers in ({}, {"authorization": "Bearer " + TOKEN[:-1]}, {"authorization": "Bearer "}, {"authorization": TOKEN}):
            self.assertEqual(self.nodes[0].request("POST", "/internal/v1/commands", command, headers=headers).status, 401)
        known = {"authorization": "Bearer " + TOKEN}
        for bad in ({}, {"command": "boom"}, {"command": "start"}, {"command": "input", "id": "x"}, []):
            reply = self.nodes[0].request("POST", "/internal/v1/commands", bad, headers=known)
            self.assertEqual((reply.status, "error" in reply.json), (200, True), reply.body)
        for node in self.nodes:
            self.assertNotIn(TOKEN, node.log_text())
        self.assertNotIn("/internal/", self.nodes[0].get("/openapi.json").body.decode())

    def test_a_node_says_what_it_lacks(self):
        alone = self.nodes[0].cli("serve", "--database.url=" + self.cluster.url, "--server.port=1")
        self.assertIn("in use by another process", alone.stderr)
        address = "--cluster.node_address=http://x:1"
        for options, expected in (([address], "PostgreSQL"), ([address, "--cluster.token=short", "--database.url=postgresql:///x"], "16 characters")):
            refused = subprocess.run([BINARY, "serve", *options], capture_output=True, text=True, env=clean_environment(), timeout=30)
            self.assertEqual(refused.returncode, 1)
            self.assertIn(expected, refused.stderr)


class Killed(ClusterTest):
    def test_a_killed_node_is_replaced_and_nothing_is_lost(self):
        loads = [Load(list(self.nodes), "steps") for _ in range(6)]
        waiting = [self.start_at_owner(node, "slow") for node in self.nodes for _ in range(10)]
        listeners = [self.start_at_owner(node, "listener") for node in self.nodes for _ in range(4)]
        for load in loads:
            load.start()
        time.sleep(2)
        victim = self.nodes[0]
        orphans = set(self.cluster.owned(victim))
        victim.kill()
        killed = time.monotonic()
        self.cluster.await_balance()
        replaced = time.monotonic() - killed
        time.sleep(2)
        for load in loads:
            load.stop()
        accepted = [id for load in loads for id in load.accepted]
        failures = sum((load.failures for load in loads), collections.Counter())
        print(f"\n  killed: {len(orphans)} partitions replaced after {replaced:.2f} s; {len(accepted)} accepted under load, "
              f"failures {dict(failures)}, slowest answer {max(load.slowest for load in loads):.2f} s")
        self.assertLess(replaced, 10)
        others = self.cluster.alive()
        self.await_all_completed(others[0], accepted + waiting)
        event = {"specversion": "1.0", "id": "late", "source": "https://t", "type": "test.wanted"}
        self.assertEqual(others[1].request("POST", "/v1/events", event, headers={"content-type": "application/cloudevents+json"}).status, 202)
        self.await_all_completed(others[0], listeners, 15)
        self.assertGreaterEqual(sum(n.metric("cluster_partitions_taken_after_crash_total") for n in others), len(orphans))
        for node in others:
            self.assertTrue(node.doctor()["healthy"])
        self.assertFalse([key for key in failures if not key.startswith(str(victim.port)) and " 503 " not in key], failures)


class KilledOwner(ClusterTest):
    NODES = 2

    def test_what_people_were_asked_outlives_its_owner(self):
        nodes = self.cluster.alive()
        asked = {node: [self.start_at_owner(node, "ask") for _ in range(8)] for node in nodes}
        doomed, other = nodes[-1], nodes[0]
        tasks = {id: until(lambda: other.get(f"/v1/tasks?execution={id}").json["items"], 10, "the task is there")[0]["id"]
                 for ids in asked.values() for id in ids}
        doomed.kill()
        answered = asked[doomed][:4]
        for id in answered:  # its owner is dead, and nobody has taken over yet
            self.assertEqual(other.request("POST", f"/v1/tasks/{tasks[id]}/answer", {"decision": "approve", "by": "ana"}).status, 200)
        self.await_all_completed(other, answered, 30)
        self.await_all_completed(other, list(tasks), 60)
        for id, task in tasks.items():
            outcome = other.get(f"/v1/executions/{id}").json["output"]["decision"]
            self.assertEqual(outcome, "approve" if id in answered else "expired")
            acts = [act["act"] for act in other.get(f"/v1/tasks/{task}").json["history"]]
            self.assertLessEqual(acts.count("reminded"), 1, acts)
            self.assertEqual(acts[-1], "answered" if id in answered else "expired")


class Stopped(ClusterTest):
    def test_an_owner_that_comes_back_late_is_refused(self):
        victim = self.nodes[2]
        loads = [Load([victim], "steps", wait="0s") for _ in range(4)]
        for load in loads:
            load.start()
        time.sleep(1)
        owned = self.cluster.owned(victim)
        victim.process.send_signal(signal.SIGSTOP)
        stopped = time.monotonic()
        others = self.nodes[:2]
        self.cluster.await_balance(others)
        replaced = time.monotonic() - stopped
        ids = [self.start_at_owner(node, "steps") for node in others for _ in range(5)]
        time.sleep(1)
        victim.process.send_signal(signal.SIGCONT)
        self.cluster.await_balance(self.nodes)
        time.sleep(1)
        for load in loads:
            load.stop()
        lost = victim.metric("cluster_partitions_lost_total")
        print(f"\n  stopped: {len(owned)} partitions replaced after {replaced:.2f} s, {lost:.0f} found lost by the late owner")
        self.assertLess(replaced, 10)
        self.await_all_completed(self.nodes[0], ids + [id for load in loads for id in load.accepted])
        for node in self.nodes:
            self.assertTrue(node.doctor()["healthy"])
        # Each execution has one journal without a hole, whoever wrote it.
        holes = nodes.postgres.sql("SELECT count(*) FROM (SELECT execution_id, first_seq, count(*) OVER (PARTITION BY execution_id, first_seq) n"
                             " FROM elevaite_engine.journal) j WHERE n > 1", "stopped")
        self.assertEqual(holes, "0")


class Drained(ClusterTest):
    def test_a_drained_node_hands_over_and_a_new_one_gets_its_share(self):
        leaver, stayers = self.nodes[1], [self.nodes[0], self.nodes[2]]
        waiting = [self.start_at_owner(node, "slow") for node in self.nodes for _ in range(5)]
        loads = [Load(stayers, "steps") for _ in range(6)]
        for load in loads:
            load.start()
        time.sleep(1)
        handed_over, ended = self.cluster.drain(leaver, stayers)
        time.sleep(1)
        joined = time.monotonic()
        newcomer = self.cluster.add()
        self.cluster.await_balance(stayers + [newcomer])
        rebalanced = time.monotonic() - joined
        time.sleep(1)
        for load in loads:
            load.stop()
        failures = sum((load.failures for load in loads), collections.Counter())
        accepted = [id for load in loads for id in load.accepted]
        print(f"\n  drained: handed over after {handed_over:.2f} s, ended after {ended:.2f} s; a new node had its share {rebalanced:.2f} s after its start; "
              f"{len(accepted)} accepted, slowest answer {max(load.slowest for load in loads):.2f} s")
        self.assertEqual(failures, {})
        self.assertLess(handed_over, 1)
        self.await_all_completed(newcomer, accepted + waiting)


class Archived(unittest.TestCase):
    """One node forgets what is old; another one brings it back."""

    def setUp(self):
        self.cluster = Cluster("archived")
        self.addCleanup(self.cluster.remove)
        options = ("--retention.completed=1us", "--retention.archive=true", f"--objects.dir={self.cluster.folder}/objects")
        os.mkdir(os.path.join(self.cluster.folder, "objects"))
        for _ in range(2):
            self.cluster.add(*options)
        self.cluster.await_balance()

    def forgets(self, node):
        return 0 in self.cluster.owned(node)

    def archived(self, node, n):
        id = node.run("quick", {"n": n}).json["id"]
        until(lambda: node.get(f"/v1/executions/{id}").status == 404, what="it is forgotten")
        return id

    def test_what_another_node_brought_back_is_not_archived_again(self):
        forgets, other = sorted(self.cluster.nodes, key=self.forgets, reverse=True)
        self.assertEqual([self.forgets(forgets), self.forgets(other)], [True, False])
        forgets.publish(document("quick", "- a: {set: '${ . }'}"))
        id = self.archived(forgets, 1)
        self.assertEqual(other.request("POST", f"/v1/executions/{id}/restore").status, 200)
        self.archived(forgets, 2)  # it has come by what was brought back, too
        self.archived(forgets, 3)
        self.assertEqual(other.get(f"/v1/executions/{id}").json["output"], {"n": 1})
        forgets.kill()
        until(lambda: self.forgets(other), what="the other one forgets")
        self.archived(other, 4)
        self.assertEqual(other.get(f"/v1/executions/{id}").json["output"], {"n": 1})


if __name__ == "__main__":
    unittest.main(verbosity=2)

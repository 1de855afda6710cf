"""The node that keeps the schedules, works on operations and sends notifications is killed: another goes on, and nothing is done twice or left out."""

import collections
import datetime
import json
import random
import socket
import time
import unittest

from harness import document, until
from nodes import ClusterTest, setUpModule
from notification_test import FAILS, Receiver
from operations_test import PARK
from repair_test import Shop
from schedule_test import SEED, at, id_time, utc


class Failover(ClusterTest):
    OPTIONS = ("--egress.allow=127.0.0.1", "--operations.per_second=60", "--cluster.lease=2s")

    def kill_the_leader(self):
        """Gives one that lives."""
        self.cluster.leader().kill()
        return self.cluster.alive()[0]

    def ask(self, method, path, body=None, status=200):
        reply = self.cluster.alive()[-1].request(method, path, body)
        self.assertEqual(reply.status, status, reply.body)
        return reply.json

    def executions_of(self, workflow, status=""):
        node, items, cursor = self.cluster.alive()[0], [], ""
        while cursor is not None:
            page = node.get(f"/v1/executions?workflow={workflow}&status={status}&limit=200&cursor={cursor}").json
            items, cursor = items + page["items"], page["next_cursor"]
        return items

    def count_events(self, ids, kind):
        node = self.cluster.alive()[0]
        return collections.Counter(sum(event["type"] == kind for event in node.get(f"/v1/executions/{id}/events").json["items"]) for id in ids)


class Schedules(Failover):
    WORKFLOWS = {"quick": "- s: {set: {got: '${ . }'}}\n"}

    def test_each_due_time_starts_one_execution(self):
        rng = random.Random(SEED)
        print(f"\n  seed {SEED}")
        made = self.ask("POST", "/v1/schedules", {"id": "exact", "workflow": "quick", "times": [{"every": "1s"}], "overlap": "allow", "catch_up": "all"}, 201)
        for _ in range(2):
            time.sleep(2 + rng.random() * 1.3)  # also right at a firing
            survivor = self.kill_the_leader()
            self.cluster.add()
            until(lambda: survivor.get("/v1/schedules/exact").json["recent"][0]["at"] > utc(datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=2)),
                  30, "it goes on")
        self.cluster.await_balance()
        paused = self.ask("POST", "/v1/schedules/exact/pause")
        last, first = max(at(one["at"]) for one in paused["recent"]), at(made["next_at"])
        due = [first + datetime.timedelta(seconds=i) for i in range(int((last - first).total_seconds()) + 1)]
        runs = until(lambda: (lambda found: found if {run["status"] for run in found} == {"completed"} else None)(self.executions_of("quick")), 30, "all end")
        self.assertEqual(sorted(id_time(run["id"]) for run in runs), [int(one.timestamp() * 1000) for one in due])


class Operations(Failover):
    WORKFLOWS = {"nap": "- w: {wait: {hours: 1}}\n"}
    RUNS = 250

    def begin(self, workflow, status):
        nodes = self.cluster.alive()
        ids = [nodes[n % len(nodes)].run(workflow, {}, wait="0s").json["id"] for n in range(self.RUNS)]
        until(lambda: len(self.executions_of(workflow, status)) == self.RUNS, 60, f"all are {status}")
        return ids

    def operate_over_a_kill(self, **wanted):
        """In the middle of a page, of which nobody has written what has been done."""
        operation = self.ask("POST", "/v1/operations", wanted, 202)["id"]
        view = lambda: self.cluster.alive()[0].get(f"/v1/operations/{operation}").json
        until(lambda: view()["done"] >= 100, 60, "a page is done")
        time.sleep(0.7)
        self.kill_the_leader()
        until(lambda: view()["state"] != "running", 90, "another node goes on to the end")
        self.cluster.add()
        self.cluster.await_balance()
        self.assertEqual((view()["state"], view()["failed"], view()["skipped"]), ("completed", 0, 0), view())
        return view()

    def test_what_is_still_of_the_filter_is_acted_on_once(self):
        ids = self.begin("nap", "waiting")
        done = self.operate_over_a_kill(act="pause", filter={"workflow": "nap"}, reason="test")
        self.assertEqual(done["done"], self.RUNS)
        self.assertEqual(self.count_events(ids, "execution.paused"), {1: self.RUNS})
        self.assertEqual(len(self.executions_of("nap", "suspended")), self.RUNS)

    def test_a_task_is_tried_again_once(self):
        shop = Shop()
        self.assertEqual(self.cluster.alive()[0].publish(document("order", f"- order: {shop.task('order', PARK)}\n")).status, 201)
        ids = self.begin("order", "suspended")
        shop.fails = False
        self.operate_over_a_kill(act="retry", filter={"workflow": "order", "status": ["suspended"]})
        until(lambda: len(self.executions_of("order", "completed")) == self.RUNS, 60, "all are completed")
        self.assertEqual(self.count_events(ids, "task.repaired"), {1: self.RUNS})


    def test_what_has_ended_by_it_is_done_and_not_too_late(self):
        shop = Shop()
        self.assertEqual(self.cluster.alive()[0].publish(document("skipped", f"- order: {shop.task('order', PARK)}\n")).status, 201)
        ids = self.begin("skipped", "suspended")
        done = self.operate_over_a_kill(act="skip", filter={"workflow": "skipped"})
        self.assertEqual(done["done"], self.RUNS)
        until(lambda: len(self.executions_of("skipped", "completed")) == self.RUNS, 60, "all are completed")
        self.assertEqual(self.count_events(ids, "task.repaired"), {1: self.RUNS})


class Notifications(Failover):
    def test_what_failed_elsewhere_is_told_once(self):
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            port = reserved.getsockname()[1]
        leader = self.cluster.leader()
        maker, runner = [node for node in self.nodes if node is not leader]
        self.assertEqual(runner.publish(FAILS).status, 201)
        channel = maker.request("POST", "/v1/notification-channels", {"name": "a", "type": "webhook", "url": f"http://127.0.0.1:{port}/in"}).json
        rule = maker.request("POST", "/v1/notification-rules", {"name": "r", "on": ["execution.failed"], "channels": [channel["id"]], "group_within": "0s"})
        self.assertEqual(rule.status, 201, rule.body)
        # Nobody listens yet: the leader knows of some of them, of others nobody has read when it dies.
        runs = {runner.run("fails").json["id"] for _ in range(10)}
        time.sleep(0.5)
        runs |= {node.run("fails").json["id"] for node in (runner, maker) for _ in range(5)}
        leader.kill()
        receiver = Receiver(port)
        self.addCleanup(receiver.close)
        told = lambda: collections.Counter(json.loads(one["body"])["data"]["execution"]["id"] for one in receiver.at("/in"))
        until(lambda: set(told()) == runs, 120, "all are told")
        until(lambda: maker.get("/v1/notifications?status=pending").json["items"] == [], 90, "nothing is left")
        time.sleep(2)
        self.assertEqual(set(told().values()), {1})
        # ... and the one who has taken over learns what fails elsewhere.
        late = maker.run("fails").json["id"], runner.run("fails").json["id"]
        until(lambda: set(late) <= set(told()), 60, "what fails later is told")


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""kill -9 while workflows time out that run others: none of those that they ran is left running.

ELEVAITE_TEST_SEED repeats a run's decisions (not its timing).
"""

import os
import random
import time
import unittest

from harness import SystemTest, document, until

SEED = int(os.environ.get("ELEVAITE_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
ROUNDS = 6
PARENTS = 60

CHILD = "- w: {wait: {hours: 1}}\n"
MIDDLE = "- run: {run: {workflow: {namespace: test, name: child, version: '1.0.0'}}}\n"
PARENT = """
- run:
    run: {workflow: {namespace: test, name: middle, version: '1.0.0'}}
    timeout: {after: '${ {milliseconds: .ms} }'}
"""


class Subflows(SystemTest):
    def unfinished(self):
        return self.server.get("/v1/executions?status=pending,running,waiting,suspended&limit=200").json["items"]

    def test_no_child_outlives_its_parent(self):
        print(f"seed {SEED}", flush=True)
        chance = random.Random(SEED)
        for name, tasks in {"child": CHILD, "middle": MIDDLE, "parent": PARENT}.items():
            self.assertEqual(self.server.publish(document(name, tasks.lstrip())).status, 201, name)
        for _ in range(ROUNDS):
            for _ in range(PARENTS):
                started = self.server.run("parent", {"ms": chance.randrange(600)}, wait="0s")
                self.assertIn(started.status, (200, 202), started.body)  # 200: it timed out before the answer
            time.sleep(chance.random() * 0.3)
            self.server.kill()
            self.server.start()
        until(lambda: not self.unfinished(), 60, "all parents time out, and what they ran is cancelled")
        statuses, cursor = {}, ""
        while cursor is not None:
            page = self.server.get(f"/v1/executions?limit=200{'&cursor=' + cursor if cursor else ''}").json
            for one in page["items"]:
                key = (one["workflow"], one["status"])
                statuses[key] = statuses.get(key, 0) + 1
            cursor = page["next_cursor"]
        print(statuses, flush=True)
        self.assertEqual(set(statuses), {("parent", "faulted"), ("middle", "cancelled"), ("child", "cancelled")})
        self.assertEqual(statuses["parent", "faulted"], ROUNDS * PARENTS)
        self.assertGreater(statuses["child", "cancelled"], ROUNDS * PARENTS // 4, "the timeouts hit what ran")


if __name__ == "__main__":
    unittest.main(verbosity=2)

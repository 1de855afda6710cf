"""Searches by tags and attributes follow the starts: what is due when the process dies is found later, each once; starts wait when searches are too far
behind."""

import http.client
import json
import os
import random
import sqlite3
import time
import unittest

from harness import SystemTest, until

SOURCE = """
document:
  dsl: '1.0.3'
  namespace: test
  name: tagged
  version: '1.0.0'
  tags: {team: sales}
  metadata: {elevaite: {attributes: {order: '${ .n }'}}}
do:
- last: {set: '${ {n} }'}
"""


class Search(SystemTest):
    OPTIONS = ("--engine.search_lag_max=1s",)

    def database(self, script):
        """On the data of a server that does not run."""
        with sqlite3.connect(os.path.join(self.server.data, "engine.db")) as db:
            rows = db.execute(script).fetchall()
        db.close()
        return rows

    def find(self, query):
        ids, cursor = [], ""
        while cursor is not None:
            page = self.server.get(f"/v1/executions?limit=200&{query}{'&cursor=' + cursor if cursor else ''}").json
            ids += [e["id"] for e in page["items"]]
            cursor = page["next_cursor"]
        return ids

    def check_found(self, started):
        """`started`: id to n of all that were acknowledged."""
        until(lambda: self.server.metric("search_lag_seconds") == 0, what="everything that was due has been written")
        found = self.find("tag=team%3Dsales")
        self.assertEqual(len(found), len(set(found)), "none twice")
        self.assertEqual(set(started) - set(found), set(), "each acknowledged start is found")
        self.assertEqual(sorted(found), sorted(self.find("workflow=tagged")), "by its tag as by its workflow")
        for id, n in random.sample(list(started.items()), min(50, len(started))):
            self.assertEqual(self.find(f"attribute=order%3D{n}"), [id])
        report = self.server.doctor()
        self.assertEqual((report["healthy"], report["findings"]), (True, []))

    def test_what_is_due_outlives_the_process_and_holds_up_starts(self):
        self.assertIn(self.server.publish(SOURCE).status, (200, 201))
        self.server.stop()
        self.database("CREATE TRIGGER forbid BEFORE INSERT ON labels BEGIN SELECT RAISE(ABORT, 'no'); END")
        self.server.start()
        started = {}

        def refused():
            reply = self.server.run("tagged", {"n": 1_000_000 + len(started)}, wait="0s")
            if reply.status not in (200, 202):
                return reply
            started[reply.json["id"]] = 1_000_000 + len(started)

        reply = until(refused, 20, "a start is refused")
        self.assertEqual(reply.status, 503)
        self.assertIn("searches", reply.json["detail"])
        self.assertIn("retry-after", reply.headers)
        self.assertGreater(len(started), 5)
        self.assertGreater(self.server.metric("search_lag_seconds"), 1)
        self.assertEqual(self.server.metric("search_executions_waiting"), len(started))
        self.assertEqual(set(self.find("tag=team%3Dsales")) & set(started), set())
        self.server.kill()

        self.assertEqual(self.database("SELECT count(*) FROM labels_due"), [(len(started),)])
        self.database("DROP TRIGGER forbid")
        offline = self.server.cli("doctor", f"--data.dir={self.server.data}", "--json")
        self.assertEqual((offline.returncode, json.loads(offline.stdout)["findings"]), (0, []), offline.stdout)
        self.server.start()
        self.check_found(started)
        self.assertEqual(self.server.run("tagged", {"n": 0}).status, 200)

    def test_kills_under_load_lose_and_double_nothing(self):
        self.assertIn(self.server.publish(SOURCE).status, (200, 201))
        started, n = {}, 2_000_000
        for _ in range(4):
            ends = time.monotonic() + 0.3 + random.random() * 0.3
            while time.monotonic() < ends:
                n += 1
                try:
                    reply = self.server.run("tagged", {"n": n}, wait="0s")
                except (OSError, http.client.HTTPException):
                    continue
                self.assertIn(reply.status, (200, 202), reply.body)
                started[reply.json["id"]] = n
            self.server.kill()
            self.server.start()
        self.check_found(started)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""The disk runs full under load, and gets room again: nothing acknowledged is lost, clients are told, waiting work goes on.

Needs root for a small tmpfs; skipped otherwise.
"""

import os
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

from harness import BINARY, Server, document, until
from small_disk import SmallDisk


class Starter(threading.Thread):
    """Starts executions one after the other, and keeps what it was told."""

    def __init__(self, server, number, workflow="keep"):
        super().__init__(daemon=True)
        self.server, self.number, self.workflow = server, number, workflow
        self.acknowledged, self.refused, self.failure = {}, [], None
        self.slowest = 0
        self.going = True

    def run(self):
        n = self.number * 1_000_000
        try:
            while self.going:
                n += 1
                began = time.monotonic()
                reply = self.server.request("POST", f"/v1/workflows/{self.workflow}/executions", {"n": n, "padding": "x" * 2000}, timeout=30)
                self.slowest = max(self.slowest, time.monotonic() - began)
                if reply.status in (200, 202):
                    self.acknowledged[reply.json["id"]] = n
                else:
                    self.refused.append(reply)
                    time.sleep(0.02)
                time.sleep(0.005)
        except Exception as error:
            self.failure = error


class OnSmallDisk(unittest.TestCase):
    DISK_MIB = 24

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="elevaite-test-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.disk = os.path.join(self.folder, "data")
        os.mkdir(self.disk)
        try:
            self.small = SmallDisk(self.disk, self.DISK_MIB)
        except OSError as error:
            self.skipTest(f"root is needed: {error}")
        self.addCleanup(self.small.remove)
        self.server = Server(self.disk)
        self.server.start()
        self.addCleanup(self.end_server)

    def end_server(self):
        if self.server.process.poll() is None:
            self.server.kill()


class QueueOnFullDisk(OnSmallDisk):
    # What is taken must fit when nothing else is there: else a run that is lost and one that has no room look alike.
    DISK_MIB = 64

    def test_what_the_queue_has_taken_starts_once(self):
        """Also when what cannot be written is the start of a run that has had its turn."""
        self.assertEqual(self.server.publish(document("queued", "- a: {set: '${ {n} }'}\n- w: {wait: {milliseconds: 20}}\n- b: {set: '${ {n, done: true} }'}\n")).status, 201)
        self.assertEqual(self.server.request("PUT", "/v1/workflows/queued/flow", {"concurrency": {"limit": 20}}).status, 200)
        starters = [Starter(self.server, i, "queued") for i in range(2)]
        for starter in starters:
            starter.start()
        for _ in range(3):
            time.sleep(0.5)
            for _ in range(10):  # what the database gives back is taken, too
                self.small.fill()
                time.sleep(0.1)
            self.small.free()
            until(lambda: self.server.get("/ready").status == 200, 20, "it recovers by itself")
        for starter in starters:
            starter.going = False
        for starter in starters:
            starter.join(60)
            self.assertIsNone(starter.failure, starter.failure)
        self.assertTrue(any(s.refused or s.slowest > 0.5 for s in starters), "the disk was never full")
        taken = {id: n for starter in starters for id, n in starter.acknowledged.items()}
        self.assertGreater(len(taken), 20)
        self.assertGreater(shutil.disk_usage(self.disk).free, 4 << 20, "the disk is too small for what was taken")
        waits = lambda: self.server.get("/v1/flow/gates").json
        until(lambda: (gates := waits()).get("queued") == 0 and gates["running"] == 0, 60, "all have had their turn, and no place is lost")
        for id, n in taken.items():
            done = self.server.get(f"/v1/executions/{id}").json
            self.assertEqual((done["status"], done["output"]), ("completed", {"n": n, "done": True}), done)
        counted = self.server.get("/v1/executions?workflow=queued&limit=200").json
        ids = [one["id"] for one in counted["items"]]
        while counted["next_cursor"]:
            counted = self.server.get(f"/v1/executions?workflow=queued&limit=200&cursor={counted['next_cursor']}").json
            ids += [one["id"] for one in counted["items"]]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertLessEqual(set(taken), set(ids))


class DiskFull(OnSmallDisk):
    def test_full_and_free_again(self):
        publish = self.server.publish
        self.assertEqual(publish(document("keep", "- a: {set: '${ {n} }'}\n- w: {wait: {milliseconds: 50}}\n- b: {set: '${ {n, done: true} }'}\n")).status, 201)
        self.assertEqual(publish(document("later", "- w: {wait: {seconds: 3}}\n- b: {set: '${ {n, waited: true} }'}\n")).status, 201)
        sleepers = {self.server.run("later", {"n": n}, wait="0s").json["id"]: n for n in range(25)}
        starters = [Starter(self.server, i) for i in range(4)]
        for starter in starters:
            starter.start()
        time.sleep(0.5)

        self.small.fill()
        unready = until(lambda: (r := self.server.get("/ready")).status == 503 and r, 15, "the server says that it is not ready")
        self.assertIn("full", unready.json["detail"])
        self.assertEqual(unready.headers["content-type"], "application/problem+json")
        self.assertIn("retry-after", unready.headers)
        self.assertEqual(self.server.get("/health").status, 200)
        until(lambda: all(s.refused for s in starters), 15, "every client is refused")
        some = next(iter(starters[0].acknowledged))
        self.assertEqual(self.server.get(f"/v1/executions/{some}").status, 200, "reading goes on")
        refused = publish(document("another", "- a: {set: {x: 1}}\n"))
        self.assertIn(refused.status, (503, 507), refused.body)
        time.sleep(4)  # the timers of the sleepers are due, and cannot be written
        self.assertEqual(self.server.get("/ready").status, 503)

        self.small.free()
        freed = time.monotonic()
        until(lambda: self.server.get("/ready").status == 200, 10, "it recovers by itself")
        recovered = time.monotonic() - freed
        known = [len(s.acknowledged) for s in starters]
        until(lambda: all(len(s.acknowledged) > k for s, k in zip(starters, known)), 10, "every client is served again")
        for starter in starters:
            starter.going = False
        for starter in starters:
            starter.join(30)
            self.assertIsNone(starter.failure, starter.failure)
        self.assertEqual(publish(document("another", "- a: {set: {x: 1}}\n")).status, 201)
        self.check(starters, sleepers)
        refused = sum(len(s.refused) for s in starters)
        print(f"{sum(len(s.acknowledged) for s in starters)} acknowledged, {refused} refused, "
              f"recovered {recovered:.1f} s after there was room, slowest answer {max(s.slowest for s in starters):.2f} s", flush=True)

    def check(self, starters, sleepers):
        for starter in starters:
            for reply in starter.refused:
                self.assertIn(reply.status, (503, 507), reply.body)
                self.assertEqual(reply.headers["content-type"], "application/problem+json")
                self.assertIn(reply.json["code"], ("unavailable", "resource_exhausted"), reply.body)
                self.assertIn("full", reply.json["detail"])
            self.assertLess(starter.slowest, 10)
        status = lambda id: self.server.get(f"/v1/executions/{id}").json
        for starter in starters:
            for id, n in starter.acknowledged.items():
                done = until(lambda: (e := status(id))["status"] == "completed" and e, 20, id)
                self.assertEqual(done["output"], {"n": n, "done": True})
        for id, n in sleepers.items():
            done = until(lambda: (e := status(id))["status"] == "completed" and e, 20, id)
            self.assertEqual(done["output"], {"n": n, "waited": True})
        self.assertTrue(self.server.doctor()["healthy"])
        self.assertEqual(self.server.stop(), 0)
        offline = self.server.cli("doctor", f"--data.dir={self.disk}")
        self.assertEqual(offline.returncode, 0, offline.stdout + offline.stderr)

    def test_a_start_on_a_full_disk_says_so(self):
        self.assertEqual(self.server.stop(), 0)
        self.small.fill()
        done = subprocess.run([BINARY, "serve", f"--data.dir={self.disk}/new", f"--server.port={self.server.port}"],
                              capture_output=True, text=True, timeout=30, env=self.server.env)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("full", done.stderr)
        self.assertLessEqual(len(done.stderr.splitlines()), 3, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)

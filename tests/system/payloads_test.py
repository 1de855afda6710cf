"""Large values stand in the store of objects: they come back exactly after kill -9, go with their execution, and damage is told.

ELEVAITE_TEST_SEED repeats a run's decisions (not its timing); ELEVAITE_TEST_KILLS sets how often the process dies.
"""

import http.client
import os
import random
import shutil
import sqlite3
import threading
import time
import unittest

from harness import Server, SystemTest, document, until
from postgres import Postgres

SEED = int(os.environ.get("ELEVAITE_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
KILLS = int(os.environ.get("ELEVAITE_TEST_KILLS", 6))
CLIENTS = 3

# The input stays, grows and becomes the output, across waits in which the process may die.
CARRY = document("carry", """- first: {set: '${ . }', export: {as: '${ {kept: .text} }'}}
- nap: {wait: {milliseconds: 120}}
- twice: {set: '${ {n, text: (.text + "|" + $context.kept)} }'}
- again: {wait: {milliseconds: 120}}
- last: {set: '${ {n, text, kept: $context.kept} }'}
""")


def setUpModule():
    global postgres
    postgres = Postgres()
    unittest.addModuleCleanup(postgres.remove)


def objects(server):
    """The files of payloads."""
    found = []
    for folder, _, names in os.walk(os.path.join(server.data, "objects", "default", "payloads")):
        found += [os.path.join(folder, name) for name in names]
    return found


def text_of(n, size):
    return (f"{n} é \\ \" pay_ \u0001 " * (size // 16))[:size]


class Client(threading.Thread):
    def __init__(self, server, number):
        super().__init__(daemon=True)
        self.server, self.number = server, number
        self.random = random.Random(f"{SEED}/{number}")
        self.started = {}  # id -> (n, size)
        self.going, self.failure, self.refused = True, None, []

    def run(self):
        n = self.number * 1_000_000
        try:
            while self.going:
                n += 1
                size = self.random.choice([100, 33 << 10, 40 << 10, 300 << 10, 3 << 20])
                try:
                    reply = self.server.run("carry", {"n": n, "text": text_of(n, size)}, wait="0s")
                except (OSError, http.client.HTTPException):
                    time.sleep(0.02)
                    continue
                if reply.status == 202:
                    self.started[reply.json["id"]] = (n, size)
                else:
                    self.refused.append((reply.status, reply.body[:200]))
        except Exception as error:  # told at the end: a thread's exception would go unseen
            self.failure = error


class Crashes(SystemTest):
    OPTIONS = None

    def check(self, server):
        print(f"seed {SEED}, {KILLS} kills", flush=True)
        self.assertEqual(server.publish(CARRY).status, 201)
        clients = [Client(server, i + 1) for i in range(CLIENTS)]
        for client in clients:
            client.start()
        chance = random.Random(SEED)
        def count():
            return sum(len(client.started) for client in clients)

        for _ in range(KILLS):
            before = count()
            time.sleep(0.5 + 1.5 * chance.random())
            until(lambda: count() > before + 2, 60, "something is started between two kills")
            server.kill()
            server.start()
        for client in clients:
            client.going = False
        for client in clients:
            client.join(60)
            self.assertIsNone(client.failure, client.failure)
        started = {id: what for client in clients for id, what in client.started.items()}
        until(lambda: not server.get("/v1/executions?status=pending,running,waiting").json["items"], 120, "all end")
        for id, (n, size) in started.items():
            shown = server.get(f"/v1/executions/{id}").json
            text = text_of(n, size)
            self.assertEqual((shown["status"], shown["output"]["n"]), ("completed", n))
            self.assertTrue(shown["output"] == {"n": n, "text": f"{text}|{text}", "kept": text}, f"{id}: {size} bytes")
            self.assertTrue(shown["input"] == {"n": n, "text": text}, f"{id}: {size} bytes")
        self.assertEqual(server.cli("doctor", f"--data.dir={server.data}").returncode, 0)
        metrics = server.get("/metrics").body.decode()
        self.assertIn("payloads_written_total", metrics)
        self.assertTrue(objects(server))
        page = server.get("/v1/executions?limit=200").json
        while page["items"]:
            for item in page["items"]:
                self.assertEqual(server.request("DELETE", f"/v1/executions/{item['id']}").status, 204)
            page = server.get("/v1/executions?limit=200").json
        # Only what a crash left between an object and its commit: the sweep takes it when it is an hour old.
        left = objects(server)
        print(f"{len(started)} executions, {len(left)} objects of no commit", flush=True)
        self.assertLess(len(left), 20 * KILLS)
        self.assertEqual(server.stop(), 0)

    def test_on_files(self):
        server = Server(os.path.join(self.folder, "files"))
        server.start()
        self.check(server)
        with sqlite3.connect(os.path.join(server.data, "engine.db")) as db:
            self.assertEqual(db.execute("SELECT count(*) FROM payloads WHERE swept_us IS NULL").fetchone()[0], 0)

    def test_on_postgres(self):
        server = Server(os.path.join(self.folder, "postgres"), env={"ELEVAITE_DATABASE_URL": postgres.new_database("payloads")})
        server.start()
        self.check(server)


class Store(SystemTest):
    def run_one(self, size=200_000):
        self.server.publish(CARRY)
        return self.server.run("carry", {"n": 1, "text": "x" * size}).json["id"]

    def test_the_database_stays_small(self):
        id = self.run_one(2_000_000)
        with sqlite3.connect(f"file:{self.server.data}/engine.db?mode=ro", uri=True) as db:
            largest = db.execute("SELECT max(length(events)) FROM journal").fetchone()[0]
        self.assertLess(largest, 40_000)
        events = self.server.get(f"/v1/executions/{id}/events").json["items"]
        self.assertEqual(events[0]["input"], {"n": 1, "text": "x" * 2_000_000})

    def test_an_execution_travels_with_its_values(self):
        id = self.run_one()
        self.server.kill()
        self.addCleanup(self.server.start)
        exported = os.path.join(self.folder, "all.jsonl")
        self.assertEqual(self.server.cli("export", "-o", exported, f"--data.dir={self.server.data}").returncode, 0)
        other = Server(os.path.join(self.folder, "other"))
        done = other.cli("import", "-i", exported, f"--data.dir={other.data}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(objects(other))
        other.start()
        self.addCleanup(other.stop)
        self.assertEqual(other.get(f"/v1/executions/{id}").json["input"], {"n": 1, "text": "x" * 200_000})

    def test_one_that_cannot_be_read_back_holds_no_other_up(self):
        self.server.publish(document("lasting", "- w: {wait: {seconds: 2}}\n- s: {set: '${ {n: .n} }'}\n"))
        id, *others = [self.server.run("lasting", {"n": n, "text": "x" * 100_000}, wait="0s").json["id"] for n in range(5)]
        self.server.kill()
        mine = [path for path in objects(self.server) if id in path]
        self.assertTrue(mine)
        for path in mine:  # which is neither missing nor damaged: it leads to itself
            shutil.move(path, path + ".kept")
            os.symlink(path, path)
        self.server.start()
        for other in others:
            until(lambda: self.server.get(f"/v1/executions/{other}").json["status"] == "completed", 30, "the others go on")
        told = [line for line in self.server.log_text().splitlines() if "is set aside" in line]
        self.assertEqual([id in line for line in told], [True], told)
        refused = self.server.request("POST", f"/v1/executions/{id}/cancel")
        self.assertEqual(refused.status, 503, refused.body)
        for path in mine:
            os.unlink(path)
            shutil.move(path + ".kept", path)
        until(lambda: self.server.request("POST", f"/v1/executions/{id}/cancel").status < 300, 10, "it can be read again")
        until(lambda: self.server.get(f"/v1/executions/{id}").json["status"] == "cancelled", 10, "it goes on")

    def test_damage_is_told_and_another_store_is_refused(self):
        id = self.run_one()
        mine = [path for path in objects(self.server) if id in path]
        with open(mine[0], "r+b") as file:
            file.seek(200)
            file.write(b"!")
        shown = self.server.get(f"/v1/executions/{id}/events")
        self.assertEqual(shown.status, 500)
        self.assertIn("is damaged", shown.json["detail"])
        self.assertNotIn(self.folder, shown.body.decode())
        told = self.server.cli("doctor", f"--data.dir={self.server.data}")
        self.assertEqual((told.returncode, id in told.stdout, "is damaged" in told.stdout), (1, True, True), told.stdout)
        self.server.stop()
        shutil.move(os.path.join(self.server.data, "objects"), os.path.join(self.server.data, "elsewhere"))
        with self.assertRaisesRegex(AssertionError, "objects.dir is not the folder"):
            self.server.start()
        told = self.server.cli("doctor", f"--data.dir={self.server.data}")
        self.assertEqual((told.returncode, "objects.dir is not the folder" in told.stderr), (1, True), told.stderr)
        told = self.server.cli("doctor", "--fix", f"--data.dir={self.server.data}")
        self.assertIn("is missing", told.stdout)
        self.server.start()
        self.assertEqual(self.server.run("carry", {"n": 2, "text": "ok"}).json["output"]["n"], 2)


if __name__ == "__main__":
    unittest.main()

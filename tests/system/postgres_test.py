"""The platform on PostgreSQL: started, migrated, examined; and kill -9 of the server, crashes and restarts of PostgreSQL under load."""

import contextlib
import itertools
import json
import os
import signal
import subprocess
import threading
import time
import unittest

import crash_test
from harness import SystemTest, document, until
from postgres import PASSWORD, Postgres

KILLS = int(os.environ.get("ELEVAITE_TEST_KILLS", 4))


def setUpModule():
    global postgres
    postgres = Postgres()
    unittest.addModuleCleanup(postgres.remove)


class PostgresSystemTest(SystemTest):
    """A database of its own for each class; its address comes from the environment, as it should."""

    OPTIONS = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.env["ELEVAITE_DATABASE_URL"] = postgres.new_database(cls.__name__.lower())


class OnPostgres(PostgresSystemTest):
    def test_a_platform_on_postgres(self):
        migrated = self.server.cli("migrate", "--json")
        self.assertEqual(migrated.returncode, 0, migrated.stderr)
        self.assertIn("engine 0001_journal", json.loads(migrated.stdout)["applied"])
        self.assertIn("nothing to do", self.server.cli("migrate").stdout)
        self.server.start()
        self.assertEqual(sorted(os.listdir(self.server.data)), ["link.key", "objects"], "nothing else is kept in files")
        busy = self.server.cli("migrate")
        self.assertEqual(busy.returncode, 1)
        self.assertIn("in use by another process", busy.stderr)

        for name, n in (("first", 20), ("second", 3)):
            self.assertEqual(self.server.publish(document(name, "- w: {wait: {milliseconds: 5}}\n- s: {set: '${ {n: (2 * (.n | tonumber))} }'}\n")).status, 201)
            for i in range(n):
                self.assertEqual(self.server.run(name, {"n": i}).json["output"], {"n": 2 * i})
        self.assertEqual(self.server.run("first", {"n": "x"}).json["status"], "faulted")
        listed = self.server.get("/v1/executions?status=faulted").json["items"]
        self.assertEqual([e["workflow"] for e in listed], ["first"])
        self.assertEqual(len(self.server.get("/v1/executions?workflow=second").json["items"]), 3)
        self.assertEqual([w["name"] for w in self.server.get("/v1/workflows?query=FIR").json["items"]], ["first"])
        events = self.server.get(f"/v1/executions/{listed[0]['id']}/events").json["items"]
        self.assertEqual(events[-1]["type"], "execution.faulted")
        self.assertEqual(postgres.sql("SELECT count(*) FROM elevaite_engine.executions_live", "onpostgres"), "0")

        postgres.stop()
        until(lambda: self.server.get("/ready").status == 503, what="/ready says that the database is away")
        postgres.start()
        until(lambda: self.server.get("/ready").status == 200, what="/ready says that it is back")
        # What writes notices a little later than what reads that it is back; who comes in between is told to come again.
        again = until(lambda: (reply := self.server.run("first", {"n": 1})).status != 503 and reply, what="starts are taken again")
        self.assertEqual(again.json["output"], {"n": 2})

        self.assertEqual(self.server.cli("doctor").returncode, 0)
        self.assertEqual(self.server.stop(), 0)
        offline = self.server.cli("doctor", "--json", f"--data.dir={self.server.data}")
        self.assertEqual(offline.returncode, 0, offline.stderr)
        self.assertTrue(json.loads(offline.stdout)["healthy"])
        for text in (self.server.log_text(), postgres.log_text(), self.server.cli("config").stdout):
            self.assertNotIn(PASSWORD, text)
        self.assertIn("database.url = ***", self.server.cli("config").stdout)

    def test_says_why_it_cannot_start(self):
        for url, expected in (("postgresql://elevaite:swordfish@/elevaite?host=" + postgres.folder, "password authentication failed"),
                              ("postgresql://elevaite:swordfish@/elevaite?host=/nowhere", "cannot connect to PostgreSQL"),
                              ("postgresql://elevaite:swordfish@[x", "cannot be read")):
            failed = self.server.cli("serve", f"--database.url={url}", f"--server.port={self.server.port}")
            self.assertEqual(failed.returncode, 1)
            self.assertIn(expected, failed.stderr)
            self.assertNotIn("swordfish", failed.stdout + failed.stderr)


class Crashes(PostgresSystemTest, crash_test.Crashes):
    """What crash_test does, with a PostgreSQL that crashes, restarts and ends connections besides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.start()

    def check_refused(self, told):
        # What depends on what it reads is not done twice when its connection is lost; the client is told to try again.
        for reply in told.refused:
            self.assertTrue(reply.startswith("503 ") and "unavailable" in reply, reply)
        self.assertLess(sum(told.refused.values()), len(told.executions) // 10)

    def kill_often(self):
        for round in range(KILLS):
            time.sleep(0.3)
            postgres.restart(signal.SIGQUIT if round % 2 else signal.SIGINT)
            time.sleep(0.3)
            postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%writer%'")
            time.sleep(0.3)
            self.server.kill()
            self.server.start()


class Frozen(PostgresSystemTest):
    """PostgreSQL stands still in the midst of starts: who cannot be served is told so while it does, and nothing is lost or double."""

    def test_starts_are_refused_by_name_and_none_is_lost_or_double(self):
        self.server.start()
        self.server.publish(document("quick", "- a: {set: '${ . }'}"))
        replies, stop = [], threading.Event()

        def ask(key):
            reply = self.server.run("quick", {"n": key}, wait="0s", headers={"Idempotency-Key": key})
            replies.append((key, reply))
            return reply.status

        def load(number):
            n = 0
            while not stop.is_set():
                n += 1
                ask(f"{number}-{n}")
        threads = [threading.Thread(target=load, args=(i,)) for i in range(32)]
        for thread in threads:
            thread.start()
        until(lambda: len(replies) > 500, what="starts are taken")
        self.freeze(signal.SIGSTOP)
        try:
            # The others may all wait for the one commit that has no answer.
            keys = itertools.count()
            until(lambda: ask(f"late-{next(keys)}") == 503, seconds=90, what="starts are refused while it stands still")
            stop.set()
        finally:
            self.freeze(signal.SIGCONT)
        for thread in threads:
            thread.join()
        for reply in (reply for _, reply in replies if reply.status >= 400):
            told = (reply.status, reply.json["code"], "retry-after" in {name.lower() for name in reply.headers})
            # 504: it had waited for what it reads.
            self.assertIn(told, [(503, "unavailable", True), (504, "timeout", False)], reply.body)
        until(lambda: self.server.get("/ready").status == 200, what="it is ready again")
        ids = {}
        for key, reply in replies:  # who was refused asks again
            answered = reply if reply.status < 400 else until(
                lambda: (r := self.server.run("quick", {"n": key}, wait="0s", headers={"Idempotency-Key": key})).status < 400 and r)
            ids[key] = answered.json["id"]
        until(lambda: postgres.sql("SELECT count(*) FROM elevaite_engine.executions_live", "frozen") == "0", what="all end")
        self.assertEqual(postgres.sql("SELECT count(*) FROM elevaite_engine.executions", "frozen"), str(len(set(ids.values()))))
        self.assertTrue(self.server.doctor()["healthy"])

    def freeze(self, number):
        postgres.process.send_signal(number)
        for child in subprocess.run(["pgrep", "-P", str(postgres.process.pid)], capture_output=True, text=True).stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), number)


if __name__ == "__main__":
    unittest.main(verbosity=2)

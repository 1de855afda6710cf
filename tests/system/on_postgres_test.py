"""What other tests of the whole system do on files, on PostgreSQL: one server of it, and a database for each."""

import itertools
import json
import threading
import unittest

import api_test
import cancel_test
import dead_letter_test
import flow_map_test
import flow_test
import history_test
import hold_test
import language_test
import migrate_test
import operations_test
import people_test
import repair_test
import saga_test
import subflow_test
import worker_test
from harness import SystemTest, document, until
from postgres import Postgres

numbers = itertools.count(1)


def setUpModule():
    global postgres
    postgres = Postgres()
    unittest.addModuleCleanup(postgres.remove)


class OnPostgres:
    """Before the class of the test; its address comes from the environment, as it should."""

    @classmethod
    def environment(cls):
        cls.database = f"test{next(numbers)}"
        return {**super().environment(), "ELEVAITE_DATABASE_URL": postgres.new_database(cls.database)}


class Cancelling(OnPostgres, cancel_test.Cancelling):
    pass


class DeadLetters(OnPostgres, dead_letter_test.DeadLetters):
    pass


class FlowMap(OnPostgres, flow_map_test.FlowMap):
    pass


class Sagas(OnPostgres, saga_test.Sagas):
    pass


class Subflows(OnPostgres, subflow_test.Subflows):
    pass


class Workers(OnPostgres, worker_test.Workers):
    pass


class Classes(OnPostgres, worker_test.Classes):
    pass


class Age(OnPostgres, history_test.Age):
    pass


class OwnAge(OnPostgres, history_test.OwnAge):
    pass


class Events(OnPostgres, language_test.Events):
    pass


class Schedules(OnPostgres, language_test.Schedules):
    pass


class Executions(OnPostgres, api_test.Executions):
    pass


class Hold(OnPostgres, hold_test.Hold):
    pass


class Repairing(OnPostgres, repair_test.Repairing):
    pass


class Operations(OnPostgres, operations_test.Operations):
    pass


class Flow(OnPostgres, flow_test.Flow):
    pass


class People(OnPostgres, people_test.People):
    pass


class Migrate(OnPostgres, migrate_test.Migrate):
    pass


class Doctor(OnPostgres, SystemTest):
    """On a server that works and is written to."""

    INDEX = "executions_not_completed"

    def sql(self, text):
        return postgres.sql("SET search_path = elevaite_engine; " + text, self.database)

    def load(self, stop):
        while not stop.is_set():
            self.assertEqual(self.server.run("quick", {"n": 1}).json["status"], "completed")

    def test_makes_indexes_anew_while_others_write(self):
        self.assertEqual(self.server.publish(document("quick", "- s: {set: {a: 1}}\n")).status, 201)
        self.sql(f"DROP INDEX {self.INDEX}; DROP INDEX elevaite_workflow.audit_by_who")
        stop = threading.Event()
        load = threading.Thread(target=self.load, args=(stop,))
        load.start()
        try:
            data = f"--data.dir={self.server.data}"
            found = self.server.cli("doctor", data)
            self.assertEqual(found.returncode, 1, found.stderr)
            for index in (self.INDEX, "audit_by_who"):
                self.assertIn(f"the index {index}", found.stdout)
            mended = self.server.cli("doctor", "--fix", "--json", data)
            self.assertEqual(mended.returncode, 0, mended.stdout + mended.stderr)
            self.assertEqual([one["mended"] for one in json.loads(mended.stdout)["findings"]], ["it was made anew"] * 2)
        finally:
            stop.set()
            load.join()
        self.assertTrue(self.server.doctor()["healthy"])
        self.assertEqual(self.sql(f"SELECT indisvalid FROM pg_index WHERE indexrelid = '{self.INDEX}'::regclass"), "t")

    def test_goes_on_without_its_client_one_at_a_time_and_is_cancelled(self):
        held = threading.Thread(target=lambda: self.sql("BEGIN; LOCK TABLE snapshots; SELECT pg_sleep(5)"))
        held.start()  # what reads that table waits
        until(lambda: self.sql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = 'snapshots'::regclass") != "0", 10, "the lock")
        try:
            begun = self.server.request("POST", "/v1/system/doctor")
            self.assertEqual((begun.status, begun.json["state"], begun.json["healthy"]), (202, "running", None))
            where = begun.headers["location"]
            self.assertEqual(self.server.get("/v1/system/doctor").json["latest"]["id"], begun.json["id"])
            other = self.server.request("POST", "/v1/system/doctor/mend")
            self.assertEqual(other.status, 409)
            self.assertIn(begun.json["id"], other.json["detail"])
            self.assertEqual(self.server.get(where).json["state"], "running")
            self.assertEqual(self.server.request("DELETE", where).status, 200)
            until(lambda: self.server.get(where).json["state"] == "cancelled", 30, "it is cancelled")
        finally:
            held.join()
        self.assertEqual(self.server.request("DELETE", where).json["state"], "cancelled")
        self.assertEqual(self.server.get("/v1/system/doctor/nobody").status, 404)
        self.assertEqual(self.server.request("DELETE", "/v1/system/doctor/nobody").status, 404)
        self.assertEqual(self.server.cli("doctor", "--cancel").returncode, 1, "there is none")
        self.assertTrue(self.server.doctor()["healthy"])


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""What is kept and for how long: export and import between the databases, retention, the archive, the doctor's mending."""

import json
import os
import sqlite3
import unittest

from harness import Server, SystemTest, document, until
from postgres import Postgres

LASTING = document("lasting", "- w: {wait: {seconds: 8}}\n- d: {set: {done: '${ .n }'}}\n")
QUICK = document("quick", "- d: {set: {n: '${ .n }'}}\n", head="input: {schema: {document: {type: object}}}\n")


def setUpModule():
    global postgres
    postgres = Postgres()
    unittest.addModuleCleanup(postgres.remove)


class Transfer(SystemTest):
    OPTIONS = None

    def journal(self, path):
        """Every row of the journal of a data folder."""
        with sqlite3.connect(f"file:{path}/engine.db?mode=ro", uri=True) as db:
            return db.execute("SELECT execution_id, first_seq, events FROM journal ORDER BY 1, 2").fetchall()

    def test_from_files_to_postgres_and_back_and_what_runs_goes_on(self):
        self.server.start()
        self.server.publish(LASTING)
        self.server.publish(QUICK)
        ended = [self.server.run("quick", {"n": n}).json["id"] for n in range(20)]
        faulted = self.server.run("quick", 7).json["id"]
        running = [self.server.run("lasting", {"n": n}, wait="0s").json["id"] for n in range(3)]
        refused = self.server.cli("export", f"--data.dir={self.server.data}")
        self.assertEqual((refused.returncode, "in use" in refused.stderr), (1, True))
        self.server.kill()  # so that what runs stands somewhere
        first = os.path.join(self.folder, "first.jsonl")
        done = self.server.cli("export", "-o", first, f"--data.dir={self.server.data}")
        self.assertEqual((done.returncode, "24 executions and 2 versions" in done.stderr), (0, True), done.stderr)

        url = postgres.new_database("transfer")
        middle = Server(os.path.join(self.folder, "middle"), env={"ELEVAITE_DATABASE_URL": url})
        done = middle.cli("import", "-i", first, "--json")
        self.assertEqual(json.loads(done.stdout), {"workflows": 2, "executions": 24, "unchanged": 0}, done.stderr)
        again = middle.cli("import", "-i", first, "--json")
        self.assertEqual(json.loads(again.stdout), {"workflows": 0, "executions": 0, "unchanged": 24})
        second = os.path.join(self.folder, "second.jsonl")
        self.assertEqual(middle.cli("export", "-o", second).returncode, 0)

        back = Server(os.path.join(self.folder, "back"))
        with open(second) as file:
            done = back.cli("import", f"--data.dir={back.data}", stdin=file.read())
        self.assertIn("24 executions and 2 versions of workflows are new", done.stdout, done.stderr)
        self.assertEqual(self.journal(back.data), self.journal(self.server.data), "byte for byte")
        self.assertEqual(back.cli("doctor", f"--data.dir={back.data}").returncode, 0)
        back.start()
        self.addCleanup(back.stop)
        for n, id in enumerate(running):
            shown = until(lambda id=id: (e := back.get(f"/v1/executions/{id}").json)["status"] == "completed" and e, what="it goes on")
            self.assertEqual(shown["output"], {"done": n})
        self.assertEqual(back.get(f"/v1/executions/{faulted}").json["status"], "faulted")
        self.assertEqual(back.get(f"/v1/executions/{ended[5]}").json["output"], {"n": 5})

    def test_files_that_are_not_whole_are_refused_with_the_line(self):
        server = Server(os.path.join(self.folder, "other"))
        server.start()
        server.publish(QUICK)
        for n in range(3):
            server.run("quick", {"n": n})
        server.stop()
        only = server.cli("export", "--status", "completed", "--workflow", "quick", f"--data.dir={server.data}")
        lines = only.stdout.splitlines()
        into = Server(os.path.join(self.folder, "into"))
        for damaged, words in ((lines[:-3], "ends early"), (["{}"] + lines, "line 1"), (lines[:4] + lines[5:], "line 5")):
            done = into.cli("import", f"--data.dir={into.data}", stdin="\n".join(damaged) + "\n")
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)
        self.assertEqual(server.cli("export", "--status", "odd", f"--data.dir={server.data}").returncode, 1)


class Age(SystemTest):
    OPTIONS = ("--retention.completed=1us", "--retention.archive=true")

    def test_what_is_archived_can_be_brought_back(self):
        self.server.publish(QUICK)
        id = self.server.run("quick", {"n": 5}).json["id"]
        faulted = self.server.run("quick", 7).json["id"]
        gone = until(lambda: (r := self.server.get(f"/v1/executions/{id}")).status == 404 and r, what="it is forgotten")
        self.assertIn("has been archived", gone.json["detail"])
        self.assertIn("restore", gone.json["hint"])
        self.assertEqual(self.server.get(f"/v1/executions/{faulted}").status, 200, "kept: only completed ones have a time")
        back = self.server.request("POST", f"/v1/executions/{id}/restore")
        self.assertEqual((back.status, back.json["output"]), (200, {"n": 5}))
        self.assertEqual(self.server.get(f"/v1/executions/{id}").json["status"], "completed")
        self.assertEqual(self.server.request("POST", "/v1/executions/exe_01m8b1d07ve9t8m01kbzc5nyq5/restore").status, 404)
        files = [name for _, _, names in os.walk(os.path.join(self.server.data, "objects")) for name in names]
        self.assertIn(f"{id}.jsonl", files)

    def test_what_was_brought_back_stays_over_a_restart(self):
        self.server.publish(QUICK)

        def archived(n):
            id = self.server.run("quick", {"n": n}).json["id"]
            until(lambda: self.server.get(f"/v1/executions/{id}").status == 404, what="it is forgotten")
            return id
        id = archived(1)
        self.assertEqual(self.server.request("POST", f"/v1/executions/{id}/restore").status, 200)
        self.server.kill()
        self.server.start()
        archived(2)  # a pass has come by that is as old, and younger
        archived(3)
        self.assertEqual(self.server.get(f"/v1/executions/{id}").json["output"], {"n": 1})


class OwnAge(SystemTest):
    """The server keeps all for ever; the account does not. The bound is that short so that the test need not wait for an hour."""
    OPTIONS = ("--retention.account_max=1us",)

    def test_an_account_says_how_long_its_executions_are_kept(self):
        self.server.publish(QUICK)
        id = self.server.run("quick", {"n": 1}).json["id"]
        faulted = self.server.run("quick", 7).json["id"]
        before = self.server.get("/v1/retention").json
        self.assertEqual((before["rules"], before["in_force"]), ({}, {"completed": "forever", "faulted": "forever"}))
        self.assertEqual((before["most"], before["forever"], before["updated_at"]), ("1us", False, None))
        for wrong, word in (({"completed": "2us"}, "completed"), ({"faulted": "forever"}, "faulted"), ({"all": "1us"}, "all"), ([], "object")):
            refused = self.server.request("PUT", "/v1/retention", wrong)
            self.assertEqual((refused.status, word in refused.json["detail"]), (400, True), refused.body)
        done = self.server.cli("retention", "set", "--completed", "1us", "--reason", "no room", "--server", self.server.url)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("the account", done.stdout)
        now = self.server.get("/v1/retention").json
        self.assertEqual((now["rules"], now["in_force"]), ({"completed": "1us"}, {"completed": "1us", "faulted": "forever"}))
        act = self.server.get("/v1/audit?object_kind=retention").json["items"][0]
        self.assertEqual((act["act"], act["object_id"], act["note"], act["who"]), ("retention.change", "account", "no room", "cli"))
        self.assertEqual(act["change"], {"before": None, "after": {"completed": "1us"}})
        self.server.kill()
        self.server.start()
        until(lambda: self.server.get(f"/v1/executions/{id}").status == 404, what="the completed one is forgotten")
        self.assertEqual(self.server.get(f"/v1/executions/{faulted}").status, 200)
        self.assertEqual(self.server.cli("retention", "clear", "--server", self.server.url).returncode, 0)
        self.assertEqual(self.server.get("/v1/retention").json["rules"], {})
        act = self.server.get("/v1/audit?object_kind=retention").json["items"][0]
        self.assertEqual((act["act"], act["change"]), ("retention.clear", {"before": {"completed": "1us"}, "after": None}))


class Mending(SystemTest):
    def test_the_doctor_mends_a_live_server_and_says_what_it_did(self):
        self.server.publish(QUICK)
        id = self.server.run("quick", {"n": 5}).json["id"]
        with sqlite3.connect(os.path.join(self.server.data, "engine.db")) as db:
            db.execute("INSERT INTO snapshots SELECT account_id, id, 1, x'00' FROM executions")
        data = f"--data.dir={self.server.data}"
        found = self.server.cli("doctor", data)
        self.assertEqual((found.returncode, id in found.stdout), (1, True))
        self.assertIn("doctor --fix", found.stdout)
        mended = self.server.cli("doctor", "--fix", data)
        self.assertEqual((mended.returncode, "the snapshot was deleted" in mended.stdout), (0, True), mended.stdout)
        self.assertIn("nothing is wrong", self.server.cli("doctor", data).stdout)

    def test_an_index_that_is_missing_is_made_on_a_live_server(self):
        self.server.publish(QUICK)
        for file, index in (("engine.db", "executions_by_time"), ("workflow.db", "audit_by_who")):
            with sqlite3.connect(os.path.join(self.server.data, file)) as db:
                db.execute(f"DROP INDEX {index}")
        data = f"--data.dir={self.server.data}"
        found = self.server.cli("doctor", data)
        self.assertEqual(found.returncode, 1)
        for index in ("executions_by_time", "audit_by_who"):
            self.assertIn(f"the index {index} is missing", found.stdout)
        mended = self.server.doctor(mend=True)["findings"]
        self.assertEqual([one["mended"] for one in mended], ["it was made anew"] * 2, mended)
        self.assertIn("nothing is wrong", self.server.cli("doctor", data).stdout)
        self.assertEqual(self.server.run("quick", {"n": 1}).json["status"], "completed")

    def test_an_index_that_misses_rows_is_made_anew(self):
        server = Server(os.path.join(self.folder, "index"))
        server.start()
        server.publish(QUICK)
        for n in range(3):
            server.run("quick", {"n": n})
        server.stop()
        path = os.path.join(server.data, "engine.db")
        with sqlite3.connect(path) as db:  # rows that are written while the schema does not know the index
            db.execute("PRAGMA writable_schema = ON")
            entry = db.execute("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE name = 'executions_by_workflow'").fetchone()
            db.execute("DELETE FROM sqlite_schema WHERE name = 'executions_by_workflow'")
        with sqlite3.connect(path) as db:
            db.execute("UPDATE executions SET workflow = 'other'")
            db.execute("PRAGMA writable_schema = ON")
            db.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", entry)
        found = server.cli("doctor", f"--data.dir={server.data}")
        self.assertEqual(found.returncode, 1)
        self.assertIn("executions_by_workflow", found.stdout)
        mended = server.cli("doctor", "--fix", f"--data.dir={server.data}")
        self.assertIn("it was made anew", mended.stdout)
        self.assertNotIn("executions_by_workflow", server.cli("doctor", f"--data.dir={server.data}").stdout)


if __name__ == "__main__":
    unittest.main()

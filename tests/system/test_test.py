"""`elevaite test`: cases beside workflows, as somebody types them."""

import json
import os
import re
import unittest
import xml.etree.ElementTree as xml

from harness import ROOT, SystemTest, document, example_documents

PAY = document("pay", "- ask: {call: http, with: {method: get, endpoint: 'https://bank.example/', output: content}}\n"
                      "- choose: {switch: [{paid: {when: '${ .paid }', then: thank}}, {rest: {then: remind}}]}\n"
                      "- thank: {set: {text: Thanks}, then: end}\n"
                      "- remind: {wait: P30D}\n- write: {set: {text: Please pay}}\n")
GOOD = """- name: paid
  given: {mocks: [{task: ask, output: {paid: true}}]}
  expect: {output: {text: Thanks}}
"""
BAD = """- name: the text is another <one>
  given: {mocks: [{task: ask, output: {paid: false}}]}
  expect: {output: {text: Pay!}, duration: P31D}
- name: nobody answers
"""


class Test(SystemTest):
    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        return path

    def play(self, *arguments, code):
        done = self.server.cli("test", *arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertNotIn("\x1b", done.stdout)
        return done

    def setUp(self):
        super().setUp()
        self.document = self.write("tests/pay.yaml", PAY)
        self.cases = self.write("tests/pay.test.yaml", GOOD)

    def test_a_file_a_document_or_a_folder(self):
        for path in (self.cases, self.document, os.path.dirname(self.cases)):
            told = self.play(path, code=0).stdout
            self.assertRegex(told, r"✓ paid \(\d+ ms\)")
            self.assertIn("1 passed, 0 failed", told)

    def test_says_what_is_not_as_expected(self):
        self.write("tests/pay.test.yaml", GOOD + BAD)
        told = self.play(self.cases, code=1).stdout
        self.assertIn("/text: expected \"Pay!\", but is \"Please pay\"", told)
        self.assertIn("expected 31d, but it took 30d", told)
        self.assertIn("the call of task `ask` (http) has no answer", told)
        self.assertIn("        - task: ask", told)
        self.assertIn("1 passed, 2 failed", told)
        self.assertIn("1 passed, 0 failed", self.play(self.cases, "--filter", "paid", code=0).stdout)

    def test_formats(self):
        self.write("tests/pay.test.yaml", GOOD + BAD)
        told = json.loads(self.play(self.cases, "--format", "json", "--coverage", code=1).stdout)
        self.assertEqual((told["passed"], told["failed"]), (1, 2))
        wrong = told["files"][0]["cases"][1]
        self.assertEqual(wrong["virtual_ms"], 30 * 86_400_000)
        self.assertEqual(wrong["failures"][0]["differences"], [{"path": "/text", "expected": "Pay!", "actual": "Please pay"}])
        self.assertEqual(told["coverage"][0]["tasks"], {"reached": 5, "all": 5})
        suites = xml.fromstring(self.play(self.cases, "--format", "junit", code=1).stdout)
        self.assertEqual(suites.attrib["failures"], "2")
        self.assertEqual([c.attrib["name"] for c in suites.iter("testcase")], ["paid", "the text is another <one>", "nobody answers"])
        self.assertEqual(len(list(suites.iter("failure"))), 3)

    def test_coverage_names_what_was_never_reached(self):
        told = self.play(self.cases, "--coverage", code=0).stdout
        self.assertIn("coverage of test.pay: tasks 3 of 5, branches 1 of 2", told)
        self.assertRegex(told, r"never: line \d+, task `choose`, case rest\n")
        self.assertRegex(told, r"never: line \d+, task `remind`\n")

    def test_what_cannot_be_played_is_a_wrong_call(self):
        self.assertIn("there is no", self.play("missing.yaml", code=2).stderr)
        self.assertIn("there is no", self.play(self.write("tests/lonely.yaml", PAY), code=2).stderr)
        self.play(self.cases, "--filter", "no such name", code=2)
        self.write("tests/pay.test.yaml", "- name: x\n  expct: 1\n")
        told = self.play(self.cases, code=2).stdout
        self.assertIn("pay.test.yaml:2:3 error DSL0101: a case has no key `expct` (did you mean `expect`?)", told)
        self.write("tests/pay.test.yaml", GOOD)
        self.write("tests/pay.yaml", PAY.replace("set:", "sett:"))
        self.assertRegex(self.play(self.cases, code=2).stdout, r"pay.yaml:\d+:\d+ error DSL")

    def test_files_of_tests_beside_documents(self):
        checked = self.server.cli("dsl", "check", self.cases)
        self.assertEqual(checked.returncode, 0, checked.stdout)
        published = self.server.cli("workflow", "apply", self.document, self.cases)
        self.assertEqual(published.returncode, 0, published.stdout + published.stderr)
        self.assertEqual(len(re.findall("published", published.stdout)), 1)


class Recorded(SystemTest):
    """Real runs as tests, and against other versions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.stop()
        cls.server.env["ELEVAITE_SECRET_TOKEN"] = "hunter2"
        cls.server.start()

    def path(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def setUp(self):
        super().setUp()
        self.source = document("look", "- ask: {call: http, with: {method: get, endpoint: '${ $runtime.metadata.baseUrl + \"/health\" }', headers: {x-key: '${ $secrets.token }'}}}\n"
                                       "- see: {set: {status: '${ .status }', name: '${ $workflow.input.name }'}}\n",
                               head="use: {secrets: [token]}\n")
        self.assertIn(self.server.publish(self.source).status, (200, 201))
        run = self.server.run("look", {"name": "Ada"}).json
        self.assertEqual(run["status"], "completed", run)
        self.id = run["id"]

    def test_a_run_becomes_a_case_that_passes(self):
        recorded = self.server.cli("test", "--record", self.id)
        self.assertEqual(recorded.returncode, 0, recorded.stderr)
        self.assertNotIn("hunter2", recorded.stdout)
        told = self.server.get(f"/v1/executions/{self.id}/test").json
        self.assertEqual((told["file"], told["tasks"], told["source"]), ("look.test.yaml", ["ask", "see"], recorded.stdout))
        self.path("look.yaml", self.source)
        played = self.server.cli("test", self.path("look.test.yaml", recorded.stdout), "--coverage")
        self.assertEqual(played.returncode, 0, played.stdout)
        self.assertIn("tasks 2 of 2", played.stdout)

    def test_what_another_version_would_do(self):
        same = self.server.cli("test", "--replay", self.id, "--against", self.path("look.yaml", self.source))
        self.assertEqual(same.returncode, 0, same.stdout + same.stderr)
        other = self.path("other.yaml", self.source.replace("method: get", "method: post").replace(".name }", ".name | length }"))
        differs = self.server.cli("test", "--replay", self.id, "--against", other)
        self.assertEqual(differs.returncode, 1, differs.stdout + differs.stderr)
        self.assertIn("task `ask` would ask for something else", differs.stdout)
        self.assertIn("/method: expected \"get\", but is \"post\"", differs.stdout)
        self.assertIn("/name: expected \"Ada\", but is 3", differs.stdout)
        told = json.loads(self.server.cli("test", "--replay", self.id, "--against", other, "--format", "json").stdout)
        self.assertEqual([f["about"] for f in told["files"][0]["cases"][0]["failures"]], ["calls", "output"])

    def test_what_cannot_be_recorded(self):
        self.assertEqual(self.server.publish(document("waits", "- a: {wait: PT1H}\n")).status, 201)
        waiting = self.server.run("waits", wait="0s").json["id"]
        refused = self.server.get(f"/v1/executions/{waiting}/test")
        self.assertEqual((refused.status, refused.json["code"]), (409, "conflict"))
        self.assertIn("has not ended", self.server.cli("test", "--record", waiting).stderr)
        self.assertEqual(self.server.get("/v1/executions/exe_00000000000000000000000000/test").status, 404)
        self.assertEqual(self.server.cli("test", "--record", "../../x").returncode, 2)
        self.assertEqual(self.server.cli("test", "--replay", self.id).returncode, 2)
        self.assertEqual(self.server.cli("test").returncode, 2)


class Examples(SystemTest):
    def test_each_example_has_cases_that_pass_and_reach_every_task(self):
        folder = os.path.join(ROOT, "examples")
        for name in example_documents():
            self.assertTrue(os.path.exists(os.path.join(folder, name.replace(".yaml", ".test.yaml"))), name)
        played = self.server.cli("test", folder, "--coverage", "--format", "json")
        self.assertEqual(played.returncode, 0, played.stdout)
        for workflow in json.loads(played.stdout)["coverage"]:
            self.assertEqual(workflow["tasks"]["reached"], workflow["tasks"]["all"], workflow)


if __name__ == "__main__":
    unittest.main(verbosity=2)

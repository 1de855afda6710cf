"""The examples of docs/language/guide.md: each is published; those with an input or a result are run. Those of
docs/language/testing.md are played by their tests; those of docs/triggers/webhooks.md, docs/triggers/schedules.md, docs/api/README.md,
docs/api/events.md, docs/flow.md and docs/notifications.md are done in a shell."""

import json
import os
import re
import subprocess
import unittest

from harness import BINARY, ROOT, SystemTest

GUIDE = os.path.join(ROOT, "docs/language/guide.md")
TESTING = os.path.join(ROOT, "docs/language/testing.md")
BLOCK = re.compile(r"^```(yaml|json)(?: (input|gives|faults))?\n(.*?)^```$", re.M | re.S)


def examples():
    """Each workflow of the page with what is said of it."""
    with open(GUIDE) as f:
        page = f.read()
    found = []
    for language, role, text in BLOCK.findall(page):
        if language == "yaml":
            found.append({"source": text})
        else:
            found[-1][role] = json.loads(text)
    return found


class Guide(SystemTest):
    def test_each_example_does_what_the_page_says(self):
        self.assertGreaterEqual(len(examples()), 12)
        for example in examples():
            with self.subTest(example["source"].splitlines()[0]):
                published = self.server.publish(example["source"])
                self.assertEqual(published.status, 201, published.body)
                self.assertEqual(published.json["diagnostics"], [])
                if "gives" not in example and "faults" not in example:
                    continue
                run = self.server.run(published.json["name"], example.get("input")).json
                if "gives" in example:
                    self.assertEqual(run["output"], example["gives"], run)
                else:
                    self.assertEqual({k: run["error"][k] for k in example["faults"]}, example["faults"], run)


class Testing(SystemTest):
    def test_each_case_of_the_page_passes(self):
        with open(TESTING) as f:
            blocks = re.findall(r"^```yaml( test)?\n(.*?)^```$", f.read(), re.M | re.S)
        for (_, workflow), (test, cases) in zip(blocks[::2], blocks[1::2]):
            self.assertEqual(test, " test")
            name = re.search(r"name: (\w+)", workflow)[1]
            for ending, text in ((".yaml", workflow), (".test.yaml", cases)):
                with open(os.path.join(self.folder, name + ending), "w") as f:
                    f.write(text)
        played = self.server.cli("test", self.folder)
        self.assertEqual(played.returncode, 0, played.stdout + played.stderr)
        self.assertIn("7 passed, 0 failed", played.stdout)
        played = self.server.cli("test", os.path.join(self.folder, "pay.yaml"), "--coverage", "--filter", "second")
        with open(TESTING) as f:
            shown = re.search(r"^coverage of .*?(?=^```)", f.read(), re.M | re.S)[0]
        self.assertIn(shown, played.stdout)


class Shell(SystemTest):
    """Pages whose examples are pasted into a shell, one after the other."""

    OPTIONS = None

    def test_each_example_does_what_the_page_says(self):
        self.server.env["ELEVAITE_SECRET_GITHUB"] = "It's a Secret"
        self.server.env["ELEVAITE_SECRET_PAGER_KEY"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        self.server.start()
        for page, least in (("docs/triggers/webhooks.md", 12), ("docs/triggers/schedules.md", 3), ("docs/api/events.md", 5), ("docs/api/README.md", 9), ("docs/flow.md", 9), ("docs/notifications.md", 9), ("docs/operations/history.md", 1)):
            with open(os.path.join(ROOT, page)) as f:
                blocks = re.findall(r"^```(yaml|sh|json gives|json settings)\n(.*?)^```$", f.read(), re.M | re.S)
            self.assertGreaterEqual(len(blocks), least)
            for kind, text in blocks:
                with self.subTest(page, example=text.splitlines()[0]):
                    getattr(self, kind.replace(" ", "_"))(text)

    def yaml(self, text):
        published = self.server.publish(text)
        self.assertEqual((published.status, published.json["diagnostics"]), (201, []), published.body)

    def sh(self, text):
        script = "set -e\n" + text.replace("127.0.0.1:8000", f"127.0.0.1:{self.server.port}")
        environment = {**self.server.env, "ELEVAITE_SERVER": self.server.url, "PATH": os.path.dirname(BINARY) + ":" + os.environ["PATH"]}
        done = subprocess.run(["bash", "-c", script], cwd=self.folder, capture_output=True, text=True, timeout=60, env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        type(self).answer = done.stdout

    def json_settings(self, text):
        made = self.server.request("POST", "/v1/webhooks", json.loads(text))
        self.assertEqual(made.status, 201, made.body)

    def json_gives(self, text):
        self.assertEqual(json.loads(self.answer), json.loads(text))


if __name__ == "__main__":
    unittest.main(verbosity=2)

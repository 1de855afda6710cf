"""The examples of docs/language/guide.md: each is published; those with an input or a result are run. Those of
docs/language/testing.md are played by their tests."""

import json
import os
import re
import unittest

from harness import ROOT, SystemTest

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


if __name__ == "__main__":
    unittest.main(verbosity=2)

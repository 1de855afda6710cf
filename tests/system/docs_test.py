"""The examples of docs/language/guide.md: each is published; those with an input or a result are run."""

import json
import os
import re
import unittest

from harness import ROOT, SystemTest

GUIDE = os.path.join(ROOT, "docs/language/guide.md")
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


if __name__ == "__main__":
    unittest.main(verbosity=2)

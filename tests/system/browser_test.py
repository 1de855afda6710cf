"""The Studio in Chromium against the real server: runs studio/e2e."""

import os
import subprocess
import unittest

from harness import ROOT, SystemTest, example_documents


class Browser(SystemTest):
    """The tests put the secrets that they need into a folder of the server."""

    OPTIONS = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secrets = os.path.join(cls.folder, "secrets")
        os.makedirs(cls.secrets)
        cls.server.options = (f"--secrets.dir={cls.secrets}",)
        cls.server.start()

    def test_the_main_jobs_as_a_person_does_them(self):
        for name in example_documents():
            self.server.publish_file(name)
        done = subprocess.run(["npm", "run", "--silent", "e2e"], cwd=os.path.join(ROOT, "studio"), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, "ELEVAITE_URL": self.server.url, "E2E_SECRETS": self.secrets})
        print(done.stdout)
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""Runs a script of studio/e2e that measures a page in Chromium, and gives its figures."""
import json
import os
import subprocess

import harness

FOLDER = os.path.join(harness.ROOT, "studio")


def measured(script, *arguments):
    if not os.path.isdir(os.path.join(FOLDER, "node_modules")):
        subprocess.run(["npm", "ci", "--silent"], check=True, cwd=FOLDER)
    ran = subprocess.run(["node", f"e2e/{script}", *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True, cwd=FOLDER)
    return json.loads(ran.stdout)

"""The compiler and its helpers on generated workflows of 500 and 5,000 tasks, and the memory of their programs (language_bench.cc)."""
import json
import os
import subprocess

import harness

# Milliseconds that each may take; `check` is what runs at each key in the Studio: diagnostics, outline and graph.
AT_MOST = {500: {"compile": 10, "check": 30}, 5000: {"compile": 100}}
NAMES = {"check": "check while typing", "edit": "edit, with its check"}


def run():
    figures = harness.Figures("language")
    for tasks, at_most in AT_MOST.items():
        for _ in range(harness.ROUNDS):
            with harness.Conditions() as conditions:
                command = [os.path.join(harness.BUILD, "bench/language/language_bench"), str(tasks)]
                output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            result = json.loads(output)
            figures.add(f"{tasks} tasks: program", result.pop("bytes_per_task") / 1024, "KiB a task", conditions, at_most=2)
            for name, milliseconds in result.items():
                figures.add(f"{tasks} tasks: {NAMES.get(name, name)}", milliseconds, "ms", conditions, at_most=at_most.get(name))
    figures.finish()

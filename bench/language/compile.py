"""Compiling generated workflows of 500 and 5,000 tasks, and the memory of their programs (language_bench.cc)."""
import json
import os
import subprocess

import harness

TASKS = {500: 10, 5000: 100}  # and the most milliseconds that a compilation may take


def run():
    figures = harness.Figures("language")
    for tasks, at_most in TASKS.items():
        for _ in range(harness.ROUNDS):
            with harness.Conditions() as conditions:
                command = [os.path.join(harness.BUILD, "bench/language/language_bench"), str(tasks)]
                output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            result = json.loads(output)
            figures.add(f"{tasks} tasks: compile", result["compile_ms"], "ms", conditions, at_most=at_most)
            figures.add(f"{tasks} tasks: program", result["bytes_per_task"] / 1024, "KiB a task", conditions, at_most=2)
    figures.finish()

"""Rows of some 200 bytes through the database port (database_bench.cc), beside the disk's own fdatasync: what group commit gives."""
import json
import os
import subprocess

import harness

SHOWN = ((1, 1), (1, 64), (1, 1000), (64, 1), (256, 1), (256, 64))  # rows of a batch, callers


def run():
    figures = harness.Figures("database")
    for _ in range(harness.ROUNDS):
        with harness.DataFolder() as data:
            harness.add_disk(figures, data)
            with harness.Conditions() as conditions:
                command = [os.path.join(harness.BUILD, "bench/database/database_bench"), data, str(min(harness.SECONDS, 2))]
                output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        for line in map(json.loads, output.splitlines()):
            if "point_reads" in line:
                figures.add("point reads, 4 callers", line["point_reads"], "/s", conditions)
            elif (line["rows_per_batch"], line["callers"]) in SHOWN:
                what = f"{line['rows_per_batch']} rows a batch, callers {line['callers']}: "
                figures.add(what + "rows", line["rows"], "/s", conditions)
                figures.add(what + "commits", line["commits"], "/s", conditions)
                figures.add(what + "p50", line["p50_ms"], "ms", conditions)
    figures.finish()

"""A pause of the account while 100,000 executions run: how long calls still begin after it was asked for.

Each execution calls a web server (nginx), waits, and calls again, spread evenly, so that some thousands of calls begin in a second. The pause takes
effect when the last call has ended; that is read off the server's own counters, which are asked all the time, so it is not better than
some hundredths of a second. Afterwards it is checked that none begins for as long as each execution waits, and how long it takes until
all run again. One round: after it all wait at the same time. BENCH_RUNS sets how many executions there are, BENCH_WAIT how many seconds each waits.
"""
import os
import sys
import time

import harness

RUNS = int(os.environ.get("BENCH_RUNS", 100_000))
WAIT = int(os.environ.get("BENCH_WAIT", max(10, RUNS // 2_000)))
EFFECT_MAX = 1  # seconds

WORKFLOW = """
document: {{dsl: '1.0.3', namespace: bench, name: turning, version: '1.0.0'}}
do:
  - spread: {{wait: '${{ {{milliseconds: .first}} }}'}}
  - rounds:
      for: {{each: i, in: '[range(40)]'}}
      do:
        - one: {{call: http, with: {{method: get, endpoint: 'http://127.0.0.1:{port}/'}}, output: {{as: '{{}}'}}}}
        - rest: {{wait: {{seconds: {wait}}}}}
"""


def elevaite(data, port):
    return harness.Server([os.path.join(harness.BUILD, "elevaite"), "serve", f"--data.dir={data}", f"--server.port={port}",
                           "--log.level=warn", "--egress.allow=127.0.0.1"], f"http://127.0.0.1:{port}/ready", cwd=data)


def calls(port):
    """How many have ended, and whether some are under way or wait for their turn."""
    now = harness.counters(port)
    if now["activities_failed_total"]:
        sys.exit("calls failed")
    return now["activities_succeeded_total"], now["activities_running"] + now["activities_waiting"]


def rate(port, seconds):
    begun, before = time.monotonic(), calls(port)[0]
    time.sleep(seconds)
    return (calls(port)[0] - before) / (time.monotonic() - begun)


def run():
    figures = harness.Figures("pause")
    port, web_port = harness.free_port(), harness.free_port()
    base = f"http://127.0.0.1:{port}"
    with harness.DataFolder() as data, harness.web_server(data, web_port), elevaite(data, port) as server:
        harness.call("POST", f"{base}/v1/workflows", WORKFLOW.format(port=web_port, wait=WAIT), "application/yaml")
        harness.start_all(port, "turning", ({"first": i * 7919 % (WAIT * 1000)} for i in range(RUNS)))
        time.sleep(WAIT)  # until each has called once
        with harness.Conditions(server.pid) as conditions:
            before = rate(port, harness.SECONDS)
        if not before:
            sys.exit("nothing is called before the pause")
        figures.add(f"calls of {RUNS:,} executions before the pause", before, "/s", conditions)
        with harness.Conditions(server.pid) as conditions:
            begun = time.monotonic()
            harness.call("POST", f"{base}/v1/flow/pause", "{}")
            answered = time.monotonic() - begun
            last = answered  # none after the answer: at most that
            ended, under_way = calls(port)
            while time.monotonic() - begun < 3:
                now, under_way = calls(port)
                if now != ended or under_way:
                    ended, last = now, time.monotonic() - begun
        figures.add("the pause is answered after", answered * 1000, "ms", conditions)
        figures.add("the last call has ended after", last * 1000, "ms", conditions, at_most=EFFECT_MAX * 1000)
        time.sleep(WAIT)
        still = calls(port)[0] - ended
        if still:
            sys.exit(f"{still:.0f} calls began under the pause")
        held = harness.counters(port)["executions_held"]
        with harness.Conditions(server.pid) as conditions:
            begun = time.monotonic()
            harness.call("POST", f"{base}/v1/flow/resume", "{}")
            while harness.counters(port)["executions_held"]:
                time.sleep(0.05)
        figures.add(f"until all run again that were touched ({held:,.0f})", time.monotonic() - begun, "s", conditions)
    figures.finish()

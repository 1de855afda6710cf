"""More load than the shipped binary can take: a rate is offered, whatever the answers, step by step.

A second is good when its p99 stays within 20 ms and nothing that was due in it is refused. Sustainable is the last step before the first
of which more than a fifth of the seconds are not good: the virtual disk stands still now and then, at any rate. Then twice that is offered:
what is taken must keep its latency (3 x), the rest must be told so (429 or 503, with Retry-After).
"""
import json
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import harness
from engine import sync  # the same webhook

BODY = '{"x": 41, "name": "bench"}'
STEPS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)  # of what 64 connections in a closed loop get
P99_MAX = 20  # ms, of a good second
GOOD_MIN = 0.8  # of the seconds of what is sustainable
WORSE_MAX = 3  # times, at twice that


def offer(port, rate, seconds):
    """What bench/http/open_loop says, and how many answers had another status than 200."""
    command = [os.path.join(harness.BUILD, "bench/http/open_loop"), str(port), "/hooks/greet", BODY, str(rate), str(seconds)]
    seen = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    seen["taken"] = seen["status"].pop("200", 0)
    if seen["unanswered"]:
        seen["status"]["none"] = seen["unanswered"]
    seen["good"] = statistics.mean(second["p99_ms"] <= P99_MAX and second["lost"] == 0 for second in seen["seconds"])
    seen["usual_p99_ms"] = statistics.median(second["p99_ms"] for second in seen["seconds"])
    return seen


class Refusals(threading.Thread):
    """Asks now and then during the overload, and looks at what it is told when it is refused."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url, self.going, self.told = url, True, []

    def run(self):
        while self.going:
            request = urllib.request.Request(self.url, data=BODY.encode(), headers={"content-type": "application/json"})
            try:
                urllib.request.urlopen(request, timeout=30).read()
            except urllib.error.HTTPError as error:
                self.told.append((error.code, error.headers.get("retry-after"), error.headers.get("content-type")))
            time.sleep(0.02)


def step_up(port, capacity, server):
    """What was seen at the last sustainable rate, with that rate and the state of the machine."""
    best = None
    for share in STEPS:
        with harness.Conditions(server.pid) as conditions:
            seen = offer(port, share * capacity, 2 * harness.SECONDS)
        seen["rate"] = seen["taken"] / (2 * harness.SECONDS)
        print(f"  offered {share * capacity:,.0f}/s: {seen['rate']:,.0f}/s taken, p50 {seen['p50_ms']:.1f} ms, p99 {seen['p99_ms']:.1f} ms, "
              f"of the median second {seen['usual_p99_ms']:.1f} ms, good seconds {seen['good']:.0%}, others {seen['status'] or 'none'}", flush=True)
        if seen["good"] < GOOD_MIN:
            break
        best = (seen, conditions)
    if best is None:
        sys.exit("not even the lowest step is sustainable")
    return best


def check_refusals(statuses, told):
    wrong = [one for one in told if one[0] not in (429, 503) or not one[1] or one[2] != "application/problem+json"]
    if wrong or any(status not in ("429", "503") for status in statuses):
        sys.exit(f"refused in another way: {statuses} {wrong[:3]}")


def run():
    figures = harness.Figures("engine-overload")
    port = harness.free_port()
    with harness.DataFolder() as data, harness.elevaite(data, port) as server:
        script = os.path.join(data, "post.lua")
        with open(script, "w") as file:
            file.write(sync.LUA % sync.publish(f"http://127.0.0.1:{port}"))
        for _ in range(harness.ROUNDS):
            capacity = harness.wrk(f"http://127.0.0.1:{port}/hooks/greet", 64, harness.SECONDS, script)["requests_per_second"]
            before, conditions = step_up(port, capacity, server)
            figures.add("sustainable", before["rate"], "/s", conditions)
            figures.add("its p99", before["p99_ms"], "ms", conditions)
            figures.add("its p99 in the median second", before["usual_p99_ms"], "ms", conditions)
            refusals = Refusals(f"http://127.0.0.1:{port}/hooks/greet")
            refusals.start()
            seconds = 2 * harness.SECONDS
            with harness.Conditions(server.pid) as conditions:
                seen = offer(port, 2 * before["rate"], seconds)
            refusals.going = False
            refusals.join()
            check_refusals(seen["status"], refusals.told)
            figures.add("twice that: taken", seen["taken"] / seconds, "/s", conditions)
            figures.add("twice that: refused", sum(seen["status"].values()) / seconds, "/s", conditions)
            figures.add("twice that: not sent, no connection free", seen["unsent"] / seconds, "/s", conditions)
            figures.add("twice that: the client's own lateness, p99", seen["late_p99_ms"], "ms", conditions)
            figures.add("twice that: p99 of what is taken", seen["p99_ms"], "ms", conditions)
            figures.add("twice that: p99 in the median second", seen["usual_p99_ms"], "ms", conditions)
            figures.add("twice that: p99 / p99 when sustainable", seen["p99_ms"] / before["p99_ms"], "x", conditions, at_most=WORSE_MAX)
            figures.add("twice that: the same of the median seconds", seen["usual_p99_ms"] / before["usual_p99_ms"], "x", conditions, at_most=WORSE_MAX)
    figures.finish()

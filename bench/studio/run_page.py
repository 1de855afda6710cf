"""The page of an execution of 50,000 events in Chromium: until it can be used, and how it moves.

BENCH_EVENTS sets their number; BENCH_STUDIO_URL an address where another Studio stands before the same server. Each round is a browser with an empty cache: the page and all that it loads comes from the server.
"""
import os

import harness
from engine import long
from studio import chromium

ROUNDS = max(5, harness.ROUNDS)
INTERACTIVE_MS = 1_500
# Beyond this a movement is seen to stumble.
TASK_MS = 100
NAMES = {
    "rendered": "timeline painted",
    "interactive": "a click on it answered",
    "graph_drawn": "graph drawn",
    "longest_task_opening": "longest task, opening",
    "longest_task_in_use": "longest task, in use",
    "longest_frame_timeline": "longest frame, timeline scrolled",
    "longest_frame_events": "longest frame, events scrolled",
    "to_graph": "to the graph",
    "to_events": "to the events",
    "to_timeline": "to the timeline",
    "to_last_event": "to the last of the events",
}
TARGETS = {"interactive": INTERACTIVE_MS, "longest_task_in_use": TASK_MS}


def run():
    figures = harness.Figures("run-page")
    port = harness.free_port()
    url = f"http://127.0.0.1:{port}"
    with harness.DataFolder() as data, harness.elevaite(data, port) as server:
        for shape, (tasks, events) in long.SHAPES.items():
            execution, total = long.executed(url, shape, tasks, events)
            for _ in range(ROUNDS):
                with harness.Conditions(server.pid) as conditions:
                    screens = chromium.measured("run_page.mjs", os.environ.get("BENCH_STUDIO_URL", url), execution, total)
                for screen, taken in screens.items():
                    for what, ms in taken.items():
                        figures.add(f"{shape}, {screen}: {NAMES[what]}", ms, "ms", conditions, at_most=TARGETS.get(what))
    figures.finish()

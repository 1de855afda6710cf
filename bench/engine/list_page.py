"""The first page of the list of runs over HTTP, and many who watch it, over BENCH_EXECUTIONS (1,000,000) stored executions on SQLite.

Each who watches asks twice every three seconds with the etag of what is there, as the Studio does. In the end the Studio's own list is read
in Chromium while 20 runs a second start: how it scrolls, and whether what is read keeps its place."""
import http.client
import os
import subprocess
import threading
import time

import harness
from studio import chromium

EXECUTIONS = os.environ.get("BENCH_EXECUTIONS", "1000000")
WATCHERS = 100
LOOK_SECONDS = 3
TARGET_MS = 100
FRAME_MS = 100
LIVE = "document: {dsl: '1.0.3', namespace: bench, name: live, version: '1.0.0'}\ndo:\n- nap: {wait: {seconds: 2}}\n"
READ = {
    "scroll_frame": ("longest frame, scrolled through 1,000 rows", "ms", FRAME_MS),
    "scroll_task": ("longest task, scrolled", "ms", None),
    "read_frame": ("longest frame, read while runs come", "ms", FRAME_MS),
    "read_task": ("longest task, read while runs come", "ms", None),
    "moved": ("the row that is read has moved", "px", 0),
}
PAGES = {
    "all": "",
    "failed": "&status=faulted",
    "under way": "&status=pending,running,waiting",
    "of a workflow": "&workflow=workflow-17",
    "of a workflow and version": "&workflow=workflow-17&version=1.1.0",
    "of a tag": "&tag=team%3Dteam-3",
    "of an error": "&error=timeout",
    "failed in 24 hours": "&status=faulted&since=SINCE",
}


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get(self, path, etag=None):
        """Milliseconds, status and etag."""
        begun = time.monotonic()
        self.connection.request("GET", path, headers={"if-none-match": etag} if etag else {})
        reply = self.connection.getresponse()
        reply.read()
        if reply.status not in (200, 304):
            raise RuntimeError(f"{path}: {reply.status}")
        return (time.monotonic() - begun) * 1000, reply.status, reply.headers["etag"]


def path_of(shape):
    since = time.strftime("%Y-%m-%dT%H:%M:00Z", time.gmtime(time.time() - 86_400))
    return "/v1/executions?limit=50" + PAGES[shape].replace("SINCE", since)


def share(times, part):
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def watch(port, stop, times, shape):
    client, etags = Client(port), {}
    path = path_of(shape)
    while not stop.is_set():
        for _ in range(2):
            took, status, etags[path] = client.get(path, etags.get(path, '""'))
            times.append((took, status))
        stop.wait(LOOK_SECONDS)


def run():
    figures = harness.Figures("list-page")
    with harness.DataFolder() as data:
        subprocess.run([os.path.join(harness.BUILD, "bench/engine/history_bench"), data, EXECUTIONS, "0"], check=True, stdout=subprocess.DEVNULL)
        port = harness.free_port()
        with harness.elevaite(data, port) as server:
            client = Client(port)
            for shape in PAGES:
                path = path_of(shape)
                client.get(path)
                with harness.Conditions(server.pid) as conditions:
                    times = [client.get(path)[0] for _ in range(100)]
                figures.add(f"first page, {shape}: p50", share(times, 0.5), "ms", conditions)
                figures.add(f"first page, {shape}: p99", share(times, 0.99), "ms", conditions, at_most=TARGET_MS)
            stop, times = threading.Event(), []
            threads = [threading.Thread(target=watch, args=(port, stop, times, list(PAGES)[n % len(PAGES)])) for n in range(WATCHERS)]
            with harness.Conditions(server.pid) as conditions:
                before = server.cpu_seconds()
                for n, thread in enumerate(threads):
                    thread.start()
                    time.sleep(LOOK_SECONDS / WATCHERS)
                time.sleep(12)
                used = server.cpu_seconds() - before
                stop.set()
                for thread in threads:
                    thread.join()
            seconds = 12 + LOOK_SECONDS
            figures.add(f"{WATCHERS} who watch: processor of the server", used / seconds * 100, "% of a core", conditions)
            figures.add(f"{WATCHERS} who watch: p99 of an answer", share([took for took, _ in times], 0.99), "ms", conditions, at_most=TARGET_MS)
            figures.add(f"{WATCHERS} who watch: answers with nothing", sum(status == 304 for _, status in times) / len(times) * 100, "%", conditions)
            harness.call("POST", f"http://127.0.0.1:{port}/v1/workflows", LIVE, "application/yaml")
            for _ in range(harness.ROUNDS):
                with harness.Conditions(server.pid) as conditions:
                    read = chromium.measured("list_page.mjs", f"http://127.0.0.1:{port}", "live")
                for key, (what, unit, most) in READ.items():
                    figures.add(f"in Chromium: {what}", read[key], unit, conditions, at_most=most)
    figures.finish()

"""What the benches share: servers, wrk, the disk's own rate, CPU and memory from /proc, and the figures with their conditions.

A figure is never shown without the machine's state while it was taken: the load average and `others`, the cores that processes
outside of the bench used (with time stolen by the host).
"""
import datetime
import http.client
import json
import os
import platform
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build", "release")
OUT = os.path.join(ROOT, "build", "bench")
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
CALM = float(os.environ.get("BENCH_CALM", "15"))
TICKS = os.sysconf("SC_CLK_TCK")


# ---- Processes -----------------------------------------------------------------------------------------------------------

def stat_fields(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()


def family(pid):
    """The process and its children, such as nginx's workers."""
    found = [pid]
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                if int(stat_fields(entry)[1]) == pid:
                    found.append(int(entry))
            except OSError:
                pass
    return found


def cpu_seconds(pid):
    """Of a process and its children, also those that have ended."""
    fields = stat_fields(pid)
    ticks = sum(map(int, fields[11:15]))
    for child in family(pid)[1:]:
        try:
            ticks += sum(map(int, stat_fields(child)[11:13]))
        except OSError:
            pass  # has just ended
    return ticks / TICKS


def rss_mib(pid):
    total = 0
    for process in family(pid):
        with open(f"/proc/{process}/status") as file:
            match = re.search(r"VmRSS:\s+(\d+) kB", file.read())
        total += int(match.group(1)) if match else 0
    return total / 1024


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A server process; leaves the `with` block stopped, by its pid."""

    def __init__(self, arguments, ready_url, **options):
        self.begun = time.monotonic()
        self.process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, **options)
        self.pid = self.process.pid
        try:
            self.ready_seconds = self.wait_ready(ready_url)
        except BaseException:
            self.stop(signal.SIGKILL)
            raise

    def wait_ready(self, url, timeout=120):
        while time.monotonic() - self.begun < timeout:
            if self.process.poll() is not None:
                sys.exit(f"{self.process.args[0]} ended with {self.process.returncode}")
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return time.monotonic() - self.begun
            except urllib.error.HTTPError:
                pass
            except OSError:
                pass
            time.sleep(0.002)
        sys.exit(f"nothing answers at {url}")

    def cpu_seconds(self):
        return cpu_seconds(self.pid)

    def rss_mib(self):
        return rss_mib(self.pid)

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class DataFolder:
    """A new folder on the disk that the build is on, gone at the end."""

    def __enter__(self):
        os.makedirs(OUT, exist_ok=True)
        self.path = tempfile.mkdtemp(prefix="data-", dir=OUT)
        os.chmod(self.path, 0o755)  # nginx's workers read from it
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def elevaite(data, port):
    return Server([os.path.join(BUILD, "elevaite"), "serve", f"--data.dir={data}", f"--server.port={port}", "--log.level=warn"],
                  f"http://127.0.0.1:{port}/ready", cwd=data)


def call(method, url, body=None, content_type="application/json"):
    data = body.encode() if isinstance(body, str) else (None if body is None else json.dumps(body).encode())
    request = urllib.request.Request(url, data=data, method=method, headers={"content-type": content_type})
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.read().decode()


def counters(port):
    """The numbers of /metrics that have no labels."""
    text = call("GET", f"http://127.0.0.1:{port}/metrics")
    return {name: float(value) for name, value in re.findall(r"^(\w+) ([\d.e+]+)$", text, re.MULTILINE)}


def settled(port):
    """Those, once what clients left under way when they closed their connections has ended: no start and no end for 0.1 s."""
    seen = None
    while True:
        now = counters(port)
        moves = (now["executions_started_total"], now["executions_completed_total"])
        if moves == seen:
            return now
        seen = moves
        time.sleep(0.1)


# ---- Measuring -----------------------------------------------------------------------------------------------------------

def busy_seconds():
    """Of all cores since the machine started, with what the host stole."""
    with open("/proc/stat") as file:
        user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


def wait_for_calm():
    """Until others use less than a quarter of a core, for CALM seconds at most: what is measured then says how it was."""
    end = time.monotonic() + CALM
    while time.monotonic() < end:
        before = busy_seconds()
        time.sleep(0.5)
        if busy_seconds() - before < 0.125:
            return


class Conditions:
    """The state of the machine during a `with` block, which begins when it is calm. `pids` are the bench's own servers; its children
    that end count as its own."""

    def __init__(self, *pids):
        self.pids = pids

    def __enter__(self):
        wait_for_calm()
        self.before = self.now()
        return self

    def __exit__(self, *_):
        busy, own, at = (after - before for after, before in zip(self.now(), self.before))
        self.others = max(0.0, (busy - own) / at)
        self.load = os.getloadavg()[0]

    def now(self):
        usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        own = sum(one.ru_utime + one.ru_stime for one in usage) + sum(map(cpu_seconds, self.pids))
        return busy_seconds(), own, time.monotonic()


def milliseconds(text):
    value, unit = re.match(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def wrk(url, connections, seconds, script=None):
    """Any answer but 2xx, and any broken connection, ends the bench."""
    arguments = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", "--timeout", "30s"]
    output = subprocess.run(arguments + (["-s", script] if script else []) + [url], check=True, capture_output=True, text=True).stdout
    errors = re.search(r"(Non-2xx.*|Socket errors.*|not 200: [1-9].*)", output)
    if errors:
        sys.exit(f"errors in the run: {errors.group(1)}")
    return {
        "requests": int(re.search(r"(\d+) requests in", output).group(1)),
        "requests_per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)),
        "p50_ms": milliseconds(re.search(r"^ +50% +(\S+)", output, re.MULTILINE).group(1)),
        "p99_ms": milliseconds(re.search(r"^ +99% +(\S+)", output, re.MULTILINE).group(1)),
    }


def disk(folder, overwrite, seconds=1.0):
    """4 KiB written and made durable with fdatasync, again and again: (per second, milliseconds at the median)."""
    path = os.path.join(folder, "fdatasync")
    page, span, times = b"x" * 4096, 64 << 20, []
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if overwrite:  # as a log is that is written over from its begin
            os.pwrite(file, b"x" * span, 0)
            os.fsync(file)
        begin = at = time.perf_counter()
        offset = 0
        while at - begin < seconds:
            os.pwrite(file, page, offset % span)
            os.fdatasync(file)
            offset += len(page)
            now = time.perf_counter()
            times.append(now - at)
            at = now
    finally:
        os.close(file)
        os.unlink(path)
    return len(times) / (at - begin), statistics.median(times) * 1e3


def add_disk(figures, folder):
    """Both figures of the disk; returns the median milliseconds of an overwrite, the cheaper of the two."""
    for name, overwrite in (("append", False), ("overwrite", True)):
        with Conditions() as conditions:
            rate, p50_ms = disk(folder, overwrite)
        figures.add(f"disk: 4 KiB {name} + fdatasync", rate, "/s", conditions)
        figures.add(f"disk: 4 KiB {name} + fdatasync p50", p50_ms, "ms", conditions)
    return p50_ms


# ---- Figures -------------------------------------------------------------------------------------------------------------

def shown(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


class Figures:
    """The figures of one bench: each has one sample a round. The median counts; `calmest` is the sample that others disturbed least."""

    def __init__(self, name):
        self.name = name
        self.figures = {}

    def add(self, what, value, unit, conditions, at_least=None, at_most=None):
        figure = self.figures.setdefault(what, {"what": what, "unit": unit, "samples": [], "load": [], "others": []})
        figure["samples"].append(value)
        figure["load"].append(round(conditions.load, 2))
        figure["others"].append(round(conditions.others, 2))
        figure["at_least"], figure["at_most"] = at_least, at_most

    def finish(self):
        for figure in self.figures.values():
            median = figure["median"] = statistics.median(figure["samples"])
            figure["calmest"] = figure["samples"][figure["others"].index(min(figure["others"]))]
            least, most = figure["at_least"], figure["at_most"]
            bounded = least is not None or most is not None
            figure["met"] = (least is None or median >= least) and (most is None or median <= most) if bounded else None
        self.show()
        os.makedirs(OUT, exist_ok=True)
        with open(os.path.join(OUT, f"{self.name}.json"), "w") as file:
            json.dump({"bench": self.name, "seconds": SECONDS, "rounds": ROUNDS, **machine(), "figures": list(self.figures.values())},
                      file, indent=1)

    def show(self):
        rows = [("", "median", "min - max", "calmest", "", "others", "load", "target")]
        for figure in self.figures.values():
            samples = figure["samples"]
            sign, bound = ("<=", figure["at_most"]) if figure["at_least"] is None else (">=", figure["at_least"])
            target = "" if bound is None else f"{sign} {shown(bound)}: {'met' if figure['met'] else 'MISSED'}"
            spread = f"{shown(min(samples))} - {shown(max(samples))}" if len(samples) > 1 else ""
            calmest = f"{shown(figure['calmest'])} @ {min(figure['others']):.2f}" if len(samples) > 1 else ""
            rows.append((figure["what"], shown(figure["median"]), spread, calmest, figure["unit"],
                         f"{statistics.median(figure['others']):.2f}", f"{statistics.median(figure['load']):.1f}", target))
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        print(f"\n{self.name}")
        for row in rows:
            cells = [cell.ljust(width) if i in (0, 4, 7) else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))]
            print("  " + "  ".join(cells).rstrip())
        sys.stdout.flush()


def machine():
    with open("/proc/cpuinfo") as file:
        model = re.search(r"model name\s*:\s*(.*)", file.read())
    return {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "cores": os.cpu_count(),
            "cpu": model.group(1) if model else platform.machine(),
            "memory_mib": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20,
            "kernel": platform.release()}


NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 2048; }}
http {{
  access_log off; keepalive_requests 1000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; location / {{ default_type application/json; return 200 '{{"ok": true}}'; }} }}
}}
"""


def web_server(folder, port):
    """nginx, which answers every request with a small object."""
    path = os.path.join(folder, "nginx.conf")
    with open(path, "w") as file:
        file.write(NGINX.format(folder=folder, port=port))
    return Server(["nginx", "-c", path, "-p", folder], f"http://127.0.0.1:{port}/")


def start_all(port, workflow, inputs, starters=16):
    """Starts one execution for each of the inputs; who is refused for now tries again."""
    inputs = iter(inputs)
    lock = threading.Lock()

    def starter():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                given = next(inputs, None)
            if given is None:
                return
            status = 503
            while status == 503:
                connection.request("POST", f"/v1/workflows/{workflow}/executions", json.dumps(given), {"content-type": "application/json"})
                response = connection.getresponse()
                response.read()
                status = response.status
                if status == 503:
                    time.sleep(0.2)
            assert status in (200, 202), f"a start was answered {status}"

    threads = [threading.Thread(target=starter) for _ in range(starters)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

#!/usr/bin/env python3
"""Our HTTP server beside Debian's nginx, both serving the same small JSON document over keep-alive connections.

    bench/http/run.py BUILD_FOLDER [--rounds 5] [--seconds 5] [--connections 64] [--out result.json]

Needs wrk and nginx. The two take turns, so that a change in the machine's load meets both. nginx serves a file from disk with
sendfile and open_file_cache, one worker a core, no access log: the way it is run for speed. Figures are medians over the rounds;
cpu_us is user plus system time of the server per request.
"""
import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

BODY = ('{"id":"exe_01j0000000000000000000","workflow":"orders","version":"1.0.0","status":"completed","duration_ms":12,'
        '"output":{"total":42.5,"items":3}}    ')

NGINX = """
daemon off; master_process on; worker_processes auto; pid {root}/nginx.pid; error_log {root}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_timeout 75; keepalive_requests 1000000000;
  open_file_cache max=100; open_file_cache_valid 60s; types {{ application/json json; }}
  client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi;
  uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
  server {{ listen 127.0.0.1:{port}; root {root}/www; }}
}}
"""


def processes_of(pid):
    """The process and its children: nginx's workers."""
    found = [pid]
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat:
                    if int(stat.read().rsplit(")", 1)[1].split()[1]) == pid:
                        found.append(int(entry))
            except OSError:
                pass
    return found


def cpu_seconds(pid):
    ticks = 0
    for process in processes_of(pid):
        with open(f"/proc/{process}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def rss_mib(pid):
    total = 0
    for process in processes_of(pid):
        with open(f"/proc/{process}/status") as status:
            match = re.search(r"VmRSS:\s+(\d+) kB", status.read())
        total += int(match.group(1)) if match else 0
    return total / 1024


def milliseconds(text):
    value, unit = re.match(r"([\d.]+)(us|ms|s)", text).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def measure(pid, port, seconds, connections):
    before = cpu_seconds(pid)
    output = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", f"http://127.0.0.1:{port}/document.json"],
        check=True, capture_output=True, text=True).stdout
    cpu = cpu_seconds(pid) - before
    requests = int(re.search(r"(\d+) requests in", output).group(1))
    errors = re.search(r"(Non-2xx.*|Socket errors.*)", output)
    if errors:
        sys.exit(f"errors in the run: {errors.group(1)}")
    return {
        "requests_per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)),
        "p50_ms": milliseconds(re.search(r"50%\s+(\S+)", output).group(1)),
        "p99_ms": milliseconds(re.search(r"99%\s+(\S+)", output).group(1)),
        "cpu_us": cpu * 1e6 / requests,
        "rss_mib": rss_mib(pid),
    }


def wait_for(port):
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/document.json", timeout=2) as response:
                if response.read().decode() != BODY:
                    sys.exit("the server answers with another document")
                return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"nothing answers on port {port}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--ports", default="18080,18081")
    parser.add_argument("--out")
    options = parser.parse_args()
    nginx_port, our_port = (int(port) for port in options.ports.split(","))
    root = tempfile.mkdtemp(prefix="http-bench-")
    os.chmod(root, 0o755)
    os.mkdir(f"{root}/www")
    with open(f"{root}/www/document.json", "w") as file:
        file.write(BODY)
    with open(f"{root}/nginx.conf", "w") as file:
        file.write(NGINX.format(root=root, port=nginx_port))
    servers = {}
    try:
        servers["nginx"] = (subprocess.Popen(["nginx", "-c", f"{root}/nginx.conf"], stderr=subprocess.DEVNULL), nginx_port)
        servers["elevaite"] = (subprocess.Popen([f"{options.build}/bench/http/http_bench", str(our_port)],
                                                stdout=subprocess.DEVNULL), our_port)
        for _, port in servers.values():
            wait_for(port)
        samples = {name: [] for name in servers}
        for round_number in range(options.rounds):
            for name in sorted(servers, reverse=round_number % 2 == 0):
                process, port = servers[name]
                samples[name].append(measure(process.pid, port, options.seconds, options.connections))
    finally:
        for process, _ in servers.values():
            process.send_signal(signal.SIGTERM)
            process.wait(10)
        shutil.rmtree(root, ignore_errors=True)
    medians = {name: {key: round(statistics.median(sample[key] for sample in runs), 3) for key in runs[0]}
               for name, runs in samples.items()}
    ratios = [ours["requests_per_second"] / theirs["requests_per_second"]
              for ours, theirs in zip(samples["elevaite"], samples["nginx"])]
    result = {"rounds": options.rounds, "seconds": options.seconds, "connections": options.connections,
              "cores": os.cpu_count(), "load": os.getloadavg(), "median": medians,
              "ratio": round(statistics.median(ratios), 3), "ratio_min": round(min(ratios), 3),
              "ratio_max": round(max(ratios), 3), "samples": samples}
    for name, values in medians.items():
        print(f"{name:9}", "  ".join(f"{key} {value}" for key, value in values.items()))
    print(f"ratio elevaite/nginx: median {result['ratio']}, {result['ratio_min']} to {result['ratio_max']}")
    if options.out:
        with open(options.out, "w") as file:
            json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()

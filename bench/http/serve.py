"""Our HTTP server beside Debian's nginx, both serving the same small JSON document over 64 keep-alive connections.

The two take turns, so that a change in the machine's load meets both. nginx serves a file from disk with sendfile and
open_file_cache, one worker a core, no access log: the way it is run for speed.
"""
import os
import sys
import urllib.request

import harness

BODY = ('{"id":"exe_01j0000000000000000000","workflow":"orders","version":"1.0.0","status":"completed","duration_ms":12,'
        '"output":{"total":42.5,"items":3}}    ')
CONNECTIONS = 64

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


def nginx(root, port):
    os.mkdir(f"{root}/www")
    with open(f"{root}/www/document.json", "w") as file:
        file.write(BODY)
    with open(f"{root}/nginx.conf", "w") as file:
        file.write(NGINX.format(root=root, port=port))
    return ["nginx", "-c", f"{root}/nginx.conf"]


def measure(figures, name, server, url):
    with harness.Conditions(server.pid) as conditions:
        cpu = server.cpu_seconds()
        result = harness.wrk(url, CONNECTIONS, harness.SECONDS)
        cpu = server.cpu_seconds() - cpu
    figures.add(f"{name}: requests", result["requests_per_second"], "/s", conditions)
    figures.add(f"{name}: p50", result["p50_ms"], "ms", conditions)
    figures.add(f"{name}: p99", result["p99_ms"], "ms", conditions)
    figures.add(f"{name}: CPU per request", cpu * 1e6 / result["requests"], "us", conditions)
    figures.add(f"{name}: memory", server.rss_mib(), "MiB", conditions)
    return result["requests_per_second"], conditions


def run():
    figures = harness.Figures("http")
    ports = {name: harness.free_port() for name in ("nginx", "elevaite")}
    urls = {name: f"http://127.0.0.1:{port}/document.json" for name, port in ports.items()}
    binary = os.path.join(harness.BUILD, "bench/http/http_bench")
    with harness.DataFolder() as root, \
            harness.Server(nginx(root, ports["nginx"]), urls["nginx"]) as theirs, \
            harness.Server([binary, str(ports["elevaite"])], urls["elevaite"]) as ours:
        servers = {"nginx": theirs, "elevaite": ours}
        for name, url in urls.items():
            with urllib.request.urlopen(url) as response:
                if response.read().decode() != BODY:
                    sys.exit(f"{name} answers with another document")
        for number in range(harness.ROUNDS):
            rates = {}
            for name in sorted(servers, reverse=number % 2 == 0):
                rates[name], conditions = measure(figures, name, servers[name], urls[name])
            figures.add("requests, elevaite / nginx", rates["elevaite"] / rates["nginx"], "", conditions, at_least=0.8)
    figures.finish()

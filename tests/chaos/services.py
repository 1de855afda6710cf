"""The service that workflows call: it does each piece of work once, known by its idempotency key, and remembers all it was asked."""

import http.server
import json
import random
import threading
import time


class Effects:
    def __init__(self, address="127.0.0.1", seed=0):
        self.lock = threading.Lock()
        self.first = {}  # key -> (sequence, body, time)
        self.calls = 0
        self.repeated = 0
        self.differing = []  # keys that came with two bodies
        self.random = random.Random(f"{seed}/effects")
        effects = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                status, answer = effects.do(self.headers.get("idempotency-key"), body)
                payload = json.dumps(answer).encode()
                try:
                    self.send_response(status)
                    self.send_header("content-type", "application/json")
                    self.send_header("content-length", str(len(payload)))
                    self.end_headers()
                    self.wfile.write(payload)
                except OSError:
                    pass  # the caller has died meanwhile

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass

        self.server = Server((address, 0), Handler)
        self.url = f"http://{address}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def do(self, key, body):
        with self.lock:
            self.calls += 1
            chance = self.random.random()
            if chance < 0.05:
                return 503, {"title": "busy"}
            known = self.first.get(key)
            if known is None:
                known = self.first[key] = (len(self.first) + 1, body, time.monotonic())
            else:
                self.repeated += 1
                if known[1] != body:
                    self.differing.append(key)
        time.sleep(0.3 if chance > 0.97 else chance * 0.02)
        return 200, {"receipt": known[0], "n": json.loads(body)["n"]}

    def close(self):
        self.server.shutdown()

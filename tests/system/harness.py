"""Starts the real binary and talks to it, for the whole-system tests. Standard library only."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("ELEVAITE_BINARY", os.path.join(ROOT, "build/release/elevaite"))


def example_documents():
    """The workflows in examples/, without their tests."""
    names = sorted(os.listdir(os.path.join(ROOT, "examples")))
    return [name for name in names if name.endswith(".yaml") and not name.endswith(".test.yaml")]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def has_hung_up(connection):
    """Whether the client of a connection that a test's own server has is gone."""
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.setblocking(True)


def clean_environment():
    """Ours without what is meant for the tests or the developer: the server refuses ELEVAITE_ variables that it does not know."""
    return {k: v for k, v in os.environ.items() if not k.startswith("ELEVAITE_")}


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    def __init__(self, data, *options, env=None, port=None):
        self.data, self.options, self.port = data, options, port or free_port()
        self.env = {**clean_environment(), **(env or {})}
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.log = open(os.path.join(os.path.dirname(self.data), "server.log"), "ab")
        self.process = subprocess.Popen(
            [BINARY, "serve", f"--data.dir={self.data}", f"--server.port={self.port}", *self.options],
            stdout=self.log, stderr=self.log, env=self.env)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError("the server ended at once: " + self.log_text()[-2000:])
            try:
                if self.get("/ready").status == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError("the server did not become ready: " + self.log_text()[-2000:])

    def log_text(self):
        with open(os.path.join(os.path.dirname(self.data), "server.log"), errors="replace") as f:
            return f.read()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.log.close()
        return self.process.returncode

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def request(self, method, path, body=None, headers=None, timeout=60, address="127.0.0.1"):
        connection = http.client.HTTPConnection(address, self.port, timeout=timeout)
        try:
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
                headers = {"content-type": "application/json", **(headers or {})}
            if isinstance(body, str):
                body = body.encode()
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def metric(self, name):
        """Of those that have no labels."""
        for line in self.get("/metrics").body.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        raise AssertionError(f"no metric {name}")

    def publish(self, source):
        return self.request("POST", "/v1/workflows", source, {"content-type": "application/yaml"})

    def publish_file(self, name):
        with open(os.path.join(ROOT, "examples", name)) as f:
            reply = self.publish(f.read())
        assert reply.status in (200, 201), reply.body
        return reply.json

    def run(self, name, value=None, wait="30s", headers=None):
        return self.request("POST", f"/v1/workflows/{name}/executions?wait={wait}", json.dumps(value),
                            {"content-type": "application/json", **(headers or {})})

    def webhook(self, workflow, path, **settings):
        reply = self.request("POST", "/v1/webhooks", {"workflow": workflow, "path": path, **settings})
        assert reply.status == 201, reply.body
        return reply.json

    def doctor(self, mend=False, seconds=120):
        """What an examination says at its end."""
        path = "/v1/system/doctor/mend" if mend else "/v1/system/doctor"
        begun = until(lambda: (reply := self.request("POST", path)).status != 409 and reply, seconds, "no other one is under way")
        assert begun.status == 202, begun.body
        one = until(lambda: (now := self.get(begun.headers["location"]).json)["state"] != "running" and now, seconds, "the doctor ends")
        assert one["state"] == "completed", one
        return one

    def cli(self, *arguments, stdin=None):
        return subprocess.run([BINARY, *arguments], capture_output=True, text=True, input=stdin, timeout=120,
                              env={**self.env, "ELEVAITE_SERVER": self.url})


def until(condition, seconds=30, what="", pause=0.05):
    """Waits for a condition, and gives what it gave."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(pause)
    raise AssertionError(f"not within {seconds} s: {what or condition}")


def document(name, tasks, head=""):
    return f"document: {{dsl: '1.0.3', namespace: test, name: {name}, version: '1.0.0'}}\n{head}do:\n{tasks}"


class SystemTest(unittest.TestCase):
    """A folder of its own for each class, and a server on it unless OPTIONS is None."""

    OPTIONS = ()

    @classmethod
    def environment(cls):
        """Of a server on data of its own."""
        return {}

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="elevaite-test-")
        cls.server = Server(os.path.join(cls.folder, "data"), *(cls.OPTIONS or ()), env=cls.environment())
        if cls.OPTIONS is not None:
            cls.server.start()

    @classmethod
    def tearDownClass(cls):
        if cls.server.process and cls.server.process.poll() is None:
            cls.server.stop()
        shutil.rmtree(cls.folder, ignore_errors=True)

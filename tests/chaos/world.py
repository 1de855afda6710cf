"""What is put under faults: one node on SQLite, one on PostgreSQL, or several on one PostgreSQL."""

import atexit
import functools
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))

from failover import PairOfPostgres  # noqa: E402
from harness import BINARY, Server  # noqa: E402
from network import Network  # noqa: E402
from services import Effects  # noqa: E402
from small_disk import SmallDisk  # noqa: E402

DISK_MIB = 4096


@functools.cache
def clock_library():
    """clock.c, compiled. (libfaketime and jemalloc wait for each other at the start.)"""
    folder = tempfile.mkdtemp(prefix="elevaite-chaos-clock-")
    atexit.register(shutil.rmtree, folder, True)
    library = os.path.join(folder, "clock.so")
    subprocess.run(["clang-19", "-O1", "-shared", "-fPIC", "-o", library, os.path.join(os.path.dirname(os.path.abspath(__file__)), "clock.c")], check=True)
    return library


def keep_core():
    """A process that ends by a signal of its own leaves a core in its folder (see --keep)."""
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class Node(Server):
    """One process of the platform: maybe in a network namespace, with a clock that can be set."""

    def __init__(self, folder, name, address, network=None, number=None, options=(), env=None, port=None, binary=BINARY):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        super().__init__(os.path.join(folder, name, "data"), *options, env=env, port=port)
        self.name, self.address, self.network, self.number, self.binary = name, address, network, number, binary
        self.clock = os.path.join(folder, name, "clock")
        self.set_clock(0)

    def set_clock(self, offset_s):
        """How far the clock on the wall is from the true one; the steady clock is not touched."""
        with open(self.clock, "r+b" if os.path.exists(self.clock) else "wb", buffering=0) as f:
            f.write(struct.pack("=q", offset_s))

    def launch(self):
        """Without waiting until it is ready."""
        self.log = open(os.path.join(os.path.dirname(self.data), "server.log"), "ab")
        command = [self.binary, "serve", f"--data.dir={self.data}", f"--server.port={self.port}", f"--server.address={self.address}", *self.options]
        if self.network:
            command = self.network.within(self.number, command)
        clock = {"LD_PRELOAD": clock_library(), "CHAOS_CLOCK": self.clock}
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, env={**self.env, **clock},
                                        cwd=os.path.dirname(self.data), preexec_fn=keep_core)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def ready(self):
        try:
            return self.alive() and self.request("GET", "/ready", timeout=2).status == 200
        except OSError:
            return False

    def await_ready(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.ready():
                return True
            time.sleep(0.05)
        return False

    def request(self, method, path, body=None, headers=None, timeout=60):
        return super().request(method, path, body, headers, timeout, address=self.address)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        if self.alive():
            self.process.send_signal(signal.SIGCONT)


class World:
    def __init__(self, database, nodes, seed):
        self.folder = tempfile.mkdtemp(prefix="elevaite-chaos-")
        os.chmod(self.folder, 0o755)
        binary = shutil.copy2(BINARY, self.folder)  # so that a build meanwhile changes nothing
        os.mkdir(os.path.join(self.folder, "disk"))
        self.disk = SmallDisk(os.path.join(self.folder, "disk"), DISK_MIB)
        os.chmod(self.disk.folder, 0o777)
        self.network = Network()
        self.effects = Effects(self.network.host, seed)
        self.postgres = None
        env = {"ELEVAITE_EGRESS_ALLOW": self.effects.url.removeprefix("http://")}
        options = []
        if database == "postgres":
            self.postgres = PairOfPostgres(self.disk.folder, listen=self.network.host)
            env["ELEVAITE_DATABASE_URL"] = self.postgres.new_database("chaos")
        self.nodes = []
        for i in range(nodes):
            number = self.network.add()
            address = self.network.address(number)
            if nodes > 1:
                options = cluster_options(address)
                env["ELEVAITE_CLUSTER_TOKEN"] = "a token of the campaign: 0123456789abcdef"
            folder = self.folder if self.postgres else self.disk.folder
            self.nodes.append(Node(folder, f"node{i}", address, self.network, number, options, env, 8000, binary))

    def start(self):
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            assert node.await_ready(), node.log_text()[-3000:]

    def remove(self):
        for node in self.nodes:
            if node.alive():
                node.go_on()
                node.process.kill()
                node.process.wait()
        if self.postgres:
            self.postgres.remove()
        self.effects.close()
        self.network.remove()
        self.disk.remove()
        shutil.rmtree(self.folder, ignore_errors=True)


def cluster_options(address):
    return [f"--cluster.node_address=http://{address}:8000"]

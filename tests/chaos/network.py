"""A network of namespaces on a bridge: each node in one of its own, so that it can be cut off. Needs root and iproute2."""

import os
import subprocess


def ip(*arguments, check=True):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    assert done.returncode == 0 or not check, f"ip {' '.join(arguments)}: {done.stderr}"


class Network:
    def __init__(self):
        self.tag = f"{os.getpid() % 0xFFFF:04x}"
        self.subnet = f"10.{100 + os.getpid() % 100}.{os.getpid() // 100 % 250}"
        self.bridge = f"chaos{self.tag}"
        self.host = f"{self.subnet}.1"
        self.names = []
        ip("link", "add", self.bridge, "type", "bridge")
        ip("addr", "add", f"{self.host}/24", "dev", self.bridge)
        ip("link", "set", self.bridge, "up")

    def add(self):
        """A namespace: its number; its address is address(number)."""
        number = len(self.names)
        name = f"chaos{self.tag}n{number}"
        outside, inside = f"c{self.tag}o{number}", f"c{self.tag}i{number}"
        ip("netns", "add", name)
        self.names.append(name)
        ip("link", "add", outside, "type", "veth", "peer", "name", inside)
        ip("link", "set", inside, "netns", name)
        ip("link", "set", outside, "master", self.bridge)
        ip("link", "set", outside, "up")
        for command in (["addr", "add", f"{self.address(number)}/24", "dev", inside], ["link", "set", inside, "up"], ["link", "set", "lo", "up"]):
            ip("-n", name, *command)
        return number

    def address(self, number):
        return f"{self.subnet}.{number + 2}"

    def within(self, number, command):
        return ["ip", "netns", "exec", self.names[number], *command]

    def cut_off(self, number):
        """From everybody."""
        ip("link", "set", f"c{self.tag}o{number}", "down")

    def join(self, number):
        ip("link", "set", f"c{self.tag}o{number}", "up")

    def part(self, one, other):
        """The two do not reach each other; everybody else reaches both."""
        ip("-n", self.names[one], "route", "replace", "blackhole", f"{self.address(other)}/32")
        ip("-n", self.names[other], "route", "replace", "blackhole", f"{self.address(one)}/32")

    def reunite(self, one, other):
        ip("-n", self.names[one], "route", "del", "blackhole", f"{self.address(other)}/32", check=False)
        ip("-n", self.names[other], "route", "del", "blackhole", f"{self.address(one)}/32", check=False)

    def remove(self):
        for number, name in enumerate(self.names):
            ip("netns", "del", name, check=False)
            ip("link", "del", f"c{self.tag}o{number}", check=False)
        ip("link", "del", self.bridge, check=False)

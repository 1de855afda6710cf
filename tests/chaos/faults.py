"""What is done to the world. Each fault begins, lasts, and is undone; two may overlap."""

import signal
import threading
import time


class Fault:
    """`weight`: how often it is chosen."""

    weight = 1

    def __init__(self, world, chance):
        self.world, self.chance = world, chance
        self.node = chance.choice(world.nodes)

    def possible(self):
        return True

    def begin(self):
        raise NotImplementedError

    def lasts(self):
        return self.chance.uniform(0.2, 4)

    def end(self):
        pass

    @property
    def name(self):
        return type(self).__name__


class Kill(Fault):
    """kill -9; sometimes once more while it starts."""

    weight = 4

    def possible(self):
        return self.node.alive()

    def begin(self):
        self.node.process.kill()
        self.node.process.wait()
        if self.chance.random() < 0.3:
            time.sleep(self.chance.random())
            self.node.launch()
            time.sleep(self.chance.random() * 0.3)
            self.node.process.kill()
            self.node.process.wait()

    def end(self):
        self.node.launch()


class Drain(Fault):
    """SIGTERM, as an update does it."""

    weight = 2

    def possible(self):
        return self.node.alive()

    def begin(self):
        self.node.process.send_signal(signal.SIGTERM)
        self.node.process.wait(60)
        if self.node.process.returncode != 0:
            raise AssertionError(f"{self.node.name} ended with {self.node.process.returncode} at SIGTERM")

    def end(self):
        self.node.launch()


class Pause(Fault):
    """SIGSTOP: it comes back late and believes that no time has passed."""

    weight = 3

    def possible(self):
        return self.node.alive()

    def begin(self):
        self.node.pause()

    def lasts(self):
        return self.chance.choice([self.chance.uniform(0.1, 2), self.chance.uniform(5, 15)])

    def end(self):
        self.node.go_on()


class ClockStep(Fault):
    """The clock on the wall of one node is set forward or back for a while. Not by hours: a timer set meanwhile waits as much longer."""

    weight = 2

    def begin(self):
        self.node.set_clock(self.chance.choice([-1, 1]) * self.chance.randint(1, 20))

    def lasts(self):
        return self.chance.uniform(2, 8)

    def end(self):
        self.node.set_clock(0)


class DiskFull(Fault):
    def possible(self):
        return True

    def begin(self):
        self.world.disk.fill()

    def lasts(self):
        return self.chance.uniform(0.5, 5)

    def end(self):
        self.world.disk.free()
        if self.world.postgres:
            self.world.postgres.revive()


class CutOff(Fault):
    """A node without its network: its database, its peers, its clients."""

    weight = 2

    def possible(self):
        return self.world.postgres is not None

    def begin(self):
        self.world.network.cut_off(self.node.number)

    def lasts(self):
        return self.chance.choice([self.chance.uniform(0.2, 2), self.chance.uniform(6, 15)])

    def end(self):
        self.world.network.join(self.node.number)


class Split(Fault):
    """Two nodes that do not reach each other; both reach the database."""

    weight = 2

    def possible(self):
        return len(self.world.nodes) > 1

    def begin(self):
        self.pair = self.chance.sample(self.world.nodes, 2)
        self.world.network.part(self.pair[0].number, self.pair[1].number)

    def lasts(self):
        return self.chance.uniform(1, 12)

    def end(self):
        self.world.network.reunite(self.pair[0].number, self.pair[1].number)


class DatabaseRestart(Fault):
    """Orderly, or as a crash with recovery."""

    weight = 2

    def possible(self):
        return self.world.postgres is not None and self.world.postgres.alive()

    def begin(self):
        self.world.postgres.stop(self.chance.choice([signal.SIGINT, signal.SIGQUIT]))

    def lasts(self):
        return self.chance.uniform(0, 3)

    def end(self):
        self.world.postgres.revive()


class DatabaseFailover(Fault):
    """The primary crashes, and its standby, which has all that was committed, is promoted."""

    weight = 2

    def possible(self):
        return self.world.postgres is not None and self.world.postgres.alive()

    def begin(self):
        return self.world.postgres.fail_over()

    def lasts(self):
        return 0


class ConnectionsEnd(Fault):
    weight = 2

    def possible(self):
        return self.world.postgres is not None and self.world.postgres.alive()

    def begin(self):
        self.world.postgres.try_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'elevaite' AND random() < 0.5")

    def lasts(self):
        return 0


ALL = [Kill, Drain, Pause, ClockStep, DiskFull, CutOff, Split, DatabaseRestart, DatabaseFailover, ConnectionsEnd]


class Nemesis(threading.Thread):
    """One fault after the other, until it is told to stop; then all are undone."""

    def __init__(self, world, chance, kinds, pause_s):
        super().__init__(daemon=True, name="nemesis")
        self.world, self.chance, self.kinds, self.pause_s = world, chance, kinds, pause_s
        self.done = {}
        self.trace = []
        self.going = True
        self.failure = None

    def run(self):
        began = time.monotonic()
        try:
            while self.going:
                time.sleep(self.chance.uniform(0.2, 2 * self.pause_s))
                chosen = [k(self.world, self.chance) for k in self.chance.choices(self.kinds, [k.weight for k in self.kinds], k=2 if self.chance.random() < 0.2 else 1)]
                active = []
                for fault in chosen:
                    if not fault.possible() or any(f.node is fault.node or f.name == fault.name for f in active):
                        continue
                    if fault.begin() is False:  # it could not be done
                        continue
                    active.append(fault)
                    self.done[fault.name] = self.done.get(fault.name, 0) + 1
                    self.trace.append((time.monotonic() - began, fault.name, fault.node.name))
                if active:
                    time.sleep(max(f.lasts() for f in active))
                for fault in active:
                    fault.end()
                self.revive()
        except Exception as error:
            self.failure = error

    def revive(self):
        """What a supervisor does: a process that has ended (a full disk at its start) is started again."""
        if self.world.postgres:
            self.world.postgres.revive()
        for node in self.world.nodes:
            if not node.alive():
                node.launch()

"""A PostgreSQL with two addresses, of which one is that of the primary: another server can take its place, with everything that was committed."""

import os
import shutil
import signal
import subprocess
import time

from postgres import Postgres, url_of


class PairOfPostgres(Postgres):
    """A standby is there only for the time of a change: made from the primary, waited for by each commit, then promoted.

    Clients know both ports and take the server that can be written to.
    """

    PORTS = (5432, 5433)

    def new_database(self, name):
        super().new_database(name)
        both = ",".join([self.listen] * 2), ",".join(map(str, self.PORTS))
        return url_of(name, f"{both[0]}&port={both[1]}&target_session_attrs=read-write&connect_timeout=2")

    def fail_over(self, seconds=20):
        """False: no standby could be made (a full disk), and nothing has changed."""
        deadline = time.monotonic() + seconds
        standby = os.path.join(self.folder, f"data{time.monotonic_ns()}")
        port = next(port for port in self.PORTS if port != self.port)
        process = None
        try:
            self.check("pg_basebackup", "-h", self.folder, "-p", str(self.port), "-U", "root", "-D", standby, "-R", "-X", "stream", "-c", "fast", "--no-sync")
            process = self.launch(standby, port)
            # Every commit that is answered from now on is on the standby, too.
            self.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
            self.sql("SELECT pg_reload_conf()")
            while self.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") != "1":
                assert process.poll() is None and time.monotonic() < deadline, "the standby does not follow"
                time.sleep(0.05)
            time.sleep(0.2)
        except (AssertionError, OSError):
            self.give_up(standby, process)
            return False
        self.stop(signal.SIGQUIT)  # as a crash
        shutil.rmtree(self.data, ignore_errors=True)
        self.data, self.port, self.process = standby, port, process
        self.sql("SELECT pg_promote()")
        self.alone()
        return True

    def alone(self):
        self.sql("ALTER SYSTEM RESET synchronous_standby_names")
        self.sql("SELECT pg_reload_conf()")

    def give_up(self, standby, process):
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGQUIT)
            process.wait(60)
        shutil.rmtree(standby, ignore_errors=True)
        try:
            self.alone()
        except AssertionError:  # it is gone, and is alone when it is back
            path = os.path.join(self.data, "postgresql.auto.conf")
            subprocess.run(["sed", "-i", "/synchronous_standby_names/d", path], check=False)

"""A PostgreSQL of the test's own: in a temporary folder, on a Unix socket there; on a TCP port only when asked for."""

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

PASSWORD = "pässword/@:"


def url_of(database, where):
    quoted = "".join(f"%{byte:02X}" for byte in PASSWORD.encode())
    return f"postgresql://elevaite:{quoted}@/{database}?host={where}"


def newest_programs():
    found = glob.glob("/usr/lib/postgresql/*/bin/postgres")
    assert found, "these tests need the package postgresql"
    return os.path.dirname(max(found, key=lambda path: int(path.split("/")[4])))


class Postgres:
    def __init__(self, within=None, *settings, listen=""):
        """In a folder within this one; `settings` are those of postgresql.conf, "name=value"; `listen`: an address for TCP."""
        self.listen, self.port = listen, 5432
        self.programs = newest_programs()
        self.settings = [argument for setting in settings for argument in ("-c", setting)]
        self.folder = tempfile.mkdtemp(prefix="elevaite-postgres-", dir=within)
        self.user = None
        if os.geteuid() == 0:  # which PostgreSQL refuses to run as
            names = [u.pw_name for u in pwd.getpwall()]
            self.user = "postgres" if "postgres" in names else "nobody"
            shutil.chown(self.folder, self.user)
        self.data = os.path.join(self.folder, "data")
        self.process = None
        self.check("initdb", "-D", self.data, "-U", "root", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        with open(os.path.join(self.data, "pg_hba.conf"), "w") as f:
            f.write("local all root trust\nlocal replication root trust\nlocal all all scram-sha-256\nhost all all all scram-sha-256\n")
        self.start()
        self.sql(f"CREATE ROLE elevaite LOGIN PASSWORD '{PASSWORD}'")

    def new_database(self, name):
        """Its address, for a role that owns it and may do nothing else."""
        self.sql(f"CREATE DATABASE {name} OWNER elevaite")
        return url_of(name, self.listen or self.folder)

    def command(self, program, *arguments):
        drop = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", "--pdeathsig=QUIT"]
        return [*(drop if self.user else []), os.path.join(self.programs, program), *arguments]

    def check(self, program, *arguments):
        done = subprocess.run(self.command(program, *arguments), capture_output=True, text=True, cwd=self.folder)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def sql(self, text, database="postgres"):
        return self.check("psql", "-h", self.folder, "-p", str(self.port), "-U", "root", "-d", database, "-Atqc", text)

    def launch(self, data, port):
        with open(os.path.join(self.folder, "server.log"), "ab") as log:
            return subprocess.Popen(
                self.command("postgres", "-D", data, "-p", str(port), "-k", self.folder, "-c", f"listen_addresses={self.listen}", "-c", "shared_buffers=64MB",
                             "-c", "recovery_init_sync_method=syncfs", "-c", "authentication_timeout=10s", *self.settings),
                stdout=log, stderr=log, cwd=self.folder)

    def start(self):
        self.process = self.launch(self.data, self.port)
        deadline = time.monotonic() + 60
        while subprocess.run(self.command("pg_isready", "-h", self.folder, "-p", str(self.port), "-q"), cwd=self.folder).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < deadline, self.log_text()[-2000:]
            time.sleep(0.02)

    def stop(self, how=signal.SIGINT):
        """SIGINT ends its clients and stops, SIGQUIT is as a crash: recovery at the next start.

        A connection whose client does not speak (it is paused, the network is cut) is waited for until the time for saying who it is is over.
        """
        self.process.send_signal(how)
        self.process.wait(60)

    def alive(self):
        return self.process.poll() is None

    def revive(self):
        """Starts it when it has ended by itself: a crash, a full disk."""
        while not self.alive():
            try:
                self.start()
            except AssertionError:
                time.sleep(0.5)

    def try_sql(self, text):
        try:
            self.sql(text)
        except AssertionError:
            pass  # it is just not there

    def restart(self, how=signal.SIGINT):
        self.stop(how)
        self.start()

    def log_text(self):
        with open(os.path.join(self.folder, "server.log"), errors="replace") as f:
            return f.read()

    def remove(self):
        if self.process and self.process.poll() is None:
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A PostgreSQL server of one test's own, which it may kill: nobody else is on it."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg2

from .processes import Process, unlimited_memory, wait_until

USER = "odoo"
#: A crash of the server must lose nothing; one of the whole machine may, here. So the disk is not waited for.
SETTINGS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "synchronous_commit": "on",
    "fsync": "off",
}
#: PostgreSQL's own words for its ways to stop (pg_ctl(1)).
FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT


def server_owner():
    """Whom a PostgreSQL server runs as: None for whoever runs the tests, but root, who must be somebody else."""
    if os.geteuid():
        return None
    for name in ("civic", "postgres"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise AssertionError("there is no ordinary user 'civic' or 'postgres' to run PostgreSQL as")


class OwnPostgres:
    """A server with its own data, reached by a socket in a folder of its own; it ends with the test, however that ends.

    :param state: where the data go, if the server's user may enter it; else below /tmp

    ``options`` are what libpq, and Odoo's ``db_…`` settings, need to reach it.
    """

    def __init__(self, state):
        self.owner = server_owner()
        # a socket's path is short
        self.socket = self._make_folder("/tmp")
        home = self._make_folder(state)
        self.home = home if self._may_enter(home) else self._move_to_tmp(home)
        self.data, self.log = self.home / "data", self.home.with_suffix(".log")
        self.options = {"host": str(self.socket), "port": "5432", "user": USER}
        self.process = None

    def _make_folder(self, parent):
        folder = Path(tempfile.mkdtemp(prefix="civic-pg-", dir=parent))
        if self.owner:
            os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)
        return folder

    def _may_enter(self, folder):
        return subprocess.run([*self._become(), "test", "-w", folder], check=False, cwd="/").returncode == 0

    def _move_to_tmp(self, folder):
        folder.rmdir()
        return self._make_folder("/tmp")

    def _become(self):
        """The words that make the next command the server's user's, ended by the end of whoever starts it."""
        words = ["setpriv", f"--pdeathsig={FAST.name[3:]}"]
        if self.owner:
            words += [f"--reuid={self.owner.pw_uid}", f"--regid={self.owner.pw_gid}", "--clear-groups"]
        return words

    # life cycle -------------------------------------------------------

    def create(self):
        how = ["--username", USER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._run([*self._become(), "initdb", "-D", self.data, *how])
        self.start()

    def start(self):
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        command = [*self._become(), "postgres", "-D", self.data, "-k", self.socket, *settings]
        self.process = Process(command, self.log, cwd="/")
        wait_until(self._answers, "PostgreSQL", watching=self.process)

    def _answers(self):
        with contextlib.suppress(psycopg2.OperationalError), self.connect():
            return True
        return False

    def crash(self):
        """End all its processes at once, as by a fault; whoever starts it again has the log played back."""
        self.process.popen.send_signal(IMMEDIATE)
        self.process.popen.wait()

    def close(self):
        if self.process:
            self.process.popen.send_signal(FAST)
            self.process.stop()
        for folder in (self.socket, self.home):
            shutil.rmtree(folder, ignore_errors=True)
        self.log.unlink(missing_ok=True)

    # databases --------------------------------------------------------

    @contextlib.contextmanager
    def connect(self, database="postgres"):
        with contextlib.closing(psycopg2.connect(dbname=database, **self.options)) as connection:
            connection.autocommit = True
            yield connection

    def load(self, source, target):
        """Copy the database *source* of the tests' server, which others may go on using, to *target* here."""
        here = {"PGHOST": self.options["host"], "PGPORT": self.options["port"], "PGUSER": USER}
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{target}"')
        with self.connect(target) as connection, connection.cursor() as cursor:
            # Odoo's indexes need an unaccent() that counts as immutable; no dump says so
            cursor.execute("CREATE EXTENSION unaccent; ALTER FUNCTION unaccent(text) IMMUTABLE")
        dump = self.socket / "dump"
        self._run(["pg_dump", "--format=custom", "--compress=0", "--no-owner", f"--file={dump}", source])
        try:
            how = ["--no-owner", "--exit-on-error", "--jobs=2"]
            self._run(["pg_restore", *how, f"--dbname={target}", dump], **here)
        finally:
            dump.unlink()

    @staticmethod
    def _run(command, **environment):
        with unlimited_memory():
            done = subprocess.run(
                [os.fspath(part) for part in command],
                env={**os.environ, **environment},
                cwd="/",
                check=False,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        assert done.returncode == 0, done.stdout

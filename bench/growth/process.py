# SPDX-License-Identifier: AGPL-3.0-or-later
"""An Odoo process that does the work of one city when it is told to, and says what that cost."""

import json
import os
import shutil
import subprocess
import sys
from multiprocessing.connection import Listener

from ..core.rounds import Sample
from ..place import STATE, Problem

#: PostgreSQL's helpers for a large scan end with it, and take what they used with them: everything in one process.
ONE_PROCESS = "-c max_parallel_workers_per_gather=0 -c max_parallel_maintenance_workers=0"


class WorkProcess:
    """``do(operation, count)`` in the database, by the class *work*, ``"module:Class"`` below ``bench.growth``."""

    def __init__(self, place, name, database, work, size):
        self.place, self.name, self.database, self.work, self.size = place, name, database, work, size

    def __enter__(self):
        listener = Listener(family="AF_UNIX")
        conf = self.place.write_conf(self.name, db_name=self.database, max_cron_threads=0)
        given = [listener.address, *self.work.split(":"), self.size]
        script = f"from bench.growth.loop import obey\nobey(env, *{json.dumps(given)})\n"
        log = self.place.folder / f"{self.name}.log"
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "odoo", "shell", "-d", self.database, "--no-http"],
                env={**os.environ, "ODOO_RC": str(conf), "PGOPTIONS": ONE_PROCESS},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
            )
        self.process.stdin.write(script.encode())
        self.process.stdin.close()
        try:
            self.connection = self._wait_for(listener)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            listener.close()
        return self

    def _wait_for(self, listener):
        listener._listener._socket.settimeout(1)
        while True:
            try:
                return listener.accept()
            except TimeoutError:
                if self.process.poll() is not None:
                    raise self._fail("ended before it began") from None

    def _fail(self, how):
        kept = shutil.copy(self.place.folder / f"{self.name}.log", STATE / "failed.log")
        return Problem(f"The process of '{self.name}' {how}: {kept} says why.")

    def __exit__(self, *exception):
        self.connection.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def do(self, operation, count=1):
        """Return ``(Sample, answer, megabytes)``: of one operation on average, what it told, how much memory grew."""
        try:
            self.connection.send((operation, count))
            told = self.connection.recv()
        except (EOFError, OSError):
            raise self._fail(f"ended at {operation}") from None
        if "error" in told:
            raise Problem(f"'{self.name}' failed at {operation}:\n{told['error']}")
        return Sample(told["cpu_ms"], told["wall_ms"], told["queries"]), told["answer"], told["grown_mb"]

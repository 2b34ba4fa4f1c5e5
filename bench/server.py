# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real Odoo server on a database of its own, whose work is read from outside."""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from .core import access_log, procfs
from .core.rounds import Sample
from .place import STATE, Problem, free_port

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
START_SECONDS = 180
ANSWER_SECONDS = 60


class Server:
    """Odoo without crons on loopback; threaded, or with ``place.workers`` processes."""

    def __init__(self, place, name, database):
        self.place, self.name, self.database = place, name, database
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = place.folder / f"{name}.log"
        self._read_to = 0

    def __enter__(self):
        conf = self.place.write_conf(
            self.name,
            http_interface="127.0.0.1",
            http_port=self.port,
            gevent_port=free_port(),
            workers=self.place.workers,
            max_cron_threads=0,
            db_name=self.database,
            dbfilter=f"^{self.database}$",
            list_db=False,
            log_level="info",
            logfile=self.log,
        )
        with open(self.place.folder / f"{self.name}.out", "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "odoo"],
                env={**os.environ, "ODOO_RC": str(conf)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _wait_until_it_answers(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.address}/web/health", timeout=30):
                    return
            except OSError:
                time.sleep(0.1)
        kept = shutil.copy(self.log, STATE / "failed.log") if self.log.exists() else "its log"
        raise Problem(f"The server '{self.name}' did not start: {kept} says why.")

    # measuring

    def measure(self, operation, count):
        """Run ``operation(i)`` for *count* numbers and return what one cost, as a Sample.

        The operation's last request must be the one whose queries count; what prepares it
        belongs before this call.
        """
        self._requests_logged(0)
        before = self._ticks()
        start = time.perf_counter()
        for number in range(count):
            operation(number)
        wall = time.perf_counter() - start
        requests = self._requests_logged(count)
        used = procfs.ticks_between(before, self._ticks())
        return Sample(
            cpu_ms=used * TICK_MS / count,
            wall_ms=wall * 1000 / count,
            queries=sum(request.queries for request in requests) / count,
        )

    def _requests_logged(self, expected):
        """Return the requests logged since last asked, once there are as many as expected.

        A request is logged after it has been answered: this also waits for the work's end.
        """
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            with open(self.log, encoding="utf-8") as log:
                log.seek(self._read_to)
                text = log.read()
                end = log.tell()
            requests = access_log.parse(text)
            if len(requests) >= expected:
                self._read_to = end
                return requests
            if time.monotonic() > deadline:
                raise Problem(f"'{self.name}' has logged {len(requests)} of {expected} requests.")
            time.sleep(0.01)

    def _ticks(self):
        """CPU ticks by pid: the server's processes and the PostgreSQL backends that serve it."""
        stats = {stat.pid: stat for stat in _all_processes()}
        wanted = procfs.descendants(stats.values(), self.process.pid)
        backends = self.place.query("select pid from pg_stat_activity where datname = %s", self.database)
        for (pid,) in backends:
            if pid not in stats:
                raise Problem("PostgreSQL runs on another machine: its CPU cannot be read from here.")
            wanted.add(pid)
        return {pid: stats[pid].ticks for pid in wanted if pid in stats}


def _all_processes():
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            yield procfs.ProcessStat.parse(path.read_text(encoding="utf-8", errors="replace"))
        except (FileNotFoundError, ProcessLookupError):
            continue

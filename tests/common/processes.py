# SPDX-License-Identifier: AGPL-3.0-or-later
"""Servers of ours: started, waited for by what they do, ended with the test."""

import contextlib
import ctypes
import os
import re
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(os.environ.get("CIVIC_ROOT") or Path(__file__).resolve().parents[2])
TOOLS = ROOT / "tools"
PATIENCE = 90  # seconds that anything may take on a busy machine


def wait_until(condition, what, *, seconds=PATIENCE, watching=None):
    """Poll until `condition()` is true and return its value.

    :param str what: what is waited for, for the failure's text
    :param watching: a `Process` whose end, or whose log, explains why it does not come
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        ended = watching is not None and watching.popen.poll() is not None
        if ended or time.monotonic() > deadline:
            why = f"the process ended with {watching.popen.returncode}" if ended else f"not within {seconds} s"
            tail = f"\n{watching.output()[-4000:]}" if watching else ""
            raise AssertionError(f"{what}: {why}{tail}")
        time.sleep(0.05)
    return value


_given = set()


def free_port():
    """A loopback port that nobody listens on, each given once."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


@contextlib.contextmanager
def unlimited_memory():
    """What is started in here may use all address space: Odoo limits its process, this one, and so its children."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Process:
    """A process in a group of its own, its output in a file."""

    def __init__(self, command, log, cwd=None, **environment):
        self.log = Path(log)
        with open(self.log, "ab") as output, unlimited_memory():
            self.popen = subprocess.Popen(
                [os.fspath(part) for part in command],
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_end_with_parent,
                cwd=cwd,
            )

    def output(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def said_port(self):
        """The port of a server that says ``listening on PORT`` first."""
        said = wait_until(lambda: re.search(r"^listening on (\d+)$", self.output(), re.M), "its port", watching=self)
        return int(said[1])

    def stop(self):
        """End it politely, then surely, with whatever it started."""
        if self.popen.poll() is None:
            self.popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

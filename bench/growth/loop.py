# SPDX-License-Identifier: AGPL-3.0-or-later
"""In Odoo's shell: do what the bench asks for over a socket, and tell the CPU of Python and of PostgreSQL."""

import contextlib
import gc
import importlib
import re
import time
import traceback
from multiprocessing.connection import Client


def obey(env, address, module, name, size):
    work = getattr(importlib.import_module(f".{module}", __package__), name)(env, size)
    env.cr.rollback()
    with Client(address) as connection, contextlib.suppress(EOFError):
        while True:
            operation, count = connection.recv()
            try:
                connection.send(measure(env, getattr(work, operation), count))
            except Exception:
                env.cr.rollback()
                connection.send({"error": traceback.format_exc()})


def measure(env, operation, count):
    env.cr.execute("SELECT pg_backend_pid()")
    [(backend,)] = env.cr.fetchall()
    env.cr.rollback()
    gc.collect()
    before = forget_peak()
    queries, python, postgresql, wall = env.cr.sql_log_count, time.process_time(), used(backend), time.perf_counter()
    for _number in range(count):
        answer = operation()
        env.flush_all()
        env.cr.rollback()
    wall = time.perf_counter() - wall
    return {
        "cpu_ms": ((time.process_time() - python) + used(backend) - postgresql) * 1000 / count,
        "wall_ms": wall * 1000 / count,
        "queries": (env.cr.sql_log_count - queries) / count,
        "grown_mb": round(memory("VmHWM") - before, 1),
        "answer": answer,
    }


def used(pid):
    """Return the seconds of CPU that a process of one thread has used, to the nanosecond (proc(5), schedstat)."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as stat:
        return int(stat.read().split()[0]) / 1e9


def memory(name):
    with open("/proc/self/status", encoding="ascii") as status:
        return int(re.search(rf"^{name}:\s*(\d+) kB", status.read(), re.M)[1]) / 1024


def forget_peak():
    """Let the peak of memory begin anew (proc(5), clear_refs); return what is used now, in megabytes."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as refs:
        refs.write("5")
    return memory("VmRSS")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""In Odoo's shell: what a job costs for each record that it works off, CPU of Python and of PostgreSQL."""

import os
import time

from .procfs import ProcessStat


def measure_job(env, run, count):
    """Run a job once and commit; return its cost per record.

    :param run: does the work
    :param int count: records that it works off
    :return: ``cpu_ms`` of this process and of its connection's PostgreSQL together, and ``queries``
    """
    backend = env.cr.connection.info.backend_pid

    def get_spent_ms():
        with open(f"/proc/{backend}/stat", encoding="utf-8") as stat:
            postgresql = ProcessStat.parse(stat.read()).ticks * 1000 / os.sysconf("SC_CLK_TCK")
        return time.process_time() * 1000 + postgresql

    env.invalidate_all()
    queries, spent = env.cr.sql_log_count, get_spent_ms()
    run()
    env.cr.commit()
    return {"cpu_ms": (get_spent_ms() - spent) / count, "queries": (env.cr.sql_log_count - queries) / count}

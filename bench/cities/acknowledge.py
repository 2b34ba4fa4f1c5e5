# SPDX-License-Identifier: AGPL-3.0-or-later
"""In Odoo's shell: what the cron's acknowledgements cost per case, CPU of Python and of PostgreSQL."""

import os
import time

from bench.core.procfs import ProcessStat

env = globals()["env"]
given, answer = globals()["given"], globals()["answer"]

Case = env["helpdesk.ticket"]
due = [("acknowledgement", "=", "to_send")]
[(backend,)] = env.execute_query(__import__("odoo").tools.SQL("SELECT pg_backend_pid()"))


def postgresql_ms():
    with open(f"/proc/{backend}/stat", encoding="utf-8") as stat:
        return ProcessStat.parse(stat.read()).ticks * 1000 / os.sysconf("SC_CLK_TCK")


# the first batch also loads code and templates; the rest wait their turn
waiting = Case.search(due, order="id")
warm, measured = waiting[:10], waiting[10 : 10 + given["cases"]]
(waiting - warm).acknowledgement = "none"
env.cr.commit()
Case._cron_send_acknowledgements()
measured.acknowledgement = "to_send"
env.cr.commit()
env.invalidate_all()
queries, python, postgresql = env.cr.sql_log_count, time.process_time(), postgresql_ms()
Case._cron_send_acknowledgements()
env.cr.commit()
count = len(measured)
answer.update(
    cases=count,
    left=Case.search_count(due),
    cpu_ms=((time.process_time() - python) * 1000 + postgresql_ms() - postgresql) / count,
    queries=(env.cr.sql_log_count - queries) / count,
)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""In Odoo's shell: what making cases of accepted forms costs each, CPU of Python and of PostgreSQL."""

import os
import time

from bench.core.procfs import ProcessStat

env = globals()["env"]
given, answer = globals()["given"], globals()["answer"]

Intake = env["civic.intake"]
due = [("state", "=", "received")]
[(backend,)] = env.execute_query(__import__("odoo").tools.SQL("SELECT pg_backend_pid()"))


def postgresql_ms():
    with open(f"/proc/{backend}/stat", encoding="utf-8") as stat:
        return ProcessStat.parse(stat.read()).ticks * 1000 / os.sysconf("SC_CLK_TCK")


# the first ones also load code; the rest wait their turn
waiting = Intake.search(due, order="id")
warm, measured = waiting[:20], waiting[20 : 20 + given["cases"]]
(waiting - warm).next_attempt_at = "2999-01-01"
env.cr.commit()
Intake._cron_process()
measured.next_attempt_at = "2000-01-01"
env.cr.commit()
env.invalidate_all()
queries, python, postgresql = env.cr.sql_log_count, time.process_time(), postgresql_ms()
Intake._cron_process()
env.cr.commit()
count = len(measured)
answer.update(
    cases=count,
    left=len(measured.filtered(lambda entry: entry.result != "case")),
    cpu_ms=((time.process_time() - python) * 1000 + postgresql_ms() - postgresql) / count,
    queries=(env.cr.sql_log_count - queries) / count,
)

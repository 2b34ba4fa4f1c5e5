# SPDX-License-Identifier: AGPL-3.0-or-later
"""In Odoo's shell: what making cases of accepted forms costs each, CPU of Python and of PostgreSQL."""

from bench.core.job_cost import measure_job

env = globals()["env"]
given, answer = globals()["given"], globals()["answer"]

Intake = env["civic.intake"]

# the first ones also load code; the rest wait their turn
waiting = Intake.search([("state", "=", "received")], order="id")
warm, measured = waiting[:20], waiting[20 : 20 + given["cases"]]
(waiting - warm).next_attempt_at = "2999-01-01"
env.cr.commit()
Intake._cron_process()
measured.next_attempt_at = "2000-01-01"
env.cr.commit()
answer.update(measure_job(env, Intake._cron_process, len(measured)))
answer.update(cases=len(measured), left=len(measured.filtered(lambda entry: entry.result != "case")))

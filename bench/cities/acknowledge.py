# SPDX-License-Identifier: AGPL-3.0-or-later
"""In Odoo's shell: what the cron's acknowledgements cost per case, CPU of Python and of PostgreSQL."""

from bench.core.job_cost import measure_job

env = globals()["env"]
given, answer = globals()["given"], globals()["answer"]

Case = env["helpdesk.ticket"]
due = [("acknowledgement", "=", "to_send")]

# the first batch also loads code and templates; the rest wait their turn
waiting = Case.search(due, order="id")
warm, measured = waiting[:10], waiting[10 : 10 + given["cases"]]
(waiting - warm).acknowledgement = "none"
env.cr.commit()
Case._cron_send_acknowledgements()
measured.acknowledgement = "to_send"
env.cr.commit()
answer.update(measure_job(env, Case._cron_send_acknowledgements, len(measured)))
answer.update(cases=len(measured), left=Case.search_count(due))

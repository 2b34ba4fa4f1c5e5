# SPDX-License-Identifier: AGPL-3.0-or-later
"""In Odoo's shell: fill the database with as many cases as were asked for."""

import importlib

env = globals()["env"]
given, answer = globals()["given"], globals()["answer"]

module, name = given["city"].split(":")
city = getattr(importlib.import_module(f"bench.growth.{module}"), name)
city(env, given["size"]).fill()
env.cr.execute("SELECT count(*), count(*) FILTER (WHERE closed_date IS NULL) FROM helpdesk_ticket WHERE active")
answer["cases"], answer["open"] = env.cr.fetchone()

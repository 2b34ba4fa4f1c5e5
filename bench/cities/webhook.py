# SPDX-License-Identifier: AGPL-3.0-or-later
"""In Odoo's shell: a door for another system, and the empty route beside it."""

env = globals()["env"]
given, answer = globals()["given"], globals()["answer"]

env["ir.module.module"].update_list()
env["ir.module.module"].search([("name", "=", "bench_empty")]).button_immediate_install()
connector = env["civic.connector"].create({"name": "App", "kind": "json", "signing_secret": given["secret"]})
answer["slug"] = connector.slug
env.cr.commit()

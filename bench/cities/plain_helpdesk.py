# SPDX-License-Identifier: AGPL-3.0-or-later
"""In Odoo's shell, without our addons: the peer's portal user, department and service."""

env = globals()["env"]
given, answer = globals()["given"], globals()["answer"]

env.company.country_id = env.ref("base.es")
team = env["helpdesk.ticket.team"].create({"name": "Lighting", "show_in_portal": True})
category = env["helpdesk.ticket.category"].create({"name": "Broken street light"})
env["res.users"].with_context(no_reset_password=True).create(
    {
        "name": "Carmen Ruiz",
        "login": given["login"],
        "password": given["password"],
        "email": "carmen.ruiz@home.example",
        "group_ids": [(6, 0, [env.ref("base.group_portal").id])],
    }
)
env["res.partner"].create(
    [{"name": f"Citizen {n}", "email": f"citizen{n}@home.example"} for n in range(given["citizens"])]
)
answer.update(category=category.id, team=team.id)
env.cr.commit()

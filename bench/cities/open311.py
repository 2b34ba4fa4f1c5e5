# SPDX-License-Identifier: AGPL-3.0-or-later
"""In Odoo's shell, with our addons: a city with an application's key, published issues and an empty page."""

env = globals()["env"]
given, answer = globals()["given"], globals()["answer"]

env["ir.module.module"].update_list()
env["ir.module.module"].search([("name", "=", "bench_empty")]).button_immediate_install()
env.company.country_id = env.ref("base.es")
team = env["helpdesk.ticket.team"].create({"name": "Lighting"})
service = env["helpdesk.ticket.category"].create(
    {"name": "Broken street light", "service_code": "light", "team_id": team.id, "promise_days": 5}
)
city = env["civic.zone"].create({"name": "City", "kind": "city"})
zone = env["civic.zone"].create({"name": "Old Town", "parent_id": city.id})
env["res.partner"].create(
    [
        {"name": f"Citizen {n}", "email": f"citizen{n}@home.example", "is_citizen": True}
        for n in range(given["citizens"])
    ]
)
issues = env["civic.issue"].create(
    [
        {
            "category_id": service.id,
            "civic_zone_id": zone.id,
            "team_id": team.id,
            "place": f"Calle Mayor {number}",
            "latitude": 40 + number / 1e5,
            "longitude": -3,
            "is_published": True,
        }
        for number in range(given["issues"])
    ]
)
app = env["civic.api.key"].create({"name": "Bench", "limit_per_hour": 1_000_000_000})
answer.update(key=app._issue(), code=issues[0].code)
env.cr.commit()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""In Odoo's shell, with our addons: a small city whose visitors are not counted out."""

from datetime import timedelta

env = globals()["env"]
given, answer = globals()["given"], globals()["answer"]

env.company.country_id = env.ref("base.es")
team = env["helpdesk.ticket.team"].create({"name": "Lighting"})
service = env["helpdesk.ticket.category"].create({"name": "Broken street light", "team_id": team.id, "promise_days": 5})
city = env["civic.zone"].create({"name": "City", "kind": "city"})
zone = env["civic.zone"].create({"name": "Old Town", "parent_id": city.id})
env["res.partner"].create(
    [
        {"name": f"Citizen {n}", "email": f"citizen{n}@home.example", "is_citizen": True}
        for n in range(given["citizens"])
    ]
)
for action in ("filing", "message", "lookup"):
    env["ir.config_parameter"].set_param(f"civic_portal.limit_{action}", "1000000000")

# a case with three events: filed, taken up, answered
case = env["helpdesk.ticket"]._file_case(
    service,
    "The lamp at the corner has been dark since Sunday, and people cross there.",
    channel=env.ref("helpdesk_mgmt.helpdesk_ticket_channel_web"),
    zone=zone,
    place="Calle Mayor 3",
    name="Citizen 0",
    email="citizen0@home.example",
)
case.filed_at -= timedelta(days=2)
env.cr.commit()
case.stage_id = env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")
env.cr.commit()
case.message_post(
    body="We have ordered the part and come on Thursday.", message_type="comment", subtype_xmlid="mail.mt_comment"
)
env.cr.commit()
answer.update(
    service=service.id, zone=zone.id, code=case.tracking_code, events=[e["kind"] for e in case._get_public_timeline()]
)

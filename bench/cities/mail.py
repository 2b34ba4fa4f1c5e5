# SPDX-License-Identifier: AGPL-3.0-or-later
"""In Odoo's shell, with or without our addons: a department with an address, and people whom the city knows."""

from odoo.tools import SQL

env = globals()["env"]
given, answer = globals()["given"], globals()["answer"]

domain = env["mail.alias.domain"].create({"name": "city.example"})
env.company.alias_domain_id = domain
team = env["helpdesk.ticket.team"].create({"name": "Lighting", "alias_name": "lighting", "alias_domain_id": domain.id})
known = env["res.partner"].create({"name": "Citizen 0", "email": "citizen0@home.example"})
env.flush_all()
columns = [
    SQL.identifier(name)
    for name, field in known._fields.items()
    if field.store and field.column_type and name not in ("id", "name", "email", "email_normalized", "complete_name")
]
env.cr.execute(
    SQL(
        """
        INSERT INTO res_partner (name, complete_name, email, email_normalized, %(alike)s)
        SELECT 'Citizen ' || n, 'Citizen ' || n, 'citizen' || n || '@home.example', 'citizen' || n || '@home.example',
               %(alike)s
          FROM res_partner, generate_series(1, %(count)s) AS n WHERE id = %(known)s
        """,
        alike=SQL(", ").join(columns),
        count=given["citizens"] - 1,
        known=known.id,
    )
)
env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE name LIKE 'Citizen %'")
env.cr.commit()
env.cr.execute("ANALYZE res_partner")
env.cr.commit()
answer.update(citizens=env["res.partner"].search_count([("name", "=like", "Citizen %")]))

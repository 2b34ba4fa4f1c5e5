# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """A city that has its own catalogue finds the default one archived: it takes from it what it wants."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    default = [
        ("module", "=", "civic_crm"),
        ("model", "=", "helpdesk.ticket.category"),
        ("name", "=like", "service\\_%"),
    ]
    services = env["helpdesk.ticket.category"].browse(env["ir.model.data"].search(default).mapped("res_id"))
    services.active = False

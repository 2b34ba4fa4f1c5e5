# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class CivicServiceRoute(models.Model):
    """Which department answers a service in one zone and the zones within it."""

    _name = "civic.service.route"
    _inherit = "civic.kept.in.memory"
    _description = "Department by zone"
    _order = "service_id, sequence, id"
    _rec_name = "zone_id"

    service_id = fields.Many2one("helpdesk.ticket.category", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    zone_id = fields.Many2one(
        "civic.zone",
        required=True,
        index=True,
        ondelete="cascade",
        help="Holds for the zones within it too, unless one of them has a line of its own.",
    )
    team_id = fields.Many2one("helpdesk.ticket.team", string="Department", required=True, ondelete="cascade")

    _zone_unique = models.UniqueIndex(
        "(service_id, zone_id)",
        "This service has a department for that zone already. Change that line instead.",
    )

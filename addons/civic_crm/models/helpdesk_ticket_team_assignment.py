# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models, tools


class HelpdeskTicketTeam(models.Model):
    _inherit = "helpdesk.ticket.team"

    assign_method = fields.Selection(
        [
            ("none", "Nobody: they are taken from the board"),
            ("round_robin", "In turn"),
            ("least_loaded", "Whoever has fewest open cases"),
        ],
        string="New cases go to",
        required=True,
        default="none",
        help="Where “Who answers where” names people for the zone, they come first. Members who are away (“Takes new"
        " cases” switched off) are passed over.",
    )

    @api.model
    @tools.ormcache("team_id")
    def _get_assign_method(self, team_id):
        """Return how department *team_id* gives new cases, by its id; kept in memory."""
        # sudo: whoever files a case, the department's rule applies
        return self.sudo().browse(team_id).assign_method

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    civic_call_count = fields.Integer(string="Calls", compute="_compute_civic_call_count", groups="base.group_user")

    @api.depends_context("uid")
    def _compute_civic_call_count(self):
        calls = self._count_by("civic.call", ["partner_id"])
        for partner in self:
            partner.civic_call_count = calls.get(partner.id, 0)

    def action_view_calls(self):
        return self._open_civic("civic_crm.civic_call_action", [("partner_id", "=", self.id)])

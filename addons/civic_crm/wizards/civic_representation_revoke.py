# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class CivicRepresentationRevoke(models.TransientModel):
    """Say why a representation ends."""

    _name = "civic.representation.revoke"
    _description = "Revoke a representation"

    representation_ids = fields.Many2many("civic.representation", string="Representations", required=True)
    reason = fields.Char(required=True)

    def action_revoke(self):
        self.ensure_one()
        self.representation_ids._revoke(self.reason)
        return {"type": "ir.actions.act_window_close"}

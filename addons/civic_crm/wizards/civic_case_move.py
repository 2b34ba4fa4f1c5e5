# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class CivicCaseMove(models.TransientModel):
    """Change the state of cases with a reason, or reopen them."""

    _name = "civic.case.move"
    _description = "Change the state of a case with a reason"

    case_ids = fields.Many2many("helpdesk.ticket", string="Cases", required=True)
    is_reopening = fields.Boolean()
    stage_id = fields.Many2one(
        "helpdesk.ticket.stage", string="New state", domain="[('id', 'in', reachable_stage_ids)]"
    )
    reachable_stage_ids = fields.Many2many("helpdesk.ticket.stage", compute="_compute_reachable_stage_ids")
    reason = fields.Text(required=True)

    @api.model
    def default_get(self, fields):
        """Take the cases chosen in a list when the actions menu opens it."""
        defaults = super().default_get(fields)
        if "case_ids" in fields and self.env.context.get("active_model") == "helpdesk.ticket":
            defaults.setdefault("case_ids", [Command.set(self.env.context.get("active_ids", []))])
        return defaults

    @api.depends("case_ids")
    def _compute_reachable_stage_ids(self):
        """Offer the states that every chosen case can move to."""
        for wizard in self:
            offered = [case._get_reachable_stages() for case in wizard.case_ids]
            stages = self.env["helpdesk.ticket.stage"]
            for stage in offered[0] if offered else stages:
                if all(stage in others for others in offered):
                    stages |= stage.sudo(False)
            wizard.reachable_stage_ids = stages

    def action_move(self):
        self.ensure_one()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Write the reason: it stays in the case's thread."))
        if self.is_reopening:
            self.case_ids._reopen(reason)
        elif not self.stage_id:
            raise UserError(self.env._("Choose the new state."))
        else:
            self.case_ids._move_with_reason(self.stage_id, reason)
        return {"type": "ir.actions.act_window_close"}

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class CivicCaseHandOver(models.TransientModel):
    """Give cases to the department they belong to, and say why: the next one should not have to guess."""

    _name = "civic.case.hand.over"
    _description = "Hand over to another department"

    case_ids = fields.Many2many("helpdesk.ticket", string="Cases", required=True)
    team_id = fields.Many2one("helpdesk.ticket.team", string="Department")
    reason = fields.Text()
    category_id = fields.Many2one(
        "helpdesk.ticket.category", string="New service", help="Where the case was filed under the wrong one."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        domain="[('share', '=', False), ('helpdesk_team_ids', 'in', team_id)]",
        help="A member of that department. Empty: it waits among its cases without responsible.",
    )
    keep_reading = fields.Boolean(
        string="We go on reading it",
        help="Your department stays among those the case is shared with: it reads and writes notes.",
    )

    @api.depends("team_id")
    def _compute_user_id(self):
        self.user_id = False

    def action_hand_over(self):
        self.ensure_one()
        if not self.team_id:
            raise UserError(self.env._("Choose the department that gets the case."))
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why you hand it over: the receiving department reads it first."))
        cases, team = self.case_ids, self.team_id
        before = {case: case.team_id for case in cases}
        cases._hand_over(team, self.reason.strip(), service=self.category_id, user=self.user_id)
        if self.keep_reading:
            # sudo: they may be out of sight already; the right to write them has been checked
            for case in cases.sudo():
                case.shared_team_ids = [Command.link(before[case].id)] if before[case] else []
        return self._get_next_action()

    def _get_next_action(self):
        """Close, or leave the form of a case that is out of sight now."""
        if len(self.case_ids._filtered_access("read")) == len(self.case_ids):
            return {"type": "ir.actions.act_window_close"}
        return self.case_ids._leave_form(self.team_id)

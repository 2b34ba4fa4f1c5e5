# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models

from ..models.civic_case_deadline import NOTHING_OWED


class CivicCaseClose(models.TransientModel):
    """Closing a case that still waits for others says what becomes of their contributions."""

    _inherit = "civic.case.close"

    awaited_count = fields.Integer(compute="_compute_awaited", string="Contributions still open")
    awaited_names = fields.Char(compute="_compute_awaited")
    is_contribution = fields.Boolean(compute="_compute_awaited")
    ends_contributions = fields.Boolean(compute="_compute_ends_contributions")
    sub_cases = fields.Selection(
        [("close", "Close them too: no longer needed"), ("leave", "Leave them open: still wanted")],
        default="close",
        required=True,
        string="The open contributions",
    )
    sub_case_reason = fields.Text(
        string="Why close without waiting for them",
        help="Needed to close as resolved. The departments asked read it.",
    )

    @api.depends("case_ids")
    def _compute_awaited(self):
        for wizard in self:
            # sudo: a contribution counts whoever may read it
            cases = wizard.case_ids.sudo()
            awaited = cases.sub_case_ids.filtered(lambda case: not case.closed_date)
            wizard.awaited_count = len(awaited)
            wizard.awaited_names = ", ".join(f"{case.number} {case.team_id.name}" for case in awaited)
            wizard.is_contribution = bool(cases) and all(case.parent_case_id for case in cases)

    @api.depends("outcome_id")
    def _compute_ends_contributions(self):
        """What nobody wants answered any more, wants no contributions: there is nothing to choose."""
        for wizard in self:
            wizard.ends_contributions = wizard.outcome_id.kind in NOTHING_OWED

    def _prepare_closing(self):
        closing = super()._prepare_closing()
        if not self.awaited_count:
            return closing
        own = (self.sub_case_reason or "").strip()
        if not own and self.outcome_id.kind == "resolved":
            return dict(closing, reason="")  # a note for staff is no reason not to wait
        return dict(closing, reason="\n".join(filter(None, (own, closing["reason"]))))

    def action_close(self):
        self.ensure_one()
        awaited = self.awaited_count
        result = super(CivicCaseClose, self.with_context(civic_sub_case_reason=self.sub_case_reason)).action_close()
        if self.sub_cases == "close" and awaited:
            self.case_ids._close_sub_cases(self.outcome_id, self.sub_case_reason)
        return result

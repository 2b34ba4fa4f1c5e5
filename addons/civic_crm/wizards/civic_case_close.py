# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty, plaintext2html

from ..models.helpdesk_ticket import WITH_AN_ANSWER


class CivicCaseClose(models.TransientModel):
    """Answer the citizen and close, in one step: no case ends in silence."""

    _name = "civic.case.close"
    _description = "Answer and close a case"

    case_ids = fields.Many2many("helpdesk.ticket", string="Cases", required=True)
    outcome_id = fields.Many2one(
        "civic.case.outcome",
        required=True,
        domain=[("by_citizen", "=", False)],
        default=lambda self: self.env["civic.case.outcome"].search([("by_citizen", "=", False)], limit=1),
    )
    canned_answer_id = fields.Many2one(
        "civic.canned.answer",
        domain="[('id', 'in', offered_answer_ids)]",
        help="An answer the city gives often; complete it below.",
    )
    offered_answer_ids = fields.Many2many("civic.canned.answer", compute="_compute_offered_answer_ids")
    answer = fields.Html(
        string="Answer to the citizen",
        compute="_compute_answer",
        store=True,
        readonly=False,
        sanitize_style=True,
    )

    @api.depends("outcome_id", "case_ids")
    def _compute_offered_answer_ids(self):
        for wizard in self:
            cases = wizard.case_ids._origin
            wizard.offered_answer_ids = self.env["civic.canned.answer"]._get_offered(cases, wizard.outcome_id)

    @api.onchange("outcome_id")
    def _onchange_outcome_id(self):
        if self.canned_answer_id not in self.offered_answer_ids:
            self.canned_answer_id = False

    @api.depends("outcome_id", "canned_answer_id")
    def _compute_answer(self):
        for wizard in self:
            if wizard.canned_answer_id:
                wizard.answer = wizard.canned_answer_id._get_body_for(wizard.case_ids._origin)
                continue
            lang = wizard.case_ids[:1].partner_id.lang or self.env.lang
            text = wizard.outcome_id.with_context(lang=lang).answer
            wizard.answer = plaintext2html(text) if text else False

    def action_close(self):
        self.ensure_one()
        if is_html_empty(self.answer):
            raise UserError(self.env._("Write the answer: it is what the citizen receives."))
        if self.outcome_id.by_citizen:
            raise UserError(self.env._("Only the citizen withdraws a case."))
        self.case_ids.check_access("write")
        self.case_ids.with_context(civic_closing=WITH_AN_ANSWER).write(
            {"outcome_id": self.outcome_id.id, "stage_id": self.outcome_id.stage_id.id}
        )
        for case in self.case_ids:
            case.message_post(body=self.answer, message_type="comment", subtype_xmlid="mail.mt_comment")
        return {"type": "ir.actions.act_window_close"}

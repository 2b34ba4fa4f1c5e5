# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models


class MailComposeMessage(models.TransientModel):
    """The full composer of a case offers the canned answers of its service."""

    _inherit = "mail.compose.message"

    civic_canned_answer_id = fields.Many2one(
        "civic.canned.answer",
        string="Canned answer",
        domain="[('id', 'in', civic_offered_answer_ids)]",
        help="Puts the answer, in the citizen's language, into the message; complete it before sending.",
    )
    civic_offered_answer_ids = fields.Many2many("civic.canned.answer", compute="_compute_civic_offered_answer_ids")

    @api.depends("model", "res_ids")
    def _compute_civic_offered_answer_ids(self):
        for composer in self:
            composer.civic_offered_answer_ids = self.env["civic.canned.answer"]._get_offered(
                composer._get_civic_cases()
            )

    @api.onchange("civic_canned_answer_id")
    def _onchange_civic_canned_answer_id(self):
        if self.civic_canned_answer_id:
            self.body = self.civic_canned_answer_id._get_body_for(self._get_civic_cases())

    def _get_civic_cases(self):
        Case = self.env["helpdesk.ticket"]
        return Case.browse(self._evaluate_res_ids() or []) if self.model == Case._name else Case

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty, plaintext2html


class CivicIssueClose(models.TransientModel):
    """Answer everybody who reported the same, each in their own language, and close their cases.

    Each citizen receives a message of their own on their own case: nobody learns who else wrote.
    """

    _name = "civic.issue.close"
    _description = "Answer and close all cases of an issue"

    issue_id = fields.Many2one("civic.issue", required=True)
    outcome_id = fields.Many2one(
        "civic.case.outcome",
        required=True,
        domain=[("by_citizen", "=", False), ("kind", "!=", "duplicate")],
        default=lambda self: self.env["civic.case.outcome"].search([("by_citizen", "=", False)], limit=1),
    )
    case_count = fields.Integer(string="Cases to close", compute="_compute_cases")
    out_of_reach_count = fields.Integer(compute="_compute_cases")
    answer_ids = fields.One2many(
        "civic.issue.close.answer", "close_id", string="Answers", compute="_compute_answers", store=True, readonly=False
    )

    def _get_cases(self):
        """Return the open cases of the issue that the user may close."""
        cases = self.issue_id.sudo().case_ids.filtered(lambda case: not case.closed_date).sudo(False)
        return cases._filtered_access("write")

    @api.depends("issue_id")
    def _compute_cases(self):
        for wizard in self:
            wizard.case_count = len(wizard._get_cases())
            still_open = wizard.issue_id.sudo().case_ids.filtered(lambda case: not case.closed_date)
            wizard.out_of_reach_count = len(still_open) - wizard.case_count

    @api.depends("issue_id", "outcome_id")
    def _compute_answers(self):
        for wizard in self:
            by_lang = wizard._get_cases().grouped(wizard._get_lang)
            wizard.answer_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {"lang": lang, "case_count": len(cases), "answer": wizard._get_suggested_answer(lang)}
                    )
                    for lang, cases in sorted(by_lang.items())
                ),
            ]

    def _get_lang(self, case):
        return case.sudo().partner_id.lang or self.env.lang or "en_US"

    def _get_suggested_answer(self, lang):
        text = self.outcome_id.with_context(lang=lang).answer
        return plaintext2html(text) if text else False

    def action_close_all(self):
        """Answer and close; all or nothing.

        :raises UserError: when a language is left without an answer, or there is nothing to close
        """
        self.ensure_one()
        cases = self._get_cases()
        if not cases:
            raise UserError(self.env._("No case of this issue is open."))
        answers = {line.lang: line.answer for line in self.answer_ids}
        for lang, in_lang in cases.grouped(self._get_lang).items():
            if is_html_empty(answers.get(lang)):
                raise UserError(
                    self.env._(
                        "Write the answer in this language too: %s. It is what the citizen receives.",
                        self.env["res.lang"]._get_data(code=lang).name or lang,
                    )
                )
            self.env["civic.case.close"].create(self._prepare_close_vals(in_lang, answers[lang])).action_close()
        return {"type": "ir.actions.act_window_close"}

    def _prepare_close_vals(self, cases, answer):
        """Return the values of the closing dialogue of the cases of one language."""
        return {"case_ids": cases.ids, "outcome_id": self.outcome_id.id, "answer": answer}


class CivicIssueCloseAnswer(models.TransientModel):
    """The answer in one language."""

    _name = "civic.issue.close.answer"
    _description = "Answer in one language"
    _order = "lang"

    close_id = fields.Many2one("civic.issue.close", required=True, ondelete="cascade")
    lang = fields.Char(required=True)
    lang_name = fields.Char(string="Language", compute="_compute_lang_name")
    case_count = fields.Integer(string="Cases")
    answer = fields.Html(sanitize_style=True)

    @api.depends("lang")
    def _compute_lang_name(self):
        for line in self:
            line.lang_name = self.env["res.lang"]._get_data(code=line.lang).name or line.lang

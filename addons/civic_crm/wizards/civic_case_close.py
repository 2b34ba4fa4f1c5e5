# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty, plaintext2html

from ..models.civic_case_outcome import OUTCOME_KINDS


class CivicCaseClose(models.TransientModel):
    """Answer the citizen and close, in one step: no case ends in silence."""

    _name = "civic.case.close"
    _description = "Answer and close a case"

    case_ids = fields.Many2many("helpdesk.ticket", string="Cases", required=True)
    case_count = fields.Integer(compute="_compute_case_count")
    outcome_id = fields.Many2one(
        "civic.case.outcome",
        required=True,
        domain=[("by_citizen", "=", False)],
        default=lambda self: self.env["civic.case.outcome"].search([("by_citizen", "=", False)], limit=1),
    )
    outcome_kind = fields.Selection(OUTCOME_KINDS, compute="_compute_outcome_kind")

    # why
    has_reasons = fields.Boolean(compute="_compute_has_reasons")
    reason_id = fields.Many2one(
        "civic.case.reason",
        compute="_compute_reason_id",
        store=True,
        readonly=False,
        domain="[('outcome_kind', '=', outcome_kind)]",
    )
    needs_text = fields.Boolean(related="reason_id.needs_text")
    reason_text = fields.Text(string="Explanation", help="The citizen reads it with the reason.")
    referral_id = fields.Many2one("civic.referral.body", string="Refer to")

    # what is sent
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
    answer_lang = fields.Char(string="Language of the answer", compute="_compute_answer_lang")
    other_answer_ids = fields.One2many(
        "civic.case.close.answer",
        "wizard_id",
        string="In other languages",
        compute="_compute_other_answer_ids",
        store=True,
        readonly=False,
    )
    evidence_ids = fields.Many2many("ir.attachment", help="Photos or PDF files that show how it was left.")
    evidence_required = fields.Boolean(compute="_compute_evidence_required")
    show_evidence = fields.Boolean(
        string="The citizen sees the evidence",
        default=True,
        help="Sent with the answer and shown on the case's page. Otherwise it stays with staff.",
    )
    note = fields.Text(string="Note for staff", help="Stays in the case's thread. The citizen does not see it.")

    @api.depends("case_ids")
    def _compute_case_count(self):
        for wizard in self:
            wizard.case_count = len(wizard.case_ids)

    # of the same row, but not related: the field is read while the wizard is being filled in
    @api.depends("outcome_id")
    def _compute_outcome_kind(self):
        for wizard in self:
            wizard.outcome_kind = wizard.outcome_id.kind

    @api.depends("outcome_id")
    def _compute_has_reasons(self):
        kinds = {kind for (kind,) in self.env["civic.case.reason"]._read_group([], ["outcome_kind"])}
        for wizard in self:
            wizard.has_reasons = wizard.outcome_id.kind in kinds

    @api.depends("outcome_id")
    def _compute_reason_id(self):
        """A reason of another kind of outcome is not kept."""
        for wizard in self:
            if wizard.reason_id.outcome_kind != wizard.outcome_id.kind:
                wizard.reason_id = False

    @api.depends("outcome_id", "case_ids")
    def _compute_evidence_required(self):
        for wizard in self:
            resolved = wizard.outcome_id.kind == "resolved"
            wizard.evidence_required = resolved and any(wizard.case_ids.category_id.mapped("evidence_required"))

    @api.depends("case_ids")
    def _compute_answer_lang(self):
        names = dict(self.env["res.lang"].get_installed())
        for wizard in self:
            wizard.answer_lang = names.get(wizard._get_langs()[0])

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
            wizard.answer = wizard._suggest_answer(wizard._get_langs()[0])

    @api.depends("outcome_id", "canned_answer_id")
    def _compute_other_answer_ids(self):
        """One answer for each further language that the chosen citizens read."""
        for wizard in self:
            wizard.other_answer_ids = [Command.clear()] + [
                Command.create({"lang": lang, "answer": wizard._suggest_answer(lang)})
                for lang in wizard._get_langs()[1:]
            ]

    def _get_langs(self):
        """Return the languages of the chosen cases' citizens, the most frequent first; never empty."""
        own = self.env.lang
        langs = [case.partner_id.lang or own for case in self.case_ids]
        return sorted(set(langs), key=lambda lang: (-langs.count(lang), lang != own, lang)) or [own]

    def _suggest_answer(self, lang):
        """Return the chosen canned answer, or what the outcome suggests, in one language."""
        if self.canned_answer_id:
            return self.canned_answer_id.with_context(lang=lang).body
        text = self.outcome_id.with_context(lang=lang).answer
        return plaintext2html(text) if text else False

    def action_close(self):
        self.ensure_one()
        if is_html_empty(self.answer):
            raise UserError(self.env._("Write the answer: it is what the citizen receives."))
        if self.outcome_id.by_citizen:
            raise UserError(self.env._("Only the citizen withdraws a case."))
        self.case_ids._close(self.outcome_id, self._get_answers(), **self._prepare_closing())
        return {"type": "ir.actions.act_window_close"}

    def _get_answers(self):
        """Return the answers by language; the first is also for those languages that have none."""
        answers = {self._get_langs()[0]: self.answer}
        for other in self.other_answer_ids:
            if not is_html_empty(other.answer):
                answers.setdefault(other.lang, other.answer)
        return answers

    def _prepare_closing(self):
        """Hook: keywords of ``helpdesk.ticket._close``."""
        self.evidence_ids.check_access("read")
        return {
            "reason": (self.note or "").strip(),
            "why": self.reason_id,
            "why_text": self.reason_text,
            "referral": self.referral_id,
            "evidence": [(file.name, file.raw or b"") for file in self.evidence_ids],
            "show_evidence": self.show_evidence,
        }


class CivicCaseCloseAnswer(models.TransientModel):
    _name = "civic.case.close.answer"
    _description = "Answer in another language"

    wizard_id = fields.Many2one("civic.case.close", required=True, ondelete="cascade")
    lang = fields.Selection(lambda self: self.env["res.lang"].get_installed(), string="Language", required=True)
    answer = fields.Html(sanitize_style=True, help="Empty: these citizens receive the answer above.")

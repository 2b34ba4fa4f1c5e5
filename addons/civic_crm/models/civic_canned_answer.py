# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models


class CivicCannedAnswer(models.Model):
    """An answer that is given often, written once and well; whoever uses it completes it."""

    _name = "civic.canned.answer"
    _description = "Canned answer"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True, help="What staff choose it by; the citizen does not read it.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    body = fields.Html(string="Answer", required=True, translate=True, sanitize_style=True)
    service_ids = fields.Many2many(
        "helpdesk.ticket.category",
        string="Services",
        help="Offered for cases of these services and those below them. Empty: for all.",
    )
    outcome_id = fields.Many2one(
        "civic.case.outcome",
        ondelete="restrict",
        domain=[("by_citizen", "=", False)],
        help="Offered when a case is closed with this outcome. Empty: with any, and for answers in between.",
    )
    company_id = fields.Many2one("res.company", help="Empty: for all organisations.")

    @api.model
    def _get_offered(self, cases, outcome=None):
        """Return the canned answers that suit all *cases*, and the *outcome* when they are being closed."""
        if not cases:
            return self.browse()
        offered = self.search([("outcome_id", "in", [False, outcome.id if outcome else False])])
        lines = [case.category_id | case.category_id._get_headings() for case in cases if case.category_id]
        missing = len(lines) < len(cases)
        return offered.filtered(
            lambda answer: not answer.service_ids or (not missing and all(line & answer.service_ids for line in lines))
        )

    def _get_body_for(self, cases):
        """Return the answer in the language of the citizen of the first of *cases*."""
        lang = cases[:1].partner_id.lang or self.env.lang
        return self.with_context(lang=lang).body

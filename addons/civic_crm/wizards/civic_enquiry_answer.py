# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty, plaintext2html

from ..core import enquiries


class CivicEnquiryAnswer(models.TransientModel):
    """Answer at once: what came of it, in which words, and how long it took."""

    _name = "civic.enquiry.answer"
    _description = "Answer an enquiry"

    enquiry_id = fields.Many2one("crm.lead", required=True)
    outcome_id = fields.Many2one(
        "civic.enquiry.outcome",
        required=True,
        domain=[("kind", "!=", "cases")],
        default=lambda self: self.env["civic.enquiry.outcome"].search([("kind", "=", "answered")], limit=1),
    )
    topic_id = fields.Many2one("civic.topic", compute="_compute_topic_id", store=True, readonly=False)
    email = fields.Char(compute="_compute_email")
    answer = fields.Html(
        string="Answer to the citizen", compute="_compute_answer", store=True, readonly=False, sanitize_style=True
    )
    opened_at = fields.Datetime(default=fields.Datetime.now, readonly=True)
    seconds_at_opening = fields.Integer(compute="_compute_seconds_at_opening", store=True)
    seconds_spent = fields.Integer(
        string="Seconds so far",
        compute="_compute_seconds_spent",
        store=True,
        readonly=False,
        help="The clock goes on until you finish. Write another number where it is wrong.",
    )

    @api.depends("enquiry_id")
    def _compute_topic_id(self):
        for wizard in self:
            wizard.topic_id = wizard.enquiry_id.topic_id

    @api.depends("enquiry_id")
    def _compute_email(self):
        for wizard in self:
            wizard.email = wizard.enquiry_id.partner_id.email or wizard.enquiry_id.email_from

    @api.depends("outcome_id")
    def _compute_answer(self):
        for wizard in self:
            lang = wizard.enquiry_id.partner_id.lang or self.env.lang
            text = wizard.outcome_id.with_context(lang=lang).answer
            wizard.answer = plaintext2html(text) if text else False

    @api.depends("enquiry_id", "opened_at")
    def _compute_seconds_at_opening(self):
        for wizard in self:
            opened = wizard.opened_at or fields.Datetime.now()
            wizard.seconds_at_opening = enquiries.handling_seconds(
                wizard.enquiry_id.handling_started_at, opened, opened
            )

    @api.depends("seconds_at_opening")
    def _compute_seconds_spent(self):
        for wizard in self:
            wizard.seconds_spent = wizard.seconds_at_opening

    def _get_seconds(self):
        """Return the seconds it took, as the clock or the person says."""
        opened = self.opened_at or fields.Datetime.now()
        typed = self.seconds_spent if self.seconds_spent != self.seconds_at_opening else None
        return enquiries.handling_seconds(
            self.enquiry_id.handling_started_at, opened, fields.Datetime.now(), typed=typed
        )

    def action_finish(self):
        """Send the answer and end the enquiry.

        :raises UserError: when somebody who wrote would be left without an answer
        """
        self.ensure_one()
        enquiry = self.enquiry_id
        enquiry.check_access("write")
        if self.outcome_id.kind == "cases":
            raise UserError(self.env._("Press “Turn into cases” for that."))
        if self.outcome_id.is_answer and enquiry.has_citizen_message and is_html_empty(self.answer):
            raise UserError(self.env._("They have written and wait for an answer: write it."))
        enquiry.topic_id = self.topic_id
        if self.outcome_id.kind != "spam":
            enquiry._send_answer(self.answer)
        enquiry._finish(self.outcome_id, self._get_seconds())
        return {"type": "ir.actions.act_window_close"}

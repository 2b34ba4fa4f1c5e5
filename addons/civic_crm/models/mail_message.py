# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import AccessError

#: Put into the context by a case's own posting; no client can send an object.
MADE_BY_THE_CASE = object()

#: What a message says, who said it, when and where: written once.
FIXED_FIELDS = {
    "attachment_ids",
    "author_id",
    "body",
    "civic_channel_id",
    "date",
    "email_from",
    "is_internal",
    "message_type",
    "model",
    "res_id",
    "subject",
    "subtype_id",
}


class MailMessage(models.Model):
    """The correspondence of a case is evidence: it is posted, never edited or deleted."""

    _inherit = "mail.message"

    civic_channel_id = fields.Many2one(
        "helpdesk.ticket.channel",
        string="Channel",
        readonly=True,
        ondelete="set null",
        help="How a message of a case or enquiry came or went; empty where its kind says it.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        by_the_case = self.env.su or self.env.context.get("civic_message") is MADE_BY_THE_CASE
        if not by_the_case and any(vals.get("model") == "helpdesk.ticket" for vals in vals_list):
            self._refuse_to_tamper()
        return super().create(vals_list)

    def write(self, vals):
        moves_in = vals.get("model") == "helpdesk.ticket"
        if not self.env.su and FIXED_FIELDS & set(vals) and (moves_in or self._is_of_case()):
            self._refuse_to_tamper()
        return super().write(vals)

    def unlink(self):
        if not self.env.su and self._is_of_case():
            self._refuse_to_tamper()
        return super().unlink()

    def _is_of_case(self):
        return any(message.model == "helpdesk.ticket" for message in self.sudo())

    def _refuse_to_tamper(self):
        raise AccessError(
            self.env._(
                "The correspondence of a case is not changed or deleted: it shows what was said. Write another message."
            )
        )

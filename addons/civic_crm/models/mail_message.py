# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.mail.tools.discuss import Store

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
        string="Came or went by",
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

    def _to_store_defaults(self, target):
        """Tell staff by which channel a message of a case or enquiry came or went."""
        fields_to_store = super()._to_store_defaults(target)
        if target.is_internal(self.env):
            fields_to_store.append(
                Store.Attr(
                    "civic_channel",
                    value=lambda message: message._get_civic_channel(),
                    predicate=lambda message: message.model in ("helpdesk.ticket", "crm.lead"),
                )
            )
        return fields_to_store

    def _get_civic_channel(self):
        Case = self.env["helpdesk.ticket"]
        # sudo: whoever reads the message
        channel_id = self.sudo().civic_channel_id.id
        mail = self.message_type == "email" and Case._get_mail_channel_id()
        return Case._get_channel_name(channel_id or mail or 0, self.env.lang)

    def _is_of_case(self):
        return any(message.model == "helpdesk.ticket" for message in self.sudo())

    def _refuse_to_tamper(self):
        raise AccessError(
            self.env._(
                "The correspondence of a case is not changed or deleted: it shows what was said. Write another message."
            )
        )

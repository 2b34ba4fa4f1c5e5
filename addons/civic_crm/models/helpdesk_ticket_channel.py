# SPDX-License-Identifier: AGPL-3.0-or-later
"""By which way each message of a case came or went."""

from odoo import api, models, tools


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _get_public_channel(self, row):
        """Return the name of the channel of a message, or nothing where it is not known.

        :param row: ``PublicHistory`` of a message
        """
        mail = row.message_type == "email" and self._get_mail_channel_id()
        return self._get_channel_name(row.channel_id or mail or 0, self.env.lang)

    @api.model
    def _get_mail_channel_id(self):
        return self.env["ir.model.data"]._xmlid_to_res_id("helpdesk_mgmt.helpdesk_ticket_channel_email")

    @api.model
    @tools.ormcache("channel_id", "lang")
    def _get_channel_name(self, channel_id, lang):
        # sudo: names of channels are no secret
        return self.env["helpdesk.ticket.channel"].sudo().with_context(lang=lang).browse(channel_id or ()).name or ""

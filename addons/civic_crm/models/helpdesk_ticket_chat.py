# SPDX-License-Identifier: AGPL-3.0-or-later
"""A case or an enquiry knows its live chat; nobody links one to a conversation that is closed to them."""

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .helpdesk_ticket import STAFF_ONLY


class CivicChatLink(models.AbstractModel):
    """What is made of a live chat. Core's own link (``origin_channel_id``) would open the chat to sales."""

    _name = "civic.chat.link"
    _description = "Made of a live chat"

    chat_id = fields.Many2one(
        "discuss.channel", string="Live chat", readonly=True, copy=False, index="btree_not_null", groups=STAFF_ONLY
    )

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_chat_id")
        self._check_chats({vals.get("chat_id", default) for vals in vals_list})
        return super().create(vals_list)

    def write(self, vals):
        self._check_chats({vals.get("chat_id")})
        return super().write(vals)

    def _check_chats(self, ids):
        ids = [chat_id for chat_id in ids if chat_id]
        if ids and not self.env["discuss.channel"].browse(ids).has_access("read"):
            raise AccessError(self.env._("You cannot link this to a conversation that you may not read."))


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "civic.chat.link"]


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "civic.chat.link"]

# SPDX-License-Identifier: AGPL-3.0-or-later
import pytz

from odoo import fields, models


class ImLivechatChannel(models.Model):
    _inherit = "im_livechat.channel"

    civic_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Hours of the chat",
        help="Conversations reach an operator within these hours only; outside them the bot takes enquiries."
        " Empty: whenever an operator is online.",
    )

    def _get_available_operators_by_livechat_channel(self, users=None):
        """Nobody is there outside the hours, though a screen may have been left on."""
        operators = super()._get_available_operators_by_livechat_channel(users)
        closed = [channel for channel in self if operators[channel] and not channel._is_open()]
        return {**operators, **dict.fromkeys(closed, self.env["res.users"])}

    def _is_open(self):
        """Return whether the chat is attended now."""
        calendar = self.civic_calendar_id
        if not calendar:
            return True
        now = pytz.utc.localize(fields.Datetime.now())
        return bool(calendar._work_intervals_batch(now, now.replace(microsecond=999999))[False])

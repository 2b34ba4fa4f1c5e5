# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.fields import Domain


class CivicIntakeLimit(models.Model):
    """How much one sender, or one channel, may bring within an hour; what is more is set aside, and kept."""

    _name = "civic.intake.limit"
    _inherit = "civic.kept.in.memory"
    _description = "Limit of what arrives"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    counted = fields.Selection(
        [("sender", "Of one sender"), ("channel", "Of all senders together")],
        required=True,
        default="sender",
        help="One sender is one e-mail address, phone number or account; in the live chat also one browser or, signed"
        " in, one person, whatever address is given there. What staff writes down is never held up.",
    )
    channel_id = fields.Many2one("helpdesk.ticket.channel", ondelete="cascade", help="Empty: in each channel.")
    most = fields.Integer(
        string="Most in an hour", required=True, help="What comes after so many is set aside until a person lets it in."
    )

    _most_positive = models.Constraint("CHECK (most > 0)", "At least one message an hour must be let in.")

    @api.model
    @tools.ormcache()
    def _get_limits(self):
        """List ``(counted, channel id or False, most)`` of the limits that hold."""
        # sudo: what is let in does not depend on who brings it
        return tuple((limit.counted, limit.channel_id.id, limit.most) for limit in self.sudo().search([]))

    @api.model
    def _find_reason(self, intake, kind, sender):
        """Return why an entry of the ledger is too much: ``loop`` (of one sender), ``flood`` (of all), or nothing.

        :param str kind: of the sender, as in the ledger
        :param str sender: as in the ledger; without one only the channel is counted
        """
        if intake.is_released:
            return ""
        for counted, channel_id, most in self._get_limits():
            is_nobodys = counted == "sender" and not (sender or intake.visitor)
            if is_nobodys or (channel_id and channel_id != intake.channel_id.id):
                continue
            domain = Domain(
                [
                    ("received_at", ">", intake.received_at - timedelta(hours=1)),
                    ("received_at", "<=", intake.received_at),
                    ("id", "<", intake.id),
                    ("channel_id", "=", intake.channel_id.id),
                ]
            )
            if counted == "sender":
                domain &= self._is_of_sender(intake, kind, sender)
            if intake.sudo().search_count(domain, limit=most) >= most:
                return "loop" if counted == "sender" else "flood"
        return ""

    def _is_of_sender(self, intake, kind, sender):
        """Return the domain of what the same sender brought: under that address, or from that browser."""
        by_address = Domain([("sender", "=", sender), ("sender_kind", "=", kind)]) if sender else Domain.FALSE
        return by_address | (Domain("visitor", "=", intake.visitor) if intake.visitor else Domain.FALSE)

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.fields import Domain

CHANNELS = [
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("phone", "Phone"),
    ("post", "Post"),
    ("app", "App"),
]


class CivicConsentWay(models.Model):
    """One purpose by one channel: what a citizen says yes or no to, and what an audience is filtered by."""

    _name = "civic.consent.way"
    _description = "Purpose by channel"
    _order = "purpose_id, id"

    purpose_id = fields.Many2one("civic.consent.purpose", required=True, index=True, ondelete="restrict")
    channel = fields.Selection(CHANNELS, required=True)
    active = fields.Boolean(default=True)
    lawful_basis = fields.Selection(related="purpose_id.lawful_basis")

    _unique = models.UniqueIndex("(purpose_id, channel)", "This purpose has this channel already.")

    @api.depends("purpose_id.name", "channel")
    def _compute_display_name(self):
        labels = dict(self._fields["channel"]._description_selection(self.env))
        for way in self:
            way.display_name = f"{way.purpose_id.name or ''} · {labels.get(way.channel, '')}"

    def _get_audience_domain(self):
        """Return the domain of the partners who may be reached for one purpose by one channel.

        With consent: who said yes. Without need of it: everybody but who objected (GDPR, art. 21).
        """
        self.ensure_one()
        if self.lawful_basis == "consent":
            return Domain("civic_allowed_ids", "in", self.ids)
        return Domain("civic_refused_ids", "not in", self.ids)

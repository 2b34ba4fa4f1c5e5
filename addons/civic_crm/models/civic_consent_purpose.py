# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models

from .civic_consent_way import CHANNELS

#: GDPR, art. 6.1: (a), (e), (c) and (b).
LAWFUL_BASES = [
    ("consent", "Consent"),
    ("public_task", "Public task"),
    ("legal_obligation", "Legal obligation"),
    ("contract", "Contract"),
]


class CivicConsentPurpose(models.Model):
    """What data of citizens is used for: the city's own list, as in its published inventory of processing."""

    _name = "civic.consent.purpose"
    _description = "Purpose of data use"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Text(
        translate=True, help="What the citizen reads before deciding: what is sent or done, how often, by whom."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    lawful_basis = fields.Selection(
        LAWFUL_BASES,
        required=True,
        default="consent",
        help="Consent: only who said yes is reached. The others: everybody is, but those who objected.",
    )
    way_ids = fields.One2many("civic.consent.way", "purpose_id", string="Channels")
    by_email = fields.Boolean(string="E-mail", compute="_compute_channels", inverse="_inverse_channels")
    by_sms = fields.Boolean(string="SMS", compute="_compute_channels", inverse="_inverse_channels")
    by_phone = fields.Boolean(string="Phone", compute="_compute_channels", inverse="_inverse_channels")
    by_post = fields.Boolean(string="Post", compute="_compute_channels", inverse="_inverse_channels")
    by_app = fields.Boolean(string="App", compute="_compute_channels", inverse="_inverse_channels")

    @api.depends("way_ids.active")
    def _compute_channels(self):
        for purpose in self:
            used = set(purpose.way_ids.filtered("active").mapped("channel"))
            for channel, _label in CHANNELS:
                purpose[f"by_{channel}"] = channel in used

    def _inverse_channels(self):
        """A channel no longer used is archived: what was decided about it stays."""
        # sudo: ways are kept by this and by nobody's hand
        Way = self.env["civic.consent.way"].sudo().with_context(active_test=False)
        wanted = {purpose: [c for c, _label in CHANNELS if purpose[f"by_{c}"]] for purpose in self}
        known = Way.search([("purpose_id", "in", self.ids)])
        for way in known:
            used = way.channel in wanted[way.purpose_id]
            if way.active != used:
                way.active = used
        have = {(way.purpose_id, way.channel) for way in known}
        Way.create(
            [
                {"purpose_id": purpose.id, "channel": channel}
                for purpose, channels in wanted.items()
                for channel in channels
                if (purpose, channel) not in have
            ]
        )

    def _get_way(self, channel):
        """Return the way of one purpose by a *channel* (one of ``CHANNELS``), or none when it is not used."""
        self.ensure_one()
        return self.way_ids.filtered(lambda way: way.channel == channel and way.active)

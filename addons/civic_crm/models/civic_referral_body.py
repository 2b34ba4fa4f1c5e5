# SPDX-License-Identifier: AGPL-3.0-or-later
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CivicReferralBody(models.Model):
    """Who answers what is not the city's: named to the citizen when a case is referred."""

    _name = "civic.referral.body"
    _inherit = "civic.public.facts"
    _description = "Body cases are referred to"
    _order = "sequence, name, id"
    _public_facts = ("name", "contact", "url")

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    contact = fields.Char(
        translate=True, help="Telephone, address or counter, in one line, as the citizen should read it."
    )
    url = fields.Char(string="Web address", help="Where the citizen can file it there: https://…")
    note = fields.Text(
        string="Note for staff", help="What this body takes, and how it is told. Citizens do not see it."
    )

    @api.constrains("url")
    def _check_url(self):
        """Only addresses of the web: it becomes a link on a citizen's page."""
        for body in self.filtered("url"):
            parts = urlsplit(body.url.strip())
            if parts.scheme not in ("http", "https") or not parts.netloc:
                raise ValidationError(
                    self.env._("“%(url)s” is not a web address. Write it with https:// in front.", url=body.url)
                )

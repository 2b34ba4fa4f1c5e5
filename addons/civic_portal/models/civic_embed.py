# SPDX-License-Identifier: AGPL-3.0-or-later
import secrets

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.origins import read_origins


class CivicEmbed(models.Model):
    """The city's form on another site of the city: which site, which services, in which language."""

    _name = "civic.embed"
    _description = "Form on another site"
    _order = "name, id"

    name = fields.Char(required=True, help="Where it stands, for yourself, such as: Site of the libraries.")
    active = fields.Boolean(default=True, help="Archived, the form on the other site only says that it is closed.")
    key = fields.Char(
        string="Address", required=True, readonly=True, copy=False, default=lambda self: secrets.token_urlsafe(9)
    )
    origins = fields.Text(
        string="Sites",
        required=True,
        help="One a line, such as https://libraries.city.example. Browsers show the form on these sites only.",
    )
    service_ids = fields.Many2many(
        "helpdesk.ticket.category",
        string="Services offered",
        domain=[("show_in_portal", "=", True), ("is_heading", "=", False)],
        help="Empty: all that the city's own site offers. What asks for a login is filed on the city's site.",
    )
    lang_id = fields.Many2one(
        "res.lang", string="Language", required=True, default=lambda self: self.env["res.lang"]._lang_get(self.env.lang)
    )
    snippet = fields.Text(string="To copy into the page", compute="_compute_snippet")

    _key_unique = models.UniqueIndex("(key)")

    @api.depends("key", "name")
    def _compute_snippet(self):
        for embed in self:
            base = embed.get_base_url()
            embed.snippet = Markup(
                '<a href="{base}/embed/form/{key}" data-civic-form="{key}">{words}</a>\n'
                '<script src="{base}/civic_portal/static/src/embed/form.js" async></script>'
            ).format(base=base, key=embed.key, words=embed.with_context(lang=embed.lang_id.code).env._("Tell the city"))

    @api.constrains("origins")
    def _check_origins(self):
        for embed in self:
            try:
                found = read_origins(embed.origins)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "“%(line)s” is no site. Write one a line, such as https://libraries.city.example.", line=error
                    )
                ) from None
            if not found:
                raise ValidationError(self.env._("Name at least one site that may show the form."))

    def action_open(self):
        """Open the form by itself, as somebody without JavaScript gets it."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/embed/form/{self.key}", "target": "new"}

    def _get_origins(self):
        return read_origins(self.origins)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a city lets the automatic classification do."""

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

SETTINGS = {
    "text_files_by_itself",
    "text_confidence",
    "text_sets_aside",
    "text_spam_confidence",
    "text_minimum",
}


class ResCompany(models.Model):
    _inherit = "res.company"

    text_files_by_itself = fields.Boolean(
        string="File by itself",
        help="A message is filed under the service that is sure enough, without asking anybody. Off: services are"
        " suggested, and a person decides.",
    )
    text_confidence = fields.Float(
        string="Sure enough from",
        default=0.9,
        help="From this confidence on a message is filed by itself; below it the service is only suggested.",
    )
    text_sets_aside = fields.Boolean(
        string="Set spam aside",
        default=True,
        help="What looks like the messages that people here have set aside is set aside too: it stays in the ledger,"
        " and “Try again” lets it in. Off: people alone decide.",
    )
    text_spam_confidence = fields.Float(
        string="Surely spam from",
        default=0.98,
        help="From this confidence on a message is set aside; never one of somebody the city knows, nor an answer.",
    )
    text_minimum = fields.Integer(
        string="Decided texts needed",
        default=200,
        help="With fewer decided texts nothing is learned, and the keywords of the catalogue suggest.",
    )

    @api.constrains("text_confidence", "text_spam_confidence", "text_minimum")
    def _check_text_settings(self):
        for company in self:
            if not 0.5 <= company.text_confidence <= 1:
                raise ValidationError(
                    self.env._("Filing by itself needs a confidence of 50 to 100 %: less would be tossing a coin.")
                )
            if not 0.8 <= company.text_spam_confidence <= 1:
                raise ValidationError(
                    self.env._("Setting aside needs a confidence of 80 to 100 %: less would hide what people ask.")
                )
            if company.text_minimum < 50:
                raise ValidationError(self.env._("At least 50 decided texts are needed to learn anything from them."))

    def write(self, vals):
        if SETTINGS & set(vals):
            self.env.registry.clear_cache()
        return super().write(vals)

    def _get_text_settings(self):
        """Return the settings, kept in memory.

        ``files_by_itself`` and ``sets_aside`` (bool), ``confidence`` (0.5 to 1), ``spam_confidence`` (0.8 to 1) and
        ``minimum`` (int).
        """
        self.ensure_one()
        return dict(self._read_text_settings(self.id))

    @tools.ormcache("company_id")
    def _read_text_settings(self, company_id):
        # sudo: whatever receives a message may know by which rules
        company = self.sudo().browse(company_id)
        return (
            ("files_by_itself", company.text_files_by_itself),
            ("confidence", company.text_confidence),
            ("sets_aside", company.text_sets_aside),
            ("spam_confidence", company.text_spam_confidence),
            ("minimum", company.text_minimum),
        )

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..core.urgent_words import UrgentWords, split_terms


class CivicUrgentWord(models.Model):
    """Words that make a text urgent: danger to life first of all. They only suggest; a person decides."""

    _name = "civic.urgent.word"
    _inherit = "civic.kept.in.memory"
    _description = "Urgent words"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(string="What it means", required=True, translate=True)
    words = fields.Text(
        required=True,
        translate=True,
        help="Words and phrases, separated by commas, in each language of the city. An asterisk stands for any ending:"
        " injur* is injury, injured.",
    )
    priority = fields.Selection(
        [("2", "High"), ("3", "Very High")],
        required=True,
        default="3",
        help="Suggested to staff for a case or enquiry in whose text one of the words stands.",
    )
    service_ids = fields.Many2many(
        "helpdesk.ticket.category", string="Only for", help="Services for which the words count. Empty: for all."
    )

    @api.constrains("words")
    def _check_words(self):
        for entry in self:
            try:
                split_terms(entry.words)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "“%(term)s” is no word or phrase. Separate words by commas; an asterisk may stand at the end of"
                        " at least three letters.",
                        term=error.args[0],
                    )
                ) from error

    @api.model
    def _find_urgency(self, text, service=None):
        """Return ``(priority or False, words found)``; see ``civic.text.model._suggest_urgency``."""
        found = [
            (priority, words)
            for (priority, services), words in self.sudo()._get_urgent_words().find(text)
            if not services or (service and service.id in services)
        ]
        usual = service._get_public_facts()["default_priority"] if service else False
        best = max((priority for priority, _words in found), default=False)
        return max(best or "", usual or "") or False, list(dict.fromkeys(words for _priority, words in found))

    @api.model
    @tools.ormcache()
    def _get_urgent_words(self):
        """Return all entries in all languages, as ``UrgentWords``."""
        entries = self.search([("active", "=", True)])
        terms = {entry: [] for entry in entries}
        for lang, _name in self.env["res.lang"].get_installed():
            for entry in entries.with_context(lang=lang):
                try:
                    terms[entry] += split_terms(entry.words)
                except ValueError:  # a translation that was not checked as it was written
                    continue
        return UrgentWords(
            ((entry.priority, frozenset(entry.service_ids.ids)), list(dict.fromkeys(terms[entry]))) for entry in entries
        )

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import models, tools


class CivicPublicFacts(models.AbstractModel):
    """Settings that every public page repeats, kept in memory by language.

    States, departments, services and zones change a few times a year and stand on every
    page a citizen opens. What the page may show of them, and nothing else, is read once;
    any change of such a record forgets it, on all workers.
    """

    _name = "civic.public.facts"
    _inherit = "civic.kept.in.memory"
    _description = "Public facts kept in memory"

    #: names of the fields that anybody may read; plain values, no relations
    _public_facts = ()

    def _get_public_facts(self):
        """Return the public fields of one record, or of none (all False), as a dict."""
        if not self:
            return dict.fromkeys(self._public_facts, False)
        self.ensure_one()
        return dict(self._read_public_facts(self.id, self.env.lang))

    @tools.ormcache("record_id", "lang")
    def _read_public_facts(self, record_id, lang):
        # sudo: the fields are public by declaration
        record = self.sudo().with_context(lang=lang).browse(record_id).exists()
        return tuple((name, record[name]) for name in self._public_facts)

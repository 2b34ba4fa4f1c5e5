# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models, tools
from odoo.tools import SQL


class IrSequence(models.Model):
    _name = "ir.sequence"
    _inherit = ["ir.sequence", "civic.kept.in.memory"]

    @api.model
    def _next_civic_case_numbers(self, count):
        """Yield *count* case numbers of the current company's sequence.

        Numbers may have gaps: they are no legal register.
        """
        return self._draw_civic("helpdesk.ticket.sequence", count)

    @api.model
    def _draw_civic(self, code, count):
        """Yield *count* numbers of the current company's sequence *code*.

        The sequence is kept in memory; the city edits its prefix like any other sequence.
        """
        sequence_id, is_plain, form = self._find_civic_sequence(code, self.env.company.id)
        if not is_plain:
            sequence = self.browse(sequence_id)
            return iter([sequence._next() for _ in range(count)])
        drawn = self.env.execute_query(
            SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"ir_sequence_{sequence_id:03d}", count)
        )
        # the dates in a number are the city's; the user's own zone would be read from the database
        sequence = self.with_context(tz=self.env.company._get_city_zone_name(self.env.company.id)).new(dict(form))
        before, after = sequence._get_prefix_suffix()  # once for all: it spells out every part of the date
        return iter([f"{before}{number:0{sequence.padding}d}{after}" for (number,) in drawn])

    @api.model
    @tools.ormcache("code", "company_id")
    def _find_civic_sequence(self, code, company_id):
        """Return ``(id, whether it only counts on, what a number looks like)`` of the company's sequence."""
        sequence = self.search(
            [("code", "=", code), ("company_id", "in", [company_id, False])],
            order="company_id",
            limit=1,
        )
        is_plain = sequence.implementation == "standard" and not sequence.use_date_range
        return sequence.id, is_plain, tuple((name, sequence[name]) for name in ("name", "padding", "prefix", "suffix"))

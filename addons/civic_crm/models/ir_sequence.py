# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models, tools
from odoo.tools import SQL


class IrSequence(models.Model):
    _name = "ir.sequence"
    _inherit = ["ir.sequence", "civic.kept.in.memory"]

    @api.model
    def _next_civic_case_numbers(self, count):
        """Yield *count* case numbers of the current company's sequence.

        The sequence is looked up once for the batch; the city edits its prefix like any
        other sequence. Numbers may have gaps: they are no legal register.
        """
        sequence = self.browse(self._find_civic_case_sequence(self.env.company.id))
        if sequence.implementation != "standard" or sequence.use_date_range:
            return iter([sequence._next() for _ in range(count)])
        drawn = self.env.execute_query(
            SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"ir_sequence_{sequence.id:03d}", count)
        )
        return iter([sequence.get_next_char(number) for (number,) in drawn])

    @api.model
    @tools.ormcache("company_id")
    def _find_civic_case_sequence(self, company_id):
        return self.search(
            [("code", "=", "helpdesk.ticket.sequence"), ("company_id", "in", [company_id, False])],
            order="company_id",
            limit=1,
        ).id

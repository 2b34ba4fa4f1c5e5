# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    @api.model
    def _next_civic_case_numbers(self, count):
        """Yield *count* case numbers of the current company's sequence.

        The sequence is looked up once for the batch; the city edits its prefix like any
        other sequence. Numbers may have gaps: they are no legal register.
        """
        sequence = self.search(
            [
                ("code", "=", "helpdesk.ticket.sequence"),
                ("company_id", "in", [self.env.company.id, False]),
            ],
            order="company_id",
            limit=1,
        )
        return iter([sequence._next() for _ in range(count)])

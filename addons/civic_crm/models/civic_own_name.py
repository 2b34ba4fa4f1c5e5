# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models


class CivicOwnName(models.AbstractModel):
    """A branch of a tree that lists show by its own name alone.

    In a narrow column ``Streets and lighting / Broken street light`` is cut before its last part, which tells one
    service from another. Views ask for the own name by ``civic_own_name`` in the field's context.
    """

    _name = "civic.own.name"
    _description = "Shown by its own name"

    @api.depends("name")
    @api.depends_context("civic_own_name", "lang")
    def _compute_display_name(self):
        if not self.env.context.get("civic_own_name"):
            return super()._compute_display_name()
        for record in self:
            record.display_name = record.name
        return None

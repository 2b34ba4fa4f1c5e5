# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models


class CivicNameAlone(models.AbstractModel):
    """Parts of a tree that lists call by their own name.

    In a form the whole path tells which one is meant. In a column the path is cut off before the part that
    matters ("Streets and lig…"): there a view says ``context="{'civic_name_alone': True}"``.
    """

    _name = "civic.name.alone"
    _description = "Called by its own name in lists"

    @api.depends("name", "complete_name")
    @api.depends_context("civic_name_alone")
    def _compute_display_name(self):
        name = "name" if self.env.context.get("civic_name_alone") else "complete_name"
        for record in self:
            record.display_name = record[name]

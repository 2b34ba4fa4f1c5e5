# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models


class IrFilters(models.Model):
    """Favourites that ship with the addon speak the reader's language; the base keeps one name for all."""

    _inherit = "ir.filters"

    civic_title = fields.Char(
        string="Name in each language", translate=True, help="Shown instead of the name, until somebody renames it."
    )

    def write(self, vals):
        if "name" in vals and "civic_title" not in vals:
            vals = dict(vals, civic_title=False)
        return super().write(vals)

    @api.model
    def get_filters(self, model, action_id=None, embedded_action_id=None, embedded_parent_res_id=None):
        found = super().get_filters(model, action_id, embedded_action_id, embedded_parent_res_id)
        records = self.with_context(lang=self.env.user.lang).browse([row["id"] for row in found])
        titles = {record.id: record.civic_title for record in records}
        return [dict(row, name=titles[row["id"]] or row["name"]) for row in found]

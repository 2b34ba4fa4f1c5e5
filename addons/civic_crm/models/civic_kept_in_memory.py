# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models


class CivicKeptInMemory(models.AbstractModel):
    """Settings of which something is kept in memory: any change forgets it, everywhere."""

    _name = "civic.kept.in.memory"
    _description = "Kept in memory until changed"

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def _update_field_translations(self, *args, **kwargs):
        self.env.registry.clear_cache()
        return super()._update_field_translations(*args, **kwargs)

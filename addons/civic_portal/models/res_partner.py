# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        """The language of a city's own entry is kept in memory."""
        if "lang" in vals and self.env["res.company"]._get_city_partner_ids() & set(self._ids):
            self.env.registry.clear_cache()
        return super().write(vals)

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models


class CivicCitySettings(models.TransientModel):
    _inherit = "civic.city.settings"

    open311_jurisdiction = fields.Char(string="Jurisdiction")
    open311_is_test = fields.Boolean(string="For testing")

    @api.model
    def _get_company_fields(self):
        return (*super()._get_company_fields(), "open311_jurisdiction", "open311_is_test")

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models


class CivicIssue(models.Model):
    """An issue made of what an app filed has the number that the app was given."""

    _inherit = "civic.issue"

    @api.model
    def _get_code_for(self, vals):
        return vals.get("request_code") or super()._get_code_for(vals)

    @api.model
    def _get_code_for_known(self, case):
        code = case.sudo().request_code
        if code and not self.with_context(active_test=False).search_count([("code", "=", code)], limit=1):
            return code
        return super()._get_code_for_known(case)

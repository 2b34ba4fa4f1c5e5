# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models
from odoo.fields import Domain


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    @api.depends("tracking_code")
    def _compute_tracking_url(self):
        for case in self:
            code = case.tracking_code
            case.tracking_url = f"{case.get_base_url()}/cases/{code}" if code else False

    def _get_confirmation_url(self):
        return f"{self.tracking_url}/confirm" if self.tracking_url else False

    @api.model
    def _get_own_domain(self, partner):
        """Return the domain of the cases that a login's pages list: those in which *partner* may act today."""
        return self._get_acting_domain(partner) & Domain("parent_case_id", "=", False)

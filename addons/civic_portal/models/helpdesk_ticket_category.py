# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import models


class HelpdeskTicketCategory(models.Model):
    _inherit = "helpdesk.ticket.category"

    def action_open_portal_form(self):
        """Open the form as citizens meet it, in another tab."""
        return {"type": "ir.actions.act_url", "url": f"/cases/new/{self.id}", "target": "new"}

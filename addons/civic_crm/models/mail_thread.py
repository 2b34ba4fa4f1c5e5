# SPDX-License-Identifier: AGPL-3.0-or-later
import logging

from odoo import api, models

from ..core.automatic_mail import is_automatic

_logger = logging.getLogger(__name__)


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """No machine's mail opens a case or an enquiry, or writes into one."""
        routes = super().message_route(message, message_dict, model, thread_id, custom_values)
        if not is_automatic(message):
            return routes
        kept = [route for route in routes if not self._is_to_the_city(route)]
        if len(kept) < len(routes):
            _logger.info("Automatic mail %s opens no case", message_dict.get("message_id"))
        return kept

    @api.model
    def _is_to_the_city(self, route):
        """Return whether a *route* of the gateway ends at a case or an enquiry."""
        model, thread_id, custom_values = route[:3]
        if model == "crm.lead":
            team_id = (custom_values or {}).get("team_id")
            known = self.env[model].sudo().browse(thread_id or []).exists()
            return known.is_enquiry or self.env["crm.team"].sudo().browse(team_id or []).is_front_desk
        return model == "helpdesk.ticket"

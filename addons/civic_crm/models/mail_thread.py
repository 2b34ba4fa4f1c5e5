# SPDX-License-Identifier: AGPL-3.0-or-later
import logging

from odoo import api, models

from ..core.automatic_mail import is_automatic

_logger = logging.getLogger(__name__)


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """No machine's mail opens a case or writes into one."""
        routes = super().message_route(message, message_dict, model, thread_id, custom_values)
        if not is_automatic(message):
            return routes
        kept = [route for route in routes if route[0] != "helpdesk.ticket"]
        if len(kept) < len(routes):
            _logger.info("Automatic mail %s opens no case", message_dict.get("message_id"))
        return kept

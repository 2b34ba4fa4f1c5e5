# SPDX-License-Identifier: AGPL-3.0-or-later
import logging

from odoo import api, models
from odoo.exceptions import AccessError

from ..core.automatic_mail import is_automatic
from .civic_adapter_mail import FROM_THE_LEDGER

_logger = logging.getLogger(__name__)


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_process(
        self, model, message, custom_values=None, save_original=False, strip_attachments=False, thread_id=None
    ):
        """Every mail comes into the ledger first; what becomes of it is worked off by the job.

        With the system parameter ``civic_crm.intake_at_once`` it is worked off before the mail server has its answer:
        for a city with little mail. Returns the id of what it became, or False while it waits.
        """
        if not self.env.user._is_internal() and not self.env.su:
            raise AccessError(self.env._("Only the city's mail servers bring mail in."))
        if not self.env.su and not self.env.user.has_group("base.group_system"):
            model = custom_values = thread_id = None  # where a mail goes is said by the aliases
        intake, _is_new = self.env["civic.adapter.mail"]._accept(message, model, custom_values, thread_id)
        if intake._is_at_once():
            intake._process()
        else:
            intake._wake_up()
        return intake.message_id.res_id or False

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
    def _routing_create_bounce_email(self, email_from, body_html, message, **mail_values):
        """Nobody is told that a mail was refused which the ledger has kept: a person decides."""
        if self.env.context.get("civic_from_ledger") is not FROM_THE_LEDGER:
            return super()._routing_create_bounce_email(email_from, body_html, message, **mail_values)
        return None

    @api.model
    def _is_to_the_city(self, route):
        """Return whether a *route* of the gateway ends at a case or an enquiry."""
        model, thread_id, custom_values = route[:3]
        if model == "crm.lead":
            team_id = (custom_values or {}).get("team_id")
            known = self.env[model].sudo().browse(thread_id or []).exists()
            return known.is_enquiry or self.env["crm.team"].sudo().browse(team_id or []).is_front_desk
        return model == "helpdesk.ticket"

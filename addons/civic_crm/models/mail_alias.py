# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import models

from .civic_adapter_mail import FROM_THE_LEDGER


class MailAlias(models.Model):
    _inherit = "mail.alias"

    def _alias_bounce_incoming_email(self, message, message_dict, set_invalid=True):
        """A mail that could not be filed is in the ledger and is tried again: its sender has done nothing wrong."""
        if set_invalid and self.env.context.get("civic_from_ledger") is FROM_THE_LEDGER:
            return
        super()._alias_bounce_incoming_email(message, message_dict, set_invalid=set_invalid)

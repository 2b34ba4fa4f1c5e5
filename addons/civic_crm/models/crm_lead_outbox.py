# SPDX-License-Identifier: AGPL-3.0-or-later
"""Answers of an enquiry to the account the citizen writes by."""

from odoo import models
from odoo.tools import is_html_empty


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["civic.answered.by.handle", "crm.lead"]

    def _get_citizen(self):
        """Who is known by an account alone becomes a citizen when something is made of what they ask."""
        self.ensure_one()
        if not self.partner_id and not self.email_from and self.sudo().handle_id:
            # sudo: making the citizen is the system's; that the user may write the enquiry was checked
            self.sudo().handle_id._get_citizen()
        return super()._get_citizen()

    def _send_answer(self, answer):
        if is_html_empty(answer) or not self._get_answer_handle():
            return super()._send_answer(answer)
        self.message_post(
            body=answer, message_type="comment", subtype_xmlid="mail.mt_comment", **self._get_answer_sender()
        )
        return True

    def write(self, vals):
        if "handle_id" in vals and not self.env.su:
            vals = {name: value for name, value in vals.items() if name != "handle_id"}
        return super().write(vals)

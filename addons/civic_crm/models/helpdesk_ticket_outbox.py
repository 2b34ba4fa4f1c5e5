# SPDX-License-Identifier: AGPL-3.0-or-later
"""Answers of a case to the account the citizen writes by, and how each message came."""

from odoo import models
from odoo.exceptions import AccessError


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = ["civic.answered.by.handle", "helpdesk.ticket"]

    def _check_given_vals(self, vals):
        if "handle_id" in vals:
            raise AccessError(self.env._("By which account a case came is said by the network."))
        return super()._check_given_vals(vals)

    def message_update(self, msg_dict, update_vals=None):
        """Who writes by mail is answered by mail."""
        result = super().message_update(msg_dict, update_vals)
        if self.sudo().answer_handle_id and self._is_requester(msg_dict):
            self.sudo().answer_handle_id = False
        return result

    def _note_enquiry(self):
        """What was asked by an account is answered there."""
        for case in self.sudo():
            enquiry = case.enquiry_id
            if enquiry.handle_id:
                case.write({"handle_id": enquiry.handle_id.id, "answer_handle_id": enquiry.answer_handle_id.id})
                case._acknowledge_by_handle()
        return super()._note_enquiry()

    def _get_answer_link(self):
        return self.tracking_url or ""

    def _acknowledge_by_handle(self):
        """Tell the account once that its case is registered, where no mail says so."""
        for case in self.sudo().filtered(lambda case: case.acknowledgement == "none"):
            handle = case._get_answer_handle()
            if not handle:
                continue
            speaker = case.with_context(lang=handle._get_lang() or self.env["res.partner"]._get_city_lang())
            words = speaker.env._(
                "We have received your case “%(name)s”. Its code is %(code)s.", name=case.name, code=case.tracking_code
            )
            link = case.tracking_url
            self.env["civic.outbox"]._queue(case, handle, f"{words}\n{link}" if link else words)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The enquiry's correspondence: mail in, answers out, a second contact."""

from odoo import api, models
from odoo.tools import email_normalize, is_html_empty


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A mail to a front desk is an enquiry of its sender, and of nobody in copy."""
        team = self.env["crm.team"].sudo().browse((custom_values or {}).get("team_id") or [])
        if not team.is_front_desk:
            return super().message_new(msg_dict, custom_values)
        citizen = self.env["res.partner"]._find_or_create_citizen(msg_dict.get("email_from") or msg_dict.get("from"))
        values = dict(
            custom_values,
            channel_id=self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_email").id,
            partner_id=citizen.id,
            description=msg_dict.get("body"),
            has_citizen_message=True,
            user_id=False,
        )
        if citizen:
            msg_dict["author_id"] = citizen.id
        return super().message_new(msg_dict, values)

    def message_update(self, msg_dict, update_vals=None):
        """Whoever writes again was not answered; a stranger's words are a note for staff."""
        result = super().message_update(msg_dict, update_vals)
        for lead in self.filtered("is_enquiry"):
            if lead._is_asked_by(msg_dict):
                lead._come_back()
            else:
                msg_dict["is_internal"] = True
        return result

    def _is_asked_by(self, msg_dict):
        address = email_normalize(msg_dict.get("email_from") or msg_dict.get("from"))
        return bool(address) and address in (self.email_normalized, self.partner_id.email_normalized)

    def _come_back(self):
        """Put an enquiry on the board again, as the citizen wrote once more."""
        # sudo: the gateway writes, whoever it runs as
        vals = {"has_citizen_message": True, "first_contact_resolution": False}
        if self.enquiry_state in ("done", "waiting"):
            vals["enquiry_state"] = "in_hand" if self.user_id else "new"
        self.sudo().write(vals)

    def _send_answer(self, answer):
        """Mail the answer to the citizen in the front desk's name; without an address keep it as a note.

        :param answer: Markup or HTML as the answer box gives it
        :return: True when it was sent
        """
        self.ensure_one()
        if is_html_empty(answer):
            return False
        citizen = self._get_citizen()
        if not citizen.email:
            self.message_post(body=answer, subtype_xmlid="mail.mt_note")
            return False
        self.message_post(
            body=answer,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=citizen.ids,
            email_layout_xmlid="mail.mail_notification_light",
            email_add_signature=False,
            **self._get_answer_sender(),
        )
        return True

    def _get_answer_sender(self):
        """Return in whose name the front desk writes; its own address, so that a reply reaches it."""
        # sudo: the address of a team is no secret
        team = self.team_id.sudo()
        address = team.alias_email or self.env.company.email
        if not address:
            return {}
        return {"email_from": f'"{team.name}" <{address}>', "author_id": self.env.user.partner_id.id}

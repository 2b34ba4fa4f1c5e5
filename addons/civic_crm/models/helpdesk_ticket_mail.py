# SPDX-License-Identifier: AGPL-3.0-or-later
"""The case's correspondence: mail in, answers out, one acknowledgement."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, plaintext2html

from .mail_message import MADE_BY_THE_CASE

#: Acknowledgements sent per transaction of the cron.
ACKNOWLEDGEMENT_BATCH = 50
#: RFC 3834, section 5: no machine answers an acknowledgement.
ACKNOWLEDGEMENT_HEADERS = {
    "Auto-Submitted": "auto-replied",
    "X-Auto-Response-Suppress": "All",
}


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"
    #: Writing to the citizen is working the case; the base lets every reader do it.
    _mail_post_access = "write"

    # ------------------------------------------------------------------
    # mail in
    # ------------------------------------------------------------------

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A mail to a department's address is a case of that department.

        Only the sender becomes a party to the case. The base would subscribe everybody in
        To and Cc, and whoever is subscribed is sent every answer.
        """
        citizen = self.env["res.partner"]
        if not self.env.context.get("civic_forged_sender"):
            citizen = citizen._find_or_create_citizen(msg_dict.get("email_from") or msg_dict.get("from"))
        values = dict(
            custom_values or {},
            channel_id=self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_email").id,
            partner_id=citizen.id,
            partner_name=citizen.name,
            acknowledgement="to_send" if citizen else "none",
        )
        if not (msg_dict.get("subject") or "").strip():
            values["name"] = self.env._("(no subject)")
        if not msg_dict.get("body"):
            values["description"] = Markup("<p></p>")
        case = super(HelpdeskTicket, self.with_context(civic_nobody_follows=True)).message_new(msg_dict, values)
        case = case.with_context(civic_nobody_follows=False)
        if citizen:
            msg_dict["author_id"] = citizen.id
        case._subscribe_requester_of_new()
        case._schedule_acknowledgements()
        return case

    def message_update(self, msg_dict, update_vals=None):
        """A reply is the citizen's only when the citizen sent it.

        Whoever else answers (a forwarded mail, someone in Cc) has no right to the case:
        their words are kept as a note for staff, shown to nobody else.
        """
        quiet = self.with_context(civic_nobody_follows=True)
        result = super(HelpdeskTicket, quiet).message_update(msg_dict, update_vals)
        if not self._is_party(msg_dict):
            msg_dict["is_internal"] = True
        elif self._is_requester(msg_dict):
            self.has_citizen_message = True
        return result

    def _is_requester(self, msg_dict):
        """Return whether the citizen wrote it, or who represents them.

        Never where the city's border server found the sender forged.
        """
        if self.env.context.get("civic_forged_sender"):
            return False
        address = email_normalize(msg_dict.get("email_from") or msg_dict.get("from"))
        if address and address in (self.email_normalized, self.partner_id.email_normalized):
            return True
        return self._is_from_representative(address)

    def _is_party(self, msg_dict):
        """The citizen; and staff, where the city's mail server vouches for the sender.

        Anybody can write a colleague's address into From, and the citizen holds the
        Message-Id that leads to the case. So a mail of staff stays a note, unless the
        system parameter ``civic_crm.trust_staff_mail`` says that forged mail in the
        city's own name never reaches this system (DMARC enforced before it).
        """
        if self._is_requester(msg_dict):
            return True
        if self.env.context.get("civic_forged_sender"):
            return False
        trusted = self.env["ir.config_parameter"].sudo().get_param("civic_crm.trust_staff_mail")
        author = self.env["res.partner"].browse(msg_dict.get("author_id"))
        users = author.sudo().user_ids.filtered(lambda user: not user.share)
        return trusted == "True" and any(self.with_user(user).has_access("write") for user in users)

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        if self.env.context.get("civic_nobody_follows"):
            return True
        return super().message_subscribe(partner_ids, subtype_ids)

    def _message_auto_subscribe(self, updated_values, followers_existing_policy="skip"):
        """Who follows a department follows its cases; where nobody does, nobody is looked for."""
        if updated_values.get("team_id") not in self.env["mail.followers"]._get_followed_departments():
            updated_values = {name: value for name, value in updated_values.items() if name != "team_id"}
        return super()._message_auto_subscribe(updated_values, followers_existing_policy)

    def _track_template(self, tracking):
        """As the base, which reads the stage of every new case to see whether it has a template."""
        if "stage_id" in tracking and not self[0].stage_id._has_mail_template():
            tracking = [name for name in tracking if name != "stage_id"]
        return super()._track_template(tracking)

    def _subscribe_requester_of_new(self):
        """The citizen of cases that nobody follows yet hears every answer; nobody else is added."""
        _all, _internal, external = self.env["mail.message.subtype"].sudo()._default_subtypes(self._name)
        pairs = [(case.id, case.partner_id.id) for case in self if case.partner_id]
        self.env["mail.followers"]._follow_new(self._name, pairs, external)

    # ------------------------------------------------------------------
    # mail out
    # ------------------------------------------------------------------

    def message_post(self, **kwargs):
        """An answer goes out in the department's name, in the city's own layout."""
        if not self.env.su:  # nobody speaks for another
            spoken = ("author_id", "email_from", "rating_id", "rating_value")
            kwargs = {k: v for k, v in kwargs.items() if k not in spoken}
        if kwargs.get("message_type") == "email":  # what From says gives no right to follow
            self = self.with_context(mail_post_autofollow_author_skip=True)
        is_comment = (
            kwargs.get("subtype_xmlid") == "mail.mt_comment"
            or kwargs.get("subtype_id") == self._get_comment_subtype_id()
        )
        if is_comment and kwargs.get("message_type") in ("comment", "email"):
            kwargs.setdefault("email_layout_xmlid", "civic_crm.mail_layout_case")
            kwargs.setdefault("email_add_signature", False)
            author = self.env.user.partner_id.browse(kwargs.get("author_id"))
            author = author or self.env.user.partner_id
            if self._is_staff(author):
                answered = {} if self.first_answered_at else {"first_answered_at": fields.Datetime.now()}
                self.sudo().write({"has_citizen_message": False, **answered})
                if representative := self._get_acting_representative():
                    kwargs["partner_ids"] = [*(kwargs.get("partner_ids") or ()), representative.id]
                sender = self._speak_to_citizen().team_id.sudo()._get_sender() if self.team_id else False
                if sender:
                    kwargs.update(email_from=sender, author_id=author.id)
        return super().message_post(**kwargs)

    def _speak_to_citizen(self):
        """Return the case in the language of its citizen, or the user's for who has none."""
        return self.with_context(lang=self.partner_id.lang or self.env.lang)

    def _notify_get_reply_to(self, default=None, author_id=False):
        """The department is named as the citizen knows it, whatever language its staff works in."""
        found = {}
        for lang, cases in self.grouped(lambda case: case.partner_id.lang or self.env.lang).items():
            theirs = super(HelpdeskTicket, cases.with_context(lang=lang))
            found.update(theirs._notify_get_reply_to(default=default, author_id=author_id))
        return found or super()._notify_get_reply_to(default=default, author_id=author_id)

    def _notify_get_reply_to_formatted_email(self, record_email, author_id=False):
        """Without a department the city answers; see the department's own method."""
        return self.team_id.browse()._notify_get_reply_to_formatted_email(record_email, author_id)

    def _is_staff(self, partner):
        users = partner.sudo().with_context(active_test=False).user_ids
        return any(user._is_internal() for user in users)

    def _message_create(self, values_list):
        """Messages of a case are made here and nowhere else (``mail_message.py``)."""
        return super(HelpdeskTicket, self.with_context(civic_message=MADE_BY_THE_CASE))._message_create(values_list)

    def _message_update_content(self, message, **kwargs):
        if message.subtype_id.id == self._get_comment_subtype_id():
            raise UserError(self.env._("What has been sent is not changed. Write another message."))
        return super()._message_update_content(message, **kwargs)

    def _message_add_suggested_recipients(self, force_primary_email=False):
        """An answer is the citizen's; whoever stood in copy is not offered."""
        suggested = super()._message_add_suggested_recipients(force_primary_email=force_primary_email)
        for case in self:
            citizen = case.partner_id
            suggested[case.id]["partners"] = citizen
            suggested[case.id]["email_to_lst"] = [] if citizen or not case.partner_email else [case.partner_email]
        return suggested

    def _message_compute_subject(self):
        self.ensure_one()
        return f"{self.name} · {self.tracking_code}"

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """The citizen's button opens the tracking page; without one there is no button."""
        groups = super()._notify_get_recipients_groups(message, model_description, msg_vals=msg_vals)
        for name, _test, options in groups:
            if name != "user":
                options["has_button_access"] = bool(self and self.tracking_url)
                options["button_access"] = {
                    "url": self.tracking_url if self else False,
                    "title": self.env._("Follow your case"),
                }
        return groups

    def _post_from_citizen(self, text, files=(), channel=None, writer=None):
        """Add the citizen's message to the case; access has been checked by the caller.

        :param str text: plain text; may be empty when there are files
        :param files: list of ``(name, bytes)``
        :param channel: one ``helpdesk.ticket.channel``, by which it came
        :param writer: one ``res.partner``, whose login wrote it; named if they may act for the citizen
        """
        self.ensure_one()
        author = self.partner_id or self.env.ref("base.public_partner")
        if writer and self._may_act_for(writer):
            author = writer
        message = self.with_user(self.env.ref("base.user_root")).message_post(
            body=plaintext2html(text) if text else "",
            author_id=author.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=list(files),
        )
        if channel:
            message.civic_channel_id = channel
        self.has_citizen_message = True
        return message

    # ------------------------------------------------------------------
    # acknowledgement
    # ------------------------------------------------------------------

    def _schedule_acknowledgements(self):
        """Have the cron send them: filing does not wait for the mail to be written."""
        if any(case.acknowledgement == "to_send" for case in self):
            self.env["ir.cron"]._wake("civic_crm.cron_send_acknowledgements")

    @api.model
    def _cron_send_acknowledgements(self):
        """Send the acknowledgements due, each case's once, in batches."""
        domain = [("acknowledgement", "=", "to_send")]
        progress = self.env["ir.cron"]._commit_progress
        # until none is left, those included that are filed meanwhile: they wake nobody (``_wake``)
        while cases := self.search(domain, order="id", limit=ACKNOWLEDGEMENT_BATCH).try_lock_for_update():
            cases._send_acknowledgement()
            if not progress(len(cases), remaining=self.search_count(domain)):
                break

    def _send_acknowledgement(self):
        """Mail every case's citizen, in the citizen's language, that it is registered."""
        template = self.env.ref("civic_crm.mail_template_case_received")
        self.acknowledgement = "sent"
        template.send_mail_batch(
            self.ids,
            email_layout_xmlid="civic_crm.mail_layout_case",
            email_values={"headers": repr(ACKNOWLEDGEMENT_HEADERS)},
        )
        # core empties its queue once an hour
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

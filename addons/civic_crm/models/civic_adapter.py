# SPDX-License-Identifier: AGPL-3.0-or-later
from dataclasses import replace

from odoo import models
from odoo.tools import plaintext2html

from ..core.intake import Outcome
from ..exceptions import FilingError


class CivicAdapter(models.AbstractModel):
    """What a channel's adapter has in common: it translates, and what became of the message is decided here.

    An adapter is one thin model ``civic.adapter.<name>`` with ``_translate``. Whoever brings messages in calls
    ``civic.intake._accept`` with that name.
    """

    _name = "civic.adapter"
    _description = "Adapter of a channel"

    def _translate(self, intake):
        """Return the ``core.intake.Message`` of one entry of the ledger; raises when it cannot be read."""
        raise NotImplementedError

    def _process(self, intake):
        """Make a case, an enquiry or a reply of one entry, and return the ``Outcome``."""
        return self._deal_with(intake, self._translate(intake))

    def _deal_with(self, intake, message):
        """Make a case, an enquiry or a reply of a translated message, and return the ``Outcome``."""
        seen = {
            "sender_kind": message.sender.kind,
            "sender": message.sender.address,
            "subject": message.subject,
            "text": f"{message.subject}\n{message.sender.name} {message.sender.address}\n{message.text}".strip(),
        }
        if message.automatic:
            return Outcome("spam", reason="automatic", seen=seen)
        if not self._is_by_staff(intake) and (reason := self._find_limit(intake, message)):
            return Outcome("spam", reason=reason, seen=seen)
        files, notes = self.env["civic.virus.scan"]._split_files(message.files)
        outcome = self._make(intake, replace(message, files=tuple(files)), seen)
        self._note(outcome, notes)
        return outcome

    def _make(self, intake, message, seen):
        """Make a reply, a case or an enquiry of a message that is let in."""
        if case := self._find_thread(message):
            answer = case._post_from_citizen(message.text, message.files, channel=intake.channel_id)
            return Outcome("processed", "reply", case_id=case.id, message_id=answer.id, seen=seen)
        return self._make_new(intake, message, seen)

    def _make_new(self, intake, message, seen):
        """Make a case or an enquiry of a message that belongs to nothing yet, or set it aside."""
        decision = None
        if not message.service_id and not self._is_by_staff(intake):
            if aside := self._set_aside(intake, seen, is_known=bool(message.partner_id)):
                return aside
            decision = self._decide(message)
        if case := self._try_to_file(intake, self._follow(decision, message)):
            if decision:
                self._note_decision(case, decision)
            return Outcome("processed", "case", case_id=case.id, seen=seen)
        enquiry = self._make_enquiry(intake, message)
        return Outcome("processed", "enquiry", enquiry_id=enquiry.id, seen=seen)

    def _decide(self, message):
        """Return the ``Decision`` by which a message is filed by itself, or None."""
        text = f"{message.subject}\n{message.text}".strip()
        return self._decide_service(text, self._get_facts(message))

    def _follow(self, decision, message):
        """Return *message* as if it had named what was decided."""
        if not decision:
            return message
        facts = {"subject": message.subject} if message.subject else {}
        facts |= {"priority": decision.priority} if decision.priority else {}
        return replace(message, service_id=decision.service.id, facts={**facts, **message.facts})

    def _find_limit(self, intake, message):
        return self.env["civic.intake.limit"]._find_reason(intake, message.sender.kind, message.sender.address)

    def _is_by_staff(self, intake):
        """Return whether a person of the city has written it down: no limit, filter or machine decides over that."""
        return False

    def _note(self, outcome, notes):
        """Tell staff at what was made of a message what did not come through."""
        made = self.env["helpdesk.ticket"].sudo().browse(outcome.case_id or [])
        made = made or self.env["crm.lead"].sudo().browse(outcome.enquiry_id or [])
        if made and notes:
            made._message_log(body=plaintext2html("\n".join(notes)))

    def _find_thread(self, message):
        """Return the case (superuser) that the sender is entitled to answer by this message, or an empty one."""
        Case = self.env["helpdesk.ticket"].sudo()
        if not message.case_code:
            return Case
        case = Case._find_by_tracking_code(message.case_code)
        return case if case and self._is_entitled(case, message) else Case

    def _is_entitled(self, case, message):
        """Return whether the sender may write into *case*: the citizen, known by more than what the message says."""
        if message.partner_id:
            return case.partner_id.id == message.partner_id
        sender = message.sender
        return sender.is_verified and sender.kind == "email" and sender.address == case.email_normalized

    def _try_to_file(self, intake, message):
        """Return the case made of a message that names its service, or nothing: the front desk asks what is missing."""
        service = self.env["helpdesk.ticket.category"].browse(message.service_id)
        if not service:
            return None
        try:
            with self.env.cr.savepoint():
                return self._file(intake, message, service)
        except FilingError:
            if self._must_be_a_case(message):
                raise
            return None

    def _must_be_a_case(self, message):
        """Return whether the channel has asked for everything that the service needs."""
        return False

    def _file(self, intake, message, service):
        # the job speaks its own language: the subject names the service in the citizen's
        lang = message.lang or self.env["res.partner"]._get_city_lang()
        return (
            self.env["helpdesk.ticket"]
            .with_context(lang=lang)
            ._file_case(
                service,
                message.text,
                channel=intake.channel_id,
                **self._get_facts(message),
            )
        )

    def _get_facts(self, message):
        """Return what a message says of its sender and matter, as ``helpdesk.ticket._file_case`` takes it."""
        sender = message.sender
        return {
            "email": sender.address if sender.kind == "email" else "",
            "phone": sender.address if sender.kind == "phone" else "",
            "name": sender.name,
            "lang": message.lang or None,
            "partner": self.env["res.partner"].browse(message.partner_id) if message.partner_id else None,
            "attachments": list(message.files),
            **message.facts,
        }

    def _make_enquiry(self, intake, message):
        sender = message.sender
        enquiry = (
            self.env["crm.lead"]
            .sudo()
            .with_context(mail_create_nosubscribe=True)
            .create(
                {
                    "is_enquiry": True,
                    "name": message.subject or message.text[:60] or self.env._("Enquiry"),
                    "description": plaintext2html(message.text),
                    "channel_id": intake.channel_id.id,
                    "company_id": intake.company_id.id,
                    "received_at": intake.received_at,
                    "category_id": message.service_id or False,
                    "partner_id": message.partner_id or False,
                    "contact_name": sender.name or sender.address,
                    "email_from": sender.address if sender.kind == "email" else False,
                    "phone": sender.address if sender.kind == "phone" else False,
                }
            )
        )
        if message.files:
            enquiry._keep_files(message.files)
        return enquiry

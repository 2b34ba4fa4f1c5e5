# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a person has decided of a message, made by the adapter of its channel."""

import email
import email.policy
from dataclasses import replace
from typing import NamedTuple

from markupsafe import Markup

from odoo import models
from odoo.tools import email_normalize, html2plaintext, plaintext2html
from odoo.tools.mail import email_split_tuples

from ..core.intake import Message, Outcome, Sender
from ..core.mail_evidence import dmarc_verdict
from .civic_adapter_mail import AUTHSERV_ID, FROM_THE_LEDGER


class File(NamedTuple):
    """A file of a message, as the filter of mail takes it."""

    fname: str
    content: bytes


class CivicAdapter(models.AbstractModel):
    _inherit = "civic.adapter"

    def _read_to_decide(self, intake):
        """Return the ``Message`` of an entry that a person has decided on; raises when it cannot be read."""
        return self._translate(intake)

    def _read_plainly(self, intake):
        """Return the ``Message`` of an entry that its adapter cannot read: what the ledger knows of it."""
        return Message(
            text=intake.text or "",
            subject=intake.subject or "",
            sender=Sender(intake.sender_kind or "", intake.sender or ""),
            facts={"subject": intake.subject},
        )

    def _is_forged(self, intake):
        """Return whether the city's mail server found that the sender of an entry is somebody else."""
        return False

    def _make_as_decided(self, intake, message, decision):
        """Make of one entry what a person has decided, and return the ``Outcome``.

        :param intake: the entry (superuser)
        :param Message message: what the entry says
        :param Decision decision: of whom may decide; the rights have been checked
        :raises FilingError: what the service needs is missing
        """
        scanned, notes = self.env["civic.virus.scan"]._split_files(message.files)
        values = {"attachments": [File(*file[:2]) for file in scanned]}
        notes += self.env["civic.adapter.mail"]._filter_files(values)
        message = self._complete(replace(message, files=tuple(map(tuple, values["attachments"]))), decision)
        outcome = self._make_decided(intake, message, decision)
        self._note(outcome, notes)
        return outcome

    def _complete(self, message, decision):
        """Return *message* with what the person has added; what they left empty is as it says itself."""
        facts = {name: value for name, value in decision.facts.items() if value}
        name, address, phone = (facts.pop(part, "") for part in ("name", "email", "phone"))
        sender = replace(message.sender, name=name or message.sender.name)
        if address:
            sender = replace(sender, kind="email", address=address)
        elif phone and not sender.address:
            sender = replace(sender, kind="phone", address=phone)
        elif phone:
            facts["phone"] = phone
        return replace(
            message,
            sender=sender,
            partner_id=decision.partner_id or message.partner_id,
            service_id=decision.service_id or message.service_id,
            facts={**message.facts, **facts},
        )

    def _make_decided(self, intake, message, decision):
        if decision.way == "reply":
            case = self.env["helpdesk.ticket"].sudo().browse(decision.case_id)
            return self._add_to_case(intake, message, case, decision.is_citizens)
        if decision.way == "case":
            service = self.env["helpdesk.ticket.category"].sudo().browse(message.service_id)
            self._check_service(message, service)
            # the day it was received is the day the city was asked: the clock runs from there
            case = self.with_context(default_filed_at=intake.received_at)._file(intake, message, service)
            return Outcome("processed", "case", case_id=case.id)
        return Outcome("processed", "enquiry", enquiry_id=self._make_enquiry(intake, message).id)

    def _check_service(self, message, service):
        """Raise ``FilingError`` in the language of who decides; filing itself speaks the citizen's."""
        sender = message.sender
        facts = {
            "email": sender.address if sender.kind == "email" else "",
            "phone": sender.address if sender.kind == "phone" else "",
            "partner": self.env["res.partner"].browse(message.partner_id or ()),
            "attachments": list(message.files),
            **message.facts,
        }
        self.env["helpdesk.ticket"]._check_filing(service, facts)

    def _add_to_case(self, intake, message, case, is_citizens):
        """Add a message to *case*: as the citizen's where it is theirs, else as a note that staff alone read."""
        if is_citizens or intake._is_from_citizen_of(case):
            answer = case._post_from_citizen(message.text, message.files, channel=intake.channel_id)
        else:
            who = " ".join(filter(None, (message.sender.name, message.sender.address)))
            said = self.env._("%(who)s wrote (%(number)s in the ledger):", who=who or "?", number=intake.number)
            answer = case.message_post(
                body=Markup("<p>%s</p>%s") % (said, plaintext2html(message.text)),
                message_type="comment",
                subtype_xmlid="mail.mt_note",
                attachments=list(message.files),
            )
        return Outcome("processed", "reply", case_id=case.id, message_id=answer.id)


class CivicAdapterMail(models.AbstractModel):
    _inherit = "civic.adapter.mail"

    def _read_to_decide(self, intake):
        # sudo: the gateway belongs to the system
        gateway = self.env["mail.thread"].sudo().with_context(civic_from_ledger=FROM_THE_LEDGER)
        parsed = self._mend_charsets(email.message_from_bytes(intake._get_raw(), policy=email.policy.SMTP))
        values = self._make_storable(gateway.message_parse(parsed))
        [(name, address), *_others] = email_split_tuples(values.get("email_from")) or [("", "")]
        sender = Sender("email", email_normalize(address) or "", name)
        if self._is_forged(intake):  # told to staff, and nobody's address
            sender = Sender("", "", f"{name} <{address}>".strip())
        subject = (values.get("subject") or "").strip()
        return Message(
            text=html2plaintext(values.get("body") or "").strip(),
            subject=subject,
            sender=sender,
            files=tuple((file.fname, self._to_bytes(file.content)) for file in values.get("attachments") or ()),
            facts={"subject": subject},
        )

    def _is_forged(self, intake):
        # sudo: a setting of the city
        authserv_id = self.env["ir.config_parameter"].sudo().get_param(AUTHSERV_ID)
        parsed = email.message_from_bytes(intake._get_raw(), policy=email.policy.SMTP)
        return dmarc_verdict(parsed, authserv_id) == "fail"


class CivicAdapterNetwork(models.AbstractModel):
    _inherit = "civic.adapter.network"

    def _read_to_decide(self, intake):
        post = self._read(intake)
        handle = self.env["civic.identity.handle"]._find_or_create_for(intake.connector_id, post)
        intake.handle_id = handle
        message = self._make_message(intake, handle, post)
        return replace(message, facts={**message.facts, "ref": post.ref})

    def _make_decided(self, intake, message, decision):
        """As by itself: the account is answered by its network, and what is talked about is remembered."""
        handle = message.facts["handle"]
        if decision.way == "case" and not message.partner_id and message.sender.kind == "handle":
            message = replace(message, partner_id=handle._get_citizen().id)  # an account is a way to answer
        here = self.with_context(civic_from_handle=handle)
        outcome = super(CivicAdapterNetwork, here)._make_decided(intake, message, decision)
        case = self.env["helpdesk.ticket"].sudo().browse(outcome.case_id or ())
        if case and not handle._may_write_in(case):
            return outcome  # what this account writes next is not the citizen's either
        enquiry = self.env["crm.lead"].sudo().browse(outcome.enquiry_id or ())
        handle.with_context(civic_from_handle=handle)._remember(case, enquiry, ref=message.facts["ref"])
        return outcome


class CivicAdapterChat(models.AbstractModel):
    _inherit = "civic.adapter.chat"

    def _make_decided(self, intake, message, decision):
        outcome = super()._make_decided(intake, message, decision)
        self._keep_transcript(outcome, self._read(intake))
        return outcome


class CivicAdapterPhone(models.AbstractModel):
    _inherit = "civic.adapter.phone"

    def _make_decided(self, intake, message, decision):
        intake.call_id = (intake.facts or {}).get("call")
        return super()._make_decided(intake, message, decision)

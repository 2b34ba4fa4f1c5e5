# SPDX-License-Identifier: AGPL-3.0-or-later
import email
import email.policy
from xmlrpc.client import Binary

from psycopg2 import Error as DatabaseError

from odoo import api, models
from odoo.tools import email_normalize, html2plaintext

from ..core.automatic_mail import is_automatic
from ..core.intake import Outcome, digest

#: In the context while a mail of the ledger is worked off. No client can send an object.
FROM_THE_LEDGER = object()


class CivicAdapterMail(models.AbstractModel):
    """E-mail: Odoo's gateway does the work, behind the ledger.

    Aliases, references, parsing and loops are Odoo's (``mail.thread``) and ours (``mail_thread.py``). Here the
    gateway's steps are taken one by one, because it tells nobody where a mail went, or why nowhere.
    """

    _name = "civic.adapter.mail"
    _inherit = "civic.adapter"
    _description = "Adapter of e-mail"

    @api.model
    def _accept(self, message, model=None, custom_values=None, thread_id=None):
        """Store a mail as the mail server brought it; returns ``(entry, whether it is new)``.

        :param message: RFC 5322 source, as bytes, str or ``xmlrpc.client.Binary``
        """
        if isinstance(message, Binary):
            message = message.data
        raw = message.encode() if isinstance(message, str) else bytes(message)
        facts = {"model": model, "values": custom_values, "thread": thread_id}
        return self.env["civic.intake"]._accept(
            "mail",
            raw,
            channel=self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_email"),
            mimetype="message/rfc822",
            facts={name: value for name, value in facts.items() if value},
        )

    def _process(self, intake):
        raw = intake._get_raw()
        # sudo: the gateway belongs to the system, whoever let the mail in
        gateway = self.env["mail.thread"].sudo().with_context(civic_from_ledger=FROM_THE_LEDGER)
        parsed = email.message_from_bytes(raw, policy=email.policy.SMTP)
        try:
            values = gateway.message_parse(parsed)
            seen = self._look_at(values)
        except DatabaseError:
            raise
        except Exception as error:
            text = f"{type(error).__name__}\n{raw[:4000].decode('utf-8', 'replace')}"
            return Outcome("quarantined", reason="unreadable", seen={"text": text})
        if self._came_before(intake, values, seen):
            return Outcome("spam", reason="duplicate", seen=seen)
        if reason := self.env["civic.intake.limit"]._find_reason(intake, seen["sender_kind"], seen["sender"]):
            return Outcome("spam", reason=reason, seen=seen)
        values["attachments"], notes = self.env["civic.virus.scan"]._split_files(values.get("attachments") or ())
        outcome = self._pass_on(gateway, parsed, values, seen, intake.facts or {})
        self._note(outcome, notes)
        return outcome

    def _pass_on(self, gateway, parsed, values, seen, facts):
        """Take a mail through the gateway's steps and return what became of it."""
        if gateway._detect_loop_headers(values):
            return Outcome("spam", reason="loop", seen=seen)
        try:
            routes = gateway.message_route(parsed, values, facts.get("model"), facts.get("thread"), facts.get("values"))
        except ValueError:  # Odoo's word for an address that is nobody's
            return Outcome("quarantined", reason="no_route", seen=seen)
        if not routes:
            return self._tell_unrouted(parsed, values, seen)
        if gateway._detect_loop_sender(parsed, values, routes):
            return Outcome("spam", reason="loop", seen=seen)
        values.update(gateway._message_parse_post_process(parsed, values, routes))
        name = values["message_id"]
        gateway._message_route_process(parsed, values, routes)
        return self._tell_routed(name, is_new=not routes[0][1], seen=seen)

    def _tell_unrouted(self, parsed, values, seen):
        if values.get("is_bounce"):
            return Outcome("quarantined", reason="bounce", seen=seen)
        if is_automatic(parsed):
            return Outcome("spam", reason="automatic", seen=seen)
        return Outcome("quarantined", reason="no_route", seen=seen)

    def _tell_routed(self, name, is_new, seen):
        mail = self.env["mail.message"].sudo().search([("message_id", "=", name)], order="id desc", limit=1)
        is_case, is_enquiry = mail.model == "helpdesk.ticket", mail.model == "crm.lead"
        made = "case" if is_case else "enquiry" if is_enquiry else "reply"
        return Outcome(
            "processed",
            made if is_new else "reply",
            case_id=mail.res_id if is_case else 0,
            enquiry_id=mail.res_id if is_enquiry else 0,
            message_id=mail.id,
            seen=seen,
        )

    def _look_at(self, values):
        """Return what anybody would look for in a parsed mail."""
        words = [values.get("subject"), values.get("email_from"), html2plaintext(values.get("body") or "")]
        text = "\n".join(str(part) for part in words if part)
        files = "".join(digest(self._to_bytes(file[1])) for file in values.get("attachments") or ())
        return {
            "sender_kind": "email",
            "sender": email_normalize(values.get("email_from")) or values.get("email_from"),
            "subject": values.get("subject"),
            "text": text,
            "message_ref": values["message_id"],
            "words": digest(f"{text}{files}".encode("utf-8", "replace")),
        }

    def _to_bytes(self, content):
        if isinstance(content, bytes):
            return content
        return content.encode("utf-8", "replace") if isinstance(content, str) else content.as_bytes()

    def _came_before(self, intake, values, seen):
        """Return whether the same words came under the same Message-Id: by two aliases, or fetched twice.

        Other words under a known Message-Id are another mail, since broken senders number all of theirs alike: it
        gets a name of its own. What the city itself has sent is not taken when it comes back.
        """
        name = values["message_id"]
        earlier = intake.search([("adapter", "=", "mail"), ("message_ref", "=", name), ("id", "!=", intake.id)])
        if any(other.words == seen["words"] and other.state != "received" for other in earlier):
            return True
        known = self.env["mail.message"].sudo().search([("message_id", "=", name)], limit=1)
        if not known:
            return False
        if not earlier and known.message_type != "email":
            return True
        values["message_id"] = f"<{intake.number}.{name.strip('<>')}>"
        return False

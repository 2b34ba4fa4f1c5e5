# SPDX-License-Identifier: AGPL-3.0-or-later
import codecs
import email
import email.policy
from xmlrpc.client import Binary

from markupsafe import Markup
from psycopg2 import Error as DatabaseError

from odoo import api, models
from odoo.tools import email_normalize, email_split, html2plaintext
from odoo.tools.mail import unfold_references

from ..core import tracking_code
from ..core.automatic_mail import is_automatic, is_by_machine
from ..core.citizen_file import RefusedFile, clean
from ..core.intake import Outcome, digest, storable
from ..core.mail_evidence import bounce_reason, dmarc_verdict
from ..core.text_model import plain

#: In the context while a mail of the ledger is worked off. No client can send an object.
FROM_THE_LEDGER = object()
#: Files of one mail that are kept with its case; the ledger has the others.
MAX_FILES = 10
#: Characters of a Message-Id: a longer one does not fit into the database's indexes.
MAX_NAME = 500
#: System parameter: the name under which the city's border server says what it has found out about a sender.
AUTHSERV_ID = "civic_crm.mail_authserv_id"


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
        try:
            parsed = self._mend_charsets(email.message_from_bytes(raw, policy=email.policy.SMTP))
            values = self._make_storable(gateway.message_parse(parsed))
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
        authserv_id = self.env["ir.config_parameter"].sudo().get_param(AUTHSERV_ID)
        if dmarc_verdict(parsed, authserv_id) == "fail":
            gateway = gateway.with_context(civic_forged_sender=True)
            seen["detail"] = self.env._("The mail server found that the sender is forged")
        outcome = self._pass_on(gateway, parsed, values, seen, intake)
        self._note(outcome, notes)
        return outcome

    def _pass_on(self, gateway, parsed, values, seen, intake):
        """Take a mail through the gateway's steps and return what became of it."""
        if gateway._detect_loop_headers(values):
            return Outcome("spam", reason="loop", seen=seen)
        routes = self._find_routes(gateway, parsed, values, intake.facts or {})
        if not routes:
            return self._tell_unrouted(parsed, values, seen)
        if gateway._detect_loop_sender(parsed, values, routes):
            return Outcome("spam", reason="loop", seen=seen)
        is_new = gateway._is_to_the_city(routes[0]) and not routes[0][1]
        if is_new and (aside := self._set_aside(intake, seen, is_known=self._knows_sender(gateway, seen))):
            return aside
        values.update(gateway._message_parse_post_process(parsed, values, routes))
        notes, decision = [], None
        if gateway._is_to_the_city(routes[0]):
            routes, notes = self._keep_one(routes, parsed)
            notes += self._filter_files(values)
        if is_new:
            routes, decision = self._route_by_text(gateway, routes, values, seen)
        name = values["message_id"]
        gateway._message_route_process(parsed, values, routes)
        outcome = self._tell_routed(name, is_new=not routes[0][1], seen=seen, notes=notes, intake=intake)
        if decision and outcome.case_id:
            self._note_decision(self.env["helpdesk.ticket"].sudo().browse(outcome.case_id), decision)
        return outcome

    def _find_routes(self, gateway, parsed, values, facts):
        """Return the gateway's routes, those to the city first; none for an address that is nobody's."""
        try:
            routes = gateway.message_route(parsed, values, facts.get("model"), facts.get("thread"), facts.get("values"))
        except ValueError:  # Odoo's word for it
            routes = []
        if values.get("is_bounce") or is_automatic(parsed):
            return routes
        case = self._find_case_named(gateway, values)
        if not case and not any(route[1] for route in routes):
            case = self._find_case_decided(gateway, values)
        if case:
            values.pop("parent_id", None)
            alias = routes[0][4] if routes else self.env["mail.alias"]
            return [("helpdesk.ticket", case.id, None, self.env.ref("base.user_root").id, alias)]
        return sorted(routes, key=lambda route: not gateway._is_to_the_city(route))

    def _find_case_named(self, gateway, values):
        """Return the case whose code stands in the subject, where its citizen wrote; else an empty one.

        The code alone gives no right: it is passed on with every answer. From a stranger it is a mail like any other.
        """
        Case = gateway.env["helpdesk.ticket"]
        for code in tracking_code.find_in(values.get("subject")):
            case = Case._find_by_tracking_code(code)
            if case and case._is_requester(values):
                return case
        return Case

    def _find_case_decided(self, gateway, values):
        """Return the case that a person has made of a mail which this one refers to, where its citizen wrote.

        Odoo knows a mail by the message it became; one that a person has filed became none of its own.
        """
        Case = gateway.env["helpdesk.ticket"]
        names = unfold_references(f"{values.get('references') or ''} {values.get('in_reply_to') or ''}")
        if not names:
            return Case
        # sudo: the rights are those of who wrote, checked next
        earlier = self.env["civic.intake"].sudo().search([("adapter", "=", "mail"), ("message_ref", "in", names)])
        return Case.browse(earlier.case_id.ids).filtered(lambda case: case._is_requester(values))[:1]

    def _keep_one(self, routes, parsed):
        """Of a mail to several departments one case is made, of the one that is named first.

        :return: ``(routes, notes)``; the notes say who else was asked
        """
        if len(routes) == 1:
            return routes, []
        # Odoo's own list of recipients is in no order
        named = email_split(", ".join(str(parsed.get(header) or "") for header in ("To", "Cc")))
        places = {address.lower(): place for place, address in reversed(list(enumerate(named)))}
        first, *others = sorted(routes, key=lambda route: places.get(route[4].alias_full_name, len(places)))
        addresses = ", ".join(route[4].alias_full_name for route in others if route[4])
        return [first], [self.env._("The same mail was sent to %s. No case was made there.", addresses)]

    def _knows_sender(self, gateway, seen):
        """Return whether the city knows who writes: by a login, by a document, or because it has answered them before.

        Never where the city's border server found the sender forged.
        """
        if gateway.env.context.get("civic_forged_sender"):
            return False
        # sudo: whether somebody is known
        Partner = self.env["res.partner"].sudo()
        people = Partner.search([("email_normalized", "=", seen["sender"])])
        if people.user_ids or any(people.mapped("civic_id_number")):
            return True
        answered = [("partner_id", "in", people.ids), ("first_answered_at", "!=", False)]
        return bool(people) and bool(self.env["helpdesk.ticket"].sudo().search_count(answered, limit=1))

    def _route_by_text(self, gateway, routes, values, seen):
        """Take a new mail to what its text asks for, where that is sure enough.

        What is written to the front desk becomes a case of the service's department. What is written to a department
        stays there, or with a part of it: for a service of others a person hands it over.

        :return: ``(routes, Decision or None)``
        """
        model, _thread_id, given, user_id, alias = routes[0]
        given = dict(given or {})
        if given.get("category_id") or not self.env["civic.text.model"].sudo()._find_active_id("service"):
            return routes, None
        addressed = gateway.env[model].browse().team_id.browse(given.get("team_id") or [])
        company = addressed.company_id or self.env.company
        is_forged = gateway.env.context.get("civic_forged_sender")
        decision = self.with_company(company)._decide_service(
            "\n".join(filter(None, (values.get("subject"), plain(values.get("body"))))),
            {"email": "" if is_forged else seen["sender"], "attachments": values["attachments"]},
            is_case=model == "helpdesk.ticket",
        )
        department = decision and self._choose_department(decision.service, addressed, company)
        if department is None:
            return routes, None
        given = {} if model == "crm.lead" else given
        given |= {"category_id": decision.service.id, "company_id": company.id, "team_id": department.id}
        given |= {"priority": decision.priority} if decision.priority else {}
        alias = alias if model == "helpdesk.ticket" else self.env["mail.alias"]
        return [("helpdesk.ticket", False, given, user_id, alias)], decision

    def _choose_department(self, service, addressed, company):
        """Return the department that gets a mail about *service*, which may be none, or None: a person decides.

        :param addressed: the department or front desk that was written to
        """
        department = service._get_department(company=company)
        if addressed._name == "crm.team" or not addressed:
            return department
        if not department or department.is_front_desk:
            return addressed
        is_part = (department.parent_path or "").startswith(addressed.parent_path or "-")
        return department if is_part else None

    def _filter_files(self, values):
        """Leave of the files of a mail what a case may keep, made harmless; return notes that name the rest and why."""
        kept, refused = [], []
        for file in values.get("attachments") or ():
            try:
                if len(kept) == MAX_FILES:
                    raise RefusedFile(file.fname, "too_many")
                name, content = clean(file.fname, self._to_bytes(file.content))
                kept.append(file._replace(fname=name, content=content))
            except RefusedFile as refusal:
                refused.append((file.fname, refusal.reason))
        values["attachments"] = kept
        reasons = {
            "too_large": self.env._("too large"),
            "wrong_kind": self.env._("neither a photo nor a PDF document"),
            "too_many": self.env._("more than %s files", MAX_FILES),
        }
        return [
            self.env._("Not kept: %(file)s (%(reason)s).", file=name, reason=reasons[reason])
            for name, reason in refused
        ]

    def _tell_unrouted(self, parsed, values, seen):
        if values.get("is_bounce"):
            return self._tell_bounce(parsed, values, seen)
        if is_by_machine(parsed):
            return Outcome("spam", reason="automatic", seen=seen)
        if is_automatic(parsed):
            return Outcome("quarantined", reason="list", seen=seen)
        return Outcome("quarantined", reason="no_route", seen=seen)

    def _tell_bounce(self, parsed, values, seen):
        """A mail of the city's that came back is put beside the case or enquiry it was written on."""
        why = bounce_reason(parsed)
        address = values.get("bounced_email") or values.get("email_from")
        sent = values.get("bounced_message") or self.env["mail.message"]
        known = {"helpdesk.ticket": "case_id", "crm.lead": "enquiry_id"}.get(sent.model)
        thread = self.env[sent.model].sudo().browse(sent.res_id).exists() if known else None
        if thread:
            thread._message_log(
                body=self.env._(
                    "What was sent to %(address)s came back: %(why)s", address=address, why=why or values.get("subject")
                )
            )
        return Outcome(
            "quarantined",
            reason="bounce",
            seen={**seen, "detail": why},
            **({known: thread.id} if thread else {}),
        )

    def _tell_routed(self, name, is_new, seen, notes, intake):
        mail = self.env["mail.message"].sudo().search([("message_id", "=", name)], order="id desc", limit=1)
        is_case, is_enquiry = mail.model == "helpdesk.ticket", mail.model == "crm.lead"
        if notes:
            kept = self.env._("The mail as it came is kept in the ledger as %s.", intake.number)
            lines = Markup("<br/>").join([*notes, kept])
            self.env[mail.model].sudo().browse(mail.res_id)._message_log(body=Markup("<p>%s</p>") % lines)
        made = "case" if is_case else "enquiry" if is_enquiry else "reply"
        return Outcome(
            "processed",
            made if is_new else "reply",
            case_id=mail.res_id if is_case else 0,
            enquiry_id=mail.res_id if is_enquiry else 0,
            message_id=mail.id,
            seen=seen,
        )

    def _mend_charsets(self, parsed):
        """Return a mail whose parts name only encodings that exist; Odoo reads none of it for one that does not."""
        for part in parsed.walk():
            charset = part.get_content_charset()
            try:
                codecs.lookup(charset or "utf-8")
            except LookupError:
                part.set_param("charset", "utf-8")
        return parsed

    def _make_storable(self, values):
        """Return a parsed mail without what the database cannot keep, and under a name that fits."""
        values = {name: storable(value) for name, value in values.items()}
        values["attachments"] = [file._replace(fname=storable(file.fname)) for file in values.get("attachments") or ()]
        if len(values["message_id"]) > MAX_NAME:
            values["message_id"] = f"<{digest(values['message_id'].encode())}@long.invalid>"
        return values

    def _look_at(self, values):
        """Return what anybody would look for in a parsed mail."""
        words = [values.get("subject"), values.get("email_from"), html2plaintext(values.get("body") or "")]
        text = "\n".join(str(part) for part in words if part)
        files = "".join(digest(self._to_bytes(file[1])) for file in values.get("attachments") or ())
        return {
            "sender_kind": "email",
            "sender": (email_normalize(values.get("email_from")) or values.get("email_from") or "")[:320],
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

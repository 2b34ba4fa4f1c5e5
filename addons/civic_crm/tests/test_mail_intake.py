# SPDX-License-Identifier: AGPL-3.0-or-later
"""E-mail: what is kept of it, where it goes, what machines send, and that nobody gets into another's thread."""

import email
import email.policy
from email.message import EmailMessage

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCommon

from .common import CityMixin
from .test_citizen_file import GPS, opened, photo

ADAPTER = "odoo.addons.civic_crm.models.civic_intake"


class MailMixin(CityMixin):
    """Mails arrive and are worked off at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.env["res.lang"]._activate_lang("es_ES")

    def write_mail(self, sender="Eva Ruiz <eva@home.test>", to="lighting@city.test", text="It is dark.", **headers):
        mail = EmailMessage(policy=email.policy.SMTP)
        self.__class__.number = getattr(self, "number", 0) + 1
        headers = {"Message-Id": f"<m{self.number}@home.test>", "Subject": "No light", **headers}
        for name, value in {"From": sender, "To": to, **headers}.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        return mail

    def receive(self, *arguments, **headers):
        """Let one mail arrive, or one that is written here; return its entry in the ledger."""
        mail = arguments[0] if arguments and isinstance(arguments[0], EmailMessage) else None
        mail = mail or self.write_mail(*arguments, **headers)
        newest = self.env["civic.intake"].search([], limit=1).id or 0
        with self.mock_mail_gateway():
            self.env["mail.thread"].message_process(False, mail.as_bytes())
        return self.env["civic.intake"].search([("id", ">", newest)])

    def answer(self, case, text="Which number?"):
        """Return the message that the department writes to the citizen."""
        with self.mock_mail_gateway():
            return case.with_user(self.users["worker"]).message_post(
                body=text, message_type="comment", subtype_xmlid="mail.mt_comment"
            )

    def notes(self, case):
        note = self.env.ref("mail.mt_note")
        return "\n".join(case.message_ids.filtered(lambda m: m.subtype_id == note).mapped("body"))


@tagged("post_install", "-at_install")
class TestMailIntake(MailMixin, MailCommon):
    def attach(self, mail, *files):
        for name, content in files:
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        return mail

    # files

    def test_photos_lose_their_place_and_what_is_no_photo_or_document_is_named(self):
        mail = self.attach(
            self.write_mail(), ("lamp.jpg", photo()), ("bill.pdf", b"%PDF-1.4 x"), ("virus.exe", b"MZ\x90\x00")
        )
        entry = self.receive(mail)
        files = entry.case_id.message_ids.attachment_ids | self.env["ir.attachment"].search(
            [("res_model", "=", "helpdesk.ticket"), ("res_id", "=", entry.case_id.id)]
        )
        self.assertEqual(set(files.mapped("name")), {"lamp.jpg", "bill.pdf"})
        self.assertNotIn(GPS, opened(files.filtered(lambda f: f.name == "lamp.jpg").raw).getexif())
        self.assertIn("virus.exe (neither a photo nor a PDF document)", self.notes(entry.case_id))
        self.assertIn(entry.number, self.notes(entry.case_id))
        self.assertNotIn("virus.exe", "".join(self.public_messages(entry.case_id).mapped("body")))
        self.assertIn(GPS, opened(self.get_file(entry, "lamp.jpg")).getexif(), "the ledger has it as it came")

    def get_file(self, entry, name):
        mail = email.message_from_bytes(entry._get_raw(), policy=email.policy.SMTP)
        return next(part.get_content() for part in mail.iter_attachments() if part.get_filename() == name)

    def test_too_many_files_are_named_too(self):
        mail = self.attach(self.write_mail(), *((f"p{n}.png", photo("PNG")) for n in range(12)))
        entry = self.receive(mail)
        self.assertIn("p11.png (more than 10 files)", self.notes(entry.case_id))
        self.assertNotIn("p9.png (", self.notes(entry.case_id))

    def test_files_of_an_enquiry_and_of_a_reply_are_filtered_as_well(self):
        desk = self.env["crm.team"].browse(self.env["crm.team"]._find_front_desk_id(self.city.id))
        desk.write({"alias_name": "hello", "alias_domain_id": self.alias_domain.id})
        entry = self.receive(self.attach(self.write_mail(to="hello@city.test"), ("a.exe", b"MZ")))
        self.assertEqual(entry.result, "enquiry")
        self.assertIn("a.exe", self.notes(entry.enquiry_id))
        case = self.receive().case_id
        reference = self.answer(case).message_id
        reply = self.receive(self.attach(self.write_mail(References=reference), ("b.exe", b"MZ")))
        self.assertEqual((reply.result, reply.case_id), ("reply", case))
        self.assertIn("b.exe", self.notes(case))

    # where it goes

    def test_a_mail_to_two_departments_is_one_case_of_the_first(self):
        entry = self.receive(to="parks@city.test, lighting@city.test")
        self.assertEqual(self.env["helpdesk.ticket"].search_count([("name", "=", "No light")]), 1)
        self.assertEqual(entry.case_id.team_id, self.parks)
        self.assertIn("lighting@city.test", self.notes(entry.case_id))

    def test_the_code_in_the_subject_is_enough_for_the_citizen(self):
        """A new mail, with nothing to refer to, even to an address that is nobody's."""
        case = self.receive().case_id
        for to in ("parks@city.test", "no-reply@city.test"):
            with self.subTest(to=to):
                reply = self.receive(to=to, text=f"More to {to}", Subject=f"My case {case.tracking_code.lower()}")
                self.assertEqual((reply.result, reply.case_id), ("reply", case))
                self.assertIn(reply.message_id, self.public_messages(case))
        self.assertTrue(case.has_citizen_message)

    def test_the_catchall_refuses_nobody(self):
        self.alias_domain.catchall_alias = "catchall"
        mails = self.env["mail.mail"].search_count([])
        entry = self.receive(to="catchall@city.test")
        self.assertEqual((entry.state, entry.reason), ("quarantined", "no_route"))
        self.assertEqual(self.env["mail.mail"].search_count([]), mails, "nobody is told it was refused")

    # hostile and broken

    def test_a_name_too_long_for_the_database_is_shortened(self):
        """Plain Odoo fails to insert it; fetched again and again, it holds up all that comes after."""
        name = "".join(f"{n:05x}" for n in range(4000))
        entry = self.receive(**{"Message-Id": f"<{name}@home.test>"})
        self.assertEqual(entry.result, "case", entry.last_error)

    def test_what_cannot_be_stored_is_taken_out(self):
        raw = self.write_mail().as_bytes().replace(b"It is dark", b"It is \x00 dark \xff\xfe")
        raw = raw.replace(b"Subject: No light", b"Subject: No \xe9 \x00 light").replace(b"utf-8", b"x-klingon")
        with self.mock_mail_gateway():
            self.env["mail.thread"].message_process(False, raw)
        entry = self.env["civic.intake"].search([], limit=1)
        self.assertEqual(entry.result, "case", entry.last_error)
        self.assertEqual(entry._get_raw(), raw)

    @mute_logger(ADAPTER, "odoo.sql_db")
    def test_what_the_database_has_no_room_for_is_the_messages_fault(self):
        """Were it taken for the database's, the job would stop at the same message for ever."""

        def fill(*args, **kwargs):
            self.env.cr.execute("CREATE TEMP TABLE full_table (name text UNIQUE)")
            self.env.cr.execute(
                "INSERT INTO full_table SELECT string_agg(md5(n::text), '') FROM generate_series(1, 4000) n"
            )

        self.patch(type(self.env["helpdesk.ticket"]), "message_new", fill)
        entry = self.receive()
        self.assertEqual((entry.state, entry.attempts), ("received", 1))
        self.assertIn("ProgramLimitExceeded", entry.last_error)

    # machines

    def test_an_absence_note_to_the_acknowledgement_is_set_aside(self):
        case = self.receive().case_id
        with self.mock_mail_gateway():
            case._send_acknowledgement()
        sent = case.message_ids.sorted("id")[-1]
        before = len(case.message_ids)
        for headers in ({"Auto-Submitted": "auto-replied"}, {"X-Auto-Response-Suppress": "All"}, {"Return-Path": "<>"}):
            with self.subTest(headers=headers):
                entry = self.receive(References=sent.message_id, Subject=f"Away {case.tracking_code}", **headers)
                self.assertEqual((entry.state, entry.reason), ("spam", "automatic"))
        self.assertEqual(len(case.message_ids), before)
        self.assertFalse(case.has_citizen_message)

    def test_what_a_list_passes_on_is_a_persons_to_decide(self):
        entry = self.receive(List_Id="<all.home.test>", Precedence="list")
        self.assertEqual((entry.state, entry.reason), ("quarantined", "list"))
        self.assertFalse(entry.case_id)

    def test_one_acknowledgement_in_the_citizens_language(self):
        self.citizen.lang = "es_ES"
        case = self.receive("Citizen <citizen@home.test>").case_id
        self.answer(case)
        self.receive("citizen@home.test", Subject=f"Re: {case.tracking_code}")
        job = self.env.ref("civic_crm.cron_send_acknowledgements")
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            job.method_direct_trigger()
            job.method_direct_trigger()
        template = self.env.ref("civic_crm.mail_template_case_received")
        subjects = template.with_context(lang="es_ES")._render_field("subject", case.ids)
        sent = self.env["mail.mail"].search([("model", "=", "helpdesk.ticket"), ("res_id", "=", case.id)])
        acknowledged = sent.filtered(lambda mail: mail.subject == subjects[case.id])
        self.assertEqual(len(acknowledged), 1, sent.mapped("subject"))
        self.assertIn("auto-replied", acknowledged.headers)

    def make_bounce(self, sent, why="550 5.1.1 User unknown"):
        report = f"""\
From: MAILER-DAEMON@home.test
To: lighting@city.test
Subject: Undelivered
Message-Id: <bounce{sent.id}@home.test>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: text/plain

It came back.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.home.test

Final-Recipient: rfc822; eva@home.test
Status: 5.1.1
Diagnostic-Code: smtp; {why}
--x
Content-Type: text/rfc822-headers

Message-Id: {sent.message_id}
Subject: Re: No light
--x--
"""
        return email.message_from_string(report, EmailMessage, policy=email.policy.SMTP)

    def test_a_bounce_is_put_beside_the_case_it_belongs_to(self):
        case = self.receive().case_id
        entry = self.receive(self.make_bounce(self.answer(case)))
        self.assertEqual((entry.state, entry.reason, entry.case_id), ("quarantined", "bounce", case))
        self.assertIn("User unknown", entry.detail)
        self.assertIn("User unknown", self.notes(case))
        self.assertFalse(case.has_citizen_message)

    def test_a_forged_bounce_shows_the_citizen_nothing(self):
        case = self.receive().case_id
        shown = self.public_messages(case)
        answer = self.answer(case)
        self.receive(self.make_bounce(answer, why="550 PAY AT EVIL"))
        self.assertEqual(self.public_messages(case), shown | answer)


@tagged("post_install", "-at_install")
class TestForgedMail(MailMixin, MailCommon):
    """Nobody sees or changes another's thread, whatever their mail says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("civic_crm.mail_authserv_id", "mx.city.test")

    def setUp(self):
        super().setUp()
        self.case = self.receive("Citizen <citizen@home.test>", text="My secret.").case_id
        self.sent = self.answer(self.case)
        self.before = self.state()

    def state(self):
        case = self.case
        return {
            "shown": self.public_messages(case).ids,
            "followers": case.message_partner_ids.ids,
            "citizen": case.partner_id.id,
            "stage": case.stage_id.id,
            "waits": case.has_citizen_message,
            "address": case.partner_email,
        }

    def assert_untouched(self, *mails_to):
        self.env.invalidate_all()
        self.assertEqual(self.state(), self.before)
        self.assertFalse([mail for mail in self._mails if "My secret" in mail["body"]], "nothing is sent to anybody")

    def refer(self):
        return {"References": self.sent.message_id, "In_Reply_To": self.sent.message_id}

    def name_it(self):
        return {"Subject": f"Re: {self.case.tracking_code}"}

    def test_strangers_who_hold_the_references_write_a_note_for_staff(self):
        worker = self.users["worker"]
        worker.email = "worker@city.test"
        for sender in ("neighbour@home.test", "mallory@evil.test", "worker@city.test", "citizen@home.test.evil.test"):
            with self.subTest(sender=sender):
                entry = self.receive(f"Citizen <{sender}>", text=f"I am {sender}", **self.refer(), **self.name_it())
                self.assert_untouched()
                self.assertTrue(entry.message_id.is_internal)
                self.assertIn(f"I am {sender}", entry.message_id.body, "nothing is lost")
                self.assertFalse(entry.message_id.notified_partner_ids.filtered("partner_share"))

    def test_strangers_who_hold_the_code_make_a_case_of_their_own(self):
        for sender in ("neighbour@home.test", "mallory@evil.test"):
            with self.subTest(sender=sender):
                entry = self.receive(sender, text="Tell me.", **self.name_it())
                self.assert_untouched()
                self.assertEqual(entry.result, "case")
                self.assertNotEqual(entry.case_id, self.case)
                self.assertNotIn("My secret", str(entry.case_id.description))

    def test_a_forged_code_and_forged_references_lead_nowhere(self):
        entry = self.receive(
            "citizen@home.test",
            Subject="Re: AAAA-BBBB-CCCC",
            References=f"<{self.case.id}.1.1-openerp-{self.case.id}-helpdesk.ticket@city.test>",
        )
        self.assert_untouched()
        self.assertNotEqual(entry.case_id, self.case)

    def test_whom_the_mail_server_finds_forged_is_not_the_citizen(self):
        forged = {"Authentication-Results": "mx.city.test; dmarc=fail header.from=home.test"}
        by_reference = self.receive("citizen@home.test", **self.refer(), **forged)
        self.assert_untouched()
        self.assertTrue(by_reference.message_id.is_internal)
        self.assertTrue(by_reference.detail)
        by_code = self.receive("citizen@home.test", text="x1", **self.name_it(), **forged)
        self.assert_untouched()
        self.assertFalse(by_code.case_id.partner_id, "and no case of the citizen's is made in their name")
        self.assertNotEqual(by_code.case_id.acknowledgement, "to_send")

    def test_a_verdict_of_somebody_elses_server_changes_nothing(self):
        entry = self.receive(
            "citizen@home.test", **self.refer(), **{"Authentication-Results": "mx.evil.test; dmarc=fail"}
        )
        self.assertFalse(entry.message_id.is_internal)

    def test_who_stood_in_copy_has_no_part_in_it(self):
        self.case = self.receive("citizen@home.test", text="Another", Cc="neighbour@home.test").case_id
        self.sent = self.answer(self.case)
        self.before = self.state()
        entry = self.receive("neighbour@home.test", text="I add", **self.refer(), **self.name_it())
        self.assert_untouched()
        self.assertTrue(entry.message_id.is_internal)
        with self.assertRaises(AccessError):
            self.case.with_user(self.users["neighbour"]).read(["name"])

    def test_who_answers_adds_nobody_in_copy(self):
        self.receive("citizen@home.test", text="Here", Cc="neighbour@home.test, m@evil.test", **self.refer())
        self.assertEqual(self.case.message_partner_ids.ids, self.before["followers"])
        self.answer(self.case, "Thank you.")
        reached = {address for mail in self._mails for address in mail["email_to"]}
        self.assertFalse([address for address in reached if "neighbour" in address or "evil" in address])

    def test_of_two_merged_citizens_each_address_reaches_their_own_cases_only(self):
        """Joined, they are one person: who writes from the old address is known by the case it stands on."""
        other = self.env["res.partner"].create({"name": "Citizen", "email": "old@home.test", "is_citizen": True})
        theirs = self.receive("old@home.test", text="From my old address.").case_id
        join = self.env["civic.citizen.join"].with_user(self.users["admin"])
        facts = {"kept_id": self.citizen.id, "other_id": other.id, "reason": "Same person", "is_checked": True}
        join.create(facts).action_merge()
        self.assertEqual(theirs.partner_id, self.citizen)
        before = self.public_messages(theirs)
        reply = self.receive("old@home.test", Subject=f"Re: {theirs.tracking_code}")
        self.assertEqual(self.public_messages(theirs) - before, reply.message_id)
        strange = self.receive("old@home.test", **self.name_it())
        self.assert_untouched()
        self.assertNotEqual(strange.case_id, self.case)

    def test_an_enquiry_is_its_askers_as_well(self):
        desk = self.env["crm.team"].browse(self.env["crm.team"]._find_front_desk_id(self.city.id))
        desk.write({"alias_name": "hello", "alias_domain_id": self.alias_domain.id})
        enquiry = self.receive("citizen@home.test", to="hello@city.test").enquiry_id
        with self.mock_mail_gateway():
            enquiry._send_answer("<p>Come by.</p>")
        sent = enquiry.message_ids.sorted("id")[-1]
        self.assertTrue(sent.message_id)
        entry = self.receive("neighbour@home.test", to="hello@city.test", References=sent.message_id)
        self.assertTrue(entry.message_id.is_internal)
        self.assertFalse(entry.message_id.notified_partner_ids.filtered("partner_share"))
        self.assertNotIn(self.neighbour, enquiry.message_partner_ids)

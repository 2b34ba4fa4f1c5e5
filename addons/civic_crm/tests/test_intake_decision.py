# SPDX-License-Identifier: AGPL-3.0-or-later
import unittest.mock
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCommon

from ..core import intake as ledger
from ..core.intake import Decision, Outcome
from ..exceptions import FilingError
from . import network_payloads as sent
from .clamd_stub import VIRUS, clamd
from .common import QueryBudgetMixin
from .test_citizen_file import photo
from .test_mail_intake import MailMixin
from .test_network_thread import ThreadCase

LOG = "odoo.addons.civic_crm.models.civic_intake_decision"


class DecisionMixin(MailMixin, QueryBudgetMixin):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.users["agent"]
        cls.env["crm.team"].browse(cls.env["crm.team"]._find_front_desk_id(cls.city.id)).user_id = cls.lead

    def receive_unrouted(self, sender="Eva Ruiz <eva@home.test>", **headers):
        """Let a mail arrive that is to nobody's address; return its entry."""
        entry = self.receive(sender, to="nobody@city.test", **headers)
        self.assertEqual((entry.state, entry.reason), ("quarantined", "no_route"), entry.last_error)
        return entry

    def open(self, entries, user="agent", way="case", **values):
        """Return the dialogue, filled in."""
        action = entries.with_user(self.users[user]).with_context(civic_way=way).action_decide()
        form = Form(self.env[action["res_model"]].with_user(self.users[user]).with_context(**action["context"]))
        for name, value in values.items():
            setattr(form, name, value)
        return form

    def decide(self, entries, user="agent", way="case", **values):
        wizard = self.open(entries, user, way, **values).save()
        with self.mock_mail_gateway():
            action = wizard.action_decide()
        self.env.invalidate_all()
        return action

    def assert_decided(self, entry, result, user="agent"):
        self.assertEqual((entry.state, entry.result), ("processed", result), entry.last_error)
        self.assertEqual(entry.decided_user_id, self.users[user])
        self.assertLessEqual(fields.Datetime.now() - entry.decided_at, timedelta(minutes=1))
        self.assertFalse(entry.activity_ids, "the front desk has done it")
        self.assertTrue(self.env["civic.intake"]._get_balance().is_even)

    def assert_unchanged(self, entry):
        self.env.invalidate_all()
        self.assertEqual(entry.state, "quarantined")
        self.assertFalse(entry.case_id or entry.enquiry_id or entry.decided_user_id)
        self.assertTrue(entry._get_raw())
        self.assertTrue(entry.activity_ids)


@tagged("post_install", "-at_install")
class TestIntakeDecision(DecisionMixin, MailCommon):
    def test_a_mail_becomes_a_case_of_the_service_that_a_person_chooses(self):
        mail = self.write_mail(to="nobody@city.test", text="A tree fell.", Subject="Tree")
        mail.add_attachment(photo(), maintype="image", subtype="jpeg", filename="tree.jpg")
        mail.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="run.exe")
        entry = self.receive(mail)
        entry.received_at -= timedelta(days=3)
        self.decide(entry, category_id=self.tree, place="River Walk 7")
        self.assert_decided(entry, "case")
        case = entry.case_id
        self.assertEqual((case.category_id, case.team_id, case.name), (self.tree, self.parks, "Tree"))
        self.assertEqual(
            (case.place, case.partner_email, case.channel_id), ("River Walk 7", "eva@home.test", entry.channel_id)
        )
        self.assertEqual(case.filed_at, entry.received_at, "the clock runs from the day the city was asked")
        self.assertIn("A tree fell.", case.description)
        self.assertEqual(case.message_ids.attachment_ids.mapped("name"), ["tree.jpg"])
        self.assertIn("run.exe", self.notes(case))
        self.assertEqual(case.acknowledgement, "to_send")

    def test_what_refers_to_a_mail_that_a_person_filed_goes_to_its_case(self):
        entry = self.receive_unrouted(**{"Message-Id": "<first@home.test>"})
        self.decide(entry, category_id=self.tree, place="River Walk 7")
        again = {"to": "nobody@city.test", "References": "<first@home.test>"}
        answer = self.receive("Eva Ruiz <eva@home.test>", **again)
        self.assertEqual((answer.state, answer.result, answer.case_id), ("processed", "reply", entry.case_id))
        strange = self.receive("Somebody Else <else@home.test>", **again)
        self.assertEqual(
            (strange.state, strange.case_id.ids), ("quarantined", []), "to know a reference gives no right"
        )

    def test_what_the_service_needs_is_asked_and_nothing_is_lost_meanwhile(self):
        self.tree.ask_place = "required"
        question = self.env["civic.service.question"].create(
            {"service_id": self.tree.id, "label": "How tall?", "code": "tall", "datatype": "number", "required": True}
        )
        entry = self.receive_unrouted()
        wizard = self.open(entry, category_id=self.tree).save()
        self.assertEqual(wizard.answer_ids.question_id, question)
        with self.assertRaisesRegex(UserError, "enquiry"):
            wizard.action_decide()
        self.assert_unchanged(entry)
        wizard.place = "River Walk 7"
        wizard.answer_ids.value = "12"
        with self.mock_mail_gateway():
            wizard.action_decide()
        self.assert_decided(entry, "case")
        self.assertEqual(entry.case_id.answer_ids.value_number, 12)

    def test_a_mail_becomes_an_enquiry(self):
        entry = self.receive_unrouted(Subject="Opening hours", text="When do you open?")
        self.decide(entry, way="enquiry")
        self.assert_decided(entry, "enquiry")
        enquiry = entry.enquiry_id
        self.assertEqual((enquiry.name, enquiry.email_from), ("Opening hours", "eva@home.test"))
        self.assertIn("When do you open?", enquiry.description)
        self.assertEqual((enquiry.is_enquiry, enquiry.received_at), (True, entry.received_at))

    def test_the_citizens_mail_is_added_to_their_case_and_they_read_it(self):
        case = self.file_case()
        entry = self.receive_unrouted("citizen@home.test", text="It is worse now.")
        wizard = self.open(entry, way="reply", case_id=case)
        self.assertTrue(wizard.is_entitled)
        with self.mock_mail_gateway():
            wizard.save().action_decide()
        self.assert_decided(entry, "reply")
        self.assertEqual((entry.case_id, entry.message_id.author_id), (case, self.citizen))
        self.assertIn(entry.message_id, self.public_messages(case))
        self.assertTrue(case.has_citizen_message)

    def test_anybody_elses_is_a_note_that_the_citizen_does_not_read(self):
        case = self.file_case()
        self.env["ir.config_parameter"].set_param("civic_crm.mail_authserv_id", "mx.city.test")
        forged = {"Authentication-Results": "mx.city.test; dmarc=fail header.from=home.test"}
        for sender, headers in (("neighbour@home.test", {}), ("citizen@home.test", forged)):
            with self.subTest(sender=sender):
                entry = self.receive_unrouted(sender, text="Secret of mine", **headers)
                wizard = self.open(entry, way="reply", case_id=case)
                self.assertFalse(wizard.is_entitled, "the dialogue warns")
                with self.mock_mail_gateway():
                    wizard.save().action_decide()
                self.assert_decided(entry, "reply")
                self.assertIn("Secret of mine", self.notes(case))
                self.assertNotIn(entry.message_id, self.public_messages(case))
                self.assertNotIn(self.neighbour, case.message_partner_ids)
                self.assertFalse(case.has_citizen_message)
                self.assertNotMailed()

    def assertNotMailed(self):
        self.assertFalse([mail for mail in self._mails if "Secret of mine" in mail["body"]])

    def test_staff_may_know_that_it_is_the_citizen(self):
        case = self.file_case()
        entry = self.receive_unrouted("neighbour@home.test", text="From my sister's computer")
        self.decide(entry, way="reply", case_id=case, is_citizens=True)
        self.assertIn(entry.message_id, self.public_messages(case))
        self.assertEqual(case.partner_id, self.citizen, "whose case it is does not change")

    def test_a_forged_sender_is_nobody(self):
        self.env["ir.config_parameter"].set_param("civic_crm.mail_authserv_id", "mx.city.test")
        forged = {"Authentication-Results": "mx.city.test; dmarc=fail header.from=home.test"}
        entry = self.receive_unrouted("Citizen <citizen@home.test>", **forged)
        self.decide(entry, way="enquiry")
        self.assertFalse(entry.enquiry_id.partner_id or entry.enquiry_id.email_from)
        self.assertIn("citizen@home.test", entry.enquiry_id.contact_name)

    def test_what_was_set_aside_can_be_taken_back_and_both_is_written_down(self):
        entry = self.receive_unrouted()
        mine = entry.with_user(self.users["agent"])
        mine.action_spam()
        self.assertEqual((entry.state, entry.decided_user_id), ("spam", self.users["agent"]))
        self.assertFalse(entry.activity_ids)
        entry.with_user(self.users["manager"]).action_restore()
        self.assertEqual((entry.state, entry.reason), ("quarantined", "restored"))
        self.assertEqual(entry.decided_user_id, self.users["manager"])
        self.assertTrue(entry.activity_ids)
        with self.assertRaises(UserError):
            mine.action_restore()
        self.decide(entry, way="enquiry")
        self.assert_decided(entry, "enquiry")
        notes = entry.message_ids.filtered(lambda message: message.message_type == "notification")
        told = {
            (note.author_id, words) for note in notes for words in ("Set aside", "Taken back") if words in note.body
        }
        self.assertEqual(
            told,
            {(self.users["agent"].partner_id, "Set aside"), (self.users["manager"].partner_id, "Taken back")},
        )

    def test_many_are_decided_at_once_and_what_lacks_facts_is_an_enquiry(self):
        self.tree.write({"identification": "contact", "ask_place": "no"})
        entries = self.receive_unrouted(text="One") | self.receive_unrouted(text="Two")
        nobody = self.receive_unrouted("undisclosed", text="Three")
        action = self.decide(entries | nobody, category_id=self.tree)
        self.assertEqual(entries.mapped("result"), ["case", "case"])
        self.assertEqual((nobody.result, nobody.enquiry_id.category_id), ("enquiry", self.tree))
        self.assertIn("Cases: 2. Enquiries: 1.", action["params"]["message"])

    @mute_logger(LOG)
    def test_one_that_fails_stays_and_the_others_are_done(self):
        self.tree.ask_place = "no"
        good, bad = self.receive_unrouted(text="One"), self.receive_unrouted(text="BROKEN")
        make = type(self.env["helpdesk.ticket"])._file_case

        def fail_once(case, service, text, **facts):
            if "BROKEN" in text:
                raise ValueError("no luck")
            return make(case, service, text, **facts)

        self.patch(type(self.env["helpdesk.ticket"]), "_file_case", fail_once)
        action = self.decide(good | bad, category_id=self.tree)
        self.assertEqual(good.result, "case")
        self.assert_unchanged(bad)
        self.assertIn("no luck", bad.last_error)
        self.assertIn(bad.number, action["params"]["message"])
        with self.assertRaisesRegex(UserError, "still here"):
            self.decide(bad, category_id=self.tree)
        self.assert_unchanged(bad)

    def test_what_no_adapter_can_read_is_decided_as_the_ledger_shows_it(self):
        entry, _is_new = self.env["civic.intake"]._accept("web", b"\xff not a form", channel=self.web)
        entry._settle(self.read_nothing("Something about a tree"))
        self.decide(entry, category_id=self.tree, place="Oak Street")
        self.assert_decided(entry, "case")
        self.assertIn("Something about a tree", entry.case_id.description)

    def read_nothing(self, text):
        return Outcome("quarantined", reason="unreadable", seen={"text": text})

    def test_a_form_keeps_its_code_and_its_facts(self):
        form = {"text": "Fallen", "email": "eva@home.test", "name": "Eva", "place": "Oak Street"}
        self.env["ir.config_parameter"].set_param("civic_crm.intake_at_once", "False")
        entry = self.env["civic.adapter.web"]._accept_form(self.tree, self.web, form)
        entry._settle(self.read_nothing("Fallen"))
        self.decide(entry, category_id=self.street_light)
        case = entry.case_id
        self.assertEqual((case.tracking_code, case.place), (entry.message_ref, "Oak Street"))
        self.assertEqual(case.category_id, self.street_light, "what the person chose")

    def test_a_decision_is_made_once(self):
        entry = self.receive_unrouted()
        wizard = self.open(entry, category_id=self.tree).save()
        self.decide(entry, way="enquiry")
        with self.assertRaisesRegex(UserError, "done already"):
            wizard.action_decide()
        self.assertFalse(entry.case_id)

    def test_what_was_forgotten_is_not_decided_on(self):
        entry = self.receive_unrouted()
        entry.with_user(self.users["agent"]).action_spam()
        entry.decided_at -= timedelta(days=self.city.intake_keep_spam_days + 1)
        with self.enter_registry_test_mode():
            self.env.ref("civic_crm.cron_forget_intake").method_direct_trigger()
        with self.assertRaisesRegex(UserError, "deleted"):
            entry.with_user(self.users["agent"]).action_restore()

    def test_what_is_to_be_decided_is_never_forgotten(self):
        entry = self.receive_unrouted()
        entry.decided_at -= timedelta(days=10_000)
        with self.enter_registry_test_mode():
            self.env.ref("civic_crm.cron_forget_intake").method_direct_trigger()
        self.assertTrue(entry._get_raw())

    def test_the_city_says_how_long_each_is_kept(self):
        filed, aside = self.receive(), self.receive_unrouted()
        aside.with_user(self.users["agent"]).action_spam()
        (filed | aside).write({"decided_at": fields.Datetime.now() - timedelta(days=20)})
        for keep, keep_spam, kept in ((0, 0, (True, True)), (30, 10, (True, False)), (10, 10, (False, False))):
            self.city.write({"intake_keep_days": keep, "intake_keep_spam_days": keep_spam})
            with self.enter_registry_test_mode():
                self.env.ref("civic_crm.cron_forget_intake").method_direct_trigger()
            with self.subTest(keep=keep, keep_spam=keep_spam):
                self.assertEqual((bool(filed._get_raw()), bool(aside._get_raw())), kept)

    def test_each_city_keeps_its_own_as_long_as_it_says(self):
        other = self.env["res.company"].create({"name": "Other City", "intake_keep_days": 0})
        mine, theirs = self.receive(), self.receive()
        theirs.company_id = other
        (mine | theirs).write({"decided_at": fields.Datetime.now() - timedelta(days=5000)})
        with self.enter_registry_test_mode():
            self.env.ref("civic_crm.cron_forget_intake").method_direct_trigger()
        self.assertFalse(mine._get_raw())
        self.assertTrue(theirs._get_raw())
        self.assertFalse(theirs.with_user(self.users["agent"]).has_access("read"), "another city's front desk")
        Decide = self.env["civic.intake.decide"].with_user(self.users["agent"])
        with self.assertRaises(AccessError):
            Decide.create({"intake_ids": theirs.ids, "way": "enquiry"}).read(["text", "is_entitled"])

    def test_only_the_front_desk_decides(self):
        entry = self.receive_unrouted()
        for role, user in self.users.items():
            if role in ("agent", "manager", "admin"):
                continue
            theirs = entry.with_user(user)
            for decide in (
                theirs.action_decide,
                theirs.action_restore,
                theirs.action_retry,
                theirs.action_spam,
                lambda theirs=theirs: theirs._carry_out(Decision("enquiry")),
            ):
                with self.subTest(role=role), self.assertRaises(AccessError):
                    decide()
        self.assert_unchanged(entry)

    def test_nobody_adds_to_a_case_they_may_not_write(self):
        case, entry = self.file_case(), self.receive_unrouted("citizen@home.test")
        self.patch(
            type(self.env["helpdesk.ticket"]),
            "_check_access",
            lambda cases, operation: (cases, lambda: AccessError("no")) if operation == "write" else None,
        )
        with self.assertRaises(AccessError):
            entry.with_user(self.users["agent"])._carry_out(Decision("reply", case_id=case.id))

    def test_trying_again_asks_the_front_desk_once(self):
        entry = self.receive_unrouted()
        with self.mock_mail_gateway():
            entry.with_user(self.users["agent"]).action_retry()
        self.assertEqual((entry.state, len(entry.activity_ids)), ("quarantined", 1))

    def test_what_fails_is_found_while_it_waits(self):
        self.env["ir.config_parameter"].set_param("civic_crm.intake_at_once", "False")
        entry = self.receive(text="A needle in the hay")
        self.patch(type(self.env["helpdesk.ticket"]), "message_new", lambda *a, **k: 1 / 0)
        with mute_logger("odoo.addons.civic_crm.models.civic_intake"):
            entry._process()
        self.assertEqual(entry.state, "received")
        self.assertIn(entry, self.env["civic.intake"].search([("text", "ilike", "needle in the")]))

    def test_the_board_costs_the_same_for_many(self):
        entries = self.env["civic.intake"]
        for _number in range(6):
            entries |= self.receive_unrouted()
        names = ["subject", "sender", "first_words", "age", "attempts", "last_error", "number"]
        mine = entries.with_user(self.users["agent"])
        with self.assert_queries_at_most(8):
            cards = mine.read(names)
        self.assertEqual({card["first_words"] for card in cards}, {"It is dark."})


@tagged("post_install", "-at_install")
class TestNetworkDecision(ThreadCase):
    """What a network brought is answered there, whoever decided what it is."""

    def hold(self, text, **more):
        """Let a message arrive that fails until a person has to decide; return its entry."""
        with mute_logger("odoo.addons.civic_crm.models.civic_intake"):
            Adapter = type(self.env["civic.adapter.telegram"])
            with unittest.mock.patch.object(Adapter, "_process", lambda *a, **k: 1 / 0):
                entry = self.say(text, **more)
                for _attempt in ledger.BACK_OFF:
                    entry._process()
        self.assertEqual((entry.state, entry.reason), ("quarantined", "failed"))
        return entry.with_user(self.users["agent"])

    def carry_out(self, entry, *args, **more):
        with self.mock_mail_gateway():
            entry._carry_out(Decision(*args, **more))
        self.env.invalidate_all()

    def test_a_case_is_answered_by_the_account_and_its_next_words_go_on_there(self):
        entry = self.hold("A lamp is out")
        self.carry_out(entry, "case", self.street_light.id, facts={"place": "Oak Street"})
        handle = self.get_handle()
        self.assertEqual((entry.case_id.handle_id, entry.case_id.answer_handle_id), (handle, handle))
        reply = self.say("Any news?")
        self.assertEqual((reply.result, reply.case_id), ("reply", entry.case_id))

    def test_what_is_missing_is_said_in_the_language_of_who_decides(self):
        entry = self.hold("A lamp is out")
        with self.assertRaisesRegex(FilingError, "street and number"):
            self.carry_out(entry, "case", self.street_light.id)
        self.assertFalse(self.get_handle().partner_id, "nothing is half done")

    def test_an_enquiry_goes_on_there_too(self):
        entry = self.hold("When do you open?")
        self.carry_out(entry, "enquiry")
        self.assertEqual(entry.enquiry_id.answer_handle_id, self.get_handle())
        self.assertEqual(self.say("And on Sundays?").enquiry_id, entry.enquiry_id)

    def test_anothers_words_noted_in_a_case_open_it_to_nobody(self):
        case = self.make_case()
        entry = self.hold("I know about it", account=sent.BOB)
        self.carry_out(entry, "reply", case_id=case.id)
        self.assertIn("I know about it", entry.message_id.body)
        self.assertNotIn(entry.message_id, self.public_messages(case))
        self.assertNotEqual(self.say("Tell me more", account=sent.BOB).case_id, case)


@tagged("post_install", "-at_install")
class TestInfected(DecisionMixin, MailCommon, HttpCase):
    """What carries a virus is fetched, as it came, by the administrator alone."""

    def receive_infected(self, **how):
        mail = self.write_mail(**how)
        mail.add_attachment(b"%PDF-1.4 " + VIRUS, maintype="application", subtype="pdf", filename="bill.pdf")
        scanner = self.enterContext(clamd())
        self.env["ir.config_parameter"].set_param("civic_crm.clamd_address", scanner.address)
        return self.receive(mail)

    def fetch(self, path, role):
        self.authenticate(f"t_{role}", f"t_{role}")
        return self.url_open(path)

    def test_the_administrator_alone_fetches_it(self):
        clean, entry = self.receive(), self.receive_infected()
        self.assertTrue(entry.virus)
        self.assertFalse(clean.virus)
        self.env.flush_all()
        paths = (
            f"/web/content/{entry.raw_attachment_id.id}",
            f"/web/content/civic.intake/{entry.id}/infected_source",
            f"/web/content?model=civic.intake&id={entry.id}&field=raw_attachment_id",
        )
        for role in ("agent", "manager", "auditor"):
            self.assertEqual(self.fetch(f"/web/content/{clean.raw_attachment_id.id}", role).status_code, 200)
            with self.subTest(role=role), self.assertRaises(AccessError):
                entry.raw_attachment_id.with_user(self.users[role]).read(["raw"])
            for path in paths:
                with self.subTest(role=role, path=path):
                    found = self.fetch(path, role)
                    self.assertNotIn(VIRUS, found.content)
                    self.assertNotEqual(found.status_code, 200)
        for path in paths[:2]:
            self.assertEqual(self.fetch(path, "admin").content, entry._get_raw())

    @mute_logger("odoo.addons.civic_crm.models.civic_intake")
    def test_it_is_locked_away_even_when_filing_fails(self):
        self.patch(type(self.env["helpdesk.ticket"]), "message_new", lambda *a, **k: 1 / 0)
        entry = self.receive_infected()
        self.assertEqual(entry.state, "received")
        self.assertTrue(entry.virus)
        with self.assertRaises(AccessError):
            entry.raw_attachment_id.with_user(self.users["agent"]).read(["raw"])

    def test_it_can_be_decided_on_and_forgotten_like_any_other(self):
        entry = self.receive_infected(to="nobody@city.test")
        self.decide(entry, way="enquiry")
        self.assert_decided(entry, "enquiry")
        entry.decided_at -= timedelta(days=self.city.intake_keep_days + 1)
        self.env.flush_all()
        self.env.ref("civic_crm.cron_forget_intake").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(entry._get_raw() or entry.with_user(self.users["admin"]).infected_source)

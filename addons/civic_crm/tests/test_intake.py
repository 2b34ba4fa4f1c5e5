# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCommon

from ..core import intake as ledger
from .common import CityMixin, QueryBudgetMixin

LOG = "odoo.addons.civic_crm.models.civic_intake"
MAIL = """\
From: {sender}
To: {to}
Subject: {subject}
Message-Id: <{ref}@home.test>
{extra}MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{text}
"""


@tagged("post_install", "-at_install")
class TestIntake(CityMixin, QueryBudgetMixin, MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.Intake = cls.env["civic.intake"]
        cls.env["ir.config_parameter"].set_param("civic_crm.intake_at_once", "False")

    def mail(self, sender="Eva Ruiz <eva@home.test>", **parts):
        values = {"to": "lighting@city.test", "subject": "No light", "ref": "one", "extra": "", "text": "It is dark."}
        return MAIL.format(sender=sender, **{**values, **parts})

    def arrive(self, *mails):
        """Let mails arrive, and work nothing off."""
        before = self.Intake.search([])
        with self.mock_mail_gateway():
            for mail in mails:
                self.env["mail.thread"].message_process(False, mail)
        return (self.Intake.search([]) - before).sorted("id")

    def work_off(self):
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            self.env.ref("civic_crm.cron_process_intake").method_direct_trigger()

    def assert_even(self):
        balance = self.Intake._get_balance()
        self.assertTrue(balance.is_even, balance)
        return balance

    def test_what_arrives_is_stored_as_it_came_before_anybody_reads_it(self):
        mail = self.mail()
        entry = self.arrive(mail)
        self.assertEqual(entry.state, "received")
        self.assertEqual(entry._get_raw(), mail.encode())
        self.assertEqual(entry.digest, ledger.digest(mail.encode()))
        self.assertEqual(entry.raw_attachment_id.res_id, entry.id)
        self.assertFalse(entry.case_id)
        self.work_off()
        self.assertEqual(entry.result, "case")
        self.assertEqual(entry.case_id.name, "No light")
        self.assertEqual(entry.sender, "eva@home.test")
        self.assertIn("It is dark.", entry.text)
        self.assertEqual(self.assert_even().cases, self.Intake.search_count([("result", "=", "case")]))

    def test_the_same_bytes_are_accepted_once(self):
        first = self.arrive(self.mail())
        self.assertFalse(self.arrive(self.mail()), "fetched again after a crash")
        self.work_off()
        self.assertFalse(self.arrive(self.mail()))
        self.assertEqual(len(first), 1)

    def test_the_same_words_by_two_ways_make_one_case(self):
        first, second = self.arrive(self.mail(), "Received: from elsewhere\n" + self.mail())
        self.work_off()
        self.assertEqual(first.result, "case")
        self.assertEqual((second.state, second.reason), ("spam", "duplicate"))

    def test_other_words_under_the_same_name_are_another_mail(self):
        """Broken senders give all their mails one Message-Id; plain Odoo drops all but the first."""
        first, second = self.arrive(self.mail(), self.mail(text="Another lamp, in Oak Street."))
        self.work_off()
        self.assertEqual((first.result, second.result), ("case", "case"))
        self.assertNotEqual(first.case_id, second.case_id)

    def test_a_reply_is_a_reply(self):
        entry = self.arrive(self.mail())
        self.work_off()
        name = entry.message_ref
        reply = self.arrive(self.mail(ref="two", extra=f"In-Reply-To: {name}\nReferences: {name}\n"))
        self.work_off()
        self.assertEqual((reply.result, reply.case_id), ("reply", entry.case_id))

    def test_nobodys_address_is_left_to_a_person(self):
        lead = self.env["crm.team"].browse(self.env["crm.team"]._find_front_desk_id(self.city.id))
        lead.user_id = self.users["agent"]
        entry = self.arrive(self.mail(to="nobody@city.test"))
        self.work_off()
        self.assertEqual((entry.state, entry.reason), ("quarantined", "no_route"), entry.last_error)
        self.assertEqual(entry.activity_ids.user_id, self.users["agent"])
        self.assert_even()

    def test_machines_loops_and_bounces_are_kept_and_open_nothing(self):
        machine, bounce = self.arrive(
            self.mail(extra="Auto-Submitted: auto-replied\n"),
            self.mail(sender="MAILER-DAEMON@home.test", ref="b", to="bounce@city.test"),
        )
        self.env["mail.alias.domain"].search([]).bounce_alias = "bounce"
        self.work_off()
        self.assertEqual((machine.state, machine.reason), ("spam", "automatic"))
        self.assertEqual((bounce.state, bounce.reason), ("quarantined", "bounce"))

    def test_what_cannot_be_read_is_kept(self):
        broken = "From: \x00\nContent-Type: multipart/mixed; boundary=\n\n--\n\x00\n"
        [entry] = self.arrive(broken)
        self.work_off()
        self.assertIn(entry.state, ("quarantined", "processed"))
        self.assertEqual(entry._get_raw(), broken.encode())
        self.assert_even()

    @mute_logger(LOG)
    def test_what_fails_is_tried_again_ever_later_and_then_a_persons(self):
        entry = self.arrive(self.mail())
        self.patch(type(self.env["helpdesk.ticket"]), "message_new", lambda *a, **k: 1 / 0)
        moment = entry.next_attempt_at
        for attempt, wait in enumerate(ledger.BACK_OFF, 1):
            with freeze_time(moment):
                self.work_off()
                self.work_off()  # not yet
            self.assertEqual((entry.state, entry.attempts), ("received", attempt))
            self.assertEqual(entry.next_attempt_at, moment + wait)
            moment = entry.next_attempt_at
        with freeze_time(moment):
            self.work_off()
        self.assertEqual((entry.state, entry.reason), ("quarantined", "failed"))
        self.assertIn("ZeroDivisionError", entry.last_error)
        self.assertFalse(self.env["helpdesk.ticket"].search([("name", "=", "No light")]), "nothing is left half done")
        alias = self.lighting.alias_id
        self.assertNotEqual(alias.alias_status, "invalid", "the sender has done nothing wrong")

    @mute_logger(LOG)
    def test_one_that_fails_holds_up_none(self):
        new = type(self.env["helpdesk.ticket"]).message_new

        def fail_once(case, values, *args, **kwargs):
            if "BROKEN" in (values.get("subject") or ""):
                raise ValueError("broken")
            return new(case, values, *args, **kwargs)

        self.patch(type(self.env["helpdesk.ticket"]), "message_new", fail_once)
        bad, good = self.arrive(self.mail(subject="BROKEN"), self.mail(ref="two"))
        self.work_off()
        self.assertEqual(bad.state, "received")
        self.assertEqual(good.result, "case")

    @mute_logger(LOG)
    def test_a_person_tries_again_or_sets_aside(self):
        entry = self.arrive(self.mail(to="nobody@city.test"))
        self.work_off()
        mine = entry.with_user(self.users["agent"])
        self.parks.write({"alias_name": "nobody"})
        with self.mock_mail_gateway():
            mine.action_retry()
        self.assertEqual((entry.result, entry.case_id.team_id), ("case", self.parks))
        self.assertFalse(entry.activity_ids)
        with self.assertRaises(UserError):
            mine.action_spam()
        other = self.arrive(self.mail(to="else@city.test", ref="two"))
        self.work_off()
        other.with_user(self.users["agent"]).action_spam()
        self.assertEqual((other.state, other.decided_user_id), ("spam", self.users["agent"]))

    def test_nobody_writes_the_ledger_by_hand(self):
        entry = self.arrive(self.mail())
        for role in ("agent", "worker", "auditor", "admin", "citizen"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                entry.with_user(self.users[role]).write({"state": "spam"})
        with self.assertRaises(UserError):
            entry.unlink()
        for role in ("worker", "auditor", "citizen"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                entry.with_user(self.users[role]).action_spam()

    def test_only_mail_servers_bring_mail_and_only_aliases_say_where_to(self):
        with self.assertRaises(AccessError):
            self.env["mail.thread"].with_user(self.users["citizen"]).message_process(False, self.mail())
        with self.mock_mail_gateway():
            self.env["mail.thread"].with_user(self.users["employee"]).message_process(
                "res.partner", self.mail(to="x@city.test"), custom_values={"name": "Forged"}
            )
        self.work_off()
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Forged")]))

    def test_what_was_kept_long_enough_is_forgotten_and_its_entry_stays(self):
        entry = self.arrive(self.mail())
        self.work_off()
        entry.decided_at -= timedelta(days=self.city.intake_keep_days + 1)
        with self.enter_registry_test_mode():
            self.env.ref("civic_crm.cron_forget_intake").method_direct_trigger()
        self.assertFalse(entry.raw_attachment_id)
        self.assertFalse(entry.text)
        self.assertEqual(entry.digest, ledger.digest(self.mail().encode()))

    def test_the_job_names_the_case_in_the_language_of_who_wrote(self):
        """Whatever language it runs in itself."""
        self.env["res.lang"]._activate_lang("es_ES")
        self.street_light.with_context(lang="es_ES").name = "Farola apagada"
        form = {
            "text": "It is dark here.",
            "email": "eva@home.test",
            "name": "Eva",
            "place": "Oak Street",
            "lang": "es_ES",
        }
        entry = self.env["civic.adapter.web"]._accept_form(self.street_light, self.web, form)
        entry.with_context(lang="en_US")._process()
        self.assertEqual(entry.case_id.name, "Farola apagada · Oak Street", entry.last_error)

    def test_the_small_lie_in_their_row_and_the_large_in_a_file_and_both_come_back(self):
        for raw in (b"\x00\xff{'small'}", b"\x00\xff" * 4096):
            entry, _is_new = self.Intake._accept("mail", raw)
            self.env.invalidate_all()
            self.assertEqual(bool(entry.raw_attachment_id.store_fname), len(raw) > 4096)
            self.assertEqual(entry._get_raw(), raw)

    def test_accepting_is_cheap(self):
        self.arrive(self.mail())
        with self.assert_queries_at_most(2):
            self.env["civic.adapter.mail"]._accept(self.mail(ref="two"))

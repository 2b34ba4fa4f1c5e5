# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCommon

from .clamd_stub import VIRUS, clamd
from .common import CityMixin, QueryBudgetMixin, SecurityMatrixMixin

LOG = "odoo.addons.civic_crm.models.civic_intake"
MAIL = """\
From: {sender}
To: lighting@city.test
Subject: No light {number}
Message-Id: <{number}.{sender}>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

It is dark.
--b
Content-Type: application/pdf; name=list.pdf
Content-Disposition: attachment; filename=list.pdf

{content}
--b--
"""


class LimitCase(CityMixin, SecurityMatrixMixin, QueryBudgetMixin, MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.Intake = cls.env["civic.intake"]
        cls.Limit = cls.env["civic.intake.limit"]

    def set_parameter(self, name, value):
        self.env["ir.config_parameter"].set_param(name, value)

    def mail(self, number=1, sender="eva@home.test", content="%PDF-1.4"):
        before = self.Intake.search([])
        with self.mock_mail_gateway():
            raw = MAIL.format(number=number, sender=sender, content=content)
            self.env["mail.thread"].message_process(False, raw)
            entry = self.Intake.search([]) - before
            entry._process()
        return entry

    def form(self, number=1, email="eva@home.test", files=()):
        return self.env["civic.adapter.web"]._accept_form(
            self.street_light,
            self.web,
            {"text": f"It is dark {number}.", "place": "Oak Street", "name": "Eva", "email": email},
            files,
        )


@tagged("post_install", "-at_install")
class TestIntakeLimit(LimitCase):
    def limit(self, **vals):
        return self.Limit.create({"name": "Two an hour", "most": 2, **vals})

    def test_what_one_sender_brings_beyond_the_limit_is_set_aside_and_kept(self):
        self.limit()
        for bring in (self.mail, self.form):
            first, second, third = (bring(number) for number in range(3))
            self.assertEqual((first.result, second.result), ("case", "case"), first.last_error)
            self.assertEqual((third.state, third.reason), ("spam", "loop"))
            self.assertIn("It is dark", third.text)
            self.assertTrue(third._get_raw())
        self.assertEqual(self.mail(9, sender="ana@home.test").result, "case", "others are not held up")
        self.assertTrue(self.Intake._get_balance().is_even)

    def test_an_hour_later_the_sender_is_let_in_again(self):
        self.limit()
        now = datetime(2026, 3, 3, 10, 0)
        with freeze_time(now):
            entries = [self.form(number) for number in range(3)]
        with freeze_time(now + timedelta(minutes=61)):
            later = self.form(9)
        self.assertEqual(entries[-1].state, "spam")
        self.assertEqual(later.result, "case")

    def test_a_person_lets_it_in_by_one_click(self):
        self.limit(most=1)
        self.form(1)
        held = self.form(2)
        self.assertEqual(held.reason, "loop")
        held.with_user(self.users["agent"]).action_retry()
        self.assertEqual((held.state, held.result), ("processed", "case"))

    def test_a_channel_has_its_own_limit_whoever_sends(self):
        self.limit(counted="channel", channel_id=self.web.id)
        entries = [self.form(number, email=f"p{number}@home.test") for number in range(3)]
        self.assertEqual([entry.reason for entry in entries], [False, False, "flood"])
        self.assertEqual(self.mail(9).result, "case", "another channel")

    def test_a_limit_holds_and_ends_at_once(self):
        limit = self.limit(most=1)
        self.form(1)
        self.assertEqual(self.form(2).reason, "loop")
        limit.active = False
        self.assertEqual(self.form(3).result, "case")

    def test_what_staff_writes_down_is_never_held_up(self):
        self.limit(most=1)
        call = self.env["civic.call"].create({"user_id": self.users["agent"].id, "number": "+34600111222"})
        for number in range(3):
            entry = self.env["civic.adapter.phone"]._accept_request(call, {"text": f"It is dark {number}"}, str(number))
            self.assertEqual(entry.result, "enquiry", entry.last_error)

    def test_without_limits_nothing_is_asked_of_the_database(self):
        entry = self.form(1)
        self.Limit._get_limits()
        entry.is_released  # noqa: B018 - read once
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.assertEqual(self.Limit._find_reason(entry, "email", "eva@home.test"), "")
        self.assertEqual(self.env.cr.sql_log_count, before)

    def test_an_administrator_alone_sets_limits(self):
        self.assert_matrix(self.limit(), {"admin": "rwcu", "auditor": "r"})


@tagged("post_install", "-at_install")
class TestVirusScan(LimitCase):
    FILES = (("clean.pdf", b"%PDF-1.4 clean"), ("bad.pdf", b"%PDF-1.4 " + VIRUS))

    def get_names(self, case):
        return case.message_ids.attachment_ids.mapped("name")

    def get_notes(self, case):
        return "".join(case.message_ids.filtered(lambda m: m.subtype_id == self.env.ref("mail.mt_note")).mapped("body"))

    def test_a_file_with_a_virus_is_not_attached_and_the_case_says_so(self):
        with clamd() as scanner:
            self.set_parameter("civic_crm.clamd_address", scanner.address)
            entry = self.form(files=self.FILES)
        self.assertEqual(self.get_names(entry.case_id), ["clean.pdf"])
        self.assertIn("bad.pdf", self.get_notes(entry.case_id))
        self.assertIn("Civic.Test.Virus", self.get_notes(entry.case_id))
        self.assertIn(VIRUS, entry._get_raw(), "the ledger keeps what came")

    def test_the_files_of_a_mail_are_scanned_too(self):
        with clamd() as scanner:
            self.set_parameter("civic_crm.clamd_address", scanner.address)
            entry = self.mail(content=VIRUS.decode())
        self.assertEqual(entry.result, "case", entry.last_error)
        self.assertNotIn("list.pdf", self.get_names(entry.case_id))
        self.assertIn("list.pdf", self.get_notes(entry.case_id))

    @mute_logger(LOG)
    def test_without_its_scanner_the_city_waits(self):
        with clamd() as scanner:
            address = scanner.address
        self.set_parameter("civic_crm.clamd_address", address)
        entry = self.form(files=self.FILES)
        self.assertEqual((entry.state, entry.attempts), ("received", 1))
        self.assertIn("ScannerDown", entry.last_error)
        self.assertFalse(entry.case_id)

    def test_or_goes_on_and_says_that_it_was_not_scanned(self):
        with clamd() as scanner:
            address = scanner.address
        self.set_parameter("civic_crm.clamd_address", address)
        self.set_parameter("civic_crm.clamd_when_down", "accept")
        entry = self.form(files=self.FILES)
        self.assertEqual(len(self.get_names(entry.case_id)), 2)
        self.assertIn("was not scanned", self.get_notes(entry.case_id))

    def test_a_city_without_a_scanner_takes_all(self):
        entry = self.form(files=self.FILES)
        self.assertEqual(len(self.get_names(entry.case_id)), 2)
        self.assertNotIn("scanned", self.get_notes(entry.case_id))

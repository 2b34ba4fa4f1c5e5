# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_access import READ, STAFF
from .test_clock import ClockCase

OF_THE_CASE = ("worker", "head", "agent", "manager", "admin")


@tagged("post_install", "-at_install")
class TestClockAccess(ClockCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_rule()
        cls.case = cls.file_case()

    def test_deadlines_are_read_with_the_case_and_written_by_nobody(self):
        self.assert_matrix(
            self.case.deadline_ids[0],
            dict.fromkeys((*OF_THE_CASE, "auditor"), "r"),
            create_vals={"case_id": self.case.id, "purpose": "legal", "trigger": "appeal"},
        )

    def test_pauses_are_read_and_made_with_the_case(self):
        self.assert_matrix(
            self.pause(self.case, "2026-03-02"),
            dict.fromkeys(OF_THE_CASE, "rwc") | {"auditor": "r"},
            create_vals={
                "case_id": self.file_case().id,
                "reason_id": self.complete.id,
            },
        )

    def test_extensions_are_a_heads(self):
        vals = {
            "deadline_id": self.deadline(self.case).id,
            "amount": 1,
            "article": "art_23",
            "reason": "x",
        }
        extension = self.env["civic.deadline.extension"].create(vals)
        granting = dict.fromkeys(("head", "manager", "admin"), "rc")
        self.assert_matrix(extension, granting | dict.fromkeys(("worker", "agent", "auditor"), "r"), create_vals=vals)

    def test_settings(self):
        self.assert_matrix(self.make_rule(kind="request"), READ | {"admin": "rwcu"})
        for record in (self.complete, self.env.ref("civic_crm.escalation_head")):
            self.assert_matrix(record, READ | {"admin": "rwcu"})
        step = self.env.ref("civic_crm.escalation_head")
        alert = self.env["civic.deadline.alert"].create(
            {"deadline_id": self.case.deadline_ids[0].id, "step_id": step.id}
        )
        self.assert_matrix(alert, dict.fromkeys(("admin", "auditor"), "r"))

    def test_a_service_manager_writes_rules(self):
        manager = self.users["employee"]
        manager.group_ids += self.env.ref("civic_crm.group_service_manager")
        self.assertTrue(self.env["civic.deadline.rule"].with_user(manager).has_access("create"))

    def test_calendars_are_the_administrators(self):
        calendar = self.city.legal_calendar_id
        self.assert_matrix(calendar, READ | {"admin": "rwc"})
        leave = self.env["resource.calendar.leaves"].create(
            {"name": "H", "calendar_id": calendar.id, "date_from": "2026-03-19 00:00", "date_to": "2026-03-19 20:00"}
        )
        self.assert_matrix(leave, READ | {"admin": "rwcu"})
        for role in STAFF:
            with self.subTest(role=role):
                may = self.env["civic.calendar.seed"].with_user(self.users[role]).has_access("create")
                self.assertEqual(may, role == "admin")

    def test_nobody_finds_deadlines_of_cases_they_may_not_read(self):
        hidden = self.file_case(self.tree)
        self.pause(hidden, "2026-03-02")
        for model in ("civic.case.deadline", "civic.deadline.pause"):
            with self.subTest(model=model):
                seen = self.env[model].with_user(self.users["worker"]).search([])
                self.assertFalse(seen & self.env[model].search([("case_id", "=", hidden.id)]))
                counted = self.env[model].with_user(self.users["worker"])._read_group([], [], ["__count"])[0][0]
                self.assertEqual(counted, len(seen))
        self.assertTrue(self.env["civic.case.deadline"].with_user(self.users["worker"]).search([]))

    def test_a_pause_is_not_entered_in_anothers_name(self):
        worker = self.users["worker"]
        pauses = self.env["civic.deadline.pause"].with_user(worker)
        with self.assertRaises(AccessError):
            pauses.create({"case_id": self.case.id, "reason_id": self.complete.id, "author_id": self.users["head"].id})
        pause = pauses.create({"case_id": self.case.id, "reason_id": self.complete.id})
        self.assertEqual(pause.author_id, worker)

    def test_documents_of_a_pause_are_read_with_the_case(self):
        worker = self.users["worker"]
        file = self.env["ir.attachment"].with_user(worker).create({"name": "act.pdf", "raw": b"%PDF-"})
        self.env["civic.deadline.pause"].with_user(worker).create(
            {"case_id": self.case.id, "reason_id": self.complete.id, "document_ids": [(4, file.id)]}
        )
        self.env.invalidate_all()
        self.assertTrue(file.with_user(self.users["head"]).has_access("read"))
        self.assertFalse(file.with_user(self.users["stranger"]).has_access("read"))
        self.assertFalse(file.with_user(self.users["citizen"]).has_access("read"))

    def test_the_days_of_the_law_are_not_set_by_hand(self):
        case = self.case.with_user(self.users["admin"])
        for field, value in (("legal_due_on", "2030-01-01"), ("term_letter_on", "2030-01-01")):
            with self.subTest(field=field), self.assertRaises(AccessError):
                case.write({field: value})

# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ..core import tracking_code
from .common import CityCase


@tagged("post_install", "-at_install")
class TestCase(CityCase):
    def test_a_filed_case_has_code_number_department_state_and_promise(self):
        with freeze_time("2026-03-06 09:00:00"):  # a Friday
            case = self.file_case()
        self.assertEqual(tracking_code.normalise(case.tracking_code), case.tracking_code)
        self.assertRegex(case.number, r"^\d{4}/\d{6}$")
        self.assertEqual(case.team_id, self.lighting)
        self.assertEqual(case.stage_id, self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new"))
        self.assertEqual(case.promised_on, date(2026, 3, 13))
        self.assertFalse(case.closed_date)

    def test_the_citys_own_day_counts_not_greenwichs(self):
        with freeze_time("2026-03-05 23:30:00"):  # Friday half past midnight in the city
            case = self.file_case()
        self.assertEqual(case.promised_on, date(2026, 3, 13))

    def test_a_holiday_is_no_working_day(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.city.legal_calendar_id.id,
                "date_from": "2026-03-08 23:00:00",
                "date_to": "2026-03-09 22:59:59",
            }
        )
        with freeze_time("2026-03-06 09:00:00"):
            case = self.file_case()
        self.assertEqual(case.promised_on, date(2026, 3, 16))

    def test_a_service_without_promise_promises_nothing(self):
        self.assertFalse(self.file_case(self.tree).promised_on)

    def test_a_promise_made_stays_when_the_service_promises_something_else(self):
        case = self.file_case()
        promised = case.promised_on
        self.street_light.promise_days = 90
        self.assertEqual(case.promised_on, promised)

    def test_overdue_is_open_and_past_the_promised_day(self):
        late = self.file_case(promised_on="2026-03-12")
        due = self.file_case(promised_on="2026-03-13")
        free = self.file_case(self.tree)
        cases = late | due | free
        with freeze_time("2026-03-13 10:00:00"):
            cases.invalidate_recordset(["is_overdue"])
            self.assertEqual(cases.filtered("is_overdue"), late)
            search = self.env["helpdesk.ticket"].search
            mine = [("id", "in", cases.ids)]
            self.assertEqual(search([*mine, ("is_overdue", "=", True)]), late)
            self.assertEqual(search([*mine, ("is_overdue", "=", False)]), free | due)

    def test_a_case_is_found_by_what_the_citizen_types(self):
        case = self.file_case()
        find = self.env["helpdesk.ticket"]._find_by_tracking_code
        self.assertEqual(find(case.tracking_code.lower().replace("-", " ")), case)
        self.assertFalse(find("0000-0000-0000"))
        self.assertFalse(find("%"))

    def test_what_cannot_be_is_refused_in_words_and_nothing_is_saved(self):
        Case = self.env["helpdesk.ticket"].with_user(self.users["agent"])
        before = Case.search_count([])
        vals = {"name": "Dark", "description": "x", "category_id": self.street_light.id}
        case = self.file_case()
        for wrong, words in (
            ({"filed_at": "2999-01-01 00:00:00"}, "in the future"),
            ({"filed_at": "0001-01-01 00:00:00"}, "too long ago"),
            ({"civic_zone_id": self.old_town.id + 1000}, "no such zone"),
        ):
            with self.subTest(wrong=wrong):
                with self.assertRaisesRegex(ValidationError, words):
                    Case.create({**vals, **wrong})
                with self.assertRaisesRegex(ValidationError, words):
                    case.with_user(self.users["worker"]).write(wrong)
        self.assertEqual(Case.search_count([]), before + 1)

    def test_no_case_is_deleted(self):
        with self.assertRaises(UserError):
            self.file_case().with_user(self.users["admin"]).unlink()

    def test_a_batch_costs_few_queries_per_case(self):
        self.file_case()
        with self.assert_queries_at_most(30):
            self.file_many()

    def test_whoever_files_it_the_citizens_address_is_on_the_case(self):
        """Mail is matched to people by it, and so is a request to see or erase one's data."""
        case = self.env["helpdesk.ticket"].create({"name": "A", "description": "x", "partner_id": self.citizen.id})
        self.assertEqual(case.email_normalized, "citizen@home.test")
        self.assertEqual(case.partner_name, "Citizen")

    def test_create_and_write_leave_the_callers_values_alone(self):
        vals = {"name": "A", "description": "x", "category_id": self.street_light.id}
        given = dict(vals)
        case = self.env["helpdesk.ticket"].create(vals)
        self.assertEqual(vals, given)
        move = {"stage_id": self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress").id}
        given = dict(move)
        case.write(move)
        self.assertEqual(move, given)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A case's clock: what begins it, stops it, moves it and ends it."""

from contextlib import contextmanager
from datetime import date, datetime

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import CityCase

MONDAY = "2026-03-02 09:00:00"


class ClockCase(CityCase):
    """Works on Monday, 2 March 2026, in a city without holidays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(MONDAY))
        cls.env["civic.deadline.rule"].search([]).active = False
        cls.complete = cls.env.ref("civic_crm.pause_reason_complete")
        cls.report = cls.env.ref("civic_crm.pause_reason_report")
        cls.weather = cls.env.ref("civic_crm.pause_reason_outside")

    @classmethod
    def make_rule(cls, **vals):
        return cls.env["civic.deadline.rule"].create(
            {"name": "Three months", "purpose": "legal", "amount": 3, "unit": "months", **vals}
        )

    def pause(self, case, first, last=None, reason=None, **vals):
        return self.env["civic.deadline.pause"].create(
            {
                "case_id": case.id,
                "date_from": first,
                "date_to": last,
                "reason_id": (reason or self.complete).id,
                **vals,
            }
        )

    def close(self, case, outcome="outcome_solved"):
        outcome = self.env.ref(f"civic_crm.{outcome}")
        case.write({"outcome_id": outcome.id, "stage_id": outcome.stage_id.id})

    def reopen(self, case):
        case.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new")

    def deadline(self, case, purpose="legal"):
        return case.deadline_ids.filtered(lambda clock: clock.purpose == purpose)

    @contextmanager
    def refused(self, exception, words):
        with self.assertRaises(exception) as caught:
            yield
        self.assertIn(words, str(caught.exception))

    def assert_days(self, case, promised, legal=False):
        days = [day and date.fromisoformat(day) for day in (promised, legal)]
        self.assertEqual([case.promised_on, case.legal_due_on], days)


@tagged("post_install", "-at_install")
class TestRules(ClockCase):
    def test_a_services_own_promise_holds_where_no_rule_does(self):
        case = self.file_case()
        self.assert_days(case, "2026-03-09")
        promise = self.deadline(case, "promise")
        self.assertFalse(promise.rule_id)
        self.assertEqual((promise.amount, promise.start_date), (5, date(2026, 3, 2)))

    def test_a_rule_of_the_city_overrides_the_services_promise(self):
        self.make_rule(purpose="promise", amount=2, unit="working_days")
        self.assert_days(self.file_case(), "2026-03-04")

    def test_the_nearest_service_wins_then_the_kind_then_the_order(self):
        branch = self.street_light.create({"name": "Lighting"})
        self.street_light.parent_id = branch
        for expected, vals in (
            ("2026-04-02", {"amount": 1, "sequence": 2}),
            ("2026-05-04", {"amount": 2, "kind": "notice", "sequence": 3}),
            ("2026-06-02", {"amount": 3, "category_id": branch.id}),
            ("2026-07-02", {"amount": 4, "category_id": branch.id, "kind": "notice"}),
            ("2026-08-03", {"amount": 5, "category_id": self.street_light.id}),
        ):
            with self.subTest(vals=vals):
                self.make_rule(**vals)
                self.assert_days(self.file_case(), "2026-03-09", expected)

    def test_a_rule_holds_for_its_kind_and_its_services_only(self):
        self.make_rule(kind="request")
        self.make_rule(category_id=self.tree.id, amount=1)
        self.assert_days(self.file_case(), "2026-03-09")
        self.assert_days(self.file_case(kind="request"), "2026-03-09", "2026-06-02")
        self.assert_days(self.file_case(self.tree), False, "2026-04-02")

    def test_a_version_holds_for_cases_filed_while_it_is_valid(self):
        self.make_rule(amount=6, date_to="2026-03-01")
        self.make_rule(amount=3, date_from="2026-03-02")
        self.assert_days(self.file_case(), "2026-03-09", "2026-06-02")
        self.assert_days(self.file_case(filed_at="2026-03-01 09:00:00"), "2026-03-06", "2026-09-01")

    def test_what_began_keeps_the_term_it_began_with(self):
        rule = self.make_rule()
        case = self.file_case()
        rule.amount = 1
        self.pause(case, "2026-03-02", "2026-03-02")
        self.assert_days(case, "2026-03-09", "2026-06-02")

    def test_a_complaint_begins_what_a_complaint_begins(self):
        self.make_rule(trigger="complaint", amount=20, unit="working_days")
        self.assert_days(self.file_case(), "2026-03-09")
        self.assert_days(self.file_case(kind="complaint"), "2026-03-09", "2026-03-30")

    def test_an_appeal_begins_when_it_is_filed_and_once(self):
        self.make_rule(trigger="appeal", amount=1)
        case = self.file_case()
        self.assert_days(case, "2026-03-09")
        for _twice in range(2):
            case._start_deadlines("appeal", datetime(2026, 3, 10, 9))
        self.assert_days(case, "2026-03-09", "2026-04-10")
        self.assertEqual(len(case.deadline_ids), 2)

    def test_a_registration_begins_the_clock_anew(self):
        self.make_rule()
        case = self.file_case()
        case._start_deadlines("registered", datetime(2026, 3, 10, 9))
        self.assert_days(case, "2026-03-17", "2026-06-10")
        case.kind = "request"  # planned again: what was registered stays registered
        self.assert_days(case, "2026-03-17", "2026-06-10")

    def test_a_department_counts_in_its_own_calendar_or_in_that_of_the_one_above(self):
        sundays = self.city.legal_calendar_id.copy({"name": "Sundays too"})
        sundays.attendance_ids = [(0, 0, {"name": "S", "dayofweek": day, "hour_to": 24}) for day in ("5", "6")]
        self.works.legal_calendar_id = sundays
        self.assert_days(self.file_case(), "2026-03-07")
        self.lighting.legal_calendar_id = self.city.legal_calendar_id
        self.assert_days(self.file_case(), "2026-03-09")

    def test_hours_end_at_a_moment(self):
        self.make_rule(purpose="promise", amount=26, unit="elapsed_hours")
        promise = self.deadline(self.file_case(), "promise")
        self.assertEqual(promise.due_at, datetime(2026, 3, 3, 11, 0))
        self.assertEqual(promise.due_date, date(2026, 3, 3))

    def test_the_form_tells_what_a_case_filed_now_would_get(self):
        with Form(self.env["civic.deadline.rule"]) as form:
            form.name = "A week"
            form.amount = 5
            self.assertEqual(form.preview, "is due on Monday 9 March 2026")
            form.unit = "elapsed_hours"
            self.assertEqual(form.preview, "is due on Monday 2 March 2026 at 15:00")

    def test_nonsense_is_refused_with_what_would_be_right(self):
        for words, vals in (
            ("lies too far ahead", {"amount": 9999}),
            ("lies too far ahead", {"amount": 2_000_000_000, "unit": "natural_days"}),
            ("give it in days", {"amount": 25, "unit": "legal_hours"}),
            ("no effect of silence", {"purpose": "promise", "silence": "positive"}),
        ):
            with self.subTest(words=words), self.refused(ValidationError, words):
                self.make_rule(**vals)

    def test_a_rule_without_calendar_is_refused(self):
        calendar = self.city.legal_calendar_id
        self.city.legal_calendar_id = False
        with self.refused(ValidationError, "Choose a calendar"):
            self.make_rule()
        self.make_rule(calendar_id=calendar.id)

    def test_two_versions_do_not_hold_at_once(self):
        old = self.make_rule()
        with self.refused(ValidationError, "Valid until"):
            self.make_rule(date_from="2026-04-01")
        old.date_to = "2026-03-31"
        self.make_rule(date_from="2026-04-01")

    def test_the_citys_last_calendar_is_not_taken_away(self):
        """No case could be filed after it: each counts its days."""
        self.make_rule()
        self.city.legal_calendar_id = False
        self.assertTrue(self.file_case().legal_due_on, "counted in the working hours")
        with self.refused(ValidationError, "Choose a calendar"):
            self.city.resource_calendar_id = False
        self.assertTrue(self.env["res.company"].create({"name": "Another city"}).resource_calendar_id)

    def test_a_calendar_without_working_days_stops_no_filing(self):
        self.make_rule()
        self.city.legal_calendar_id.attendance_ids.unlink()
        with self.assertLogs("odoo.addons.civic_crm.models.civic_case_deadline", "ERROR"):
            case = self.file_case()
        self.assert_days(case, False)


@tagged("post_install", "-at_install")
class TestClock(ClockCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.make_rule(silence="positive")
        cls.case = cls.file_case()

    # pauses

    def test_a_pause_moves_the_promise_and_the_law(self):
        with freeze_time("2026-03-20 09:00:00"):
            self.pause(self.case, "2026-03-03", "2026-03-04")
        self.assert_days(self.case, "2026-03-11", "2026-06-04")

    def test_while_the_clock_stands_nothing_is_due_and_nothing_overdue(self):
        with freeze_time("2026-03-03 09:00:00"):
            pause = self.pause(self.case, "2026-03-03")
        self.assert_days(self.case, False)
        with freeze_time("2027-03-03 09:00:00"):
            self.assertFalse(self.case.is_overdue)
            self.assertTrue(self.case.is_paused)
            self.assertEqual(self.case.clock_text, "paused")
            self.assertIn(self.case, self.case.search([("is_paused", "=", True)]))
            self.assertNotIn(self.case, self.case.search([("is_overdue", "=", True)]))
        with freeze_time("2026-03-04 09:00:00"):
            pause.date_to = "2026-03-04"
            self.assertTrue(self.case.is_paused)  # to the end of its last day
            self.assertFalse(self.case.has_open_pause)
        self.assert_days(self.case, "2026-03-11", "2026-06-04")
        self.assertNotIn(self.case, self.case.search([("is_paused", "=", True)]))

    def test_a_mandatory_report_stops_it_three_months_at_most(self):
        self.pause(self.case, "2026-03-02", reason=self.report)
        self.assertEqual(self.case.legal_due_on, date(2026, 9, 2))
        with freeze_time("2026-06-02 09:00:00"):
            self.case.invalidate_recordset(["is_paused"])
            self.assertTrue(self.case.is_paused)
        with freeze_time("2026-06-03 09:00:00"):
            self.case.invalidate_recordset(["is_paused"])
            self.assertFalse(self.case.is_paused)
            self.assertNotIn(self.case, self.case.search([("is_paused", "=", True)]))

    def test_an_interruption_begins_again(self):
        with freeze_time("2026-03-20 09:00:00"):
            self.pause(self.case, "2026-03-03", "2026-03-04", kind="interrupt")
        self.assert_days(self.case, "2026-03-11", "2026-06-04")
        self.assertEqual(self.case.pause_ids.kind, "interrupt")

    def test_weather_stops_the_promise_and_not_the_law(self):
        self.pause(self.case, "2026-03-02", reason=self.weather)
        self.assert_days(self.case, False, "2026-06-02")
        self.assertEqual(self.case.clock_text, "66 working days left")

    def test_no_two_open_pauses(self):
        self.pause(self.case, "2026-03-02")
        with self.refused(ValidationError, "End that pause"):
            self.pause(self.case, "2026-03-02")

    def test_no_overlapping_pauses(self):
        with freeze_time("2026-03-20 09:00:00"):
            self.pause(self.case, "2026-03-04", "2026-03-10")
            for first, last in (("2026-03-10", "2026-03-12"), ("2026-03-03", "2026-03-04"), ("2026-03-03", None)):
                with self.subTest(first=first, last=last), self.refused(ValidationError, "stood already"):
                    self.pause(self.case, first, last)
            self.pause(self.case, "2026-03-11", "2026-03-12")
            self.pause(self.case, "2026-03-03", "2026-03-03")

    def test_impossible_dates_are_refused(self):
        for words, first, last in (
            ("not before", "2026-03-03", None),
            ("cannot have stood before", "2026-02-27", None),
        ):
            with self.subTest(words=words), self.refused(ValidationError, words):
                self.pause(self.case, first, last)

    def test_a_pause_that_has_ended_is_not_changed_and_none_is_deleted(self):
        pause = self.pause(self.case, "2026-03-02")
        with self.refused(UserError, "cannot be changed"):
            pause.date_from = "2026-03-01"
        pause.note = "A copy of the licence is missing."
        pause.date_to = "2026-03-02"
        for vals in ({"date_to": False}, {"note": "x"}, {"kind": "interrupt"}, {"case_id": self.file_case().id}):
            with self.subTest(vals=vals), self.refused(UserError, "not changed"):
                pause.write(vals)
        with self.assertRaises(UserError):
            pause.unlink()

    def test_a_closed_case_is_not_paused(self):
        self.close(self.case)
        with self.refused(UserError, "Reopen it first"):
            self.pause(self.case, "2026-03-02")

    def test_staff_reads_on_the_case_why_it_stood(self):
        self.pause(self.case, "2026-03-02")
        self.assertIn(self.complete.name, self.case.message_ids[0].body)
        self.assertFalse(self.public_messages(self.case))

    def test_a_day_promised_before_there_were_deadlines_stays(self):
        self.deadline(self.case, "promise").unlink()
        self.pause(self.case, "2026-03-02", "2026-03-02")
        self.assert_days(self.case, "2026-03-09", "2026-06-02")

    # extensions

    def extend(self, amount, article="art_23", **vals):
        return self.env["civic.deadline.extension"].create(
            {
                "deadline_id": self.deadline(self.case).id,
                "amount": amount,
                "article": article,
                "reason": "Means are exhausted.",
                **vals,
            }
        )

    def test_an_extension_lengthens_the_term(self):
        self.extend(2)
        self.assert_days(self.case, "2026-03-09", "2026-08-03")
        self.extend(1)
        self.assert_days(self.case, "2026-03-09", "2026-09-02")

    def test_what_the_law_does_not_allow_is_refused(self):
        self.extend(1)
        for words, amount, article in (
            ("by 3 in all", 3, "art_23"),
            ("by 1 in all", 1, "art_32"),
            ("at least 1", 0, "art_23"),
            ("attach the decision", 1, "other"),
        ):
            with self.subTest(words=words), self.refused(ValidationError, words):
                self.extend(amount, article)
        with freeze_time("2026-08-01 09:00:00"), self.refused(ValidationError, "cannot be extended"):
            self.extend(1)
        with self.refused(ValidationError, "a day to come"):
            self.extend(1, granted_on="2026-03-03")
        self.assert_days(self.case, "2026-03-09", "2026-07-02")

    def test_a_decision_is_not_changed(self):
        extension = self.extend(1)
        with self.assertRaises(UserError):
            extension.amount = 2
        with self.assertRaises(UserError):
            extension.unlink()

    # its end, and its beginning again

    def test_closing_settles_every_deadline(self):
        with freeze_time("2026-03-10 09:00:00"):
            self.close(self.case)
        outcomes = {clock.purpose: (clock.outcome, clock.closed_on) for clock in self.case.deadline_ids}
        self.assertEqual(outcomes, {"promise": ("late", date(2026, 3, 10)), "legal": ("met", date(2026, 3, 10))})

    def test_the_last_day_is_in_time_in_the_citys_time(self):
        with freeze_time("2026-03-09 22:30:00"):  # half past eleven in the city
            self.close(self.case)
        self.assertEqual(self.deadline(self.case, "promise").outcome, "met")

    def test_hours_are_late_by_the_minute(self):
        self.make_rule(purpose="promise", amount=2, unit="elapsed_hours", category_id=self.tree.id)
        in_time, late = self.file_case(self.tree), self.file_case(self.tree)
        with freeze_time("2026-03-02 11:00:00"):
            self.close(in_time)
        with freeze_time("2026-03-02 11:01:00"):
            self.close(late)
        self.assertEqual(self.deadline(in_time, "promise").outcome, "met")
        self.assertEqual(self.deadline(late, "promise").outcome, "late")

    def test_who_withdraws_is_owed_nothing_unless_it_was_late(self):
        late = self.file_case()
        self.case._withdraw()
        self.assertEqual(set(self.case.deadline_ids.mapped("outcome")), {"waived"})
        with freeze_time("2026-03-10 09:00:00"):
            late._withdraw()
        self.assertEqual(self.deadline(late, "promise").outcome, "late")

    def test_closing_ends_the_pause(self):
        pause = self.pause(self.case, "2026-03-02")
        with freeze_time("2026-03-04 09:00:00"):
            self.close(self.case)
        self.assertEqual(pause.date_to, date(2026, 3, 4))
        self.assertEqual(self.deadline(self.case).due_date, date(2026, 6, 4))
        self.assertEqual(self.deadline(self.case).outcome, "met")

    def test_reopening_reopens_them(self):
        self.close(self.case)
        self.reopen(self.case)
        self.assertFalse(any(self.case.deadline_ids.mapped("outcome")))
        self.assertFalse(any(self.case.deadline_ids.mapped("closed_on")))
        self.assert_days(self.case, "2026-03-09", "2026-06-02")

    def test_a_case_filed_as_closed_is_settled_at_once(self):
        done = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        case = self.file_case(
            filed_at="2026-02-02 09:00:00",
            closed_date="2026-02-20 09:00:00",
            stage_id=done.id,
            outcome_id=self.env.ref("civic_crm.outcome_solved").id,
        )
        self.assertEqual(self.deadline(case, "promise").outcome, "late")
        self.assertEqual(self.deadline(case).outcome, "met")

    # another service, another day

    def test_another_service_is_another_promise(self):
        self.tree.promise_days = 10
        self.case.category_id = self.tree
        self.assert_days(self.case, "2026-03-16", "2026-06-02")
        self.case.category_id = self.internal_service
        self.assert_days(self.case, False, "2026-06-02")
        self.assertEqual(self.deadline(self.case, "promise").outcome, "dropped")
        self.case.category_id = self.street_light
        self.assert_days(self.case, "2026-03-09", "2026-06-02")
        self.close(self.case)
        self.reopen(self.case)
        self.assert_days(self.case, "2026-03-09", "2026-06-02")

    def test_a_day_set_by_hand_stays(self):
        self.case.promised_on = "2026-03-20"
        promise = self.deadline(self.case, "promise")
        self.assertTrue(promise.is_by_hand)
        self.case.category_id = self.tree
        self.assert_days(self.case, "2026-03-20", "2026-06-02")
        with freeze_time("2026-03-10 09:00:00"):
            self.pause(self.case, "2026-03-09", "2026-03-10")
        self.assert_days(self.case, "2026-03-23", "2026-06-04")

    def test_a_promise_may_be_taken_back_or_made_where_there_was_none(self):
        self.case.promised_on = False
        self.assert_days(self.case, False, "2026-06-02")
        bare = self.file_case(self.tree)
        bare.promised_on = "2026-03-20"
        self.assert_days(bare, "2026-03-20", "2026-06-02")
        self.assertTrue(self.deadline(bare, "promise").is_by_hand)

    def test_writing_what_the_clock_says_is_not_setting_it(self):
        self.case.write({"promised_on": "2026-03-09"})
        self.tree.promise_days = 10
        self.case.write({"category_id": self.tree.id, "promised_on": "2026-03-16"})
        self.assertFalse(self.deadline(self.case, "promise").is_by_hand)
        self.assertTrue(self.file_case(promised_on="2026-03-12").deadline_ids.filtered("is_by_hand"))
        self.assertFalse(self.file_case(promised_on="2026-03-09").deadline_ids.filtered("is_by_hand"))

    def test_the_form_foresees_what_will_be_stored(self):
        with freeze_time("2026-03-20 09:00:00"):
            self.pause(self.case, "2026-03-03", "2026-03-04")
        self.tree.promise_days = 10
        with Form(self.case) as form:
            form.category_id = self.tree
            self.assertEqual(form.promised_on, date(2026, 3, 18))
        self.assert_days(self.case, "2026-03-18", "2026-06-04")
        self.assertFalse(self.deadline(self.case, "promise").is_by_hand)
        new = Form(self.env["helpdesk.ticket"])
        new.name = "A"
        new.category_id = self.street_light
        self.assertEqual(new.promised_on, date(2026, 3, 9))

    def test_filed_on_another_day_it_begins_there(self):
        self.case.filed_at = "2026-02-27 09:00:00"
        self.assert_days(self.case, "2026-03-06", "2026-05-27")

    def test_another_department_keeps_the_clock(self):
        self.case.team_id = self.parks
        self.assert_days(self.case, "2026-03-09", "2026-06-02")

    # days that cannot be

    def test_another_day_of_filing_leaves_a_trace(self):
        """The clock begins there: whoever moves it is named with what it was."""
        case = self.case.with_user(self.users["worker"])
        self.env.flush_all()
        self.env.cr.precommit.run()
        case.filed_at = "2026-02-27 09:00:00"
        self.env.flush_all()
        self.env.cr.precommit.run()
        change = case.message_ids.sudo().tracking_value_ids.filtered(lambda value: value.field_id.name == "filed_at")
        self.assertEqual(change.old_value_datetime, datetime(2026, 3, 2, 9))
        self.assertEqual(change.mail_message_id.author_id, self.users["worker"].partner_id)

    def test_a_day_before_the_filing_is_not_promised(self):
        case = self.case.with_user(self.users["worker"])
        vals = {"name": "x", "description": "x", "category_id": self.street_light.id, "promised_on": "2026-03-01"}
        with self.refused(ValidationError, "Choose a later day"):
            case.create(vals)
        with self.refused(ValidationError, "Choose a later day"), self.env.cr.savepoint():
            case.promised_on = "2026-03-01"
        case.promised_on = "2026-03-02"
        self.assert_days(self.case, "2026-03-02", "2026-06-02")

    def test_what_was_promised_of_a_closed_case_is_history(self):
        """Whether it was kept is counted: nobody makes a broken promise a kept one afterwards."""
        with freeze_time("2026-03-10 09:00:00"):
            self.close(self.case)
            for role in ("worker", "head", "admin"):
                with self.subTest(role=role), self.refused(UserError, "Reopen the case"):
                    self.case.with_user(self.users[role]).promised_on = "2026-03-20"
                with self.subTest(role=role), self.refused(UserError, "Reopen the case"):
                    self.case.with_user(self.users[role]).next_due_on = "2026-03-20"
                with self.subTest(role=role), self.refused(UserError, "Reopen the case"):
                    self.case.with_user(self.users[role]).filed_at = "2026-03-05 09:00:00"
            self.case.with_user(self.users["worker"]).write({"promised_on": "2026-03-09", "priority": "3"})
        self.assertEqual((self.case.promised_on, self.case.priority), (date(2026, 3, 9), "3"))

    # what people read

    def test_the_clock_in_words(self):
        for now, state, text in (
            ("2026-03-02 09:00:00", "running", "5 working days left"),
            ("2026-03-05 09:00:00", "soon", "2 working days left"),
            ("2026-03-06 09:00:00", "soon", "1 working day left"),
            ("2026-03-09 09:00:00", "today", "due today"),
            ("2026-03-10 09:00:00", "late", "1 working day late"),
            ("2026-03-12 09:00:00", "late", "3 working days late"),
        ):
            with self.subTest(now=now), freeze_time(now):
                self.case.invalidate_recordset(["clock_text", "clock_state"])
                self.assertEqual((self.case.clock_state, self.case.clock_text), (state, text))
        self.case.promised_on = "2026-03-13"
        with freeze_time("2026-03-14 09:00:00"):
            self.case.invalidate_recordset(["clock_text"])
            self.assertEqual(self.case.clock_text, "late")
        self.close(self.case)
        self.assertFalse(self.case.clock_text)

    def test_a_term_in_hours_is_told_in_hours(self):
        self.make_rule(purpose="promise", amount=30, unit="elapsed_hours", category_id=self.tree.id)
        case = self.file_case(self.tree)
        for now, state, text in (
            ("2026-03-02 09:00:00", "soon", "30 hours left"),
            ("2026-03-03 13:30:00", "today", "1 hour left"),
            ("2026-03-03 14:30:00", "today", "less than an hour left"),
            ("2026-03-03 15:30:00", "late", "less than an hour late"),
            ("2026-03-03 17:00:00", "late", "2 hours late"),
            ("2026-03-09 09:00:00", "late", "4 working days late"),
        ):
            with self.subTest(now=now), freeze_time(now):
                case.invalidate_recordset(["clock_text", "clock_state"])
                self.assertEqual((case.clock_state, case.clock_text), (state, text))

    def test_the_citizen_reads_that_the_clock_stands_why_and_that_the_date_moves(self):
        summary = self.case._get_public_summary
        self.assertIsNone(summary()["pause"])
        self.pause(self.case, "2026-03-02", note="SECRET")
        told = summary()["pause"]
        self.assertEqual((told["since"], told["until"]), (date(2026, 3, 2), None))
        self.assertEqual((told["is_citizens_turn"], told["starts_again"]), (True, False))
        self.assertEqual(told["reason"], self.complete.public_name)
        self.assertNotIn("SECRET", str(told))
        self.complete.public_name = False
        self.assertEqual(summary()["pause"]["reason"], self.complete.name)
        self.case.pause_ids.date_to = "2026-03-02"
        with freeze_time("2026-03-03 09:00:00"):
            self.assertIsNone(summary()["pause"])

    def test_the_citizen_reads_the_hour_of_a_promise_in_hours(self):
        self.make_rule(purpose="promise", amount=26, unit="elapsed_hours", category_id=self.tree.id)
        self.assertEqual(self.file_case(self.tree)._get_public_summary()["promised_at"], datetime(2026, 3, 3, 11))
        self.assertIsNone(self.case._get_public_summary()["promised_at"])

    def test_silence_is_told_when_the_term_has_passed(self):
        self.assertFalse(self.case.silence_text)
        with freeze_time("2026-06-03 09:00:00"):
            self.case.invalidate_recordset(["silence_text"])
            self.assertIn("counts as granted", self.case.silence_text)
        self.deadline(self.case).silence = "negative"
        with freeze_time("2026-06-03 09:00:00"):
            self.case.invalidate_recordset(["silence_text"])
            self.assertIn("as refused", self.case.silence_text.replace("\n", " "))

    def test_overdue_by_law_alone_is_overdue(self):
        case = self.file_case(self.internal_service)
        with freeze_time("2026-06-03 09:00:00"):
            self.assertTrue(case.is_overdue)
            self.assertIn(case, case.search([("is_overdue", "=", True)]))
            self.assertTrue(self.deadline(case).is_overdue)
            self.assertIn(self.deadline(case), case.deadline_ids.search([("is_overdue", "=", True)]))
        with freeze_time("2026-06-02 09:00:00"):
            self.assertNotIn(case, case.search([("is_overdue", "=", True)]))

    def assert_overdue(self, case, expected):
        """Both ways of asking, of the case and of its deadlines, give the same answer."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(case.is_overdue, expected)
        self.assertEqual(any(case.deadline_ids.mapped("is_overdue")), expected)
        for model, mine in ((case, "id"), (case.deadline_ids, "case_id")):
            found = model.search([(mine, "=", case.id), ("is_overdue", "=", True)])
            others = model.search([(mine, "=", case.id), ("is_overdue", "=", False)])
            self.assertEqual((bool(found), found & others), (expected, model.browse()))
            self.assertEqual(found | others, model)

    def test_a_term_in_hours_is_overdue_by_the_minute(self):
        self.make_rule(purpose="promise", amount=2, unit="elapsed_hours", category_id=self.tree.id)
        case = self.file_case(self.tree)
        for now, expected in (
            ("2026-03-02 10:59:00", False),
            ("2026-03-02 11:00:00", False),  # the last moment is in time, as at closing
            ("2026-03-02 11:01:00", True),
            ("2026-03-03 09:00:00", True),
        ):
            with self.subTest(now=now), freeze_time(now):
                self.assert_overdue(case, expected)
                self.assertEqual(case._get_public_summary()["overdue"], expected)
        with freeze_time("2026-03-02 12:00:00"):
            self.assertIn(case, case.with_user(self.users["agent"]).search([("is_overdue", "=", True)]))
            self.close(case)
            self.assert_overdue(case, False)

    def test_a_term_in_days_is_overdue_when_its_day_is_over_in_the_city(self):
        for now, expected in (("2026-03-09 22:30:00", False), ("2026-03-09 23:30:00", True)):
            with self.subTest(now=now), freeze_time(now):
                self.assert_overdue(self.case, expected)

    def test_due_today_is_today_in_the_city_whatever_the_users_clock(self):
        bound = self.file_case(self.internal_service)  # by law alone
        for zone in ("Pacific/Honolulu", "Asia/Tokyo"):
            Case = self.env["helpdesk.ticket"].with_context(tz=zone)
            for now, due in (
                ("2026-03-08 22:30:00", Case),
                ("2026-03-08 23:30:00", self.case),  # half past midnight in the city
                ("2026-03-09 22:30:00", self.case),
                ("2026-06-02 10:00:00", self.case | bound),
            ):
                with self.subTest(zone=zone, now=now), freeze_time(now):
                    cases = (self.case | bound).with_context(tz=zone)
                    self.assertEqual(Case.search([("id", "in", cases.ids), ("is_due_today", "=", True)]), due)
                    cases.invalidate_recordset(["is_due_today"])
                    self.assertEqual(cases.filtered("is_due_today"), due)
        self.close(self.case)
        with freeze_time("2026-03-09 09:00:00"):
            self.assertFalse(self.case.search([("id", "=", self.case.id), ("is_due_today", "=", True)]))

    def test_the_calendar_shows_what_is_due_first_be_it_promised_or_by_law(self):
        bound = self.file_case(self.internal_service)
        free = self.file_case(self.internal_service, kind="complaint")
        free.deadline_ids.sudo().unlink()
        self.env.cr.execute("UPDATE helpdesk_ticket SET legal_due_on = NULL WHERE id = %s", [free.id])
        self.env.invalidate_all()
        cases = self.case | bound | free
        self.assertEqual(cases.mapped("next_due_on"), [date(2026, 3, 9), date(2026, 6, 2), False])
        for domain, expected in (
            ([("next_due_on", "<=", "2026-03-31"), ("next_due_on", ">=", "2026-03-01")], self.case),
            ([("next_due_on", "<=", "2026-06-30"), ("next_due_on", ">=", "2026-06-01")], bound),
            ([("next_due_on", "<", "2026-03-09")], free.browse()),
            ([("next_due_on", ">", "2026-03-09")], bound),
            ([("next_due_on", "=", "2026-03-09")], self.case),
            ([("next_due_on", "=", False)], free),
            ([("next_due_on", "!=", False)], self.case | bound),
        ):
            with self.subTest(domain=domain):
                self.assertEqual(self.case.search([("id", "in", cases.ids), *domain]), expected)
        arch = self.case.get_view(view_type="calendar")["arch"]
        self.assertIn('date_start="next_due_on"', arch)

    def test_dragging_a_case_in_the_calendar_moves_the_promise_and_never_the_law(self):
        case = self.case.with_user(self.users["worker"])
        case.next_due_on = "2026-03-20"
        self.assert_days(self.case, "2026-03-20", "2026-06-02")
        self.assertTrue(self.deadline(self.case, "promise").is_by_hand)
        with self.refused(UserError, "By law"):
            case.next_due_on = "2026-06-03"
        case.next_due_on = "2026-06-02"
        self.assert_days(self.case, "2026-06-02", "2026-06-02")

    # what it costs

    def test_a_batch_of_cases_with_deadlines_costs_few_queries(self):
        self.file_case()
        with self.assert_queries_at_most(120):
            cases = self.file_many()
        self.assertEqual(len(cases.deadline_ids), 200)

    def test_a_board_of_clocks_costs_few_queries(self):
        cases = self.case.browse([self.file_case().id for _i in range(80)])
        self.env.flush_all()
        cases = cases.with_user(self.users["worker"])
        cases.mapped("clock_text")
        with self.assert_queries_at_most(16):
            cases.mapped("clock_text")

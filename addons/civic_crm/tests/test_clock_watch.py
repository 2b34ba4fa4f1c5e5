# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the clock does by itself: calendars that change, warnings, escalation, and the letter."""

from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .test_clock import ClockCase


class WatchCase(ClockCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.city.legal_calendar_id

    def run_cron(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(f"civic_crm.{name}").method_direct_trigger()

    def holiday(self, day, **vals):
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Local holiday",
                "calendar_id": self.calendar.id,
                "date_from": f"{day} 08:00:00",
                "date_to": f"{day} 18:00:00",
                **vals,
            }
        )


@tagged("post_install", "-at_install")
class TestCalendarChanges(WatchCase):
    def test_a_holiday_added_moved_or_removed_moves_open_deadlines(self):
        case = self.file_case()
        holiday = self.holiday("2026-03-04")
        self.run_cron("cron_move_deadlines")
        self.assert_days(case, "2026-03-10")
        holiday.write({"date_from": "2026-05-04 08:00:00", "date_to": "2026-05-04 18:00:00"})
        self.run_cron("cron_move_deadlines")
        self.assert_days(case, "2026-03-09")
        holiday.write({"date_from": "2026-03-09 08:00:00", "date_to": "2026-03-09 18:00:00"})
        self.run_cron("cron_move_deadlines")
        self.assert_days(case, "2026-03-10")
        holiday.unlink()
        self.run_cron("cron_move_deadlines")
        self.assert_days(case, "2026-03-09")

    def test_other_working_days_move_open_deadlines(self):
        case = self.file_case()
        self.calendar.attendance_ids.filtered(lambda line: line.dayofweek == "2").unlink()  # Wednesdays
        self.run_cron("cron_move_deadlines")
        self.assert_days(case, "2026-03-10")

    def test_a_holiday_of_the_whole_company_counts_in_every_calendar(self):
        case = self.file_case()
        self.holiday("2026-03-04", calendar_id=False, company_id=self.city.id)
        self.run_cron("cron_move_deadlines")
        self.assert_days(case, "2026-03-10")

    def test_only_deadlines_that_may_move_are_counted_again(self):
        near, far = self.file_case(), self.file_case(filed_at="2026-03-02 08:00:00")
        far.promised_on = "2026-12-01"
        closed = self.file_case()
        self.close(closed)
        self.holiday("2026-05-04")
        stale = self.env["civic.case.deadline"].search([("is_stale", "=", True)])
        self.assertEqual(stale.case_id & (near | far | closed), far)
        self.run_cron("cron_move_deadlines")
        self.assertFalse(self.env["civic.case.deadline"].search_count([("is_stale", "=", True)]))

    def test_somebodys_own_leave_moves_nothing(self):
        case = self.file_case()
        resource = self.env["resource.resource"].create({"name": "Ana", "calendar_id": self.calendar.id})
        self.holiday("2026-03-04", resource_id=resource.id)
        self.assertFalse(case.deadline_ids.is_stale)

    def test_a_leave_that_ends_at_midnight_does_not_take_the_next_day(self):
        self.holiday("2026-03-04", date_from="2026-03-03 23:00:00", date_to="2026-03-04 23:00:00")
        self.assert_days(self.file_case(), "2026-03-10")

    def test_counting_a_thousand_again_costs_few_queries(self):
        Case = self.env["helpdesk.ticket"].with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        cases = Case.create(
            [{"name": f"Case {i}", "description": "x", "category_id": self.street_light.id} for i in range(1000)]
        )
        self.holiday("2026-03-04")
        with self.assert_queries_at_most(60):
            cases.deadline_ids._move()
        self.assertEqual(set(cases.mapped("promised_on")), {date(2026, 3, 10)})
        with self.assert_queries_at_most(12):
            cases.deadline_ids._move()


@tagged("post_install", "-at_install")
class TestPublicHolidays(WatchCase):
    def seed(self, **vals):
        form = Form(self.env["civic.calendar.seed"].with_user(self.users["admin"]))
        form.region = vals.pop("region", "AN")
        form.year_from = form.year_to = 2026
        for name, value in vals.items():
            form[name] = value
        return form

    def days(self):
        calendar = self.env["resource.calendar"]._get_legal_calendar(self.calendar.id, self.city.id)
        return calendar.holidays

    def test_the_holidays_of_a_region_and_two_of_the_city(self):
        form = self.seed()
        with form.line_ids.new() as line:
            line.date = "2026-03-04"
            line.name = "Local patron"
        form.save().action_seed()
        self.assertTrue({date(2026, 1, 1), date(2026, 2, 28), date(2026, 4, 2), date(2026, 3, 4)} <= self.days())
        self.assertEqual(len(self.days()), 13)
        self.assert_days(self.file_case(), "2026-03-10")

    def test_doing_it_again_adds_nothing(self):
        self.seed().save().action_seed()
        before = self.days()
        again = self.seed().save()
        self.assertFalse(again.line_ids)
        again.action_seed()
        self.assertEqual(self.days(), before)
        self.seed(region="MD").save().action_seed()
        self.assertEqual(self.days() - before, {date(2026, 5, 2)})

    def test_a_day_added_by_hand_survives_another_choice_of_region(self):
        form = self.seed()
        with form.line_ids.new() as line:
            line.date = "2026-03-04"
            line.name = "Local patron"
        form.region = "MD"
        form.save().action_seed()
        self.assertIn(date(2026, 3, 4), self.days())
        self.assertNotIn(date(2026, 2, 28), self.days())

    def test_a_demo_city_has_the_regions_holidays_and_its_own(self):
        self.env["civic.calendar.seed"]._seed_for_demo(self.calendar.id, "AN", {"07-16": "Virgen del Carmen"})
        self.assertTrue({date(2024, 1, 1), date(2027, 12, 8), date(2026, 2, 28), date(2025, 7, 16)} <= self.days())

    def test_too_many_years_are_refused(self):
        seed = self.seed().save()
        seed.year_to = 2050
        with self.refused(UserError, "up to 10 years"):
            seed.action_seed()

    def test_it_makes_the_citys_calendar(self):
        self.city.legal_calendar_id = False
        form = self.seed(calendar_id=self.calendar)
        form.save().action_seed()
        self.assertEqual(self.city.legal_calendar_id, self.calendar)


@tagged("post_install", "-at_install")
class TestEscalation(WatchCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_rule()
        cls.works.user_id = cls.users["head"]
        cls.case = cls.file_case(user_id=cls.users["worker"].id)

    def told(self, now):
        """Return who has been told of the case, after the cron of a day."""
        with freeze_time(now):
            self.run_cron("cron_tell_deadlines")
        return sorted((activity.user_id.name, activity.summary) for activity in self.case.activity_ids)

    def test_the_responsible_then_the_head_then_the_auditor(self):
        warning = ("Worker", "Due soon")
        late = ("Worker", "Past its day")
        head = ("Head", "Past its day, and still open")
        self.assertEqual(self.told("2026-03-06 06:00:00"), [])
        self.assertEqual(self.told("2026-03-07 06:00:00"), [warning])
        self.assertEqual(self.told("2026-03-08 06:00:00"), [warning])
        self.assertEqual(self.told("2026-03-09 06:00:00"), [warning])
        self.assertEqual(self.told("2026-03-10 06:00:00"), [warning, late])
        self.assertEqual(self.told("2026-03-12 06:00:00"), [head, warning, late])
        self.assertEqual(self.told("2026-03-13 06:00:00"), [head, warning, late])
        auditor = ("Auditor", "Term set by law missed")
        self.assertIn(auditor, self.told("2026-06-12 06:00:00"))
        self.assertEqual(self.told("2026-06-13 06:00:00").count(auditor), 1)

    def test_without_a_responsible_person_the_head_is_told(self):
        self.case.user_id = False
        self.assertEqual(self.told("2026-03-09 06:00:00"), [("Head", "Due soon")])

    def test_with_nobody_to_tell_it_is_tried_again(self):
        self.case.user_id = self.works.user_id = False
        self.assertEqual(self.told("2026-03-08 06:00:00"), [])
        self.case.user_id = self.users["worker"]
        self.assertEqual(self.told("2026-03-09 06:00:00"), [("Worker", "Due soon")])

    def test_telling_sends_no_mail_and_makes_no_follower(self):
        followers = self.case.message_partner_ids
        mails = self.env["mail.mail"].search_count([])
        self.told("2026-03-10 06:00:00")
        self.assertEqual(self.case.message_partner_ids, followers)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_what_has_moved_is_told_of_again(self):
        self.assertTrue(self.told("2026-03-09 06:00:00"))
        with freeze_time("2026-03-09 09:00:00"):
            self.case.promised_on = "2026-03-20"
        self.assertFalse(self.case.activity_ids)
        self.assertEqual(self.told("2026-03-17 06:00:00"), [])
        self.assertEqual(self.told("2026-03-18 06:00:00"), [("Worker", "Due soon")])

    def test_nobody_is_told_of_what_stands_or_is_closed(self):
        self.assertTrue(self.told("2026-03-09 06:00:00"))
        self.close(self.case)
        self.assertFalse(self.case.activity_ids)
        self.assertEqual(self.told("2026-06-30 06:00:00"), [])
        self.reopen(self.case)
        with freeze_time("2026-03-02 09:00:00"):
            self.pause(self.case, "2026-03-02")
        self.assertEqual(self.told("2026-06-30 06:00:00"), [])

    def test_a_step_is_the_citys_to_change(self):
        self.env["civic.escalation.step"].search([]).active = False
        self.env["civic.escalation.step"].create(
            {"name": "Look at it", "timing": "late", "days": 0, "purpose": "promise", "recipient": "head"}
        )
        self.assertEqual(self.told("2026-03-08 06:00:00"), [])
        self.assertEqual(self.told("2026-03-09 06:00:00"), [("Head", "Look at it")])

    def test_a_term_in_hours_is_told_of_in_its_hours(self):
        """The cron comes every hour, so that a promise of four hours is warned of before it has passed."""
        cron = self.env.ref("civic_crm.cron_tell_deadlines")
        self.assertEqual((cron.interval_number, cron.interval_type), (1, "hours"))
        self.env.ref("civic_crm.escalation_responsible").days = 0
        self.make_rule(purpose="promise", amount=4, unit="elapsed_hours", category_id=self.street_light.id)
        self.case = self.file_case(user_id=self.users["worker"].id)
        warning, late = ("Worker", "Due soon"), ("Worker", "Past its day")
        self.assertEqual(self.told("2026-03-02 10:00:00"), [warning])
        self.assertEqual(self.told("2026-03-02 12:59:00"), [warning])
        self.assertEqual(self.told("2026-03-02 14:00:00"), [warning, late])

    def test_many_are_told_of_in_few_queries(self):
        Case = self.env["helpdesk.ticket"].with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        cases = Case.create(
            [
                {
                    "name": f"{i}",
                    "description": "x",
                    "category_id": self.street_light.id,
                    "user_id": self.users["worker"].id,
                }
                for i in range(100)
            ]
        )
        step = self.env.ref("civic_crm.escalation_warning")
        clocks = cases.deadline_ids.filtered(lambda clock: clock.purpose == "promise")
        with freeze_time("2026-03-09 06:00:00"), self.assert_queries_at_most(60):
            step._tell(clocks)
        self.assertEqual(len(cases.activity_ids), 100)


@tagged("post_install", "-at_install")
class TestTermLetter(WatchCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_rule(kind="request", silence="positive", legal_basis="Ley 39/2015, art. 21.3")
        cls.case = cls.file_case(kind="request")
        cls.case._subscribe_requester_of_new()

    def test_a_request_is_told_its_term_and_the_effect_of_silence_once(self):
        for _twice in range(2):
            self.run_cron("cron_send_term_letters")
        letter = self.public_messages(self.case)
        self.assertEqual(len(letter), 1)
        for words in ("March 2, 2026", "June 2, 2026", "counts as granted", "Ley 39/2015, art. 21.3"):
            self.assertIn(words, letter.body)
        self.assertEqual(self.case.term_letter_on, date(2026, 3, 2))
        self.assertIn(self.citizen, letter.notified_partner_ids)
        self.assertFalse(self.case.activity_ids, "it went by mail")

    def test_it_is_in_the_citizens_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        template = self.env.ref("civic_crm.mail_template_case_term")
        template.with_context(
            lang="es_ES"
        ).body_html = "<p>Plazo: <t t-out='object._get_told_deadline().due_date'/></p>"
        self.citizen.lang = "es_ES"
        self.run_cron("cron_send_term_letters")
        self.assertIn("Plazo: ", self.public_messages(self.case).body)

    def test_who_waits_for_an_answer_still_waits(self):
        self.case._post_from_citizen("And the other lamp?")
        self.run_cron("cron_send_term_letters")
        self.assertTrue(self.case.has_citizen_message)

    def test_a_notice_a_closed_case_and_one_without_a_legal_term_get_none(self):
        notice = self.file_case()
        closed = self.file_case(kind="request")
        self.close(closed)
        self.env["civic.deadline.rule"].search([]).active = False
        bare = self.file_case(kind="request")
        self.run_cron("cron_send_term_letters")
        self.assertTrue(self.case.term_letter_on)
        for case in (notice, closed, bare):
            self.assertFalse(case.term_letter_on)

    def test_a_paused_request_is_told_without_a_day(self):
        self.pause(self.case, "2026-03-02")
        self.run_cron("cron_send_term_letters")
        letter = self.public_messages(self.case).body
        self.assertIn("March 2, 2026", letter)
        self.assertIn("stands still for now", letter)
        self.assertNotIn("We have until", letter)

    def test_whom_no_mail_reaches_is_told_on_paper_and_somebody_is_asked_for_it(self):
        self.works.user_id = self.users["head"]
        self.citizen.email = False
        self.run_cron("cron_send_term_letters")
        self.assertEqual(len(self.public_messages(self.case)), 1)
        [asked] = self.case.activity_ids
        self.assertEqual((asked.user_id, asked.summary[:30]), (self.users["head"], "Send the letter about the term"))
        self.run_cron("cron_send_term_letters")
        self.assertEqual(len(self.case.activity_ids), 1)

    def test_no_machine_answers_it(self):
        self.run_cron("cron_send_term_letters")
        mail = self.env["mail.mail"].search([("mail_message_id", "=", self.public_messages(self.case).id)])
        self.assertIn("auto-replied", mail.headers)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Cases that are older than the clock get the deadlines that they would have had."""

from datetime import date

from odoo.tests import freeze_time, tagged

from ..models.helpdesk_ticket_deadline_missing import REACHED
from .test_clock import ClockCase


@tagged("post_install", "-at_install")
class TestMissingDeadlines(ClockCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.make_rule()

    def file_old(self, service=None, promised="2026-03-09", legal=False, **vals):
        """Return a case as an older version left it: with the day promised, and no deadline."""
        case = self.file_case(service, **vals)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM civic_case_deadline WHERE case_id = %s", [case.id])
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET promised_on = %s, legal_due_on = NULL WHERE id = %s", [promised, case.id]
        )
        self.env.invalidate_all()
        return case

    def run_cron(self, schedule=True):
        if schedule:
            self.env["helpdesk.ticket"]._schedule_missing_deadlines()
        with self.enter_registry_test_mode():
            self.env.ref("civic_crm.cron_begin_missing_deadlines").method_direct_trigger()
        self.env.invalidate_all()

    def test_terms_of_law_begin_on_the_day_of_filing(self):
        case = self.file_old(filed_at="2026-02-02 09:00:00")
        self.run_cron()
        self.assert_days(case, "2026-03-09", "2026-05-04")
        self.assertEqual(self.deadline(case).start_date, date(2026, 2, 2))

    def test_the_day_promised_then_stays_and_none_is_invented(self):
        kept = self.file_old(promised="2026-03-20")
        as_the_rule = self.file_old()
        free = self.file_old(promised=None)
        self.run_cron()
        self.assert_days(kept, "2026-03-20", "2026-06-02")
        self.assertTrue(self.deadline(kept, "promise").is_by_hand)
        self.assertFalse(self.deadline(as_the_rule, "promise").is_by_hand)
        self.assert_days(free, False, "2026-06-02")
        self.assertFalse(self.deadline(free, "promise"))

    def test_closed_cases_settle_theirs_as_they_ended(self):
        in_time, late = self.file_old(), self.file_old()
        for case, day in ((in_time, "2026-03-05"), (late, "2026-03-12")):
            with freeze_time(f"{day} 09:00:00"):
                self.close(case)
        self.run_cron()
        self.assertEqual(self.deadline(in_time, "promise").outcome, "met")
        self.assertEqual(self.deadline(late, "promise").outcome, "late")
        self.assertEqual(self.deadline(late, "promise").closed_on, date(2026, 3, 12))

    def test_doing_it_again_changes_nothing(self):
        old, new = self.file_old(), self.file_case()
        self.run_cron()
        clocks = (old | new).deadline_ids
        self.run_cron()
        self.assertEqual((old | new).deadline_ids, clocks)
        self.assertFalse(self.env["ir.config_parameter"].get_param(REACHED), "nothing is left to do")
        later = self.file_old()
        self.run_cron(schedule=False)
        self.assertFalse(later.deadline_ids, "only when an update asks for it")

    def test_a_pause_moves_them_as_any_other(self):
        case = self.file_old()
        self.run_cron()
        with freeze_time("2026-03-03 09:00:00"):
            self.pause(case, "2026-03-03", "2026-03-03")
        self.assert_days(case, "2026-03-10", "2026-06-03")

    def test_a_batch_costs_few_queries(self):
        cases = self.file_many(50)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM civic_case_deadline WHERE case_id IN %s", [cases._ids])
        with self.assert_queries_at_most(40):
            cases._begin_missing_deadlines()
        self.assertEqual(len(cases.deadline_ids), 100)

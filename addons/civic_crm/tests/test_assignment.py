# SPDX-License-Identifier: AGPL-3.0-or-later
from collections import Counter

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import CityCase


@tagged("post_install", "-at_install")
class TestAssignment(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.crew = cls.env["res.users"].union(
            *(new_test_user(cls.env, f"t_crew{i}", groups="civic_crm.group_worker") for i in range(3))
        )
        cls.lighting.user_ids = [Command.set(cls.crew.ids)]
        cls.lighting.assign_method = "round_robin"

    def test_by_default_nobody_is_given_a_case(self):
        self.assertEqual(self.parks.assign_method, "none")
        self.assertFalse(self.file_case(self.tree).user_id)

    def test_in_turn_across_batches(self):
        one, two, three = self.crew
        self.assertEqual([case.user_id for case in self.file_many(4)], [one, two, three, one])
        self.assertEqual([case.user_id for case in self.file_many(2)], [two, three])
        self.assertEqual(self.file_case().user_id, one)

    def test_whoever_has_fewest_open_cases(self):
        self.lighting.assign_method = "least_loaded"
        one, two, three = self.crew
        self.file_many(2, user_id=one.id)
        closed = self.file_many(3, user_id=two.id)
        for case in closed:
            case._withdraw()
        shares = Counter(case.user_id for case in self.file_many(4))
        self.assertEqual(shares, {two: 2, three: 2})

    def test_whoever_looks_after_the_zone(self):
        self.lighting.assign_method = "least_loaded"
        one, two, _three = self.crew
        two.civic_zone_ids = self.centre
        self.file_many(3, user_id=two.id)
        self.assertEqual(self.file_case(civic_zone_id=self.old_town.id).user_id, two)
        self.assertEqual(self.file_case().user_id, one)

    def test_who_is_away_or_gone_is_passed_over(self):
        one, two, three = self.crew
        one.with_user(one).takes_cases = False
        three.active = False
        self.assertEqual(self.file_many(3).user_id, two)
        two.takes_cases = False
        self.assertFalse(self.file_case().user_id)

    def test_nobody_says_for_another_that_they_are_away(self):
        with self.assertRaises(AccessError):
            self.crew[0].with_user(self.crew[1]).takes_cases = False
        with self.assertRaises(AccessError):
            self.crew[0].with_user(self.crew[0]).civic_zone_ids = self.centre

    def test_a_responsible_chosen_by_a_person_stays(self):
        chosen = self.crew[2]
        case = self.file_case(user_id=chosen.id)
        self.assertEqual(case.user_id, chosen)
        self.assertFalse(case.assigned_by_rule)
        given = self.file_case()
        self.assertTrue(given.assigned_by_rule)
        given.user_id = chosen
        self.assertFalse(given.assigned_by_rule)

    def test_what_is_filed_as_closed_is_nobodys(self):
        done = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        case = self.file_case(stage_id=done.id, outcome_id=self.env.ref("civic_crm.outcome_solved").id)
        self.assertFalse(case.user_id)

    def test_whom_the_rule_gives_a_case_follows_it_without_a_mail(self):
        before = self.env["mail.mail"].search_count([])
        case = self.file_case()
        self.assertIn(case.user_id.partner_id, case.message_partner_ids)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
        self.assertFalse(case.message_ids.filtered(lambda m: m.message_type == "user_notification"))

    def test_an_employee_who_files_for_themselves_may_be_given_it(self):
        one = self.crew[0]
        case = self.file_case(partner=one.partner_id)
        case._subscribe_requester_of_new()
        self.assertEqual(case.user_id, one)

    def test_a_batch_costs_the_same_few_queries_whatever_its_size(self):
        extra = []
        for size in (10, 100):
            costs = []
            for method in ("none", "least_loaded"):
                self.lighting.assign_method = method
                self.file_many(1)
                self.env.flush_all()
                before = self.env.cr.sql_log_count
                self.file_many(size)
                self.env.flush_all()
                costs.append(self.env.cr.sql_log_count - before)
            extra.append(costs[1] - costs[0])
        self.assertLessEqual(max(extra), 8, extra)
        self.assertLessEqual(extra[1] - extra[0], 1, extra)

    def test_departments_without_a_rule_pay_nothing(self):
        self.file_case(self.tree)
        vals = {"category_id": self.tree.id}
        self.file_many(1, **vals)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.env["helpdesk.ticket"]._assign_new([{"team_id": self.parks.id}])
        self.assertEqual(self.env.cr.sql_log_count, before)

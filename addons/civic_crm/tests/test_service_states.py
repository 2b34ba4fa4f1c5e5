# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import CityCase


@tagged("post_install", "-at_install")
class TestServiceStates(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["civic.stage.rule"].search([]).active = False
        Stage = cls.env["helpdesk.ticket.stage"]
        cls.first = Stage.browse(cls.lighting._get_first_stage_id(cls.lighting.id))
        cls.inspection, cls.works_on = Stage.create(
            [{"name": "Inspection", "sequence": 40}, {"name": "Works", "sequence": 50}]
        )
        cls.parks_only = Stage.create({"name": "Watering", "sequence": 60, "team_ids": cls.parks.ids})
        cls.heading = cls.env["helpdesk.ticket.category"].create({"name": "Street"})

    def as_worker(self, case):
        return case.with_user(self.users["worker"])

    def test_a_service_that_names_none_goes_through_all_of_the_departments(self):
        case = self.file_case()
        self.assertEqual(case.stage_id, self.first)
        self.as_worker(case).stage_id = self.inspection
        self.assertIn(self.works_on, case.available_stage_ids)
        self.assertNotIn(self.parks_only, case.available_stage_ids)

    def test_a_case_begins_in_the_first_and_goes_through_no_other(self):
        before = self.file_case()
        self.street_light.stage_ids = self.inspection | self.works_on
        case = self.file_case()
        self.assertEqual(case.stage_id, self.inspection)
        with self.assertRaisesRegex(UserError, "They go through: Inspection, Works"):
            self.as_worker(case).stage_id = self.first
        self.as_worker(case).stage_id = self.works_on
        self.assertEqual(case._get_reachable_stages(), self.inspection)
        self.assertIn(self.first, before.available_stage_ids, "where it is")
        self.as_worker(before).stage_id = self.inspection

    def test_the_state_of_an_outcome_ends_any_case_and_reopening_leads_back(self):
        self.street_light.stage_ids = self.works_on
        case = self.file_case()
        outcome = self.env.ref("civic_crm.outcome_solved")
        self.as_worker(case)._close(outcome, {"en_US": "<p>Done.</p>"})
        self.assertTrue(case.closed_date)
        self.as_worker(case)._reopen("It is dark again")
        self.assertEqual(case.stage_id, self.works_on)

    def test_the_headings_states_hold_for_the_services_below_that_name_none(self):
        self.heading.stage_ids = self.works_on
        self.street_light.parent_id = self.tree.parent_id = self.heading
        self.tree.stage_ids = self.parks_only
        self.assertEqual(self.file_case().stage_id, self.works_on)
        self.assertEqual(self.file_case(self.tree).stage_id, self.parks_only)

    def test_a_state_that_the_department_does_not_use_restricts_nothing(self):
        self.street_light.stage_ids = self.parks_only
        self.assertEqual(self.file_case().stage_id, self.first)

    def test_a_state_that_ends_cases_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "ends a case"):
            self.street_light.stage_ids = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")

    def test_a_hundred_filed_cost_no_query_more(self):
        self.street_light.stage_ids = self.works_on
        self.file_case()
        with self.assert_queries_at_most(30):
            self.file_many()

    def test_the_form_offers_them_and_the_service_manager_sets_them_with_its_terms(self):
        with Form(self.street_light.with_user(self.users["admin"])) as form:
            form.stage_ids.add(self.works_on)
            with form.deadline_rule_ids.new() as rule:
                rule.name = "Lamps"
                rule.amount = 3
        self.assertEqual(self.street_light.deadline_rule_ids.category_id, self.street_light)
        case = self.file_case()
        self.assertEqual(case.promised_on, case.deadline_ids.filtered(lambda d: d.purpose == "promise").due_date)
        with Form(case.with_user(self.users["worker"])) as form:
            self.assertIn(self.works_on, form.record.available_stage_ids)

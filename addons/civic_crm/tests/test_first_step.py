# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import CityCase


@tagged("post_install", "-at_install")
class TestFirstStep(CityCase):
    """The administrator sees what is done and what is missing, and gets there."""

    def step(self, name, user="admin"):
        self.env.invalidate_all()
        return self.env.ref(f"civic_crm.first_step_{name}").with_user(self.users[user])

    def test_each_step_sees_by_itself_whether_it_is_done(self):
        self.city.write({"street": False, "city": "Test City", "email": "city@city.test"})
        self.env["helpdesk.ticket.team"].search([]).is_front_desk = False
        self.assertFalse(self.step("city").is_done)
        self.assertIn("Street", self.step("city").missing)
        self.assertFalse(self.step("departments").is_done)
        self.city.street = "Main Street 1"
        self.works.is_front_desk = True
        empty = self.env["helpdesk.ticket.team"].search([("user_ids", "=", False)])
        empty.user_ids = [Command.link(self.users["worker"].id)]
        for name in ("city", "departments", "zones", "mail", "users"):
            with self.subTest(step=name):
                self.assertTrue(self.step(name).is_done, self.step(name).missing)
        empty[:1].user_ids = False
        self.works.user_ids = False
        self.assertIn("Works", self.step("departments").missing)

    def test_a_service_without_department_is_missing_one(self):
        self.assertFalse(self.step("services").is_done)
        self.env["helpdesk.ticket.category"].search([("team_id", "=", False)]).team_id = self.works
        self.assertTrue(self.step("services").is_done)

    def test_a_service_has_the_department_of_the_one_above(self):
        Service = self.env["helpdesk.ticket.category"]
        Service.search([]).write({"team_id": False})
        Service.search([("parent_id", "=", False), ("child_id", "!=", False)]).team_id = self.works
        alone = Service.search([("parent_id", "=", False), ("child_id", "=", False)])
        self.assertTrue(alone, "the test city has some")
        self.assertEqual(
            self.step("services").missing, f"{len(alone)} of {Service.search_count([])} without department"
        )
        alone.team_id = self.works
        self.assertTrue(self.step("services").is_done)
        self.works.active = False
        self.assertFalse(self.step("services").is_done, "nobody works in a department that is gone")

    def test_holidays_of_this_year(self):
        self.env["resource.calendar.leaves"].search([("resource_id", "=", False)]).unlink()
        self.assertFalse(self.step("calendar").is_done)
        year = self.env["helpdesk.ticket"]._get_city_today().year
        for of_year, done in ((year - 1, False), (year + 1, False), (year, True)):
            with self.subTest(of_year=of_year):
                self.env["resource.calendar.leaves"].create(
                    {
                        "name": "New Year",
                        "calendar_id": self.city.legal_calendar_id.id,
                        "date_from": f"{of_year - 1}-12-31 23:00:00",  # midnight in the city
                        "date_to": f"{of_year}-01-01 22:59:59",
                    }
                )
                self.assertEqual(self.step("calendar").is_done, done)

    def test_what_the_city_does_not_need_is_set_aside(self):
        self.city.street = False
        self.step("city").action_settle()
        self.assertTrue(self.step("city").is_done)
        self.step("city").action_settle()
        self.assertFalse(self.step("city").is_done)

    def test_the_button_opens_the_place_or_says_whose_it_is(self):
        action = self.step("zones").action_open()
        self.assertEqual(action["res_model"], "civic.zone")
        self.assertFalse(self.step("users").can_open, "users are the server administrator's")
        with self.assertRaises(UserError):
            self.step("users").action_open()

    def test_a_city_adds_its_own_step(self):
        form = Form(self.env["civic.first.step"].with_user(self.users["admin"]))
        form.name = "Print the posters"
        step = form.save()
        self.assertFalse(step.is_done)
        step.action_settle()
        self.assertTrue(step.is_done)

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import tagged

from .common import CityCase


@tagged("post_install", "-at_install")
class TestCitizen(CityCase):
    def setUp(self):
        super().setUp()
        self.find = self.env["res.partner"]._find_or_create_citizen

    def test_one_person_per_address(self):
        self.assertEqual(self.find("Citizen <CITIZEN@home.test>"), self.citizen)
        new = self.find("Eva Ruiz <eva@home.test>", lang="en_US")
        self.assertTrue(new.is_citizen)
        self.assertEqual((new.name, new.email), ("Eva Ruiz", "eva@home.test"))
        self.assertEqual(self.find("eva@home.test", name="Somebody Else"), new)
        self.assertEqual(new.name, "Eva Ruiz", "a form does not rename a known person")

    def test_a_known_contact_becomes_a_citizen_by_asking(self):
        contact = self.env["res.partner"].create({"name": "Bo", "email": "bo@home.test"})
        self.assertEqual(self.find("bo@home.test"), contact)
        self.assertTrue(contact.is_citizen)

    def test_a_number_without_a_country_is_one_of_the_citys(self):
        self.assertEqual(self.find("eva@home.test", phone="955 555 123").phone_sanitized, "+34955555123")
        self.city.partner_id.country_id = self.env.ref("base.fr")
        self.assertEqual(self.find("bea@home.test", phone="01 23 45 67 89").phone_sanitized, "+33123456789")
        self.city.country_id = self.env.ref("base.es")
        self.assertEqual(self.find("leo@home.test", phone="955 555 124").phone_sanitized, "+34955555124")

    def test_whoever_has_no_login_of_staff_is_from_outside(self):
        staff, system = self.users["agent"].partner_id, self.env.ref("base.partner_root")
        for person, outside in ((self.find("eva@home.test"), True), (self.citizen, True), (staff, False)):
            self.assertEqual(person.partner_share, outside, person.name)
        system._compute_partner_share()
        self.assertFalse(system.partner_share)
        self.users["agent"].active = False
        self.assertTrue(staff.partner_share)

    def test_what_is_no_address_makes_nobody(self):
        for text in (None, "", "nobody", "Anna <>"):
            with self.subTest(text=text):
                self.assertFalse(self.find(text))

    def test_a_login_does_not_receive_anothers_cases_by_taking_the_address(self):
        """Portal users edit their own contact data, through sudo, unverified."""
        as_citizen = self.citizen.with_user(self.users["citizen"]).sudo()
        as_citizen.email = "victim@home.test"
        victim = self.find("victim@home.test")
        self.assertNotEqual(victim, self.citizen)
        self.assertEqual(self.find("victim@home.test"), victim)
        child = as_citizen.create({"name": "x", "parent_id": self.citizen.id, "email": "other@home.test"})
        self.assertNotEqual(self.find("other@home.test"), child)

    def test_whom_staff_knows_by_an_address_is_found_by_it(self):
        self.citizen.with_user(self.users["admin"]).email = "new@home.test"
        self.assertEqual(self.find("new@home.test"), self.citizen)

    def test_an_employee_who_asks_something_is_no_citizen_of_the_register(self):
        employee = self.users["employee"].partner_id
        employee.email = "employee@city.test"
        self.assertEqual(self.find("employee@city.test"), employee)
        self.assertFalse(employee.is_citizen)

    def test_cases_are_counted_in_one_query_for_all(self):
        partners = self.citizen | self.neighbour
        for _ in range(3):
            self.file_case()
        closed = self.file_case(partner=self.neighbour)
        closed.write(
            {
                "outcome_id": self.env.ref("civic_crm.outcome_solved").id,
                "stage_id": self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done").id,
            }
        )
        self.assertEqual(partners.mapped("helpdesk_ticket_count_string"), ["3 / 3", "0 / 1"])
        many = self.env["res.partner"].create([{"name": f"P{i}"} for i in range(50)])
        many.mapped("helpdesk_ticket_count")
        with self.assert_queries_at_most(3):
            (many | partners).mapped("helpdesk_ticket_count")

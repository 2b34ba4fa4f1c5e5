# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields
from odoo.tests import tagged

from .common import ParticipationCase

INTERNAL = ("agent", "worker", "head", "auditor", "stranger", "employee")
READ = dict.fromkeys(INTERNAL, "r")


@tagged("post_install", "-at_install")
class TestAccess(ParticipationCase):
    def test_everybody_has_a_role_in_the_matrix(self):
        """A role added to the city later has to be thought of here."""
        self.assertEqual(
            set(self.users),
            {*INTERNAL, "manager", "admin", "officer", "citizen", "neighbour", "public"},
        )

    def test_processes(self):
        """Officers and managers write, the house reads, citizens have the portal."""
        matrix = READ | {"officer": "rwc", "manager": "rwc", "admin": "rwcu"}
        for published in (True, False):
            with self.subTest(published=published):
                self.assert_matrix(
                    self.make_process((1, 2), published=published),
                    matrix,
                    create_vals={"name": "B"},
                )

    def test_phases(self):
        process = self.make_process((1, 2))
        self.assert_matrix(
            process.phase_ids,
            READ | dict.fromkeys(("officer", "manager", "admin"), "rwcu"),
            create_vals={
                "process_id": process.id,
                "name": "B",
                "date_start": fields.Datetime.add(process.date_end, days=1),
                "date_end": fields.Datetime.add(process.date_end, days=2),
            },
        )

    def test_kinds_are_the_administrators_to_configure(self):
        self.assert_matrix(
            self.env.ref("civic_participation.kind_budget"),
            READ | dict.fromkeys(("officer", "manager"), "r") | {"admin": "rwcu"},
            create_vals={"name": "B"},
        )

    def test_a_city_does_not_see_another_citys_processes(self):
        other = self.env["res.company"].create({"name": "Other City"})
        process = self.make_process((1, 2), company_id=other.id)
        for role in self.users:
            with self.subTest(role=role):
                self.env.invalidate_all()
                user = self.users[role]
                self.assertFalse(process.with_user(user).has_access("read"))
                self.assertFalse(process.phase_ids.with_user(user).has_access("read"))

    def test_an_officer_who_works_no_cases_finds_the_menu(self):
        menus = self.env["ir.ui.menu"].with_user(self.users["officer"])
        visible = menus._visible_menu_ids()
        for name in (
            "civic_crm.menu_root",
            "civic_participation.menu_participation_processes",
        ):
            with self.subTest(menu=name):
                self.assertIn(self.env.ref(name).id, visible)

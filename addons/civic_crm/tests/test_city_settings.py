# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .common import CityCase


@tagged("post_install", "-at_install")
class TestCitySettings(CityCase):
    """The administrator of Civic CRM sets what is the city's, and nothing of the server."""

    def form(self, role="admin"):
        return Form(self.env["civic.city.settings"].with_user(self.users[role]))

    def test_the_administrator_needs_no_right_to_odoos_settings(self):
        admin = self.users["admin"]
        self.assertFalse(admin.has_group("base.group_system"))
        self.assertFalse(self.env["res.config.settings"].with_user(admin).has_access("create"))
        self.assertFalse(self.env["ir.config_parameter"].with_user(admin).has_access("write"))
        with self.form() as form:
            form.email = "help@city.test"
            form.registry_prefix = "R"
            form.register_notices = True
            form.map_tile_attribution = "The mappers"
            form.identity_lookups_per_hour = 5
            form.intake_keep_days = 400
            form.intake_keep_spam_days = 0
            form.mail_authserv_id = " mx.city.test "
        self.env.invalidate_all()
        city = self.city
        self.assertEqual((city.email, city.registry_prefix, city.register_notices), ("help@city.test", "R", True))
        self.assertTrue(city._get_case_settings()["registered_kinds"] >= {"notice"})
        read = self.env["ir.config_parameter"].get_param
        self.assertEqual(read("civic_crm.map_tile_attribution"), "The mappers")
        self.assertEqual(read("civic_crm.identity_lookups_per_hour"), "5")
        self.assertEqual((city.intake_keep_days, city.intake_keep_spam_days), (400, 0))
        self.assertEqual(read("civic_crm.mail_authserv_id"), "mx.city.test")

    def test_it_shows_what_holds_and_saving_it_changes_nothing(self):
        self.city.write({"reopen_days": 12, "legal_calendar_id": self.city.resource_calendar_id.id})
        before = self.city.read()
        form = self.form()
        self.assertEqual((form.reopen_days, form.legal_calendar_id), (12, self.city.resource_calendar_id))
        form.save()
        self.env.invalidate_all()
        now = self.city.read()
        for values in (before[0], now[0]):
            values.pop("write_date")
            values.pop("write_uid")
        self.assertEqual(now, before)

    def test_nonsense_is_refused_and_nothing_is_saved(self):
        form = self.form()
        form.confirmation_days = -1
        form.registry_prefix = "X"
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            form.save()
        form.confirmation_days = 1
        form.intake_keep_days = -5
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            form.save()
        self.env.invalidate_all()
        self.assertNotEqual(self.city.registry_prefix, "X")

    def test_nobody_else_reads_or_writes_them(self):
        Settings = self.env["civic.city.settings"]
        for role in self.users:
            if role == "admin":
                continue
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    Settings.with_user(self.users[role]).default_get(["email"])
                with self.assertRaises(AccessError):
                    Settings.with_user(self.users[role]).create({"name": "Mine"})

    def test_another_citys_settings_are_out_of_reach(self):
        other = self.env["res.company"].create({"name": "Other City"})
        Settings = self.env["civic.city.settings"].with_user(self.users["admin"])
        with self.assertRaises(AccessError):
            Settings.create({"company_id": other.id, "name": "Taken"})

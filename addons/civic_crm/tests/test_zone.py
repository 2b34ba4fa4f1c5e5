# SPDX-License-Identifier: AGPL-3.0-or-later
import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CityCase


@tagged("post_install", "-at_install")
class TestZone(CityCase):
    def test_a_zone_is_named_by_its_district(self):
        self.assertEqual(self.centre.complete_name, "Centre")
        self.assertEqual(self.old_town.complete_name, "Centre › Old Town")
        self.centre.name = "Middle"
        self.assertEqual(self.old_town.complete_name, "Middle › Old Town")

    def test_a_zone_lies_in_a_larger_kind_of_zone(self):
        with self.assertRaises(UserError):
            self.centre.parent_id = self.old_town
        with self.assertRaises(ValidationError):
            self.env["civic.zone"].create({"name": "District", "kind": "district", "parent_id": self.old_town.id})

    @mute_logger("odoo.sql_db")
    def test_a_code_names_one_zone(self):
        self.centre.code = "test-01"
        with self.assertRaises(psycopg2.errors.UniqueViolation):
            self.env["civic.zone"].create({"name": "Other", "code": "test-01"})

# SPDX-License-Identifier: AGPL-3.0-or-later
import base64

import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import CityCase


@tagged("post_install", "-at_install")
class TestZonePopulation(CityCase):
    def add(self, zone, count, year=2026, sex="female", age_from=0, age_to=130):
        vals = {"zone_id": zone.id, "year": year, "sex": sex, "age_from": age_from, "age_to": age_to, "count": count}
        return self.env["civic.zone.population"].create(vals)

    def test_the_latest_year_counts_and_parts_add_up(self):
        self.add(self.old_town, 100, 2025)
        self.add(self.old_town, 60, age_to=15)
        self.add(self.old_town, 50, sex="male")
        self.assertEqual((self.old_town.population, self.old_town.population_year), (110, 2026))
        new_town = self.env["civic.zone"].create({"name": "New Town", "parent_id": self.centre.id})
        row = self.add(new_town, 7)
        self.assertEqual((self.centre.population, self.whole_city.population), (117, 117))
        row.count = 8
        self.assertEqual(self.whole_city.population, 118)
        self.add(self.whole_city, 500)
        self.assertEqual(self.whole_city.population, 500, "its own figures, where there are some")
        row.unlink()
        self.assertEqual((new_town.population, self.centre.population), (0, 110))

    def test_nobody_is_counted_twice(self):
        self.add(self.old_town, 5, age_from=0, age_to=15)
        self.add(self.old_town, 5, age_from=16)
        with self.assertRaisesRegex(ValidationError, "ages 16\\+ and 65\\+ overlap"), self.env.cr.savepoint():
            self.add(self.old_town, 5, age_from=65)
        self.add(self.old_town, 5, age_from=65, sex="male")
        self.add(self.old_town, 5, age_from=65, year=2025)

    @mute_logger("odoo.sql_db")
    def test_impossible_figures_are_refused(self):
        for vals in ({"count": -1}, {"age_from": 9, "age_to": 5}, {"age_to": 131}, {"year": 26}):
            with self.subTest(vals=vals), self.assertRaises(psycopg2.errors.CheckViolation), self.env.cr.savepoint():
                self.add(self.old_town, **{"count": 1, **vals})

    def table(self, *lines):
        return "\n".join(["zone;sex;age;year;count", *lines])

    def test_a_table_replaces_the_figures_of_its_zones_and_years(self):
        (self.old_town | self.centre).mapped(lambda zone: zone.write({"code": zone.name[:2]}))
        old = self.add(self.old_town, 5)
        other_year = self.add(self.old_town, 5, 2024)
        with Form(self.env["civic.zone.population.import"]) as form:
            form.file = base64.b64encode(self.table("Ol;F;0-15;2026;60", "Ol;M;16+;2026;50").encode("cp1252"))
            self.assertIn("People: 110. Zones: 1.", form.finding)
            self.assertFalse(form.has_problem)
        form.save().action_import()
        self.assertFalse(old.exists())
        self.assertTrue(other_year.exists())
        self.assertEqual(self.old_town.population, 110)

    def test_a_wrong_line_is_named_and_nothing_is_written(self):
        self.old_town.code = "Ol"
        text = self.table("Ol;F;0-15;2026;60", "XX;F;0-15;2026;60", "Ol;F;0-9;2026;3", "Ol;?;0-15;2026;6")
        wizard = self.env["civic.zone.population.import"].create({"text": text})
        self.assertTrue(wizard.has_problem)
        for words in ("Line 3: There is no zone with the code “XX”", "Line 4: It repeats line 2", "Line 5: “?” is not"):
            self.assertIn(words, wizard.finding)
        with self.assertRaises(UserError):
            wizard.action_import()
        self.assertFalse(self.old_town.population_ids)

# SPDX-License-Identifier: AGPL-3.0-or-later
import base64
import json

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import CityCase


@tagged("post_install", "-at_install")
class TestZoneImport(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draw_zones()
        cls.centre.code = "01"
        cls.old_town.code = "0101"

    def file(self, *features):
        document = {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": properties, "geometry": geometry and json.loads(geometry)}
                for properties, geometry in features
            ],
        }
        return base64.b64encode(json.dumps(document).encode())

    def wizard(self, *features, **vals):
        return self.env["civic.zone.import"].create({"file": self.file(*features), **vals})

    def test_the_file_shows_its_properties_and_the_usual_ones_are_taken(self):
        with Form(self.env["civic.zone.import"]) as form:
            form.file = self.file(({"OBJECTID": 1, "NOMBRE": "A", "CODIGO": "7"}, self.square(0, 42, 1, 43)))
            self.assertEqual(form.properties, "OBJECTID, NOMBRE, CODIGO")
            self.assertEqual(
                (form.name_property, form.code_property, form.parent_property), ("NOMBRE", "CODIGO", False)
            )

    def test_the_properties_stay_when_the_client_asks_for_sizes(self):
        content = self.file(({"NOMBRE": "A"}, self.square(0, 42, 1, 43)))
        wizard = self.env["civic.zone.import"].with_context(bin_size=True).create({"file": content})
        self.assertEqual((wizard.properties, wizard.name_property), ("NOMBRE", "NOMBRE"))

    def test_a_check_writes_nothing_and_lists_what_would_happen(self):
        wizard = self.wizard(
            ({"name": "Old Quarter", "code": "0101", "parent": "01"}, self.square(0, 40, 2, 41)),
            ({"name": "Hill", "code": 102, "parent": "01"}, self.square(0, 41, 2, 42)),
        )
        wizard.action_check()
        first, second = wizard.line_ids
        self.assertEqual((first.zone_id, first.parent_id, first.name), (self.old_town, self.centre, "Old Quarter"))
        self.assertEqual((second.zone_id.id, second.code, second.problem), (False, "102", False))
        self.assertEqual(self.old_town.name, "Old Town")
        wizard.action_import()
        self.assertEqual((self.old_town.name, self.old_town.center_latitude), ("Old Quarter", 40.5))
        hill = self.env["civic.zone"].search([("code", "=", "102")])
        self.assertEqual((hill.name, hill.kind, hill.parent_id), ("Hill", "neighbourhood", self.centre))

    def test_a_file_without_one_good_boundary_is_told_so_too(self):
        bowtie = json.dumps({"type": "Polygon", "coordinates": [[[0, 40], [1, 41], [1, 40], [0, 41], [0, 40]]]})
        wizard = self.wizard(({"name": "B", "code": "1"}, bowtie))
        wizard.action_check()
        self.assertIn("crosses or touches itself", wizard.line_ids.problem)

    def test_each_problem_is_told_by_its_feature_and_nothing_is_imported(self):
        right = ({"name": "Hill", "code": "0102"}, self.square(0, 42, 1, 43))
        bowtie = json.dumps({"type": "Polygon", "coordinates": [[[0, 40], [1, 41], [1, 40], [0, 41], [0, 40]]]})
        wrong = [
            ({"name": "B", "code": "1"}, bowtie, "crosses or touches itself"),
            ({"name": "C", "code": "0102"}, self.square(1, 42, 2, 43), "Feature 1 has the code 0102 too"),
            ({"name": "D", "code": "2", "parent": "99"}, self.square(0, 43, 1, 44), "no zone with the code 99"),
            ({"name": "E", "code": "01"}, self.square(0, 43, 1, 44), "is that of a district"),
            ({"name": "", "code": "3"}, self.square(0, 43, 1, 44), "has no name"),
            ({"name": "F", "code": "4", "parent": "0101"}, self.square(0, 41, 1, 42), "not a larger kind"),
            ({"name": "G", "code": "5", "parent": "01"}, self.square(70, 41, 71, 42), "does not touch"),
            ({"name": "H", "code": "6"}, None, "no boundary in it"),
        ]
        wizard = self.wizard(right, *[(properties, geometry) for properties, geometry, _words in wrong])
        wizard.action_check()
        lines = wizard.line_ids
        self.assertFalse(lines[0].problem)
        for line, (_properties, _geometry, words) in zip(lines[1:], wrong, strict=True):
            with self.subTest(feature=line.number):
                self.assertIn(words, line.problem)
        self.assertEqual(wizard.problem_count, len(wrong))
        before = self.env["civic.zone"].search_count([])
        with self.assertRaisesRegex(UserError, "Nothing was imported. Feature 2"):
            wizard.action_import()
        self.assertEqual(self.env["civic.zone"].search_count([]), before)
        wizard.skip_problems = True
        wizard.action_import()
        self.assertEqual(self.env["civic.zone"].search_count([]), before + 1)

    def test_without_a_code_the_larger_zone_is_the_one_around(self):
        wizard = self.wizard(
            ({"name": "Hill"}, self.square(0.5, 42.5, 1, 43)), ({"name": "East"}, self.square(3, 41, 3.5, 42))
        )
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("parent_id"), self.centre | self.whole_city)

    def test_neighbours_drawn_over_each_other_are_told_of(self):
        wizard = self.wizard(
            ({"name": "A"}, self.square(0, 42, 1, 43)),
            ({"name": "B"}, self.square(0.5, 42, 1.5, 43)),
            ({"name": "C"}, self.square(1.5, 42, 2, 43)),
        )
        wizard.action_check()
        self.assertEqual([bool(line.notice) for line in wizard.line_ids], [False, True, False])
        self.assertFalse(wizard.problem_count)

    def test_what_is_no_file_of_zones_is_refused(self):
        for content in (b"x", b'{"type": "FeatureCollection", "features": []}', b"\xff\xfe"):
            with self.subTest(content=content), self.assertRaises(UserError):
                self.env["civic.zone.import"].create({"file": base64.b64encode(content)}).action_check()

# SPDX-License-Identifier: AGPL-3.0-or-later
import base64
import json

import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..core import zones
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

    def test_no_zone_is_a_part_of_its_own_part(self):
        """In words of the city, before core says “recursion”."""
        with self.assertRaisesRegex(ValidationError, "Centre cannot be a part of Old Town, which is a part of it"):
            self.centre.parent_id = self.old_town
        with self.assertRaisesRegex(ValidationError, "Centre cannot be a part of Centre"):
            self.centre.parent_id = self.centre

    def test_a_boundary_has_an_area_and_a_centre(self):
        self.assertFalse(self.centre.has_boundary)
        self.centre.boundary = self.square(-5.51, 36.50, -5.50, 36.51)
        self.assertTrue(self.centre.has_boundary)
        self.assertAlmostEqual(self.centre.area_km2, 0.994, places=2)
        self.assertEqual((self.centre.center_latitude, self.centre.center_longitude), (36.505, -5.505))
        self.centre.boundary = False
        self.assertFalse(self.centre.has_boundary or self.centre.area_km2)

    def test_a_bad_boundary_is_refused_with_the_reason_and_nothing_is_saved(self):
        self.draw_zones()
        good = self.old_town.boundary
        bowtie = {"type": "Polygon", "coordinates": [[[0, 40], [1, 41], [1, 40], [0, 41], [0, 40]]]}
        for text, words in (
            ("POLYGON((0 0))", "not GeoJSON"),
            (json.dumps(bowtie), "crosses or touches itself.*latitude 40.5, longitude 0.5"),
            (self.square(40, 0, 41, 1), "swapped"),
            (self.square(400_000, 4_000_000, 400_001, 4_000_001), "UTM"),
            (self.square(100, 40, 101, 41), "does not touch the zone it is a part of"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(ValidationError, words):
                self.old_town.boundary = text
            self.assertEqual(self.old_town.boundary, good)
        with self.assertRaises(ValidationError):
            self.env["civic.zone"].create({"name": "New", "boundary": "x"})

    def test_every_reason_has_words(self):
        words = self.env["civic.zone"]._get_refusal_words()
        self.assertEqual(list(words), list(zones.RefusedBoundary.REASONS))

    def test_a_citys_first_boundary_lies_in_its_country(self):
        self.city.country_id = self.env.ref("base.es")
        with self.assertRaisesRegex(ValidationError, "swapped"):
            self.whole_city.boundary = self.square(36.5, -6, 36.6, -5.9)
        self.whole_city.boundary = self.square(-6, 36.5, -5.9, 36.6)

    def test_a_boundary_comes_as_a_file(self):
        self.draw_zones()
        content = base64.b64encode(b"\xef\xbb\xbf" + self.square(0, 42, 2, 44).encode())
        with Form(self.old_town) as form:
            form.boundary_file = content
            self.assertIn("42.0", form.boundary)
        self.assertEqual(self.old_town.center_latitude, 43)
        north = self.env["civic.zone"].create({"name": "North", "boundary_file": content})
        self.assertEqual(north.center_latitude, 43)
        with self.assertRaises(ValidationError):
            north.boundary_file = base64.b64encode(b"\xff\xfe\x00")

    def test_points_have_the_smallest_zone_as_it_is_now(self):
        locate = self.env["civic.zone"]._locate
        self.assertIsNone(locate([(41, 1)]), "without boundaries nothing is known")
        self.draw_zones()
        points = [(41, 1), (43, 1), (41, 3), (50, 1)]
        expected = [self.old_town.id, self.centre.id, self.whole_city.id, False]
        self.assertEqual(locate(points), expected)
        self.old_town.active = False
        self.assertEqual(locate(points[:1]), [self.centre.id])
        self.old_town.active = True
        self.old_town.boundary = self.square(0, 42, 2, 44)
        self.assertEqual(locate(points[:2]), [self.centre.id, self.old_town.id])

    def test_zones_of_another_city_do_not_count(self):
        self.draw_zones()
        other = self.env["res.company"].create({"name": "Other city"})
        self.assertIsNone(self.env["civic.zone"]._locate([(41, 1)], other))

    def test_the_zones_are_looked_up_without_a_query(self):
        self.draw_zones()
        self.env["civic.zone"]._locate([(41, 1)])
        with self.assert_queries_at_most(0):
            self.env["civic.zone"]._locate([(41, 1), (50, 1)])

    def test_the_base_map_has_the_zones_and_asks_no_third_party(self):
        self.draw_zones()
        section = {"name": "S", "kind": "section", "parent_id": self.old_town.id, "boundary": self.square(0, 40, 1, 41)}
        self.env["civic.zone"].create(section)
        answer = self.env["civic.zone"].with_user(self.users["worker"]).get_base_map()
        features = json.loads(answer["zones"])["features"]
        mine = [f["properties"] for f in features if f["properties"]["id"] in (self.whole_city | self.old_town).ids]
        self.assertEqual([zone["name"] for zone in mine], ["Test City", "Old Town"])
        self.assertNotIn("S", [f["properties"]["name"] for f in features])
        self.assertFalse(answer["tiles"])
        with self.assertRaises(AccessError):
            self.env["civic.zone"].with_user(self.users["citizen"]).get_base_map()

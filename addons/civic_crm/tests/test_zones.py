# SPDX-License-Identifier: AGPL-3.0-or-later
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import shapely
from lxml import etree

from odoo.tests import BaseCase, tagged

from ..core import zones

SQUARE = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
#: (reason, geometry or whole document, position)
REFUSED = [
    ("wrong_kind", {"type": "Point", "coordinates": [1, 2]}, None),
    ("wrong_kind", {"type": "LineString", "coordinates": SQUARE}, None),
    ("not_geojson", {"type": "Circle", "coordinates": SQUARE}, None),
    ("not_geojson", {"type": "Polygon"}, None),
    ("not_geojson", {"type": "Polygon", "coordinates": "0 0, 1 1"}, None),
    ("not_geojson", {"type": "Polygon", "coordinates": ["0 0, 1 1"]}, None),
    ("not_geojson", [SQUARE], None),
    ("not_geojson", "Polygon", None),
    ("not_geojson", {"type": "FeatureCollection"}, None),
    ("not_geojson", {"type": "FeatureCollection", "features": [1]}, None),
    ("empty", {"type": "FeatureCollection", "features": []}, None),
    ("empty", {"type": "Feature", "geometry": None}, None),
    ("empty", {"type": "Polygon", "coordinates": []}, None),
    ("empty", {"type": "Polygon", "coordinates": [[]]}, None),
    ("empty", {"type": "MultiPolygon", "coordinates": []}, None),
    ("empty", {"type": "MultiPolygon", "coordinates": [[]]}, None),
    ("not_numbers", {"type": "Polygon", "coordinates": [[["0", "0"], [4, 0], [4, 4], [0, 0]]]}, None),
    ("not_numbers", {"type": "Polygon", "coordinates": [[[0], [4, 0], [4, 4], [0, 0]]]}, None),
    ("not_numbers", {"type": "Polygon", "coordinates": [[[True, 0], [4, 0], [4, 4], [True, 0]]]}, None),
    ("not_numbers", {"type": "Polygon", "coordinates": [[[1e999, 0], [4, 0], [4, 4], [1e999, 0]]]}, None),
    ("not_geojson", {"type": "Polygon", "coordinates": [0, 0]}, None),
    ("too_few_points", {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [0, 0]]]}, (0, 0)),
    ("too_few_points", {"type": "Polygon", "coordinates": [[[1, 1], [1, 1], [1, 1], [1, 1]]]}, (1, 1)),
    ("not_closed", {"type": "Polygon", "coordinates": [SQUARE[:-1]]}, (0, 4)),
    ("swapped", {"type": "Polygon", "coordinates": [[[37, -120], [38, -120], [38, -121], [37, -120]]]}, (37, -120)),
    ("out_of_range", {"type": "Polygon", "coordinates": [[[0, 0], [200, 0], [0, 95], [0, 0]]]}, (200, 0)),
    ("self_crossing", {"type": "Polygon", "coordinates": [[[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]]}, (2, 2)),
    ("self_crossing", {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [2, 0], [0, 0]]]}, (1, 0)),
    ("hole_outside", {"type": "Polygon", "coordinates": [SQUARE, [[5, 5], [6, 5], [6, 6], [5, 5]]]}, (5, 5)),
    ("parts_overlap", {"type": "MultiPolygon", "coordinates": [[SQUARE], [[[2, 0], [6, 0], [6, 2], [2, 0]]]]}, (4, 1)),
    ("parts_overlap", {"type": "MultiPolygon", "coordinates": [[SQUARE], [[[1, 1], [2, 1], [2, 2], [1, 1]]]]}, (1, 1)),
    (
        "wrong_crs",
        {"type": "Polygon", "coordinates": [SQUARE], "crs": {"properties": {"name": "EPSG:25830"}}},
        None,
    ),
]


def polygon(*ring, **more):
    return {"type": "Polygon", "coordinates": [list(map(list, ring))], **more}


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@tagged("post_install", "-at_install")
class TestBoundary(BaseCase):
    def assert_refused(self, reason, position, function, *args, **kwargs):
        with self.assertRaises(zones.RefusedBoundary) as caught:
            function(*args, **kwargs)
        self.assertEqual((caught.exception.reason, caught.exception.position), (reason, position))

    def test_what_is_no_boundary_is_refused_with_the_reason_and_the_place(self):
        for number, (reason, document, position) in enumerate(REFUSED):
            text = json.dumps(document).replace("Infinity", "1e999")
            with self.subTest(number=number, reason=reason):
                self.assert_refused(reason, position, zones.parse_boundary, text)

    def test_every_reason_is_one_of_those_that_have_words(self):
        self.assertLessEqual({reason for reason, _document, _position in REFUSED}, set(zones.RefusedBoundary.REASONS))

    def test_what_is_not_json_is_refused(self):
        for text in ("", "POLYGON ((0 0, 1 1))", "{", "[" * 100_000):
            with self.subTest(text=text[:20]):
                self.assert_refused("not_json", None, zones.parse_boundary, text)

    def test_a_text_or_a_ring_without_end_is_refused(self):
        self.assert_refused("too_large", None, zones.parse_boundary, " " * (zones.MAX_BYTES + 1))
        angles = np.linspace(0, 6.28, zones.MAX_VERTICES)
        ring = [[float(x), float(y)] for x, y in zip(np.cos(angles), np.sin(angles), strict=True)]
        ring.append(ring[0])
        self.assert_refused("too_many_points", None, zones.parse_boundary, json.dumps(polygon(*ring)))

    def test_one_feature_is_one_boundary_however_it_is_wrapped(self):
        bare = polygon(*SQUARE)
        collection = {"type": "FeatureCollection", "features": [feature(bare)]}
        for document in (bare, feature(bare), collection):
            self.assertEqual(zones.parse_boundary(json.dumps(document)).area, 16)
        collection["features"].append(feature(bare))
        self.assert_refused("several_features", None, zones.parse_boundary, json.dumps(collection))

    def test_wgs_84_may_be_named(self):
        for name in ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"):
            document = polygon(*SQUARE, crs={"type": "name", "properties": {"name": name}})
            self.assertEqual(zones.parse_boundary(json.dumps(document)).area, 16)

    def test_heights_are_dropped_and_a_centimetre_is_enough(self):
        ring = [[0.123456789, 0, 12], [4, 0, 12], [4, 4, 12], [0.123456789, 0, 12]]
        text = zones.to_geojson(zones.parse_geometry(polygon(*ring)))
        self.assertEqual(json.loads(text)["coordinates"][0][0], [0.1234568, 0.0])

    def test_swapped_coordinates_show_by_where_the_city_lies(self):
        city = (-4.6, 36.6, -4.3, 36.8)
        right = [[-4.5, 36.7], [-4.4, 36.7], [-4.4, 36.75], [-4.5, 36.7]]
        swapped = polygon(*[point[::-1] for point in right])
        self.assertTrue(zones.parse_geometry(polygon(*right), near=city))
        self.assert_refused("swapped", (36.7, -4.5), zones.parse_geometry, swapped, near=city)
        self.assert_refused("swapped", (36.7, -4.5), zones.parse_geometry, swapped, within=city)
        self.assertTrue(zones.parse_geometry(swapped), "without knowing where the city lies it may be right")

    def test_a_part_lies_somewhere_near_its_whole(self):
        elsewhere = polygon([10, 10], [11, 10], [11, 11], [10, 10])
        self.assert_refused("far_away", (10, 10), zones.parse_geometry, elsewhere, within=(0, 0, 4, 4))
        self.assertTrue(zones.parse_geometry(elsewhere, near=(0, 0, 4, 4)))

    def test_a_hole_and_an_island_stay(self):
        hole = [[1, 1], [2, 1], [2, 2], [1, 1]]
        island = [[6, 6], [7, 6], [7, 7], [6, 6]]
        whole = zones.parse_geometry({"type": "MultiPolygon", "coordinates": [[SQUARE, hole], [island]]})
        self.assertEqual(whole.area, 16 - 0.5 + 0.5)
        self.assertEqual(zones.from_geojson([zones.to_geojson(whole)])[0], whole)

    def test_areas_are_those_of_the_ellipsoid(self):
        """Of a degree square, from the closed formula; the whole earth has 510,065,622 km²."""
        earth = shapely.box(-180, -90, 180, 90)
        self.assertAlmostEqual(zones.area_km2(earth) / 510_065_622, 1, places=6)
        # a degree at the equator is 111.320 km of longitude, 110.574 km of latitude
        self.assertAlmostEqual(zones.area_km2(shapely.box(0, 0, 1, 1)), 12_308.8, delta=1)
        self.assertAlmostEqual(zones.area_km2(shapely.box(0, 60, 1, 61)), 6_124, delta=2)

    def test_the_centre_is_latitude_first(self):
        self.assertEqual(zones.center(shapely.box(-6, 36, -5, 37)), (36.5, -5.5))

    def test_neighbours_share_their_border_when_drawn_with_fewer_points(self):
        wave = [(x / 100, 1 + 0.01 * np.sin(x)) for x in range(101)]
        south = shapely.Polygon([(0, 0), (1, 0), *wave[::-1]])
        north = shapely.Polygon([*wave, (1, 2), (0, 2)])
        few = zones.simplify_for_map([south, north], 60)
        self.assertLess(shapely.get_num_coordinates(few).sum(), 61)
        self.assertAlmostEqual(shapely.union_all(few).area, few[0].area + few[1].area)


@tagged("post_install", "-at_install")
class TestZoneIndex(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.index = zones.ZoneIndex(
            [
                (1, 0, shapely.box(0, 0, 4, 4)),  # the city
                (2, 1, shapely.box(0, 0, 2, 4)),
                (3, 1, shapely.box(2, 0, 4, 4)),
                (5, 2, shapely.box(0, 0, 2, 2)),
                (4, 2, shapely.box(0, 1, 2, 3)),
            ]
        )

    def test_the_smallest_kind_of_zone_wins(self):
        for point, key in (((1, 0.5), 5), ((1, 3.5), 2), ((3, 1), 3), ((5, 1), 0), ((-0.001, 1), 0)):
            with self.subTest(point=point):
                self.assertEqual(self.index.find(*point), key)

    def test_on_a_shared_border_the_first_given_wins(self):
        self.assertEqual(self.index.find(2, 3.5), 2)
        self.assertEqual(self.index.find(1, 1.5), 5)
        turned = zones.ZoneIndex([(3, 1, shapely.box(2, 0, 4, 4)), (2, 1, shapely.box(0, 0, 2, 4))])
        self.assertEqual(turned.find(2, 3.5), 3)

    def test_the_citys_own_border_is_in_the_city(self):
        self.assertEqual(self.index.find(4, 4), 3)

    def test_a_hole_is_outside(self):
        ring = shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 2, 2))
        index = zones.ZoneIndex([(1, 0, ring)])
        self.assertEqual((index.find(1.5, 1.5), index.find(0.5, 0.5)), (0, 1))

    def test_without_zones_everything_is_nowhere(self):
        index = zones.ZoneIndex([])
        self.assertFalse(index)
        self.assertEqual(list(index.find_many([1, 2], [1, 2])), [0, 0])
        self.assertEqual(list(self.index.find_many([], [])), [])

    def test_many_points_have_the_zones_that_each_has_alone(self):
        """Against the definition, for points of a grid that lie on borders too."""
        x, y = (axis.ravel() / 4 for axis in np.meshgrid(np.arange(-2, 19), np.arange(-2, 19)))
        expected = [self.index.find(*point) for point in zip(x, y, strict=True)]
        self.assertEqual(list(self.index.find_many(x, y)), expected)
        order = [(5, shapely.box(0, 0, 2, 2)), (4, shapely.box(0, 1, 2, 3)), (2, shapely.box(0, 0, 2, 4))]
        order += [(3, shapely.box(2, 0, 4, 4)), (1, shapely.box(0, 0, 4, 4))]
        for (longitude, latitude), key in zip(zip(x, y, strict=True), expected, strict=True):
            point = shapely.Point(longitude, latitude)
            self.assertEqual(key, next((k for k, box in order if box.covers(point)), 0))

    def test_more_points_than_are_taken_at_once(self):
        count = zones.CHUNK + 7
        keys = self.index.find_many(np.full(count, 3.0), np.full(count, 1.0))
        self.assertEqual((len(keys), set(keys)), (count, {3}))


@tagged("post_install", "-at_install")
class TestDemoCity(BaseCase):
    def test_the_neighbourhoods_of_the_demo_city_leave_no_gap(self):
        path = Path(__file__).resolve().parent.parent / "demo" / "civic_zone_demo.xml"
        by_kind = defaultdict(list)
        for record in etree.parse(path).iter("record"):
            values = {field.get("name"): field.text for field in record}
            by_kind[values["kind"]].append(zones.parse_boundary(values["boundary"]))
        self.assertGreaterEqual(len(by_kind["neighbourhood"]), 21)
        (city,) = by_kind["city"]
        for kind in ("district", "neighbourhood"):
            with self.subTest(kind=kind):
                self.assertTrue(shapely.coverage_is_valid(by_kind[kind]))
                self.assertTrue(shapely.coverage_union_all(by_kind[kind]).equals(city))

# SPDX-License-Identifier: AGPL-3.0-or-later
from math import asin, cos, radians, sin, sqrt
from unittest import TestCase

from ..core.places import EARTH_RADIUS, box_around, coarsen, distance, is_known


def haversine(lat, lon, other_lat, other_lon):
    """The great circle between two points, the definition our approximation is held against."""
    lat, lon, other_lat, other_lon = map(radians, (lat, lon, other_lat, other_lon))
    h = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin((other_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(sqrt(h))


class TestPlaces(TestCase):
    def test_distances_agree_with_the_great_circle(self):
        for lat, lon in ((0, 0), (40.4168, -3.7038), (-33.45, -70.66), (60.17, 24.94), (52.0, 179.999)):
            for north, east in ((0.0001, 0), (0, 0.0001), (0.01, 0.02), (-0.03, 0.01)):
                other = (lat + north, lon + east)
                with self.subTest(here=(lat, lon), there=other):
                    exact = haversine(lat, lon, *other)
                    self.assertAlmostEqual(distance(lat, lon, *other), exact, delta=max(0.02, exact * 2e-6))

    def test_the_date_line_does_not_part_neighbours(self):
        self.assertLess(distance(52, 179.9999, 52, -179.9999), 20)

    def test_the_box_holds_every_point_within_and_little_more(self):
        for lat, lon in ((0, 0), (40.4168, -3.7038), (-70, 10)):
            south, west, north, east = box_around(lat, lon, 50)
            self.assertAlmostEqual(distance(lat, lon, north, lon), 50, delta=0.01)
            self.assertAlmostEqual(distance(lat, lon, lat, east), 50, delta=0.01)
            self.assertLess(south, lat)
            self.assertLess(west, lon)

    def test_around_a_pole_the_box_goes_all_around(self):
        _south, west, _north, east = box_around(90, 0, 50)
        self.assertEqual((west, east), (-180, 180))

    def test_no_point_is_zero_zero_or_off_the_earth(self):
        for point in ((0, 0), (91, 0), (10, 181)):
            with self.subTest(point=point):
                self.assertFalse(is_known(*point))
        self.assertTrue(is_known(0, 10))

    def test_a_coarse_point_says_the_cell_and_no_more(self):
        for metres in (10, 100, 500):
            lat, lon = coarsen(40.41681234, -3.70381234, metres)
            with self.subTest(metres=metres):
                self.assertLessEqual(distance(40.41681234, -3.70381234, lat, lon), metres * 0.7072)
                self.assertEqual(coarsen(lat, lon, metres), (lat, lon))

    def test_neighbours_in_one_cell_are_not_told_apart(self):
        lat, lon = coarsen(40.4168, -3.7038, 200)
        step = 60 / 111_195
        self.assertEqual(coarsen(lat + step, lon - step, 200), (lat, lon))

    def test_exact_to_nothing_leaves_the_point(self):
        self.assertEqual(coarsen(40.41681234, -3.70381234, 0), (40.41681234, -3.70381234))
        self.assertEqual(coarsen(0, 0, 100), (0, 0))

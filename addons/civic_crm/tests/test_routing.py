# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import BaseCase, tagged

from ..core.routing import Word, depends_on_place, find_department

CITY, NORTH, OLD_TOWN, SOUTH = 1, 2, 3, 4
CLEANING, NORTH_CREW, OLD_TOWN_CREW, WORKS = 10, 11, 12, 13
IN_OLD_TOWN = (OLD_TOWN, NORTH, CITY)

TABLE = Word({NORTH: NORTH_CREW, OLD_TOWN: OLD_TOWN_CREW}, CLEANING)
SILENT = Word()


@tagged("post_install", "-at_install")
class TestRouting(BaseCase):
    def test_the_nearest_word_wins(self):
        for words, zones, expected in (
            ([TABLE], IN_OLD_TOWN, OLD_TOWN_CREW),
            ([TABLE], (NORTH, CITY), NORTH_CREW),
            ([TABLE], (99, NORTH, CITY), NORTH_CREW),  # a neighbourhood without a row of its own
            ([TABLE], (SOUTH, CITY), CLEANING),
            ([TABLE], (), CLEANING),  # the place is unknown
            ([Word({CITY: WORKS})], (SOUTH, CITY), WORKS),
            ([Word({NORTH: NORTH_CREW})], (SOUTH, CITY), None),
            ([SILENT, TABLE], IN_OLD_TOWN, OLD_TOWN_CREW),  # the heading says it
            ([Word(department=WORKS), TABLE], IN_OLD_TOWN, WORKS),  # the service overrules its heading
            ([Word({NORTH: NORTH_CREW}), Word(department=WORKS)], (SOUTH, CITY), WORKS),
            ([SILENT, SILENT], IN_OLD_TOWN, None),
            ([], IN_OLD_TOWN, None),
        ):
            with self.subTest(words=words, zones=zones):
                self.assertEqual(find_department(words, zones), expected)

    def test_whether_the_place_matters(self):
        for words, expected in (
            ([TABLE], True),
            ([SILENT, TABLE], True),
            ([Word(department=WORKS), TABLE], False),
            ([SILENT], False),
        ):
            with self.subTest(words=words):
                self.assertEqual(depends_on_place(words), expected)

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import BaseCase, tagged

from ..core.routing import Line, Said, depends_on_place, find

CITY, NORTH, OLD_TOWN, SOUTH = 1, 2, 3, 4
STREETS, LAMP, BENCH = 20, 21, 22
CLEANING, NORTH_CREW, OLD_TOWN_CREW, WORKS = 10, 11, 12, 13
ANA, BEA = (31,), (32,)
IN_OLD_TOWN = (OLD_TOWN, NORTH, CITY)
LAMP_LINE = (LAMP, STREETS)

TABLE = {
    (None, STREETS): Line(WORKS),
    (NORTH, LAMP): Line(NORTH_CREW),
    (OLD_TOWN, None): Line(None, ANA),
}


@tagged("post_install", "-at_install")
class TestRouting(BaseCase):
    def test_the_nearest_place_wins_and_in_it_the_nearest_service(self):
        for more, services, zones, expected in (
            ({}, LAMP_LINE, IN_OLD_TOWN, Said(NORTH_CREW, NORTH, LAMP)),
            ({}, LAMP_LINE, (99, NORTH, CITY), Said(NORTH_CREW, NORTH, LAMP)),
            ({}, LAMP_LINE, (SOUTH, CITY), Said(WORKS, None, STREETS)),
            ({}, LAMP_LINE, (), Said(WORKS, None, STREETS)),  # the place is unknown
            ({}, (BENCH, STREETS), IN_OLD_TOWN, Said(WORKS, None, STREETS)),
            ({(None, BENCH): Line(CLEANING)}, (BENCH, STREETS), IN_OLD_TOWN, Said(CLEANING, None, BENCH)),
            ({(OLD_TOWN, STREETS): Line(CLEANING)}, LAMP_LINE, IN_OLD_TOWN, Said(CLEANING, OLD_TOWN, STREETS)),
            ({(NORTH, STREETS): Line(CLEANING)}, LAMP_LINE, IN_OLD_TOWN, Said(NORTH_CREW, NORTH, LAMP)),
            ({(CITY, None): Line(CLEANING)}, (BENCH, STREETS), IN_OLD_TOWN, Said(CLEANING, CITY, None)),
            ({(OLD_TOWN, LAMP): Line(OLD_TOWN_CREW)}, (), IN_OLD_TOWN, None),  # of no service
            ({}, (99,), (SOUTH,), None),
        ):
            with self.subTest(more=more, services=services, zones=zones):
                self.assertEqual(find({**TABLE, **more}, services, zones, "department"), expected)

    def test_people_and_department_are_looked_for_apart(self):
        self.assertEqual(find(TABLE, LAMP_LINE, IN_OLD_TOWN, "people"), Said(ANA, OLD_TOWN, None))
        self.assertIsNone(find(TABLE, LAMP_LINE, (NORTH, CITY), "people"))
        table = {**TABLE, (OLD_TOWN, LAMP): Line(OLD_TOWN_CREW, BEA)}
        self.assertEqual(find(table, LAMP_LINE, IN_OLD_TOWN, "people"), Said(BEA, OLD_TOWN, LAMP))

    def test_whether_the_place_matters(self):
        for services, expected in ((LAMP_LINE, True), ((BENCH, STREETS), False), ((STREETS,), False)):
            with self.subTest(services=services):
                self.assertEqual(depends_on_place(TABLE, services), expected)
        self.assertTrue(depends_on_place({(CITY, None): Line(WORKS)}, (BENCH,)))

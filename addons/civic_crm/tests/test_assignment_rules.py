# SPDX-License-Identifier: AGPL-3.0-or-later
from collections import Counter
from datetime import datetime
from unittest import TestCase

from ..core.assignment import Member, assign

MONDAY = datetime(2026, 3, 2)
TUESDAY = datetime(2026, 3, 3)


def member(number, load=0, turn=None, zones=()):
    return Member(number, load, turn, frozenset(zones))


class TestAssignment(TestCase):
    def test_table(self):
        ana, bea, carl = member(1, 5), member(2, 0), member(3, 2)
        centre, port = member(1, 9, zones=[10]), member(2, 0, zones=[20])
        table = [
            ("nobody is there", "least_loaded", [], [()], [None]),
            ("no case", "round_robin", [ana], [], []),
            ("in turn, by number at the start", "round_robin", [carl, ana, bea], [()] * 4, [1, 2, 3, 1]),
            (
                "in turn, where the last batch stopped",
                "round_robin",
                [member(1, turn=(TUESDAY, 9)), member(2, turn=(MONDAY, 5)), member(3)],
                [()] * 4,
                [3, 2, 1, 3],
            ),
            (
                "in turn within the same second, by case",
                "round_robin",
                [member(1, turn=(MONDAY, 4)), member(2, turn=(MONDAY, 2)), member(3, turn=(MONDAY, 3))],
                [()] * 3,
                [2, 3, 1],
            ),
            ("the least loaded until all are even", "least_loaded", [ana, bea, carl], [()] * 5, [2, 2, 3, 2, 3]),
            (
                "equally loaded: who has waited longest",
                "least_loaded",
                [member(1, 1, (TUESDAY, 1)), member(2, 1, (MONDAY, 1))],
                [()],
                [2],
            ),
            ("by zone, though busier", "zone", [centre, port], [(10, 1), (20, 1)], [1, 2]),
            ("a zone around the case's counts", "zone", [member(1, zones=[1]), member(2, zones=[2])], [(31, 2)], [2]),
            ("nobody looks after the zone: the least loaded", "zone", [centre, port], [(99,)], [2]),
            ("no zone: the least loaded", "zone", [centre, port], [()], [2]),
        ]
        for name, method, members, cases, expected in table:
            with self.subTest(name):
                self.assertEqual(assign(method, members, cases), expected)

    def test_everybody_gets_their_share(self):
        for method in ("round_robin", "least_loaded"):
            with self.subTest(method):
                shares = Counter(assign(method, [member(i) for i in range(1, 8)], [()] * 100))
                self.assertLessEqual(max(shares.values()) - min(shares.values()), 1)

    def test_the_order_in_which_members_are_read_does_not_matter(self):
        members = [member(3, 1), member(1, 1), member(2, 0, (MONDAY, 1))]
        for method in ("round_robin", "least_loaded", "zone"):
            with self.subTest(method):
                self.assertEqual(assign(method, members, [()] * 7), assign(method, list(reversed(members)), [()] * 7))

    def test_an_unknown_method_is_refused(self):
        with self.assertRaises(ValueError):
            assign("lottery", [member(1)], [()])

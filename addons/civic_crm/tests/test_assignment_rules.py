# SPDX-License-Identifier: AGPL-3.0-or-later
from collections import Counter
from datetime import datetime
from unittest import TestCase

from ..core.assignment import Member, assign

MONDAY = datetime(2026, 3, 2)
TUESDAY = datetime(2026, 3, 3)


def member(number, load=0, turn=None):
    return Member(number, load, turn)


class TestAssignment(TestCase):
    def test_table(self):
        ana, bea, carl = member(1, 5), member(2, 0), member(3, 2)
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
            ("who looks after the place, though busier", "least_loaded", [ana, bea], [(1,), ()], [1, 2]),
            ("in turn among those of the place", "round_robin", [ana, bea, carl], [(1, 3)] * 3, [1, 3, 1]),
            ("the less busy of those of the place", "none", [ana, bea, carl], [(1, 3)] * 2, [3, 3]),
            ("they are away: all others", "least_loaded", [ana, bea], [(99,)], [2]),
            ("they are away, and nobody else is given cases", "none", [ana, bea], [(99,), ()], [None, None]),
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
        for method in ("round_robin", "least_loaded"):
            with self.subTest(method):
                self.assertEqual(assign(method, members, [()] * 7), assign(method, list(reversed(members)), [()] * 7))

    def test_an_unknown_method_is_refused(self):
        with self.assertRaises(ValueError):
            assign("lottery", [member(1)], [()])

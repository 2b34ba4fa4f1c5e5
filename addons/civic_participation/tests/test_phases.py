# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from ..core import phases
from ..core.phases import Span


def day(number):
    return datetime(2026, 3, 1) + timedelta(days=number - 1)


def spans(*days):
    return [Span(day(start), day(end)) for start, end in days]


SECOND = timedelta(seconds=1)
TWO = spans((2, 4), (6, 8))  # a pause between them


@tagged("post_install", "-at_install")
class TestPhases(BaseCase):
    def test_a_phase_is_open_from_its_start_included_to_its_end_excluded(self):
        span = Span(day(2), day(4))
        for moment, expected in (
            (day(2) - SECOND, "upcoming"),
            (day(2), "open"),
            (day(3), "open"),
            (day(4) - SECOND, "open"),
            (day(4), "over"),
            (day(9), "over"),
        ):
            with self.subTest(moment=moment):
                self.assertEqual(phases.phase_state(span, moment), expected)

    def test_a_published_process_is_open_from_its_first_start_to_its_last_end(self):
        for moment, expected in (
            (day(1), "announced"),
            (day(2), "open"),
            (day(5), "open"),  # the pause
            (day(8) - SECOND, "open"),
            (day(8), "finished"),
        ):
            with self.subTest(moment=moment):
                state = phases.process_state(TWO, moment, published=True, cancelled=False)
                self.assertEqual(state, expected)

    def test_what_people_decide_goes_before_what_the_dates_say(self):
        for moment in (day(1), day(3), day(9)):
            for published, cancelled, expected in (
                (False, False, "draft"),
                (True, True, "cancelled"),
                (False, True, "cancelled"),
            ):
                with self.subTest(moment=moment, expected=expected):
                    state = phases.process_state(TWO, moment, published=published, cancelled=cancelled)
                    self.assertEqual(state, expected)

    def test_a_published_process_without_phases_is_announced(self):
        state = phases.process_state([], day(1), published=True, cancelled=False)
        self.assertEqual(state, "announced")

    def test_the_whole_reaches_from_the_first_start_to_the_last_end(self):
        self.assertIsNone(phases.extent([]))
        nested = spans((3, 5), (2, 9), (4, 6))
        self.assertEqual(phases.extent(nested), Span(day(2), day(9)))

    def test_current_phases_are_those_open_earliest_first(self):
        several = spans((3, 6), (6, 9), (1, 5), (2, 4))
        for moment, expected in (
            (day(1), [2]),
            (day(3), [2, 3, 0]),
            (day(6), [1]),  # one ends, the next begins: never both
            (day(9), []),
        ):
            with self.subTest(moment=moment):
                self.assertEqual(phases.current(several, moment), expected)

    def test_the_next_opening_is_the_first_start_still_to_come(self):
        for moment, expected in (
            (day(1), day(2)),
            (day(2), day(6)),  # the phase that opens right now is open already
            (day(5), day(6)),
            (day(6), None),
        ):
            with self.subTest(moment=moment):
                self.assertEqual(phases.next_opening(TWO, moment), expected)
        self.assertIsNone(phases.next_opening([], day(1)))

    def test_a_phase_ends_after_it_begins(self):
        self.assertEqual(phases.find_reversed(spans((1, 2), (4, 3), (5, 5))), [1, 2])
        self.assertEqual(phases.find_reversed(TWO), [])

    def test_overlaps_are_found_whatever_the_order(self):
        for days, expected in (
            (((2, 4), (6, 8)), None),
            (((2, 4), (4, 6)), None),  # one after the other
            (((2, 5), (4, 6)), (0, 1)),
            (((4, 6), (2, 5)), (1, 0)),
            (((1, 9), (2, 3), (4, 5)), (0, 1)),  # one inside the other
            (((2, 3), (1, 9), (9, 11)), (1, 0)),
            (((2, 4), (2, 4)), (0, 1)),
            (((2, 6), (4, 3)), None),  # reversed: not this function's to tell
            ((), None),
        ):
            with self.subTest(days=days):
                self.assertEqual(phases.find_overlap(spans(*days)), expected)

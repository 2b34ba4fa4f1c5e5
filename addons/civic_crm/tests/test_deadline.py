# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import date

from odoo.tests import BaseCase, tagged

from ..core.deadline import nth_working_day

HOLIDAY = date(2026, 3, 19)


def monday_to_friday(day):
    return day.weekday() < 5 and day != HOLIDAY


@tagged("post_install", "-at_install")
class TestDeadline(BaseCase):
    def test_working_days_are_counted_from_the_next_day(self):
        for start, count, expected in (
            (date(2026, 3, 2), 1, date(2026, 3, 3)),  # Monday → Tuesday
            (date(2026, 3, 6), 1, date(2026, 3, 9)),  # Friday → Monday
            (date(2026, 3, 7), 1, date(2026, 3, 9)),  # Saturday → Monday
            (date(2026, 3, 5), 10, date(2026, 3, 20)),  # over the holiday
            (date(2026, 3, 18), 1, date(2026, 3, 20)),  # the holiday itself
        ):
            with self.subTest(start=start, count=count):
                self.assertEqual(nth_working_day(start, count, monday_to_friday), expected)

    def test_no_promise_of_less_than_a_day(self):
        with self.assertRaises(ValueError):
            nth_working_day(date(2026, 3, 2), 0, monday_to_friday)

    def test_a_calendar_without_working_days_is_an_error_not_a_loop(self):
        with self.assertRaises(ValueError):
            nth_working_day(date(2026, 3, 2), 1, lambda day: False)

# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import datetime
from unittest import TestCase

from ..core.enquiries import handling_seconds, is_first_contact, is_second_contact


def at(clock):
    return datetime.fromisoformat(f"2026-03-02 {clock}")


class TestEnquiryRules(TestCase):
    def test_how_long_an_answer_took(self):
        table = [
            ("from the call", "09:00:00", "09:02:00", "09:03:30", None, 210),
            ("never taken: from the answer on", None, "09:02:00", "09:03:30", None, 90),
            ("put aside for hours: from the answer on", "06:00:00", "09:02:00", "09:03:30", None, 90),
            ("half an hour is still one call", "08:30:00", "09:00:00", "09:01:00", None, 1860),
            ("what the person says counts", "09:00:00", "09:02:00", "09:03:30", 45, 45),
            ("nothing is negative", "09:00:00", "09:02:00", "09:03:30", -5, 0),
            ("a clock set back", "09:05:00", "09:02:00", "09:01:00", None, 0),
        ]
        for name, started, opened, finished, typed, expected in table:
            with self.subTest(name):
                taken = handling_seconds(started and at(started), at(opened), at(finished), typed=typed)
                self.assertEqual(taken, expected)

    def test_settled_at_first_contact(self):
        table = [
            (True, 0, 0, True),
            (False, 0, 0, False),
            (True, 1, 0, False),
            (True, 0, 1, False),
        ]
        for answers, cases, handovers, expected in table:
            with self.subTest(answers=answers, cases=cases, handovers=handovers):
                self.assertEqual(is_first_contact(answers=answers, cases=cases, handovers=handovers), expected)

    def test_who_comes_back_was_not_answered(self):
        table = [
            ("the same topic within the week", 1, 1, 3, True),
            ("another topic", 1, 2, 3, False),
            ("a topic not known", 1, None, 3, True),
            ("after the week", 1, 1, 8, False),
            ("on its last day", 1, 1, 7, True),
            ("before the answer", 1, 1, -1, False),
        ]
        for name, first, second, days, expected in table:
            with self.subTest(name):
                self.assertEqual(is_second_contact(first, second, days_between=days, within=7), expected)

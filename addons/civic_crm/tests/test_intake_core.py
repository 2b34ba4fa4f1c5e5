# SPDX-License-Identifier: AGPL-3.0-or-later
import unittest
from datetime import date, timedelta

from ..core.intake import BACK_OFF, RESULTS, STATES, TERMS, balance, days_of, digest, first_words, next_wait


class TestIntakeCore(unittest.TestCase):
    def test_every_message_is_in_one_term(self):
        counts = {
            ("received", ""): 1,
            ("processed", "case"): 2,
            ("processed", "enquiry"): 3,
            ("processed", "reply"): 4,
            ("spam", ""): 5,
            ("quarantined", ""): 6,
        }
        self.assertEqual(tuple(balance(21, counts)), (21, 2, 3, 4, 5, 6, 1))
        self.assertTrue(balance(21, counts).is_even)
        self.assertEqual({state for state, _result in counts}, set(STATES))

    def test_one_that_is_in_no_term_shows(self):
        self.assertFalse(balance(2, {("processed", "case"): 1, ("processed", ""): 1}).is_even)
        self.assertFalse(balance(2, {("received", ""): 1}).is_even)

    def test_waits_grow_and_end(self):
        waits = [next_wait(attempts) for attempts in range(1, len(BACK_OFF) + 2)]
        self.assertIsNone(waits.pop())
        self.assertEqual(waits, sorted(waits))
        self.assertGreaterEqual(waits[0], timedelta(minutes=1))
        self.assertIsNone(next_wait(0))

    def test_the_digest_is_sha_256(self):
        # FIPS 180-2, the example of one block
        self.assertEqual(digest(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")

    def test_the_terms_are_all_there_is_and_none_overlaps(self):
        found = {(term["state"], term.get("result", "")) for term in TERMS.values()}
        self.assertEqual(len(found), len(TERMS))
        self.assertEqual({state for state, _result in found}, set(STATES))
        self.assertEqual({result for state, result in found if state == "processed"}, set(RESULTS))
        self.assertEqual(balance(2, {("processed", "case"): 1, ("processed", ""): 1}).nowhere, 1)

    def test_the_days_of_a_period_end_before_the_day_after(self):
        today = date(2027, 3, 1)
        for period, first, after in (
            ("today", date(2027, 3, 1), date(2027, 3, 2)),
            ("yesterday", date(2027, 2, 28), date(2027, 3, 1)),
            ("week", date(2027, 2, 23), date(2027, 3, 2)),
            ("month", date(2027, 1, 31), date(2027, 3, 2)),
        ):
            with self.subTest(period=period):
                self.assertEqual(days_of(period, today), (first, after))

    def test_the_first_words_are_what_was_written(self):
        for text, words in (
            ("No light\nEva Ruiz <eva@home.test>\nIt is dark\n\n here.", "It is dark here."),
            ("No light\nIt is dark.", "It is dark."),
            ("It is dark.", "It is dark."),
            ("", ""),
            (None, ""),
        ):
            with self.subTest(text=text):
                self.assertEqual(first_words(text, "No light", "eva@home.test"), words)
        self.assertEqual(first_words("word " * 50, limit=20), "word word word word…")

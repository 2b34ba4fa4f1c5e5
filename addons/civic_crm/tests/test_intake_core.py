# SPDX-License-Identifier: AGPL-3.0-or-later
import unittest
from datetime import timedelta

from ..core.intake import BACK_OFF, STATES, balance, digest, next_wait


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

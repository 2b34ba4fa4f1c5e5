# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import BaseCase, tagged

from ..core import tracking_code


@tagged("post_install", "-at_install")
class TestTrackingCode(BaseCase):
    def test_a_code_survives_being_typed_by_a_person(self):
        for typed in (
            "7K3M-Q9XW-2HTD",
            "7k3mq9xw2htd",
            " 7K3M Q9XW 2HTD ",
            "7k3m.q9xw/2htd",
            "7K3M–Q9XW–2HTD",
        ):
            with self.subTest(typed=typed):
                self.assertEqual(tracking_code.normalise(typed), "7K3M-Q9XW-2HTD")

    def test_letters_taken_for_digits_are_read_as_digits(self):
        self.assertEqual(tracking_code.normalise("OIL0-0000-0000"), "0110-0000-0000")

    def test_what_is_no_code_is_refused(self):
        for typed in (None, "", "7K3M", "7K3M-Q9XW-2HTDX", "7K3M-Q9XW-2HTU", "ñ" * 12, "%" * 12):
            with self.subTest(typed=typed):
                self.assertIsNone(tracking_code.normalise(typed))

    def test_new_codes_are_canonical_and_differ(self):
        codes = {tracking_code.new_code() for _ in range(1000)}
        self.assertEqual(len(codes), 1000)
        for code in codes:
            self.assertEqual(tracking_code.normalise(code), code)

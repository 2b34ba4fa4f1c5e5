# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import BaseCase, tagged

from ..core.identity import InvalidIdentity, guess_kind, mask, name_key, normalise


@tagged("post_install", "-at_install")
class TestIdentity(BaseCase):
    def test_one_number_has_one_form_however_it_is_typed(self):
        for kind, typed, expected in (
            ("dni", "12345678Z", "12345678Z"),
            ("dni", " 12.345.678-z ", "12345678Z"),
            ("dni", "12 345 678 Z", "12345678Z"),
            ("dni", "1234567L", "01234567L"),
            ("dni", "00000001R", "00000001R"),
            ("dni", "1R", "00000001R"),
            ("nie", "X2482300W", "X2482300W"),
            ("nie", "x-2482300-w", "X2482300W"),
            ("nie", "Y1234567X", "Y1234567X"),
            ("nie", "z 1234567 r", "Z1234567R"),
            ("cif", "G28667152", "G28667152"),
            ("cif", "g-28667152", "G28667152"),
            ("cif", "J99216582", "J99216582"),
            ("passport", "aaa 123456", "AAA123456"),
            ("passport", "12345", "12345"),
        ):
            with self.subTest(kind=kind, typed=typed):
                self.assertEqual(normalise(kind, typed), expected)
                self.assertEqual(normalise(kind, expected), expected, "stored once, stored for good")

    def test_what_cannot_be_a_document_is_refused_with_the_reason(self):
        for kind, typed, reason in (
            ("dni", "12345678A", "check"),
            ("dni", "12345679Z", "check"),
            ("dni", "12345678", "check"),  # read as 1234567 with the letter "8"
            ("dni", "123456789Z", "length"),
            ("dni", "ABCDEFGHI", "shape"),
            ("dni", "", "shape"),
            ("dni", None, "shape"),
            ("dni", "１２３４５６７８Z", "shape"),
            ("dni", "X2482300W", "shape"),
            ("nie", "X2482300A", "check"),
            ("nie", "Y2482300W", "check"),
            ("nie", "X248230W", "length"),
            ("nie", "W2482300W", "shape"),
            ("nie", "12345678Z", "shape"),
            ("cif", "G28667153", "check"),
            ("cif", "G2866715", "length"),
            ("cif", "M28667152", "shape"),
            ("passport", "A1", "length"),
            ("passport", "A" * 21, "length"),
            ("passport", "ABCDEF", "shape"),
            ("passport", "ÑA123456", "shape"),
            ("passport", "AB#12345", "shape"),
        ):
            with self.subTest(kind=kind, typed=typed), self.assertRaises(InvalidIdentity) as refused:
                normalise(kind, typed)
            self.assertEqual(refused.exception.reason, reason, typed)

    def test_every_control_letter_is_checked(self):
        letters = "TRWAGMYFPDXBNJZSQVHLCKE"  # real decreto 1553/2005: the remainder by 23
        for rest, right in enumerate(letters):
            for letter in letters:
                number = f"{23 * 100000 + rest:08d}{letter}"
                with self.subTest(number=number):
                    if letter == right:
                        self.assertEqual(normalise("dni", number), number)
                    else:
                        with self.assertRaises(InvalidIdentity):
                            normalise("dni", number)

    def test_four_digits_at_most_are_shown_and_always_the_same(self):
        for kind, number, expected in (
            ("dni", "12345678Z", "***4567**"),
            ("nie", "X1234567L", "****4567*"),
            ("passport", "ABC123456", "*****3456"),
            ("passport", "XD12345678", "*****4567*"),
            ("cif", "G28667152", "****6715*"),
            ("passport", "12345", "***45"),
            ("passport", "AAAA1", "****1"),
            ("dni", "", ""),
        ):
            with self.subTest(number=number):
                self.assertEqual(mask(kind, number), expected)
                shown = [char for char in mask(kind, number) if char != "*"]
                self.assertLessEqual(len(shown), 4)

    def test_the_kind_is_seen_by_its_shape(self):
        for typed, expected in (
            ("12345678-z", "dni"),
            ("1234567L", "dni"),
            ("x 2482300 w", "nie"),
            ("G28667152", "cif"),
            ("AAA123456", "passport"),
            ("", "passport"),
        ):
            with self.subTest(typed=typed):
                self.assertEqual(guess_kind(typed), expected)

    def test_two_spellings_of_a_name_are_one(self):
        one = name_key("José García Pérez")
        for other in ("GARCIA PEREZ, JOSE", "josé  garcía-pérez", "Garci\u0301a Pe\u0301rez José"):
            with self.subTest(other=other):
                self.assertEqual(name_key(other), one)
        self.assertNotEqual(name_key("José García"), one)
        self.assertNotEqual(name_key("Peña"), name_key("Peas"))
        self.assertEqual(name_key(None), "")

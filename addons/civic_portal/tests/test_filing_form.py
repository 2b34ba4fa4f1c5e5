# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import BaseCase, tagged

from ..core.filing_form import Asked, clean, in_page_order, is_robot

GOOD = {
    "text": "The light is out.",
    "place": "Main Street 3",
    "name": "Eva Ruiz",
    "email": "eva@home.test",
}


@tagged("post_install", "-at_install")
class TestFilingForm(BaseCase):
    def errors(self, asked=None, **changed):
        _values, errors = clean({**GOOD, **changed}, asked or Asked())
        return errors

    def test_a_complete_form_has_no_errors(self):
        self.assertEqual(self.errors(), {})

    def test_what_is_missing_or_wrong_is_named(self):
        for changed, expected in (
            ({"text": ""}, {"text": "required"}),
            ({"text": "   \n "}, {"text": "required"}),
            ({"text": "No light"}, {"text": "too_short"}),
            ({"text": "x" * 4001}, {"text": "too_long"}),
            ({"place": " "}, {"place": "required"}),
            ({"place": "x" * 201}, {"place": "too_long"}),
            ({"name": ""}, {"name": "required"}),
            ({"email": ""}, {"email": "required"}),
            ({"email": "eva"}, {"email": "not_an_address"}),
            ({"email": "eva@home"}, {"email": "not_an_address"}),
            ({"email": "a@b.es, c@d.es"}, {"email": "not_an_address"}),
            ({"email": "Eva <eva@home.test>"}, {"email": "not_an_address"}),
            ({"phone": "1" * 201}, {"phone": "too_long"}),
        ):
            with self.subTest(changed=changed):
                self.assertEqual(self.errors(**changed), expected)

    def test_what_the_service_does_not_ask_may_be_empty(self):
        nobody = Asked(place=False, identity=False)
        self.assertEqual(self.errors(nobody, place="", name="", email=""), {})
        self.assertEqual(self.errors(nobody, email="eva"), {"email": "not_an_address"})

    def test_nothing_written_is_lost(self):
        values, errors = clean({"text": " line\r\nline  two ", "name": " Eva  Ruiz "}, Asked())
        self.assertTrue(errors)
        self.assertEqual(values["text"], "line\nline two")
        self.assertEqual(values["name"], "Eva Ruiz")

    def test_unknown_fields_go_no_further(self):
        values, _errors = clean({**GOOD, "partner_id": "1", "stage_id": "4"}, Asked())
        self.assertEqual(set(values), {"text", "place", "name", "email", "phone", "zone"})

    def test_errors_come_as_the_page_is_read(self):
        errors = {"email": "required", "place": "required", "answer-b": "x", "answer-a": "x", "text": "required"}
        self.assertEqual(list(in_page_order(errors)), ["text", "answer-b", "answer-a", "place", "email"])

    def test_what_the_database_cannot_store_is_left_out(self):
        values, errors = clean({**GOOD, "text": "It is\x00 dark here.", "name": "E\x00va"}, Asked())
        self.assertEqual((values["text"], values["name"], errors), ("It is dark here.", "Eva", {}))

    def test_a_robot_fills_in_what_no_person_sees(self):
        self.assertTrue(is_robot({**GOOD, "website_url": "spam.test"}))
        self.assertFalse(is_robot(GOOD))

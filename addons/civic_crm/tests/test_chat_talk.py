# SPDX-License-Identifier: AGPL-3.0-or-later
import unittest
from dataclasses import replace
from datetime import date

from ..core.chat_talk import MAX_TEXT, Needs, Talk, hear, next_ask, pick, wants_person
from ..core.questions import Option, Question

LAMPS = Question("lamps", "number", "How many?", required=True, minimum=1, maximum=9, whole=True)
KIND = Question(
    "kind", "multivaluelist", "Which kind?", options=(Option("wall", "On a wall"), Option("pole", "On a pole"))
)
SINCE = Question("since", "datetime", "Since when?", days="past")
NEEDS = Needs(
    place="required",
    questions=(LAMPS, KIND, SINCE),
    search=lambda text: [7, 9] if "light" in text else [],
    today=date(2026, 3, 2),
)


def converse(*said, needs=NEEDS, talk=None):
    """Return the talk after these answers, and whether the last one sends it."""
    talk, sends = talk or Talk(), False
    for text in said:
        sends = hear(talk, text, needs)
        talk.ask = next_ask(talk, needs)
    return talk, sends


class TestChatTalk(unittest.TestCase):
    def test_all_is_asked_in_the_order_of_the_form_and_then_confirmed(self):
        said = ["The light is out", "2", "Oak Street 3", "3", "1, on a pole", "1/3/2026", "Eva Ruiz", "eva@home.test"]
        asked = ["service", "place", "answer-lamps", "answer-kind", "answer-since", "name", "email", "confirm"]
        talk = Talk()
        for text, ask in zip(said, asked, strict=True):
            converse(text, talk=talk)
            self.assertEqual((talk.ask, talk.error), (ask, ""), text)
        self.assertEqual(talk.service, 9)
        self.assertEqual(talk.answers, {"lamps": 3, "kind": ("wall", "pole"), "since": "2026-03-01"})
        self.assertTrue(hear(talk, "Sí", NEEDS))

    def test_what_cannot_be_taken_is_asked_again_with_its_reason(self):
        for said, ask, error in (
            (["dark"], "matter", "too_short"),
            (["x" * (MAX_TEXT + 1)], "matter", "too_long"),
            (["The light is out", "4"], "service", "choose"),
            (["The light is out", "a tree"], "service", "not_found"),
            (["The light is out", "1", "-"], "place", "required"),
            (["The light is out", "1", "Oak", "many"], "answer-lamps", "not_a_number"),
            (["The light is out", "1", "Oak", "12"], "answer-lamps", "too_large"),
            (["The light is out", "1", "Oak", "2", "3"], "answer-kind", "not_an_option"),
            (["The light is out", "1", "Oak", "2", "-", "3/3/2026"], "answer-since", "not_past"),
            (["The light is out", "1", "Oak", "2", "-", "-", "Eva", "eva at home"], "email", "not_an_address"),
            (["The light is out", "1", "Oak", "2", "-", "-", "Eva", "e@home.test", "perhaps"], "confirm", "yes_or_no"),
        ):
            with self.subTest(said=said[-1][:20]):
                talk, sends = converse(*said)
                self.assertEqual((talk.ask, talk.error, sends), (ask, error, False))

    def test_what_fits_no_service_is_an_enquiry(self):
        talk, _sends = converse("Where do I pay the tax?")
        self.assertEqual((talk.kind, talk.ask), ("enquiry", "name"))
        talk, _sends = converse("The light is out", "3")  # none of these two
        self.assertEqual((talk.kind, talk.service, talk.ask), ("enquiry", 0, "name"))

    def test_somebody_signed_in_is_not_asked_who_they_are(self):
        known = replace(NEEDS, identity="known", place="no", questions=())
        talk, _sends = converse("The light is out", "1", needs=known)
        self.assertEqual(talk.ask, "confirm")

    def test_who_may_stay_anonymous_leaves_the_name_out(self):
        anonymous = replace(NEEDS, identity="optional", place="optional", questions=())
        talk, sends = converse("The light is out", "1", "-", "-", "-", "yes", needs=anonymous)
        self.assertTrue(sends)
        self.assertEqual((talk.name, talk.email, talk.place), ("", "", ""))

    def test_no_begins_again_and_keeps_who_it_is(self):
        talk, sends = converse("The light is out", "1", "Oak", "2", "-", "-", "Eva", "e@home.test", "no")
        self.assertFalse(sends)
        self.assertEqual((talk.ask, talk.matter, talk.service, talk.name), ("matter", "", 0, "Eva"))

    def test_a_talk_goes_on_after_a_reload(self):
        talk, _sends = converse("The light is out", "1")
        self.assertEqual(Talk(**talk.to_dict()), talk)

    def test_one_word_asks_for_a_person(self):
        for text in ("person", "Persona", "0", "operador!"):
            self.assertTrue(wants_person(text), text)
        for text in ("a person fell into a hole", "10", ""):
            self.assertFalse(wants_person(text), text)

    def test_options_are_named_by_number_or_words(self):
        options = KIND.options
        for text, keys in (
            ("1", ["wall"]),
            ("1,2", ["wall", "pole"]),
            ("1 2", ["wall", "pole"]),
            ("on a WALL", ["wall"]),
        ):
            self.assertEqual(pick(options, text), keys, text)

# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import date, datetime, timedelta, timezone

from odoo.tests import BaseCase, tagged

from ..core.questions import MAX_LINE, MAX_TEXT, Option, Question, RefusedAnswer, clean, read

TODAY = date(2026, 3, 10)
MADRID = timezone(timedelta(hours=1))
COLOURS = (Option("red"), Option("green"), Option("blue"))


def ask(datatype, **how):
    return Question("q", datatype, **how)


LINE, TEXT, NUMBER, DAY = ask("string"), ask("text"), ask("number"), ask("datetime")
LAMPS = ask("number", minimum=1, maximum=99, whole=True)
ONE, SOME = ask("singlevaluelist", options=COLOURS), ask("multivaluelist", options=COLOURS)
BEFORE, AFTER = ask("datetime", days="past"), ask("datetime", days="future")


@tagged("post_install", "-at_install")
class TestQuestions(BaseCase):
    def test_answers_are_read_as_people_and_programs_write_them(self):
        for question, given, expected in (
            (LINE, "  two   words ", "two words"),
            (LINE, ["only one"], "only one"),
            (LINE, "a\x00b", "ab"),
            (LINE, 12, "12"),
            (TEXT, "one\n two ", "one\n two"),
            (NUMBER, "3", 3),
            (NUMBER, " 1 500 ", 1500),
            (NUMBER, "2,5", 2.5),
            (NUMBER, "2.5", 2.5),
            (NUMBER, "-0.125", -0.125),
            (NUMBER, "0", 0),
            (NUMBER, 0, 0),
            (NUMBER, 2.5, 2.5),
            (NUMBER, 0.1 + 0.2, 0.1 + 0.2),
            (LAMPS, "1", 1),
            (LAMPS, "99", 99),
            (LAMPS, "3.0", 3),
            (DAY, "2026-03-01", date(2026, 3, 1)),
            (DAY, "1/3/2026", date(2026, 3, 1)),
            (DAY, "01-03-2026", date(2026, 3, 1)),
            (DAY, "2024-02-29", date(2024, 2, 29)),
            (DAY, date(2026, 3, 1), date(2026, 3, 1)),
            (DAY, datetime(2026, 3, 1, 23, 0), date(2026, 3, 1)),
            (DAY, "2026-03-01T23:30:00Z", date(2026, 3, 2)),  # half past midnight in the city
            (DAY, "2026-03-01T10:00:00+01:00", date(2026, 3, 1)),
            (BEFORE, "2026-03-10", TODAY),
            (AFTER, "2026-03-10", TODAY),
            (ONE, "red", ("red",)),
            (ONE, ["red", ""], ("red",)),
            (SOME, ["blue", "red"], ("red", "blue")),
            (SOME, "green", ("green",)),
            (SOME, ["red", "red"], ("red",)),
        ):
            with self.subTest(question=question.datatype, given=given):
                answer = read(question, given, TODAY, MADRID)
                self.assertEqual(answer, expected)
                self.assertIs(type(answer), type(expected))

    def test_what_is_no_answer_is_refused_with_a_reason(self):
        for question, given, code in (
            (LINE, "x" * (MAX_LINE + 1), "too_long"),
            (TEXT, "x" * (MAX_TEXT + 1), "too_long"),
            (LINE, ["a", "b"], "one_only"),
            (NUMBER, "two", "not_a_number"),
            (NUMBER, "1e9", "not_a_number"),
            (NUMBER, "nan", "not_a_number"),
            (NUMBER, "inf", "not_a_number"),
            (NUMBER, float("nan"), "not_a_number"),
            (NUMBER, "1,2,3", "not_a_number"),
            (NUMBER, "1" * 16, "not_a_number"),
            (NUMBER, "0x10", "not_a_number"),
            (NUMBER, "٣", "not_a_number"),
            (NUMBER, True, "not_a_number"),
            (NUMBER, {"a": 1}, "not_a_number"),
            (NUMBER, "1.500", "unclear_number"),
            (NUMBER, "12,000", "unclear_number"),
            (LAMPS, "1.5", "not_whole"),
            (LAMPS, "0", "too_small"),
            (LAMPS, "-1", "too_small"),
            (LAMPS, "100", "too_large"),
            (DAY, "2026-02-30", "not_a_date"),
            (DAY, "31/4/2026", "not_a_date"),
            (DAY, "2/30/2026", "not_a_date"),
            (DAY, "tomorrow", "not_a_date"),
            (DAY, "0001-01-01", "not_a_date"),
            (DAY, "0001-01-01T00:00:00+14:00", "not_a_date"),
            (DAY, "9999-12-31", "not_a_date"),
            (DAY, 20260301, "not_a_date"),
            (BEFORE, "2026-03-11", "not_past"),
            (AFTER, "2026-03-09", "not_future"),
            (ONE, "pink", "not_an_option"),
            (ONE, ["red", "blue"], "one_only"),
            (ONE, 1, "not_an_option"),
            (SOME, ["red", "pink"], "not_an_option"),
            (SOME, [["red"]], "not_an_option"),
        ):
            with self.subTest(question=question.datatype, given=given):
                with self.assertRaises(RefusedAnswer) as refusal:
                    read(question, given, TODAY, MADRID)
                self.assertEqual(refusal.exception.code, code)

    def test_nothing_is_an_answer_only_where_it_may_be(self):
        for given in (None, "", "   ", [], [""], ("",), "\x00"):
            for question in (LINE, TEXT, NUMBER, DAY, ONE, SOME):
                with self.subTest(given=given, question=question.datatype):
                    self.assertIsNone(read(question, given, TODAY))
                    required = Question("q", question.datatype, required=True, options=question.options)
                    with self.assertRaises(RefusedAnswer) as refusal:
                        read(required, given, TODAY)
                    self.assertEqual(refusal.exception.code, "required")

    def test_all_answers_and_all_errors_at_once(self):
        questions = [
            Question("lamps", "number", required=True, minimum=1),
            Question("since", "datetime"),
            Question("how", "singlevaluelist", required=True, options=COLOURS),
            Question("warning", "notice", required=True),
        ]
        given = {"lamps": "2", "since": "never", "price": "1", "warning": "x"}
        answers, errors = clean(questions, given, TODAY)
        self.assertEqual(answers, {"lamps": 2})
        self.assertEqual(errors, {"since": "not_a_date", "how": "required", "price": "unknown", "warning": "unknown"})

    def test_a_service_without_questions_takes_no_answers(self):
        self.assertEqual(clean([], {}, TODAY), ({}, {}))
        self.assertEqual(clean([], {"a": "b"}, TODAY), ({}, {"a": "unknown"}))

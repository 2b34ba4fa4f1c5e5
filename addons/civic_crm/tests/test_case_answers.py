# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import date

import psycopg2

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from ..exceptions import FilingError
from .common import CityCase

COLOURS = [{"name": "Red", "key": "red"}, {"name": "Green", "key": "green"}, {"name": "Blue", "key": "blue"}]


def options(*names):
    return [Command.create(vals) for vals in COLOURS if vals["key"] in names]


@tagged("post_install", "-at_install")
class TestCaseAnswers(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Question = cls.env["civic.service.question"]
        cls.lamps = cls.ask(
            "lamps", "number", required=True, whole_number=True, has_limits=True, min_value=1, max_value=99
        )
        cls.colour = cls.ask("colour", "singlevaluelist", option_ids=options("red", "green"))
        cls.places = cls.ask("places", "multivaluelist", option_ids=options("red", "green", "blue"))
        cls.since = cls.ask("since", "datetime", days="past")
        cls.pole = cls.ask("pole", "string")
        cls.warning = cls.ask("warning", "notice")
        cls.of_trees = cls.ask("height", "number", service=cls.tree)
        cls.good = {
            "lamps": "2",
            "colour": "red",
            "places": ["blue", "red"],
            "since": "2026-03-01",
            "pole": " A-14 ",
        }

    @classmethod
    def ask(cls, code, datatype, service=None, **vals):
        return cls.Question.create(
            {
                "service_id": (service or cls.street_light).id,
                "code": code,
                "label": f"The {code}?",
                "datatype": datatype,
                **vals,
            }
        )

    def file(self, answers=None, service=None, **facts):
        facts = {"place": "Main Street 3", "email": "eva@home.test", "answers": answers, **facts}
        Case = self.env["helpdesk.ticket"]
        return Case._file_case(service or self.street_light, "It is dark here.", channel=self.web, **facts)

    def answer(self, case, question):
        return case.answer_ids.filtered(lambda answer: answer.question_id == question)

    # filing -----------------------------------------------------------

    def test_answers_are_stored_by_their_type(self):
        case = self.file(self.good)
        self.assertEqual(self.answer(case, self.lamps).value_number, 2)
        self.assertEqual(self.answer(case, self.colour).option_ids.mapped("key"), ["red"])
        self.assertEqual(set(self.answer(case, self.places).option_ids.mapped("key")), {"red", "blue"})
        self.assertEqual(self.answer(case, self.since).value_date, date(2026, 3, 1))
        self.assertEqual(self.answer(case, self.pole).value_text, "A-14")
        self.assertEqual(len(case.answer_ids), 5)
        shown = dict(case._get_public_answers())
        self.assertEqual(shown["The lamps?"], "2")
        self.assertEqual(shown["The places?"], "Red, Blue")
        self.assertEqual(shown["The since?"], "03/01/2026")

    def test_what_is_left_empty_is_no_answer(self):
        case = self.file({"lamps": "2", "pole": " ", "places": [""], "since": None})
        self.assertEqual(case.answer_ids.question_id, self.lamps)

    def test_all_that_is_wrong_is_told_at_once_and_nothing_is_saved(self):
        before = self.env["helpdesk.ticket"].search_count([]), self.env["res.partner"].search_count([])
        wrong = {"colour": "pink", "since": "2999-01-01", "height": "3", "warning": "x", "nonsense": "1"}
        with self.assertRaises(FilingError) as refusal:
            self.file(wrong, place="", email="new@home.test")
        self.assertEqual(
            refusal.exception.errors,
            {
                "answer-lamps": "required",
                "answer-colour": "not_an_option",
                "answer-since": "not_a_date",
                "answer-height": "unknown",
                "answer-warning": "unknown",
                "answer-nonsense": "unknown",
                "place": "required",
            },
        )
        self.assertIn("The lamps?: Answer this question.", str(refusal.exception))
        after = self.env["helpdesk.ticket"].search_count([]), self.env["res.partner"].search_count([])
        self.assertEqual(after, before)

    def test_a_date_is_judged_by_the_citys_day(self):
        with freeze_time("2026-03-05 23:30:00"):  # the 6th has begun in the city
            case = self.file({"lamps": 1, "since": "2026-03-06"})
            self.assertEqual(self.answer(case, self.since).value_date, date(2026, 3, 6))
            with self.assertRaises(FilingError):
                self.file({"lamps": 1, "since": "2026-03-07"})

    def test_the_headings_questions_are_asked_too(self):
        streets = self.env["helpdesk.ticket.category"].create({"name": "Streets"})
        self.street_light.parent_id = streets
        self.ask("safe", "string", service=streets, required=True)
        codes = [question.code for question in self.street_light._get_questions()]
        self.assertEqual(codes, ["safe", "lamps", "colour", "places", "since", "pole", "warning"])
        with self.assertRaises(FilingError) as refusal:
            self.file(self.good)
        self.assertEqual(refusal.exception.errors, {"answer-safe": "required"})
        self.assertEqual(len(self.file({**self.good, "safe": "yes"}).answer_ids), 6)

    def test_the_facts_a_service_requires(self):
        for setting, facts, errors in (
            ({"ask_place": "required"}, {"place": ""}, {"place": "required"}),
            ({"ask_place": "required"}, {"place": "", "latitude": 37.2, "longitude": -6.9}, {}),
            ({"ask_place": "optional"}, {"place": ""}, {}),
            ({"ask_place": "no"}, {"place": ""}, {}),
            ({"ask_photo": "required"}, {}, {"files": "required"}),
            ({"ask_photo": "required"}, {"attachments": [("a.pdf", b"%PDF-1.7")]}, {}),
            ({"identification": "contact"}, {"email": None}, {"email": "required"}),
            ({"identification": "contact"}, {"email": None, "phone": "600"}, {}),
            ({"identification": "contact"}, {"email": None, "partner": self.citizen}, {}),
            ({"identification": "anonymous"}, {"email": None}, {}),
            ({"identification": "identified"}, {}, {"login": "required"}),
            ({"identification": "identified"}, {"partner": self.citizen}, {}),
        ):
            self.tree.write({"ask_place": "no", "ask_photo": "optional", "identification": "anonymous", **setting})
            with self.subTest(setting=setting, facts=facts):
                if not errors:
                    self.assertTrue(self.file(service=self.tree, **facts))
                    continue
                with self.assertRaises(FilingError) as refusal:
                    self.file(service=self.tree, **facts)
                self.assertEqual(refusal.exception.errors, errors)

    def test_nothing_is_filed_under_a_heading(self):
        self.internal_service.parent_id = self.tree
        with self.assertRaises(FilingError) as refusal:
            self.file(service=self.tree)
        self.assertEqual(refusal.exception.errors, {"service": "heading"})

    def test_answers_cost_the_same_however_many(self):
        """Two queries more than a case without: the answers, and what was chosen."""
        for code in "abcdefgh":
            self.ask(code, "string")
        for _warm in range(2):
            self.file({"lamps": 1})
            self.file(dict(self.good, **{code: code for code in "abcdefgh"}))
        few, many = (self.count_queries(answers) for answers in ({"lamps": 1, "colour": "red"}, self.good))
        most = self.count_queries(dict(self.good, **{code: code for code in "abcdefgh"}))
        self.assertEqual((few, many), (most, most))
        without = self.count_queries(None, service=self.tree)
        self.assertLessEqual(most, without + 3)

    def count_queries(self, answers, **how):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.file(answers, **how)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    # questions --------------------------------------------------------

    def test_an_answered_question_is_archived_and_keeps_its_type(self):
        case = self.file(self.good)
        red = self.colour.option_ids[0]
        with self.assertRaises(ValidationError):
            self.lamps.datatype = "string"
        self.warning.datatype = "text"  # nobody answered it
        (self.lamps | self.pole | self.warning).unlink()
        self.assertFalse(self.warning.exists())
        self.assertFalse(self.lamps.active or self.pole.active)
        (self.colour | self.places).option_ids.unlink()
        self.assertFalse(red.active)
        self.assertFalse(self.colour.with_context(active_test=False).option_ids.filtered(lambda o: o.key == "green"))
        shown = dict(case._get_public_answers())
        self.assertEqual((shown["The lamps?"], shown["The colour?"]), ("2", "Red"))
        self.assertEqual([question.code for question in self.street_light._get_questions()], ["since"])
        self.assertEqual(len(self.file({"since": "2026-03-01"}).answer_ids), 1)

    @mute_logger("odoo.sql_db")
    def test_not_even_the_database_lets_an_answered_question_go(self):
        self.file(self.good)
        self.env.flush_all()
        for table, record in (
            ("civic_service_question", self.lamps),
            ("civic_service_question_option", self.colour.option_ids[0]),
        ):
            with self.subTest(table=table), self.assertRaises(psycopg2.IntegrityError):
                self.env.cr.execute(f"DELETE FROM {table} WHERE id = %s", [record.id])

    def test_codes_are_made_from_the_question_and_are_unique(self):
        first, second = self.Question.create(
            [{"service_id": self.tree.id, "label": "¿Qué árbol es?", "datatype": "string"} for _ in range(2)]
        )
        self.assertEqual((first.code, second.code), ("que_arbol_es", "que_arbol_es_2"))

    def test_a_code_is_asked_once_along_the_tree(self):
        streets = self.env["helpdesk.ticket.category"].create({"name": "Streets"})
        self.ask("lamps", "string", service=streets)
        with self.assertRaises(ValidationError):
            self.street_light.parent_id = streets
        self.tree.parent_id = streets
        with self.assertRaises(ValidationError):
            self.ask("height", "string", service=streets)

    @mute_logger("odoo.sql_db")
    def test_bad_questions_are_refused(self):
        for vals in (
            {"code": "lamps"},
            {"code": "Two Words"},
            {"code": "a-b"},
            {"code": "limits", "datatype": "number", "has_limits": True, "min_value": 3, "max_value": 2},
        ):
            with self.subTest(vals=vals), self.assertRaises(psycopg2.IntegrityError):
                self.ask(**{"datatype": "string", **vals})

    def test_a_list_without_options_is_not_asked(self):
        self.ask("empty", "singlevaluelist", required=True)
        self.assertNotIn("empty", [question.code for question in self.street_light._get_questions()])
        self.assertTrue(self.file(self.good))

    def test_options_written_one_a_line(self):
        self.file(self.good)
        red, green = self.colour.option_ids
        self.colour.option_lines = "Green\n\n  Yellow  \nGreen\n"
        self.assertEqual(self.colour.option_ids.mapped("key"), ["green", "yellow"])
        self.assertEqual(self.colour.option_ids[0], green)
        self.assertFalse(red.active, "it has been chosen")
        self.colour.option_lines = "Red\nGreen"
        self.assertEqual(self.colour.option_ids, red | green)

    def test_questions_speak_the_readers_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.lamps.with_context(lang="es_ES").label = "¿Cuántas farolas?"
        self.colour.option_ids[0].with_context(lang="es_ES").name = "Rojo"
        lamps, colour, *_rest = self.street_light.with_context(lang="es_ES")._get_questions()
        self.assertEqual((lamps.label, colour.options[0].name), ("¿Cuántas farolas?", "Rojo"))
        self.assertEqual(self.street_light._get_questions()[0].label, "The lamps?")

    def test_a_copied_service_asks_the_same(self):
        copy = self.street_light.copy()
        self.assertEqual(
            [(q.code, q.datatype, [o.key for o in q.options]) for q in copy._get_questions()],
            [(q.code, q.datatype, [o.key for o in q.options]) for q in self.street_light._get_questions()],
        )

    # staff ------------------------------------------------------------

    def test_staff_answer_on_a_new_case_what_the_caller_says(self):
        with Form(self.env["helpdesk.ticket"].with_user(self.users["worker"])) as form:
            form.name = "Dark"
            form.description = "x"
            form.category_id = self.street_light
            form.channel_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone")
            self.assertEqual(form.unanswered, "The lamps?")
            self.assertEqual(len(form.answer_ids), 5)
            with form.answer_ids.edit(0) as line:
                line.given = "3"
            with form.answer_ids.edit(1) as line:
                line.option_ids.add(self.colour.option_ids[1])
        case = form.record
        self.assertEqual(case.answer_ids.question_id, self.lamps | self.colour, "empty lines are no answers")
        self.assertEqual(self.answer(case, self.lamps).value_number, 3)
        self.assertFalse(case.unanswered)

    def test_staff_correct_an_answer_and_the_case_tells_it(self):
        case = self.file(self.good)
        lamps = self.answer(case, self.lamps).with_user(self.users["worker"])
        lamps.given = "5"
        self.assertEqual(lamps.value_number, 5)
        self.assertIn("The lamps?: 2 → 5", case.message_ids[0].body)
        self.answer(case, self.pole).with_user(self.users["worker"]).unlink()
        self.assertIn("The pole?: A-14 → –", case.message_ids[0].body)
        self.assertFalse(self.public_messages(case), "the citizen is not written to")

    def test_staff_are_held_to_the_same_rules(self):
        case = self.file(self.good)
        for question, vals in (
            (self.lamps, {"given": "0"}),
            (self.lamps, {"value_number": 100}),
            (self.lamps, {"given": "many"}),
            (self.lamps, {"given": ""}),
            (self.colour, {"option_ids": [Command.set(self.colour.option_ids.ids)]}),
            (self.colour, {"option_ids": [Command.set(self.places.option_ids[2].ids)]}),
            (self.colour, {"option_ids": [Command.clear()]}),
            (self.since, {"value_date": "2999-01-01"}),
            (self.pole, {"value_text": "x" * 300}),
        ):
            with self.subTest(question=question.code, vals=vals), self.assertRaises(ValidationError):
                self.answer(case, question).write(vals)
        for question in (self.of_trees, self.warning):
            with self.subTest(question=question.code), self.assertRaises(ValidationError):
                case.answer_ids = [Command.create({"question_id": question.id, "given": "1"})]

    def test_answers_are_seen_and_written_by_whom_the_case_is(self):
        case = self.file(self.good)
        new = {"case_id": case.id, "question_id": self.ask("more", "string").id, "value_text": "x"}
        self.assert_matrix(
            case.answer_ids[:1],
            {
                "worker": "rwcu",
                "head": "rwcu",
                "agent": "rwcu",
                "manager": "rwcu",
                "admin": "rwcu",
                "auditor": "r",
            },
            create_vals=new,
        )

    def test_answers_are_found_only_with_their_case(self):
        case = self.file(self.good)
        Answer = self.env["civic.case.answer"]
        for role, seen in (("worker", 5), ("auditor", 5), ("stranger", 0), ("employee", 0)):
            self.env.invalidate_all()
            with self.subTest(role=role):
                mine = Answer.with_user(self.users[role])
                self.assertEqual(mine.search_count([("case_id", "=", case.id)]), seen)
                self.assertEqual(len(mine._read_group([("case_id", "=", case.id)], ["question_id"])), seen)
        with self.assertRaises(AccessError):
            Answer.with_user(self.users["citizen"]).search([])

# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PortalCase


@tagged("post_install", "-at_install")
class TestConfirming(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.file_case(place="Main Street 3")
        cls.other = cls.file_case(partner=cls.neighbour)
        cls.solved = cls.env.ref("civic_crm.outcome_solved")
        cls.close(cls.case)
        cls.path = f"/cases/{cls.case.tracking_code}"
        cls.question = f"{cls.path}/confirm"

    @classmethod
    def close(cls, case, outcome="solved", **how):
        cls.env["mail.mail"].search([]).unlink()
        case._close(cls.env.ref(f"civic_crm.outcome_{outcome}"), {"en_US": "<p>The lamp is new.</p>"}, **how)

    def answer(self, answer, text="", path=None):
        return self.post(path or self.question, {"answer": answer, "text": text}, page=self.question)

    def test_the_closing_message_leads_to_the_question(self):
        self.assertEqual(self.case.confirmation, "asked")
        self.assertTrue(self.case._get_confirmation_url().endswith(self.question))
        page = self.url_open(self.question)
        self.assertEqual(page.status_code, 200)
        for part in ("Is it fixed?", "The lamp is new.", "Yes, it is fixed", "No, open it again"):
            self.assertIn(part, page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")

    @mute_logger("odoo.http")
    def test_following_the_link_answers_nothing(self):
        """Mail scanners follow every link, with whatever parameters."""
        for query in ("", "?answer=yes", "?answer=no&text=dark"):
            self.url_open(self.question + query)
        for action in ("reopen", "again"):
            self.assertEqual(self.url_open(f"{self.path}/{action}?text=dark").status_code, 405)
        self.assertEqual(self.case.confirmation, "asked")
        self.assertTrue(self.case.closed_date)

    @mute_logger("odoo.http")
    def test_answers_need_the_pages_token(self):
        for action in ("confirm", "reopen", "again"):
            answer = self.url_open(f"{self.path}/{action}", data={"answer": "yes", "text": "dark"})
            self.assertEqual(answer.status_code, 400)
        self.assertEqual(self.case.confirmation, "asked")

    def test_yes(self):
        self.assertEqual(self.answer("yes").status_code, 303)
        self.assertEqual(self.case.confirmation, "confirmed")
        page = self.url_open(self.question).text
        self.assertIn("Thank you", page)
        self.assertIn("How did we do?", page)
        self.assertIn(f"/rate/{self.case._get_open_rating().access_token}/5", page)
        self.assertIn("You told us that it is fixed", self.url_open(self.path).text)

    def test_no_opens_the_case_with_the_reason(self):
        answer = self.answer("no", "It is dark <b>again</b>.")
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self.case.confirmation, "denied")
        self.assertFalse(self.case.closed_date)
        page = self.url_open(answer.headers["Location"]).text
        self.assertIn("Your case is open again", page)
        self.assertIn("It is dark &lt;b&gt;again&lt;/b&gt;.", page)

    def test_no_without_a_reason_is_asked_again(self):
        for text, words in (("  ", "Tell us what is not right"), ("x" * 4001, "4,000")):
            answer = self.answer("no", text)
            self.assertEqual(answer.status_code, 400)
            self.assertIn(words, answer.text)
        self.assertEqual(self.case.confirmation, "asked")

    def test_neither_yes_nor_no_changes_nothing(self):
        for answer in ("", "maybe", "YES"):
            self.assertEqual(self.answer(answer).status_code, 303)
        self.assertEqual(self.case.confirmation, "asked")

    def test_a_used_link_says_what_was_answered(self):
        self.answer("yes")
        self.assertEqual(self.post(self.question, {"answer": "no", "text": "dark"}, page=self.path).status_code, 303)
        self.assertEqual(self.case.confirmation, "confirmed")
        self.assertTrue(self.case.closed_date)
        self.assertIn("You told us that it is fixed", self.url_open(self.question).text)

    def test_a_no_sent_twice_reopens_once(self):
        token_page = self.url_open(self.question).text
        self.answer("no", "It is dark.")
        self.assertIn("confirm", token_page)
        self.post(self.question, {"answer": "no", "text": "It is dark."}, page=self.path)
        self.assertEqual((self.case.denial_count, self.case.reopen_count), (1, 1))
        self.assertIn("There is nothing to confirm yet", self.url_open(self.question).text)

    def test_an_expired_link_says_so_kindly(self):
        self.case.write({"confirmation": "assumed", "confirmation_due": "2020-01-01"})
        page = self.url_open(self.question)
        self.assertEqual(page.status_code, 200)
        self.assertIn("The days to answer are over", page.text)
        self.post(self.question, {"answer": "yes"}, page=self.path)
        self.assertEqual(self.case.confirmation, "assumed")

    def test_an_answer_within_the_last_day_counts_until_silence_was_taken_for_a_yes(self):
        self.case.confirmation_due = "2020-01-01"
        self.answer("yes")
        self.assertEqual(self.case.confirmation, "confirmed")

    def test_what_ended_otherwise_cannot_be_confirmed(self):
        rejected, withdrawn = self.file_case(), self.file_case()
        self.close(rejected, "rejected", why=self.env.ref("civic_crm.reason_law"))
        withdrawn._withdraw()
        for case in rejected | withdrawn:
            path = f"/cases/{case.tracking_code}/confirm"
            with self.subTest(outcome=case.outcome_id.name):
                self.assertIn("There is nothing to confirm", self.url_open(path).text)
                self.post(path, {"answer": "yes"}, page=f"/cases/{case.tracking_code}")
                self.assertEqual(case.confirmation, "none")
        self.post(f"/cases/{rejected.tracking_code}/reopen", {"text": "I insist"}, page=self.path)
        self.assertTrue(rejected.closed_date)
        page = self.url_open(f"/cases/{rejected.tracking_code}").text
        self.assertIn("The rules in force do not allow it", page)
        self.assertNotIn("It is not solved", page)

    def test_the_link_of_another_case_answers_for_that_case_alone(self):
        self.close(self.other)
        self.answer("yes", path=f"/cases/{self.other.tracking_code}/confirm")
        self.assertEqual((self.other.confirmation, self.case.confirmation), ("confirmed", "asked"))

    def test_an_unknown_code_says_so(self):
        for method in ("get", "post"):
            path = "/cases/0000-0000-0000/confirm"
            answer = self.url_open(path) if method == "get" else self.post(path, {"answer": "yes"}, page=self.path)
            self.assertEqual(answer.status_code, 404)
            self.assertIn("We know no case", answer.text)

    def test_a_code_typed_otherwise_leads_to_the_page(self):
        answer = self.url_open(self.question.lower())
        self.assertTrue(answer.url.endswith(self.question))

    def test_answering_has_a_limit(self):
        self.env["ir.config_parameter"].set_param("civic_portal.limit_message", "1")
        codes = [self.answer("maybe").status_code for _ in range(2)]
        self.assertEqual(codes, [303, 429])

    def test_the_case_page_asks_too(self):
        self.assertIn(f'href="{self.question}"', self.url_open(self.path).text)

    def test_within_the_days_the_case_is_opened_again(self):
        self.answer("yes")
        self.assertIn("It is not solved", self.url_open(self.path).text)
        empty = self.post(f"{self.path}/reopen", {"text": " "}, page=self.path)
        self.assertEqual(empty.status_code, 400)
        self.assertIn("Tell us what is not right", empty.text)
        self.post(f"{self.path}/reopen", {"text": "It blinks."}, page=self.path)
        self.assertFalse(self.case.closed_date)
        self.assertEqual((self.case.reopen_count, self.case.denial_count), (1, 0))

    def test_to_reopen_while_the_question_stands_is_to_say_no(self):
        self.post(f"{self.path}/reopen", {"text": "It blinks."}, page=self.path)
        self.assertEqual((self.case.confirmation, self.case.denial_count), ("denied", 1))

    def test_after_the_days_it_becomes_a_new_case_linked_to_the_old(self):
        self.answer("yes")
        self.assertNotIn("It has come back", self.url_open(self.path).text)
        self.post(f"{self.path}/again", {"text": "Dark again."}, page=self.path)
        self.assertNotEqual(self.last_case().previous_id, self.case)
        # past the days
        self.case.closed_date = fields.Datetime.now() - timedelta(days=31)
        self.post(f"{self.path}/reopen", {"text": "It blinks."}, page=self.path)
        self.assertTrue(self.case.closed_date)
        self.assertIn("It has come back", self.url_open(self.path).text)
        answer = self.post(f"{self.path}/again", {"text": "Dark again."}, page=self.path)
        again = self.last_case()
        self.assertEqual(again.previous_id, self.case)
        self.assertTrue(answer.headers["Location"].endswith(f"/cases/{again.tracking_code}?filed=1"))
        self.assertEqual(again.acknowledgement, "to_send")

    def test_the_registry_entry_is_on_the_page(self):
        case = self.file_case(kind="request")
        self.assertTrue(case.registry_number)
        self.assertIn(case.registry_number, self.url_open(f"/cases/{case.tracking_code}").text)

    def test_no_name_of_staff_is_on_the_page(self):
        self.case.user_id = self.users["worker"]
        page = self.url_open(self.question).text
        for private in ("citizen@home.test", "Worker"):
            self.assertNotIn(private, page)

    def test_the_anonymous_question_costs_few_queries(self):
        self.url_open(self.question)
        with self.assert_queries_at_most(14):
            self.url_open(self.question)

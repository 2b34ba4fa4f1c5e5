# SPDX-License-Identifier: AGPL-3.0-or-later
import re

from odoo import http
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tools.discuss import Store

from .common import CityMixin
from .test_ending import EndingCase

CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


@tagged("post_install", "-at_install")
class TestSatisfaction(EndingCase):
    def rate(self, value, case=None, feedback=""):
        case = (case or self.case).sudo()
        return case.rating_apply(value, rating=case._get_open_rating(), feedback=feedback)

    def test_asked_with_the_closing_where_the_service_asks(self):
        self.close()
        self.assertEqual([grade for grade, _url in self.case._get_rating_links()], ["good", "so_so", "bad"])
        quiet = self.file_case()
        self.street_light.ask_satisfaction = False
        self.close(case=quiet)
        [mail] = self._mails or [{"body": ""}]
        self.assertNotIn("/rate/", mail["body"])
        self.assertFalse(quiet._get_rating_links())

    def test_a_rejection_is_rated_a_duplicate_and_a_withdrawal_are_not(self):
        rejected, duplicate, withdrawn = (self.file_case() for _ in range(3))
        self.close(self.rejected, rejected, reason_id=self.law.id)
        (duplicate | rejected)._gather()
        self.close(self.duplicate, duplicate)
        withdrawn._withdraw()
        self.assertTrue(rejected._get_rating_links())
        self.assertFalse(duplicate._get_rating_links())
        self.assertFalse(withdrawn._get_rating_links())

    def test_a_rating_shows_on_the_case_and_on_its_department(self):
        self.close()
        self.rate(1, feedback="Nobody came.")
        self.assertEqual(self.case.rating_last_value, 1)
        self.assertEqual(self.case.rating_last_feedback, "Nobody came.")
        found = self.env["helpdesk.ticket"].search([("rating_last_value", ">", 0), ("rating_last_value", "<", 2.5)])
        self.assertIn(self.case, found)
        self.assertEqual(self.lighting.rating_count, 1)
        self.assertEqual(self.lighting.rating_avg, 1)
        self.case.team_id = self.parks
        self.env.invalidate_all()
        self.assertEqual((self.lighting.rating_count, self.parks.rating_count), (0, 1))

    def test_what_the_citizen_thinks_is_for_staff_and_may_be_corrected(self):
        self.close()
        rating = self.rate(1, feedback="Nobody came.")
        self.case.sudo().rating_apply(5, rating=rating, feedback="They came later.")
        self.assertEqual(self.case.rating_last_value, 5)
        story = str(self.case._get_public_timeline())
        self.assertNotIn("Nobody came.", story)
        self.assertNotIn("They came later.", story)
        self.assertFalse(self.case.has_citizen_message)

    def test_a_second_closing_asks_again_and_leaves_one_open_request(self):
        self.close()
        self.case._deny("It is dark.")
        self.close()
        self.assertEqual(len(self.case.sudo().rating_ids), 1)
        self.rate(5)
        self.case._confirm()
        self.case._reopen("x")
        self.close()
        self.assertEqual(len(self.case.sudo().rating_ids), 2)

    def test_a_rating_is_read_by_who_reads_the_case_and_written_by_nobody(self):
        self.close()
        rating = self.rate(3)
        readers = ("worker", "head", "agent", "manager", "admin", "auditor")
        self.assert_matrix(
            rating,
            dict.fromkeys(readers, "r"),
            create_vals={
                "res_model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                "res_id": self.case.id,
                "rating": 5,
                "consumed": True,
            },
        )
        for role, user in self.users.items():
            with self.subTest(role=role):
                self.env.invalidate_all()
                Rating = self.env["rating.rating"].with_user(user)
                if role in ("citizen", "neighbour", "public"):
                    with self.assertRaises(AccessError):
                        Rating.search([("id", "=", rating.id)])
                else:
                    self.assertEqual(bool(Rating.search([("id", "=", rating.id)])), role in readers)
                    count = Rating._read_group([("id", "=", rating.id)], [], ["__count"])[0][0]
                    self.assertEqual(count, int(role in readers))

    def test_the_link_to_rate_is_known_to_the_citizen_alone(self):
        self.close()
        rating = self.case.sudo()._get_open_rating()
        for role in ("worker", "admin", "auditor"):
            self.env.invalidate_all()
            with self.subTest(role=role), self.assertRaises(AccessError):
                rating.with_user(self.users[role]).read(["access_token"])

    def test_staff_does_not_rate_its_own_work(self):
        self.case.with_user(self.users["worker"]).message_post(
            body="Splendid", message_type="comment", subtype_xmlid="mail.mt_comment", rating_value=5
        )
        self.assertFalse(self.case.sudo().rating_ids)
        self.assertEqual(self.case.rating_last_value, 0)

    def test_a_new_case_costs_no_query_for_its_rating(self):
        self.file_case()
        self.env.flush_all()
        with self.assert_queries_at_most(25):
            self.file_case()

    def test_staff_reads_the_thread_with_a_rating_in_it(self):
        self.close()
        self.rate(1, feedback="Nobody came.")
        for role in ("worker", "auditor"):
            with self.subTest(role=role):
                self.env.invalidate_all()
                case = self.case.with_user(self.users[role])
                store = Store().add(case.message_ids).get_result()
                self.assertIn("Nobody came.", str(store))


@tagged("post_install", "-at_install")
class TestRatingPage(CityMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.case = cls.file_case()
        cls.case._close(cls.env.ref("civic_crm.outcome_solved"), {"en_US": "<p>Done.</p>"})
        cls.rating = cls.case._get_open_rating()
        cls.token = cls.rating.access_token

    def submit(self, rate="5", token=None, **form):
        page = self.url_open(f"/rate/{self.token}/5").text
        found = CSRF.search(page)
        data = {"rate": rate, "csrf_token": found.group(1) if found else "", **form}
        return self.url_open(f"/rate/{token or self.token}/submit_feedback", data=data)

    def test_looking_at_the_link_rates_nothing(self):
        """Mail scanners follow every link."""
        for path in (f"/rate/{self.token}/1", f"/rate/{self.token}/submit_feedback?rate=1"):
            self.assertEqual(self.url_open(path).status_code, 200)
        self.assertFalse(self.rating.consumed)

    def test_whoever_has_the_link_rates_by_sending_the_form(self):
        self.assertEqual(self.submit("1", feedback="Slow").status_code, 200)
        self.assertEqual((self.rating.rating, self.rating.feedback), (1, "Slow"))
        self.assertEqual(self.submit("5").status_code, 200, "it may be corrected")
        self.assertEqual(self.rating.rating, 5)

    def test_nobody_rates_for_another(self):
        self.authenticate("t_neighbour", "t_neighbour")
        csrf = http.Request.csrf_token(self)
        answer = self.url_open(f"/rate/{self.token}/submit_feedback", data={"rate": "1", "csrf_token": csrf})
        self.assertIn("cannot rate", answer.text)
        self.assertNotIn("Main Street", answer.text)
        self.assertFalse(self.rating.consumed)
        self.authenticate("t_citizen", "t_citizen")
        self.assertEqual(self.submit("5").status_code, 200)
        self.assertTrue(self.rating.consumed)

    @mute_logger("odoo.http")
    def test_nonsense_is_not_found(self):
        self.assertEqual(self.url_open(f"/rate/{self.token}/4").status_code, 404)
        self.assertEqual(self.url_open("/rate/nothing/5").status_code, 404)
        for rate in ("7", "x", "-1", ""):
            with self.subTest(rate=rate):
                self.assertEqual(self.submit(rate).status_code, 404)
        self.assertEqual(self.submit("5", token="nothing").status_code, 404)
        self.assertFalse(self.rating.consumed)

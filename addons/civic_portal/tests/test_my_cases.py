# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import tagged

from .common import PortalCase


@tagged("post_install", "-at_install")
class TestMyCases(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls.file_case(name="My lamp")
        cls.hers = cls.file_case(partner=cls.neighbour, name="Her tree")
        cls.hers.message_subscribe(cls.citizen.ids)

    def test_the_own_cases_and_no_others(self):
        self.authenticate("t_citizen", "t_citizen")
        page = self.url_open("/my/cases").text
        self.assertIn("My lamp", page)
        self.assertIn(f"/cases/{self.mine.tracking_code}", page)
        self.assertNotIn("Her tree", page)
        self.assertNotIn(self.hers.tracking_code, page)

    def test_those_of_whom_one_represents_while_it_lasts(self):
        mandate = self.env["civic.representation"].create(
            {"representative_id": self.citizen.id, "represented_id": self.neighbour.id, "evidence": "A letter"}
        )
        self.authenticate("t_citizen", "t_citizen")
        old = f"/my/ticket/{self.hers.id}"
        page = self.url_open("/my/cases").text
        self.assertIn("Her tree", page)
        self.assertIn("Neighbour", page, "in whose name")
        self.assertTrue(self.url_open(old).url.endswith(self.hers.tracking_code))
        mandate._revoke("She does it herself")
        self.assertNotIn("Her tree", self.url_open("/my/cases").text)
        self.assertNotIn(self.hers.tracking_code, self.url_open(old).url)

    def test_what_a_representative_writes_is_said_to_be_theirs(self):
        self.env["civic.representation"].create(
            {"representative_id": self.citizen.id, "represented_id": self.neighbour.id, "evidence": "A letter"}
        )
        for login, author in (("t_citizen", self.citizen), ("t_neighbour", self.neighbour), (None, self.neighbour)):
            with self.subTest(login=login):
                self.authenticate(login, login)
                page = f"/cases/{self.hers.tracking_code}"
                answer = self.post(f"{page}/message", {"text": f"By {login}"}, page=page)
                self.assertEqual(answer.status_code, 303)
                self.env.invalidate_all()
                message = self.hers.message_ids.sorted("id")[-1:]
                self.assertIn(f"By {login}", message.body)
                self.assertEqual(message.author_id, author)

    def test_nobody_without_a_login(self):
        self.assertIn("/web/login", self.url_open("/my/cases").url)

    def test_an_empty_list_says_what_to_do(self):
        self.authenticate("t_worker", "t_worker")
        self.assertIn("/cases/new", self.url_open("/my/cases").text)

    def test_old_links_lead_the_owner_to_the_case_and_nobody_else(self):
        old = f"/my/ticket/{self.mine.id}"
        self.authenticate("t_citizen", "t_citizen")
        self.assertTrue(self.url_open(old).url.endswith(self.mine.tracking_code))
        for login in ("t_neighbour", None):
            self.authenticate(login, login)
            with self.subTest(login=login):
                self.assertNotIn(self.mine.tracking_code, self.url_open(old).url)

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

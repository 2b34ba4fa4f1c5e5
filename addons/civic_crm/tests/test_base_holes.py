# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import CityMixin


@tagged("post_install", "-at_install")
class TestBaseHoles(CityMixin, HttpCase):
    """The base's portal let any account close any case, by a link."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.case = cls.file_case()
        cls.done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cls.done.close_from_portal = True

    def test_nobody_closes_a_case_by_the_bases_route(self):
        for login in ("t_neighbour", "t_citizen", "t_worker"):
            self.authenticate(login, login)
            for send in (None, {"csrf_token": "x"}):
                with self.subTest(login=login, post=bool(send)):
                    with mute_logger("odoo.http"):
                        self.url_open(
                            f"/ticket/close?ticket_id={self.case.id}&stage_id={self.done.id}",
                            data=send,
                        )
                    self.case.invalidate_recordset()
                    self.assertFalse(self.case.closed_date)

    def test_no_case_is_filed_by_a_link(self):
        self.authenticate("t_citizen", "t_citizen")
        before = self.env["helpdesk.ticket"].search_count([])
        self.url_open("/submitted/ticket?subject=Victim&description=x")
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), before)

    def test_the_bases_page_shows_no_case_and_no_file(self):
        self.case.message_post(
            body="Between us",
            subtype_xmlid="mail.mt_note",
            attachments=[("secret.txt", b"TOP SECRET")],
        )
        token = self.case._portal_ensure_token()
        for login in (None, "t_citizen", "t_neighbour"):
            self.authenticate(login, login)
            for url in (
                f"/my/ticket/{self.case.id}",
                f"/my/ticket/{self.case.id}/{token}",
                f"/my/ticket/{self.case.id}?access_token={token}",
                "/my/tickets",
            ):
                with self.subTest(login=login, url=url):
                    page = self.url_open(url).text
                    self.assertNotIn("secret.txt", page)
                    self.assertNotIn("Between us", page)

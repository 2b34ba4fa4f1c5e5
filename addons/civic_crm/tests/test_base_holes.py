# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import HttpCase, JsonRpcException, tagged
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

    # what the base's own models told every login, and what its routes did with nonsense

    def call(self, login, model, method, *args, **kwargs):
        """Call a method as the web client does; return its result or the name of the error."""
        self.authenticate(login, login)
        try:
            with mute_logger("odoo.http", "odoo.addons.base.models.ir_access", "odoo.addons.base.models.ir_model"):
                return self.make_jsonrpc_request(
                    f"/web/dataset/call_kw/{model}/{method}",
                    {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
                )
        except JsonRpcException as error:
            return str(error)

    def assert_refused(self, answer):
        self.assertIsInstance(answer, str, f"not refused: {answer}")
        self.assertIn("AccessError", answer)

    def test_a_file_of_a_note_is_sent_to_nobody_outside(self):
        note = self.case.message_post(
            body="Between us", subtype_xmlid="mail.mt_note", attachments=[("secret.txt", b"TOP SECRET")]
        )
        file = note.attachment_ids
        for login in (None, "t_citizen", "t_neighbour"):
            self.authenticate(login, login)
            with self.subTest(login=login):
                self.assertNotIn("TOP SECRET", self.url_open(f"/web/content/{file.id}").text)
        self.assertFalse(file.access_token, "no page may have made one")

    def test_no_login_reads_cases_departments_or_states_over_rpc(self):
        """The base let every login read the own cases' internal fields, and who works where."""
        for login in ("t_citizen", "t_neighbour"):
            for model, record in (
                ("helpdesk.ticket", self.case),
                ("helpdesk.ticket.team", self.lighting),
                ("helpdesk.ticket.stage", self.done),
            ):
                with self.subTest(login=login, model=model):
                    self.assert_refused(self.call(login, model, "read", record.ids, ["display_name"]))
                    self.assert_refused(self.call(login, model, "search_read", [], ["display_name"]))
                    self.assert_refused(self.call(login, model, "write", record.ids, {"name": "Mine"}))

    def test_no_login_calls_what_staff_calls(self):
        for method in ("assign_to_me", "action_hand_over", "message_post", "action_duplicate_tickets"):
            self.call("t_citizen", "helpdesk.ticket", method, self.case.ids)
        # an action to open a window is no secret; nothing may have happened
        self.case.invalidate_recordset()
        self.assertFalse(self.case.user_id)
        self.assertEqual(self.env["helpdesk.ticket"].search_count([("name", "=", self.case.name)]), 1)
        self.assertFalse(self.public_messages(self.case))

    def test_a_hidden_service_is_neither_read_nor_asked_for(self):
        for login in ("t_citizen", "t_neighbour"):
            with self.subTest(login=login):
                self.assert_refused(
                    self.call(login, "helpdesk.ticket.category", "read", self.internal_service.ids, ["name"])
                )
                found = self.call(
                    login, "helpdesk.ticket.category", "search_read", [["name", "=", "Inspection"]], ["name"]
                )
                self.assertEqual(found, [])
        self.authenticate("t_citizen", "t_citizen")
        with mute_logger("odoo.http"):
            self.url_open(
                "/submitted/ticket",
                data={"subject": "Victim", "description": "x", "category": self.internal_service.id, "csrf_token": "x"},
            )
        self.assertFalse(self.env["helpdesk.ticket"].search([("category_id", "=", self.internal_service.id)]))

    def test_nobody_renames_a_state_from_outside(self):
        public = self.env.ref("base.public_user")
        for operation in ("read", "write"):
            with self.subTest(operation=operation):
                self.assertFalse(self.done.with_user(public).has_access(operation))

    def test_nonsense_is_no_error_of_the_server(self):
        for login in (None, "t_citizen"):
            self.authenticate(login, login)
            for path in (
                "/ticket/close",
                "/ticket/close?ticket_id=abc&stage_id=x",
                "/submitted/ticket",
                "/submitted/ticket?category=abc",
                "/my/tickets?sortby=x",
                "/my/tickets?date_begin=x&date_end=y",
                "/my/ticket/999999999",
                "/new/ticket?category=abc",
            ):
                with self.subTest(login=login, path=path), mute_logger("odoo.http"):
                    self.assertLess(self.url_open(path).status_code, 500)

    def test_nobody_finds_out_which_cases_there_are(self):
        """The base answered differently for a case that is there."""
        self.authenticate("t_neighbour", "t_neighbour")
        there, not_there = (self.url_open(f"/my/ticket/{number}") for number in (self.case.id, 999999999))
        self.assertEqual(there.status_code, not_there.status_code)
        self.assertEqual(there.url.removesuffix(f"/{self.case.id}"), not_there.url.removesuffix("/999999999"))

    def test_a_colleague_without_a_role_finds_no_case(self):
        self.assertEqual(self.call("t_employee", "helpdesk.ticket", "search_count", []), 0)

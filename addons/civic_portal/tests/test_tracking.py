# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PortalCase


@tagged("post_install", "-at_install")
class TestTracking(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.file_case(place="Main Street 3", civic_zone_id=cls.old_town.id)
        cls.other = cls.file_case(partner=cls.neighbour)
        cls.path = f"/cases/{cls.case.tracking_code}"

    def page(self, path=None):
        return self.url_open(path or self.path).text

    def test_whoever_holds_the_code_sees_how_it_stands(self):
        page = self.page()
        for part in ("Received", "Lighting", "Main Street 3", "Old Town", self.case.number):
            self.assertIn(part, page)

    def test_the_page_is_private(self):
        headers = self.url_open(self.path).headers
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertIn("noindex", headers["X-Robots-Tag"])
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")

    def test_no_page_tells_the_code_of_another(self):
        """The frame is shared between visitors: nothing of the first may stay in it."""
        codes = [case.tracking_code for case in self.case | self.other]
        for mine, others in (codes, codes[::-1], codes):
            page = self.page(f"/cases/{mine}")
            self.assertIn(mine, page)
            self.assertNotIn(others, page)

    def test_no_visitor_leaves_a_trace_in_the_frame(self):
        """The first request after a restart makes the frame for all that follow."""
        code = self.case.tracking_code
        for first in (
            "/cases/find?code=SECRETCODE99&utm=POISON",
            f"{self.path}?filed=1&x=POISON",
            "/cases/POISON-%C3%B1-POISON",
            "/cases/CALL%20POISON%20NOW",
        ):
            with self.subTest(first=first):
                self.env.registry.clear_cache("templates")
                self.url_open(first, headers={"Host": "POISON.example"})
                for path in (f"/cases/{self.other.tracking_code}", "/cases"):
                    page = self.page(path)
                    for trace in ("POISON", "SECRETCODE99", "filed=1", code):
                        self.assertNotIn(trace, page)

    def test_menus_lead_where_they_say_on_every_page(self):
        self.assertIn('href="/cases/find"', self.page("/cases/0000-0000-0000"))

    def test_no_name_and_no_address_is_shown(self):
        self.case.user_id = self.users["worker"]
        page = self.page()
        for private in ("citizen@home.test", "Citizen", "Worker"):
            self.assertNotIn(private, page)

    def test_a_code_is_found_as_people_type_it(self):
        typed = self.case.tracking_code.lower().replace("-", " ")
        answer = self.url_open(f"/cases/find?code={typed}")
        self.assertTrue(answer.url.endswith(self.path))

    def test_a_wrong_code_says_so_kindly(self):
        for path in ("/cases/find?code=0000-0000-0000", "/cases/0000-0000-0000"):
            answer = self.url_open(path)
            self.assertEqual(answer.status_code, 404)
            self.assertIn("We know no case", answer.text)
        self.assertIn("&lt;b&gt;", self.url_open("/cases/find?code=<b>").text)

    def test_guessing_is_stopped(self):
        self.env["ir.config_parameter"].set_param("civic_portal.limit_lookup", "2")
        codes = [self.url_open("/cases/find?code=0000-0000-0000").status_code for _ in range(3)]
        self.assertEqual(codes, [404, 404, 429])

    def write_message(self, text="I forgot: number 5.", files=None):
        return self.post(f"{self.path}/message", {"text": text}, files, page=self.path)

    def test_the_citizen_writes_and_the_board_shows_it(self):
        self.assertEqual(self.write_message().status_code, 303)
        self.assertTrue(self.case.has_citizen_message)
        self.assertIn("I forgot: number 5.", self.page())
        message = self.public_messages(self.case)
        self.assertEqual(message.author_id, self.citizen)

    def test_markup_in_a_message_is_text(self):
        self.write_message("<script>alert(1)</script>")
        page = self.page()
        self.assertNotIn("<script>alert(1)", page)
        self.assertIn("&lt;script&gt;", page)

    def test_an_empty_message_is_not_sent(self):
        answer = self.write_message("  ")
        self.assertEqual(answer.status_code, 400)
        self.assertIn("Tell us what happens", answer.text)
        self.assertFalse(self.public_messages(self.case))

    @mute_logger("odoo.http")
    def test_writing_and_withdrawing_need_the_pages_token(self):
        for action in ("message", "withdraw"):
            answer = self.url_open(f"{self.path}/{action}", data={"text": "hello there"})
            self.assertEqual(answer.status_code, 400)
        self.assertFalse(self.public_messages(self.case))
        self.assertFalse(self.case.closed_date)

    def test_nothing_is_withdrawn_by_a_link(self):
        self.assertEqual(self.url_open(f"{self.path}/withdraw").status_code, 405)
        self.assertFalse(self.case.closed_date)

    def test_the_citizen_withdraws(self):
        self.post(f"{self.path}/withdraw", page=self.path)
        self.assertEqual(self.case.outcome_id, self.env.ref("civic_crm.outcome_withdrawn"))
        self.assertIn("Withdrawn", self.page())

    def pause(self, reason):
        return self.env["civic.deadline.pause"].create(
            {
                "case_id": self.case.id,
                "reason_id": self.env.ref(f"civic_crm.pause_reason_{reason}").id,
                "note": "SECRET",
            }
        )

    def test_while_the_clock_stands_the_page_says_so_and_whose_turn_it_is(self):
        self.assertIn("You will have an answer by", self.page())
        self.pause("complete")
        page = self.page()
        for part in ("Paused since", "We need something more from you", "It is your turn", "moves back"):
            self.assertIn(part, page)
        for part in ("You will have an answer by", "SECRET"):
            self.assertNotIn(part, page)

    def test_when_it_is_not_the_citizens_turn_the_page_asks_nothing(self):
        self.pause("report")
        page = self.page()
        self.assertIn("report of another public body", page)
        self.assertNotIn("It is your turn", page)
        self.assertIn("you will have an answer by", page, "the law ends this pause after three months")

    def test_the_hour_of_a_promise_in_hours(self):
        self.env["civic.deadline.rule"].create(
            {
                "name": "A day",
                "purpose": "promise",
                "amount": 24,
                "unit": "elapsed_hours",
                "category_id": self.tree.id,
            }
        )
        case = self.file_case(self.tree, filed_at="2026-03-02 09:00:00")
        self.assertIn('datetime="2026-03-03T09:00:00Z"', self.page(f"/cases/{case.tracking_code}"))

    def test_files_of_the_correspondence_only(self):
        self.case.message_post(body="note", subtype_xmlid="mail.mt_note", attachments=[("n.txt", b"SECRET")])
        note = self.case.message_ids.attachment_ids
        self.case._post_from_citizen("Plan", [("plan.pdf", b"%PDF-1.7 plan")])
        mine = self.public_messages(self.case).attachment_ids
        self.other._post_from_citizen("Plan", [("hers.pdf", b"%PDF-1.7 hers")])
        hers = self.public_messages(self.other).attachment_ids
        self.assertNotIn("n.txt", self.page())
        answer = self.url_open(f"{self.path}/files/{mine.id}")
        self.assertEqual(answer.content, b"%PDF-1.7 plan")
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        for file_id in (note.id, hers.id, 0):
            with self.subTest(file_id=file_id):
                self.assertEqual(self.url_open(f"{self.path}/files/{file_id}").status_code, 404)
        self.assertEqual(self.url_open(f"/cases/0000-0000-0000/files/{mine.id}").status_code, 404)

    def test_the_answer_links_to_the_page(self):
        self.assertTrue(self.case.tracking_url.endswith(self.path))

    def test_forms_stay_in_the_visitors_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        website = self.env["website"].get_current_website()
        website.language_ids |= self.env["res.lang"]._lang_get("es_ES")
        self.assertIn(f'action="/es{self.path}/message"', self.page(f"/es{self.path}"))

    def test_the_anonymous_page_costs_few_queries(self):
        self.page()
        with self.assert_queries_at_most(12):
            self.page()

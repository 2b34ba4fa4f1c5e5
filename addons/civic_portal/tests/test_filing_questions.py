# SPDX-License-Identifier: AGPL-3.0-or-later
from lxml import html

from odoo import Command
from odoo.tests import tagged

from .common import PortalCase
from .test_filing import FORM

GOOD = {
    "answer-lamps": "2",
    "answer-how": "flickers",
    "answer-seen": ["pole", "box"],
    "answer-since": "2026-03-01",
    "answer-number": "A-14",
    "answer-more": "Since\nSunday.",
}


@tagged("post_install", "-at_install")
class TestFilingQuestions(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.path = f"/cases/new/{cls.street_light.id}"
        cls.lamps = cls.ask("lamps", "number", required=True, has_limits=True, min_value=1, max_value=99)
        cls.ask("how", "singlevaluelist", required=True, option_ids=cls.options("out", "flickers", "day"))
        cls.ask("seen", "multivaluelist", option_ids=cls.options("pole", "box", "cable"))
        cls.ask("since", "datetime", days="past", help="The first night counts.")
        cls.ask("number", "string")
        cls.ask("more", "text")
        cls.ask("notice", "notice", label="Do not touch a broken pole.")
        cls.height = cls.ask("height", "number", service=cls.tree)

    @classmethod
    def ask(cls, code, datatype, service=None, **vals):
        vals = {"label": f"The {code}?", **vals, "code": code, "datatype": datatype}
        return cls.env["civic.service.question"].create({"service_id": (service or cls.street_light).id, **vals})

    @classmethod
    def options(cls, *keys):
        return [Command.create({"name": f"It is {key}", "key": key}) for key in keys]

    def form(self, page):
        return html.fromstring(page).xpath("//form[@enctype]")[0]

    def given(self, case):
        return {answer.question_id.code: answer.display for answer in case.answer_ids}

    # what is asked ----------------------------------------------------

    def test_the_form_asks_what_the_service_asks(self):
        page = self.url_open(self.path).text
        form = self.form(page)
        self.assertEqual(
            [name for name in dict.fromkeys(form.xpath(".//@name")) if name.startswith("answer-")],
            ["answer-lamps", "answer-how", "answer-seen", "answer-since", "answer-number", "answer-more"],
        )
        self.assertIn("Do not touch a broken pole.", page)
        self.assertIn("The first night counts.", page)
        for legend in ("The how?", "The seen?"):
            self.assertTrue(form.xpath(f".//fieldset/legend[contains(., '{legend}')]"), legend)
        for control in form.xpath(".//*[starts-with(@name, 'answer-')]"):
            [label] = form.xpath(f".//label[@for='{control.get('id')}']")
            self.assertTrue(label.text_content().strip())
        ids = form.xpath(".//@id")
        self.assertEqual(len(ids), len(set(ids)))

    def test_a_long_list_is_a_drop_down(self):
        self.ask("street", "singlevaluelist", option_ids=self.options(*"abcdefgh"))
        form = self.form(self.url_open(self.path).text)
        self.assertEqual(len(form.xpath(".//select[@name='answer-street']/option")), 9)

    def test_place_and_photo_are_asked_as_the_service_needs_them(self):
        for setting, names in (
            ({"ask_place": "no", "ask_photo": "no"}, set()),
            ({"ask_place": "optional", "ask_photo": "no"}, {"place", "zone"}),
            ({"ask_place": "required", "ask_photo": "optional"}, {"place", "zone", "files"}),
        ):
            self.street_light.write(setting)
            form = self.form(self.url_open(self.path).text)
            with self.subTest(setting=setting):
                self.assertEqual(set(form.xpath(".//@name")) & {"place", "zone", "files"}, names)
                required = form.xpath(".//*[@required]/@name")
                self.assertEqual("place" in required, setting["ask_place"] == "required")

    # what is taken ----------------------------------------------------

    def test_answers_arrive_on_the_case_and_on_its_page(self):
        answer = self.post(self.path, {**FORM, **GOOD})
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(
            self.given(self.last_case()),
            {
                "lamps": "2",
                "how": "It is flickers",
                "seen": "It is pole, It is box",
                "since": "03/01/2026",
                "number": "A-14",
                "more": "Since\nSunday.",
            },
        )
        page = self.url_open(answer.headers["Location"]).text
        for part in ("The lamps?", "It is flickers", "03/01/2026"):
            self.assertIn(part, page)

    def test_only_what_is_required_has_to_be_answered(self):
        self.post(self.path, {**FORM, "answer-lamps": "1", "answer-how": "out", "answer-number": ""})
        self.assertEqual(self.given(self.last_case()), {"lamps": "1", "how": "It is out"})

    def test_errors_stand_at_their_question_and_nothing_written_is_lost(self):
        before = self.last_case()
        wrong = {"answer-lamps": "100", "answer-how": "", "answer-since": "2999-01-01", "answer-number": "B-7"}
        answer = self.post(self.path, {**FORM, **wrong, "answer-seen": ["cable"], "place": ""})
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self.last_case(), before)
        tree = html.fromstring(answer.text)
        [summary] = tree.find_class("civic-errors")
        self.assertEqual(
            summary.xpath(".//a/@href"),
            ["#civic-answer-lamps", "#civic-answer-how", "#civic-answer-since", "#civic-place"],
        )
        self.assertIn("The how? Answer this question.", " ".join(summary.text_content().split()))
        for href in summary.xpath(".//a/@href"):
            [control] = tree.xpath(f"//*[@id='{href[1:]}']")
            self.assertIn(control.tag, ("input", "select", "textarea"))
            self.assertEqual(control.get("aria-invalid"), "true")
        [lamps] = tree.xpath("//*[@id='civic-answer-lamps']")
        self.assertIn("civic-answer-lamps-error", lamps.get("aria-describedby"))
        self.assertIn("The least is 1, the most 99.", tree.get_element_by_id("civic-answer-lamps-error").text_content())
        self.assertEqual(lamps.get("value"), "100")
        self.assertEqual(tree.xpath("//*[@name='answer-number']/@value"), ["B-7"])
        self.assertEqual(tree.xpath("//*[@name='answer-seen'][@checked]/@value"), ["cable"])

    def test_a_tampered_form_answers_nothing_else(self):
        before = self.last_case()
        for changed in (
            {"answer-how": "red"},
            {"answer-how": ["out", "day"]},
            {"answer-seen": ["pole", "red"]},
            {"answer-lamps": ["1", "2"]},
            {"answer-number": "x" * 201},
        ):
            with self.subTest(changed=changed):
                self.assertEqual(self.post(self.path, {**FORM, **GOOD, **changed}).status_code, 400)
        self.assertEqual(self.last_case(), before)
        others = {"answer-height": "3", "answer-notice": "x", "answer-": "x", f"answer-{self.lamps.id}": "5"}
        self.post(self.path, {**FORM, **GOOD, **others})
        self.assertEqual(set(self.given(self.last_case())), {name.split("-")[1] for name in GOOD})

    def test_a_file_in_place_of_an_answer_is_no_answer(self):
        answer = self.post(self.path, {**FORM, "answer-how": "out"}, files=[("answer-lamps", ("a.txt", b"1"))])
        self.assertEqual(answer.status_code, 400)

    def test_markup_in_an_answer_is_text(self):
        script = "<script>alert(1)</script>"
        answer = self.post(self.path, {**FORM, **GOOD, "answer-number": script, "answer-lamps": script})
        self.assertNotIn(script, answer.text)
        answer = self.post(self.path, {**FORM, **GOOD, "answer-number": script})
        self.assertNotIn(script, self.url_open(answer.headers["Location"]).text)

    def test_a_photo_where_the_service_needs_one(self):
        self.tree.ask_photo = "required"
        path = f"/cases/new/{self.tree.id}"
        form = {name: FORM[name] for name in ("text", "place")}
        answer = self.post(path, form)
        self.assertEqual(answer.status_code, 400)
        self.assertIn("Add a photo or a document", answer.text)
        self.assertEqual(self.post(path, form, files=[("files", ("a.pdf", b"%PDF-1.7 a"))]).status_code, 303)
        self.assertTrue(self.public_messages(self.last_case()).attachment_ids)

    def test_a_service_that_needs_a_login_is_not_filed_without(self):
        self.tree.identification = "identified"
        before = self.last_case()
        path = f"/cases/new/{self.tree.id}"
        self.assertIn("/web/login?redirect=", self.url_open(path).text)
        self.assertIn("/web/login?redirect=", self.post(path, FORM, page=self.path).text)
        self.assertEqual(self.last_case(), before)
        self.authenticate("t_citizen", "t_citizen")
        self.post(path, FORM)
        self.assertEqual(self.last_case().partner_id, self.citizen)

    # choosing ---------------------------------------------------------

    def test_services_stand_under_their_heading_which_is_no_service(self):
        streets = self.env["helpdesk.ticket.category"].create({"name": "Streets and lights"})
        self.street_light.parent_id = streets
        page = html.fromstring(self.url_open("/cases/new").text)
        [section] = page.xpath("//section[h2='Streets and lights']")
        self.assertEqual(section.xpath(".//a/@href"), [self.path])
        self.assertEqual(self.url_open(f"/cases/new/{streets.id}").status_code, 404)

    def test_a_service_is_found_by_other_words(self):
        self.street_light.keywords = "lamp, bulb"
        found = html.fromstring(self.url_open("/cases/new?q=the+BULBS").text).xpath(
            "//section[@role='status']//a/@href"
        )
        self.assertEqual(found, [self.path])
        self.env["res.lang"]._activate_lang("es_ES")
        self.street_light.with_context(lang="es_ES").keywords = "bombilla, farola"
        found = html.fromstring(self.url_open("/cases/new?q=una+bombilla").text).xpath(
            "//section[@role='status']//a/@href"
        )
        self.assertEqual(found, [self.path], "whoever reads English may still write in Spanish")
        page = self.url_open("/cases/new?q=%3Cb%3Exyz").text
        self.assertIn("We found nothing", page)
        self.assertNotIn("<b>xyz", page)

    # cost -------------------------------------------------------------

    def test_questions_cost_no_query_to_show(self):
        plain = f"/cases/new/{self.tree.id}"
        self.height.active = False
        for _warm in range(2):
            self.url_open(self.path)
            self.url_open(plain)
        counts = []
        for path in (plain, self.path):
            before = self.env.cr.sql_log_count
            self.url_open(path)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

# SPDX-License-Identifier: AGPL-3.0-or-later
import re
import unittest
from datetime import UTC, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.civic_crm.tests.common import SecurityMatrixMixin

from ..core import page_key
from ..core.origins import read_origins
from .common import PortalCase
from .test_filing import FORM

PAGE_KEY = re.compile(r'name="page_key" value="([^"]+)"')
SITE = "https://libraries.city.test"


class TestPageKey(unittest.TestCase):
    def test_a_key_opens_its_own_form_for_a_while(self):
        key = page_key.make("secret", "one", 1000)
        self.assertEqual(page_key.read(key, "secret", "one", 1000 + page_key.LIFETIME), key.split(".")[1])
        with self.assertRaises(page_key.ExpiredKey):
            page_key.read(key, "secret", "one", 1001 + page_key.LIFETIME)

    def test_what_was_not_made_here_opens_nothing(self):
        made_at, nonce, signature = page_key.make("secret", "one", 1000).split(".")
        for key, form in (
            (f"{made_at}.{nonce}.{signature}", "two"),
            (f"{int(made_at) + 9}.{nonce}.{signature}", "one"),
            (f"{made_at}.{nonce}x.{signature}", "one"),
            (f"{made_at}.{nonce}.ñ", "one"),
            (page_key.make("other", "one", 1000), "one"),
            (page_key.make("secret", "one", 5000), "one"),
            ("", "one"),
            (None, "one"),
        ):
            with self.subTest(key=key), self.assertRaises(page_key.BadKey):
                page_key.read(key, "secret", form, 1000)

    def test_origins_are_sites_and_nothing_else(self):
        text = "https://Libraries.city.test/\n\nhttps://a.test:8443\nhttp://localhost:80\nhttps://a.test:8443"
        self.assertEqual(
            read_origins(text), ["https://libraries.city.test", "https://a.test:8443", "http://localhost:80"]
        )
        for line in (
            "http://a.test",
            "a.test",
            "https://*",
            "https://a.test/page",
            "https://a;b",
            "'self'",
            "https://u@a",
        ):
            with self.subTest(line=line), self.assertRaises(ValueError):
                read_origins(line)


@tagged("post_install", "-at_install")
class TestEmbed(SecurityMatrixMixin, PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.embed = cls.env["civic.embed"].create(
            {"name": "Libraries", "origins": SITE, "lang_id": cls.env.ref("base.lang_en").id}
        )
        cls.home = f"/embed/form/{cls.embed.key}"
        cls.path = f"{cls.home}/{cls.street_light.id}"

    def get_key(self):
        return PAGE_KEY.search(self.url_open(self.path).text).group(1)

    def send(self, key=None, headers=None, **form):
        return self.url_open(self.path, data={**FORM, "page_key": key or self.get_key(), **form}, headers=headers)

    def count(self):
        return self.env["helpdesk.ticket"].search_count([])

    def test_a_case_is_filed_from_another_site_as_on_the_citys_own(self):
        answer = self.send()
        case = self.last_case()
        self.assertEqual(answer.status_code, 200)
        self.assertIn(case.tracking_code, answer.text)
        self.assertIn("Lighting", answer.text)
        self.assertEqual((case.category_id, case.partner_id.email), (self.street_light, "eva@home.test"))
        entry = self.env["civic.intake"].search([("case_id", "=", case.id)])
        self.assertEqual(entry.adapter, "web")

    def test_what_a_limit_holds_is_said_to_wait_for_a_person(self):
        self.env["civic.intake.limit"].create({"name": "One an hour", "most": 1})
        self.assertNotIn("held for a person", self.send().text)
        self.assertIn("held for a person to look at", self.send(text="La farola sigue apagada.").text)

    def test_only_the_named_sites_may_frame_it_and_it_asks_for_no_cookie(self):
        for path in (self.home, self.path):
            answer = self.url_open(path)
            self.assertEqual(answer.headers["Content-Security-Policy"], f"frame-ancestors 'self' {SITE}")
            self.assertNotIn("X-Frame-Options", answer.headers)
            self.assertNotIn("Set-Cookie", answer.headers)
            self.assertNotIn("csrf_token", answer.text)

    def test_another_site_is_refused(self):
        framed = {"Sec-Fetch-Dest": "iframe", "Referer": "https://evil.test/page"}
        answer = self.url_open(self.path, headers=framed)
        self.assertEqual(answer.status_code, 403)
        self.assertNotIn("<form", answer.text)
        self.assertEqual(self.url_open(self.path, headers={**framed, "Referer": f"{SITE}/page"}).status_code, 200)
        before = self.count()
        for origin in ("https://evil.test", SITE, "null"):
            self.assertEqual(self.send(headers={"Origin": origin}).status_code, 403, "forms come from our own page")
        self.assertEqual(self.count(), before)

    def test_an_expired_or_forged_key_sends_nothing_and_loses_nothing(self):
        late = datetime.now(UTC) + timedelta(hours=3)
        key, before = self.get_key(), self.count()
        with freeze_time(late):
            expired = self.send(key)
        for answer in (expired, self.send("1.a.b")):
            self.assertEqual(answer.status_code, 400)
            self.assertIn("open for too long", answer.text)
            self.assertIn("Calle Mayor 3", answer.text)
        self.assertEqual(self.count(), before)

    def test_the_same_page_sent_twice_is_one_case(self):
        key, before = self.get_key(), self.count()
        first, second = self.send(key), self.send(key)
        self.assertEqual(self.count(), before + 1)
        code = self.last_case().tracking_code
        self.assertIn(code, first.text)
        self.assertIn(code, second.text)

    def test_what_is_wrong_is_said_at_its_field(self):
        answer = self.send(email="nobody")
        self.assertEqual(answer.status_code, 400)
        self.assertIn("it should look like name@example.org", answer.text)

    def test_nobody_is_signed_in_here(self):
        """Without a CSRF token, whoever has a session must not act with it."""
        self.authenticate("t_citizen", "t_citizen")
        self.assertIn('name="email"', self.url_open(self.path).text)
        self.send()
        self.assertEqual(self.last_case().partner_id.email, "eva@home.test")

    def test_only_the_services_offered_are_filed(self):
        self.embed.service_ids = self.tree
        self.assertEqual(self.url_open(self.path).status_code, 404)
        self.assertIn("Fallen tree", self.url_open(self.home).text, "the only one is shown at once")
        self.tree.identification = "identified"
        self.assertEqual(self.url_open(f"{self.home}/{self.tree.id}").status_code, 404)
        self.assertEqual(self.url_open(f"{self.home}/{self.internal_service.id}").status_code, 404)

    def test_one_that_is_archived_says_that_it_is_closed(self):
        self.embed.active = False
        for path in (self.home, self.path):
            answer = self.url_open(path)
            self.assertEqual(answer.status_code, 404)
            self.assertIn("This form is closed", answer.text)

    def test_a_flood_is_stopped(self):
        self.env["ir.config_parameter"].set_param("civic_portal.limit_filing", "1")
        self.send()
        self.assertEqual(self.send().status_code, 429)

    def test_what_is_no_site_is_refused(self):
        for origins in ("libraries", "http://a.test", " \n"):
            with self.assertRaises(ValidationError):
                self.embed.origins = origins

    def test_an_administrator_alone_sets_them_up(self):
        self.assertIn(self.embed.key, self.embed.snippet)
        self.assert_matrix(self.embed, {"admin": "rwcu", "auditor": "r"})

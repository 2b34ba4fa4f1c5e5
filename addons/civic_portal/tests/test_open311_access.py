# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may do what by Open311, and what hostile and broken clients get."""

import http.client
import json
from urllib.parse import urlsplit

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..controllers import open311
from ..core.open311 import address
from .test_open311 import ROOT, Open311Case

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@tagged("post_install", "-at_install")
class TestOpen311Access(Open311Case):
    def test_who_may_do_what(self):
        """Every resource with a private request, for each kind of key: what is not public is its own application's."""
        [row] = self.send()[1]
        code = row["service_request_id"]
        revoked = self.env["civic.api.key"].create({"name": "Revoked"})
        revoked_key = revoked._issue()
        revoked.action_revoke()
        archived = self.env["civic.api.key"].create({"name": "Archived"})
        archived_key = archived._issue()
        archived.active = False
        keys = {
            "own": self.key,
            "other": self.other_key,
            "none": "",
            "forged": self.key[:-1] + ("A" if self.key[-1] != "A" else "B"),
            "revoked": revoked_key,
            "archived": archived_key,
        }
        update = {
            "service_request_id": code,
            "update_id": "1",
            "status": "OPEN",
            "updated_datetime": "2026-05-01T10:00:00Z",
            "description": "More.",
        }
        for who, key in keys.items():
            is_app = who in ("own", "other")
            with self.subTest(who=who):
                self.assertEqual(self.ask("services", api_key=key)[0], 200)
                self.assertEqual(self.ask("requests", api_key=key), (200, []))
                self.assertEqual(self.ask(f"requests/{code}", api_key=key)[0], 200 if who == "own" else 404)
                found = self.ask("requests", service_request_id=code, api_key=key)[1]
                self.assertEqual(len(found), who == "own")
                changed = self.ask("servicerequestupdates", api_key=key)[1]
                self.assertEqual([row["service_request_id"] for row in changed], [code] if who == "own" else [])
                status, _rows = self.send(description=f"By {who}", key=key)
                self.assertEqual(status, 200 if is_app else 403)
                status, _rows = self.send({**update, "description": who}, path="servicerequestupdates", key=key)
                self.assertEqual(status, 200 if who == "own" else 404 if is_app else 403)

    def test_its_own_application_reads_nothing_that_anybody_wrote(self):
        [row] = self.send(email="ana@home.test", first_name="Ana", address_string="Main St 3")[1]
        self.last_case()._post_from_citizen("My phone is 600 123 123.")
        code = row["service_request_id"]
        text = str(self.ask(f"requests/{code}", api_key=self.key)) + str(
            self.ask("servicerequestupdates", api_key=self.key)
        )
        for private in ("ana@", "Ana", "Main St", "600 123", "road", self.last_case().tracking_code):
            self.assertNotIn(private, text)

    def test_a_key_opens_what_it_was_made_for(self):
        self.app.service_ids = self.street_light
        self.assertEqual(self.send()[0], 403)
        self.app.service_ids = self.tree
        [row] = self.send()[1]
        self.app.may_update = False
        status, errors = self.send({"service_request_id": row["service_request_id"]}, path="servicerequestupdates")
        self.assertEqual((status, errors[0]["parameter"]), (403, "api_key"))

    def test_a_new_key_ends_the_one_before(self):
        action = self.app.with_user(self.users["admin"]).action_issue()
        fresh = action["context"]["default_key"]
        Dialogue = self.env[action["res_model"]].with_user(self.users["admin"]).with_context(**action["context"])
        self.assertEqual(Dialogue.onchange({}, [], {"key": {}})["value"]["key"], fresh)
        self.assertEqual(self.send()[0], 403)
        self.assertEqual(self.send(key=fresh)[0], 200)
        self.app.with_user(self.users["admin"]).action_revoke()
        self.assertEqual(self.send(key=fresh, description="Another.")[0], 403)
        self.assertEqual((self.app.state, self.app.revoked_by_id), ("revoked", self.users["admin"]))

    def test_a_key_is_kept_nowhere(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT row_to_json(k)::text FROM civic_api_key k WHERE id = %s", [self.app.id])
        [(row,)] = self.env.cr.fetchall()
        self.assertNotIn(self.key, row)
        self.assertIn(self.key[:6], row)
        with self.assertRaises(AccessError):
            self.app.with_user(self.users["admin"]).read(["key_digest"])
        for role in ("manager", "auditor", "citizen"):
            for act in ("action_issue", "action_revoke"):
                with self.subTest(role=role, act=act), self.assertRaises(AccessError):
                    getattr(self.app.with_user(self.users[role]), act)()

    def test_an_application_that_has_filed_is_not_deleted(self):
        self.send()
        with self.assertRaises(UserError):
            self.app.unlink()
        self.other_app.unlink()

    def test_what_is_sent_is_counted_and_too_much_is_refused(self):
        self.app.limit_per_hour = 2
        self.send()
        self.send(service_code=None)
        response = self.url_open(f"{ROOT}/requests.xml", data={"api_key": self.key})
        self.assertEqual((response.status_code, response.headers["Retry-After"]), (429, "3600"))
        self.assertEqual(etree.fromstring(response.content).findtext("error/code"), "429")
        self.assertEqual(self.send(key=self.other_key)[0], 200, "others are not held up")
        self.env.invalidate_all()
        self.assertEqual((self.app.request_count, self.app.refused_count, self.app.case_count), (3, 2, 1))
        self.assertTrue(self.app.last_used_at)

    def test_guessing_keys_is_stopped(self):
        self.env["ir.config_parameter"].set_param("civic_portal.limit_api_key", "1")
        self.assertEqual([self.send(key="guess")[0] for _try in range(3)], [403, 429, 429])
        self.assertEqual(self.send()[0], 200, "who has a key is let in")

    # ------------------------------------------------------------------

    def test_no_cookie_is_read_or_set(self):
        self.authenticate("t_admin", "t_admin")
        response = self.url_open(f"{ROOT}/requests.json")
        self.assertNotIn("Set-Cookie", response.headers)
        self.assertEqual(self.send(key="")[0], 403)

    def test_programs_in_browsers_may_ask(self):
        response = self.url_open(f"{ROOT}/services.json", headers={"Origin": "https://app.test"})
        self.assertEqual(response.headers["Access-Control-Allow-Origin"], "*")
        self.assertEqual(self.url_open(f"{ROOT}/requests.json", method="OPTIONS").status_code, 204)
        self.assertEqual(self.url_open(f"{ROOT}/none.json").headers["Access-Control-Allow-Origin"], "*")

    def test_what_is_wrong_is_said_in_the_format_asked_for(self):
        for method, path, status in (
            ("GET", "nothing", 404),
            ("GET", "services/none", 404),
            ("GET", "requests/none", 404),
            ("GET", "tokens/none", 404),
            ("GET", "requests", 400),
            ("POST", "services", 405),
            ("PUT", "requests", 405),
            ("DELETE", "requests/I26-00001", 405),
            ("POST", "requests/I26-00001", 405),
            ("PATCH", "discovery", 405),
        ):
            query = "?status=none" if status == 400 else ""
            with self.subTest(method=method, path=path):
                response = self.url_open(f"{ROOT}/{path}.json{query}", method=method)
                self.assertEqual(response.status_code, status)
                [error] = response.json()
                self.assertEqual(error["code"], status)
                self.assertTrue(error["description"])
                response = self.url_open(f"{ROOT}/{path}.xml{query}", method=method)
                self.assertEqual(response.headers["Content-Type"], "text/xml; charset=utf-8")
                root = etree.fromstring(response.content)
                self.assertEqual((root.tag, root.findtext("error/code")), ("errors", str(status)))
                self.assertEqual("Allow" in response.headers, status == 405)

    def test_other_formats_are_nothing(self):
        for path in ("services.csv", "services", "requests.html", "../v2/services", "requests/.json", ""):
            with self.subTest(path=path):
                response = self.url_open(f"{ROOT}/{path}")
                self.assertEqual(response.status_code, 404)

    def test_what_is_no_form_is_refused(self):
        for kind, body in (
            ("application/json", b'{"api_key": "x"}'),
            ("text/xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
            ("", b"api_key=x"),
        ):
            with self.subTest(kind=kind):
                response = self.url_open(f"{ROOT}/requests.json", data=body, headers={"Content-Type": kind})
                self.assertEqual((response.status_code, response.json()[0]["code"]), (400, 400))
                self.assertNotIn("root:", response.text)

    def test_too_much_is_refused_before_it_is_read(self):
        for kind, length in (
            ("multipart/form-data; boundary=x", 50 * 1024 * 1024),
            ("multipart/form-data; boundary=x", open311.MAX_REQUEST + 1),
            ("application/x-www-form-urlencoded", open311.MAX_FORM + 1),
        ):
            with self.subTest(kind=kind, length=length):
                with self.allow_requests():
                    status, body = self.announce(kind, length)
                self.assertEqual((status, json.loads(body)[0]["code"]), (413, 413))

    def announce(self, kind, length):
        """Say that so many bytes will come, send none, and return ``(status, body)`` of the answer."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.opener.cookies.items())
        connection = http.client.HTTPConnection(urlsplit(self.base_url()).netloc, timeout=30)
        self.addCleanup(connection.close)
        connection.putrequest("POST", f"{ROOT}/requests.json")
        for name, value in (("Content-Type", kind), ("Content-Length", str(length)), ("Cookie", cookies)):
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return response.status, response.read()

    def test_a_body_of_unknown_length_is_refused(self):
        response = self.url_open(f"{ROOT}/requests.json", data=iter([b"api_key=x"]), headers=FORM)
        self.assertEqual(response.status_code, 411)

    def test_files_of_other_kinds_and_too_many_are_refused(self):
        for files, words in (
            ([("media", ("x.jpg", b"MZ\x90"))], "photos (JPEG"),
            ([("media", ("x.svg", b"<svg onload='x'/>"))], "photos (JPEG"),
            ([("media", (f"{number}.pdf", b"%PDF-1.4")) for number in range(6)], "at most 5"),
            ([("media", ("x.pdf", b"%PDF-" + b"0" * 10 * 1024 * 1024))], "10 MB"),
        ):
            with self.subTest(words=words):
                status, errors = self.send(files=files)
                self.assertEqual((status, errors[0]["parameter"]), (400, "media"))
                self.assertIn(words, errors[0]["description"])

    def test_hostile_words_are_words(self):
        status, _rows = self.send(description="<script>alert(1)</script> 'x'; DROP TABLE helpdesk_ticket; --\x00")
        self.assertEqual(status, 200)
        self.assertNotIn("<script>", self.last_case().description)
        for name in ("service_code", "jurisdiction_id", "api_key", "lat", "attribute[x]"):
            for value in ("'", "\x00", "\ud7ff", "x" * 5000, "${7*7}", "../../etc/passwd", "<!ENTITY x>"):
                with self.subTest(name=name, value=value[:20]):
                    status, _errors = self.send({name: value})
                    self.assertIn(status, (200, 400, 403, 404))

    def test_a_file_in_the_place_of_a_text_is_none(self):
        status, errors = self.send(api_key=None, files=[("api_key", ("key.txt", self.key.encode()))])
        self.assertEqual((status, errors[0]["code"]), (403, 403))

    # ------------------------------------------------------------------

    def test_nothing_that_is_asked_breaks_it(self):
        """Addresses, queries and forms that nobody would send: each has an answer in its format, and none is 500."""
        names = st.sampled_from([
            "api_key", "jurisdiction_id", "service_code", "service_request_id", "status", "start_date", "end_date",
            "updated_after", "page", "page_size", "extensions", "locale", "lat", "long", "address_string", "email",
            "description", "media_url", "attribute[x]", "attribute[]", "attribute[[x]]", "update_id",
            "updated_datetime", "first_name", "phone", "token",
        ])  # fmt: skip
        texts = st.one_of(
            st.text(max_size=40),
            st.sampled_from(["tree", "light", "I26-00001", "OPEN", "open", "-1", "1e308", "NaN", "2026-05-01", "%00"]),
            st.datetimes().map(lambda moment: moment.isoformat()),
            st.floats().map(str),
            st.just(self.key),
        )
        resources = st.one_of(st.sampled_from([*address.METHODS, "", ".", "..", "web"]), st.text(max_size=10))
        pairs = st.lists(st.tuples(names, texts), max_size=8)
        kinds = st.sampled_from(["xml", "json", "jpg", "csv", ""])

        @settings(max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=HealthCheck)
        @given(resources, st.text(max_size=12), kinds, pairs, pairs, st.sampled_from(["GET", "POST", "PUT", "HEAD"]))
        def ask(resource, name, kind, query, form, method):
            path = "/".join(filter(None, (resource, name)))
            response = self.opener.request(
                method,
                f"{self.base_url()}{ROOT}/{path}.{kind}",
                params=[(key, value.encode("utf-8", "replace")) for key, value in query],
                data=[(key, value.encode("utf-8", "replace")) for key, value in form] if method == "POST" else None,
                allow_redirects=False,
                timeout=60,
            )
            self.assertLess(response.status_code, 500, response.text)
            is_ours = response.url.startswith(f"{self.base_url()}{ROOT}/")
            if is_ours and response.content and method != "HEAD":
                is_json = response.headers["Content-Type"].startswith("application/json")
                content = response.json() if is_json else etree.fromstring(response.content)
                self.assertIsNotNone(content)

        ask()

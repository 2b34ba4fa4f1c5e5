# SPDX-License-Identifier: AGPL-3.0-or-later
"""Open311 over HTTP, as a program of others meets it."""

import base64
import io
from datetime import timedelta

from lxml import etree
from PIL import Image
from werkzeug.datastructures import MultiDict

from odoo import fields
from odoo.tests import tagged

from odoo.addons.civic_crm.tests.test_citizen_file import GPS, opened, photo

from .common import PortalCase

ROOT = "/open311/v2"


class Open311Case(PortalCase):
    """A city with two applications, one of which has filed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draw_zones()
        Key = cls.env["civic.api.key"]
        cls.app = Key.create({"name": "Streets", "contact": "dev@streets.test"})
        cls.other_app = Key.create({"name": "Another"})
        cls.key, cls.other_key = cls.app._issue(), cls.other_app._issue()
        cls.env["ir.config_parameter"].set_param("civic_portal.limit_api_key", "1000")

    def ask(self, path, **params):
        """Return ``(status, content)`` of a JSON address."""
        response = (
            self.url_open(f"{ROOT}/{path}.json", params=params) if params else self.url_open(f"{ROOT}/{path}.json")
        )
        self.assertEqual(response.headers["Content-Type"], "application/json; charset=utf-8")
        return response.status_code, response.json()

    def ask_xml(self, path):
        response = self.url_open(f"{ROOT}/{path}.xml")
        self.assertEqual(response.headers["Content-Type"], "text/xml; charset=utf-8")
        return response.status_code, etree.fromstring(response.content)

    def send(self, form=None, *, path="requests", files=None, key=None, **more):
        """Return ``(status, content)`` of what is filed; *more* replaces fields, None takes one out."""
        values = {
            "api_key": self.key if key is None else key,
            "service_code": "tree",
            "lat": "41.0",
            "long": "1.0",
            "description": "A tree lies on the road.",
            **(form or {}),
            **more,
        }
        values = {name: value for name, value in values.items() if value is not None}
        response = self.url_open(f"{ROOT}/{path}.json", data=values, files=files)
        return response.status_code, response.json()

    def publish(self, case):
        """Return the published issue made of *case*."""
        issue = case._gather()
        issue.action_publish()
        return issue


@tagged("post_install", "-at_install")
class TestOpen311(Open311Case):
    """What anybody reads, and what an application files."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.light = cls.street_light
        cls.env["civic.service.question"].create(
            [
                {
                    "service_id": cls.light.id,
                    "sequence": 1,
                    "label": "Live wires?",
                    "datatype": "notice",
                    "code": "wires",
                },
                {
                    "service_id": cls.light.id,
                    "sequence": 2,
                    "label": "How many?",
                    "datatype": "number",
                    "code": "many",
                    "required": True,
                    "has_limits": True,
                    "min_value": 1,
                    "max_value": 9,
                },
                {
                    "service_id": cls.light.id,
                    "sequence": 3,
                    "label": "Which?",
                    "datatype": "multivaluelist",
                    "code": "which",
                    "option_lines": "Wall\nPole",
                },
            ]
        )

    # reading ----------------------------------------------------------

    def test_discovery_says_where_and_in_which_formats(self):
        for path in ("/open311/discovery", f"{ROOT}/discovery"):
            content = self.url_open(f"{path}.json").json()
            self.assertEqual(set(content), {"changeset", "contact", "key_service", "endpoints"})
            [endpoint] = content["endpoints"]
            self.assertEqual(endpoint["specification"], "http://wiki.open311.org/GeoReport_v2")
            self.assertEqual(endpoint["url"], self.base_url() + ROOT)
            self.assertEqual(endpoint["formats"], ["text/xml", "application/json"])
            self.assertEqual(endpoint["type"], "production")
        self.city.open311_is_test = True
        _status, xml = self.ask_xml("discovery")
        self.assertEqual(xml.tag, "discovery")
        self.assertEqual(xml.findtext("endpoints/endpoint/type"), "test")
        self.assertEqual([node.text for node in xml.findall(".//format")], ["text/xml", "application/json"])

    def test_services_offered_are_listed(self):
        self.light.write({"description": "Dark streets", "keywords": "lamp, bulb\nlantern"})
        status, services = self.ask("services")
        self.assertEqual(status, 200)
        self.assertEqual(
            services[0],
            {
                "service_code": "light",
                "service_name": "Broken street light",
                "description": "Dark streets",
                "metadata": True,
                "type": "realtime",
                "keywords": "lamp, bulb, lantern",
                "group": "Lighting",
            },
        )
        self.assertEqual([service["metadata"] for service in services], [True, False])
        status, xml = self.ask_xml("services")
        self.assertEqual([node.findtext("metadata") for node in xml.findall("service")], ["true", "false"])

    def test_services_not_for_apps_do_not_exist(self):
        for change in (
            {"show_in_portal": False},
            {"identification": "identified"},
            {"open311_type": "no"},
            {"service_code": False},
            {"active": False},
        ):
            with self.subTest(change=change):
                before = {name: self.tree[name] for name in change}
                self.tree.write(change)
                self.assertEqual([service["service_code"] for service in self.ask("services")[1]], ["light"])
                self.assertEqual(self.ask("services/tree")[0], 404)
                self.assertEqual(self.send()[0], 404)
                self.tree.write(before)
        self.assertEqual(self.ask("services/inspection")[0], 404)

    def test_a_definition_has_typed_questions(self):
        status, definition = self.ask("services/light")
        self.assertEqual((status, definition["service_code"]), (200, "light"))
        notice, many, which = definition["attributes"]
        self.assertEqual((notice["variable"], notice["required"], notice["order"]), (False, False, 1))
        self.assertEqual((many["code"], many["datatype"], many["required"], many["order"]), ("many", "number", True, 2))
        self.assertEqual(which["values"], [{"key": "wall", "name": "Wall"}, {"key": "pole", "name": "Pole"}])
        _status, xml = self.ask_xml("services/light")
        self.assertEqual(xml.tag, "service_definition")
        self.assertEqual([node.findtext("variable") for node in xml.find("attributes")], ["false", "true", "true"])
        self.assertEqual(xml.findtext("attributes/attribute[3]/values/value/key"), "wall")
        self.assertEqual(self.ask("services/tree")[1]["attributes"], [])

    def test_words_are_in_the_language_asked_for(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.tree.with_context(lang="es_ES").name = "Árbol caído"
        names = [service["service_name"] for service in self.ask("services", locale="es")[1]]
        self.assertIn("Árbol caído", names)
        self.assertIn("Fallen tree", [service["service_name"] for service in self.ask("services", locale="xx")[1]])

    def test_the_city_speaks_its_own_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.tree.with_context(lang="es_ES").name = "Árbol caído"
        for lang, name in (("es_ES", "Árbol caído"), ("en_US", "Fallen tree")):
            self.city.partner_id.lang = lang
            self.assertIn(name, [service["service_name"] for service in self.ask("services")[1]])

    def test_only_issues_that_are_published_are_shown(self):
        case = self.file_case(
            self.tree, description="<p>Call me: 600 123 123</p>", place="Main St 3", latitude=41, longitude=1
        )
        issue = case._gather()
        self.assertEqual(self.ask("requests"), (200, []))
        self.assertEqual(self.ask(f"requests/{issue.code}")[0], 404)
        issue.write({"description": "A fallen tree.", "place": "Main Street"})
        issue.action_publish()
        [row] = self.ask("requests")[1]
        self.assertEqual([row], self.ask(f"requests/{issue.code}")[1])
        self.assertEqual(
            (row["service_request_id"], row["status"], row["service_code"], row["description"], row["address"]),
            (issue.code, "open", "tree", "A fallen tree.", "Main Street"),
        )
        self.assertEqual((row["lat"], row["long"]), (issue.latitude, issue.longitude))
        text = str(self.ask("requests", extensions="true"))
        for private in ("600 123", case.number, case.tracking_code, "citizen@home.test", "Main St 3"):
            self.assertNotIn(private, text)
        issue.action_unpublish()
        self.assertEqual(self.ask("requests"), (200, []))

    def test_a_closed_request_says_when(self):
        issue = self.publish(self.file_case(self.tree))
        issue.state = "solved"
        issue.state_since = "2026-01-01 10:00:00"
        [row] = self.ask("requests")[1]
        self.assertEqual((row["status"], row["updated_datetime"]), ("closed", "2026-01-01T11:00:00+01:00"))

    def test_requests_are_found_by_what_is_asked(self):
        today = fields.Datetime.now()
        long_ago = today - timedelta(days=100)
        old = self.publish(self.file_case(self.tree, filed_at=long_ago))
        new = self.publish(self.file_case(self.light))
        new.state = "closed"
        self.env.flush_all()
        begin = f"{today - timedelta(days=110):%Y-%m-%d}"
        for params, expected in (
            ({}, {new}),
            ({"status": "open"}, set()),
            ({"status": "open,closed"}, {new}),
            ({"service_code": "tree"}, set()),
            ({"service_code": "tree,light"}, {new}),
            ({"service_code": "none"}, set()),
            ({"start_date": begin}, {old}),
            ({"start_date": begin, "status": "closed"}, set()),
            ({"service_request_id": f"{old.code},{new.code},none", "status": "?"}, {old, new}),
            ({"updated_after": begin}, {old, new}),
            ({"updated_before": begin}, set()),
            ({"page_size": "1", "updated_after": begin}, {new}),
            ({"page_size": "1", "page": "2", "updated_after": begin}, {old}),
            ({"page": "1000000", "updated_after": begin}, set()),
        ):
            with self.subTest(params=params):
                status, rows = self.ask("requests", **params)
                self.assertEqual(status, 200)
                self.assertEqual({row["service_request_id"] for row in rows}, {issue.code for issue in expected})

    def test_photos_are_those_of_published_issues(self):
        issue = self.publish(self.file_case(self.tree))
        issue.photo = base64.b64encode(photo())
        [row] = self.ask("requests")[1]
        self.assertEqual(row["media_url"], f"{self.base_url()}{ROOT}/photos/{issue.code}.jpg")
        response = self.url_open(row["media_url"])
        self.assertEqual(response.headers["Content-Type"], "image/jpeg")
        self.assertFalse(dict(opened(response.content).getexif()))
        issue.action_unpublish()
        self.assertEqual(self.url_open(row["media_url"]).status_code, 404)

    def test_a_thousand_requests_cost_as_many_queries_as_one(self):
        self.publish(self.file_case(self.tree))
        city = self.env["civic.open311"].with_context(lang="en_US")
        args = MultiDict()
        city._list_requests(args, None)  # what is kept in memory
        with self.assert_queries_at_most(3):
            self.assertEqual(len(city._list_requests(args, None)), 1)
        for case in self.file_many(30, category_id=self.tree.id):
            self.publish(case)
        with self.assert_queries_at_most(3):
            self.assertEqual(len(city._list_requests(args, None)), 31)
        code = self.last_case().issue_id.code
        with self.assert_queries_at_most(3):
            self.assertEqual(len(city._get_request(code, args, None)), 1)

    # filing -----------------------------------------------------------

    def test_a_request_becomes_a_case(self):
        status, [row] = self.send(
            {"attribute[many]": "2", "attribute[which][]": ["wall", "pole"]},
            service_code="light",
            email="ana@home.test",
            first_name="Ana",
            last_name="García",
            phone="600123123",
            media_url="https://pictures.test/1.jpg",
        )
        self.assertEqual(status, 200)
        case = self.last_case()
        self.assertEqual(row["service_request_id"], case.request_code)
        self.assertIn(f"/cases/{case.tracking_code}", row["service_notice"])
        self.assertIn("5 working days", row["service_notice"])
        self.assertEqual((case.category_id, case.api_key_id), (self.light, self.app))
        self.assertEqual(case.channel_id, self.env.ref("civic_crm.channel_app"))
        self.assertEqual((case.latitude, case.longitude, case.civic_zone_id), (41, 1, self.old_town))
        self.assertEqual((case.partner_id.name, case.partner_email), ("Ana García", "ana@home.test"))
        self.assertEqual(case._get_public_answers(), [("How many?", "2"), ("Which?", "Wall, Pole")])
        self.assertIn("A tree lies on the road.", case.description)
        self.assertIn("https://pictures.test/1.jpg", case.description)
        self.assertEqual(case.acknowledgement, "to_send")

    def test_every_request_is_in_the_ledger_before_it_is_a_case(self):
        self.env["ir.config_parameter"].set_param("civic_crm.intake_at_once", "False")
        before = self.env["helpdesk.ticket"].search_count([])
        _status, [row] = self.send()
        code = row["service_request_id"]
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), before)
        intake = self.env["civic.intake"].search([("message_ref", "=", code)])
        self.assertEqual((intake.adapter, intake.state, intake.channel_id.name), ("open311", "received", "App"))
        self.assertEqual(self.ask(f"requests/{code}")[0], 404)
        [waiting] = self.ask(f"requests/{code}", api_key=self.key)[1]
        self.assertEqual((waiting["status"], waiting["service_code"]), ("open", "tree"))
        intake._process()
        self.assertEqual((intake.state, intake.case_id.request_code), ("processed", code))
        [row] = self.ask(f"requests/{code}", api_key=self.key)[1]
        self.assertEqual(row["agency_responsible"], "Parks")
        self.assertIsNone(row["expected_datetime"], "nothing is promised for it")
        intake.case_id.promised_on = "2026-06-01"
        [row] = self.ask(f"requests/{code}", api_key=self.key)[1]
        self.assertEqual(row["expected_datetime"], "2026-06-01T23:59:59+02:00")

    def test_the_same_sent_twice_is_one(self):
        first, second = self.send(), self.send()
        self.assertEqual(first, second)
        self.assertNotEqual(self.send(description="Another tree."), first)
        self.assertEqual(self.env["helpdesk.ticket"].search_count([("api_key_id", "=", self.app.id)]), 2)

    def test_photos_are_kept_without_the_place_they_were_taken(self):
        status, _rows = self.send(
            files=[("media", ("tree.jpg", photo())), ("photo2", ("b.png", photo("PNG", gps=False)))]
        )
        self.assertEqual(status, 200)
        files = self.last_case().message_ids.attachment_ids
        self.assertEqual(set(files.mapped("name")), {"tree.jpg", "b.png"})
        self.assertNotIn(
            GPS, Image.open(io.BytesIO(files.filtered(lambda file: file.name == "tree.jpg").raw)).getexif()
        )

    def test_a_service_published_by_itself_is_seen_by_the_number_given(self):
        self.tree.publish_issues = True
        [row] = self.send()[1]
        [shown] = self.ask("requests")[1]
        self.assertEqual(shown["service_request_id"], row["service_request_id"])
        self.assertNotIn("road", str(shown))
        self.assertEqual(self.last_case().issue_id.code, row["service_request_id"])

    def test_a_request_gathered_under_another_issue_is_that_issue(self):
        issue = self.publish(self.file_case(self.tree))
        [row] = self.send()[1]
        self.last_case()._gather(issue)
        [shown] = self.ask(f"requests/{row['service_request_id']}")[1]
        self.assertEqual(shown["service_request_id"], row["service_request_id"])
        self.assertEqual(shown["description"], issue.default_title)
        self.assertEqual([row["service_request_id"] for row in self.ask("requests")[1]], [issue.code])

    def test_an_issue_made_by_hand_keeps_the_number_of_the_request(self):
        [row] = self.send()[1]
        issue = self.publish(self.last_case())
        self.assertEqual(issue.code, row["service_request_id"])
        issue.active = False
        other = self.last_case()
        other.issue_id = False
        self.assertNotEqual(other._gather().code, issue.code)

    def test_what_the_service_asks_is_held_to_and_said(self):
        for change, parameter, words in (
            ({"service_code": "light", "email": "a@b.test"}, "attribute[many]", "Answer this question."),
            ({"service_code": "light", "email": "a@b.test", "attribute[many]": "10"}, "attribute[many]", "the most 9"),
            (
                {"service_code": "light", "attribute[many]": "2", "email": "a@b.test", "attribute[which]": "roof"},
                "attribute[which]",
                "Choose from the list.",
            ),
            ({"service_code": "light", "attribute[many]": "2"}, "email, phone", "e-mail address or a phone"),
            ({"attribute[age]": "2"}, "attribute[age]", "does not ask that"),
            ({"lat": None, "long": None}, "lat, long, address_string", "Tell us where"),
        ):
            with self.subTest(change=change):
                status, errors = self.send(**change)
                self.assertEqual(status, 400)
                self.assertIn((parameter, 400), {(error["parameter"], error["code"]) for error in errors})
                self.assertIn(words, str(errors))
        self.env["res.lang"]._activate_lang("es_ES")
        status, [error] = self.send(lat=None, long=None, locale="es")
        self.assertNotIn("Tell us", error["description"])
        self.assertFalse(self.env["helpdesk.ticket"].search_count([("api_key_id", "!=", False)]))
        self.assertFalse(self.env["civic.intake"].search_count([("adapter", "=", "open311")]))

    def test_a_photo_may_be_required_or_not_wanted(self):
        self.tree.ask_photo = "required"
        self.assertEqual(self.send()[1][0]["parameter"], "media")
        self.tree.ask_photo = "no"
        self.assertEqual(self.send(files=[("media", ("tree.jpg", photo()))])[0], 200)
        self.assertFalse(self.last_case().message_ids.attachment_ids)

    def test_an_address_does_for_a_point_and_a_description_need_not_be(self):
        self.assertEqual(self.send(lat=None, long=None, address_string="Main St 3", description=None)[0], 200)
        self.assertEqual(self.last_case().place, "Main St 3")

    def test_a_batch_service_gives_a_token_first(self):
        self.tree.open311_type = "batch"
        self.env["ir.config_parameter"].set_param("civic_crm.intake_at_once", "False")
        [row] = self.send()[1]
        self.assertEqual(set(row), {"token"})
        token = row["token"]
        self.assertEqual(self.ask(f"tokens/{token}"), (200, [{"service_request_id": None, "token": token}]))
        intake = self.env["civic.intake"].search([("adapter", "=", "open311")])
        intake._process()
        code = intake.case_id.request_code
        self.assertEqual(self.ask(f"tokens/{token}"), (200, [{"service_request_id": code, "token": token}]))
        xml = self.ask_xml(f"tokens/{token}")[1]
        self.assertEqual(xml.findtext("request/service_request_id"), code)
        self.assertEqual(self.ask(f"tokens/{'0' * 64}")[0], 404)
        self.assertEqual(self.ask(f"tokens/{code}")[0], 404)

    # updates ----------------------------------------------------------

    def update(self, code, **more):
        given = {
            "service_request_id": code,
            "update_id": "77",
            "status": "FIXED",
            "updated_datetime": "2026-05-01T10:00:00Z",
            "description": "It is gone.",
        }
        form = {"service_code": None, "lat": None, "long": None, **given, **more}
        return self.send(form, path="servicerequestupdates")

    def test_an_update_is_a_message_of_the_citizens(self):
        [row] = self.send()[1]
        status, [answer] = self.update(row["service_request_id"], media_url="https://pictures.test/2.jpg")
        self.assertEqual(status, 200)
        case = self.last_case()
        message = case.message_ids[0]
        self.assertIn("It is gone.", message.body)
        self.assertIn("FIXED", message.body)
        self.assertIn("https://pictures.test/2.jpg", message.body)
        self.assertTrue(case.has_citizen_message)
        self.assertFalse(case.closed_date, "what an application says closes nothing")
        intake = self.env["civic.intake"].search([("message_ref", "=", answer["update_id"])])
        self.assertEqual((intake.state, intake.result, intake.case_id), ("processed", "reply", case))

    def test_an_update_waits_for_its_request(self):
        self.env["ir.config_parameter"].set_param("civic_crm.intake_at_once", "False")
        [row] = self.send()[1]
        [answer] = self.update(row["service_request_id"])[1]
        Intake = self.env["civic.intake"]
        update = Intake.search([("message_ref", "=", answer["update_id"])])
        with self.assertLogs("odoo.addons.civic_crm.models.civic_intake", "WARNING"):
            update._process()
        self.assertEqual((update.state, update.attempts), ("received", 1))
        Intake.search([("message_ref", "=", row["service_request_id"])])._process()
        update._process()
        self.assertEqual(update.state, "processed")

    def test_updates_say_how_requests_stand(self):
        issue = self.publish(self.file_case(self.tree))
        self.assertEqual([row["status"] for row in self.ask("servicerequestupdates")[1]], ["OPEN"])
        issue.state = "solved"
        issue.state_since = "2026-03-01 10:00:00"
        self.env.flush_all()
        [update] = self.ask("servicerequestupdates", start_date="2026-02-20", end_date="2026-03-02")[1]
        self.assertEqual((update["service_request_id"], update["status"]), (issue.code, "FIXED"))
        self.assertEqual(update["updated_datetime"], "2026-03-01T11:00:00+01:00")
        self.assertEqual(self.ask("servicerequestupdates", start_date="2026-03-02", end_date="2026-03-03")[1], [])
        self.assertEqual(self.ask("servicerequestupdates", service_request_id="none")[1], [])
        self.assertEqual(self.ask("servicerequestupdates", start_date="x")[0], 400)
        root = self.ask_xml("servicerequestupdates")[1]
        self.assertEqual(root.tag, "service_request_updates")

    # several cities ---------------------------------------------------

    def test_one_city_is_meant_without_saying_so(self):
        self.assertEqual(self.ask("services", jurisdiction_id="anything")[0], 200)
        self.city.open311_jurisdiction = "city.test"
        self.assertEqual(self.ask("services")[0], 200)
        self.assertEqual(self.ask("services", jurisdiction_id="city.test")[0], 200)
        self.assertEqual(self.ask("services", jurisdiction_id="else.test")[0], 404)
        self.assertEqual(self.send(jurisdiction_id="else.test")[0], 404)

    def test_of_several_cities_one_is_named(self):
        self.city.open311_jurisdiction = "city.test"
        town = self.env["res.company"].create({"name": "Town", "open311_jurisdiction": "town.test"})
        self.tree.write({"company_id": town.id, "team_id": False})
        self.light.company_id = self.city
        issue = self.publish(self.file_case(self.light))
        self.assertEqual(self.ask("services")[0], 400)
        self.assertEqual(self.ask("requests", jurisdiction_id="else.test")[0], 404)
        for name, codes, shown in (("city.test", ["light"], [issue.code]), ("town.test", ["tree"], [])):
            services = self.ask("services", jurisdiction_id=name)[1]
            self.assertEqual([service["service_code"] for service in services], codes)
            rows = self.ask("requests", jurisdiction_id=name)[1]
            self.assertEqual([row["service_request_id"] for row in rows], shown)
        self.assertEqual(self.send(jurisdiction_id="town.test")[0], 403, "the key is the other city's")
        key = self.env["civic.api.key"].create({"name": "Town", "company_id": town.id})._issue()
        self.assertEqual(self.send(jurisdiction_id="town.test", key=key)[0], 200)
        self.assertEqual(self.last_case().company_id, town)

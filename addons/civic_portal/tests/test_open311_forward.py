# SPDX-License-Identifier: AGPL-3.0-or-later
"""Cases that another Open311 server works on."""

import unittest
from datetime import timedelta
from urllib.parse import parse_qs

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.civic_crm.tests.common import CityCase
from odoo.addons.civic_crm.tests.stub_server import StubServer

from ..core.open311 import client

LOG = "odoo.addons.civic_portal.models.civic_open311_forward"


def answer(rows, root="service_requests", child="request"):
    """Return an answer in XML; *rows* are dicts of texts."""
    inside = "".join(
        f"<{child}>{''.join(f'<{name}>{text}</{name}>' for name, text in row.items())}</{child}>" for row in rows
    )
    return f"<?xml version='1.0' encoding='utf-8'?><{root}>{inside}</{root}>".encode()


class TestClient(unittest.TestCase):
    def test_a_number_or_a_token_is_read(self):
        self.assertEqual(client.read_taken(answer([{"service_request_id": " 77 "}])), ("77", ""))
        self.assertEqual(client.read_taken(answer([{"token": "t", "service_request_id": ""}])), ("", "t"))

    def test_what_is_no_answer_is_unreadable(self):
        for body in (
            b"",
            b"<html>busy</html>",
            b"{}",
            answer([]),
            answer([{"other": "1"}]),
            b"<service_requests><request>",
            b"\xff\xfe\x00",
        ):
            with self.subTest(body=body), self.assertRaises(client.Unreadable):
                client.read_taken(body)

    def test_no_entity_is_resolved_and_no_bomb_unfolds(self):
        secret = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        body = (
            secret
            + b"<service_requests><request><service_request_id>&x;</service_request_id></request></service_requests>"
        )
        with self.assertRaises(client.Unreadable):
            client.read_taken(body)
        laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
        body = f'<!DOCTYPE a [<!ENTITY l0 "ha">{laughs}]><service_requests><request><token>&l11;</token></request></service_requests>'
        with self.assertRaises(client.Unreadable):
            client.read_taken(body.encode())

    def test_standings_are_those_that_can_be_used(self):
        rows = [
            {"service_request_id": "1", "status": "Open", "status_notes": "We  come"},
            {"service_request_id": "2", "status": "gone"},
            {"status": "open"},
        ]
        self.assertEqual(client.read_standings(answer(rows)), [("1", "open", "We come")])

    def test_errors_are_one_line(self):
        said = answer([{"code": "403", "description": "No key"}, {"description": "And more"}], "errors", "error")
        self.assertEqual(client.read_errors(said.decode()), "No key; And more")
        self.assertEqual(client.read_errors("busy\n now"), "busy now")

    def test_a_form_says_what_there_is(self):
        pairs = dict(client.make_form("k", None, "L1", {"text": "x" * 5000, "latitude": 41, "longitude": -1}))
        self.assertEqual(
            pairs,
            {
                "api_key": "k",
                "service_code": "L1",
                "description": "x" * 4000,
                "lat": "41.0000000",
                "long": "-1.0000000",
            },
        )
        pairs = dict(
            client.make_form("k", "j", "L1", {"text": "x", "latitude": 0, "longitude": 0, "name": "Ana Ruiz Gil"})
        )
        self.assertEqual((pairs["first_name"], pairs["last_name"], pairs["jurisdiction_id"]), ("Ana", "Ruiz Gil", "j"))
        self.assertNotIn("lat", pairs)


@tagged("post_install", "-at_install")
class TestForward(CityCase):
    def setUp(self):
        super().setUp()
        self.stub = self.enterContext(StubServer())
        self.server = self.env["civic.open311.server"].create(
            {"name": "Contractor", "address": f"{self.stub.url}/v2/", "api_key": "secret", "jurisdiction": "city.test"}
        )
        self.server.line_ids = [(0, 0, {"service_id": self.street_light.id, "code": "L1"})]
        self.stub.answers["/v2/requests.xml"] = (200, answer([{"service_request_id": "77"}]))

    def file(self, **vals):
        return self.file_case(place="Main Street 3", latitude=41, longitude=1, **vals)

    def send(self):
        with self.enter_registry_test_mode():
            self.env.ref("civic_portal.cron_forward").method_direct_trigger()

    def ask(self):
        with self.enter_registry_test_mode():
            self.env.ref("civic_portal.cron_ask_forwards").method_direct_trigger()

    def test_a_case_of_a_chosen_service_is_sent_once(self):
        case = self.file()
        self.file_case(self.tree)
        self.assertEqual(case.forward_ids.state, "waiting")
        self.send()
        self.send()
        [(verb, path, _headers, body)] = self.stub.asked
        self.assertEqual((verb, path), ("POST", "/v2/requests.xml"))
        self.assertEqual(
            {name: value for name, [value] in parse_qs(body.decode()).items()},
            {
                "api_key": "secret",
                "jurisdiction_id": "city.test",
                "service_code": "L1",
                "description": "It does not work.",
                "lat": "41.0000000",
                "long": "1.0000000",
                "address_string": "Main Street 3",
            },
        )
        forward = case.forward_ids
        self.assertEqual((forward.state, forward.request_id), ("sent", "77"))
        self.assertTrue(forward.sent_at)

    def test_who_asked_is_sent_only_where_the_city_says_so(self):
        self.server.with_contact = True
        self.file()
        self.send()
        sent = parse_qs(self.stub.asked[0][3].decode())
        self.assertEqual((sent["email"], sent["first_name"]), (["citizen@home.test"], ["Citizen"]))

    def test_what_came_from_there_is_not_sent_back(self):
        app = self.env["civic.api.key"].create({"name": "Contractor"})
        self.server.own_app_id = app
        self.assertFalse(self.file(api_key_id=app.id).forward_ids)
        self.assertTrue(self.file().forward_ids)
        self.server.active = False
        self.assertFalse(self.file().forward_ids)

    def test_what_they_say_comes_back(self):
        case = self.file()
        self.send()
        row = {"service_request_id": "77", "status": "open", "status_notes": "On Thursday"}
        self.stub.answers["/v2/requests.xml"] = (200, answer([row]))
        self.ask()
        self.ask()
        self.assertIn("service_request_id=77", self.stub.asked[-1][1])
        notes = [message.body for message in case.message_ids if "On Thursday" in message.body]
        self.assertEqual(len(notes), 1, "what has not changed is not said again")
        self.assertNotIn("On Thursday", str(case._get_public_timeline()), "it is said to staff")
        self.stub.answers["/v2/requests.xml"] = (200, answer([{**row, "status": "closed", "status_notes": "Mended"}]))
        self.ask()
        self.assertEqual((case.forward_ids.state, case.forward_ids.notes), ("closed", "Mended"))
        self.assertFalse(case.closed_date, "the department answers")
        self.assertIn("Contractor", case.activity_ids.summary)
        asked = len(self.stub.asked)
        self.ask()
        self.assertEqual(len(self.stub.asked), asked, "what is closed there is not asked for")

    def test_a_number_is_asked_for_by_its_token(self):
        self.stub.answers["/v2/requests.xml"] = (200, answer([{"token": "t1"}]))
        case = self.file()
        self.send()
        self.stub.answers["/v2/tokens/t1.xml"] = [
            (200, answer([{"token": "t1", "service_request_id": ""}])),
            (200, answer([{"token": "t1", "service_request_id": "78"}])),
        ]
        self.ask()
        self.assertFalse(case.forward_ids.request_id)
        self.stub.answers["/v2/requests.xml"] = (200, answer([]))
        self.ask()
        self.assertEqual(case.forward_ids.request_id, "78")

    def test_what_did_not_arrive_is_tried_again(self):
        case = self.file()
        self.stub.answers["/v2/requests.xml"] = [(503, b""), (200, answer([{"service_request_id": "77"}]))]
        self.send()
        self.assertEqual((case.forward_ids.state, case.forward_ids.attempts), ("waiting", 1))
        self.send()
        self.assertEqual(len(self.stub.asked), 1, "not at once")
        with freeze_time(fields.Datetime.now() + timedelta(minutes=2)):
            self.send()
        self.assertEqual(case.forward_ids.state, "sent")

    def test_what_may_have_arrived_is_not_sent_again_by_itself(self):
        for answered in ((None, b""), (200, b"<html/>")):
            with self.subTest(answered=answered):
                case = self.file()
                self.stub.answers["/v2/requests.xml"] = answered
                with self.assertLogs(LOG, "WARNING"):
                    self.send()
                self.assertEqual(case.forward_ids.state, "failed")
                self.assertIn("not known", case.activity_ids.note)

    def test_what_is_refused_is_said_and_sent_again_by_whoever_works_on_it(self):
        case = self.file()
        errors = answer([{"code": "400", "description": "No such street"}], "errors", "error")
        self.stub.answers["/v2/requests.xml"] = [(400, errors), (200, answer([{"service_request_id": "77"}]))]
        with self.assertLogs(LOG, "WARNING"):
            self.send()
        forward = case.forward_ids
        self.assertEqual((forward.state, forward.last_error), ("failed", "No such street"))
        self.assertIn("did not take", case.activity_ids.note)
        for role in ("stranger", "auditor", "citizen"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                forward.with_user(self.users[role]).action_send_again()
        forward.with_user(self.users["worker"]).action_send_again()
        self.send()
        self.assertEqual(forward.state, "sent")

    def test_a_server_that_does_not_answer_holds_up_none(self):
        self.file()
        self.send()
        self.stub.answers["/v2/requests.xml"] = (500, b"")
        other = self.server.copy({"name": "Another", "address": f"{self.stub.url}/other"})
        self.ask()
        self.assertEqual(self.server.last_error, "500")
        self.assertTrue(other.polled_at)
        self.assertFalse(other.last_error)

    def test_the_key_is_nobodys_to_read(self):
        self.assertTrue(self.server.has_api_key)
        self.assertFalse(self.server.api_key)
        self.server.api_key = ""
        self.assertTrue(self.server.has_api_key, "an empty box leaves what there is")
        with self.assertRaises(AccessError):
            self.server.with_user(self.users["admin"]).read(["api_key_kept"])

    def test_only_addresses_that_may_be_asked_are_kept(self):
        for address in ("http://contractor.test", "ftp://contractor.test", "contractor", "https://169.254.169.254/x"):
            with self.subTest(address=address), self.assertRaises(ValidationError):
                self.server.address = address

    def test_filing_what_goes_nowhere_costs_nothing(self):
        self.file_case(self.tree)
        cases = self.file_many(10, category_id=self.tree.id)
        with self.assert_queries_at_most(2):
            cases.mapped("category_id")
            self.env["civic.open311.forward"]._queue_new(cases)

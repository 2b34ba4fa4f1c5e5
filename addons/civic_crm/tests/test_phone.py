# SPDX-License-Identifier: AGPL-3.0-or-later
import json
import time

from freezegun import freeze_time
from requests import Request

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..core import phone_event, signature
from .common import CityCase, CityMixin

SECRET = "x" * 32
NUMBER = "+34600111222"
LOG = "odoo.addons.civic_crm.controllers.phone"


class PhoneMixin:
    """A switchboard with the agent's extension 204, and a caller the city knows by the number."""

    @classmethod
    def set_up_phone(cls):
        cls.agent = cls.users["agent"]
        cls.system = cls.env["civic.phone.system"].create(
            {"name": "Switchboard", "code": "switchboard", "new_secret": SECRET}
        )
        cls.system.extension_ids = [(0, 0, {"extension": "204", "user_id": cls.agent.id})]
        cls.caller = cls.env["res.partner"].create(
            {"name": "Eva Ruiz", "phone": "600 111 222", "is_citizen": True, "civic_zone_id": cls.old_town.id}
        )

    def say(self, event="ringing", call="c1", **parts):
        told = {"call": call, "event": event, "number": NUMBER, **parts}
        return self.env["civic.call"]._take_event(self.system, phone_event.read(json.dumps(told).encode()))

    def start(self, number="600111222", user="agent"):
        Call = self.env["civic.call"].with_user(self.users[user])
        return Call.browse(Call.start_call(number)["call"]["id"])

    def file(self, call, text="The lamp is dark.", **request):
        return call.file_request({"text": text, "page_key": f"key-{text}", **request})


@tagged("post_install", "-at_install")
class TestPhone(PhoneMixin, CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_phone()

    def rung(self):
        """Return ``(partner id, payload)`` of the calls shown by now."""
        values = self.env.cr.precommit.data.get("bus.bus.values", [])
        found = [(json.loads(value["channel"]), json.loads(value["message"])) for value in values]
        return [(channel[-1], message["payload"]) for channel, message in found if message["type"] == "civic_call"]

    # the call log ------------------------------------------------------

    def test_a_call_is_logged_from_ringing_to_its_end(self):
        with freeze_time("2026-03-10 09:00:00"):
            call = self.say(extension="204")
        self.assertEqual((call.number, call.partner_id, call.user_id), (NUMBER, self.caller, self.agent))
        with freeze_time("2026-03-10 09:00:10"):
            self.say("answered", extension="204")
        with freeze_time("2026-03-10 09:02:10"):
            self.say("ended")
        self.assertEqual((call.state, call.seconds, call.is_missed), ("ended", 120, False))
        self.assertEqual(self.caller.with_user(self.agent).civic_call_count, 1)

    def test_what_nobody_answers_is_missed(self):
        call = self.say()
        self.say("ended")
        self.assertTrue(call.is_missed)
        self.assertEqual(call.seconds, 0)

    def test_what_was_said_before_changes_nothing(self):
        call = self.say()
        self.assertFalse(self.say())
        self.say("ended")
        for event in phone_event.EVENTS:
            self.assertFalse(self.say(event))
        self.assertEqual(call.state, "ended")
        self.assertEqual(self.env["civic.call"].search_count([("call_ref", "=", "c1")]), 1)

    def test_a_number_that_two_people_share_says_nobody(self):
        self.caller.copy({"name": "Her son", "phone": "600 111 222"})
        self.assertFalse(self.say().partner_id)

    def test_a_withheld_number_is_a_call_too(self):
        call = self.say(number=None)
        self.assertFalse(call.number or call.partner_id)

    # whose screen ------------------------------------------------------

    def test_an_extension_rings_at_its_agent_and_nowhere_else(self):
        self.users["manager"].is_on_phone_duty = True
        call = self.say(extension="204")
        self.assertEqual([partner for partner, _call in self.rung()], [self.agent.partner_id.id])
        self.assertEqual(self.rung()[0][1]["id"], call.id)

    def test_a_call_for_everybody_rings_at_agents_on_duty(self):
        for role in ("manager", "worker", "employee", "citizen"):
            self.users[role].is_on_phone_duty = True
        self.say(extension="999")
        self.assertEqual([partner for partner, _call in self.rung()], [self.users["manager"].partner_id.id])

    def test_whoever_is_first_has_the_call(self):
        call = self.say()
        screen = call.with_user(self.agent).take_call()
        self.assertEqual((screen["call"]["id"], call.user_id, call.state), (call.id, self.agent, "answered"))
        with self.assertRaises(UserError):
            call.with_user(self.users["manager"]).take_call()
        with self.assertRaises(AccessError):
            call.with_user(self.users["manager"]).save_notes("Mine")

    # the screen --------------------------------------------------------

    def test_a_number_shows_the_citizen_and_what_is_open(self):
        case = self.file_case(partner=self.caller)
        closed = self.file_case(partner=self.caller)
        closed.write({"outcome_id": self.env.ref("civic_crm.outcome_solved").id})
        closed.stage_id = self.env.ref("civic_crm.outcome_solved").stage_id
        enquiry = self.env["crm.lead"].create({"is_enquiry": True, "name": "Hours?", "partner_id": self.caller.id})
        screen = self.env["civic.call"].with_user(self.agent).start_call("600 11 12 22")
        [shown] = screen["citizens"]
        self.assertEqual((shown["id"], screen["call"]["partner_id"]), (self.caller.id, self.caller.id))
        self.assertEqual([one["id"] for one in shown["cases"]], case.ids)
        self.assertEqual([one["id"] for one in shown["enquiries"]], enquiry.ids)

    def test_an_unknown_caller_is_registered_with_the_number(self):
        call = self.start("611 222 333")
        [shown] = call.create_citizen("Juan Sanz")
        citizen = call.partner_id
        self.assertEqual((shown["id"], citizen.phone_sanitized, citizen.is_citizen), (citizen.id, "+34611222333", True))
        self.assertEqual(self.start("611222333").partner_id, citizen, "known the next time")
        with self.assertRaises(UserError):
            call.create_citizen("  ")
        with self.assertRaises(UserError):
            self.start("").create_citizen("Nobody could call back")

    def test_the_words_of_the_notes_propose_the_service(self):
        found = self.env["civic.call"].with_user(self.agent).suggest_services("a street light is dark in Oak Street")
        self.assertEqual(found[0]["id"], self.street_light.id)

    def test_what_was_reported_before_is_shown_while_filing(self):
        known = self.file_case(place="Calle del Roble 12")
        self.file_case(place="Plaza Mayor 1")
        Call = self.env["civic.call"].with_user(self.agent)
        found = Call.find_alike(self.street_light.id, "Calle Roble 12")
        self.assertEqual([one["id"] for one in found], known.ids)
        self.assertEqual(Call.find_alike(0, "Calle Roble 12"), [])

    # what is made of it --------------------------------------------------

    def test_a_case_goes_through_the_ledger_and_the_equation_holds(self):
        call = self.start()
        made = self.file(call, service_id=self.street_light.id, place="Main Street 3")["made"]
        intake = call.intake_ids
        case = intake.case_id
        self.assertEqual((made["res_id"], intake.state, intake.result), (case.id, "processed", "case"))
        self.assertEqual(
            (case.partner_id, case.category_id, case.place), (self.caller, self.street_light, "Main Street 3")
        )
        self.assertEqual(case.channel_id, self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone"))
        told = json.loads(intake._get_raw())
        self.assertEqual((told["call"]["number"], told["request"]["text"]), (NUMBER, "The lamp is dark."))
        self.assertEqual((intake.sender_kind, intake.sender), ("phone", NUMBER))
        self.assertTrue(self.env["civic.intake"]._get_balance().is_even)
        self.assertEqual(call.with_user(self.agent).made_case_ids.ids, case.ids)

    def test_a_call_of_the_switchboard_is_filed_by_its_agent(self):
        call = self.say(extension="204").with_user(self.agent)
        self.assertEqual(self.file(call, service_id=self.street_light.id, place="Oak 1")["made"]["result"], "case")
        self.assertEqual(json.loads(call.sudo().intake_ids._get_raw())["call"]["system"], "switchboard")

    def test_pressed_twice_it_is_one_case(self):
        call = self.start()
        first = self.file(call, service_id=self.street_light.id, place="Main Street 3")
        second = self.file(call, service_id=self.street_light.id, place="Main Street 3")
        self.assertEqual(first["made"], second["made"])
        self.assertEqual(len(call.intake_ids), 1)

    def test_what_the_service_asks_is_asked_before_anything_is_stored(self):
        self.street_light.ask_place = "required"
        call = self.start()
        refusal = self.file(call, service_id=self.street_light.id)
        self.assertEqual(refusal["fields"], ["place"])
        self.assertTrue(refusal["error"])
        self.assertEqual(self.file(call, text=" ")["fields"], ["text"])
        self.assertFalse(call.intake_ids)

    def test_without_a_service_it_is_an_enquiry(self):
        call = self.start()
        self.assertEqual(self.file(call, text="When do you open?")["made"]["result"], "enquiry")
        enquiry = call.intake_ids.enquiry_id
        self.assertEqual((enquiry.partner_id, enquiry.phone), (self.caller, NUMBER))

    def test_notes_are_added_to_the_callers_own_case_only(self):
        own, others = self.file_case(partner=self.caller), self.file_case(partner=self.neighbour)
        call = self.start()
        self.file(call, text="It is still dark.", case_code=own.tracking_code)
        self.assertEqual((call.intake_ids.result, call.intake_ids.case_id), ("reply", own))
        self.assertTrue(own.has_citizen_message)
        self.file(call, text="Let me in.", case_code=others.tracking_code)
        self.assertEqual(call.intake_ids.sorted("id")[-1].result, "enquiry", "no word reaches another's case")
        self.assertNotIn("Let me in.", "".join(self.public_messages(others).mapped("body")))

    def test_the_same_fact_is_gathered_and_each_keeps_the_own_case(self):
        known = self.file_case(partner=self.neighbour)
        made = self.file(self.start(), service_id=self.street_light.id, place="Oak 1", same_as=known.id)["made"]
        case = self.env["helpdesk.ticket"].browse(made["res_id"])
        self.assertTrue(case.issue_id)
        self.assertEqual(case.issue_id, known.issue_id)
        self.assertEqual(case.partner_id, self.caller)

    def test_an_unnamed_caller_files_too(self):
        call = self.start("")
        self.assertEqual(self.file(call, service_id=self.tree.id, place="Park")["made"]["result"], "case")
        refusal = self.file(call, text="Second", service_id=self.street_light.id, place="Main Street")
        self.assertEqual(refusal["fields"], ["email"], "this service answers somebody")

    def test_a_call_ends_with_how_it_ended(self):
        call = self.start()
        with self.assertRaises(UserError):
            call.finish_call(False)
        answered = self.env.ref("civic_crm.call_disposition_answered")
        screen = call.finish_call(answered.id, "Told the opening hours")
        self.assertFalse(screen["call"])
        self.assertEqual((call.state, call.disposition_id, call.notes), ("ended", answered, "Told the opening hours"))

    def test_the_screen_is_the_front_desks(self):
        call = self.start()
        for role in ("worker", "head", "auditor", "citizen", "employee"):
            theirs = call.with_user(self.users[role])
            for method, args in (
                ("get_screen", (call.id,)),
                ("start_call", ("600111222",)),
                ("search_citizens", ("Eva",)),
                ("suggest_services", ("lamp",)),
                ("find_alike", (self.street_light.id, "Oak")),
                ("take_call", ()),
                ("get_ring", ()),
                ("create_citizen", ("X",)),
                ("file_request", ({"text": "x"},)),
                ("finish_call", (1,)),
                ("set_duty", (True,)),
            ):
                with self.subTest(role=role, method=method), self.assertRaises(AccessError):
                    getattr(theirs, method)(*args)

    def test_facts_of_a_call_are_nobodys_to_write(self):
        call = self.start()
        with self.assertRaises(AccessError):
            call.write({"answered_at": "2020-01-01 00:00:00"})
        with self.assertRaises(AccessError):
            call.create({"number": "1", "user_id": self.users["manager"].id})
        with self.assertRaises(UserError):
            call.sudo().unlink()

    def test_ringing_costs_little(self):
        self.say(call="warm", extension="204")
        with self.assert_queries_at_most(16):
            self.say(call="cold", extension="204")

    # the secret ----------------------------------------------------------

    def test_the_secret_is_shown_once_and_read_by_nobody(self):
        admin = self.users["admin"]
        mine = self.system.with_user(admin)
        made = mine.action_make_secret()["params"]["message"]
        self.env.invalidate_all()
        self.assertEqual(self.system.sudo().secret, made)
        self.assertFalse(mine.new_secret)
        self.assertTrue(mine.has_secret)
        with self.assertRaises(AccessError):
            mine.read(["secret"])
        self.assertNotIn("secret", mine.fields_get())
        with self.assertRaises(ValidationError):
            mine.new_secret = "short"
        with self.assertRaises(ValidationError):
            mine.code = "../x"


@tagged("post_install", "-at_install")
class TestPhoneWebhook(PhoneMixin, CityMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.set_up_phone()

    def send(self, body, at=None, code="switchboard", secret=SECRET, **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        at = str(int(at if at is not None else time.time()))
        headers = {
            "Content-Type": "application/json",
            "webhook-timestamp": at,
            "webhook-signature": signature.sign(secret, at, body),
            **headers,
        }
        return self.url_open(f"/civic/phone/{code}", data=body, headers=headers).status_code

    def calls(self):
        return self.env["civic.call"].search_count([("system_id", "=", self.system.id)])

    def test_a_signed_event_is_a_call(self):
        self.assertEqual(self.send({"call": "c1", "event": "ringing", "number": NUMBER}), 200)
        self.assertEqual(self.env["civic.call"].search([], limit=1).partner_id, self.caller)

    @mute_logger(LOG)
    def test_what_is_refused_leaves_nothing(self):
        event = {"call": "c1", "event": "ringing", "number": NUMBER}
        for status, sent in (
            (401, {"secret": "y" * 32}),
            (401, {"webhook-signature": ""}),
            (401, {"webhook-timestamp": ""}),
            (401, {"code": "nobody"}),
            (403, {"at": time.time() - 301}),
            (403, {"at": time.time() + 400}),
        ):
            with self.subTest(**sent):
                self.assertEqual(self.send(event, **sent), status)
        self.assertEqual(self.send(b"[]"), 400)
        self.assertEqual(self.send(b"x" * (phone_event.MAX_BODY + 1)), 413)
        self.assertEqual(self.send(b"x" * (phone_event.MAX_BODY + 1), **{"Content-Type": "text/plain"}), 413)
        self.system.active = False
        self.assertEqual(self.send(event), 401)
        self.assertFalse(self.calls())

    def test_a_replay_is_refused_and_logged(self):
        event = {"call": "c1", "event": "ringing", "number": NUMBER}
        at = time.time()
        self.assertEqual(self.send(event, at), 200)
        with self.assertLogs(LOG, "WARNING") as log:
            self.assertEqual(self.send(event, at), 409)
            self.assertEqual(self.send(event, at + 1), 409)
        self.assertIn("409", log.output[0])
        self.assertEqual(self.calls(), 1)

    @mute_logger(LOG)
    def test_a_system_without_a_secret_is_believed_nothing(self):
        self.system.sudo().secret = False
        self.assertEqual(self.send({"call": "c1", "event": "ringing"}, secret=""), 401)

    @mute_logger(LOG)
    def test_a_large_body_is_not_read(self):
        """The server answers by the length that is announced, before a byte of the body has come."""
        with self.allow_requests():
            request = self.opener.prepare_request(
                Request("POST", f"{self.base_url()}/civic/phone/switchboard", data=b"x")
            )
            request.headers["Content-Length"] = str(50 * 1024 * 1024)
            answer = self.opener.send(request, timeout=10)  # the rest never comes
        self.assertEqual(answer.status_code, 413, answer.text)

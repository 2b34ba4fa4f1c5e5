# SPDX-License-Identifier: AGPL-3.0-or-later
"""From a network to a case and back: whose thread it is, and that each answer goes out once."""

import json
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCommon
from odoo.addons.mail.tools.discuss import Store

from . import network_payloads as sent
from .stub_server import StubServer
from .test_hook import NetworkMixin

LOG = "odoo.addons.civic_crm.models.civic_outbox"


class ThreadCase(NetworkMixin, MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.set_up_networks()
        cls.env["ir.config_parameter"].set_param("civic_crm.intake_at_once", "False")
        cls.number = 0

    def setUp(self):
        super().setUp()
        self.stub = self.enterContext(StubServer())
        for connector in (self.telegram, self.whatsapp, self.json, self.mastodon):
            connector.api_url = self.stub.url

    def arrive(self, connector, payload):
        """Let a message come in and be worked off; return its entry."""
        type(self).number += 1
        body = json.dumps(payload).encode()
        before = self.get_entries(connector)
        hook = connector._get_hook(connector.slug)
        self.assertIsNone(connector._take(hook, {"webhook-id": f"n{self.number}"}, body))
        entry = self.get_entries(connector) - before
        with self.mock_mail_gateway():
            entry._process()
        return entry

    def say(self, text="It is dark.", account=sent.EVA, **more):
        type(self).number += 1
        return self.arrive(self.telegram, sent.telegram(text, update=self.number, account=account, **more))

    def send(self):
        with self.enter_registry_test_mode():
            self.env.ref("civic_crm.cron_send_answers").method_direct_trigger()

    def answer(self, record, body="We come tomorrow.", user="agent", **options):
        options = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment", **options}
        with self.mock_mail_gateway():
            return record.with_user(self.users[user]).message_post(body=body, **options)

    def make_case(self, account=sent.EVA):
        """Return a case made of what *account* wrote, by the front desk."""
        enquiry = self.say(account=account).enquiry_id
        enquiry.category_id = self.street_light
        wizard = self.env["civic.enquiry.convert"].with_user(self.users["agent"]).create({"enquiry_id": enquiry.id})
        wizard.line_ids.place = "Main Street 3"
        with self.mock_mail_gateway():
            wizard.action_convert()
        return enquiry.case_ids

    def get_handle(self, account=sent.EVA):
        return self.env["civic.identity.handle"].search([("account", "=", str(account))])


@tagged("post_install", "-at_install")
class TestThread(ThreadCase):
    def test_who_is_not_known_asks_and_goes_on_asking(self):
        first = self.say()
        self.assertEqual((first.result, first.sender_kind, first.sender), ("enquiry", "handle", str(sent.EVA)))
        self.assertFalse(first.enquiry_id.partner_id, "a name shown is nobody")
        second = self.say("And the next one too")
        self.assertEqual((second.result, second.enquiry_id), ("reply", first.enquiry_id))
        self.assertEqual(second.message_id.civic_channel_id, self.telegram.channel_id)
        self.assertEqual(first.enquiry_id.answer_handle_id, self.get_handle())
        other = self.say(account=sent.BOB)
        self.assertNotEqual(other.enquiry_id, first.enquiry_id)

    def test_after_the_days_a_message_begins_anew(self):
        first = self.say()
        with freeze_time(fields.Datetime.now() + timedelta(days=self.telegram.conversation_days, minutes=1)):
            self.assertNotEqual(self.say().enquiry_id, first.enquiry_id)

    def test_what_becomes_a_case_goes_on_there(self):
        case = self.make_case()
        self.assertEqual((case.handle_id, case.partner_id), (self.get_handle(), self.get_handle().partner_id))
        reply = self.say("Any news?")
        self.assertEqual((reply.result, reply.case_id), ("reply", case))
        self.assertEqual(reply.message_id.author_id, case.partner_id)
        self.assertTrue(case.has_citizen_message)
        self.assertEqual(case.answer_handle_id, self.get_handle())

    def test_nobody_gets_into_anothers_thread_by_code_or_quote(self):
        case = self.make_case()
        self.answer(case)
        self.stub.answers["/sendMessage"] = (200, {"ok": True, "result": {"message_id": 900}})
        self.send()
        before = len(case.message_ids)
        for more in (
            {"text": f"About {case.tracking_code}"},
            {"reply_to_message": {"message_id": 900}},
        ):
            entry = self.say(**{"text": "Tell me", "account": sent.BOB, **more})
            self.assertNotEqual(entry.case_id, case)
        self.assertEqual(len(case.message_ids), before)
        self.assertEqual(self.say(f"About {case.tracking_code}").case_id, case, "the own one")

    def test_the_same_name_at_another_door_is_another_account(self):
        self.make_case()
        entry = self.arrive(self.json, sent.contract(account=str(sent.EVA)))
        self.assertEqual(entry.result, "enquiry")
        self.assertFalse(entry.handle_id.partner_id)

    def test_groups_machines_and_greetings_are_kept_and_open_nothing(self):
        group = self.say(chat={"id": -5, "type": "group"})
        start = self.say("/start")
        bot = self.say(**{"from": {"id": 3, "is_bot": True}})
        self.assertEqual(
            [(e.state, e.reason) for e in (group, start, bot)],
            [("spam", "other"), ("spam", "command"), ("spam", "automatic")],
        )

    def test_the_networks_own_id_in_other_bytes_is_taken_once(self):
        first = self.arrive(self.telegram, sent.telegram(update=5000))
        again = self.arrive(self.telegram, {**sent.telegram(update=5000), "update_id": 5001})
        self.assertEqual((first.result, again.state, again.reason), ("enquiry", "spam", "duplicate"))
        edited = self.arrive(
            self.telegram, {**sent.telegram("Elm Street", update=5000, kind="edited_message"), "update_id": 5002}
        )
        self.assertEqual((edited.result, edited.enquiry_id), ("reply", first.enquiry_id))

    def test_photos_are_fetched_from_the_network_alone(self):
        self.stub.answers["/getFile"] = (200, {"ok": True, "result": {"file_path": "photos/a.jpg"}})
        self.stub.answers["/photos/a.jpg"] = (200, b"\xff\xd8\xff\xe0 a photo")
        entry = self.say(text="", **sent.TELEGRAM_PHOTO)
        self.assertEqual(entry.enquiry_id.message_ids.attachment_ids.mapped("name"), ["photo.jpg"])
        self.stub.answers["/getFile"] = (200, {"ok": True, "result": {"file_path": "../../x"}})
        asked = len(self.stub.asked)
        entry = self.say(text="", **sent.TELEGRAM_PHOTO)
        self.assertEqual(len(self.stub.asked), asked + 1)
        self.assertIn("photo.jpg", str(entry.message_id.body), "what was not taken is said")
        evil = {"name": "x", "url": "http://169.254.169.254/latest"}
        entry = self.arrive(self.json, sent.contract(files=[evil]))
        self.assertIn("x", entry.enquiry_id.description)
        self.assertFalse(entry.enquiry_id.message_ids.attachment_ids)

    @mute_logger("odoo.addons.civic_crm.models.civic_intake")
    def test_a_photo_that_cannot_be_had_does_not_hold_up_the_words(self):
        self.stub.answers["/getFile"] = (500, b"")
        entry = self.say(text="", **sent.TELEGRAM_PHOTO)
        self.assertEqual((entry.state, entry.attempts), ("received", 1))
        entry._process()
        entry._process()
        self.assertEqual(entry.result, "enquiry")

    def test_mentions_are_asked_for_and_what_was_before_is_left(self):
        self.stub.answers["/notifications"] = [
            (200, [sent.mastodon(5)]),
            (200, [sent.mastodon(7), sent.mastodon(6)]),
            (200, []),
        ]
        for _time in range(3):
            self.mastodon._poll()
        self.assertFalse(self.mastodon.last_error)
        self.assertEqual(self.mastodon.cursor, "7")
        entries = self.get_entries(self.mastodon)
        entries._process()
        self.assertEqual(len(entries), 2)
        self.assertEqual(entries[0].sender, "eva@other.example")
        self.stub.answers["/notifications"] = (401, b"")
        self.mastodon._poll()
        self.assertIn("401", self.mastodon.last_error)


@tagged("post_install", "-at_install")
class TestAnswers(ThreadCase):
    def setUp(self):
        super().setUp()
        self.case = self.make_case()
        self.stub.answers["/sendMessage"] = (200, {"ok": True, "result": {"message_id": 900}})
        self.send()  # that the case is registered
        self.stub.asked.clear()

    def test_a_case_is_acknowledged_once_where_it_came_from(self):
        answers = self.env["civic.outbox"].search([("case_id", "=", self.case.id)])
        self.assertEqual(answers.mapped("state"), ["sent"])
        self.assertIn(self.case.tracking_code, answers.words)

    def test_an_answer_goes_back_once_and_notes_never(self):
        message = self.answer(self.case)
        self.answer(self.case, "Not for her", subtype_xmlid="mail.mt_note")
        self.send()
        self.send()
        [told] = self.stub.bodies("/sendMessage")
        self.assertEqual((told["chat_id"], told["text"]), (str(sent.EVA), "We come tomorrow."))
        self.assertEqual(message.civic_channel_id, self.telegram.channel_id)
        self.env["civic.outbox"]._queue(self.case, self.case.handle_id, "again", message=message)
        self.send()
        self.assertEqual(len(self.stub.asked), 1)

    def test_enquiries_are_answered_there_too(self):
        enquiry = self.say(account=sent.BOB).enquiry_id
        wizard = (
            self.env["civic.enquiry.answer"]
            .with_user(self.users["agent"])
            .create({"enquiry_id": enquiry.id, "answer": "<p>At ten.</p>"})
        )
        with self.mock_mail_gateway():
            wizard.action_finish()
        self.send()
        self.assertEqual([told["text"] for told in self.stub.bodies("/sendMessage")], ["At ten."])

    def test_who_wants_mail_or_wrote_by_mail_is_answered_by_mail(self):
        citizen = self.case.partner_id
        citizen.email = "eva@home.test"
        citizen.civic_answer_by = "email"
        self.answer(self.case)
        self.assertIn("eva@home.test", str(self._mails))
        citizen.civic_answer_by = "last"
        self.case._post_from_citizen("By the portal")
        self.answer(self.case)
        self.assertFalse(self.env["civic.outbox"].search([("message_id.model", "=", "helpdesk.ticket")]))
        citizen.civic_answer_by = "handle"
        self.answer(self.case)
        self.assertNotIn("eva@home.test", str(self._mails), "not both ways")
        self.send()
        self.assertEqual(len(self.stub.asked), 1)

    @mute_logger(LOG)
    def test_what_did_not_arrive_is_tried_again_ever_later(self):
        self.answer(self.case)
        self.stub.answers["/sendMessage"] = [
            (500, b""),
            (429, b"", ("Retry-After", "3600")),
            (200, {"result": {"message_id": 1}}),
        ]
        self.send()
        row = self.env["civic.outbox"].search([], limit=1)
        self.assertEqual((row.state, row.attempts), ("waiting", 1))
        self.send()
        self.assertEqual(row.attempts, 1, "not yet")
        with freeze_time(row.next_attempt_at):
            self.send()
            self.assertGreaterEqual(row.next_attempt_at, fields.Datetime.now() + timedelta(hours=1))
        with freeze_time(row.next_attempt_at):
            self.send()
        self.assertEqual((row.state, row.ref), ("sent", "1"))

    @mute_logger(LOG)
    def test_what_may_have_arrived_is_not_sent_twice(self):
        self.answer(self.case)
        self.stub.answers["/sendMessage"] = (None, b"")
        self.send()
        row = self.env["civic.outbox"].search([], limit=1)
        self.assertEqual(row.state, "failed")
        self.assertIn("not known", self.case.activity_ids.note)
        self.send()
        self.assertEqual(len(self.stub.asked), 1)

    @mute_logger(LOG)
    def test_what_was_cut_off_is_asked_about(self):
        self.answer(self.case)
        row = self.env["civic.outbox"].search([], limit=1)
        row.write({"state": "sending", "next_attempt_at": fields.Datetime.now() - timedelta(minutes=11)})
        self.send()
        self.assertEqual(row.state, "failed")
        self.assertFalse(self.stub.asked)

    @mute_logger(LOG)
    def test_who_is_not_reached_gets_mail_and_the_agent_knows(self):
        self.case.partner_id.email = "eva@home.test"
        self.stub.answers["/sendMessage"] = (403, {"description": "Forbidden: bot was blocked by the user"})
        self.answer(self.case)
        with self.mock_mail_gateway():
            self.send()
            self.env["mail.mail"].process_email_queue()
        self.assertIn("eva@home.test", str(self._mails))
        self.assertEqual(len(self.case.activity_ids), 1)
        self.assertNotIn("bot-token", str(self.case.activity_ids.note))
        self.env["civic.outbox"].search([], limit=1).with_user(self.users["agent"]).has_access("read")

    def test_no_more_than_so_many_in_a_minute(self):
        self.telegram.rate_per_minute = 3  # one went out a moment ago
        for number in range(4):
            self.answer(self.case, f"Answer {number}")
        self.send()
        self.assertEqual([told["text"] for told in self.stub.bodies()], ["Answer 0", "Answer 1"])

    @mute_logger(LOG)
    def test_whatsapp_takes_words_for_a_day(self):
        entry = self.arrive(self.whatsapp, sent.whatsapp(sent.whatsapp_text()))
        self.stub.answers["/106540352242922/messages"] = (200, {"messages": [{"id": "wamid.ours"}]})
        enquiry = entry.enquiry_id
        self.answer(enquiry)
        self.send()
        row = self.env["civic.outbox"].search([("enquiry_id", "=", enquiry.id)])
        self.assertEqual((row.state, row.ref), ("sent", "wamid.ours"))
        hook = self.whatsapp._get_hook(self.whatsapp.slug)
        for status, state in (("delivered", "delivered"), ("sent", "delivered")):
            body = json.dumps(sent.whatsapp(statuses=[sent.whatsapp_status("wamid.ours", status)])).encode()
            self.assertIsNone(self.whatsapp._take(hook, {}, body))
            self.assertEqual(row.state, state)
        self.assertEqual(len(self.get_entries(self.whatsapp)), 1, "receipts are no messages")
        asked = len(self.stub.asked)
        with freeze_time(fields.Datetime.now() + timedelta(hours=25)):
            self.answer(enquiry)
            self.send()
        self.assertEqual(len(self.stub.asked), asked)
        self.assertIn("window", enquiry.activity_ids.note)

    def test_other_systems_get_signed_answers(self):
        entry = self.arrive(self.json, sent.contract())
        self.json.api_url = f"{self.stub.url}/answers"
        self.stub.answers["/answers"] = (200, {"id": "a1"})
        self.answer(entry.enquiry_id)
        self.send()
        _verb, _path, headers, body = self.stub.asked[-1]
        self.assertIn("v1,", headers["webhook-signature"])
        self.assertEqual(json.loads(body)["to"], {"account": "eva"})


@tagged("post_install", "-at_install")
class TestWhoseAccount(ThreadCase):
    def link(self, way, citizen=None, user="agent"):
        handle = self.get_handle()
        values = {"handle_id": handle.id, "partner_id": (citizen or self.citizen).id, "way": way}
        return self.env["civic.identity.link"].with_user(self.users[user]).create(values).action_link()

    def test_seen_at_the_counter_it_is_theirs_with_what_came_by_it(self):
        enquiry = self.say().enquiry_id
        own = self.file_case()
        self.link("counter")
        self.assertEqual(enquiry.partner_id, self.citizen)
        self.assertEqual(self.get_handle().linked_user_id, self.users["agent"])
        self.assertEqual(self.say(f"{own.tracking_code} is still dark").case_id, own, "one citizen, one thread")

    def test_a_wrong_match_is_undone(self):
        case = self.make_case()
        former = case.partner_id
        own = self.file_case()
        self.link("counter")
        self.assertEqual(case.partner_id, self.citizen)
        self.assertIn(self.citizen, case.message_partner_ids)
        strange = self.say(f"{own.tracking_code}: whose words are these?").message_id
        self.get_handle().with_user(self.users["agent"]).action_unlink()
        self.assertEqual((case.partner_id, self.get_handle().partner_id), (former, former))
        self.assertNotIn(self.citizen, case.message_partner_ids)
        self.assertNotIn(self.citizen, case.message_ids.author_id)
        self.assertEqual(own.partner_id, self.citizen, "their own stays theirs")
        self.assertNotIn(strange, self.public_messages(own))
        self.assertNotEqual(self.say(f"{own.tracking_code} again").case_id, own)

    def test_an_answer_that_waits_does_not_reach_whom_it_is_not_for(self):
        own = self.file_case()
        self.say()
        self.link("counter")
        own.answer_handle_id = self.get_handle()
        self.answer(own, "Your private matter")
        with mute_logger(LOG):
            self.get_handle().action_unlink()
        self.send()
        self.assertFalse(self.stub.bodies("/sendMessage"))

    def test_an_account_that_is_not_theirs_is_not_answered(self):
        case = self.file_case()
        self.say()
        case.answer_handle_id = self.get_handle()
        self.answer(case)
        self.assertFalse(self.env["civic.outbox"].search([]))

    def get_code(self):
        self.citizen.civic_trusted_email = "citizen@home.test"
        self.link("code")
        mail = self.env["mail.mail"].search([("email_to", "=", "citizen@home.test")], limit=1)
        return mail.body_html.split("<strong>")[1].split("</strong>")[0]

    def test_the_code_from_the_citizens_own_mail_links(self):
        self.say()
        code = self.get_code()
        self.assertEqual(self.say(code, account=sent.BOB).result, "enquiry", "another's account cannot use it")
        entry = self.say(code)
        self.assertEqual((entry.state, entry.reason), ("spam", "command"))
        self.assertNotIn(code, entry.text or "")
        self.assertEqual((self.get_handle().partner_id, self.get_handle().linked_how), (self.citizen, "code"))

    def test_codes_are_not_found_by_trying_nor_late(self):
        self.say()
        code = self.get_code()
        with freeze_time(fields.Datetime.now() + timedelta(hours=2)):
            self.say(code)
            self.assertFalse(self.get_handle().partner_id)
        code = self.get_code()
        for _try in range(5):
            self.say("0000 0000" if code != "0000 0000" else "0000 0001")
        self.say(code)
        self.assertFalse(self.get_handle().partner_id)

    def test_no_code_goes_to_an_address_that_nobody_vouches_for(self):
        self.say()
        self.citizen.civic_trusted_email = False
        with self.assertRaises(UserError):
            self.link("code")

    def test_only_the_front_desk_says_whose_it_is(self):
        self.say()
        for role in ("worker", "auditor", "citizen"):
            with self.subTest(role), self.assertRaises(AccessError):
                self.link("counter", user=role)
            with self.subTest(role), self.assertRaises(AccessError):
                self.get_handle().with_user(self.users[role]).action_unlink()
        with self.assertRaises(AccessError):
            self.file_case().with_user(self.users["agent"]).write({"handle_id": self.get_handle().id})

    def test_what_is_somebodys_is_not_taken(self):
        self.say()
        self.link("counter")
        with self.assertRaises(UserError):
            self.link("counter", citizen=self.neighbour)


@tagged("post_install", "-at_install")
class TestMarks(ThreadCase):
    def test_each_entry_is_marked_with_its_channel(self):
        case = self.make_case()
        self.say("Any news?")
        self.answer(case)
        case._post_from_citizen("By the page", channel=self.web)
        marks = [event["channel"] for event in case._get_public_timeline() if event["kind"] in ("citizen", "answer")]
        network = self.telegram.channel_id.name
        self.assertEqual(marks, [self.web.name, network, network])
        told = Store().add(case.message_ids.with_user(self.users["agent"])).get_result()["mail.message"]
        self.assertEqual(
            [message["civic_channel"] for message in told if message.get("civic_channel")],
            [self.web.name, network, network],
        )
        self.telegram.channel_id.name = "Messages"
        self.assertEqual(case._get_public_timeline()[1]["channel"], "Messages", "renamed for all")

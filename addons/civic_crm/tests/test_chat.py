# SPDX-License-Identifier: AGPL-3.0-or-later
import json
from datetime import datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import CityMixin


class ChatCase(CityMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.livechat = cls.env.ref("civic_crm.livechat")
        cls.bot = cls.env.ref("civic_crm.chatbot")
        cls.street_light.write({"ask_place": "required", "keywords": "lamp"})
        cls.street_light.question_ids = [
            Command.create({"label": "How many?", "code": "lamps", "datatype": "number", "required": True}),
        ]

    def begin(self, login=None):
        """Open the chat as a visitor, or signed in."""
        if login:
            self.authenticate(login, login)
        answer = self.make_jsonrpc_request(
            "/im_livechat/get_session",
            {"channel_id": self.livechat.id, "chatbot_script_id": self.bot.id, "persisted": True},
        )
        self.chat = self.env["discuss.channel"].browse(answer["channel_id"])
        return self.chat

    def tell(self, text):
        """Write as the visitor's browser does; return what the bot answers."""
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "post_data": {"body": text, "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
                "thread_id": self.chat.id,
                "thread_model": "discuss.channel",
            },
        )
        return self.trigger()

    def trigger(self):
        self.make_jsonrpc_request(
            "/chatbot/step/trigger", {"channel_id": self.chat.id, "chatbot_script_id": self.bot.id}
        )
        self.env.invalidate_all()
        return self.chat.message_ids.sorted("id")[-1].body

    def get_entries(self):
        return self.env["civic.intake"].search([("adapter", "=", "chat")], order="id")

    def tell_all(self):
        self.begin()
        for text in ("The street light is out", "1", "Oak Street 3", "2", "Eva Ruiz", "eva@home.test"):
            said = self.tell(text)
        return said


@tagged("post_install", "-at_install")
class TestChatbot(ChatCase):
    def test_a_visitor_who_answers_the_bot_gets_a_case_and_its_code(self):
        summary = self.tell_all()
        for part in ("Broken street light", "Oak Street 3", "How many? 2", "eva@home.test"):
            self.assertIn(part, summary)
        said = self.tell("yes")
        entry = self.get_entries()
        self.assertEqual((entry.state, entry.result), ("processed", "case"), entry.last_error)
        case = entry.case_id
        self.assertIn(case.tracking_code, said)
        self.assertIn("Lighting", said)
        self.assertIn(str(case.promised_on.year), said)
        self.assertEqual(case.category_id, self.street_light)
        self.assertEqual((case.place, case.partner_email), ("Oak Street 3", "eva@home.test"))
        self.assertEqual(case.answer_ids.value_number, 2)
        self.assertEqual(case.channel_id, self.env.ref("civic_crm.channel_chat"))
        self.assertEqual(case.chat_id, self.chat)

    def test_the_transcript_is_the_raw_message_and_a_note_for_staff_alone(self):
        self.tell_all()
        self.tell("yes")
        entry = self.get_entries()
        lines = json.loads(entry._get_raw())["transcript"]
        self.assertEqual([line["side"] for line in lines[:3]], ["bot", "bot", "citizen"])
        self.assertEqual(lines[-1]["text"], "yes")
        note = entry.case_id.message_ids.filtered(lambda message: "Conversation in the live chat" in message.body)
        self.assertTrue(note.is_internal or note.subtype_id == self.env.ref("mail.mt_note"))
        self.assertIn("Oak Street 3", note.body)
        self.assertNotIn(note, self.public_messages(entry.case_id))

    def test_the_browser_asking_twice_says_and_files_nothing_twice(self):
        self.tell_all()
        self.tell("yes")
        self.trigger()
        self.trigger()
        self.assertEqual(len(self.get_entries()), 1)
        self.assertEqual(self.env["helpdesk.ticket"].search_count([("chat_id", "=", self.chat.id)]), 1)

    def test_what_fits_no_service_becomes_an_enquiry(self):
        self.begin()
        for text in ("Where do I pay for my dog?", "Eva Ruiz", "eva@home.test", "yes"):
            said = self.tell(text)
        enquiry = self.get_entries().enquiry_id
        self.assertEqual(enquiry.email_from, "eva@home.test")
        self.assertTrue(enquiry.is_enquiry)
        self.assertEqual(enquiry.chat_id, self.chat)
        self.assertIn("front desk answers you", said)

    def test_without_an_operator_whoever_wants_a_person_leaves_an_enquiry(self):
        self.begin()
        self.tell("person")
        self.trigger()
        self.assertIn("Write your question here", self.trigger())
        for text in ("Is the pool open on Sunday?", "Eva Ruiz", "eva@home.test"):
            self.tell(text)
        self.tell("yes")
        self.assertEqual(self.get_entries().result, "enquiry")

    def test_in_hours_whoever_wants_a_person_gets_an_operator(self):
        agent = self.users["agent"]
        self.livechat.user_ids = agent
        self.env["mail.presence"].create({"user_id": agent.id, "status": "online"})
        self.livechat.civic_calendar_id = False
        self.begin()
        self.tell("person")
        self.assertIn(agent.partner_id, self.chat.channel_partner_ids)

    def test_out_of_hours_nobody_is_available_though_online(self):
        agent = self.users["agent"]
        self.livechat.user_ids = agent
        self.env["mail.presence"].create({"user_id": agent.id, "status": "online"})
        self.livechat.civic_calendar_id = self.city.resource_calendar_id
        for moment, found in ((datetime(2026, 3, 3, 9, 0), agent), (datetime(2026, 3, 1, 9, 0), agent.browse())):
            with freeze_time(moment):
                available = self.livechat._get_available_operators_by_livechat_channel()[self.livechat]
                self.assertEqual(available, found, moment)

    def test_a_visitors_name_and_address_open_nobodys_file(self):
        """Somebody who says to be the citizen is not: no reply on their case, and no login."""
        mine = self.file_case()
        self.begin()
        for text in (f"About my case {mine.tracking_code}", "Citizen", self.citizen.email, "yes"):
            self.tell(text)
        entry = self.get_entries()
        self.assertEqual(entry.result, "enquiry")
        self.assertFalse(entry.case_id)
        self.assertFalse(entry.enquiry_id.partner_id)
        self.assertNotIn("partner", entry.facts)

    def test_another_address_each_time_is_still_one_browser_to_a_limit(self):
        self.env["civic.intake.limit"].create({"name": "Two an hour", "most": 2})
        for number in range(3):
            self.begin()
            for text in ("Where do I pay for my dog?", "Eva Ruiz", f"eva{number}@home.test", "yes"):
                said = self.tell(text)
        entries = self.get_entries()
        self.assertEqual(len(set(entries.mapped("visitor"))), 1)
        self.assertEqual(entries.mapped("state"), ["processed", "processed", "spam"])
        self.assertEqual(entries[-1].reason, "loop")
        self.assertIn("A person looks at it first", said)
        self.opener.cookies.clear()
        self.begin()
        for text in ("Where do I pay for my cat?", "Ana", "ana@home.test", "yes"):
            self.tell(text)
        self.assertEqual(self.get_entries()[-1].result, "enquiry", "another browser")

    def test_somebody_signed_in_is_not_asked_who_they_are(self):
        self.begin("t_citizen")
        for text in ("The street light is out", "1", "Oak Street 3", "2"):
            said = self.tell(text)
        self.assertIn("Is it right?", said)
        self.tell("yes")
        self.assertEqual(self.get_entries().case_id.partner_id, self.citizen)

    def test_what_needs_a_login_is_not_offered_to_a_visitor(self):
        self.street_light.identification = "identified"
        self.begin()
        self.assertIn("What is your name?", self.tell("The street light is out"))

    def test_the_bot_speaks_the_visitors_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.opener.cookies["frontend_lang"] = "es_ES"
        self.begin()
        self.assertIn("Cuéntanos", self.tell("luz"))

    def test_the_bot_has_a_name_in_each_readers_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.bot.with_context(lang="es_ES").title = "Asistente"
        partner = self.bot.operator_partner_id
        self.assertEqual(partner.with_context(lang="es_ES").user_livechat_username, "Asistente")
        self.assertEqual(partner.with_context(lang="en_US").user_livechat_username, self.bot.title)

    def test_a_talking_step_takes_free_text(self):
        with self.assertRaises(ValidationError):
            self.env.ref("civic_crm.chatbot_step_hello").civic_talk = "case"


@tagged("post_install", "-at_install")
class TestChatOperator(ChatCase):
    def attend(self, *said):
        """A visitor has written, and the agent is in the conversation."""
        self.begin()
        for text in said:
            self.tell(text)
        self.chat._add_members(users=self.users["agent"])
        return self.chat.with_user(self.users["agent"])

    def test_case_makes_a_case_and_tells_the_citizen_its_code(self):
        self.street_light.write({"ask_place": "optional", "identification": "anonymous"})
        self.street_light.question_ids.required = False
        chat = self.attend("The street light before my house is out")
        chat.execute_command_case(body="/case lamp")
        entry = self.get_entries()
        self.assertEqual((entry.result, entry.case_id.category_id), ("case", self.street_light), entry.last_error)
        self.assertIn("before my house", entry.case_id.description)
        self.assertIn(entry.case_id.tracking_code, self.chat.message_ids.sorted("id")[-1].body)

    def test_the_same_command_twice_makes_one_case(self):
        chat = self.attend("The street light before my house is out", "1", "Oak Street 3", "2", "Eva", "eva@home.test")
        chat.execute_command_case(body="/case")
        count = len(self.chat.message_ids)
        chat.execute_command_case(body="/case")
        self.assertEqual(len(self.get_entries()), 1)
        self.assertEqual(
            self.get_entries().case_id.place, "Oak Street 3", "what the bot has learned is not asked again"
        )
        self.assertEqual(len(self.chat.message_ids), count)

    def test_a_case_that_lacks_something_is_an_enquiry_meanwhile(self):
        chat = self.attend("The street light before my house is out")
        chat.execute_command_case(body="/case")
        self.assertEqual(self.get_entries().result, "enquiry")

    def test_enquiry_makes_an_enquiry_with_the_operators_subject(self):
        chat = self.attend("Where do I pay for my dog?")
        chat.execute_command_enquiry(body="/enquiry Dog tax")
        self.assertEqual(self.get_entries().enquiry_id.name, "Dog tax")

    def test_no_service_makes_nothing(self):
        chat = self.attend("Where do I pay for my dog?")
        chat.execute_command_case(body="/case dog tax")
        self.assertFalse(self.get_entries())

    def test_only_the_front_desk_files_and_only_what_it_may_read(self):
        self.attend("The street light before my house is out")
        for role in ("worker", "head", "stranger", "employee", "auditor", "citizen", "neighbour", "public"):
            for command in ("execute_command_case", "execute_command_enquiry"):
                with self.subTest(role=role, command=command), self.assertRaises(AccessError):
                    getattr(self.chat.with_user(self.users[role]), command)(body="/case")
        group = self.env["discuss.channel"].create({"name": "Staff", "channel_type": "channel"})
        group._add_members(users=self.users["agent"])
        with self.assertRaises(UserError):
            group.with_user(self.users["agent"]).execute_command_case(body="/case")

    def test_the_conversation_is_read_by_the_front_desk_and_its_citizen(self):
        self.begin("t_citizen")
        self.tell("The street light is out")
        for role, user in self.users.items():
            self.env.invalidate_all()
            may = self.chat.with_user(user).has_access("read")
            self.assertEqual(may, role in ("agent", "manager", "admin", "citizen"), role)

    def test_sales_does_not_read_what_became_an_enquiry(self):
        sales = new_test_user(self.env, "t_sales", groups="sales_team.group_sale_salesman_all_leads")
        self.attend("Where do I pay for my dog?").execute_command_enquiry(body="/enquiry")
        self.env.invalidate_all()
        self.assertFalse(self.chat.with_user(sales).has_access("read"))

    def test_nobody_links_a_case_to_a_conversation_that_is_closed_to_them(self):
        self.attend("The street light before my house is out")
        case = self.file_case()
        with self.assertRaises(AccessError):
            case.with_user(self.users["worker"]).chat_id = self.chat
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.env["helpdesk.ticket"].with_user(self.users["worker"]).with_context(
                default_chat_id=self.chat.id
            ).create({"name": "By a default", "description": "x", "team_id": self.lighting.id})
        with self.assertRaises(AccessError):
            self.chat.with_user(self.users["citizen"]).read(["civic_talk"])

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import tagged
from odoo.tools import email_normalize

from odoo.addons.mail.tests.common import MailCommon

from .common import CityMixin

MAIL = """\
From: {sender}
To: {to}
Cc: {cc}
Subject: {subject}
Message-Id: <{msg_id}@home.test>
{extra}MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

The lamp at number 3 is out.
"""


@tagged("post_install", "-at_install")
class TestMailGateway(CityMixin, MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.city = cls.env.company

    def receive(self, sender="Eva Ruiz <eva@home.test>", **parts):
        """Pass a mail through the gateway and return the cases it made."""
        known = self.env["helpdesk.ticket"].search([])
        extra = "".join(f"{name}: {value}\n" for name, value in parts.pop("headers", {}).items())
        values = {
            "to": "lighting@city.test",
            "cc": "",
            "subject": "No light",
            "msg_id": f"m{self.env.cr.sql_log_count}",
            "extra": extra,
            **parts,
        }
        with self.mock_mail_gateway():
            self.env["mail.thread"].message_process(False, MAIL.format(sender=sender, **values))
        return self.env["helpdesk.ticket"].search([]) - known

    def test_a_mail_to_a_department_is_its_case(self):
        case = self.receive()
        self.assertEqual(len(case), 1)
        self.assertEqual(case.team_id, self.lighting)
        self.assertEqual(case.name, "No light")
        self.assertEqual(case.channel_id, self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_email"))
        self.assertEqual(case.partner_id.name, "Eva Ruiz")
        self.assertTrue(case.partner_id.is_citizen)
        self.assertIn("The lamp at number 3", case.description)
        self.assertEqual(case.message_partner_ids, case.partner_id)

    def test_whom_the_city_does_not_know_it_answers_in_its_own_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.city.partner_id.lang = "es_ES"
        self.assertEqual(self.receive().partner_id.lang, "es_ES")

    def test_the_same_citizen_is_not_made_twice(self):
        first = self.receive(msg_id="one")
        second = self.receive(sender="EVA@home.test", msg_id="two")
        self.assertEqual(first.partner_id, second.partner_id)

    def test_the_same_mail_makes_one_case(self):
        self.assertTrue(self.receive(msg_id="same"))
        self.assertFalse(self.receive(msg_id="same"))

    def test_who_stands_in_copy_gains_nothing(self):
        case = self.receive(cc="neighbour@home.test, t_stranger@city.test")
        self.assertEqual(case.message_partner_ids, case.partner_id)
        with self.mock_mail_gateway():
            case.with_user(self.users["worker"]).message_post(
                body="We come tomorrow.",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        self.assertEqual(self._mails_to(), {"eva@home.test"})

    def _mails_to(self):
        return {email_normalize(address) for mail in self._mails for address in mail["email_to"]}

    def test_a_machine_opens_no_case(self):
        self.assertFalse(self.receive(headers={"Auto-Submitted": "auto-replied"}))
        self.assertFalse(self.receive(headers={"Precedence": "bulk"}, msg_id="two"))

    def test_a_loop_is_cut(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 3)
        made = [len(self.receive(msg_id=f"loop{i}")) for i in range(6)]
        self.assertEqual(made, [1, 1, 1, 0, 0, 0])

    def test_a_mail_without_subject_or_text_is_a_case_too(self):
        self.assertEqual(self.receive(subject="").name, "(no subject)")

    def _reply(self, case, sender, msg_id="reply"):
        with self.mock_mail_gateway():
            case.with_user(self.users["worker"]).message_post(
                body="Which number?", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        answer = case.message_ids.sorted("id")[-1]
        self.receive(
            sender=sender,
            subject="Re: No light",
            msg_id=msg_id,
            headers={"References": answer.message_id, "In-Reply-To": answer.message_id},
        )
        return case.message_ids.sorted("id")[-1]

    def test_the_citizens_reply_is_in_the_story_and_on_the_board(self):
        case = self.receive(msg_id="first")
        message = self._reply(case, "Eva <eva@home.test>")
        self.assertIn(message, self.public_messages(case))
        self.assertTrue(case.has_citizen_message)
        with self.mock_mail_gateway():
            case.with_user(self.users["worker"]).message_post(
                body="Thanks.", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        self.assertFalse(case.has_citizen_message)

    def test_a_mail_in_a_colleagues_name_is_no_answer_to_the_citizen(self):
        """Anybody can write any address into From."""
        case = self.receive(msg_id="first")
        for i, role in enumerate(("worker", "stranger", "auditor")):
            user = self.users[role]
            user.email = f"{role}@city.test"
            message = self._reply(case, user.email, msg_id=f"forged{i}")
            with self.subTest(role=role):
                self.assertNotIn(message, self.public_messages(case))
                self.assertFalse(message.notified_partner_ids.filtered("partner_share"))
        followers = case.message_partner_ids
        self.assertNotIn(self.users["stranger"].partner_id, followers)

    def test_a_citys_own_mail_may_be_trusted_by_setting(self):
        self.env["ir.config_parameter"].set_param("civic_crm.trust_staff_mail", "True")
        self.users["worker"].email = "worker@city.test"
        case = self.receive(msg_id="first")
        message = self._reply(case, "worker@city.test")
        self.assertIn(message, self.public_messages(case))

    def test_an_answer_is_offered_to_the_citizen_only(self):
        case = self.receive(cc="neighbour@home.test, someone@elsewhere.test")
        suggested = case.with_user(self.users["worker"])._message_get_suggested_recipients()
        addresses = {email_normalize(entry["email"]) for entry in suggested}
        self.assertEqual(addresses, {"eva@home.test"})

    def test_a_strangers_reply_is_kept_for_staff_only(self):
        case = self.receive(msg_id="first")
        message = self._reply(case, "Mallory <mallory@elsewhere.test>")
        self.assertIn("The lamp at number 3", message.body, "nothing is lost")
        self.assertNotIn(message, self.public_messages(case))
        told = message.notified_partner_ids
        self.assertFalse(told.filtered("partner_share"), "no outsider is told")
        self.assertFalse(case.has_citizen_message)
        followers = case.message_partner_ids
        self.assertEqual(followers.filtered("partner_share"), case.partner_id)

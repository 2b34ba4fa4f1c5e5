# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who files for another deals with the city for them."""

from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCommon

from .common import CityMixin


@tagged("post_install", "-at_install")
class TestRepresentative(CityMixin, MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.council = cls.env["res.partner"].create({"name": "Council", "is_citizen": True, "is_company": True})
        cls.mandate = cls.env["civic.representation"].create(
            {"representative_id": cls.citizen.id, "represented_id": cls.council.id, "evidence": "A letter"}
        )
        cls.case = cls.file_case(partner=cls.council, representative_id=cls.citizen.id)

    def answer(self, case):
        """Answer as staff; return to whom it was sent."""
        with self.mock_mail_gateway():
            case.with_user(self.users["worker"]).message_post(
                body="Repaired.", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        return " ".join(address for mail in self._mails for address in mail["email_to"])

    def test_an_answer_reaches_who_filed_it_while_they_represent(self):
        self.assertIn("citizen@home.test", self.answer(self.case))
        self.mandate._revoke("over")
        self.assertNotIn("citizen@home.test", self.answer(self.case))

    def test_who_only_may_act_is_not_written_to(self):
        self.assertNotIn("citizen@home.test", self.answer(self.file_case(partner=self.council)))

    def test_a_note_is_no_representatives(self):
        with self.mock_mail_gateway():
            self.case.with_user(self.users["worker"]).message_post(body="Odd.", subtype_xmlid="mail.mt_note")
        self.assertFalse(self._mails)

    def test_who_filed_it_is_told_that_it_is_registered(self):
        template = self.env.ref("civic_crm.mail_template_case_received")
        with self.mock_mail_gateway():
            template.send_mail(self.case.id, force_send=True)
        [mail] = [mail for mail in self._mails if "citizen@home.test" in " ".join(mail["email_to"])]
        self.assertIn(self.case.tracking_code, mail["subject"])

    def test_a_case_typed_in_for_who_has_no_address_is_acknowledged_to_who_represents_them(self):
        Case = self.env["helpdesk.ticket"].with_user(self.users["agent"]).with_context(civic_typed_in=True)
        vals = {"name": "Dark", "description": "x", "category_id": self.street_light.id}
        vals |= {"partner_id": self.council.id, "channel_id": self.web.id}
        self.assertEqual(Case.create(vals).acknowledgement, "none")
        self.assertEqual(Case.create({**vals, "representative_id": self.citizen.id}).acknowledgement, "to_send")

    def test_a_representatives_mail_is_the_citizens_and_a_strangers_is_not(self):
        def write(address):
            self.case.has_citizen_message = False
            said = {"email_from": address, "body": "x", "author_id": False}
            self.case.message_update(said)
            return self.case.has_citizen_message, said.get("is_internal", False)

        self.assertEqual(write("Citizen <citizen@home.test>"), (True, False))
        self.assertEqual(write("neighbour@home.test"), (False, True))
        self.mandate._revoke("over")
        self.assertEqual(write("citizen@home.test"), (False, True))

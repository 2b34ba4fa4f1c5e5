# SPDX-License-Identifier: AGPL-3.0-or-later
"""Cases typed in at the desk: whose they are, and that the citizen hears of them."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CityCase


@tagged("post_install", "-at_install")
class TestTypedIn(CityCase):
    def type_in(self, user="agent", **vals):
        Case = self.env["helpdesk.ticket"].with_user(self.users[user])
        vals = {
            "name": "Dark",
            "description": "<p>x</p>",
            "category_id": self.street_light.id,
            "channel_id": self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone").id,
            **vals,
        }
        (read,) = Case.browse().web_save(vals, {"name": {}})
        return self.env["helpdesk.ticket"].browse(read["id"])

    def test_the_citizen_is_acknowledged_and_hears_the_answer(self):
        case = self.type_in(partner_id=self.citizen.id)
        self.assertEqual(case.acknowledgement, "to_send")
        message = case.with_user(self.users["worker"]).message_post(
            body="It shines again.", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertIn(self.citizen, message.sudo().notified_partner_ids)

    def test_whoever_left_only_an_address_becomes_the_citizen_of_the_case(self):
        case = self.type_in(partner_email="new@home.test", partner_name="Nora New")
        self.assertEqual((case.partner_id.email, case.partner_id.name), ("new@home.test", "Nora New"))
        self.assertTrue(case.partner_id.is_citizen)
        self.assertIn(case.partner_id, case.message_partner_ids)
        self.assertEqual(case.acknowledgement, "to_send")

    def test_an_anonymous_case_is_acknowledged_to_nobody(self):
        case = self.type_in(category_id=self.tree.id)
        self.assertFalse(case.partner_id)
        self.assertEqual(case.acknowledgement, "none")

    def test_whoever_may_not_file_makes_no_citizen_by_trying(self):
        for role in ("auditor", "employee", "citizen"):
            with self.assertRaises(AccessError):
                self.type_in(user=role, partner_email="try@home.test")
        self.assertFalse(self.env["res.partner"].search([("email", "=", "try@home.test")]))

    def test_imported_cases_write_to_nobody(self):
        case = (
            self.env["helpdesk.ticket"]
            .with_user(self.users["agent"])
            .create(
                {
                    "name": "Old",
                    "description": "<p>x</p>",
                    "category_id": self.street_light.id,
                    "partner_id": self.citizen.id,
                }
            )
        )
        self.assertEqual(case.sudo().acknowledgement, "none")

    def test_who_turns_out_to_be_somebody_else_gets_the_answers_from_then_on(self):
        case = self.type_in(partner_id=self.citizen.id)
        case.with_user(self.users["agent"]).partner_id = self.neighbour
        self.assertIn(self.neighbour, case.message_partner_ids)
        self.assertNotIn(self.citizen, case.message_partner_ids)

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CityCase


@tagged("post_install", "-at_install")
class TestClose(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.file_case()
        cls.case._subscribe_requester_of_new()
        cls.solved = cls.env.ref("civic_crm.outcome_solved")
        cls.done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cls.new = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new")

    def close(self, user, answer="<p>The lamp is new.</p>", case=None):
        Wizard = self.env["civic.case.close"].with_user(user)
        wizard = Wizard.create(
            {
                "case_ids": (case or self.case).ids,
                "outcome_id": self.solved.id,
                "answer": answer,
            }
        )
        wizard.action_close()

    def test_closing_answers_the_citizen_and_says_how_it_ended(self):
        self.close(self.users["worker"])
        self.assertEqual(self.case.stage_id, self.done)
        self.assertEqual(self.case.outcome_id, self.solved)
        self.assertTrue(self.case.closed_date)
        message = self.public_messages(self.case)
        self.assertIn("The lamp is new.", message.body)
        self.assertEqual(message.notified_partner_ids, self.citizen)

    def test_no_case_ends_in_silence(self):
        with self.assertRaises(UserError):
            self.case.stage_id = self.done
        with self.assertRaises(UserError):
            self.close(self.users["worker"], answer="<p><br></p>")
        self.assertFalse(self.case.closed_date)

    def test_staff_does_not_close_behind_the_wizard(self):
        case = self.case.with_user(self.users["worker"])
        with self.assertRaises(UserError):
            case.write({"stage_id": self.done.id, "outcome_id": self.solved.id})
        self.assertFalse(self.case.closed_date)

    def test_staff_does_not_withdraw_for_the_citizen(self):
        self.solved = self.env.ref("civic_crm.outcome_withdrawn")
        with self.assertRaises(UserError):
            self.close(self.users["worker"])

    def test_reopening_forgets_how_it_ended(self):
        self.close(self.users["worker"])
        self.case.stage_id = self.new
        self.assertFalse(self.case.closed_date)
        self.assertFalse(self.case.outcome_id)

    def test_only_who_may_write_the_case_closes_it(self):
        for role in ("stranger", "auditor", "employee", "citizen"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.close(self.users[role])

    def test_the_suggested_answer_is_in_the_citizens_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.solved.with_context(lang="es_ES").answer = "Ya está hecho."
        self.citizen.lang = "es_ES"
        form = Form(self.env["civic.case.close"].with_context(default_case_ids=self.case.ids))
        form.outcome_id = self.solved
        self.assertIn("Ya está hecho.", form.answer)

    def test_the_citizens_own_outcome_is_not_offered_to_staff(self):
        withdrawn = self.env.ref("civic_crm.outcome_withdrawn")
        field = self.env["civic.case.close"]._fields["outcome_id"]
        offered = self.env["civic.case.outcome"].search(field.domain)
        self.assertNotIn(withdrawn, offered)
        self.case._withdraw()
        self.assertEqual(self.case.outcome_id, withdrawn)
        self.assertTrue(self.case.closed_date)

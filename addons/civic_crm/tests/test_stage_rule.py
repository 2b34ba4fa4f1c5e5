# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .test_ending import EndingCase


@tagged("post_install", "-at_install")
class TestStageRule(EndingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["civic.stage.rule"].search([]).active = False

    def rule(self, origin, stage, **values):
        return self.env["civic.stage.rule"].create(
            {
                "name": "Rule",
                "from_stage_ids": [Command.set([self.stage[name].id for name in origin])],
                "to_stage_id": self.stage[stage].id,
                **values,
            }
        )

    def move(self, stage, role="worker", case=None, **values):
        (case or self.case).with_user(self.users[role]).write({"stage_id": self.stage[stage].id, **values})

    def sent(self):
        return self.env["mail.mail"].search([("subject", "like", "RULE")])

    def template(self):
        return self.env.ref("civic_crm.mail_template_case_in_progress").copy({"subject": "RULE"})

    def test_a_state_without_rules_is_open(self):
        for stage in ("in_progress", "awaiting", "new"):
            self.move(stage)
            self.assertEqual(self.case.stage_id, self.stage[stage])

    def test_a_forbidden_move_says_where_the_case_can_go(self):
        self.rule(["in_progress"], "awaiting")
        with self.assertRaisesRegex(UserError, "does not go from “New” to “Awaiting”.*In Progress"):
            self.move("awaiting")
        self.assertEqual(self.case.stage_id, self.stage["new"])
        self.move("in_progress")
        self.move("awaiting")

    def test_a_rule_edited_holds_at_once(self):
        rule = self.rule(["in_progress"], "awaiting")
        with self.assertRaises(UserError):
            self.move("awaiting")
        rule.from_stage_ids = [Command.clear()]
        self.move("awaiting")
        self.move("new")
        rule.active = False
        self.move("awaiting")

    def test_only_who_may(self):
        self.rule([], "awaiting", group_ids=[Command.set(self.env.ref("civic_crm.group_head").ids)])
        with self.assertRaisesRegex(UserError, "only by: .*Head"):
            self.move("awaiting")
        self.move("awaiting", "head")

    def test_somebody_is_responsible(self):
        self.rule([], "in_progress", needs_responsible=True)
        with self.assertRaisesRegex(UserError, "Responsible"):
            self.move("in_progress")
        self.move("in_progress", user_id=self.users["worker"].id)

    def test_the_citizen_has_been_written_to_and_waits_for_nothing(self):
        self.rule([], "awaiting", needs_answer=True)
        with self.assertRaisesRegex(UserError, "write to the citizen"):
            self.move("awaiting")
        self.case.message_post(body="note", subtype_xmlid="mail.mt_note")
        self.case._post_from_citizen("Hello?")
        with self.assertRaises(UserError):
            self.move("awaiting")
        with self.mock_mail_gateway():
            self.case.with_user(self.users["worker"]).message_post(
                body="Which lamp?", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        self.move("awaiting")

    def test_a_reason_is_asked_and_kept_for_staff(self):
        self.rule([], "awaiting", asks_reason=True)
        with self.assertRaisesRegex(UserError, "Change state with a reason"):
            self.move("awaiting")
        form = Form(
            self.env["civic.case.move"]
            .with_user(self.users["worker"])
            .with_context(active_model="helpdesk.ticket", active_ids=self.case.ids)
        )
        form.stage_id = self.stage["awaiting"]
        form.reason = "The crane is broken."
        form.save().action_move()
        self.assertEqual(self.case.stage_id, self.stage["awaiting"])
        self.assertIn("The crane is broken.", str(self.case.message_ids.mapped("body")))
        self.assertNotIn("crane", str(self.case._get_public_timeline()))

    def test_the_wizard_moves_what_one_may_write_and_offers_what_all_can_reach(self):
        for role in ("stranger", "auditor", "employee", "citizen"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.env["civic.case.move"].with_user(self.users[role]).create(
                    {"case_ids": self.case.ids, "stage_id": self.stage["awaiting"].id, "reason": "x"}
                ).action_move()
        self.rule(["in_progress"], "awaiting")
        working = self.file_case(stage_id=self.stage["in_progress"].id)
        wizard = self.env["civic.case.move"].create({"case_ids": (self.case | working).ids, "reason": "x"})
        self.assertNotIn(self.stage["awaiting"], wizard.reachable_stage_ids)
        self.assertNotIn(self.stage["done"], wizard.reachable_stage_ids)
        with self.assertRaisesRegex(UserError, "Choose the new state"):
            wizard.action_move()

    def test_closing_follows_the_rules_too(self):
        self.rule([], "rejected", group_ids=[Command.set(self.env.ref("civic_crm.group_head").ids)])
        with self.assertRaisesRegex(UserError, "only by"):
            self.close(self.rejected, reason_id=self.law.id)
        self.close(self.rejected, reason_id=self.law.id, user=self.users["head"])
        self.assertTrue(self.case.closed_date)

    def test_closing_answers_and_gives_reasons_by_itself(self):
        self.rule([], "done", needs_answer=True, asks_reason=True)
        self.close()
        self.assertTrue(self.case.closed_date)

    def test_one_case_that_may_not_move_stops_the_batch(self):
        self.rule(["in_progress"], "awaiting")
        working = self.file_case(stage_id=self.stage["in_progress"].id)
        with self.assertRaises(UserError):
            self.move("awaiting", case=working | self.case)
        self.assertEqual(working.stage_id, self.stage["in_progress"])

    def test_a_move_sends_its_message_in_the_citizens_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        template = self.template()
        template.with_context(lang="es_ES").subject = "RULE en español"
        self.rule([], "in_progress", template_id=template.id)
        self.neighbour.lang = "es_ES"
        hers, nobodys = self.file_case(partner=self.neighbour), self.file_case(partner_id=False)
        self.move("in_progress", case=self.case | hers | nobodys)
        sent = {mail.recipient_ids.email: mail for mail in self.sent()}
        self.assertEqual(set(sent), {"citizen@home.test", "neighbour@home.test"})
        self.assertEqual(sent["neighbour@home.test"].subject, "RULE en español")
        self.assertIn("auto-replied", sent["citizen@home.test"].headers)
        self.move("in_progress", case=self.case)
        self.assertEqual(len(self.sent()), 2, "it is there already")

    def test_what_the_system_moves_needs_no_permission_and_is_told(self):
        self.rule(["awaiting"], "in_progress", needs_responsible=True)
        self.rule([], "in_progress", template_id=self.template().id, sequence=20)
        self.case.stage_id = self.stage["in_progress"]
        self.assertEqual(len(self.sent()), 1)

    def test_filing_sends_no_message_of_a_rule(self):
        self.rule([], "new", template_id=self.template().id)
        self.file_case()
        self.assertFalse(self.sent())

    def test_messages_of_fifty_moves_are_one_batch(self):
        self.rule([], "in_progress", template_id=self.template().id, needs_answer=True)
        cases = self.env["helpdesk.ticket"].browse([self.file_case().id for _ in range(50)])
        for case in cases:
            case.with_context(mail_notify_force_send=False).message_post(
                body="x", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        self.flush_tracking()
        with self.assert_queries_at_most(230):
            self.move("in_progress", "head", cases)
        self.assertEqual(len(self.sent()), 50)

    def test_rules_that_make_no_sense_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "to itself"):
            self.rule(["new"], "new")
        other = self.env["mail.template"].create(
            {"name": "Other", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        with self.assertRaisesRegex(ValidationError, "not a message about cases"):
            self.rule([], "awaiting", template_id=other.id)


@tagged("post_install", "-at_install")
class TestShippedRules(EndingCase):
    def test_the_shipped_rules_let_staff_work(self):
        """Every open state can be reached from every other, without a message, by a worker."""
        case = self.case.with_user(self.users["worker"])
        for stage in ("in_progress", "awaiting", "new", "awaiting", "in_progress", "new"):
            case.stage_id = self.stage[stage]
        self.assertEqual(self.case.stage_id, self.stage["new"])
        self.assertFalse(self.env["mail.mail"].search([("recipient_ids", "in", self.citizen.ids)]))

# SPDX-License-Identifier: AGPL-3.0-or-later
import ast
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.base_automation.models.base_automation import CREATE_WRITE_SET, MAIL_TRIGGERS

from .common import CityCase

SHIPPED = ("automation_unassigned", "automation_unanswered", "automation_enquiry_waits", "automation_waiting")


@tagged("post_install", "-at_install")
class TestAutomation(CityCase):
    def run_rule(self, name):
        """Run one rule as the cron would, and return the records it acted on."""
        rule = self.env.ref(f"civic_crm.{name}").with_context(__action_done={})
        records = rule._search_time_based_automation_records(until=fields.Datetime.now())
        for record in records:
            rule._process(record)
        return records

    def test_no_shipped_rule_is_on_the_way_of_filing(self):
        for name in SHIPPED:
            with self.subTest(name):
                rule = self.env.ref(f"civic_crm.{name}")
                self.assertNotIn(rule.trigger, CREATE_WRITE_SET | set(MAIL_TRIGGERS))

    def test_filing_is_not_patched(self):
        """A rule on creation makes every filing look rules up: none of ours does."""
        Case = self.env.registry["helpdesk.ticket"]
        for method in ("create", "write", "message_post"):
            with self.subTest(method):
                self.assertFalse(hasattr(getattr(Case, method), "origin"))

    def test_the_head_hears_of_what_nobody_took(self):
        self.lighting.user_id = self.users["head"]
        long_ago = fields.Datetime.now() - timedelta(days=3)
        waits = self.file_case(filed_at=long_ago)
        taken = self.file_case(filed_at=long_ago, user_id=self.users["worker"].id)
        fresh = self.file_case()
        closed = self.file_case(filed_at=long_ago)
        closed._withdraw()
        found = self.run_rule("automation_unassigned")
        self.assertEqual(found & (waits | taken | fresh | closed), waits)
        self.assertEqual(waits.activity_ids.user_id, self.users["head"])
        self.assertEqual(waits.activity_ids.activity_type_id.name, "Nobody has taken this case")
        self.assertFalse(waits.activity_ids.summary)  # the kind is shown, in the reader's language

    def test_the_lead_of_the_front_desk_hears_of_enquiries_that_wait(self):
        desk = self.env.ref("civic_crm.team_front_desk")
        desk.user_id = self.users["manager"]
        long_ago = fields.Datetime.now() - timedelta(hours=5)
        vals = {"name": "x", "is_enquiry": True, "user_id": False}
        waits = self.env["crm.lead"].create(dict(vals, received_at=long_ago))
        fresh = self.env["crm.lead"].create(vals)
        lead = self.env["crm.lead"].create({"name": "Sales", "received_at": long_ago, "team_id": False})
        found = self.run_rule("automation_enquiry_waits")
        self.assertEqual(found & (waits | fresh | lead), waits)
        self.assertEqual(waits.activity_ids.user_id, self.users["manager"])

    def test_reminding_citizens_is_off_and_in_their_language_when_on(self):
        rule = self.env.ref("civic_crm.automation_waiting")
        self.assertFalse(rule.active)
        waiting = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_awaiting")
        case = self.file_case()
        case.stage_id = waiting
        case.last_stage_update = fields.Datetime.now() - timedelta(days=11)
        self.file_case()
        rule.active = True
        before = self.env["mail.mail"].search([])
        self.assertEqual(self.run_rule("automation_waiting"), case)
        mail = self.env["mail.mail"].search([]) - before
        self.assertEqual(mail.recipient_ids, self.citizen)
        self.assertIn(case.tracking_code, mail.subject)

    def test_what_the_city_says_is_worded_by_the_administrator(self):
        """Who administers the city's CRM need not administer the server."""
        template = self.env.ref("civic_crm.mail_template_case_term")
        for role, user in self.users.items():
            with self.subTest(role=role):
                may = template.with_user(user).has_access("write")
                self.assertEqual(may, role == "admin")
        self.assertFalse(self.users["admin"].has_group("base.group_system"))
        template.with_user(self.users["admin"]).subject = "Ours {{ object.tracking_code }}"
        self.assertEqual(template.subject, "Ours {{ object.tracking_code }}")

    def test_every_message_of_the_city_is_found_under_its_menu(self):
        action = self.env.ref("civic_crm.mail_template_action")
        found = self.env["mail.template"].search(ast.literal_eval(action.domain))
        data = self.env["ir.model.data"].search([("model", "=", "mail.template"), ("module", "=", "civic_crm")])
        self.assertLessEqual(set(data.mapped("res_id")), set(found.ids))

    def test_the_citys_changes_survive_an_update(self):
        names = [*SHIPPED, *(f"{name}_action" for name in SHIPPED), "mail_template_case_waiting", "team_front_desk"]
        data = self.env["ir.model.data"].search([("module", "=", "civic_crm"), ("name", "in", names)])
        self.assertEqual(len(data), len(names))
        self.assertTrue(all(data.mapped("noupdate")))

# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import CityCase


@tagged("post_install", "-at_install")
class TestSubCase(CityCase):
    """A case asks other departments for contributions, and the citizen never notices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.works.user_id = cls.users["head"]
        cls.solved = cls.env.ref("civic_crm.outcome_solved")
        cls.day = date.today() + timedelta(days=5)
        cls.case = cls.file_case(civic_zone_id=cls.old_town.id, place="Main Street 3", user_id=cls.users["worker"].id)

    def ask(self, *teams, case=None, user="worker", **vals):
        teams = teams or (self.parks,)
        wizard = (
            self.env["civic.case.ask"]
            .with_user(self.users[user])
            .create(
                {
                    "case_id": (case or self.case).id,
                    "team_ids": [Command.set([team.id for team in teams])],
                    "text": "Is the tree ours?",
                    "promised_on": self.day,
                    **vals,
                }
            )
        )
        before = self.case.sub_case_ids
        wizard.action_ask()
        return (case or self.case).sub_case_ids - before

    def close(self, case, user="worker", outcome=None, **vals):
        wizard = (
            self.env["civic.case.close"]
            .with_user(self.users[user])
            .create({"case_ids": case.ids, "outcome_id": (outcome or self.solved).id, "answer": "<p>Done.</p>", **vals})
        )
        wizard.action_close()
        self.env.invalidate_all()

    def test_one_contribution_per_department_with_its_own_clock_state_and_number(self):
        asked = self.ask(self.parks, self.works)
        self.assertEqual(asked.team_id, self.parks | self.works)
        self.assertEqual(set(asked.mapped("promised_on")), {self.day})
        self.assertEqual(set(asked.mapped("number")), {f"{self.case.number}-1", f"{self.case.number}-2"})
        self.assertEqual(asked.stage_id, self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new"))
        self.assertEqual(set(asked.mapped("asked_for")), {"Is the tree ours?"})
        self.assertEqual((self.case.sub_case_count, self.case.open_sub_case_count), (2, 2))
        self.assertEqual(self.case.team_id, self.lighting)

    def test_all_share_the_same_facts_as_they_are_now(self):
        sub_case = self.ask()
        facts = ("name", "description", "place", "civic_zone_id", "latitude", "kind")
        self.assertEqual([sub_case[f] for f in facts], [self.case[f] for f in facts])
        self.case.with_user(self.users["worker"]).write(
            {"place": "Main Street 5", "name": "Two lamps", "latitude": 40.1}
        )
        self.assertEqual([sub_case[f] for f in facts], [self.case[f] for f in facts])
        with self.assertRaisesRegex(UserError, "main case"):
            sub_case.with_user(self.users["stranger"]).place = "Elsewhere"

    def test_who_is_asked_reads_the_main_case_its_files_and_its_notes_and_answers_nobody(self):
        self.case.message_post(body="See the photo", attachments=[("photo.txt", b"...")])
        theirs = self.case.with_user(self.users["stranger"])
        self.env.invalidate_all()
        self.assertFalse(theirs.has_access("read"))
        sub_case = self.ask().with_user(self.users["stranger"])
        self.env.invalidate_all()
        self.assertTrue(theirs.has_access("read"))
        self.assertFalse(theirs.has_access("write"))
        self.assertEqual(sub_case.parent_attachment_ids.mapped("name"), ["photo.txt"])
        self.assertEqual(sub_case.parent_attachment_ids.mapped("raw"), [b"..."])
        self.assertTrue(theirs.message_post(body="Ours", subtype_xmlid="mail.mt_note"))

    def test_who_asks_reads_the_contribution_and_does_not_work_it(self):
        sub_case = self.ask().with_user(self.users["worker"])
        self.env.invalidate_all()
        self.assertEqual(sub_case.asked_for, "Is the tree ours?")
        self.assertTrue(sub_case.message_post(body="It is urgent", subtype_xmlid="mail.mt_note"))
        with self.assertRaises(AccessError):
            sub_case.priority = "3"

    def test_departments_asked_do_not_read_each_others_contribution(self):
        other = self.env["helpdesk.ticket.team"].create({"name": "Water"})
        sub_case = self.ask(self.parks, other).filtered(lambda case: case.team_id == other)
        self.env.invalidate_all()
        self.assertFalse(sub_case.with_user(self.users["stranger"]).has_access("read"))

    def test_the_citizen_notices_nothing(self):
        self.write_down_changes()
        story = self.case._get_public_timeline()
        sub_case = self.ask()
        sub_case.with_user(self.users["stranger"]).message_post(
            body="Ours it is", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.close(sub_case, user="stranger")
        self.write_down_changes()
        self.assertEqual(self.case._get_public_timeline(), story)
        self.assertFalse(sub_case.partner_id | sub_case.message_partner_ids.filtered("partner_share"))
        self.assertFalse(sub_case.tracking_code or sub_case.partner_email or sub_case.tracking_url)
        self.assertEqual(sub_case.acknowledgement, "none")
        self.assertEqual(self.citizen.helpdesk_ticket_count, 1)

    @mute_logger("odoo.sql_db")
    def test_a_contribution_cannot_be_given_a_citizen(self):
        sub_case = self.ask()
        for vals in ({"partner_id": self.citizen.id}, {"partner_email": "a@b.test"}, {"tracking_code": "X"}):
            with self.subTest(vals=vals), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                sub_case.write(vals)
                self.env.flush_all()

    def test_nobody_puts_a_case_below_another_by_hand(self):
        other = self.file_case()
        with self.assertRaises(AccessError):
            other.with_user(self.users["worker"]).parent_case_id = self.case
        with self.assertRaises(AccessError):
            other.with_user(self.users["worker"]).create(
                {"name": "x", "description": "x", "team_id": self.lighting.id, "parent_case_id": self.case.id}
            )

    def test_one_level(self):
        sub_case = self.ask()
        with self.assertRaisesRegex(UserError, "main case"):
            self.ask(self.works, case=sub_case, user="stranger")
        with self.assertRaises(ValidationError):
            self.case.parent_case_id = self.case

    def test_nonsense_is_refused_and_nothing_is_asked(self):
        self.ask(self.parks)
        closed = self.file_case()
        closed._withdraw()
        for what, kwargs in {
            "nobody": {"team_ids": False},
            "nothing": {"text": " "},
            "yesterday": {"promised_on": date.today() - timedelta(days=2)},
            "no day": {"promised_on": False},
            "itself": {"team_ids": [Command.set(self.lighting.ids)]},
            "again": {},
            "closed": {"case_id": closed.id, "team_ids": [Command.set(self.works.ids)]},
        }.items():
            with self.subTest(what), self.assertRaises(UserError), self.env.cr.savepoint():
                self.ask(**kwargs)
        self.assertEqual(len(self.case.sub_case_ids), 1)

    def test_only_who_works_the_case_asks(self):
        self.case.shared_team_ids = self.parks
        for role in ("stranger", "auditor", "employee", "citizen"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.ask(self.works, user=role)

    def test_the_head_asked_gets_a_to_do_and_who_asked_another_when_it_is_answered(self):
        sub_case = self.ask(self.works)
        self.assertEqual(sub_case.activity_ids.user_id, self.users["head"])
        self.close(sub_case, user="head")
        to_do = self.case.activity_ids
        self.assertEqual(to_do.user_id, self.users["worker"])
        self.assertIn("Works", to_do.summary)

    def test_not_resolved_while_one_is_open_unless_it_is_said_why(self):
        sub_case = self.ask()
        with self.assertRaisesRegex(UserError, "still waits for Parks"):
            self.close(self.case)
        self.assertFalse(self.case.closed_date)
        with self.assertRaisesRegex(UserError, "still waits for Parks"):  # nor by an automation
            self.case.write({"outcome_id": self.solved.id, "stage_id": self.solved.stage_id.id})
        self.close(self.case, sub_case_reason="The tree is gone", sub_cases="leave")
        self.assertTrue(self.case.closed_date)
        self.assertFalse(sub_case.closed_date)

    def test_closing_offers_to_close_the_contributions_too(self):
        sub_case = self.ask()
        wizard = Form(self.env["civic.case.close"].with_context(default_case_ids=self.case.ids))
        self.assertEqual(wizard.awaited_count, 1)
        self.assertIn("Parks", wizard.awaited_names)
        self.close(self.case, sub_case_reason="The tree is gone", sub_cases="close")
        self.assertTrue(sub_case.closed_date)
        self.assertIn("The tree is gone", "".join(sub_case.message_ids.mapped("body")))

    def test_another_end_than_resolved_needs_no_reason(self):
        self.ask()
        not_solved = self.env["civic.case.outcome"].search([("kind", "not in", ("resolved", "withdrawn"))], limit=1)
        self.close(self.case, outcome=not_solved)
        self.assertTrue(self.case.closed_date)

    def test_a_case_withdrawn_ends_its_contributions_and_tells_who_works_on_them(self):
        theirs, of_the_head = self.ask(self.parks), self.ask(self.works)
        theirs.user_id = self.users["stranger"]
        self.case._withdraw()
        withdrawn = self.env.ref("civic_crm.outcome_withdrawn")
        self.assertEqual((theirs | of_the_head).outcome_id, withdrawn)
        self.assertTrue(all(case.closed_date for case in theirs | of_the_head))
        self.assertEqual(set((theirs | of_the_head).deadline_ids.mapped("outcome")), {"waived"})
        self.assertIn("no longer needed", theirs.message_ids[:1].body)
        for case, person in ((theirs, "stranger"), (of_the_head, "head")):
            self.assertEqual(case.activity_ids.user_id, self.users[person])
            self.assertIn("no longer needed", case.activity_ids.summary)
        self.assertFalse(self.case.activity_ids, "nobody is told that a contribution has been answered")

    def test_what_has_been_contributed_before_stays_as_it_ended(self):
        sub_case = self.ask()
        self.close(sub_case, user="stranger")
        self.case._withdraw()
        self.assertEqual(sub_case.outcome_id, self.solved)

    def test_a_duplicate_leaves_no_contribution_open(self):
        sub_case = self.ask()
        (self.case | self.file_case())._gather()
        duplicate = self.env["civic.case.outcome"].search([("kind", "=", "duplicate")], limit=1)
        self.close(self.case, outcome=duplicate, sub_cases="leave", sub_case_reason="See the other case")
        self.assertEqual(sub_case.outcome_id, duplicate)
        self.assertIn("See the other case", "".join(sub_case.message_ids.mapped("body")))

    def test_undoing_a_duplicate_opens_what_ended_with_it_and_nothing_else(self):
        other = self.file_case(self.street_light)
        (other | self.case)._gather()
        answered = self.ask(self.parks)
        self.close(answered, user="stranger")
        awaited = self.ask(self.works)
        stage = awaited.stage_id
        self.close(self.case, outcome=self.env["civic.case.outcome"].search([("kind", "=", "duplicate")], limit=1))
        self.assertTrue(awaited.closed_date)
        self.env["civic.issue.link"].search([("case_id", "=", self.case.id)], limit=1).action_undo()
        self.assertFalse(self.case.closed_date)
        self.assertEqual((awaited.stage_id, awaited.outcome_id.id), (stage, False))
        self.assertFalse(awaited.stage_before_end_id)
        self.assertTrue(answered.closed_date)

    def test_a_contribution_is_no_entry_of_the_registry(self):
        self.street_light.kind = "request"
        case = self.file_case(self.street_light)
        self.assertTrue(case.registry_number)
        contribution = case._ask_departments(
            self.parks, "Is it your tree?", self.env["helpdesk.ticket"]._get_city_today()
        )
        self.assertFalse(contribution.registry_number)
        contribution.kind = "complaint"
        self.assertFalse(contribution.registry_number)

    def test_a_contribution_answered_holds_nothing_up(self):
        self.close(self.ask(), user="stranger")
        self.close(self.case)
        self.assertTrue(self.case.closed_date)

    def test_hand_overs_keep_both_sides_reading(self):
        sub_case = self.ask()
        sub_case.with_user(self.users["stranger"])._hand_over(self.works, "Not ours")
        self.assertIn(self.works, self.case.shared_team_ids)
        self.case.with_user(self.users["worker"])._hand_over(self.parks, "Yours")
        self.assertIn(self.parks, sub_case.shared_team_ids)
        self.case.shared_team_ids = False
        self.assertIn(self.works, self.case.shared_team_ids, "it still contributes")

    def test_the_form_of_a_contribution_opens(self):
        sub_case = self.ask()
        form = Form(sub_case.with_user(self.users["stranger"]), view="civic_crm.helpdesk_ticket_view_form")
        form.priority = "2"
        self.assertEqual(form.save().priority, "2")

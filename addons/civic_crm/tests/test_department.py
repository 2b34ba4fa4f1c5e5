# SPDX-License-Identifier: AGPL-3.0-or-later
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from .common import CityCase


@tagged("post_install", "-at_install")
class TestDepartment(CityCase):
    """Departments refuse nonsense, and decide who sees what."""

    def seen_by(self, user, cases):
        self.env.invalidate_all()
        return self.env["helpdesk.ticket"].with_user(user).search([("id", "in", cases.ids)])

    # settings

    def test_no_department_is_a_part_of_itself_or_of_its_parts(self):
        for parent in (self.works, self.lighting):
            with self.subTest(parent=parent.name), self.assertRaisesRegex(ValidationError, "cannot be a part of"):
                self.works.parent_id = parent
        self.assertFalse(self.works.parent_id)

    def test_a_list_names_a_department_without_those_above_it(self):
        self.assertEqual(self.lighting.display_name, "Works / Lighting")
        self.assertEqual(self.lighting.with_context(civic_name_alone=True).display_name, "Lighting")
        part = self.tree.copy({"name": "Stump", "parent_id": self.street_light.id})
        self.assertEqual(part.with_context(civic_name_alone=True).display_name, "Stump")

    def test_no_citizen_heads_or_works_in_a_department(self):
        with self.assertRaisesRegex(ValidationError, "citizen's login"):
            self.lighting.user_id = self.users["citizen"]
        with self.assertRaisesRegex(ValidationError, "citizen's login"):
            self.lighting.user_ids = [Command.link(self.users["citizen"].id)]

    def test_a_mail_address_is_one_departments(self):
        with self.assertRaises(UserError):
            self.parks.alias_name = "lighting"

    @mute_logger("odoo.sql_db")
    def test_a_code_is_one_departments(self):
        with self.assertRaises(IntegrityError):
            self.parks.code = "LIG"

    def test_no_department_is_archived_while_cases_wait_in_it(self):
        self.file_case()
        with self.assertRaisesRegex(ValidationError, "still has 1 open"):
            self.lighting.action_archive()
        self.parks.action_archive()
        self.assertFalse(self.parks.active)

    def test_a_department_that_had_cases_is_not_deleted(self):
        case = self.file_case()
        case.team_id = self.parks
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.lighting.unlink()

    def test_the_form_makes_a_department(self):
        form = Form(self.env["helpdesk.ticket.team"].with_user(self.users["admin"]))
        form.name = "Fountains"
        form.code = "FOU"
        form.parent_id = self.works
        form.user_ids.add(self.users["worker"])
        self.assertEqual(form.save().complete_name, "Works / Fountains")

    # who sees what

    def test_the_head_by_name_sees_the_departments_below(self):
        """Whoever is the head of a department sees below it, also with a worker's role."""
        cases = self.file_case() | self.file_case(self.tree)
        user = self.users["worker"]
        self.assertEqual(self.seen_by(user, cases), cases[0])
        self.works.user_id = user
        self.assertEqual(self.seen_by(user, cases), cases)

    def test_joining_and_leaving_a_department_count_at_once(self):
        case = self.file_case()
        user = self.users["stranger"]
        self.assertFalse(self.seen_by(user, case))
        user.helpdesk_team_ids = [Command.link(self.lighting.id)]
        self.assertTrue(self.seen_by(user, case))
        self.lighting.user_ids = [Command.unlink(user.id)]
        self.assertFalse(self.seen_by(user, case))

    def test_a_department_moved_below_another_is_seen_by_its_head_at_once(self):
        water = self.env["helpdesk.ticket.team"].create({"name": "Water"})
        case = self.file_case(team_id=water.id)
        self.assertFalse(self.seen_by(self.users["head"], case))
        water.parent_id = self.parks
        self.assertTrue(self.seen_by(self.users["head"], case))

    def test_what_has_no_department_is_the_front_desks(self):
        homeless = self.file_case(self.internal_service)
        desk = self.env["helpdesk.ticket.team"].create(
            {"name": "Desk", "user_ids": [Command.link(self.users["stranger"].id)]}
        )
        self.assertFalse(self.seen_by(self.users["stranger"], homeless))
        desk.is_front_desk = True
        self.assertTrue(self.seen_by(self.users["stranger"], homeless))
        self.assertFalse(self.seen_by(self.users["worker"], homeless))
        self.assertEqual(desk.todo_ticket_count, self.works.todo_ticket_count + 1)
        homeless.with_user(self.users["stranger"])._hand_over(self.lighting, "A lamp")
        self.assertEqual(self.seen_by(self.users["worker"], homeless), homeless)

    def test_a_shared_case_is_read_and_noted_on_not_written_or_answered(self):
        case = self.file_case()
        case.shared_team_ids = self.parks
        theirs = case.with_user(self.users["stranger"])
        self.env.invalidate_all()
        self.assertEqual(theirs.name, case.name)
        with self.assertRaises(AccessError):
            theirs.name = "Ours"
        with self.assertRaises(AccessError):
            theirs.message_post(body="Done", message_type="comment", subtype_xmlid="mail.mt_comment")
        with self.assertRaises(AccessError):
            theirs.message_post(body="Psst", partner_ids=self.citizen.ids)
        note = theirs.message_post(
            body="The tree stands too near", message_type="comment", subtype_xmlid="mail.mt_note"
        )
        self.assertEqual(note.author_id, self.users["stranger"].partner_id)
        self.assertFalse(self.public_messages(case))
        wizard = (
            self.env["civic.case.close"]
            .with_user(self.users["stranger"])
            .create({"case_ids": case.ids, "answer": "<p>Done</p>"})
        )
        with self.assertRaises(AccessError):
            wizard.action_close()

    def test_an_auditor_reads_and_leaves_no_note(self):
        case = self.file_case()
        case.shared_team_ids = self.parks
        with self.assertRaises(AccessError):
            case.with_user(self.users["auditor"]).message_post(body="x")

    def test_taking_back_what_was_shared_counts_at_once(self):
        case = self.file_case()
        case.shared_team_ids = self.parks
        self.assertTrue(self.seen_by(self.users["stranger"], case))
        follower = self.users["stranger"].partner_id
        case.message_subscribe(follower.ids)
        case.shared_team_ids = False
        self.assertFalse(self.seen_by(self.users["stranger"], case))
        self.assertNotIn(follower, case.message_partner_ids, "its notes are sent no longer")

    def test_a_case_filed_as_shared_is_so_at_once(self):
        case = self.file_case(shared_team_ids=[Command.link(self.parks.id)])
        self.assertTrue(case.is_shared)
        self.assertEqual(self.seen_by(self.users["stranger"], case), case)

    def test_what_hangs_on_a_case_is_hidden_with_it(self):
        """Neither by relation nor by its messages, to-dos and files does a case come out."""
        case = self.file_case(name="Anonymous letter")
        case.message_post(body="suspected fraud", attachments=[("proof.txt", b"secret")])
        case._plan_to_do(self.users["worker"], "Look into fraud")
        self.env.invalidate_all()
        user = self.users["stranger"]

        def count(model, domain):
            return self.env[model].with_user(user).search_count(domain)

        for model, domain in (
            ("helpdesk.ticket", [("message_ids.body", "ilike", "fraud")]),
            ("helpdesk.ticket", [("custody_ids.team_id", "=", self.lighting.id), ("id", "=", case.id)]),
            ("helpdesk.ticket.team", [("ticket_ids.name", "=", "Anonymous letter")]),
            ("res.partner", [("helpdesk_ticket_ids.name", "=", "Anonymous letter")]),
            ("civic.case.custody", [("case_id", "=", case.id)]),
            ("civic.case.custody.report", [("case_id", "=", case.id)]),
            ("mail.message", [("body", "ilike", "fraud")]),
            ("mail.activity", [("res_model", "=", "helpdesk.ticket"), ("res_id", "=", case.id)]),
            ("ir.attachment", [("res_model", "=", "helpdesk.ticket"), ("res_id", "=", case.id)]),
        ):
            with self.subTest(model=model, domain=domain):
                self.assertEqual(count(model, domain), 0)
        user = self.users["worker"]
        self.assertEqual(count("mail.message", [("body", "ilike", "fraud")]), 1)

    def test_a_workers_board_is_found_by_indexes(self):
        """Own and shared cases each by an index of their own, whatever the rest of the city has."""
        self.file_many(self.parks, 5000)
        self.file_many(self.lighting, 50)
        self.file_case(self.tree, shared_team_ids=[Command.link(self.lighting.id)])
        cases = self.env["helpdesk.ticket"].with_user(self.users["worker"])
        query = cases._search([("closed_date", "=", False)], order="promised_on, priority desc, id desc", limit=80)
        self.env.flush_all()
        self.env.cr.execute("ANALYZE helpdesk_ticket")
        plan = "\n".join(row[0] for row in self.env.execute_query(SQL("EXPLAIN %s", query.select())))
        self.assertIn("helpdesk_ticket_department_idx", plan)
        self.assertIn("helpdesk_ticket_shared_idx", plan)
        self.assertNotIn("Seq Scan on helpdesk_ticket ", plan)

    def file_many(self, team, count):
        """Copy a case *count* times into *team*, as rows."""
        case = self.file_case(team_id=team.id)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO helpdesk_ticket (name, number, description, team_id, stage_id, company_id, priority, active,
                                             filed_at, promised_on, kind, acknowledgement, confirmation, tracking_code)
                SELECT name, number, description, team_id, stage_id, company_id, priority, active,
                       filed_at, promised_on, kind, acknowledgement, confirmation, tracking_code || '/' || nth
                  FROM helpdesk_ticket, generate_series(1, %s) AS nth WHERE id = %s
                """,
                count,
                case.id,
            )
        )

    # responsible

    def test_nobody_is_responsible_for_what_they_do_not_see(self):
        case = self.file_case()
        for role in ("stranger", "employee", "auditor", "citizen"):
            with self.subTest(role=role), self.assertRaisesRegex(UserError, "cannot be responsible"):
                case.user_id = self.users[role]
        for role in ("worker", "head", "agent"):
            case.user_id = self.users[role]
        with self.assertRaises(UserError):
            self.file_case(user_id=self.users["stranger"].id)

    def test_a_department_a_case_is_shared_with_may_be_given_the_responsibility(self):
        case = self.file_case(shared_team_ids=[Command.link(self.parks.id)])
        case.user_id = self.users["stranger"]
        self.assertEqual(case.team_id, self.lighting)

    def test_assigning_somebody_does_not_move_the_case(self):
        """The base takes the first department of whoever is made responsible."""
        case = self.file_case(self.internal_service)
        case.user_id = self.users["agent"]
        self.users["agent"].helpdesk_team_ids = self.parks
        case.user_id = False
        case.user_id = self.users["agent"]
        self.assertFalse(case.team_id)

    def test_another_department_another_responsible(self):
        """Also for somebody who belongs to both."""
        self.parks.user_ids = [Command.link(self.users["worker"].id)]
        case = self.file_case(user_id=self.users["worker"].id)
        case.team_id = self.lighting
        self.assertEqual(case.user_id, self.users["worker"], "the same department changes nothing")
        case.team_id = self.parks
        self.assertFalse(case.user_id)

    def test_a_worker_takes_a_case(self):
        case = self.file_case()
        case.with_user(self.users["worker"]).assign_to_me()
        self.assertEqual(case.user_id, self.users["worker"])
        with self.assertRaises(AccessError):
            case.with_user(self.users["stranger"]).assign_to_me()

    # filters

    def test_filters_of_the_day(self):
        Case = self.env["helpdesk.ticket"]
        lamp = self.file_case(civic_zone_id=self.old_town.id)
        tree = self.file_case(self.tree, shared_team_ids=[Command.link(self.lighting.id)])
        user = self.users["worker"]
        user.civic_zone_ids = self.centre
        found = Case.with_user(user).search([("id", "in", (lamp | tree).ids)])
        self.assertEqual(found, lamp | tree)
        for domain, expected in (
            ([("is_of_my_departments", "=", True)], lamp),
            ([("is_of_my_departments", "=", False), ("is_shared", "=", True)], tree),
            ([("is_in_my_zones", "=", True)], lamp),
        ):
            with self.subTest(domain=domain):
                self.assertEqual(found.search([("id", "in", found.ids), *domain]), expected)
        self.assertEqual(found.filtered("is_in_my_zones"), lamp)

    def test_somebody_without_zones_looks_after_none(self):
        self.file_case(civic_zone_id=self.old_town.id)
        self.file_case()
        mine = self.env["helpdesk.ticket"].with_user(self.users["worker"]).search([("is_in_my_zones", "=", True)])
        self.assertFalse(mine)

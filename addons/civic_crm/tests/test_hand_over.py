# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import datetime, timedelta
from itertools import pairwise

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import CityCase


@tagged("post_install", "-at_install")
class TestHandOver(CityCase):
    """A case goes on with its thread and clock, and whoever had it is written down."""

    def hand_over(self, case, team, user="worker", **vals):
        wizard = (
            self.env["civic.case.hand.over"]
            .with_user(self.users[user])
            .create({"case_ids": case.ids, "team_id": team.id, "reason": "A tree, not a lamp", **vals})
        )
        return wizard.action_hand_over()

    def assert_trail(self, case, *expected):
        """Check departments and hours of the trail, and that it has no gap and no overlap."""
        self.env.invalidate_all()
        trail = case.custody_ids.sorted("id")
        self.assertEqual([link.team_id for link in trail], [team for team, _hours in expected])
        self.assertEqual([link.seconds / 3600 for link in trail], [hours for _team, hours in expected])
        self.assertEqual(trail[0].date_from, case.filed_at)
        for before, after in pairwise(trail):
            self.assertEqual(before.date_to, after.date_from)
        self.assertFalse(trail[-1].date_to)

    def test_thread_clock_and_promise_stay_the_responsible_goes(self):
        case = self.file_case(user_id=self.users["worker"].id)
        case._post_from_citizen("It fell on the lamp.")
        promised, code, stage = case.promised_on, case.tracking_code, case.stage_id
        self.hand_over(case, self.parks)
        self.assertEqual(case.team_id, self.parks)
        self.assertFalse(case.user_id)
        self.assertEqual((case.promised_on, case.tracking_code, case.stage_id), (promised, code, stage))
        self.assertTrue(self.public_messages(case))

    def test_who_had_it_how_long(self):
        case = self.file_case(filed_at="2026-03-02 08:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            self.hand_over(case, self.parks)
        with freeze_time("2026-03-03 10:00:00"):
            case.team_id = self.works  # by an automation, or anybody's write
        with freeze_time("2026-03-03 13:00:00"):
            self.assert_trail(case, (self.lighting, 2), (self.parks, 24), (self.works, 3))
            self.assertEqual(case.custody_ids.mapped("reason"), [False, "A tree, not a lamp", False])
            self.assertEqual(case.custody_ids[1].passed_by_id, self.users["worker"])
            self.assertEqual(case.custody_ids[1].held, "1 d 0 h")

    def test_the_clock_of_the_last_stops_when_the_case_ends(self):
        case = self.file_case(filed_at="2026-03-02 08:00:00")
        with freeze_time("2026-03-02 12:00:00"):
            case._withdraw()
        with freeze_time("2026-04-01 12:00:00"):
            self.assert_trail(case, (self.lighting, 4))

    def test_figures_of_time_per_department(self):
        case = self.file_case(filed_at=datetime.now() - timedelta(hours=6))
        self.hand_over(case, self.parks)
        rows = self.env["civic.case.custody.report"]._read_group(
            [("case_id", "=", case.id)], ["team_id", "is_hand_over"], ["hours:avg"]
        )
        self.assertEqual([row[:2] for row in rows], [(self.lighting, False), (self.parks, True)])
        self.assertAlmostEqual(rows[0][2], 6, delta=0.1)
        self.assertAlmostEqual(rows[1][2], 0, delta=0.1)

    def test_twice_in_the_same_second(self):
        case = self.file_case(filed_at="2026-03-02 08:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            case.team_id = self.parks
            case.team_id = self.works
            self.assert_trail(case, (self.lighting, 2), (self.parks, 0), (self.works, 0))

    def test_a_mixed_batch_moves_only_what_is_elsewhere(self):
        cases = self.file_case() | self.file_case(self.tree)
        cases.write({"team_id": self.parks.id, "priority": "3"})
        self.assertEqual(cases.mapped("priority"), ["3", "3"])
        self.assertEqual([len(case.custody_ids) for case in cases], [2, 1])

    def test_a_case_set_right_as_filed_earlier_was_in_hands_since_then(self):
        case = self.file_case(filed_at="2026-03-02 08:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            case.team_id = self.parks
            case.filed_at = "2026-03-02 07:00:00"
            self.assert_trail(case, (self.lighting, 3), (self.parks, 0))
            with self.assertRaises(ValidationError):
                case.filed_at = "2026-03-02 11:00:00"

    @mute_logger("odoo.sql_db")
    def test_the_trail_has_no_fork_gap_or_overlap(self):
        case = self.file_case(filed_at="2026-03-02 08:00:00")
        case.team_id = self.parks
        first, second = case.custody_ids.sorted("id")
        Custody = self.env["civic.case.custody"]
        link = {"case_id": case.id, "team_id": self.works.id, "date_from": "2026-03-02 09:00:00"}
        for what, vals in {
            "a second start": {**link, "date_to": "2026-03-02 10:00:00"},
            "a second holder": {**link, "previous_id": second.id},
            "a fork": {**link, "date_to": "2026-03-02 10:00:00", "previous_id": first.id},
        }.items():
            with self.subTest(what), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                Custody.create(vals)
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            first.date_to = first.date_from - timedelta(hours=1)
            self.env.flush_all()
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            second.date_from = first.date_to + timedelta(hours=1)

    def test_a_case_from_before_the_trail_was_kept_gets_one(self):
        case = self.file_case(filed_at="2026-03-02 08:00:00")
        case.custody_ids.unlink()
        self.env["civic.case.custody"]._begin_missing()
        with freeze_time("2026-03-02 10:00:00"):
            self.assert_trail(case, (self.lighting, 2))
            case.team_id = self.parks
            self.assert_trail(case, (self.lighting, 2), (self.parks, 0))

    def test_nobody_writes_the_trail(self):
        link = self.file_case().custody_ids
        for role in self.users:
            for operation in ("write", "create", "unlink"):
                with self.subTest(role=role, operation=operation):
                    self.assertFalse(link.with_user(self.users[role]).has_access(operation))

    def test_the_receiving_head_gets_a_to_do_or_the_case_waits_unassigned(self):
        self.parks.user_id = self.users["stranger"]
        case = self.file_case()
        self.hand_over(case, self.parks)
        to_do = case.activity_ids
        self.assertEqual(to_do.user_id, self.users["stranger"])
        self.assertIn("A tree, not a lamp", to_do.note)
        self.parks.tell_head = False
        other = self.file_case()
        self.hand_over(other, self.parks)
        self.assertFalse(other.activity_ids)
        self.assertFalse(other.user_id)

    def test_who_is_out_of_sight_is_sent_nothing_more(self):
        case = self.file_case()
        worker = self.users["worker"]
        case.message_subscribe(worker.partner_id.ids)
        case._plan_to_do(worker, "Call back")
        self.hand_over(case, self.parks)
        self.assertNotIn(worker.partner_id, case.message_partner_ids)
        self.assertFalse(case.activity_ids)
        self.env.invalidate_all()
        self.assertFalse(case.with_user(worker).has_access("read"))

    def test_the_old_department_may_go_on_reading(self):
        case = self.file_case()
        self.hand_over(case, self.parks, keep_reading=True)
        self.env.invalidate_all()
        self.assertTrue(case.with_user(self.users["worker"]).has_access("read"))
        self.assertFalse(case.with_user(self.users["worker"]).has_access("write"))

    def test_the_citizen_sees_which_department_has_it(self):
        case = self.file_case()
        self.write_down_changes()
        self.hand_over(case, self.parks)
        self.write_down_changes()
        story = case._get_public_timeline()
        self.assertEqual(story[0]["kind"], "department")
        self.assertEqual(story[0]["text"], "Parks")
        self.assertNotIn("A tree, not a lamp", str(story), "the reason is between departments")

    def test_a_new_service_goes_with_it(self):
        case = self.file_case()
        promised = case.promised_on
        self.hand_over(case, self.parks, category_id=self.tree.id, user_id=self.users["stranger"].id)
        self.assertEqual(case.category_id, self.tree)
        self.assertEqual(case.user_id, self.users["stranger"])
        self.assertEqual(case.promised_on, promised)

    def test_nonsense_is_refused_and_nothing_moves(self):
        case = self.file_case()
        closed = self.file_case()
        closed._withdraw()
        for what, cases, vals in (
            ("no reason", case, {"reason": "  "}),
            ("no department", case, {"team_id": False}),
            ("the same department", case, {"team_id": self.lighting.id}),
            ("a closed one among them", case | closed, {}),
            ("somebody of another department", case, {"user_id": self.users["worker"].id}),
        ):
            with self.subTest(what), self.assertRaises(UserError), self.env.cr.savepoint():
                self.hand_over(cases, self.parks, **vals)
            self.env.invalidate_all()
            self.assertEqual(case.team_id, self.lighting)

    def test_only_who_works_the_case_hands_it_over(self):
        case = self.file_case(shared_team_ids=[(4, self.parks.id)])
        for role in ("stranger", "auditor", "employee", "citizen"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.hand_over(case, self.works, user=role)
        with self.assertRaises(AccessError):
            case.with_user(self.users["stranger"])._hand_over(self.works, "x")

    def test_filing_a_hundred_with_their_trail_is_cheap(self):
        self.file_case()
        with self.assert_queries_at_most(160):
            cases = self.file_many()
        self.assertEqual(len(cases.custody_ids), 100)

    def test_handing_over_fifty_is_cheap(self):
        self.parks.user_id = self.users["stranger"]
        Case = self.env["helpdesk.ticket"].with_context(tracking_disable=True)
        cases = Case.create([{"name": "x", "description": "x", "category_id": self.street_light.id} for _ in range(50)])
        with self.assert_queries_at_most(120):
            cases.with_user(self.users["agent"]).with_context(tracking_disable=True)._hand_over(self.parks, "Trees")
        self.assertEqual(len(cases.custody_ids), 100)
        self.assertEqual(len(cases.activity_ids), 50)

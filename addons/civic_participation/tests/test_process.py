# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import ParticipationCase

STATES = {"draft", "announced", "open", "finished", "cancelled"}


@tagged("post_install", "-at_install")
class TestProcess(ParticipationCase):
    # ------------------------------------------------------------------
    # state
    # ------------------------------------------------------------------

    def _make_one_of_each(self):
        return {
            "draft": self.make_process((-1, 1), published=False),
            "announced": self.make_process((1, 2)),
            "open": self.make_process((-3, -2), (2, 3)),
            "finished": self.make_process((-3, -2), (-2, -1)),
            "cancelled": self.make_process((-1, 1), is_cancelled=True),
        }

    def test_the_state_follows_from_dates_and_decisions(self):
        for state, process in self._make_one_of_each().items():
            with self.subTest(state=state):
                self.assertEqual(process.state, state)

    def test_searching_by_state_finds_what_computing_says(self):
        processes = self._make_one_of_each()
        every = self.env["civic.process"].union(*processes.values())
        within = [("id", "in", every.ids)]
        Process = self.env["civic.process"]
        for state, process in processes.items():
            with self.subTest(state=state):
                self.assertEqual(Process.search([("state", "=", state), *within]), process)
                self.assertEqual(
                    Process.search([("state", "!=", state), *within], order="id"),
                    (every - process).sorted("id"),
                )
                others = list(STATES - {state})
                self.assertEqual(
                    Process.search([("state", "in", others), *within], order="id"),
                    (every - process).sorted("id"),
                )
        self.assertFalse(Process.search([("state", "=", False), *within]))

    def test_it_opens_and_closes_by_the_clock_alone(self):
        process = self.make_process((1, 2))
        phase = process.phase_ids
        Phase, Process = self.env["civic.process.phase"], self.env["civic.process"]
        for moment, state, is_open in (
            (phase.date_start - timedelta(seconds=1), "announced", False),
            (phase.date_start, "open", True),
            (phase.date_end - timedelta(seconds=1), "open", True),
            (phase.date_end, "finished", False),
        ):
            with self.subTest(moment=moment), freeze_time(moment):
                self.env.invalidate_all()
                self.assertEqual(process.state, state)
                self.assertIn(process, Process.search([("state", "=", state)]))
                self.assertEqual(phase.is_open, is_open)
                self.assertIn(phase, Phase.search([("is_open", "=", is_open)]))
                self.assertNotIn(phase, Phase.search([("is_open", "=", not is_open)]))

    def test_no_phase_is_open_in_a_draft_or_a_cancelled_process(self):
        for vals in ({"published": False}, {"is_cancelled": True}):
            with self.subTest(vals=vals):
                process = self.make_process((-1, 1), **vals)
                phase = process.phase_ids
                self.assertEqual(phase.state, "open")
                self.assertFalse(phase.is_open)
                self.assertFalse(process.current_phase)
                self.assertNotIn(phase, self.env["civic.process.phase"].search([("is_open", "=", True)]))

    def test_it_says_what_is_open_and_what_opens_next(self):
        process = self.make_process((-1, 1), (1, 2), (4, 5))
        self.assertEqual(process.current_phase, "A")
        self.assertEqual(process.next_opening, process.phase_ids[1].date_start)
        process = self.make_process((-1, 1), (-2, 2), phases_may_overlap=True)
        self.assertEqual(process.current_phase, "B, A")
        self.assertFalse(process.next_opening)
        draft = self.make_process((1, 2), published=False)
        self.assertFalse(draft.next_opening)

    def test_its_dates_are_those_of_its_phases(self):
        process = self.make_process((4, 5), (1, 2))
        first = process.phase_ids[1]
        self.assertEqual(process.date_start, first.date_start)
        self.assertEqual(process.date_end, process.phase_ids[0].date_end)
        first.date_start -= timedelta(days=9)
        self.assertEqual(process.date_start, first.date_start)
        self.assertFalse(self.make_process(published=False).date_start)

    # ------------------------------------------------------------------
    # what does not go together
    # ------------------------------------------------------------------

    def test_a_phase_closes_after_it_opens(self):
        for end in (1, 0):
            with self.subTest(end=end), self.assertRaisesRegex(ValidationError, "“A”"):
                self.make_process((1, end))
        process = self.make_process((1, 2))
        with self.assertRaisesRegex(ValidationError, "“A” closes before it opens"):
            process.phase_ids.date_end = process.date_start

    def test_phases_overlap_only_where_allowed(self):
        with self.assertRaisesRegex(ValidationError, "“B” opens before “A” closes"):
            self.make_process((1, 3), (2, 4))
        process = self.make_process((1, 3), (2, 4), phases_may_overlap=True)
        with self.assertRaises(ValidationError):
            process.phases_may_overlap = False
        apart = self.make_process((1, 3), (3, 4))
        with self.assertRaises(ValidationError):
            apart.phase_ids[1].date_start -= timedelta(hours=1)
        with self.assertRaises(ValidationError):
            apart.phase_ids.copy()

    def test_a_phase_moved_to_another_process_is_checked_there(self):
        phase = self.make_process((1, 3), (3, 4)).phase_ids[0]
        with self.assertRaises(ValidationError):
            phase.process_id = self.make_process((2, 4))

    def test_phases_written_together_may_move_past_each_other(self):
        process = self.make_process((1, 2), (2, 3))
        later = timedelta(days=1, hours=1)
        process.write(
            {
                "phase_ids": [
                    Command.update(
                        phase.id,
                        {
                            "date_start": phase.date_start + later,
                            "date_end": phase.date_end + later,
                        },
                    )
                    for phase in process.phase_ids
                ]
            }
        )
        with self.assertRaises(ValidationError):
            process.write(
                {
                    "phase_ids": [
                        Command.update(
                            process.phase_ids[0].id,
                            {"date_end": process.phase_ids[1].date_end},
                        )
                    ]
                }
            )

    def test_no_client_can_switch_the_check_off(self):
        phase = self.make_process((1, 2)).phase_ids
        for forged in (True, "WRITTEN_TOGETHER", 1):
            with self.subTest(forged=forged), self.assertRaises(ValidationError):
                phase.with_context(civic_phases=forged).date_end = phase.date_start

    def test_publishing_needs_a_phase(self):
        process = self.make_process(published=False)
        with self.assertRaisesRegex(ValidationError, "has no phase yet"):
            process.action_publish()
        process = self.make_process((1, 2))
        with self.assertRaises(UserError):
            process.phase_ids.unlink()
        with self.assertRaises(UserError):
            process.phase_ids = [Command.clear()]

    def test_two_processes_of_a_city_have_different_codes(self):
        self.make_process(code="PB26", published=False)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.make_process(code="PB26", published=False)

    # ------------------------------------------------------------------
    # what citizens have seen stays
    # ------------------------------------------------------------------

    def test_a_process_citizens_know_is_not_deleted(self):
        for vals in ({}, {"is_cancelled": True, "published": False}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.make_process((1, 2), **vals).unlink()
        draft = self.make_process((1, 2), published=False)
        phase = draft.phase_ids
        draft.unlink()
        self.assertFalse(draft.exists())
        self.assertFalse(phase.exists())

    def test_a_phase_that_has_begun_is_not_deleted(self):
        process = self.make_process((-3, -2), (-1, 1), (1, 2), (2, 3))
        over, running, upcoming, _last = process.phase_ids
        for phase in (over, running):
            with self.subTest(phase=phase.name), self.assertRaises(UserError):
                phase.unlink()
        upcoming.unlink()
        draft = self.make_process((-1, 1), published=False)
        draft.phase_ids.unlink()

    def test_only_what_has_not_begun_is_unpublished(self):
        announced = self.make_process((1, 2))
        announced.action_unpublish()
        self.assertEqual(announced.state, "draft")
        for days in ((-1, 1), (-2, -1)):
            with self.subTest(days=days), self.assertRaises(UserError):
                self.make_process(days).action_unpublish()

    def test_a_cancelled_process_may_go_on(self):
        process = self.make_process((-1, 1))
        process.action_cancel()
        self.assertEqual(process.state, "cancelled")
        process.action_resume()
        self.assertEqual(process.state, "open")

    def test_a_copy_is_a_draft_with_the_same_phases(self):
        process = self.make_process((-2, -1), (1, 2), code="PB26")
        process.is_cancelled = True
        copy = process.copy()
        self.assertEqual(copy.state, "draft")
        self.assertFalse(copy.code)
        self.assertEqual(copy.name, "Squares for people (copy)")
        self.assertEqual(copy.phase_ids.mapped("name"), ["A", "B"])
        self.assertEqual(process.copy({"name": "2027"}).name, "2027")

    # ------------------------------------------------------------------
    # form, public facts, cost
    # ------------------------------------------------------------------

    def test_an_officer_writes_a_process_in_the_form(self):
        now = fields.Datetime.now()
        Process = self.env["civic.process"].with_user(self.users["officer"])
        with Form(Process) as form:
            form.name = "Budget"
            form.kind_id = self.env.ref("civic_participation.kind_budget")
            form.team_id = self.works
            form.zone_ids.add(self.centre)
            with form.phase_ids.new() as line:
                line.name = "Proposals"
                line.kind = "proposals"
                line.date_start = now - timedelta(days=1)
                line.date_end = now + timedelta(days=1)
        process = form.record
        self.assertEqual(process.state, "draft")
        process.action_publish()
        self.assertEqual(process.current_phase, "Proposals")

    def test_changes_that_citizens_see_are_on_record(self):
        process = self.make_process((1, 2), published=False)
        self.flush_tracking()
        process.action_publish()
        process.phase_ids.date_end += timedelta(days=1)
        self.flush_tracking()
        tracked = process.message_ids.tracking_value_ids.field_id.mapped("name")
        self.assertLessEqual({"is_published", "date_end"}, set(tracked))

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def test_public_facts_are_these_and_no_more(self):
        process = self.make_process(
            (-1, 1),
            zone_ids=self.old_town.ids,
            team_id=self.works.id,
            user_ids=self.users["officer"].ids,
        )
        facts = process._get_public_summary()
        self.assertEqual(
            set(facts),
            {
                *("id", "code", "name", "purpose", "kind", "zones", "department", "state"),
                *("begins_at", "ends_at", "opens_next_at", "phases"),
            },
        )
        self.assertEqual(facts["zones"], ["Centre › Old Town"])
        self.assertEqual(
            set(facts["phases"][0]),
            {"id", "name", "kind", "text", "opens_at", "closes_at", "state", "open"},
        )
        self.assertTrue(facts["phases"][0]["open"])
        self.assertNotIn("Officer", str(facts))

    def test_a_draft_has_no_public_facts(self):
        with self.assertRaises(UserError):
            self.make_process((1, 2), published=False)._get_public_summary()

    def test_the_board_costs_the_same_for_one_process_and_for_forty(self):
        def read_board(processes):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            processes.read(["name", "state", "current_phase", "next_opening"])
            return self.env.cr.sql_log_count - before

        many = self.env["civic.process"].union(*(self.make_process((-1, 1), (1, 2)) for _i in range(40)))
        read_board(many[0])  # whatever is cached once
        self.assertEqual(read_board(many), read_board(many[0]))

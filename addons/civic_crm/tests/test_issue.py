# SPDX-License-Identifier: AGPL-3.0-or-later
import base64
import io

from PIL import Image

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import CityCase

POINT = {"latitude": 40.41681234, "longitude": -3.70381234}
#: What the database writes by itself, and the trail of the act.
NOT_FACTS = {"__last_update", "write_date", "write_uid", "issue_link_ids", "link_ids", "message_ids"}


@tagged("post_install", "-at_install")
class TestIssue(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Issue = cls.env["civic.issue"]
        cls.solved = cls.env.ref("civic_crm.outcome_solved")
        cls.duplicate = cls.env.ref("civic_crm.outcome_duplicate")
        cls.in_progress = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")

    def facts_of(self, *records):
        """Return every stored fact of *records*, to be compared later."""
        self.env.flush_all()
        self.env.invalidate_all()
        return [
            {
                name: record[name].ids if field.relational else record[name]
                for name, field in record._fields.items()
                if field.store and name not in NOT_FACTS
            }
            for record in records
        ]

    def close(self, case, outcome, user="worker"):
        wizard = self.env["civic.case.close"].with_user(self.users[user])
        wizard.create({"case_ids": case.ids, "outcome_id": outcome.id, "answer": "<p>x</p>"}).action_close()

    # what an issue is

    def test_gathering_keeps_each_case_and_makes_the_public_fact(self):
        first = self.file_case(place="Main Street 3", civic_zone_id=self.old_town.id, **POINT)
        second = self.file_case(partner=self.neighbour)
        before = [case.read(["name", "partner_id", "description", "stage_id"]) for case in first | second]
        issue = (first | second)._gather()
        self.assertEqual(
            [case.read(["name", "partner_id", "description", "stage_id"]) for case in first | second], before
        )
        self.assertEqual(issue.case_ids, first | second)
        self.assertRegex(issue.code, r"^I\d\d-\d{5}$")
        self.assertEqual(issue.category_id, self.street_light)
        self.assertEqual(issue.team_id, self.lighting)
        self.assertEqual(issue.civic_zone_id, self.old_town)
        self.assertEqual((issue.case_count, issue.supporter_count), (2, 2))
        self.assertEqual(issue.first_reported_at, first.filed_at)
        self.assertFalse(issue.is_published)

    def test_two_cases_of_one_citizen_are_one_person_affected(self):
        issue = (self.file_case() | self.file_case() | self.file_case(partner=self.neighbour))._gather()
        self.assertEqual((issue.case_count, issue.supporter_count), (3, 2))
        issue.sudo().me_too_count = 5
        self.assertEqual(issue.supporter_count, 7)

    def test_the_state_follows_the_cases(self):
        first, second = self.file_case(), self.file_case(partner=self.neighbour)
        issue = (first | second)._gather()
        self.assertEqual(issue.state, "open")
        second.stage_id = self.in_progress
        self.assertEqual(issue.state, "in_progress")
        self.close(second, self.duplicate)
        self.assertEqual(issue.state, "open")
        self.close(first, self.solved)
        self.assertEqual(issue.state, "solved")
        first.stage_id = self.in_progress
        self.assertEqual(issue.state, "in_progress")
        self.close(first, self.env.ref("civic_crm.outcome_planned"))
        self.assertEqual(issue.state, "closed")

    def test_a_state_set_by_hand_holds_until_a_case_moves(self):
        case = self.file_case()
        issue = (case | self.file_case())._gather()
        issue.with_user(self.users["worker"]).state = "in_progress"
        self.env.flush_all()
        self.assertEqual(issue.state, "in_progress")
        case._withdraw()
        self.assertEqual(issue.state, "open")

    def test_the_department_is_that_of_the_newest_open_case(self):
        first, second = self.file_case(filed_at="2026-03-01"), self.file_case(filed_at="2026-03-02")
        issue = (first | second)._gather()
        second.team_id = self.parks
        self.assertEqual(issue.team_id, self.parks)
        second._withdraw()
        self.assertEqual(issue.team_id, self.lighting)

    def test_an_archived_case_does_not_count(self):
        first, second = self.file_case(), self.file_case(partner=self.neighbour)
        issue = (first | second)._gather()
        second.active = False
        self.assertEqual(issue.case_count, 1)

    def test_the_point_is_no_more_exact_than_the_service_allows(self):
        for metres, digits in ((0, 5), (100, 3)):
            self.street_light.issue_precision = metres
            issue = (self.file_case(**POINT) | self.file_case())._gather()
            with self.subTest(metres=metres):
                self.assertAlmostEqual(issue.latitude, POINT["latitude"], delta=10**-digits)
                self.assertEqual(issue.latitude == round(POINT["latitude"], 7), metres == 0)
        issue.latitude = POINT["latitude"]
        self.assertNotEqual(issue.latitude, round(POINT["latitude"], 7))

    def test_a_point_off_the_earth_is_refused(self):
        with self.assertRaises(ValidationError):
            self.Issue.create({"category_id": self.street_light.id, "latitude": 91})

    def test_no_issue_and_no_link_is_deleted(self):
        issue = (self.file_case() | self.file_case())._gather()
        for record in (issue.link_ids, issue):
            with self.assertRaises(UserError):
                record.unlink()

    # what is public

    def test_the_public_reads_facts_and_no_citizens_words(self):
        case = self.file_case(
            name="Ana Pérez has no light",
            description="<p>Secret</p>",
            place="Main Street 3",
            civic_zone_id=self.old_town.id,
            **POINT,
        )
        issue = (case | self.file_case())._gather()
        summary = issue._get_public_summary()
        self.assertEqual(summary["title"], "Broken street light · Main Street 3")
        self.assertEqual(summary["department"], "Lighting")
        self.assertEqual(summary["zone"], "Centre › Old Town")
        self.assertEqual((summary["kind"], summary["state"]), ("open", "Not started"))
        for word in ("Ana", "Secret", "Citizen", case.tracking_code, case.number):
            self.assertNotIn(word, str(summary))
        self.assertTrue(
            all(
                isinstance(value, (str, int, float, type(None))) or hasattr(value, "year") for value in summary.values()
            )
        )

    def test_an_unlocated_issue_has_no_point(self):
        summary = (self.file_case() | self.file_case())._gather()._get_public_summary()
        self.assertIsNone(summary["latitude"])

    def test_a_service_that_publishes_by_itself_publishes_no_words(self):
        self.street_light.publish_issues = True
        case = self.file_case(place="at Ana Pérez's door", civic_zone_id=self.old_town.id)
        issue = case.issue_id
        self.assertTrue(issue.is_published)
        self.assertTrue(issue.published_at)
        self.assertFalse(issue.published_by_id)
        self.assertFalse(issue.place)
        self.assertEqual(issue._get_public_summary()["title"], "Broken street light · Old Town")
        self.assertEqual((issue.case_count, issue.state), (1, "open"))

    def test_only_notices_with_a_place_are_published_by_themselves(self):
        self.street_light.publish_issues = True
        self.assertFalse(self.file_case().issue_id)
        self.assertFalse(self.file_case(civic_zone_id=self.old_town.id, kind="complaint").issue_id)
        self.street_light.kind = "request"
        self.assertFalse(self.file_case(civic_zone_id=self.old_town.id).issue_id)

    def test_a_person_who_publishes_is_named_to_staff(self):
        issue = (self.file_case() | self.file_case())._gather()
        domain = self.Issue._get_published_domain()
        self.assertNotIn(issue, self.Issue.search(domain))
        issue.with_user(self.users["worker"]).action_publish()
        self.assertEqual(issue.published_by_id, self.users["worker"])
        self.assertIn(issue, self.Issue.search(domain))
        issue.with_user(self.users["worker"]).action_unpublish()
        self.assertNotIn(issue, self.Issue.search(domain))

    def test_the_photo_carries_no_place_and_is_a_photo(self):
        issue = (self.file_case() | self.file_case())._gather()
        exif = Image.Exif()
        exif[0x010F] = "SECRET MAKER"
        raw = io.BytesIO()
        Image.new("RGB", (8, 8)).save(raw, "JPEG", exif=exif)
        self.assertIn(b"SECRET MAKER", raw.getvalue())
        issue.photo = base64.b64encode(raw.getvalue())
        self.assertNotIn(b"SECRET MAKER", base64.b64decode(issue.photo))
        for rubbish in (base64.b64encode(b"<svg/>"), b"%%%"):
            with self.assertRaises(ValidationError):
                issue.photo = rubbish

    # linking and undoing

    def test_link_and_undo_is_as_if_nothing_had_been(self):
        first, second, third = self.file_case(**POINT), self.file_case(partner=self.neighbour), self.file_case()
        old = (second | third)._gather()
        old.write({"name": "Dark street", "is_published": True})
        before = self.facts_of(first, second, third, old)
        (first | second)._gather(old)
        self.assertNotEqual(self.facts_of(first, second, third, old), before)
        first.issue_link_ids[:1].with_user(self.users["worker"]).action_undo()
        self.assertEqual(self.facts_of(first, second, third, old), before)

    def test_undoing_the_first_link_of_two_leaves_no_issue(self):
        cases = self.file_case(), self.file_case(partner=self.neighbour)
        before = self.facts_of(*cases)
        issue = (cases[0] | cases[1])._gather()
        issue.link_ids[:1]._undo()
        self.assertEqual(self.facts_of(*cases), before)
        self.assertFalse(issue.active)
        self.assertTrue(all(issue.link_ids.mapped("undone_at")))

    def test_undoing_one_of_three_leaves_the_other_two_together(self):
        a, b, c = self.file_case(), self.file_case(), self.file_case()
        issue = (a | b | c)._gather()
        b.issue_link_ids._undo()
        self.assertEqual(issue.case_ids, a | c)
        self.assertFalse(b.issue_id)
        self.assertTrue(issue.active)

    def test_an_issue_emptied_by_gathering_comes_back_with_its_case(self):
        self.street_light.publish_issues = True
        a, b = (self.file_case(civic_zone_id=self.old_town.id) for _i in range(2))
        kept, emptied = a.issue_id, b.issue_id
        before = self.facts_of(a, b, kept, emptied)
        self.assertEqual((a | b)._gather(), kept)
        self.assertFalse(emptied.active)
        b.issue_link_ids._undo()
        self.assertEqual(self.facts_of(a, b, kept, emptied), before)

    def test_links_are_undone_the_last_first_and_once(self):
        a, b, c = self.file_case(), self.file_case(), self.file_case()
        first = (a | b)._gather().link_ids
        other = (c | self.file_case())._gather()
        (a | c)._gather(other)
        with self.assertRaises(UserError):
            first.filtered(lambda link: link.case_id == a)._undo()
        latest = a.issue_link_ids[:1]
        latest._undo()
        with self.assertRaises(UserError):
            latest._undo()

    def test_undoing_reopens_what_was_closed_as_a_duplicate(self):
        first, second = self.file_case(), self.file_case()
        second.stage_id = self.in_progress
        (first | second)._gather()
        self.close(second, self.duplicate)
        second.issue_link_ids._undo()
        self.assertEqual(second.stage_id, self.in_progress)
        self.assertFalse(second.closed_date)
        self.assertFalse(second.outcome_id)
        self.assertFalse(second.reopen_count, "nobody was told that it was solved: no figure counts it")
        self.assertEqual(second.deadline_ids.mapped("outcome"), [False])

    def test_a_duplicate_is_closed_only_when_linked_to_another(self):
        first, second = self.file_case(), self.file_case()
        with self.assertRaises(UserError):
            self.close(second, self.duplicate)
        self.street_light.publish_issues = True
        alone = self.file_case(civic_zone_id=self.old_town.id)
        with self.assertRaises(UserError):
            self.close(alone, self.duplicate)
        (first | second)._gather()
        self.close(second, self.duplicate)
        self.assertEqual(second.outcome_id, self.duplicate)

    def test_a_case_is_linked_by_the_button_only(self):
        case = self.file_case()
        issue = (self.file_case() | self.file_case())._gather()
        for role in ("worker", "admin"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                case.with_user(self.users[role]).issue_id = issue
        with self.assertRaises(AccessError):
            issue.with_user(self.users["admin"]).write({"case_ids": [(4, case.id)]})

    def test_gathering_takes_the_right_to_write_each_case(self):
        mine, theirs = self.file_case(), self.file_case(self.tree)
        Wizard = self.env["civic.issue.gather"]
        with self.assertRaises(AccessError):
            Wizard.with_user(self.users["worker"]).create({"case_ids": (mine | theirs).ids}).action_gather()
        with self.assertRaises(UserError):
            Wizard.with_user(self.users["worker"]).create({"case_ids": mine.ids}).action_gather()
        action = Wizard.with_user(self.users["head"]).create({"case_ids": (mine | theirs).ids}).action_gather()
        self.assertEqual(self.Issue.browse(action["res_id"]).case_ids, mine | theirs)

    def test_undoing_takes_the_right_to_write_the_case(self):
        link = (self.file_case() | self.file_case())._gather().link_ids[:1]
        for role in ("auditor", "stranger", "employee", "citizen"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                link.with_user(self.users[role]).action_undo()

    def test_a_case_without_service_asks_for_it(self):
        cases = self.file_case(category_id=False) | self.file_case(category_id=False)
        with self.assertRaises(UserError):
            cases._gather()

    # closing all at once

    def test_everybody_gets_an_answer_of_their_own_in_their_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.neighbour.lang = "es_ES"
        self.solved.with_context(lang="es_ES").answer = "Ya está hecho."
        first, second = self.file_case(), self.file_case(partner=self.neighbour)
        (first | second)._subscribe_requester_of_new()
        issue = (first | second)._gather()
        form = Form(
            self.env["civic.issue.close"].with_user(self.users["worker"]).with_context(default_issue_id=issue.id)
        )
        form.outcome_id = self.solved
        wizard = form.save()
        self.assertEqual(wizard.answer_ids.mapped("lang"), ["en_US", "es_ES"])
        wizard.action_close_all()
        self.assertEqual(issue.state, "solved")
        for case, words, citizen in ((first, "It is done.", self.citizen), (second, "Ya está hecho.", self.neighbour)):
            message = self.public_messages(case)
            self.assertIn(words, message.body)
            self.assertEqual(message.notified_partner_ids, citizen)

    def test_no_language_is_left_without_an_answer(self):
        issue = (self.file_case() | self.file_case())._gather()
        wizard = self.env["civic.issue.close"].create({"issue_id": issue.id, "outcome_id": self.solved.id})
        wizard.answer_ids.answer = "<p><br></p>"
        with self.assertRaises(UserError):
            wizard.action_close_all()
        self.assertEqual(issue.state, "open")

    def test_cases_of_others_stay_open_and_are_counted(self):
        mine, theirs = self.file_case(), self.file_case(self.tree)
        issue = (mine | theirs)._gather()
        Wizard = self.env["civic.issue.close"].with_user(self.users["worker"])
        issue.sudo().team_id = self.lighting
        wizard = Wizard.create({"issue_id": issue.id, "outcome_id": self.solved.id})
        self.assertEqual((wizard.case_count, wizard.out_of_reach_count), (1, 1))
        wizard.action_close_all()
        self.assertTrue(mine.closed_date)
        self.assertFalse(theirs.closed_date)

    # cost and access

    def test_publishing_by_itself_costs_a_batch_few_queries(self):
        self.file_case(civic_zone_id=self.old_town.id)
        vals = {
            "name": "A",
            "description": "x",
            "category_id": self.street_light.id,
            "channel_id": self.web.id,
            "partner_id": self.citizen.id,
            "civic_zone_id": self.old_town.id,
        }
        Case = self.env["helpdesk.ticket"].with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        costs = []
        for publish in (False, True):
            self.street_light.publish_issues = publish
            Case.create(dict(vals))
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            Case.create([dict(vals) for _i in range(100)])
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[1] - costs[0], 12, f"{costs} queries without and with issues")

    def test_who_may_do_what(self):
        issue = (self.file_case() | self.file_case())._gather()
        roles = {"worker": "rwc", "head": "rwc", "agent": "rwc", "manager": "rwc", "admin": "rwc", "auditor": "r"}
        vals = {"category_id": self.street_light.id, "team_id": self.lighting.id}
        self.assert_matrix(issue, roles, create_vals=vals)
        self.assert_matrix(issue.link_ids, dict.fromkeys(roles, "r"))
        issue.is_published = True
        self.assert_matrix(issue, roles | {"stranger": "r"})

    def test_the_dialogues_are_staffs(self):
        allowed = ("worker", "head", "agent", "manager", "admin", "stranger")
        for model in ("civic.issue.gather", "civic.issue.close", "civic.issue.close.answer"):
            for role, user in self.users.items():
                with self.subTest(model=model, role=role):
                    self.assertEqual(self.env[model].with_user(user).has_access("create"), role in allowed)

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CityCase

STAFF = ("agent", "worker", "head", "manager", "admin", "auditor", "stranger", "employee")
READ = dict.fromkeys(STAFF, "r")


@tagged("post_install", "-at_install")
class TestAccess(CityCase):
    def test_a_lighting_case(self):
        """The department and those above it, the front desk, the auditor, the citizen."""
        vals = {"name": "A", "description": "x", "team_id": self.lighting.id}
        self.assert_matrix(
            self.file_case(),
            {
                "worker": "rwc",
                "head": "rwc",
                "agent": "rwc",
                "manager": "rwc",
                "admin": "rwcu",
                "auditor": "r",
            },
            create_vals=vals,
        )

    def test_a_head_sees_the_departments_below_a_worker_only_the_own(self):
        in_parks = self.file_case(self.tree)
        in_works = self.file_case(self.tree, team_id=self.works.id)
        homeless = self.file_case(self.internal_service)
        self.assertFalse(homeless.team_id)
        cases = in_parks | in_works | homeless

        def seen_by(role):
            self.env.invalidate_all()
            return self.env["helpdesk.ticket"].with_user(self.users[role]).search([("id", "in", cases.ids)])

        self.assertEqual(seen_by("head"), in_parks | in_works)
        self.assertFalse(seen_by("worker"))
        self.assertEqual(seen_by("agent"), cases)
        self.assertEqual(seen_by("auditor"), cases)

    def test_zones_and_outcomes(self):
        everybody = READ | {"admin": "rwcu"}
        self.assert_matrix(self.centre, everybody)
        self.assert_matrix(self.env.ref("civic_crm.outcome_solved"), everybody)

    def test_population_of_zones(self):
        everybody = READ | {"admin": "rwcu"}
        self.assert_matrix(
            self.env["civic.zone.population"].create(
                {"zone_id": self.centre.id, "sex": "female", "age_from": 0, "count": 9}
            ),
            everybody,
        )

    def test_only_the_administrator_imports_zones_and_population(self):
        for model in ("civic.zone.import", "civic.zone.import.line", "civic.zone.population.import"):
            for role, user in self.users.items():
                with self.subTest(model=model, role=role):
                    self.assertEqual(self.env[model].with_user(user).has_access("create"), role == "admin")

    def test_services(self):
        staff = {"admin": "rwcu"}
        outside = dict.fromkeys(("citizen", "neighbour", "public"), "r")
        self.assert_matrix(self.street_light, READ | staff | outside)
        self.assert_matrix(self.internal_service, READ | staff)

    def test_stages_are_nobodys_to_write_but_the_administrators(self):
        stage = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new")
        for role in self.users:
            with self.subTest(role=role):
                self.env.invalidate_all()
                self.assertEqual(stage.with_user(self.users[role]).has_access("write"), role == "admin")

    def test_the_closing_wizard(self):
        allowed = ("worker", "head", "agent", "manager", "admin", "stranger")
        for role, user in self.users.items():
            with self.subTest(role=role):
                may = self.env["civic.case.close"].with_user(user).has_access("create")
                self.assertEqual(may, role in allowed)

    def test_a_citizen_finds_out_nothing_of_the_own_case_by_searching(self):
        """Whoever may search cases may search them by what staff noted on them."""
        case = self.file_case(user_id=self.users["worker"].id, priority="3")
        case.message_post(body="suspected fraud", subtype_xmlid="mail.mt_note")
        mine = self.env["helpdesk.ticket"].with_user(self.users["citizen"])
        for domain in (
            [("id", "=", case.id)],
            [("message_ids.body", "like", "fraud")],
            [("priority", "=", "3")],
        ):
            with self.subTest(domain=domain), self.assertRaises(AccessError):
                mine.search_count(domain)

    def test_only_who_may_write_a_case_writes_to_its_citizen(self):
        case = self.file_case()
        for role in ("auditor", "stranger", "employee", "citizen", "neighbour"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                case.with_user(self.users[role]).message_post(
                    body="x", message_type="comment", subtype_xmlid="mail.mt_comment"
                )
        self.assertFalse(self.public_messages(case))

    def test_nobody_speaks_for_another(self):
        case = self.file_case()
        message = case.with_user(self.users["worker"]).message_post(
            body="I agree",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.citizen.id,
            email_from="citizen@home.test",
        )
        self.assertEqual(message.author_id, self.users["worker"].partner_id)

    def test_the_correspondence_is_not_tampered_with(self):
        case = self.file_case()
        case._post_from_citizen("It is dark.")
        message = self.public_messages(case).with_user(self.users["worker"])
        for tamper in (
            lambda: message.write({"body": "It is bright."}),
            lambda: message.write({"date": "2020-01-01"}),
            lambda: message.unlink(),
            lambda: message.create({"model": case._name, "res_id": case.id, "author_id": self.citizen.id}),
        ):
            with self.assertRaises(AccessError):
                tamper()
        with self.assertRaises(UserError):
            case.with_user(self.users["worker"])._message_update_content(message, body="x")
        self.assertIn("It is dark.", message.body)

    def test_following_a_case_gives_a_colleague_no_right_to_read_it(self):
        """A case is read by the departments it is shared with, not by whoever once was mentioned on it."""
        case = self.file_case()
        case.message_subscribe(self.users["stranger"].partner_id.ids)
        self.env.invalidate_all()
        self.assertFalse(case.with_user(self.users["stranger"]).has_access("read"))

    def test_staff_who_ask_the_city_for_something_do_not_read_the_notes_on_it(self):
        case = self.file_case(partner=self.users["stranger"].partner_id)
        self.env.invalidate_all()
        self.assertFalse(case.with_user(self.users["stranger"]).has_access("read"))

    def test_facts_given_once_are_not_set_by_hand(self):
        case = self.file_case().with_user(self.users["worker"])
        for field, value in (
            ("tracking_code", "AAAA-AAAA-AAAA"),
            ("number", "1999/1"),
            ("acknowledgement", "sent"),
            ("closed_date", "2020-01-01"),
        ):
            with self.subTest(field=field), self.assertRaises(AccessError):
                case.write({field: value})

    def test_no_case_is_read_through_another(self):
        hidden = self.file_case(self.tree)
        mine = self.file_case().with_user(self.users["worker"])
        with self.assertRaises(AccessError):
            mine.duplicate_id = hidden.id

    def test_following_a_case_gives_an_outsider_no_right_to_read_it(self):
        case = self.file_case()
        case.message_subscribe(self.neighbour.ids)
        self.env.invalidate_all()
        self.assertFalse(case.with_user(self.users["neighbour"]).has_access("read"))

    def test_people_of_one_household_do_not_read_each_others_cases(self):
        household = self.env["res.partner"].create({"name": "Home", "is_company": True})
        (self.citizen | self.neighbour).is_citizen = False  # citizens are refused a household
        (self.citizen | self.neighbour).parent_id = household
        case = self.file_case()
        self.env.invalidate_all()
        self.assertFalse(case.with_user(self.users["neighbour"]).has_access("read"))

    def test_no_public_method_lets_a_portal_user_file_or_close(self):
        case = self.file_case().with_user(self.users["citizen"])
        with self.assertRaises(AccessError):
            case.create({"name": "A", "description": "x"})
        with self.assertRaises(AccessError):
            case.write({"name": "B"})

# SPDX-License-Identifier: AGPL-3.0-or-later
import psycopg2

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import CityCase

IN_OLD_TOWN = {"latitude": 41, "longitude": 1}
IN_CENTRE = {"latitude": 43, "longitude": 1}
IN_CITY = {"latitude": 41, "longitude": 3}
OUTSIDE = {"latitude": 50, "longitude": 1}


@tagged("post_install", "-at_install")
class TestCaseZone(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draw_zones()

    def assert_zone(self, case, zone, source, outside=False):
        self.assertEqual((case.civic_zone_id, case.zone_source, case.is_outside_city), (zone, source, outside))

    def test_a_case_has_the_zone_of_its_point(self):
        self.assert_zone(self.file_case(**IN_OLD_TOWN), self.old_town, "point")
        self.assert_zone(self.file_case(**IN_CITY), self.whole_city, "point")

    def test_a_case_that_a_channel_files_has_the_zone_of_its_point(self):
        case = self.env["helpdesk.ticket"]._file_case(
            self.street_light, "Dark.", channel=self.web, email="a@home.test", **IN_OLD_TOWN
        )
        self.assert_zone(case, self.old_town, "point")

    def test_a_point_outside_the_city_is_flagged_and_no_zone_guessed(self):
        case = self.file_case(**OUTSIDE)
        self.assert_zone(case, self.centre.browse(), "unknown", outside=True)
        found = self.env["helpdesk.ticket"].search([("is_outside_city", "=", True), ("id", "=", case.id)])
        self.assertEqual(found, case)

    def test_without_a_point_nothing_is_known(self):
        self.assert_zone(self.file_case(), self.centre.browse(), "unknown")
        self.assert_zone(self.file_case(latitude=0, longitude=0), self.centre.browse(), "unknown")

    def test_a_zone_that_somebody_chose_stays(self):
        case = self.file_case(civic_zone_id=self.old_town.id, **IN_CITY)
        self.assert_zone(case, self.old_town, "given")
        self.assertEqual(case.point_zone_id, self.whole_city, "staff sees that the point lies elsewhere")
        case.write(OUTSIDE)
        self.assert_zone(case, self.old_town, "given", outside=True)

    def test_the_zone_follows_a_point_that_moves(self):
        case = self.file_case(**IN_OLD_TOWN)
        case.write(IN_CENTRE)
        self.assert_zone(case, self.centre, "point")
        case.latitude = 50
        self.assert_zone(case, self.centre.browse(), "unknown", outside=True)
        case.write(IN_OLD_TOWN)
        self.assert_zone(case, self.old_town, "point")
        case.write({"latitude": 0, "longitude": 0})
        self.assert_zone(case, self.centre.browse(), "unknown")

    def test_staff_sets_the_zone_right_and_back(self):
        case = self.file_case(**IN_OLD_TOWN).with_user(self.users["worker"])
        case.civic_zone_id = self.centre
        self.assert_zone(case, self.centre, "given")
        case.write(IN_CITY)
        self.assert_zone(case, self.centre, "given")
        case.civic_zone_id = False
        self.assert_zone(case, self.whole_city, "point")

    def test_cases_of_one_write_have_each_their_own_zone(self):
        moved = self.file_case(**IN_CITY)
        chosen = self.file_case(civic_zone_id=self.old_town.id)
        (moved | chosen).write(IN_CENTRE)
        self.assert_zone(moved, self.centre, "point")
        self.assert_zone(chosen, self.old_town, "given")

    def test_the_form_shows_the_zone_as_soon_as_the_point_is_placed(self):
        view = "civic_crm.helpdesk_ticket_view_form"
        with Form(self.env["helpdesk.ticket"].with_user(self.users["agent"]), view=view) as form:
            form.name = "Dark"
            form.description = "x"
            form.category_id = self.street_light
            form.channel_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone")
            form.latitude, form.longitude = 41, 1
            self.assertEqual(form.civic_zone_id, self.old_town)
        case = form.save()
        self.assert_zone(case, self.old_town, "point")

    def test_without_boundaries_no_point_is_outside(self):
        (self.whole_city | self.centre | self.old_town).write({"boundary": False})
        self.assert_zone(self.file_case(**OUTSIDE), self.centre.browse(), "unknown")

    def test_cases_filed_before_the_boundaries_get_their_zones(self):
        boundaries = {zone: zone.boundary for zone in self.whole_city | self.centre | self.old_town}
        (self.whole_city | self.centre | self.old_town).write({"boundary": False})
        early = self.file_case(**IN_OLD_TOWN)
        outside = self.file_case(**OUTSIDE)
        chosen = self.file_case(civic_zone_id=self.centre.id, **IN_OLD_TOWN)
        for zone, boundary in boundaries.items():
            zone.boundary = boundary
        Zone = self.env["civic.zone"]
        for role in ("agent", "worker", "auditor", "citizen"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                Zone.with_user(self.users[role]).action_locate_cases()
        Zone.with_user(self.users["admin"]).action_locate_cases()
        self.assert_zone(early, self.old_town, "point")
        self.assert_zone(outside, self.centre.browse(), "unknown", outside=True)
        self.assert_zone(chosen, self.centre, "given")

    def test_a_worker_finds_the_cases_of_the_own_zones(self):
        worker = self.users["worker"]
        self.env["civic.service.route"].create({"zone_id": self.centre.id, "user_ids": worker.ids})
        mine = self.file_case(**IN_OLD_TOWN)
        other = self.file_case(**IN_CITY)
        Case = self.env["helpdesk.ticket"].with_user(worker)
        both = [("id", "in", (mine | other).ids)]
        self.assertEqual(Case.search([*both, ("is_in_my_zones", "=", True)]), mine)
        self.assertEqual(Case.search([*both, ("is_in_my_zones", "=", False)]), other)
        self.assertEqual((mine | other).with_user(worker).mapped("is_in_my_zones"), [True, False])

    def test_impossible_coordinates_are_refused(self):
        case = self.file_case(**IN_CITY)
        for vals in (
            {"latitude": 91, "longitude": 0},
            {"latitude": 0, "longitude": -181},
            {"latitude": float("nan"), "longitude": 1},
            {"latitude": float("inf"), "longitude": 1},
        ):
            with self.subTest(vals=vals):
                with self.assertRaisesRegex(ValidationError, "no place on earth"):
                    self.file_case(**vals)
                with self.assertRaisesRegex(ValidationError, "no place on earth"):
                    case.write(vals)
        with self.assertRaisesRegex(ValidationError, "Give both"):
            self.file_case(latitude=41)
        self.assertEqual((case.latitude, case.longitude), (41, 3))

    @mute_logger("odoo.sql_db")
    def test_the_database_has_no_impossible_point_either(self):
        case = self.file_case(**IN_CITY)
        with self.assertRaises(psycopg2.errors.CheckViolation), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE helpdesk_ticket SET latitude = 91 WHERE id = %s", [case.id])

    def test_the_zone_of_a_point_decides_the_crew(self):
        self.env["civic.service.route"].create({"zone_id": self.old_town.id, "team_id": self.parks.id})
        self.assertEqual(self.file_case(**IN_OLD_TOWN).team_id, self.parks)
        self.assertEqual(self.file_case(**IN_CITY).team_id, self.lighting)

    def test_zones_and_crews_cost_a_batch_no_query_of_its_own(self):
        """A hundred cases with points cost what a hundred cost that say all that themselves."""
        worker = self.users["worker"]
        said = {"civic_zone_id": self.old_town.id, "team_id": self.lighting.id, "user_id": worker.id}
        self.env["civic.service.route"].create(
            {"zone_id": self.old_town.id, "team_id": self.lighting.id, "user_ids": worker.ids}
        )
        known = [self._case_vals(**said) for _i in range(100)]
        placed = [self._case_vals(latitude=41 + i / 1000, longitude=1) for i in range(100)]
        self._count_queries(known)
        self._count_queries(placed)  # the settings are in memory now
        cost = self._count_queries(known)
        self.assertLessEqual(self._count_queries(placed), cost + 4)
        cases = self.env["helpdesk.ticket"].search([("latitude", ">", 0), ("name", "=", "Case")])
        self.assertEqual((cases.civic_zone_id, cases.user_id, len(cases)), (self.old_town, worker, 200))

    def _count_queries(self, vals_list):
        Case = self.env["helpdesk.ticket"].with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        Case.create(vals_list)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _case_vals(self, **more):
        return {
            "name": "Case",
            "description": "x",
            "category_id": self.street_light.id,
            "channel_id": self.web.id,
            "partner_id": self.citizen.id,
            **more,
        }

    def test_moving_a_hundred_points_costs_few_queries(self):
        cases = self.env["helpdesk.ticket"].with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        cases = cases.create([self._case_vals(**IN_CITY) for _i in range(100)])
        cases.read(["display_name"])
        with self.assert_queries_at_most(12):
            cases.write(IN_CENTRE)
        self.assertEqual(cases.civic_zone_id, self.centre)

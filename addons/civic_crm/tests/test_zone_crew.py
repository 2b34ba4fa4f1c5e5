# SPDX-License-Identifier: AGPL-3.0-or-later
import psycopg2

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CityCase


@tagged("post_install", "-at_install")
class TestZoneCrew(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Service = cls.env["helpdesk.ticket.category"]
        cls.lamp_post = Service.create({"name": "Lamp post", "parent_id": cls.street_light.id})
        cls.new_town = cls.env["civic.zone"].create({"name": "New Town", "parent_id": cls.centre.id})

    def crew(self, zone, service=None, **vals):
        return self.env["civic.zone.crew"].create({"zone_id": zone.id, "service_id": service and service.id, **vals})

    def crew_of(self, service, zone):
        return self.env["helpdesk.ticket"]._get_crew(service, zone)

    def test_the_nearest_zone_counts_first_in_it_the_nearest_service(self):
        self.crew(self.whole_city, team_id=self.works.id)
        self.crew(self.centre, self.street_light, team_id=self.lighting.id)
        self.crew(self.old_town, team_id=self.parks.id)
        for service, zone, team in (
            (self.tree, self.centre, self.works),
            (self.street_light, self.centre, self.lighting),
            (self.lamp_post, self.new_town, self.lighting),
            (self.lamp_post, self.old_town, self.parks),
            (self.tree.browse(), self.new_town, self.works),
            (self.tree, self.centre.browse(), self.works.browse()),
        ):
            with self.subTest(service=service.name, zone=zone.name):
                self.assertEqual(self.crew_of(service, zone).team_id or self.works.browse().id, team.id)
        self.crew(self.centre, self.lamp_post, team_id=self.works.id)
        self.assertEqual(self.crew_of(self.lamp_post, self.new_town).team_id, self.works.id)

    def test_without_crews_nobody_is_named(self):
        self.assertEqual(tuple(self.crew_of(self.tree, self.centre)), (False, False))

    def test_an_archived_department_or_person_looks_after_nothing(self):
        self.crew(self.centre, team_id=self.lighting.id, user_id=self.users["worker"].id)
        self.lighting.active = False
        self.users["worker"].active = False
        self.assertEqual(tuple(self.crew_of(self.tree, self.centre)), (False, False))

    def test_a_new_case_goes_to_the_crew_of_its_zone(self):
        self.crew(self.old_town, self.street_light, team_id=self.parks.id, user_id=self.users["stranger"].id)
        case = self.file_case(civic_zone_id=self.old_town.id)
        self.assertEqual((case.team_id, case.user_id), (self.parks, self.users["stranger"]))
        self.assertTrue(case.assigned_date)
        elsewhere = self.file_case(civic_zone_id=self.new_town.id)
        self.assertEqual(elsewhere.team_id, self.lighting)
        self.assertFalse(elsewhere.user_id)

    def test_whoever_names_department_or_person_is_obeyed(self):
        self.crew(self.old_town, team_id=self.parks.id, user_id=self.users["stranger"].id)
        case = self.file_case(civic_zone_id=self.old_town.id, team_id=self.works.id)
        self.assertEqual(case.team_id, self.works)
        self.assertFalse(case.user_id, "the crew's person is not of that department")
        mine = self.file_case(civic_zone_id=self.old_town.id, user_id=self.users["head"].id)
        self.assertEqual(mine.user_id, self.users["head"])

    def test_a_person_of_the_services_own_department(self):
        self.crew(self.old_town, user_id=self.users["worker"].id)
        self.assertEqual(self.file_case(civic_zone_id=self.old_town.id).user_id, self.users["worker"])
        self.assertFalse(self.file_case(self.tree, civic_zone_id=self.old_town.id).user_id)

    def test_a_person_who_would_not_see_the_cases_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "Worker is no member of Parks"):
            self.crew(self.centre, team_id=self.parks.id, user_id=self.users["worker"].id)
        with self.assertRaises(ValidationError):
            self.crew(self.centre, self.tree, user_id=self.users["worker"].id)

    @mute_logger("odoo.sql_db")
    def test_a_crew_is_somebody_and_there_is_one(self):
        with self.assertRaises(psycopg2.errors.CheckViolation), self.env.cr.savepoint():
            self.crew(self.centre)
        self.crew(self.centre, team_id=self.parks.id)
        with self.assertRaises(psycopg2.errors.UniqueViolation), self.env.cr.savepoint():
            self.crew(self.centre, team_id=self.works.id)

    def test_crews_cost_no_query_once_known(self):
        self.crew(self.centre, self.street_light, team_id=self.lighting.id)
        self.crew_of(self.tree, self.old_town)
        with self.assert_queries_at_most(0):
            for _time in range(50):
                self.env["civic.zone.crew"]._get_crew(self.lamp_post.id, self.old_town.id)

# SPDX-License-Identifier: AGPL-3.0-or-later
import psycopg2

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CityCase


class PlaceCase(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Service = cls.env["helpdesk.ticket.category"]
        cls.lamp_post = Service.create({"name": "Lamp post", "parent_id": cls.street_light.id})
        cls.new_town = cls.env["civic.zone"].create({"name": "New Town", "parent_id": cls.centre.id})

    def say(self, zone, service=None, team=None, people=()):
        return self.env["civic.service.route"].create(
            {
                "zone_id": zone.id,
                "service_id": service and service.id,
                "team_id": team and team.id,
                "user_ids": [self.users[role].id for role in people],
            }
        )

    def answers(self, service, zone):
        return service._get_department(zone)


@tagged("post_install", "-at_install")
class TestServiceRoute(PlaceCase):
    def test_the_nearest_place_counts_first_in_it_the_nearest_service(self):
        self.say(self.whole_city, team=self.works)
        self.say(self.centre, self.street_light, self.lighting)
        self.say(self.old_town, team=self.parks)
        nowhere = self.env["civic.zone"]
        for service, zone, team in (
            (self.tree, self.centre, self.works),
            (self.tree, nowhere, self.parks),
            (self.street_light, self.centre, self.lighting),
            (self.lamp_post, self.new_town, self.lighting),
            (self.lamp_post, self.old_town, self.parks),
        ):
            with self.subTest(service=service.name, zone=zone.name):
                self.assertEqual(self.answers(service, zone), team)
        self.say(self.centre, self.lamp_post, self.works)
        self.assertEqual(self.answers(self.lamp_post, self.new_town), self.works)

    def test_a_case_without_service_goes_to_who_has_the_zone(self):
        self.say(self.old_town, team=self.parks)
        case = self.env["helpdesk.ticket"].create({"name": "A", "description": "x", "civic_zone_id": self.old_town.id})
        self.assertEqual(case.team_id, self.parks)

    def test_an_archived_department_or_person_looks_after_nothing(self):
        self.say(self.old_town, team=self.parks, people=["stranger"])
        self.users["stranger"].active = False
        case = self.file_case(civic_zone_id=self.old_town.id)
        self.assertFalse(case.user_id)
        case._hand_over(self.works, "Parks is no more")
        self.parks.active = False
        self.assertEqual(self.answers(self.street_light, self.old_town), self.lighting)

    def test_a_new_case_goes_to_the_people_of_its_zone(self):
        self.say(self.old_town, self.street_light, self.parks, ["stranger"])
        case = self.file_case(civic_zone_id=self.old_town.id)
        self.assertEqual((case.team_id, case.user_id), (self.parks, self.users["stranger"]))
        self.assertTrue(case.assigned_date)
        self.assertIn(case.user_id.partner_id, case.message_partner_ids)
        elsewhere = self.file_case(civic_zone_id=self.new_town.id)
        self.assertEqual(elsewhere.team_id, self.lighting)
        self.assertFalse(elsewhere.user_id)

    def test_who_is_away_is_passed_over(self):
        self.say(self.old_town, people=["worker"])
        self.users["worker"].takes_cases = False
        self.assertFalse(self.file_case(civic_zone_id=self.old_town.id).user_id)

    def test_several_share_what_comes(self):
        colleague = self.users["colleague"] = new_test_user(
            self.env, "t_colleague", groups="civic_crm.group_worker", helpdesk_team_ids=[Command.set(self.lighting.ids)]
        )
        self.say(self.old_town, people=["worker", "colleague"])
        cases = [self.file_case(civic_zone_id=self.old_town.id) for _i in range(4)]
        self.assertEqual([case.user_id for case in cases].count(colleague), 2)

    def test_the_form_shows_who_will_answer(self):
        self.say(self.old_town, team=self.parks)
        with Form(self.env["helpdesk.ticket"].with_user(self.users["agent"])) as form:
            form.name = "Dark"
            form.description = "x"
            form.channel_id = self.web
            form.category_id = self.lamp_post
            form.civic_zone_id = self.old_town
            self.assertEqual(form.team_id, self.parks)

    def test_whoever_names_department_or_person_is_obeyed(self):
        self.say(self.old_town, team=self.parks, people=["stranger"])
        case = self.file_case(civic_zone_id=self.old_town.id, team_id=self.works.id)
        self.assertEqual(case.team_id, self.works)
        self.assertFalse(case.user_id, "the person is not of that department")
        mine = self.file_case(civic_zone_id=self.old_town.id, team_id=self.works.id, user_id=self.users["head"].id)
        self.assertEqual(mine.user_id, self.users["head"])

    def test_a_person_of_the_services_own_department(self):
        self.say(self.old_town, people=["worker"])
        self.assertEqual(self.file_case(civic_zone_id=self.old_town.id).user_id, self.users["worker"])
        self.assertFalse(self.file_case(self.tree, civic_zone_id=self.old_town.id).user_id)

    def test_a_person_who_would_not_see_the_cases_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "Worker is no member of Parks"):
            self.say(self.centre, team=self.parks, people=["worker"])
        with self.assertRaises(ValidationError):
            self.say(self.centre, self.tree, people=["worker"])

    @mute_logger("odoo.sql_db")
    def test_a_line_names_somebody_and_there_is_one(self):
        with self.assertRaisesRegex(ValidationError, "Name the department or the people"), self.env.cr.savepoint():
            self.say(self.centre)
        self.say(self.centre, team=self.parks)
        with self.assertRaises(psycopg2.errors.UniqueViolation), self.env.cr.savepoint():
            self.say(self.centre, team=self.works)

    def test_the_zones_of_a_person_are_those_of_the_lines(self):
        worker = self.users["worker"]
        line = self.say(self.old_town, self.street_light, people=["worker"])
        self.assertEqual(worker.civic_zone_ids, self.old_town)
        worker.civic_zone_ids = self.centre
        self.assertFalse(line.exists(), "it named nobody else")
        self.assertEqual(worker.civic_route_ids.zone_id, self.centre)
        self.assertEqual(self.file_case(civic_zone_id=self.old_town.id).user_id, worker)

    def test_asking_costs_no_query_once_known(self):
        self.say(self.centre, self.street_light, self.lighting, ["worker"])
        self.lamp_post._find_department_id(self.old_town.id, self.city.id)
        with self.assert_queries_at_most(0):
            for _time in range(50):
                self.lamp_post._find_department_id(self.old_town.id, self.city.id)
                self.lamp_post._find_people(self.old_town.id)


@tagged("post_install", "-at_install")
class TestServicePlace(PlaceCase):
    """One screen: each service in each zone, who answers, which line says so; and it is written there."""

    def place(self, service, zone, role="admin"):
        self.env.flush_all()
        self.env.invalidate_all()
        Place = self.env["civic.service.place"].with_user(self.users[role])
        return Place.search([("service_id", "=", service and service.id), ("zone_id", "=", zone and zone.id)])

    def test_every_service_in_every_zone_has_an_answer_and_its_reason(self):
        self.say(self.centre, team=self.works)
        self.say(self.old_town, self.street_light, self.parks)
        for service, zone, team, source in (
            (self.street_light, self.old_town, self.parks, "said here"),
            (self.lamp_post, self.old_town, self.parks, "said for “Broken street light” in Old Town"),
            (self.lamp_post, self.new_town, self.works, "said for all services in Centre"),
            (self.lamp_post, None, self.lighting, "of the heading “Broken street light”"),
            (self.street_light, None, self.lighting, "said here"),
            (self.tree, self.whole_city, self.parks, "the service's own"),
            (None, self.new_town, self.works, "said for all services in Centre"),
            (None, self.whole_city, self.env["helpdesk.ticket.team"], "each service's own"),
            (self.internal_service, None, self.env["helpdesk.ticket.team"], "the front desk, as nothing else is said"),
        ):
            with self.subTest(service=service and service.name, zone=zone and zone.name):
                place = self.place(service, zone)
                self.assertEqual((place.team_id, place.source), (team, source))

    def test_who_takes_it_in_words(self):
        self.say(self.old_town, people=["worker"])
        self.assertEqual(self.place(self.street_light, self.old_town).taken_by, "Worker")
        self.assertIn("Nobody", self.place(self.street_light, self.new_town).taken_by)
        self.lighting.assign_method = "round_robin"
        self.assertEqual(self.place(self.street_light, self.new_town).taken_by, "In turn")

    def test_what_is_written_in_a_row_holds_from_then_on(self):
        place = self.place(self.street_light, self.old_town)
        place.said_team_id = self.parks
        self.assertEqual((place.team_id, place.source, place.is_said), (self.parks, "said here", True))
        self.assertEqual(self.file_case(civic_zone_id=self.old_town.id).team_id, self.parks)
        place.said_user_ids = self.users["stranger"]
        self.assertEqual(self.file_case(civic_zone_id=self.old_town.id).user_id, self.users["stranger"])
        place.write({"said_team_id": False, "said_user_ids": False})
        self.assertEqual(place.team_id, self.lighting)
        self.assertFalse(self.street_light.route_ids, "a line that names nobody is gone")

    def test_everywhere_is_the_services_own_department(self):
        place = self.place(self.street_light, None)
        place.said_team_id = self.parks
        self.assertEqual(self.street_light.team_id, self.parks)
        with self.assertRaisesRegex(UserError, "look after a zone"):
            place.said_user_ids = self.users["stranger"]

    def test_a_row_for_all_says_so(self):
        self.assertEqual(self.place(None, self.centre).service_name, "All services")
        self.assertEqual(self.place(self.tree, None).zone_name, "Everywhere")

    def test_rows_are_found_by_who_answers(self):
        self.say(self.centre, self.tree, self.works)
        found = self.env["civic.service.place"].search([("team_id", "=", self.works.id)])
        self.assertEqual(found.service_id, self.tree)
        self.assertEqual(found.zone_id, self.centre | self.old_town | self.new_town)

    def test_who_has_the_catalogue_writes_it_others_read(self):
        manager = self.users["service_manager"] = new_test_user(
            self.env, "t_catalogue", groups="civic_crm.group_service_manager"
        )
        self.place(self.street_light, self.old_town, "service_manager").said_team_id = self.parks
        self.assertTrue(manager)
        theirs = self.place(self.street_light, self.old_town, "worker")
        self.assertEqual(theirs.team_id, self.parks)
        with self.assertRaises(AccessError):
            theirs.said_team_id = self.works

    def test_a_page_of_answers_costs_few_queries(self):
        self.say(self.centre, team=self.works, people=["head"])
        Place = self.env["civic.service.place"].with_user(self.users["admin"])
        specification = {
            name: {"fields": {"display_name": {}}} if Place._fields[name].relational else {}
            for name in ("service_id", "zone_id", "said_team_id", "said_user_ids", "team_id", "source", "taken_by")
        }
        Place.web_search_read([], specification, limit=80)
        with self.assert_queries_at_most(20):
            Place.web_search_read([], specification, limit=80)

    def try_it(self, role="agent", **vals):
        form = Form(self.env["civic.route.try"].with_user(self.users[role]))
        for name, value in vals.items():
            form[name] = value
        return form

    def test_trying_says_who_would_get_it_and_why_and_files_nothing(self):
        self.draw_zones()
        self.say(self.old_town, self.street_light, self.parks, ["stranger"])
        before = self.env["helpdesk.ticket"].search_count([])
        form = self.try_it(service_id=self.lamp_post, latitude=41, longitude=1)
        self.assertEqual(
            (form.zone_id, form.team_id, form.user_id), (self.old_town, self.parks, self.users["stranger"])
        )
        self.assertEqual(form.team_source, "said for “Broken street light” in Old Town")
        form.latitude = 10
        self.assertTrue(form.is_outside_city)
        self.assertEqual((form.team_id, form.user_id), (self.lighting, self.env["res.users"]))
        form = self.try_it(service_id=self.street_light, zone_id=self.old_town)
        self.assertEqual(form.team_id, self.parks)
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), before)

    def test_trying_agrees_with_filing(self):
        self.say(self.centre, people=["worker"])
        self.lighting.assign_method = "least_loaded"
        for zone in (self.old_town, self.whole_city):
            form = self.try_it(service_id=self.street_light, zone_id=zone)
            told = (form.team_id, form.user_id)
            case = self.file_case(civic_zone_id=zone.id)
            self.assertEqual((case.team_id, case.user_id), told)

# SPDX-License-Identifier: AGPL-3.0-or-later
import psycopg2

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CityCase
from .test_access import READ

OUTSIDE = dict.fromkeys(("citizen", "neighbour", "public"), "r")


@tagged("post_install", "-at_install")
class TestServices(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Service = cls.env["helpdesk.ticket.category"]
        cls.streets = cls.Service.create({"name": "Streets", "team_id": cls.works.id})
        cls.pothole = cls.Service.create({"name": "Pothole", "parent_id": cls.streets.id})

    # the tree ---------------------------------------------------------

    def test_a_service_with_others_below_it_is_a_heading(self):
        self.assertTrue(self.streets.is_heading)
        self.assertFalse(self.pothole.is_heading)
        self.pothole.active = False
        self.assertTrue(self.streets.is_heading, "its archived services do not make it one")
        self.pothole.parent_id = False
        self.assertFalse(self.streets.is_heading)

    def test_nothing_is_filed_under_a_heading(self):
        worker = self.env["helpdesk.ticket"].with_user(self.users["agent"])
        with self.assertRaises(ValidationError) as refusal:
            worker.create({"name": "A", "description": "x", "category_id": self.streets.id})
        self.assertIn("Streets", str(refusal.exception))
        with self.assertRaises(ValidationError):
            self.file_case().with_user(self.users["worker"]).category_id = self.streets

    def test_no_service_is_part_of_itself(self):
        for service in (self.streets, self.pothole):
            with self.subTest(service=service.name), self.assertRaises(ValidationError) as refusal:
                self.streets.parent_id = service
            self.assertIn("cannot be a part of itself", str(refusal.exception))
        self.assertFalse(self.streets.parent_id)

    def test_a_heading_of_another_organisation_is_refused(self):
        other = self.env["res.company"].create({"name": "Next Town"})
        with self.assertRaises(ValidationError):
            self.Service.create({"name": "Bus", "parent_id": self.streets.id, "company_id": other.id})

    @mute_logger("odoo.sql_db")
    def test_a_code_names_one_service(self):
        for company in (self.city.id, False):
            with self.subTest(company=company), self.assertRaises(psycopg2.errors.UniqueViolation):
                self.Service.create({"name": "A", "service_code": "X-1", "company_id": company})
                self.Service.create({"name": "B", "service_code": "X-1", "company_id": company})

    def test_a_service_with_cases_is_archived_not_deleted(self):
        self.file_case(self.pothole).active = False
        with self.assertRaises(UserError):
            self.pothole.unlink()
        with self.assertRaises(UserError):
            self.streets.unlink()

    def test_a_service_is_found_by_the_words_people_use(self):
        self.pothole.write({"keywords": "hole, asphalt", "description": "A hole in the road"})
        for word in ("potho", "asphalt", "in the road", "streets"):
            with self.subTest(word=word):
                found = [service_id for service_id, _name in self.Service.name_search(word)]
                self.assertIn(self.pothole.id, found)

    # who answers ------------------------------------------------------

    def route(self, service, zone, team):
        self.env["civic.service.route"].create({"service_id": service.id, "zone_id": zone.id, "team_id": team.id})

    def test_the_department_of_the_smallest_zone_answers(self):
        self.route(self.street_light, self.centre, self.parks)
        for zone, department in (
            (self.old_town, self.parks),  # it lies in the centre
            (self.centre, self.parks),
            (self.whole_city, self.lighting),
            (self.env["civic.zone"], self.lighting),
        ):
            with self.subTest(zone=zone.name):
                self.assertEqual(self.file_case(civic_zone_id=zone.id).team_id, department)
        self.route(self.street_light, self.old_town, self.works)
        self.assertEqual(self.file_case(civic_zone_id=self.old_town.id).team_id, self.works)

    def test_the_heading_answers_for_a_service_that_does_not_say(self):
        self.assertEqual(self.file_case(self.pothole).team_id, self.works)
        self.route(self.streets, self.centre, self.parks)
        self.assertEqual(self.file_case(self.pothole, civic_zone_id=self.old_town.id).team_id, self.parks)
        self.pothole.team_id = self.lighting
        self.assertEqual(self.file_case(self.pothole).team_id, self.lighting)
        self.assertEqual(
            self.file_case(self.pothole, civic_zone_id=self.old_town.id).team_id, self.parks, "the place comes first"
        )

    def test_nobodys_service_goes_to_the_front_desk(self):
        self.assertFalse(self.file_case(self.internal_service).team_id, "this city has none")
        desk = self.env["helpdesk.ticket.team"].create({"name": "Desk", "is_front_desk": True})
        case = self.file_case(self.internal_service)
        self.assertEqual(case.team_id, desk)
        case.team_id = self.works
        desk.active = False
        self.assertFalse(self.file_case(self.internal_service).team_id)

    def test_an_archived_department_answers_nothing(self):
        self.route(self.street_light, self.centre, self.parks)
        self.parks.active = False
        self.assertEqual(self.file_case(civic_zone_id=self.old_town.id).team_id, self.lighting)

    def test_a_zone_that_moves_takes_its_cases_along(self):
        self.route(self.street_light, self.centre, self.parks)
        harbour = self.env["civic.zone"].create({"name": "Harbour", "kind": "district"})
        self.assertEqual(self.file_case(civic_zone_id=self.old_town.id).team_id, self.parks)
        self.old_town.parent_id = harbour
        self.assertEqual(self.file_case(civic_zone_id=self.old_town.id).team_id, self.lighting)

    def test_whoever_files_may_name_the_department(self):
        self.assertEqual(self.file_case(team_id=self.parks.id).team_id, self.parks)
        self.assertEqual(self.file_case(team_id=False).team_id, self.lighting, "an empty box names none")

    @mute_logger("odoo.sql_db")
    def test_one_department_a_zone(self):
        self.route(self.street_light, self.centre, self.parks)
        with self.assertRaises(psycopg2.errors.UniqueViolation):
            self.route(self.street_light, self.centre, self.works)

    def test_routing_a_batch_costs_no_query_a_case(self):
        self.route(self.street_light, self.centre, self.parks)
        zones = self.old_town | self.centre | self.whole_city

        def ask(count):
            for i in range(count):
                self.street_light._get_department(zones[i % 3])

        ask(3)
        with self.assert_queries_at_most(1):  # the service's company
            ask(300)

    def test_a_new_case_has_the_services_priority(self):
        self.street_light.default_priority = "3"
        self.assertEqual(self.file_case().priority, "3")
        self.assertEqual(self.file_case(priority="0").priority, "0")

    def test_the_form_shows_who_will_answer(self):
        self.route(self.street_light, self.centre, self.parks)
        self.street_light.default_priority = "2"
        with Form(self.env["helpdesk.ticket"].with_user(self.users["agent"])) as form:
            form.name = "Dark"
            form.description = "x"
            form.category_id = self.street_light
            form.channel_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone")
            self.assertEqual(form.team_id, self.lighting)
            self.assertEqual(form.priority, "2")
            form.civic_zone_id = self.old_town
            self.assertEqual(form.team_id, self.parks)

    # canned answers ---------------------------------------------------

    def canned(self, name, **vals):
        return self.env["civic.canned.answer"].create({"name": name, "body": f"<p>{name}.</p>", **vals})

    def test_canned_answers_are_those_of_the_service_and_for_all(self):
        solved, rejected = self.env.ref("civic_crm.outcome_solved"), self.env.ref("civic_crm.outcome_rejected")
        for_all = self.canned("Thanks")
        ours = self.canned("Lamp changed", service_ids=self.street_light.ids, outcome_id=solved.id)
        streets = self.canned("Works soon", service_ids=self.streets.ids)
        lamp, hole = self.file_case(), self.file_case(self.pothole)
        offered = self.env["civic.canned.answer"]._get_offered
        mine = for_all | ours | streets
        for cases, outcome, expected in (
            (lamp, solved, for_all | ours),
            (lamp, rejected, for_all),
            (lamp, None, for_all),
            (hole, solved, for_all | streets),
            (lamp | hole, solved, for_all),
        ):
            with self.subTest(cases=cases, outcome=outcome):
                self.assertEqual(offered(cases, outcome) & mine, expected)

    def test_a_canned_answer_fills_the_answer_in_the_citizens_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        canned = self.canned("Lamp changed", service_ids=self.street_light.ids)
        canned.with_context(lang="es_ES").body = "<p>Hemos cambiado la lámpara.</p>"
        self.citizen.lang = "es_ES"
        case = self.file_case()
        worker = self.env(user=self.users["worker"])
        close = Form(worker["civic.case.close"].with_context(default_case_ids=case.ids))
        close.canned_answer_id = canned
        self.assertIn("Hemos cambiado la lámpara.", close.answer)
        close.canned_answer_id = self.env["civic.canned.answer"]
        self.assertNotIn("lámpara", close.answer or "")
        composer = Form(
            worker["mail.compose.message"].with_context(default_model="helpdesk.ticket", default_res_ids=case.ids)
        )
        composer.civic_canned_answer_id = canned
        self.assertIn("Hemos cambiado la lámpara.", composer.body)

    # rights -----------------------------------------------------------

    def test_the_service_manager_writes_the_catalogue_and_others_read_it(self):
        manager = new_test_user(self.env, "t_catalogue", groups="civic_crm.group_service_manager")
        users = dict(self.users, catalogue=manager)
        question = self.env["civic.service.question"].create(
            {
                "service_id": self.pothole.id,
                "label": "How deep?",
                "datatype": "singlevaluelist",
                "option_ids": [Command.create({"name": "A hand"})],
            }
        )
        route = self.env["civic.service.route"].create(
            {"service_id": self.pothole.id, "zone_id": self.centre.id, "team_id": self.parks.id}
        )
        writers = READ | {"admin": "rwcu", "catalogue": "rwcu"}
        self.users = users
        for records, expected in (
            (self.pothole, writers | OUTSIDE),
            (self.internal_service, writers),
            (question, writers),
            (question.option_ids, writers),
            (route, writers),
            (self.canned("Thanks"), writers),
        ):
            with self.subTest(model=records._name):
                self.assert_matrix(records, expected)

    def test_the_service_manager_composes_a_service(self):
        manager = new_test_user(self.env, "t_catalogue", groups="civic_crm.group_service_manager")
        with Form(self.Service.with_user(manager)) as form:
            form.name = "Bench"
            form.parent_id = self.streets
            form.team_id = self.parks
            with form.question_ids.new() as question:
                question.label = "What is wrong?"
                question.datatype = "singlevaluelist"
                question.option_lines = "Broken\nMissing"
                question.required = True
            with form.route_ids.new() as route:
                route.zone_id = self.centre
                route.team_id = self.works
        [spec] = form.record._get_questions()
        self.assertEqual((spec.code, [o.key for o in spec.options]), ("what_is_wrong", ["broken", "missing"]))
        self.assertIn("What is wrong?", form.record.preview)
        self.assertEqual(form.record._get_department(self.old_town), self.works)

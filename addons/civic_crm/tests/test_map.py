# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Date
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import CityCase

CITY = [0, 40, 4, 44]


@freeze_time("2026-03-10 09:00:00")
@tagged("post_install", "-at_install")
class TestMap(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draw_zones()
        cls.late = cls.file_case(latitude=41, longitude=1, promised_on="2026-03-09")
        cls.soon = cls.file_case(latitude=41.5, longitude=1, promised_on="2026-03-12")
        cls.calm = cls.file_case(latitude=43, longitude=3, promised_on="2026-03-13")
        cls.free = cls.file_case(cls.tree, latitude=43, longitude=3.5)
        outcome = cls.env.ref("civic_crm.outcome_solved")
        cls.done = cls.file_case(
            latitude=40.5, longitude=1, promised_on="2026-03-01", outcome_id=outcome.id, stage_id=outcome.stage_id.id
        )
        cls.placeless = cls.file_case()
        cls.cases = cls.late | cls.soon | cls.calm | cls.free | cls.done | cls.placeless

    def read_map(self, box=None, user="agent", **options):
        model = self.env["helpdesk.ticket"].with_user(self.users[user])
        return model.read_map([("id", "in", self.cases.ids)], box, **options)

    def test_each_case_has_the_state_of_its_clock(self):
        states = {row[0]: row[3] for row in self.read_map(CITY)["points"]}
        expected = {
            self.late.id: "overdue",
            self.soon.id: "soon",
            self.calm.id: "ok",
            self.free.id: "ok",
            self.done.id: "closed",
        }
        self.assertEqual(states, expected)
        self.assertEqual({item["id"]: item["state"] for item in self.read_map(CITY)["items"]}, expected)

    def test_the_law_and_the_hour_count_as_the_promise_does(self):
        by_law, by_the_hour = self.free, self.calm
        self.env.cr.execute("UPDATE helpdesk_ticket SET legal_due_on = '2026-03-09' WHERE id = %s", [by_law.id])
        clock = by_the_hour.deadline_ids.filtered(lambda clock: clock.purpose == "promise")
        by_the_hour.promised_on = "2026-03-10"
        clock.due_at = "2026-03-10 08:59:00"
        self.env.flush_all()
        self.env.invalidate_all()
        answer = self.read_map(CITY)
        for states in ({row[0]: row[3] for row in answer["points"]}, {i["id"]: i["state"] for i in answer["items"]}):
            self.assertEqual((states[by_law.id], states[by_the_hour.id]), ("overdue", "overdue"))

    def test_the_list_has_the_most_urgent_first(self):
        items = self.read_map(CITY)["items"]
        order = [self.late, self.soon, self.calm, self.free, self.done]
        self.assertEqual([item["id"] for item in items], [case.id for case in order])
        self.assertEqual(items[0]["title"], self.late.name)
        self.assertIn(self.late.number, items[0]["lines"][0])
        self.assertIn("Broken street light", items[0]["lines"][0])
        self.assertIn("promised for", items[0]["lines"][1])

    def test_only_what_lies_in_the_part_that_is_seen(self):
        answer = self.read_map([0, 40, 2, 42])
        self.assertEqual({row[0] for row in answer["points"]}, set((self.late | self.soon | self.done).ids))
        self.assertEqual(answer["count"], 3)
        self.assertEqual(self.read_map([10, 10, 11, 11])["count"], 0)

    def test_cases_without_a_point_are_counted_and_not_drawn(self):
        answer = self.read_map(None, with_totals=True)
        self.assertEqual((answer["count"], answer["unplaced"]), (5, 1))
        self.assertEqual(answer["extent"], [1, 40.5, 3.5, 43])

    def test_too_many_cases_are_counted_by_the_database(self):
        self.patch(type(self.env["helpdesk.ticket"]), "MAP_POINTS", 4)
        self.patch(type(self.env["helpdesk.ticket"]), "MAP_LISTED", 2)
        answer = self.read_map(CITY)
        self.assertFalse(answer["points"])
        self.assertEqual(sum(cluster[2] for cluster in answer["clusters"]), 5)
        self.assertEqual(sum(cluster[3]["overdue"] for cluster in answer["clusters"]), 1)
        self.assertEqual(len(answer["items"]), 2)
        at = {tuple(cluster[:2]) for cluster in answer["clusters"]}
        self.assertIn((41, 1), at)
        self.assertEqual(len(self.read_map([0, 40, 2, 42])["points"]), 3, "nearer there are few enough to draw")

    def test_the_map_shows_what_the_user_may_read(self):
        self.assertEqual(
            {row[0] for row in self.read_map(CITY, "worker")["points"]},
            set(self.cases.ids) - {self.free.id, self.placeless.id},
        )
        self.assertEqual({row[0] for row in self.read_map(CITY, "stranger")["points"]}, {self.free.id})
        self.assertEqual(self.read_map(CITY, "auditor")["count"], 5)
        for role in ("citizen", "neighbour", "public"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.read_map(CITY, role)
        model = self.env["helpdesk.ticket"]
        with self.assertRaises(AccessError):
            model.with_user(self.users["stranger"]).read_map_item(self.late.id)
        with self.assertRaises(AccessError):
            model.with_user(self.users["citizen"]).read_map_item(self.late.id)
        self.assertEqual(model.with_user(self.users["worker"]).read_map_item(self.late.id)["title"], self.late.name)

    def test_what_is_no_box_is_refused(self):
        for box in ([1, 2, 3], "abc", [None] * 4, ["a", 1, 2, 3], 7):
            with self.subTest(box=box), self.assertRaises(UserError):
                self.read_map(box)

    def test_reading_the_map_costs_few_queries_however_many_cases(self):
        self.read_map(CITY)
        self.cases |= self.env["helpdesk.ticket"].create(
            [
                {
                    "name": "A",
                    "description": "x",
                    "category_id": self.street_light.id,
                    "latitude": 41,
                    "longitude": 1 + i / 1000,
                }
                for i in range(100)
            ]
        )
        with self.assert_queries_at_most(20):
            self.assertEqual(self.read_map(CITY, with_totals=True)["count"], 105)

    @mute_logger("odoo.addons.base.models.ir_ui_view")
    def test_a_map_has_no_fields_in_its_architecture(self):
        View = self.env["ir.ui.view"]
        view = View.create({"name": "m", "model": "helpdesk.ticket", "arch": "<civic_map string='Map'/>"})
        self.assertEqual(view.type, "civic_map")
        for arch in ("<civic_map><field name='name'/></civic_map>", "<civic_map tiles='x'/>"):
            with self.subTest(arch=arch), self.assertRaises(ValidationError):
                View.create({"name": "m", "model": "helpdesk.ticket", "arch": arch})

    def test_today_is_the_citys(self):
        self.assertEqual(self.env["helpdesk.ticket"]._get_city_today(), Date.to_date("2026-03-10"))

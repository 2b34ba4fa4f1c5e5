# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an older database held is there after the update, in today's words."""

from odoo import Command
from odoo.modules.migration import load_script
from odoo.modules.module import get_module_path
from odoo.tests import tagged
from odoo.tools.sql import table_exists

from .common import CityCase


@tagged("post_install", "-at_install")
class TestMigrations(CityCase):
    def migrate(self, version, script):
        self.env.flush_all()
        path = f"{get_module_path('civic_crm')}/migrations/{version}/{script}.py"
        load_script(path, f"civic_crm_{script.replace('-', '_')}").migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    def test_crews_and_own_zones_become_lines_of_who_answers_where(self):
        worker, head = self.users["worker"], self.users["head"]
        Route = self.env["civic.service.route"]
        kept = Route.create(
            {"zone_id": self.centre.id, "service_id": self.street_light.id, "team_id": self.lighting.id}
        )
        self.env.cr.execute(
            """
            CREATE TABLE civic_zone_crew (zone_id int, service_id int, team_id int, user_id int);
            CREATE TABLE civic_user_zone_rel (zone_id int, user_id int);
            INSERT INTO civic_zone_crew VALUES (%(centre)s, %(light)s, %(parks)s, NULL),
                                               (%(old)s, NULL, NULL, %(worker)s);
            INSERT INTO civic_user_zone_rel VALUES (%(old)s, %(head)s), (%(city)s, %(head)s)
            """,
            {
                "centre": self.centre.id,
                "old": self.old_town.id,
                "city": self.whole_city.id,
                "light": self.street_light.id,
                "parks": self.parks.id,
                "worker": worker.id,
                "head": head.id,
            },
        )
        self.migrate("19.0.1.2.0", "post-who_answers_where")
        self.assertEqual(kept.team_id, self.parks)
        self.migrate("19.0.1.3.0", "post-leftovers")
        self.assertFalse(table_exists(self.env.cr, "civic_zone_crew"))
        self.assertFalse(table_exists(self.env.cr, "civic_user_zone_rel"))
        line = Route.search([("zone_id", "=", self.old_town.id)])
        self.assertEqual((line.service_id, line.user_ids), (self.env["helpdesk.ticket.category"], worker | head))
        self.assertEqual(head.civic_zone_ids, self.old_town | self.whole_city)
        self.works.user_ids = [Command.set((worker | head).ids)]
        self.assertEqual(self.file_case(civic_zone_id=self.whole_city.id, team_id=self.works.id).user_id, head)

    def test_deadlines_are_told_of_every_hour_unless_the_city_chose_otherwise(self):
        cron = self.env.ref("civic_crm.cron_tell_deadlines")
        for before, after in (((1, "days"), (1, "hours")), ((2, "days"), (2, "days")), ((1, "weeks"), (1, "weeks"))):
            with self.subTest(before=before):
                cron.interval_number, cron.interval_type = before
                self.migrate("19.0.1.3.0", "post-hourly")
                self.assertEqual((cron.interval_number, cron.interval_type), after)

    def test_an_address_that_becomes_another_actions_is_free_before_the_update(self):
        """Odoo gives each action its address one after the other, and no two may have the same meanwhile."""
        figures = self.env.ref("civic_crm.civic_case_report_action")
        ours = self.env["ir.model.data"].search([("module", "=", "civic_crm"), ("model", "=", figures._name)])
        foreign = figures.search([("path", "!=", False), ("id", "not in", ours.mapped("res_id"))], limit=1)
        kept = foreign.path
        self.migrate("0.0.0", "pre-paths")
        self.assertFalse(figures.path)
        self.assertEqual(foreign.path, kept)
        self.env["ir.actions.act_window"].create(
            {"name": "Another", "res_model": "helpdesk.ticket", "path": "case-figures"}
        )
        self.env.flush_all()

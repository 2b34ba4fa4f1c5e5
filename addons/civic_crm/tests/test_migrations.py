# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an older database held is there after the update, in today's words."""

from odoo import Command
from odoo.modules.migration import load_script
from odoo.modules.module import get_module_path
from odoo.tests import tagged

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
        line = Route.search([("zone_id", "=", self.old_town.id)])
        self.assertEqual((line.service_id, line.user_ids), (self.env["helpdesk.ticket.category"], worker | head))
        self.assertEqual(head.civic_zone_ids, self.old_town | self.whole_city)
        self.works.user_ids = [Command.set((worker | head).ids)]
        self.assertEqual(self.file_case(civic_zone_id=self.whole_city.id, team_id=self.works.id).user_id, head)

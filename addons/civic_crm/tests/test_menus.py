# SPDX-License-Identifier: AGPL-3.0-or-later
from lxml import etree

from odoo.tests import new_test_user, tagged

from .common import CityCase

#: menu → who finds it; an administrator finds all
MENUS = {
    "menu_department": {"worker", "stranger", "head", "agent", "manager"},
    "menu_departments": {"head", "agent", "manager", "auditor"},
    "menu_cases_my": {"worker", "stranger", "head", "agent", "manager"},
    "menu_cases_people": {"head", "manager"},
    "menu_cases_all": {"worker", "stranger", "head", "agent", "manager", "auditor"},
    "menu_cases_contributions": {"worker", "stranger", "head", "agent", "manager", "auditor"},
    "menu_cases_unrouted": {"agent", "manager", "auditor"},
    "menu_intake_equation": {"agent", "manager", "auditor"},
    "menu_intake_board": {"agent", "manager", "auditor"},
    "menu_citizens": {"worker", "stranger", "head", "agent", "manager", "auditor"},
    "menu_figures_cases": {"head", "manager", "auditor"},
    "menu_figures_custody": {"head", "manager", "auditor"},
    "menu_config_services": {"auditor", "service_manager"},
    "menu_config_departments": {"auditor"},
    "menu_config_first_steps": set(),
    "menu_config_settings": set(),
    "menu_config_messages": {"auditor"},
}
HOMES = {
    "worker": "helpdesk_ticket_action_department",
    "head": "helpdesk_ticket_action_people",
    "agent": "helpdesk_ticket_action",
    "manager": "helpdesk_ticket_team_action_overview",
    "admin": "helpdesk_ticket_team_action_overview",
    "auditor": "helpdesk_ticket_team_action_overview",
    "service_manager": "helpdesk_ticket_category_action",
}


@tagged("post_install", "-at_install")
class TestMenus(CityCase):
    """Everybody finds what they work with, first of all what is next."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["service_manager"] = new_test_user(
            cls.env, "t_service_manager", groups="civic_crm.group_service_manager"
        )

    def test_menus_by_role(self):
        for role, user in self.users.items():
            if user.share:
                continue
            visible = self.env["ir.ui.menu"].with_user(user).load_menus(False)
            for menu, roles in MENUS.items():
                with self.subTest(role=role, menu=menu):
                    found = self.env.ref(f"civic_crm.{menu}").id in visible
                    self.assertEqual(found, role == "admin" or role in roles)

    def test_it_opens_with_what_is_next(self):
        for role, expected in HOMES.items():
            with self.subTest(role=role):
                action = self.env.ref("civic_crm.action_home").with_user(self.users[role]).run()
                self.assertEqual(action["id"], self.env.ref(f"civic_crm.{expected}").id)

    def test_it_is_the_first_application(self):
        menus = self.env["ir.ui.menu"].with_user(self.users["worker"]).load_menus(False)
        self.assertEqual(menus["root"]["children"][0], self.env.ref("civic_crm.menu_root").id)

    def test_a_board_shows_what_is_overdue_and_due_today_first(self):
        free = self.file_case(self.tree, team_id=self.lighting.id, priority="3")
        late = self.file_case(promised_on="2026-03-02")
        today = self.file_case(promised_on="2026-03-05")
        urgent = self.file_case(promised_on="2026-03-05", priority="3")
        cases = free | late | today | urgent
        arch = self.env["helpdesk.ticket"].get_view(view_type="kanban")["arch"]
        self.assertIn('default_order="promised_on, priority desc, id desc"', arch)
        order = "promised_on, priority desc, id desc"
        found = self.env["helpdesk.ticket"].search([("id", "in", cases.ids)], order=order)
        self.assertEqual(list(found), [late, urgent, today, free])

    def specify(self, model, view_type):
        """Return what the web client asks of each record of a view: all its fields, optional columns too."""
        arch = etree.fromstring(model.get_view(view_type=view_type)["arch"])
        names = {node.get("name") for node in arch.iter("field")} | {"id"}
        return {
            name: {"fields": {"display_name": {}}} if model._fields[name].type == "many2one" else {} for name in names
        }

    def test_opening_the_board_is_cheap(self):
        """The two calls with which the web client opens the board, for a worker with 200 cases."""
        Case = self.env["helpdesk.ticket"]
        Case.create([{"name": "x", "description": "x", "category_id": self.street_light.id}] * 200)
        board = Case.with_user(self.users["worker"])
        domain = [("is_of_my_departments", "=", True), ("closed_date", "=", False)]
        specification = self.specify(board, "kanban")
        self.assertIn("clock_text", specification)
        with self.assert_queries_at_most(35):
            board.web_read_group(
                domain,
                ["stage_id"],
                auto_unfold=True,
                unfold_read_specification=specification,
                unfold_read_default_limit=80,
            )
            board.read_progress_bar(
                domain,
                "stage_id",
                {"field": "activity_state", "colors": {"planned": "success", "today": "warning", "overdue": "danger"}},
            )

    def test_opening_the_list_is_cheap(self):
        Case = self.env["helpdesk.ticket"]
        Case.create([{"name": "x", "description": "x", "category_id": self.street_light.id}] * 100)
        specification = self.specify(Case.with_user(self.users["worker"]), "list")
        self.assertIn("stage_id", specification)
        with self.assert_queries_at_most(30):
            Case.with_user(self.users["worker"]).web_search_read(
                [("closed_date", "=", False)], specification, limit=80, order="promised_on, priority desc, id desc"
            )

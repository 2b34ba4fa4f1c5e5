# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import tagged
from odoo.tools import SQL

from .common import CityCase

BY_PROMISE = "promised_on ASC, priority DESC, id DESC"


@tagged("post_install", "-at_install")
class TestList(CityCase):
    """What a list shows first is found by an index, whatever the city has besides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.file_case(cls.tree)
        cls.env.flush_all()
        # as rows: one in fifty is open, one in four of these not taken up yet; one in a hundred of another service
        taken_up = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress").id
        cls.env.cr.execute(
            SQL(
                """
                INSERT INTO helpdesk_ticket (name, number, description, team_id, stage_id, company_id, priority, active,
                                             filed_at, promised_on, kind, acknowledgement, confirmation, tracking_code,
                                             registry_number, category_id, closed_date)
                SELECT 'Subject ' || md5(nth::text), 'N' || nth, description, team_id,
                       CASE WHEN nth %% 200 = 0 THEN stage_id ELSE %s END, company_id, priority, active, filed_at - nth * interval '1 hour', current_date - nth / 24, kind, acknowledgement,
                       confirmation, upper(md5(nth::text)), 'R' || nth,
                       CASE WHEN nth %% 100 = 0 THEN %s ELSE category_id END, CASE WHEN nth %% 50 > 0 THEN filed_at END
                  FROM helpdesk_ticket, generate_series(1, 20000) AS nth WHERE id = %s
                """,
                taken_up,
                cls.street_light.id,
                cls.case.id,
            )
        )
        cls.env.cr.execute("ANALYZE helpdesk_ticket")
        cls.cases = cls.env["helpdesk.ticket"].with_user(cls.users["agent"])

    def explain(self, domain, order, limit=80):
        query = self.cases._search(domain, order=order, limit=limit)
        return "\n".join(row[0] for row in self.env.execute_query(SQL("EXPLAIN %s", query.select())))

    def test_the_first_page_is_read_from_an_index_in_its_order(self):
        service = [("category_id", "child_of", self.street_light.id)]
        column = [("closed_date", "=", False), ("stage_id", "=", self.case.stage_id.id)]
        for domain, order, index in (
            ([], BY_PROMISE, "helpdesk_ticket_list_idx"),
            ([], "filed_at DESC", "helpdesk_ticket_filed_idx"),
            ([("closed_date", "=", False)], BY_PROMISE, "helpdesk_ticket_promise_idx"),
            (service, BY_PROMISE, "helpdesk_ticket_service_idx"),
            (column, BY_PROMISE, "helpdesk_ticket_open_board_idx"),
        ):
            with self.subTest(domain=domain, order=order):
                plan = self.explain(domain, order)
                self.assertIn(f"using {index} on", plan)
                self.assertNotIn("Sort", plan)

    def test_a_case_is_searched_by_number_code_registry_and_subject_by_index(self):
        names = ("name", "number", "registry_number", "tracking_code")
        for name in names:  # what the vacuum does by itself: rows just written wait outside a trigram index
            self.env.cr.execute("SELECT gin_clean_pending_list(%s)", [f"helpdesk_ticket__{name}_index"])
        part, whole = (self.explain([("display_name", "ilike", text)], BY_PROMISE) for text in ("1999", "n19999"))
        for name in names:
            self.assertIn(f"helpdesk_ticket__{name}_index", part)
            self.assertNotIn(f"helpdesk_ticket__{name}_index", whole, "padded numbers share most of their parts")

    def test_a_whole_number_finds_its_case_and_a_part_all_that_have_it(self):
        def find(text):
            return self.cases.search_count([("display_name", "ilike", text)])

        code = self.case.tracking_code
        for text in (" n1999 ", "N1999", "R1999", code, f" {code.replace('-', '').lower()} "):
            with self.subTest(text=text):
                self.assertEqual(find(text), 1)
        self.assertGreater(find("1999"), 10)
        self.case.number = "X-1"
        self.case.team_id = self.parks
        self.assertFalse(self.env["helpdesk.ticket"].with_user(self.users["worker"]).name_search("X-1"), "not theirs")

    def test_a_branch_finds_what_lies_below_it(self):
        heading = self.street_light.copy({"name": "Lights", "service_code": False})
        self.street_light.parent_id = heading
        inside = self.file_case(self.street_light, civic_zone_id=self.old_town.id)
        for field, branch in (("category_id", heading), ("team_id", self.works), ("civic_zone_id", self.whole_city)):
            with self.subTest(field=field):
                for value in (branch.id, branch.ids, branch.name):
                    self.assertIn(inside, self.cases.search([(field, "child_of", value)]))
                self.assertNotIn(inside, self.cases.search([(field, "child_of", [])]))
                self.assertNotIn(inside, self.cases.search(["!", (field, "child_of", branch.id)]))

    def test_a_branch_shows_no_case_that_may_not_be_read(self):
        hidden = self.file_case(self.tree, team_id=self.parks.id)
        found = self.cases.with_user(self.users["worker"]).search([("category_id", "child_of", self.tree.id)])
        self.assertNotIn(hidden, found)

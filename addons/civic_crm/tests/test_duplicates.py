# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..core import duplicates
from .common import CityCase

#: A degree of latitude is some 111,195 metres.
METRE = 1 / 111_195
HERE = (40.4168, -3.7038)
TEXTS = [
    "Calle Mayor, 3",
    "C/ Mayor 3, 2º B",
    "Avenida de la Constitución, frente a la farmacia",
    "Plaça de l'Àngel",
    "niño_pequeño · acera",
    "Straße 12a",
    "",
    "¿?",
    "3",
]


@tagged("post_install", "-at_install")
class TestDuplicates(CityCase):
    def case_at(self, north=0, **vals):
        """A case *north* metres north of here; ``None`` leaves it without a point."""
        point = {} if north is None else {"latitude": HERE[0] + north * METRE, "longitude": HERE[1]}
        return self.file_case(vals.pop("service", None), vals.pop("partner", None), **point, **vals)

    def found_by(self, case, user=None):
        return case.with_user(user or self.users["worker"]).possible_duplicate_ids

    def test_our_likeness_is_postgresqls(self):
        for one in TEXTS:
            for other in TEXTS:
                with self.subTest(one=one, other=other):
                    [(theirs,)] = self.env.execute_query(SQL("SELECT similarity(%s, %s)", one, other))
                    self.assertAlmostEqual(duplicates.similarity(one, other), theirs, places=5)

    def test_what_was_reported_near_is_suggested_the_nearest_first(self):
        far, near, nearer = self.case_at(60), self.case_at(30), self.case_at(5)
        case = self.case_at(0, partner=self.neighbour)
        self.assertEqual(self.found_by(case).ids, [nearer.id, near.id])
        self.assertNotIn(far, self.found_by(case))
        compared = near.with_user(self.users["worker"]).with_context(civic_compared_to=case.id)
        self.assertEqual(compared.compared_metres, 30)
        self.assertGreater(compared.compared_score, 0.4)

    def test_the_form_reads_how_each_compares(self):
        self.case_at(30)
        case = self.case_at(0).with_user(self.users["worker"])
        [form] = case.web_read({"possible_duplicate_ids": {"fields": {"compared_metres": {}, "compared_score": {}}}})
        [row] = form["possible_duplicate_ids"]
        self.assertEqual(row["compared_metres"], 30)
        self.assertGreater(row["compared_score"], 0.4)

    def test_the_thresholds_are_the_services(self):
        near, case = self.case_at(30), self.case_at(0)
        self.street_light.duplicate_distance = 20
        self.assertFalse(self.found_by(case))
        self.street_light.duplicate_distance = 40
        case.invalidate_recordset()
        self.assertEqual(self.found_by(case), near)
        near.filed_at = "2020-01-01"
        case.invalidate_recordset()
        self.assertFalse(self.found_by(case))

    def test_other_services_are_something_else_unless_they_are_sisters(self):
        tree = self.case_at(5, service=self.tree)
        case = self.case_at(0)
        agent = self.users["agent"]
        self.assertFalse(self.found_by(case, agent))
        family = self.street_light.create({"name": "Street"})
        (self.street_light | self.tree).parent_id = family
        case.invalidate_recordset()
        self.assertEqual(self.found_by(case, agent), tree)

    def test_without_a_point_the_place_as_written_counts(self):
        same = self.case_at(None, place="Calle Mayor, 3")
        self.case_at(None, place="Avenida del Puerto 120")
        located = self.case_at(0, place="calle mayor 3")
        case = self.case_at(None, place="C. Mayor 3")
        self.assertEqual(self.found_by(case), same | located)
        self.assertEqual(self.found_by(located), same | case)

    def test_a_subject_the_system_made_is_no_likeness(self):
        self.file_case(name="Broken street light · Main Street 3")
        self.assertFalse(self.found_by(self.file_case(name="Broken street light · Main Street 4")))
        lost = self.file_case(name="The lamp at the school is out again")
        self.assertEqual(self.found_by(self.file_case(name="lamp at the school is out")), lost)

    def test_closed_cases_are_no_candidates_and_get_none(self):
        old, case = self.case_at(5), self.case_at(0)
        old._withdraw()
        self.assertFalse(self.found_by(case))
        case._withdraw()
        self.case_at(1)
        self.assertFalse(self.found_by(case))

    def test_only_cases_one_may_read_are_suggested(self):
        family = self.street_light.create({"name": "Street"})
        (self.street_light | self.tree).parent_id = family
        self.case_at(5, service=self.tree)
        case = self.case_at(0)
        self.assertFalse(self.found_by(case, self.users["worker"]))
        self.assertTrue(self.found_by(case, self.users["head"]))

    def test_something_else_is_remembered_on_both_sides_and_can_be_taken_back(self):
        near, case = self.case_at(5), self.case_at(0)
        worker = self.users["worker"]
        near.with_user(worker).with_context(civic_compared_to=case.id).action_dismiss_duplicate()
        self.assertFalse(self.found_by(case))
        self.assertFalse(self.found_by(near))
        case.with_user(worker).dismissed_duplicate_ids = [Command.clear()]
        self.assertEqual(self.found_by(case), near)

    def test_link_gathers_both_under_one_issue_and_shows_it_once(self):
        first, second, case = self.case_at(4), self.case_at(5), self.case_at(0)
        worker = self.users["worker"]
        second.with_user(worker).with_context(civic_compared_to=first.id).action_link_duplicate()
        self.assertTrue(first.issue_id)
        self.assertEqual(first.issue_id, second.issue_id)
        self.assertEqual(len(self.found_by(case)), 1)
        self.assertFalse(self.found_by(first) & second)

    def test_the_buttons_take_the_right_to_write_the_case(self):
        near, case = self.case_at(5), self.case_at(0)
        for role in ("auditor", "stranger", "employee", "citizen"):
            theirs = near.with_user(self.users[role]).with_context(civic_compared_to=case.id)
            for button in (theirs.action_link_duplicate, theirs.action_dismiss_duplicate):
                with self.subTest(role=role, button=button.__name__), self.assertRaises(AccessError):
                    button()
        for nothing in (False, near.id):
            with self.assertRaises(UserError):
                near.with_user(self.users["worker"]).with_context(civic_compared_to=nothing).action_link_duplicate()

    def test_who_files_sees_published_issues_and_nothing_of_cases(self):
        self.street_light.issue_precision = 10
        hidden = self.case_at(5, name="Ana Pérez lives here", place="door of Ana Pérez")
        shown = self.case_at(8, partner=self.neighbour)
        (hidden | shown)._gather()
        shown_issue = shown.issue_id
        find = self.env["civic.issue"].with_user(self.users["public"])._find_duplicate_candidates
        self.assertFalse(find(self.street_light, *HERE))
        shown_issue.write({"place": "Main Street", "is_published": True})
        [candidate] = find(self.street_light, *HERE, "", "Ana Pérez")
        self.assertEqual(candidate["code"], shown_issue.code)
        self.assertEqual(candidate["title"], "Broken street light · Main Street")
        self.assertEqual(candidate["metres"], 10)
        self.assertEqual(candidate["reports"], 2)
        self.assertNotIn("Ana", str(candidate))
        self.assertFalse(find(self.tree, *HERE))
        shown_issue.state = "solved"
        self.assertFalse(find(self.street_light, *HERE))

    def test_candidates_of_one_filing_cost_one_query(self):
        (self.case_at(5) | self.case_at(6))._gather().is_published = True
        case = self.case_at(0, place="Main Street 3")
        Issue = self.env["civic.issue"]
        Issue._find_duplicate_candidates(self.street_light, *HERE, "Main Street 3", "dark")
        report, settings = case._get_report(), self.street_light._get_issue_settings()
        with self.assert_queries_at_most(1):
            found = case._find_like(report, metres=50, days=60, service_ids=settings.service_ids)
        self.assertEqual(len(found), 3)
        with self.assert_queries_at_most(2):  # and the facts of what was found
            Issue._find_duplicate_candidates(self.street_light, *HERE, "Main Street 3", "dark")

    def test_among_many_the_indexes_find_them(self):
        """The planner takes the partial indexes, not the table, when there are many cases."""
        self.fill(20_000)
        case = self.case_at(0, place="Calle Mayor 3")
        plan = self.explain(case)
        self.assertIn("helpdesk_ticket_near_idx", plan)
        self.assertIn("helpdesk_ticket_nowhere_idx", plan)
        self.assertNotIn("Seq Scan on helpdesk_ticket", plan)

    def fill(self, count):
        """Copy one case *count* times, spread over a city of some ten kilometres, by SQL."""
        pattern = self.case_at(0, place="x")
        self.env.flush_all()
        columns = [
            name
            for name, field in pattern._fields.items()
            if field.store
            and field.column_type
            and name not in ("id", "tracking_code", "latitude", "longitude", "place")
        ]
        names = ", ".join(f'"{name}"' for name in columns)
        self.env.cr.execute(
            f"""
            INSERT INTO helpdesk_ticket ({names}, tracking_code, latitude, longitude, place)
            SELECT {names}, 'T' || i, 40.37 + (i %% 313) * 0.0003, -3.75 + (i * 7 %% 331) * 0.0003,
                   'Street ' || md5(i::text) || ' ' || i
              FROM helpdesk_ticket, generate_series(1, %s) AS i WHERE id = %s
            """,
            (count, pattern.id),
        )
        self.env.cr.execute("ANALYZE helpdesk_ticket")
        self.env.invalidate_all()

    def explain(self, case):
        """Return the plan of the query that looks for what may be the same as *case*."""
        seen = []
        cursor = self.env.cr
        execute = cursor.execute

        def keep(query, params=None, **kwargs):
            seen.append((query, params))
            return execute(query, params, **kwargs)

        report = case._get_report()
        self.env.flush_all()
        self.patch(cursor, "execute", keep)
        case._read_candidates(report, 50, 60, (self.street_light.id,), (case.id,))
        query, params = seen[-1]
        code, values = (query.code, query.params) if hasattr(query, "code") else (query, params)
        execute(f"EXPLAIN {code}", values)
        return "\n".join(row[0] for row in cursor.fetchall())

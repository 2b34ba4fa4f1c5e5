# SPDX-License-Identifier: AGPL-3.0-or-later
import ast
import tempfile
from datetime import datetime, timedelta
from io import BytesIO

import openpyxl

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..controllers import case_workbook
from .common import CityCase, CityMixin

EXPORTERS = ("manager", "admin")


class FiguresMixin(CityMixin):
    """Three cases of two departments: one kept, one broken, one still open."""

    @classmethod
    def set_up_figures(cls):
        cls.kept = cls.file_case(filed_at="2026-01-31 23:30:00", promised_on="2026-02-10")
        cls.broken = cls.file_case(filed_at="2026-02-10 08:00:00", promised_on="2026-02-12", place="=1+1")
        cls.waiting = cls.file_case(cls.tree, filed_at="2026-02-11 08:00:00", promised_on="2999-01-01")
        solved = cls.env.ref("civic_crm.outcome_solved")
        for case, closed in ((cls.kept, "2026-02-10 22:30:00"), (cls.broken, "2026-02-13 08:00:00")):
            case.write({"outcome_id": solved.id, "stage_id": solved.stage_id.id})
            case.closed_date = closed

    @classmethod
    def make_workbook(cls, role, **vals):
        Workbook = cls.env["civic.case.workbook"].with_user(cls.users[role])
        return Workbook.create({"filed_from": "2026-01-01", "filed_until": "2026-12-31", **vals})


@tagged("post_install", "-at_install")
class TestCaseReport(FiguresMixin, CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_figures()
        cls.Report = cls.env["civic.case.report"]
        cls.Report._refresh()

    def figures(self, *names, domain=(), by="team_id"):
        rows = self.Report._read_group(list(domain), [by], [f"{name}" for name in names])
        return {key: tuple(values) for key, *values in rows}

    def test_each_case_counts_once(self):
        counted = self.figures("cases:sum", "open_cases:sum", "closed:sum")
        self.assertEqual(counted[self.lighting], (2, 0, 2))
        self.assertEqual(counted[self.parks], (1, 1, 0))

    def test_the_month_is_the_citys(self):
        """Half an hour before midnight in UTC it is February in Madrid already."""
        months = self.figures("cases:sum", by="month:month", domain=[("team_id", "=", self.lighting.id)])
        self.assertEqual([month.strftime("%Y-%m") for month in months], ["2026-02"])

    def test_a_promise_is_kept_until_the_end_of_its_day_in_the_city(self):
        """22:30 UTC on 10 February is 23:30 in Madrid: still the promised day."""
        shares = self.figures("kept:sum", "settled:sum", "kept_share:avg")
        self.assertEqual(shares[self.lighting], (1, 2, 50))
        self.assertEqual(shares[self.parks][:2], (0, 0), "an open case before its day is neither kept nor broken")

    def test_an_open_case_after_its_day_is_a_broken_promise(self):
        self.waiting.promised_on = "2026-02-15"
        self.Report._refresh()
        self.assertEqual(self.figures("overdue:sum", "kept_share:avg")[self.parks], (1, 0))

    def test_averages_are_weighted_by_cases(self):
        slow = self.file_case(filed_at="2026-03-01 08:00:00")
        slow.write({"outcome_id": self.kept.outcome_id.id, "stage_id": self.kept.stage_id.id})
        slow.closed_date = "2026-03-31 08:00:00"
        self.Report._refresh()
        days = self.figures("days_to_close:avg")[self.lighting][0]
        self.assertAlmostEqual(days, (9 + 23 / 24 + 3 + 30) / 3, places=2)
        row = self.Report.search([("month", "=", "2026-03-01")])
        self.assertAlmostEqual(row.days_to_close, 30)

    def test_the_first_answer_is_the_citys_first_message_to_the_citizen(self):
        case = self.file_case().with_user(self.users["worker"])
        case.message_post(body="note", subtype_xmlid="mail.mt_note")
        case._post_from_citizen("Hello?")
        self.assertFalse(case.first_answered_at)
        case.message_post(body="We are on it", message_type="comment", subtype_xmlid="mail.mt_comment")
        first = case.first_answered_at
        self.assertTrue(first)
        case.sudo().first_answered_at = first.replace(year=2020)
        case.message_post(body="Done", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.assertEqual(case.first_answered_at.year, 2020, "later answers do not move it")
        with self.assertRaises(AccessError):
            case.first_answered_at = first

    def test_a_promise_in_hours_is_broken_within_its_day(self):
        clock = self.kept.deadline_ids.filtered(lambda clock: clock.purpose == "promise")
        clock.write({"outcome": "late", "due_at": "2026-02-10 12:00:00"})
        self.Report._refresh()
        self.assertEqual(self.figures("kept:sum", "settled:sum")[self.lighting], (0, 2))

    def test_an_open_promise_in_hours_is_broken_at_its_minute_and_not_at_midnight(self):
        clock = self.waiting.deadline_ids.filtered(lambda clock: clock.purpose == "promise")
        for hours, expected in ((1, (0, 0)), (-1, (1, 1))):
            with self.subTest(hours=hours):
                clock.due_at = datetime.now() + timedelta(hours=hours)
                self.Report._refresh()
                self.assertEqual(self.figures("overdue:sum", "settled:sum")[self.parks], expected)

    def test_what_is_late_by_law_alone_is_overdue_as_on_the_board(self):
        self.waiting.legal_due_on = "2026-02-20"
        self.Report._refresh()
        self.assertEqual(self.figures("overdue:sum", "settled:sum")[self.parks], (1, 0))

    def test_a_case_withdrawn_in_time_is_no_promise_kept_and_none_broken(self):
        withdrawn = self.env["civic.case.outcome"].search([("kind", "=", "withdrawn")], limit=1)
        self.kept.outcome_id = withdrawn
        self.broken.outcome_id = withdrawn
        self.Report._refresh()
        kept = self.figures("kept:sum", "settled:sum")[self.lighting]
        self.assertEqual(kept, (0, 1), "withdrawn after the promised day, it was broken already")

    def test_the_law_is_counted_apart_from_the_promise(self):
        self.kept.legal_due_on = "2026-02-09"
        self.broken.legal_due_on = "2026-04-01"
        self.waiting.legal_due_on = "2026-02-20"
        self.Report._refresh()
        counted = self.figures("legal_kept:sum", "legal_settled:sum", "legal_kept_share:avg")
        self.assertEqual((counted[self.lighting], counted[self.parks]), ((1, 2, 50), (0, 1, 0)))

    def test_days_after_the_promise_are_below_zero_when_early(self):
        self.kept.promised_on = "2026-02-14"
        self.Report._refresh()
        self.assertEqual(self.figures("days_after_promise:avg")[self.lighting], ((-4 + 1) / 2,))

    def test_reopened_cases_count_among_those_ever_closed(self):
        self.kept._reopen("Not yet")
        self.Report._refresh()
        counted = self.figures("closed:sum", "ended:sum", "reopened:sum", "reopen_rate:avg")
        self.assertEqual(counted[self.lighting], (1, 2, 1, 50))

    def test_confirmed_assumed_and_denied_are_counted_apart(self):
        said_no = self.file_case()
        (said_no | self.kept | self.broken).write({"confirmation": "asked"})
        said_no.write({"confirmation": "confirmed", "denial_count": 1})
        self.kept.confirmation = "assumed"
        self.Report._refresh()
        counted = self.figures("judged:sum", "confirmed:sum", "assumed:sum", "denied:sum", "confirmed_share:avg")
        self.assertEqual(counted[self.lighting], (2, 1, 1, 1, 50), "who has not answered yet has not said anything")

    def test_satisfaction_is_the_average_of_those_who_rated(self):
        self.kept.rating_last_value = 5
        self.broken.rating_last_value = 1
        self.file_case()
        self.Report._refresh()
        self.assertEqual(self.figures("rated:sum", "satisfaction:avg")[self.lighting], (2, 3))

    def file_enquiry(self, kind, first_contact=False, **vals):
        Lead = self.env["crm.lead"].with_context(mail_create_nosubscribe=True, tracking_disable=True)
        lead = Lead.create({"name": "When?", "is_enquiry": True, "received_at": "2026-01-31 23:30:00", **vals})
        outcome = self.env["civic.enquiry.outcome"].search([("kind", "=", kind)], limit=1)
        lead._finish(outcome, 10)
        lead.first_contact_resolution = first_contact
        return lead

    def test_enquiries_are_counted_when_finished_and_no_spam(self):
        phone = self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone")
        answered = self.file_enquiry("answered", True, channel_id=phone.id)
        self.file_enquiry("cases", channel_id=phone.id)
        self.file_enquiry("spam", channel_id=phone.id)
        self.Report._refresh()
        counted = self.figures(
            "enquiries:sum",
            "first_contacts:sum",
            "first_contact_share:avg",
            "cases:sum",
            by="month:month",
            domain=[("channel_id", "=", phone.id), ("enquiries", ">", 0), ("month", "=", "2026-02-01")],
        )
        self.assertEqual(list(counted.values()), [(2, 1, 50, 0)])
        action = self.Report.search([("enquiries", ">", 0), ("channel_id", "=", phone.id)])[:1].action_open_cases()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertIn(answered, found)

    def test_every_figure_says_what_it_is(self):
        for name, field in self.Report.fields_get(attributes=["help", "aggregator"]).items():
            if field.get("aggregator") in ("sum", "avg"):
                self.assertTrue(field.get("help"), f"{name} has no definition")

    def test_the_shipped_favourites_open(self):
        manager = self.Report.with_user(self.users["manager"])
        action = self.env.ref("civic_crm.civic_case_report_action")
        favourites = manager.env["ir.filters"].get_filters("civic.case.report", action.id)
        self.assertGreaterEqual(len(favourites), 8)
        for favourite in favourites:
            with self.subTest(favourite["name"]):
                context = ast.literal_eval(favourite["context"])
                by = [*context["pivot_row_groupby"], *context["pivot_column_groupby"]]
                measures = [f"{name}:{manager._fields[name].aggregator}" for name in context["pivot_measures"]]
                manager.formatted_read_group(ast.literal_eval(favourite["domain"]), by, measures)

    def test_the_shipped_favourites_fit_a_laptop(self):
        """A year of months, or several figures of each quarter, lie beside the screen."""
        columns = {
            "month:quarter": 6,
            "month:month": 14,
            "channel_id": self.env["helpdesk.ticket.channel"].search_count([]),
        }
        action = self.env.ref("civic_crm.civic_case_report_action")
        for favourite in self.env["ir.filters"].get_filters("civic.case.report", action.id):
            with self.subTest(favourite["name"]):
                context = ast.literal_eval(favourite["context"])
                by = context["pivot_column_groupby"]
                width = len(context["pivot_measures"]) * (columns[by[0]] if by else 1)
                self.assertLessEqual(width, 12)

    def test_a_favourite_speaks_the_readers_language_until_it_is_renamed(self):
        self.env["res.lang"]._activate_lang("es_ES")
        favourite = self.env.ref("civic_crm.filter_figures_satisfaction")
        favourite.with_context(lang="es_ES").civic_title = "Satisfacción"
        manager = self.users["manager"]
        manager.lang = "es_ES"

        def names():
            return [row["name"] for row in self.env["ir.filters"].with_user(manager).get_filters("civic.case.report")]

        favourite.action_id = False
        self.assertIn("Satisfacción", names())
        favourite.name = "Happy?"
        self.assertIn("Happy?", names())

    def test_a_row_leads_to_its_cases(self):
        row = self.Report.search([("team_id", "=", self.lighting.id)], limit=1)
        action = row.with_user(self.users["manager"]).action_open_cases()
        found = self.env["helpdesk.ticket"].with_context(**action["context"]).search(action["domain"])
        self.assertEqual(found, self.kept | self.broken)

    def test_counting_takes_as_many_queries_for_any_number_of_cases(self):
        for _more in range(20):
            self.file_case()
        with self.assert_queries_at_most(4):
            self.Report._refresh()

    def test_the_short_table_tells_what_the_long_one_tells(self):
        """Asked by department, service and month or not, a figure is the same, and so is who sees it."""
        self.file_case(self.tree, channel_id=self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone").id)
        self.Report._refresh()
        names = ["__count", "cases:sum", "closed:sum", "kept_share:avg", "days_to_close:avg"]
        every_case = [("kind", "!=", "nothing")]  # the long table alone knows the kind
        for role in ("manager", "head", "auditor"):
            report = self.Report.with_user(self.users[role])
            for by in (["team_id"], ["month:month"], ["category_id", "month:quarter"], []):
                with self.subTest(role=role, by=by):
                    short, long = (report._read_group(domain, by, names) for domain in ([], every_case))
                    self.assertEqual(short, long)
        with self.assertRaises(AccessError):
            self.Report.with_user(self.users["worker"])._read_group([], ["team_id"], names)

    def test_a_pivot_of_departments_and_months_reads_the_short_table(self):
        self.env.cr.execute("UPDATE civic_case_report_service SET cases = cases + 100")
        report = self.Report.with_user(self.users["manager"])
        sets = [[], ["month:month"], ["team_id"], ["team_id", "month:month"]]
        for others, cases in (([], 102), ([["channel_id"]], 2)):
            with self.subTest(others=others):
                figures = report.formatted_read_grouping_sets(
                    [("team_id", "=", self.lighting.id)], [*sets, *others], ["cases:sum"]
                )
                self.assertEqual(figures[2][0]["cases:sum"], cases)

    def test_who_reads_the_figures(self):
        reads = dict.fromkeys(("head", "manager", "admin", "auditor"), "r")
        self.assert_matrix(self.Report.search([("team_id", "=", self.lighting.id)], limit=1), reads)

    def test_a_head_sees_the_figures_of_the_departments_below(self):
        nowhere = self.file_case(self.internal_service)
        self.assertFalse(nowhere.team_id)
        self.Report._refresh()
        self.env.invalidate_all()
        seen = self.Report.with_user(self.users["head"]).search([])
        self.assertEqual(seen.team_id, self.lighting | self.parks)
        self.assertTrue(all(row.team_id for row in seen))


@tagged("post_install", "-at_install")
class TestCaseWorkbook(FiguresMixin, CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_figures()

    def read_back(self, role="manager", **vals):
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
            self.make_workbook(role, **vals)._write_workbook(file)
            file.seek(0)
            return openpyxl.load_workbook(BytesIO(file.read()))

    def rows(self, sheet):
        header, *rows = sheet.iter_rows(values_only=True)
        return [dict(zip(header, row, strict=True)) for row in rows]

    def test_the_sheet_of_cases_has_typed_cells_in_the_citys_time(self):
        sheet = self.read_back()["Cases"]
        found = {row["Case"].split('"')[3]: row for row in self.rows(sheet)}
        self.assertEqual(set(found), set((self.kept | self.broken | self.waiting).mapped("number")))
        row = found[self.kept.number]
        self.assertEqual(row["Filed"], datetime(2026, 2, 1, 0, 30))
        self.assertEqual((row["Promise kept"], row["Days to close"], row["Department"]), (True, 10, "Works / Lighting"))
        self.assertIs(found[self.broken.number]["Promise kept"], False)
        self.assertIsNone(found[self.waiting.number]["Promise kept"])
        self.assertEqual(found[self.broken.number]["Place"], "=1+1")
        self.assertIn(f"/odoo/cases/{self.kept.id}", row["Case"])
        self.assertEqual((sheet.freeze_panes, sheet.auto_filter.ref), ("B2", f"A1:Q{len(found) + 1}"))

    def test_what_a_citizen_wrote_is_never_a_formula(self):
        sheet = self.read_back()["Cases"]
        cells = [cell for row in sheet.iter_rows(min_row=2, min_col=2) for cell in row]
        self.assertNotIn("f", {cell.data_type for cell in cells})

    def test_the_cover_says_what_was_asked_for(self):
        cover = self.read_back(team_ids=self.lighting.ids)["Cover"]
        told = {row[0]: row[1] for row in cover.iter_rows(min_row=3, values_only=True)}
        self.assertEqual((told["Departments"], told["Cases"]), ("Works / Lighting", "2"))
        self.assertEqual(told["Made by"], "Manager")

    def test_departments_month_by_month_with_charts(self):
        book = self.read_back()
        [row] = [r for r in self.rows(book["Departments"]) if r["Department"].endswith("Lighting")]
        self.assertEqual(
            (row["Month"].month, row["Cases filed"], row["Open"], row["Promises kept (%)"]), (2, 2, 0, 0.5)
        )
        self.assertAlmostEqual(row["Days to close"], 6.479, places=3)
        self.assertEqual((row["Reopened (%)"], row["Satisfaction"]), (0, None), "nobody has rated")
        self.assertEqual(len(book["Charts"]._charts), 2)

    def test_the_cover_defines_each_figure_as_the_pivot_does(self):
        told = [row[0] for row in self.read_back()["Cover"].iter_rows(min_row=3, values_only=True)]
        summary = self.read_back()["Departments"]
        self.assertLessEqual({cell.value for cell in summary[1][2:]}, set(told))

    def test_filters(self):
        for vals, cases in (
            ({"state": "open"}, self.waiting),
            ({"state": "closed"}, self.kept | self.broken),
            ({"team_ids": self.works.ids}, self.kept | self.broken | self.waiting),
            ({"category_ids": self.tree.ids}, self.waiting),
            ({"filed_until": "2026-01-31"}, self.kept.browse()),
            ({"filed_from": "2026-02-11"}, self.waiting),
        ):
            with self.subTest(vals=vals):
                wizard = self.make_workbook("manager", **vals)
                found = self.env["helpdesk.ticket"].search(wizard._get_domain())
                self.assertEqual(found & (self.kept | self.broken | self.waiting), cases)

    def test_an_empty_workbook_is_one_too(self):
        self.assertEqual(self.read_back(filed_from="2999-01-01", filed_until="2999-01-02")["Cases"].max_row, 1)

    def test_a_period_that_ends_before_it_begins_is_refused(self):
        with self.assertRaises(ValidationError):
            self.make_workbook("manager", filed_from="2026-02-01", filed_until="2026-01-01")

    def test_only_who_may_export_takes_cases_out(self):
        for role in self.users:
            with self.subTest(role=role):
                may = self.env["civic.case.workbook"].with_user(self.users[role]).has_access("create")
                self.assertEqual(may, role in EXPORTERS)

    def test_personal_data_go_to_those_who_may_read_them(self):
        with self.assertRaises(AccessError):
            self.read_back("manager", personal=True)
        personal = {"Tracking code", "Citizen", "E-mail", "Phone"}
        row = self.rows(self.read_back("admin", personal=True)["Cases"])[0]
        self.assertEqual((row["Citizen"], row["E-mail"]), ("Citizen", "citizen@home.test"))
        self.assertLessEqual(personal, set(row))
        self.assertFalse(personal & set(self.rows(self.read_back("admin")["Cases"])[0]))
        # whoever has a case's code reads the citizen's page
        codes = set((self.kept | self.broken | self.waiting).mapped("tracking_code"))
        self.assertIn(row["Tracking code"], codes)
        for sheet in self.read_back("manager"):
            told = {str(cell) for cells in sheet.iter_rows(values_only=True) for cell in cells}
            self.assertFalse(codes & told, sheet.title)

    def test_reading_cases_takes_as_many_queries_for_any_number_of_them(self):
        wizard = self.make_workbook("manager")

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with tempfile.NamedTemporaryFile() as file:
                wizard._write_workbook(file)
            return self.env.cr.sql_log_count - before

        count()  # fills what is kept in memory
        few = count()
        for _more in range(30):
            self.file_case(filed_at="2026-05-05 10:00:00")
        self.assertEqual(count(), few)


@tagged("post_install", "-at_install")
class TestWorkbookRoute(FiguresMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.set_up_figures()

    def get(self, role, wizard):
        self.authenticate(f"t_{role}", f"t_{role}".ljust(8, "x"))
        return self.url_open(f"/civic/cases/{wizard.id}.xlsx", allow_redirects=False)

    def test_the_workbook_is_downloaded_by_who_asked_for_it(self):
        wizard = self.make_workbook("manager")
        answer = self.get("manager", wizard)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertEqual(openpyxl.load_workbook(BytesIO(answer.content)).sheetnames[1], "Cases")
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.content))

    def test_the_file_is_closed_however_it_ends(self):
        opened = []

        def open_file(*args, **kwargs):
            opened.append(tempfile.SpooledTemporaryFile(*args, **kwargs))  # noqa: SIM115 closing it is what is tested
            return opened[-1]

        self.patch(case_workbook.tempfile, "TemporaryFile", open_file)
        wizard = self.make_workbook("manager")
        self.assertEqual(self.get("manager", wizard).status_code, 200)
        self.patch(type(wizard), "_write_workbook", lambda self, path: 1 / 0)
        with mute_logger("odoo.http"):
            self.assertEqual(self.get("manager", wizard).status_code, 500)
        self.assertEqual([file.closed for file in opened], [True, True])

    def test_nobody_downloads_anothers_workbook(self):
        wizard = self.make_workbook("manager")
        self.assertEqual(self.get("admin", wizard).status_code, 404)
        with mute_logger("odoo.http"):
            self.assertEqual(self.get("worker", wizard).status_code, 403)
        self.authenticate(None, None)
        self.assertIn(self.url_open(f"/civic/cases/{wizard.id}.xlsx", allow_redirects=False).status_code, (302, 303))

    def test_personal_data_asked_for_without_right_are_refused_at_the_route_too(self):
        wizard = self.make_workbook("manager", personal=True)
        with mute_logger("odoo.http"):
            self.assertEqual(self.get("manager", wizard).status_code, 403)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The managers' workbook: a cover, a sheet of cases, and departments by month with charts."""

from collections import namedtuple

import pytz
import xlsxwriter

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.typed_sheet import TypedSheet
from . import case_figures

#: Cases read at a time: memory stays the same for any number of them.
CHUNK = 2000
#: Rows of a sheet in the xlsx format, less the header.
MAX_CASES = 1_048_575
#: Rows that a chart covers, and points that a header of two lines takes.
CHART_ROWS = 21
HEADER_HEIGHT = 32
HEADER = {"bold": True, "bg_color": "#14532d", "font_color": "#ffffff", "border": 1, "text_wrap": True, "valign": "top"}
#: Figures of a department in a month, fields of ``civic.case.report``, with the form of their cells.
SUMMARY = {
    "cases": "0",
    "open_cases": "0",
    "closed": "0",
    "kept": "0",
    "kept_share": "0 %",
    "legal_kept_share": "0 %",
    "days_to_close": "0.0",
    "days_after_promise": "0.0",
    "hours_to_answer": "0.0",
    "reopen_rate": "0 %",
    "confirmed": "0",
    "assumed": "0",
    "denied": "0",
    "rated": "0",
    "satisfaction": "0.0",
}

#: *kind* as in ``TypedSheet``; *sql* is read from the case ``c``, *names* is a model whose name stands for the id.
Column = namedtuple("Column", "title kind width sql names", defaults=(None,))


class CaseWorkbook:
    """Use it so::

        CaseWorkbook(env, domain, criteria, personal=False).save(path)

    Cases are found as the environment's user, by the same rules as on the board.

    :param list domain: of ``helpdesk.ticket``
    :param list criteria: ``(label, text)`` pairs that say on the cover what was asked for
    :param bool personal: with the citizens' names and addresses, and the codes that open their pages; the caller has
        checked the right to them
    """

    def __init__(self, env, domain, criteria, personal=False):
        self.env = env
        self.Case = env["helpdesk.ticket"].with_context(active_test=False)
        self.domain = domain
        self.criteria = criteria
        self.zone = env.company._get_city_zone()
        self.columns = self._get_columns(personal)

    def save(self, path):
        """Write the workbook to the file *path*."""
        with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
            self.book = book
            self.header = book.add_format(HEADER)
            self.formats = {
                "date": book.add_format({"num_format": "yyyy-mm-dd"}),
                "datetime": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
                "link": book.add_format({"font_color": "#1d4ed8", "underline": 1}),
            }
            self._write_cover(book.add_worksheet(self.env._("Cover")))
            self._write_cases(book.add_worksheet(self.env._("Cases"), worksheet_class=TypedSheet))
            self._write_summary()

    def _lay_out(self, sheet, header_row=None):
        """On paper: A4 across, all columns on one page, the header on each."""
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&R&P / &N")
        if header_row is not None:
            sheet.repeat_rows(header_row)
            sheet.set_row(header_row, HEADER_HEIGHT)

    # ------------------------------------------------------------------
    # cover
    # ------------------------------------------------------------------

    def _write_cover(self, sheet):
        title = self.book.add_format({"bold": True, "font_size": 18})
        label = self.book.add_format({"bold": True, "valign": "top"})
        text = self.book.add_format({"text_wrap": True, "valign": "top"})
        now = pytz.utc.localize(fields.Datetime.now()).astimezone(self.zone)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 80)
        sheet.hide_gridlines(2)
        self._lay_out(sheet)
        sheet.set_row(0, HEADER_HEIGHT)
        sheet.write(0, 0, self.env._("Cases of %s", self.env.company.name), title)
        rows = [
            (self.env._("Made on"), now.strftime("%Y-%m-%d %H:%M")),
            (self.env._("Made by"), self.env.user.name),
            (self.env._("Time zone"), self.zone.zone),
            *self.criteria,
            *((field["string"], field["help"]) for field in self._describe_figures().values()),
        ]
        for number, (name, value) in enumerate(rows, 2):
            sheet.write_string(number, 0, name, label)
            sheet.write_string(number, 1, value, text)

    def _describe_figures(self):
        """Return figure → its name and its definition, as the pivot gives them."""
        return self.env["civic.case.report"].sudo().fields_get(SUMMARY, ["string", "help"])

    # ------------------------------------------------------------------
    # cases
    # ------------------------------------------------------------------

    def _get_columns(self, personal):
        columns = [
            Column(self.env._("Case"), "link", 14, "c.number"),
            Column(self.env._("Subject"), "text", 40, "c.name"),
            Column(self.env._("Kind"), "text", 12, "c.kind", "kind"),
            Column(self.env._("Service"), "text", 28, "c.category_id", "helpdesk.ticket.category"),
            Column(self.env._("Department"), "text", 24, "c.team_id", "helpdesk.ticket.team"),
            Column(self.env._("Responsible"), "text", 20, "c.user_id", "res.users"),
            Column(self.env._("Zone"), "text", 24, "c.civic_zone_id", "civic.zone"),
            Column(self.env._("Place"), "text", 30, "c.place"),
            Column(self.env._("Channel"), "text", 14, "c.channel_id", "helpdesk.ticket.channel"),
            Column(self.env._("State"), "text", 16, "c.stage_id", "helpdesk.ticket.stage"),
            Column(self.env._("Outcome"), "text", 20, "c.outcome_id", "civic.case.outcome"),
            Column(self.env._("Filed"), "datetime", 17, self._in_city_time("c.filed_at")),
            Column(self.env._("First answered"), "datetime", 17, self._in_city_time("c.first_answered_at")),
            Column(self.env._("Promised for"), "date", 12, "c.promised_on"),
            Column(self.env._("Closed"), "datetime", 17, self._in_city_time("c.closed_date")),
            Column(
                self.env._("Days to close"),
                "number",
                10,
                "round(extract(epoch FROM c.closed_date - c.filed_at)/8640)/10.0",
            ),
            Column(self.env._("Promise kept"), "yes_no", 10, "local.promise_kept"),
        ]
        if personal:
            columns += [
                # whoever has the code reads the citizen's page, and may answer there
                Column(self.env._("Tracking code"), "text", 16, "c.tracking_code"),
                Column(self.env._("Citizen"), "text", 28, "c.partner_name"),
                Column(self.env._("E-mail"), "text", 28, "c.partner_email"),
                Column(self.env._("Phone"), "text", 18, "c.partner_phone"),
            ]
        return columns

    def _in_city_time(self, column):
        # the zone's name is one of pytz's: letters, digits, _ + - /
        return f"{column} AT TIME ZONE 'UTC' AT TIME ZONE '{self.zone.zone}'"

    def _write_cases(self, sheet):
        self._lay_out(sheet, header_row=0)
        sheet.fit_to_pages(2, 0)  # on one page nobody could read them
        sheet.repeat_columns(0)
        for number, column in enumerate(self.columns):
            sheet.set_column(number, number, column.width)
            sheet.write(0, number, column.title, self.header)
        sheet.freeze_panes(1, 1)
        forms = [(column.kind, self.formats.get(column.kind)) for column in self.columns]
        after = sheet.write_typed_rows(1, forms, self._read_cases())
        sheet.autofilter(0, 0, max(after - 1, 0), len(self.columns) - 1)

    def _read_cases(self):
        """Yield the cells of every case, the newest first, chunk by chunk."""
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        names = [self._get_names(column.names) if column.names else None for column in self.columns]
        before, left = None, MAX_CASES
        while left > 0:
            rows = self._read_chunk(before, min(CHUNK, left))
            for case_id, *values in rows:
                cells = [
                    table.get(value) if table is not None else value for table, value in zip(names, values, strict=True)
                ]
                cells[0] = (f"{base}/odoo/cases/{case_id}", cells[0] or "")
                yield cells
            if len(rows) < CHUNK:
                return
            before, left = rows[-1][0], left - len(rows)

    def _read_chunk(self, before, limit):
        domain = Domain(self.domain)
        if before:
            domain &= Domain("id", "<", before)
        found = self.Case._search(domain, order="id desc", limit=limit)
        cells = SQL(", ").join(SQL(column.sql) for column in self.columns)  # our own texts, no values
        return self.env.execute_query(
            SQL(
                "SELECT c.id, %s FROM %s AND c.id IN (%s) ORDER BY c.id DESC",
                cells,
                case_figures.get_source(),
                found.select(),
            )
        )

    def _get_names(self, model):
        """Return value → what the reader calls it, of a small table or a selection."""
        if model == "kind":
            return dict(self.Case._fields["kind"]._description_selection(self.env))
        # sudo: names of departments and colleagues on cases that the user may read
        records = self.env[model].sudo().with_context(active_test=False).search([])
        return {record.id: record.display_name for record in records}

    # ------------------------------------------------------------------
    # departments by month
    # ------------------------------------------------------------------

    def _write_summary(self):
        sheet = self.book.add_worksheet(self.env._("Departments"))
        self._lay_out(sheet, header_row=0)
        labels = {name: field["string"] for name, field in self._describe_figures().items()}
        titles = [self.env._("Department"), self.env._("Month"), *(labels[name] for name in SUMMARY)]
        for number, title in enumerate(titles):
            sheet.set_column(number, number, 38 if not number else 12)
            sheet.write(0, number, title, self.header)
        sheet.freeze_panes(1, 2)
        month = self.book.add_format({"num_format": "yyyy-mm"})
        forms = {form: self.book.add_format({"num_format": form}) for form in SUMMARY.values()}
        rows = self._count_departments()
        for number, (team, first, figures) in enumerate(rows, 1):
            sheet.write_string(number, 0, team)
            sheet.write_datetime(number, 1, first, month)
            for column, (name, form) in enumerate(SUMMARY.items(), 2):
                value = self._get_figure(figures, name)
                if value is not None:
                    sheet.write_number(number, column, value, forms[form])
        sheet.autofilter(0, 0, len(rows), len(titles) - 1)
        self._write_charts(rows)

    def _count_departments(self):
        """Return ``(department, first day of month, {measure: number})``, by name and month."""
        names = self._get_names("helpdesk.ticket.team")
        measures = case_figures.get_measures()
        rows = self.env.execute_query(
            SQL(
                "SELECT c.team_id, %s, %s FROM %s AND c.id IN (%s) GROUP BY 1, 2",
                case_figures.get_month(),
                SQL(", ").join(measures.values()),
                case_figures.get_source(),
                self.Case._search(self.domain).select(),
            )
        )
        nowhere = self.env._("Without department")
        counted = [
            (names.get(team, nowhere), first, dict(zip(measures, values, strict=True))) for team, first, *values in rows
        ]
        return sorted(counted, key=lambda row: row[:2])

    def _get_figure(self, figures, name):
        """Return one figure of a row, a share as a part of 1; None where there is nothing to divide by."""
        if name not in case_figures.RATIOS:
            return figures[name]
        part, whole, _factor = case_figures.RATIOS[name]
        return float(figures[part]) / figures[whole] if figures[whole] else None

    def _write_charts(self, rows):
        """A sheet of charts, below each the figures that it shows."""
        sheet = self.book.add_worksheet(self.env._("Charts"))
        self._lay_out(sheet)
        sheet.hide_gridlines(2)
        teams = sorted({team for team, _month, _figures in rows})
        months = sorted({month for _team, month, _figures in rows})
        counts = {(team, month): figures for team, month, figures in rows}
        tops = [
            (self.env._("Filed by month"), "cases", "column", "stacked"),
            (self.env._("Closed by month"), "closed", "column", "stacked"),
        ]
        sheet.set_column(0, len(teams), 15)
        line = 0
        for title, field, kind, subtype in tops:
            table = line + CHART_ROWS
            if months:
                chart = self._make_chart(sheet, title, kind, subtype, table, teams, len(months))
                sheet.insert_chart(line, 0, chart, {"x_scale": 1.9, "y_scale": 1.35})
            sheet.set_row(table, HEADER_HEIGHT * 1.5)
            sheet.write(table, 0, title, self.header)
            for column, team in enumerate(teams, 1):
                sheet.write_string(table, column, team, self.header)
            for number, day in enumerate(months, table + 1):
                sheet.write_string(number, 0, f"{day:%Y-%m}")  # as text: some programs show the axis as numbers
                for column, team in enumerate(teams, 1):
                    sheet.write_number(number, column, counts.get((team, day), {}).get(field, 0))
            line = table + len(months) + 3
            sheet.set_h_pagebreaks([line])

    def _make_chart(self, sheet, title, kind, subtype, line, teams, months):
        chart = self.book.add_chart({"type": kind, "subtype": subtype})
        for column, _team in enumerate(teams, 1):
            chart.add_series(
                {
                    "name": [sheet.name, line, column],
                    "categories": [sheet.name, line + 1, 0, line + months, 0],
                    "values": [sheet.name, line + 1, column, line + months, column],
                }
            )
        chart.set_title({"name": title, "name_font": {"size": 14}})
        chart.set_legend({"position": "right"})
        chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#d1d5db"}}, "min": 0})
        return chart

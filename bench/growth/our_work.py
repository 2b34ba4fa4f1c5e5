# SPDX-License-Identifier: AGPL-3.0-or-later
"""What our city's people do with their cases."""

import functools
import tempfile
from datetime import datetime, timedelta
from types import SimpleNamespace

from odoo import http

from odoo.addons.web.controllers.export import ExcelExport

from odoo.addons.civic_crm.core import places
from odoo.addons.civic_crm.report.case_workbook import CaseWorkbook

from .our_city import HEIGHT, NEIGHBOURHOODS, SOUTH, STEP, WEST, OurCity
from .work import Work

#: Cases in the workbook, and in what it is compared with; with as many columns.
WORKBOOK = 100_000
EXPORTED = [
    "number",
    "tracking_code",
    "name",
    "kind",
    "category_id",
    "team_id",
    "user_id",
    "civic_zone_id",
    "place",
    "channel_id",
    "stage_id",
    "outcome_id",
    "filed_at",
    "first_answered_at",
    "promised_on",
    "closed_date",
    "last_stage_update",
    "is_overdue",
]


class OurWork(Work):
    city = OurCity
    list_order = "promised_on ASC, priority DESC, id DESC"
    #: the action's filter "Open"
    board_domain = (("closed_date", "=", False),)
    board_order = "promised_on ASC, priority DESC, id DESC"
    date_field = "filed_at"
    #: the search view asks for the name of a case, which is its number, code, registry entry or subject
    number_fields = ("display_name",)

    def count_by_department_and_month(self):
        return self.pivot("civic.case.report", "month:month", ["cases:sum", "kept_share:avg", "days_to_close:avg"])

    def draw_department_and_month(self):
        return self.graph("civic.case.report", "month:month", ["cases:sum"])

    def prepare_case(self, number):
        """With everything civic: department by the service, zone by the point, code, promise, trail."""
        vals = super().prepare_case(number)
        del vals["team_id"]
        return vals | {
            "latitude": SOUTH + HEIGHT / 2,
            "longitude": WEST + STEP * (number % NEIGHBOURHOODS + 0.5),
            "place": f"Calle Mayor {number}",
        }

    @functools.cached_property
    def own_partner_id(self):
        return self.as_user(self.city.citizen_login).user.partner_id.id

    def show_own_cases(self):
        """As ``/my/cases`` finds and shows them: one page, newest first."""
        citizen = self.as_user(self.city.citizen_login)
        # sudo: as in the controller, the domain is the access rule
        Case = citizen["helpdesk.ticket"].sudo()
        own = [("partner_id", "=", citizen.user.partner_id.id), ("parent_case_id", "=", False)]
        count = Case.search_count(own)
        return {
            "count": count,
            "shown": len([c._get_public_summary() for c in Case.search(own, order="id desc", limit=20)]),
        }

    def show_own_cases_by_sql(self):
        """What the page needs of the database at least: how many, and the rows of the first twenty."""
        cr, partner = self.root.cr, self.own_partner_id
        own = "FROM helpdesk_ticket WHERE partner_id = %s AND parent_case_id IS NULL AND active IS TRUE"
        cr.execute(f"SELECT count(*) {own}", [partner])
        count = cr.fetchone()[0]
        cr.execute(f"SELECT * {own} ORDER BY id DESC LIMIT 20", [partner])
        return {"count": count, "shown": len(cr.fetchall())}

    # what was reported before

    @functools.cached_property
    def _report(self):
        """Something reported now, where an open case is already: ``(report, settings of its service, now)``."""
        case = self.root["helpdesk.ticket"].search([("closed_date", "=", False), ("latitude", "!=", 0)], limit=1)
        return case._get_report(), case.category_id._get_issue_settings(), datetime.now()

    def find_duplicates(self):
        report, settings, _now = self._report
        found = self.root["helpdesk.ticket"]._find_like(
            report, metres=settings.metres, days=settings.days, service_ids=settings.service_ids
        )
        return {"found": len(found)}

    def find_duplicates_by_sql(self):
        """The same question in one statement that also measures distance and likeness, as written by hand."""
        report, settings, now = self._report
        south, west, north, east = places.box_around(report.latitude, report.longitude, settings.metres)
        self.root.cr.execute(
            """
            SELECT id, category_id, filed_at, name, place,
                   111320 * sqrt(power(latitude - %(lat)s, 2)
                                 + power((longitude - %(lon)s) * cos(radians(%(lat)s)), 2)),
                   similarity(place, %(place)s)
              FROM helpdesk_ticket
             WHERE category_id IN %(services)s AND closed_date IS NULL AND active IS TRUE AND filed_at >= %(since)s
               AND (latitude <> 0 OR longitude <> 0)
               AND latitude BETWEEN %(south)s AND %(north)s AND longitude BETWEEN %(west)s AND %(east)s
            UNION
            SELECT id, category_id, filed_at, name, place, NULL, similarity(place, %(place)s)
              FROM helpdesk_ticket
             WHERE category_id IN %(services)s AND closed_date IS NULL AND active IS TRUE AND filed_at >= %(since)s
               AND COALESCE(latitude, 0) = 0 AND COALESCE(longitude, 0) = 0 AND place %% %(place)s
             ORDER BY 6, 7 DESC LIMIT 250
            """,
            {
                "lat": report.latitude,
                "lon": report.longitude,
                "place": report.place,
                "services": tuple(settings.service_ids),
                "since": now - timedelta(days=settings.days),
                "south": south,
                "north": north,
                "west": west,
                "east": east,
            },
        )
        return {"found": len(self.root.cr.fetchall())}

    # exports

    def write_workbook(self):
        return self._write(CaseWorkbook)

    def write_raw(self):
        """The same cells by xlsxwriter's own calls in constant memory; that they had to be read is not counted."""
        if not hasattr(self, "_cells"):
            manager = self.as_user(self.city.manager_login)
            self._cells = list(CaseWorkbook(manager, self._get_exported(), [])._read_cases())
        return self._write(_raw_workbook(self._cells))

    def _write(self, kind):
        with tempfile.TemporaryFile(suffix=".xlsx") as file:
            kind(self.as_user(self.city.manager_login), self._get_exported(), [("Bench", "")]).save(file)
            return file.seek(0, 2) // 1024

    def _get_exported(self):
        return [("id", ">", self.last_id - WORKBOOK), ("id", "<=", self.last_id)]

    def export_natively(self):
        """What the web client's Export does, without the answer's way to the browser."""
        manager = self.as_user(self.city.manager_login)
        http._request_stack.push(SimpleNamespace(env=manager))
        try:
            Case = manager["helpdesk.ticket"]
            fields = [{"name": name, "type": Case._fields[name].type} for name in EXPORTED]
            rows = Case.with_context(import_compat=False).search(self._get_exported()).export_data(EXPORTED)["datas"]
            return len(ExcelExport().from_data(fields, EXPORTED, rows)) // 1024
        finally:
            http._request_stack.pop()


def _raw_workbook(cells):
    class RawWorkbook(CaseWorkbook):
        def _write_cases(self, sheet):
            for number, column in enumerate(self.columns):
                sheet.write(0, number, column.title, self.header)
            for row, values in enumerate(cells, 1):
                for number, (column, value) in enumerate(zip(self.columns, values, strict=True)):
                    if value is None or (value is False and column.kind != "yes_no"):
                        continue
                    if column.kind == "link":
                        sheet.write_formula(row, number, f'=HYPERLINK("{value[0]}","{value[1]}")', None, value[1])
                    elif column.kind in ("date", "datetime"):
                        sheet.write_datetime(row, number, value, self.formats[column.kind])
                    elif column.kind == "number":
                        sheet.write_number(row, number, value)
                    elif column.kind == "yes_no":
                        sheet.write_boolean(row, number, value)
                    else:
                        sheet.write_string(row, number, value)

    return RawWorkbook

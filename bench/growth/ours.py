# SPDX-License-Identifier: AGPL-3.0-or-later
"""Our city: the same cases with zone, code, promise, deadline and trail, and what its people do with them."""

import json
import tempfile
from types import SimpleNamespace

from odoo import http

from odoo.addons.web.controllers.export import ExcelExport

from odoo.addons.civic_crm.report.case_workbook import CaseWorkbook

from .city import CLOSED, FILED, IS_OPEN, LOT, City
from .rows import one_of, pick
from .work import Work

NEIGHBOURHOODS = 21
WEST, SOUTH, STEP, HEIGHT = -5.5, 36.5, 0.01, 0.1
CODE = "upper(lpad(to_hex(i + 4096), 12, '0'))"
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


class OurCity(City):
    staff_group = "civic_crm.group_worker"
    agent_group = "civic_crm.group_agent"
    manager_group = "civic_crm.group_manager"

    def get_tables(self):
        return [*super().get_tables(), "civic_case_deadline", "civic_case_custody"]

    def settle(self):
        super().settle()
        Zone = self.env["civic.zone"]
        city = Zone.create({"name": "City", "kind": "city"})
        self.zones = Zone.create(
            [
                {"name": f"Zone {n}", "parent_id": city.id, "boundary": json.dumps(self._get_boundary(n))}
                for n in range(NEIGHBOURHOODS)
            ]
        )
        self.outcomes = self.env["civic.case.outcome"].search([("kind", "!=", "duplicate")])

    def _get_boundary(self, number):
        left, right, top = WEST + number * STEP, WEST + (number + 1) * STEP, SOUTH + HEIGHT
        ring = [[left, SOUTH], [right, SOUTH], [right, top], [left, top], [left, SOUTH]]
        return {"type": "Polygon", "coordinates": [ring]}

    def prepare_service(self, number):
        kind = "request" if number % 5 == 0 else "notice"
        return {"team_id": self.teams[number % len(self.teams)].id, "promise_days": 5 + number % 3, "kind": kind}

    def prepare_citizen(self):
        return {**super().prepare_citizen(), "is_citizen": True}

    def prepare_case(self, partner):
        vals = super().prepare_case(partner)
        return vals | {"latitude": SOUTH + HEIGHT / 2, "longitude": WEST + STEP / 2, "place": "Calle Mayor 3"}

    def get_citizen_columns(self):
        return super().get_citizen_columns() | {"civic_name_key": "'citizen ' || i"}

    def get_case_columns(self):
        columns = super().get_case_columns()
        is_open, filed, closed = (text.format(size=self.size) for text in (IS_OPEN, FILED, CLOSED))
        zone = f"(i::bigint * 13 + {LOT})"
        return columns | {
            "filed_at": filed,
            "civic_zone_id": one_of(self.zones.ids, zone),
            "place": f"'Calle ' || (i::bigint * 7 %% 2003) || ', ' || {LOT}",
            "latitude": f"{SOUTH} + {HEIGHT} * (i::bigint * 7 %% 2003) / 2003.0",
            "longitude": f"{WEST} + {STEP} * ({zone} %% {NEIGHBOURHOODS} + {LOT} / 101.0)",
            "tracking_code": f"left({CODE}, 4) || '-' || substr({CODE}, 5, 4) || '-' || right({CODE}, 4)",
            "email_normalized": columns["partner_email"],
            "kind": pick([(f"{LOT} < 20", "'request'"), (f"{LOT} < 25", "'complaint'")], "'notice'"),
            "registry_number": pick([(f"{LOT} < 20", "'2026-E-' || lpad(i::text, 8, '0')")]),
            "registered_at": pick([(f"{LOT} < 20", filed)]),
            "promised_on": pick([(f"{LOT} = 99", "NULL")], f"({filed} + interval '9 days')::date"),
            "legal_due_on": pick([(f"{LOT} < 20", f"({filed} + interval '92 days')::date")]),
            "first_answered_at": pick(
                [(f"{is_open} AND {LOT} %% 2 = 0", "NULL")], f"least({filed} + interval '9 hours', {closed})"
            ),
            "outcome_id": pick([(is_open, "NULL")], one_of(self.outcomes.ids, LOT)),
            "has_citizen_message": pick([(is_open, f"{LOT} %% 4 = 0")], "FALSE"),
        }

    def add_surroundings(self, first_case, first_partner):
        super().add_surroundings(first_case, first_partner)
        every = f"(SELECT * FROM helpdesk_ticket WHERE id >= {first_case}) AS ticket", "ticket.id"
        clock = self.model.deadline_ids.filtered(lambda clock: clock.purpose == "promise")[:1]
        self.rows.repeat(
            "civic_case_deadline",
            clock.id,
            every,
            {
                "case_id": "ticket.id",
                "start_at": "ticket.filed_at",
                "start_date": "ticket.filed_at::date",
                "due_date": "ticket.promised_on",
                "warn_on": "ticket.promised_on - 2",
                "closed_on": "ticket.closed_date::date",
                "outcome": pick(
                    [
                        ("ticket.closed_date IS NULL", "NULL"),
                        ("ticket.closed_date::date <= ticket.promised_on", "'met'"),
                    ],
                    "'late'",
                ),
            },
        )
        self.rows.repeat(
            "civic_case_custody",
            self.model.custody_ids.id,
            every,
            {"case_id": "ticket.id", "team_id": "ticket.team_id", "date_from": "ticket.filed_at"},
        )

    def fill(self):
        super().fill()
        self.env["civic.case.report"]._refresh()
        self.env.cr.commit()


class OurWork(Work):
    city = OurCity
    list_order = "promised_on ASC, priority DESC, id DESC"
    #: the action's filter "Open"
    board_domain = (("closed_date", "=", False),)
    board_order = "promised_on ASC, priority DESC, id DESC"
    date_field = "filed_at"
    number_fields = ("number", "registry_number", "tracking_code", "name")

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

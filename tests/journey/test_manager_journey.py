# SPDX-License-Identifier: AGPL-3.0-or-later
"""A manager looks at the figures, from the pivot to the map, and takes them along as a workbook."""

from datetime import date, timedelta

import openpyxl
import pytest
from playwright.sync_api import expect

from odoo import fields

from tests.common.browser import DESK
from tests.common.processes import wait_until

from .looking import look_at_staff_page
from .steps import dialog, open_menu, say, start_work, switch_view

SUBJECT = "Dark corner of the figures"
SENDER = "petra.private@home.test"


@pytest.fixture(scope="module")
def counted_city(running_city):
    """The test city with cases of three months, one of them with a point, and its figures counted."""
    with running_city.env() as env:
        running_city.ids["counted"] = []
        for months in range(3):
            filed = fields.Datetime.now() - timedelta(days=31 * months)
            past = env.user.with_context(default_filed_at=filed).env
            case = running_city.file_case(
                past, "street_light", "It is dark.", subject=SUBJECT, email=SENDER, latitude=41.2, longitude=1.2
            )
            running_city.ids["counted"].append(case.id)
    with running_city.env() as env:
        env.ref("civic_crm.cron_refresh_case_report")._trigger()
    wait_until(lambda: _is_counted(running_city), "the figures", watching=running_city.odoo)
    return running_city


def _is_counted(city):
    with city.env() as env:
        light = env["helpdesk.ticket.category"].browse(city.ids["street_light"])
        rows = env["civic.case.report"].search([("category_id", "=", light.id)])
        return sum(rows.mapped("cases")) >= len(city.ids["counted"])


def _is_seen_whole(table):
    box = table.bounding_box()
    return box["x"] >= 0 and box["x"] + box["width"] <= DESK[0]


def test_a_manager_reads_the_figures_and_takes_them_along(counted_city, city, person, scratch):
    manager = person(size=DESK, language="es")
    page = manager.page
    start_work(city, manager, "t_manager")

    # Departments, all that a laptop shows of them at once.
    open_menu(manager, "menu_figures", "menu_figures_cases")
    pivot = page.locator(".o_pivot table")
    expect(pivot.locator("tbody tr", has_text="Lighting")).to_be_visible()
    assert _is_seen_whole(pivot), "the figures lie beside the screen"
    look_at_staff_page(manager, "manager-pivot")

    # By month as a graph.
    switch_view(manager, "graph")
    expect(page.locator(".o_graph_canvas_container canvas")).to_be_visible()
    look_at_staff_page(manager, "manager-graph")

    # Where it is: the cases on the city's map.
    open_menu(manager, "menu_cases", "menu_cases_all")
    page.locator(".o_control_panel .o_switch_view.o_civic_map").click()
    expect(page.locator(".o_civic_map_item", has_text=SUBJECT).first).to_be_visible()
    look_at_staff_page(manager, "manager-map")

    # The workbook of the last year: as many cases as the dialogue says, and nobody's name in it.
    open_menu(manager, "menu_figures", "menu_figures_workbook")
    wizard = dialog(manager)
    expect(wizard.locator("[name=personal]")).to_have_count(0)
    look_at_staff_page(manager, "manager-workbook")
    count = int(wizard.locator("[name=case_count]").inner_text())
    with page.expect_download() as download:
        wizard.locator("button[name=action_download]").click()
    file = scratch / download.value.suggested_filename
    download.value.save_as(file)
    assert file.suffix == ".xlsx"
    book = openpyxl.load_workbook(file)
    cover, cases, departments, charts = book.worksheets
    words = [cell.value for row in cover.iter_rows() for cell in row if cell.value]
    assert say(manager, "Made by") in words and "Manager" in words
    titles = [cell.value for cell in cases[1]]
    assert titles[:2] == [say(manager, title) for title in ("Case", "Subject")]
    assert not {say(manager, title) for title in ("Tracking code", "Citizen", "E-mail", "Phone")} & set(titles)
    rows = list(cases.iter_rows(min_row=2))
    assert len(rows) == count
    assert cases.freeze_panes == "B2" and cases.auto_filter.ref
    assert not [cell.value for row in rows for cell in row if SENDER in str(cell.value)]
    mine = [row for row in rows if row[1].value == SUBJECT]
    assert len(mine) == 3
    filed = {row[titles.index("Presentado")].value.date() for row in mine}
    assert max(filed) - min(filed) == timedelta(days=62) and max(filed) <= date.today() + timedelta(days=1)
    links = "\n".join(str(row[0].value) for row in mine)
    assert all(f"{city.address}/odoo/cases/{case_id}" in links for case_id in city.ids["counted"])
    assert {row[0].value for row in departments.iter_rows(min_row=2)} >= {"Works / Lighting"}
    assert len(charts._charts) >= 2

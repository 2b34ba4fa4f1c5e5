# SPDX-License-Identifier: AGPL-3.0-or-later
"""A head's day: what nobody has yet, given out in one go; what is late; a case that is another department's."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from odoo import fields

from tests.common.browser import DESK
from tests.common.processes import wait_until

from .looking import assert_accessible_to_staff, look_at_staff_page
from .steps import (
    choose,
    confirm,
    dialog,
    field,
    open_menu,
    open_tab,
    say,
    start_work,
    switch_view,
    toggle_filter,
)

LATE, FRESH, OF_PARKS, OF_OTHERS = "Lamp out for weeks", "Lamp out since today", "Tree on the path", "Map of 1850"


@pytest.fixture(scope="module")
def headed_city(running_city):
    """The test city with cases below the head's department, one of them late, and one that is no business of hers."""
    with running_city.env() as env:
        works = env["helpdesk.ticket.team"].browse(running_city.ids["lighting"]).parent_id
        works.user_id = works.user_ids
        archive = env["helpdesk.ticket.team"].create({"name": "Archive", "code": "ARC"})
        service = env["helpdesk.ticket.category"].create({"name": "Old maps", "team_id": archive.id})
        running_city.ids["old_maps"] = service.id
        month_ago = fields.Datetime.now() - timedelta(days=30)
        past = env.user.with_context(default_filed_at=month_ago).env
        running_city.file_case(past, "street_light", "It is dark.", subject=LATE)
        running_city.file_case(env, "street_light", "It is dark.", subject=FRESH)
        running_city.file_case(env, "tree", "It lies there.", subject=OF_PARKS)
        running_city.file_case(env, "old_maps", "A copy of it.", subject=OF_OTHERS)
    with running_city.env() as env:
        env.ref("civic_crm.cron_tell_deadlines")._trigger()
    wait_until(lambda: _is_told(running_city), "the activity about the late case", watching=running_city.odoo)
    return running_city


def _is_told(city):
    with city.env() as env:
        return env["helpdesk.ticket"].search([("name", "=", LATE)]).activity_ids


def test_a_head_gives_out_work_and_passes_on_what_is_not_theirs(headed_city, city, person):
    head = person(size=DESK, language="es")
    page = head.page
    start_work(city, head, "t_head")

    # The day begins with who works on what: the departments below, and first what nobody has.
    open_menu(head, "menu_cases", "menu_cases_people")
    nobody = page.locator(".o_kanban_group").first
    for subject in (LATE, FRESH, OF_PARKS):
        expect(nobody.locator(".o_kanban_record", has_text=subject)).to_be_visible()
    expect(page.locator(".o_kanban_record", has_text=OF_OTHERS)).to_have_count(0)
    assert_accessible_to_staff(page)
    look_at_staff_page(head, "head-people")
    open_menu(head, "menu_departments")
    archive = page.locator(".o_kanban_record", has_text="Archive")
    expect(archive).to_contain_text(say(head, "Its cases are its own to see."))
    look_at_staff_page(head, "head-departments")

    # In the list two cases are marked, and both are given to the worker by one edit.
    open_menu(head, "menu_cases", "menu_cases_all")
    switch_view(head, "list")
    toggle_filter(head, say(head, "Without responsible"))
    for subject in (LATE, FRESH):
        page.locator(".o_data_row", has_text=subject).locator(".o_list_record_selector input").check()
    page.locator(".o_data_row", has_text=FRESH).locator("td[name=user_id]").click()
    choose(page.locator(".o_selected_row"), "user_id", "Worker")
    dialog(head).locator(".btn-primary").click()
    expect(page.locator(".o_data_row", has_text=FRESH)).to_have_count(0)
    look_at_staff_page(head, "head-list")
    with city.env() as env:
        cases = env["helpdesk.ticket"].search([("name", "in", (LATE, FRESH))])
        assert cases.user_id.login == "t_worker"

    # What is late is one filter away; the case says that somebody was told.
    open_menu(head, "menu_cases", "menu_cases_all")
    switch_view(head, "list")
    toggle_filter(head, say(head, "Overdue"))
    expect(page.locator(".o_data_row", has_text=LATE)).to_be_visible()
    expect(page.locator(".o_data_row", has_text=FRESH)).to_have_count(0)
    page.locator(".o_data_row", has_text=LATE).locator("td[name=name]").click()
    expect(page.locator(".o-mail-Activity").first).to_contain_text(say(head, "Past its day"))
    look_at_staff_page(head, "head-late")

    # It is another department's after all: handed over with the reason, which stays with the dates of both.
    page.locator("button[name=action_hand_over]").click()
    handing = dialog(head)
    choose(handing, "team_id", "Parks")
    field(handing, "reason").fill("La farola está bien: la tapa un árbol.")
    look_at_staff_page(head, "head-hand-over")
    confirm(head, "action_hand_over")
    expect(page.locator("[name=team_id]").first).to_contain_text("Parks")
    open_tab(head, "custody")
    expect(page.locator("[name=custody_ids] .o_data_row")).to_have_count(2)
    expect(page.locator("[name=custody_ids]")).to_contain_text("La farola está bien: la tapa un árbol.")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The administrator sets a city up: from the first steps to a service, a rule, the holidays, a zone and a colleague."""

import json
import re

import pytest
from playwright.sync_api import expect

from odoo.tests import new_test_user

from tests.common.browser import DESK

from .looking import assert_accessible_to_staff, look_at_staff_page
from .steps import choose, confirm, dialog, field, open_menu, open_tab, press_new, save, start_work

HARBOUR = [[1.0, 41.0], [1.5, 41.0], [1.5, 41.5], [1.0, 41.5], [1.0, 41.0]]
CROSSED = [[1.0, 41.0], [1.5, 41.5], [1.5, 41.0], [1.0, 41.5], [1.0, 41.0]]


@pytest.fixture(scope="module")
def bare_city(running_city):
    """The test city and somebody who administers city and server."""
    with running_city.env() as env:
        new_test_user(env, "t_setup", groups="civic_crm.group_admin,base.group_system", name="Setup")
    yield running_city
    with running_city.env() as env:  # other tests count the zones on the map
        env["civic.zone"].search([("code", "=", "HAR")]).write({"boundary": False, "active": False})


def geojson(ring):
    properties = {"name": "Harbour", "code": "HAR"}
    feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def test_an_administrator_sets_the_city_up(bare_city, city, person):
    admin = person(size=DESK, language="en")
    page = admin.page
    start_work(city, admin, "t_setup")

    # What is done and what is missing stands on one page, and each step opens its place.
    open_menu(admin, "menu_config", "menu_config_first_steps")
    expect(page.locator(".o_kanban_record", has_text="The zones")).to_be_visible()
    assert_accessible_to_staff(page)
    look_at_staff_page(admin, "admin-steps")

    set_holidays(admin, city)
    make_service(admin, city)
    make_rule(admin, city)
    draw_zone(admin, city)
    invite_colleague(admin, city)


def set_holidays(admin, city):
    """From the first step: the region's holidays as proposed, and the city's own."""
    page = admin.page
    page.locator(".o_kanban_record", has_text="The calendar").get_by_role("button", name="Go there").click()
    holidays = dialog(admin)
    choose(holidays, "region", "Andalucía")
    expect(holidays.locator(".o_data_row", has_text="Andalu").first).to_be_visible()
    look_at_staff_page(admin, "admin-holidays")
    year = field(holidays, "year_to").input_value()
    holidays.locator("[name=line_ids] .o_field_x2many_list_row_add a").click()
    line = holidays.locator(".o_selected_row")
    field(line, "date").fill(f"09/08/{year}")
    line.locator("td[name=name]").click()
    field(line, "name").fill("Patron saint")
    line.locator("td[name=is_local] input").check()
    confirm(admin, "action_seed")
    expect(page.locator(".o_list_view .o_data_row", has_text="Patron saint")).to_be_visible()
    with city.env() as env:
        days = env.company.legal_calendar_id._find_common_leaves()
        assert {"Patron saint"} < set(days.mapped("name"))


def make_service(admin, city):
    """A service with typed questions, looked at as the citizen will see it."""
    page = admin.page
    open_menu(admin, "menu_catalogue", "menu_config_services")
    press_new(admin)
    field(page, "name").fill("Street party")
    field(page, "description").fill("A party of neighbours on a closed street")
    choose(page, "team_id", "Lighting")
    field(page, "promise_days").fill("10")
    open_tab(admin, "questions")
    for label, datatype, options in (
        ("How many people come?", "Number", None),
        ("What do you bring?", "Several of a list", "Music\nA barbecue"),
        ("Since when have you planned it?", "Date", None),
    ):
        page.locator("[name=question_ids] .o_field_x2many_list_row_add a").first.click()
        line = page.locator("[name=question_ids] .o_selected_row")
        expect(field(line, "label")).to_have_value("")  # the new line, not the one before
        field(line, "label").fill(label)
        choose(line, "datatype", datatype)
        if options:
            line.locator("td[name=option_lines]").click()
            field(line, "option_lines").fill(options)
    look_at_staff_page(admin, "admin-questions")
    save(admin)
    open_tab(admin, "preview")
    preview = page.locator(".o_field_widget[name=preview]")
    for text in ("Street party", "How many people come?", "A barbecue", "Since when have you planned it?"):
        expect(preview).to_contain_text(text)
    assert_accessible_to_staff(page)
    look_at_staff_page(admin, "admin-preview")
    with city.env() as env:
        service = env["helpdesk.ticket.category"].search([("name", "=", "Street party")])
        assert service.question_ids.mapped("datatype") == ["number", "multivaluelist", "datetime"]
        assert service.question_ids.option_ids.mapped("name") == ["Music", "A barbecue"]


def make_rule(admin, city):
    """A rule for complaints, in the legal calendar; it says what it means before it is saved."""
    page = admin.page
    open_menu(admin, "menu_config", "menu_config_deadlines_rules")
    press_new(admin)
    field(page, "name").fill("Parties: answered within a fortnight")
    choose(page, "category_id", "Street party")
    field(page, "amount").fill("14")
    choose(page, "unit", "Natural days")
    choose(page, "calendar_id", "Legal working days")
    expect(page.locator(".o_field_widget[name=preview]")).to_contain_text("is due on")
    look_at_staff_page(admin, "admin-rule")
    save(admin)
    with city.env() as env:
        rule = env["civic.deadline.rule"].search([("category_id.name", "=", "Street party")])
        assert (rule.amount, rule.unit) == (14, "natural_days")
        assert rule.calendar_id == env.ref("civic_crm.legal_calendar")


def draw_zone(admin, city):
    """A boundary by upload: one that crosses itself is refused with the reason, the good one is taken."""
    page = admin.page
    open_menu(admin, "menu_config", "menu_config_zones")
    page.get_by_role("button", name="Import zones").click()
    upload(dialog(admin), "crossed.geojson", CROSSED)
    dialog(admin).locator("button[name=action_check]").click()
    expect(page.locator(".modal-dialog .o_data_row td[name=problem]")).to_have_text(re.compile("cross", re.I))
    look_at_staff_page(admin, "admin-zone-refused")
    page.locator(".modal-dialog footer .btn-secondary[special=cancel], .modal-dialog footer button").last.click()
    expect(page.locator(".modal-dialog")).to_have_count(0)
    page.get_by_role("button", name="Import zones").click()
    upload(dialog(admin), "harbour.geojson", HARBOUR)
    dialog(admin).locator("button[name=action_check]").click()
    expect(page.locator(".modal-dialog .o_data_row")).to_contain_text("Harbour")
    confirm(admin, "action_import")
    expect(page.locator(".o_list_view .o_data_row", has_text="Harbour")).to_be_visible()
    with city.env() as env:
        assert env["civic.zone"].search([("code", "=", "HAR")]).boundary


def upload(wizard, name, ring):
    wizard.locator("[name=file] input[type=file]").set_input_files(
        [{"name": name, "mimeType": "application/geo+json", "buffer": geojson(ring)}]
    )
    expect(field(wizard, "name_property")).to_have_value("name")


def invite_colleague(admin, city):
    """A colleague with a role and a department."""
    page = admin.page
    open_menu(admin, "menu_config", "menu_config_first_steps")
    page.locator(".o_kanban_record", has_text="The staff").get_by_role("button", name="Go there").click()
    expect(page.locator(".o_list_view")).to_be_visible()
    press_new(admin)
    field(page, "name").fill("Nuria New")
    field(page, "login").fill("nuria@city.test")
    role = page.locator(".o_field_res_user_group_ids_privilege").filter(
        has=page.locator(f"#{page.get_by_label('Cases', exact=True).get_attribute('id')}")
    )
    role.locator("input").first.click()
    page.locator(".o_select_menu_item", has_text="Head: own departments and those below").click()
    open_tab(admin, "civic")
    choose(page, "helpdesk_team_ids", "Parks")
    look_at_staff_page(admin, "admin-user")
    save(admin)
    with city.env() as env:
        user = env["res.users"].search([("login", "=", "nuria@city.test")])
        assert user.has_group("civic_crm.group_head")
        assert not user.has_group("civic_crm.group_agent")
        assert user.helpdesk_team_ids.name == "Parks"

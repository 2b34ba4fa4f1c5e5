# SPDX-License-Identifier: AGPL-3.0-or-later
"""Staff and the city's map: cases found on it by mouse and by keyboard, a point placed on it."""

import json
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.common.browser import DESK, WCAG, save_screenshot

from .steps import log_in

OVERDUE, SOON, CALM = "Overdue lamp", "Lamp due soon", "Calm lamp"
PLACES = {OVERDUE: (41.0, 1.0), SOON: (41.02, 1.05), CALM: (43.0, 3.0)}


@pytest.fixture(scope="module")
def mapped_city(running_city):
    """The test city with boundaries, three cases with points and one without."""
    with running_city.env() as env:
        old_town = env["civic.zone"].browse(running_city.ids["old_town"])
        old_town.parent_id.parent_id.boundary = _square(0, 40, 4, 44)
        old_town.parent_id.boundary = _square(0, 40, 2, 44)
        old_town.boundary = _square(0, 40, 2, 42)
        for subject, (latitude, longitude) in PLACES.items():
            case = running_city.file_case(
                env, "street_light", "It is dark.", subject=subject, latitude=latitude, longitude=longitude
            )
            days = {OVERDUE: -3, SOON: 1, CALM: 30}[subject]
            case.promised_on = date.today() + timedelta(days=days)
        running_city.file_case(env, "street_light", "It is dark.", subject="Lamp somewhere")
    return running_city


def _square(west, south, east, north):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def _open_map(somebody):
    page = somebody.open("/odoo/cases?view_type=civic_map")
    expect(page.locator(".o_civic_map .o_civic_zone").first).to_be_attached()
    expect(page.locator(".o_civic_map_item").first).to_be_visible()
    return page


def _search(page, text):
    page.locator(".o_searchview_input").fill(text)
    expect(page.locator(".o_searchview_autocomplete").first).to_contain_text(text)  # what Enter chooses
    page.locator(".o_searchview_input").press("Enter")


def test_a_worker_finds_cases_on_the_map(mapped_city, city, person):
    worker = person(size=DESK, language="en")
    log_in(worker, "t_worker")
    page = _open_map(worker)

    # The city's zones are the map, each case a marker, the most urgent first in the list.
    assert page.locator(".o_civic_map .o_civic_zone").count() == 3
    _search(page, "lamp")
    items = page.locator(".o_civic_map_item")
    expect(items).to_have_count(3)
    assert [title.strip() for title in items.locator(".fw-bold").all_inner_texts()] == [OVERDUE, SOON, CALM]
    expect(page.locator(".o_civic_map .o_civic_closed")).to_have_count(0)
    expect(page.locator(".o_civic_map .o_civic_ok")).to_have_count(1)
    expect(page.get_by_text("Show them")).to_be_visible()

    # The map follows the search, and nothing else is on it.
    page.locator(".o_searchview_facet", has_text="lamp").locator(".o_facet_remove").click()
    _search(page, OVERDUE)
    expect(items).to_have_count(1)
    marker = page.locator(".o_civic_map .o_civic_marker")
    expect(marker).to_have_count(1)
    expect(marker.locator(".o_civic_overdue")).to_be_visible()

    # A click tells about the case and leads to it.
    marker.click()
    popup = page.locator(".o_civic_popup")
    expect(popup).to_contain_text(OVERDUE)
    save_screenshot(page, "map")
    popup.get_by_role("button").click()
    expect(page.locator(".o_form_view [name=name] input, .o_form_view [name=name] textarea").first).to_have_value(
        OVERDUE
    )


def test_the_map_is_usable_by_keyboard_alone(mapped_city, city, person):
    worker = person(size=DESK, language="en")
    log_in(worker, "t_worker")
    page = _open_map(worker)
    _search(page, CALM)
    marker = page.locator(".o_civic_map .o_civic_marker")
    # not the cluster of before: the map has followed the search
    expect(page.locator(".o_civic_map_item")).to_have_count(1)
    expect(marker).to_have_count(1)
    expect(marker.locator(".o_civic_ok")).to_be_visible()
    marker.press("Enter")
    expect(page.locator(".o_civic_popup")).to_contain_text(CALM)
    found = (
        Axe()
        .run(page, context=".o_civic_map_renderer", options={"runOnly": {"type": "tag", "values": WCAG}})
        .response["violations"]
    )
    assert not found, "\n".join(f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found)
    page.locator(".o_civic_map_item_open").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".o_form_view .o-mail-Chatter")).to_be_visible()


def test_a_point_placed_on_the_map_gives_the_zone(mapped_city, city, person):
    with city.env() as env:
        case_id = city.file_case(env, "street_light", "It is dark.", subject="To be placed").id
    worker = person(size=DESK, language="en")
    log_in(worker, "t_worker")
    page = worker.open(f"/odoo/cases/{case_id}")
    page.get_by_role("tab", name="Map", exact=True).click()
    target = page.locator(".o_civic_form_map .o_civic_map")
    expect(target.locator(".o_civic_zone").first).to_be_attached()
    target.scroll_into_view_if_needed()
    # the west half of the city's square, in its southern part, is the old town
    box = target.locator(".o_civic_zone_city").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] * 0.75)
    expect(target.locator(".o_civic_point")).to_be_visible()
    expect(page.locator("[name=civic_zone_id] input")).to_have_value("Centre › Old Town")
    page.locator(".o_form_button_save").click()
    expect(page.locator(".o_form_status_indicator_buttons.invisible")).to_be_attached()
    with city.env() as env:
        case = env["helpdesk.ticket"].browse(case_id)
        assert case.civic_zone_id.name == "Old Town"
        assert case.zone_source == "point"
        assert 40 < case.latitude < 42 and 0 < case.longitude < 2

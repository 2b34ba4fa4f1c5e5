# SPDX-License-Identifier: AGPL-3.0-or-later
"""A worker's case that needs others: the clock stands while the citizen is asked, another department contributes.

The way from the board to the closing without detours is in ``test_case_journey.py``.
"""

from datetime import date

import pytest
from playwright.sync_api import expect

from tests.common.browser import DESK
from tests.common.photos import phone_photo

from .looking import assert_accessible_to_staff, look_at_staff_page
from .steps import (
    answer_and_close,
    card,
    choose,
    confirm,
    dialog,
    field,
    open_case,
    open_menu,
    open_tab,
    say,
    send_message,
    start_work,
    toggle_filter,
)

SUBJECT = "Lamp behind the old oak"


@pytest.fixture(scope="module")
def worked_city(running_city):
    """The test city with a case of the lighting department."""
    with running_city.env() as env:
        running_city.file_case(
            env, "street_light", "It is dark behind the oak.", subject=SUBJECT, email="olga@home.test"
        )
    return running_city


def test_a_case_waits_for_the_citizen_and_for_another_department(worked_city, city, person, mailbox):
    worker, gardener = person(size=DESK, language="en"), person(size=DESK, language="es")
    page = worker.page
    start_work(city, worker, "t_worker")
    open_menu(worker, "menu_department")
    assert_accessible_to_staff(page)
    open_case(worker, SUBJECT)
    assert_accessible_to_staff(page)

    # Something is missing: the citizen is asked, and the clock stands.
    send_message(worker, "Is it the lamp to the left?")
    mailbox.wait_for("olga@home.test", containing="Is it the lamp to the left?")
    open_tab(worker, "deadlines")
    page.get_by_role("button", name="Pause the clock").click()
    pause = dialog(worker)
    choose(pause, "reason_id", "The citizen has to complete the request")
    field(pause, "note").fill("Which of the two lamps.")
    look_at_staff_page(worker, "worker-pause")
    confirm_pause(page)
    expect(page.locator("[name=pause_ids] .o_data_row")).to_contain_text("Which of the two lamps.")
    expect(page.locator("button[name=action_resume_clock]")).to_be_visible()
    expect(page.locator("[name=clock_text]").first).to_contain_text("paused")

    # Another department has to cut the tree first: it is asked for that by a day.
    page.locator("button[name=action_ask_departments]").click()
    ask = dialog(worker)
    choose(ask, "team_ids", "Parks")
    field(ask, "text").fill("Cut the oak back, please: the lamp is inside of it.")
    field(ask, "promised_on").fill("12/30/2030")
    field(ask, "promised_on").press("Tab")
    look_at_staff_page(worker, "worker-ask")
    confirm(worker, "action_ask")
    open_tab(worker, "contributions")
    expect(page.locator("[name=sub_case_ids] .o_data_row")).to_contain_text("Parks")
    expect(page.locator("button[name=action_open_sub_cases]")).to_contain_text("1 open of 1")

    # On the board both are told: the clock stands, and somebody else is awaited.
    open_menu(worker, "menu_department")
    toggle_filter(worker, "Clock stands")
    expect(card(worker, SUBJECT)).to_contain_text("paused")
    expect(card(worker, SUBJECT)).to_contain_text("1 awaited from others")
    look_at_staff_page(worker, "worker-board")

    # The other department finds the contribution on its own board, with what is asked and without the citizen.
    start_work(city, gardener, "t_stranger")
    open_menu(gardener, "menu_department")
    expect(card(gardener, SUBJECT)).to_contain_text("Lighting")
    open_case(gardener, SUBJECT)
    expect(gardener.page.get_by_text("Cut the oak back, please")).to_be_visible()
    expect(gardener.page.get_by_text("olga@home.test")).to_have_count(0)
    look_at_staff_page(gardener, "worker-contribution")

    # The case is not closed as solved behind the back of the other department.
    open_case(worker, SUBJECT)
    page.locator("button[name=action_answer_and_close]").click()
    closing = dialog(worker)
    closing.get_by_label("Solved", exact=True).check()
    field(closing, "answer").fill("The lamp shines again.")
    closing.locator("button[name=action_close]").click()
    refusal = page.locator(".modal-dialog", has_text="still waits for Parks")
    refusal.locator("footer .btn-primary").click()
    expect(refusal).to_have_count(0)
    page.locator(".modal-dialog footer .btn-secondary").click()
    expect(page.locator(".modal-dialog")).to_have_count(0)

    # The gardeners are done.
    answer_contribution(gardener, say(gardener, "Solved"), "The oak is cut back.")

    # The citizen's answer is there, the clock runs again, and the case is closed with a photo of the lamp.
    page.reload()
    expect(page.locator("button[name=action_open_sub_cases]")).to_contain_text("0 open of 1")
    open_tab(worker, "deadlines")
    page.locator("button[name=action_resume_clock]").click()
    resume = dialog(worker)
    field(resume, "date_to").fill(date.today().strftime("%m/%d/%Y"))
    field(resume, "date_to").press("Tab")
    look_at_staff_page(worker, "worker-resume")
    confirm_pause(page)
    expect(page.locator("button[name=action_resume_clock]")).to_have_count(0)
    page.locator("button[name=action_answer_and_close]").click()
    closing = dialog(worker)
    closing.locator("[name=evidence_ids] input[type=file]").set_input_files(
        [{"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": phone_photo()}]
    )
    expect(closing.locator("[name=evidence_ids]")).to_contain_text("lamp.jpg")
    look_at_staff_page(worker, "worker-close")
    closing.get_by_label("Solved", exact=True).check()
    field(closing, "answer").fill("The lamp shines again.")
    confirm(worker, "action_close")
    mailbox.wait_for("olga@home.test", containing="The lamp shines again.")
    with city.env() as env:
        case = env["helpdesk.ticket"].search([("name", "=", SUBJECT), ("parent_case_id", "=", False)])
        assert case.closed_date
        assert case.evidence_ids.mapped("name") == ["lamp.jpg"]
        assert case.pause_ids.date_to
        assert case.sub_case_ids.closed_date


def confirm_pause(page):
    page.locator(".modal-dialog .o_form_button_save, .modal-dialog footer .btn-primary").first.click()
    expect(page.locator(".modal-dialog")).to_have_count(0)


def answer_contribution(somebody, outcome, answer):
    answer_and_close(somebody, outcome, answer)
    expect(somebody.page.locator("button[name=action_reopen]")).to_be_visible()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A day at the front desk: calls answered at once, a call that becomes a case, a citizen found by the phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.common.browser import DESK

from .looking import look_at_staff_page
from .steps import (
    choose,
    confirm,
    dialog,
    field,
    open_menu,
    press_new,
    save,
    say,
    search_for,
    start_work,
)

PHONE = "+34 600 111 222"


@pytest.fixture(scope="module")
def desk_city(running_city):
    """The test city with a service that is registered and asks something, and somebody who has called before."""
    with running_city.env() as env:
        service = env["helpdesk.ticket.category"].create(
            {
                "name": "Skip on the street",
                "kind": "request",
                "team_id": running_city.ids["parks"],
                "promise_days": 10,
                "ask_place": "required",
            }
        )
        Question = env["civic.service.question"]
        for code, label, datatype, required in (
            ("skips", "How many skips?", "number", True),
            ("content", "What goes in?", "singlevaluelist", True),
            ("from", "From which day?", "datetime", False),
        ):
            options = {"option_lines": "Rubble\nWood"} if datatype == "singlevaluelist" else {}
            Question.create(
                {"service_id": service.id, "code": code, "label": label, "datatype": datatype, "required": required}
                | options
            )
        topic = env["civic.topic"].create({"name": "Libraries"})
        topic.with_context(lang="es_ES").name = "Bibliotecas"
        caller = env["res.partner"].create(
            {"name": "Carla Caller", "phone": PHONE, "email": "carla@home.test", "is_citizen": True}
        )
        running_city.ids.update(skip=service.id, caller=caller.id)
        running_city.file_case(env, "tree", "It leans.", subject="A tree leans over", place="River Walk 7")
        running_city.file_case(
            env, "skip", "For rubble.", place="Harbour Street 12", answers={"skips": "1", "content": "rubble"}
        )
    return running_city


def test_the_front_desk_answers_files_and_finds(desk_city, city, person, mailbox):
    agent = person(size=DESK, language="es")
    page = agent.page
    start_work(city, agent, "t_agent")

    # Somebody calls about the library. The answer is known, and the enquiry ends with what came of it.
    open_menu(agent, "menu_enquiries")
    look_at_staff_page(agent, "agent-enquiries")
    press_new(agent)
    field(page, "name").fill("¿A qué hora abre la biblioteca?")
    field(page, "phone").fill("+34 600 999 888")
    choose(page, "topic_id", "Bibliotecas")
    look_at_staff_page(agent, "agent-enquiry")
    page.locator("button[name=action_answer]").click()
    answer = dialog(agent)
    expect(
        answer.get_by_text(say(agent, "There is no e-mail address: what you write stays here as a note."))
    ).to_be_visible()
    expect(answer.get_by_label(say(agent, "Answered"), exact=True)).to_be_checked()
    field(answer, "answer").fill("De nueve a dos.")
    confirm(agent, "action_finish")
    expect(page.locator("button[name=action_reopen]")).to_be_visible()
    with city.env() as env:
        enquiry = env["crm.lead"].search([("name", "ilike", "biblioteca")])
        assert enquiry.enquiry_state == "done"
        assert enquiry.first_contact_resolution
        assert enquiry.topic_id.with_context(lang="en_US").name == "Libraries"
        assert enquiry.seconds_spent > 0

    # The next call is work for a department: it becomes a case, and the department of the service has it.
    open_menu(agent, "menu_enquiries")
    press_new(agent)
    field(page, "name").fill("Rama a punto de caer")
    field(page, "contact_name").fill("Dora")
    field(page, "description").fill("Una rama grande cuelga sobre la acera.")
    page.locator("button[name=action_turn_into_cases]").click()
    line = dialog(agent).locator("[name=line_ids] .o_data_row").first
    line.locator("td[name=category_id]").click()
    choose(line, "category_id", "Árbol caído")
    line.locator("td[name=place]").click()
    field(line, "place").fill("River Walk 7")
    look_at_staff_page(agent, "agent-convert")
    page.locator(".modal-dialog button[name=action_convert]").click()
    expect(page.locator(".o_civic_case")).to_be_visible()
    expect(field(page, "category_id")).to_have_value(re.compile("Árbol caído"))
    expect(page.locator(".o_civic_case [name=team_id]").first).to_contain_text("Parks")
    expect(page.locator("[name=description]").first).to_contain_text("Una rama grande cuelga sobre la acera.")
    # somebody has reported the tree before: it is said at once
    expect(page.get_by_text(say(agent, "Somebody may have reported this before:"))).to_be_visible()

    # A citizen calls who is known: found by the phone's number, as it was dictated.
    open_menu(agent, "menu_citizens", "menu_citizens_all")
    search_for(agent, "600111222", say(agent, "Name, e-mail or phone"))
    expect(page.locator(".o_data_row")).to_have_count(1)
    page.locator(".o_data_row", has_text="Carla Caller").locator("td[name=complete_name]").click()
    expect(page.locator(".o_form_view [name=name]").first).to_be_visible()
    look_at_staff_page(agent, "agent-citizen")

    # The case is filed in her name, with what the service asks; while it is typed the desk sees who asked before.
    page.get_by_role("button", name=say(agent, "New case")).first.click()
    expect(field(page, "partner_id")).to_have_value(re.compile("Carla Caller"))
    expect(field(page, "partner_phone")).to_have_value(re.compile("600 ?11"))
    choose(page, "category_id", "Skip on the street")
    field(page, "name").fill("Contenedor de obra")
    field(page, "description").fill("Es para escombro de una reforma.")
    field(page, "place").fill("Harbour Street 12")
    field(page, "place").press("Tab")
    expect(page.get_by_text(say(agent, "Somebody may have reported this before:"))).to_be_visible()
    page.locator(".o_notebook .nav-link[name=duplicates]").click()
    expect(page.locator("[name=possible_duplicate_ids] .o_data_row")).to_contain_text("Harbour Street 12")
    choose(page, "channel_id", say_channel(city, "phone"))
    answer_question(page, "How many skips?", "given", "2")
    answer_question(page, "What goes in?", "option_ids", "Wood")
    expect(page.get_by_text(say(agent, "Not answered yet:"))).to_have_count(0)
    look_at_staff_page(agent, "agent-filing")
    save(agent)

    # It is a request: the entry in the registry has its number, to be told on the phone.
    registered = page.locator(".o_civic_case [name=registry_number]")
    expect(registered).to_have_text(re.compile(r"\d{4}-E-\d+"))
    # and Carla, who has called, has it in writing
    with city.env() as env:
        case = env["helpdesk.ticket"].search([("name", "=", "Contenedor de obra")])
        mailbox.wait_for("carla@home.test", containing=case.tracking_code)
        assert case.partner_id.id == city.ids["caller"]
        assert case.team_id.id == city.ids["parks"]
        assert case.registry_number == registered.inner_text().strip()
        assert sorted(case.answer_ids.mapped("display")) == ["2", "Wood"]


def say_channel(city, name):
    with city.env() as env:
        return env.ref(f"helpdesk_mgmt.helpdesk_ticket_channel_{name}").with_context(lang="es_ES").name


def answer_question(page, question, column, value):
    """Answer one of the questions of the service in the case's list of answers."""
    row = page.locator("[name=answer_ids] .o_data_row", has_text=question)
    row.locator(f"td[name={column}]").click()
    row = page.locator("[name=answer_ids] .o_selected_row")
    if column == "option_ids":
        choose(row, column, value)
    else:
        field(row, column).fill(value)
        field(row, column).press("Tab")

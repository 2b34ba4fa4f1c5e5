# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the system could not file: the day's equation leads to it, a person says what it is, and nothing is lost."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.common import post
from tests.common.browser import DESK, WCAG
from tests.common.processes import wait_until

from .looking import assert_accessible_to_staff, look_at_staff_page
from .steps import choose, dialog, field, open_menu, say, start_work, toggle_filter

MAILS = {
    "¿A qué hora abren?": "¿Abre la biblioteca los sábados?",
    "Un árbol caído": "Ha caído un árbol sobre el banco del parque.",
    "Gane dinero ya": "Pulse aquí.",
}


@pytest.fixture(scope="module")
def full_city(running_city):
    """The test city with three mails that were sent to nobody's address, over SMTP."""
    for subject, text in MAILS.items():
        post.deliver(post.write("Eva Ruiz <eva@home.test>", "nadie@city.test", subject, text), running_city.smtp_port)

    def all_there():
        with running_city.env() as env:
            return env["civic.intake"].search_count([("subject", "in", list(MAILS))]) == len(MAILS)

    wait_until(all_there, "the mails to be in quarantine")
    return running_city


def term(page, name):
    return page.locator(f".o_civic_equation_line [data-term={name}]")


def number(page, name):
    return int(term(page, name).locator(".o_civic_equation_number").inner_text().replace(".", "").replace(",", ""))


def open_equation(agent):
    """Open the page, whose sum is right."""
    open_menu(agent, "menu_intake", "menu_intake_equation")
    page = agent.page
    expect(page.locator("[data-verdict=even]")).to_be_visible()
    terms = ("cases", "enquiries", "replies", "spam", "quarantined", "waiting")
    counted = {name: number(page, name) for name in ("received", *terms)}
    assert counted["received"] == sum(counted[name] for name in terms)
    return counted


def card(page, subject):
    return page.locator(".o_kanban_record:not(.o_kanban_ghost)", has_text=subject)


def press_in_menu(page, subject, name):
    card(page, subject).hover()
    card(page, subject).locator(".o_dropdown_kanban button, .o_dropdown_kanban .dropdown-toggle").first.click()
    page.locator(".o-dropdown--kanban-record-menu, .o-dropdown--menu").get_by_role("menuitem", name=name).click()


def test_each_message_is_decided_and_the_equation_balances(full_city, city, person):
    agent = person(size=DESK, language="es")
    start_work(city, agent, "t_agent")
    page = agent.page

    # The day in one line; a click on a term shows what is in it.
    before = open_equation(agent)
    assert before["quarantined"] >= len(MAILS), "others may have come before"
    look_at_staff_page(agent, "agent-equation")
    found = (
        Axe()
        .run(page, context=".o_civic_equation", options={"runOnly": {"type": "tag", "values": WCAG}})
        .response["violations"]
    )
    assert not found, "\n".join(f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found)
    term(page, "quarantined").focus()
    page.keyboard.press("Enter")
    expect(card(page, "¿A qué hora abren?")).to_be_visible()
    expect(page.locator(".o_kanban_record:not(.o_kanban_ghost)")).to_have_count(before["quarantined"])

    # The board: one is an enquiry,
    open_menu(agent, "menu_intake", "menu_intake_board")
    expect(page.locator(".o_kanban_group")).to_contain_text([say(agent, "Nobody's address")])
    look_at_staff_page(agent, "agent-quarantine")
    assert_accessible_to_staff(page)
    press_in_menu(page, "¿A qué hora abren?", say(agent, "File as an enquiry"))
    expect(dialog(agent).locator(".o_civic_intake_text")).to_contain_text("¿Abre la biblioteca los sábados?")
    look_at_staff_page(agent, "agent-decide-enquiry")
    page.locator(".modal-dialog footer .btn-primary:visible").click()
    expect(page.locator(".modal-dialog")).to_have_count(0)
    expect(card(page, "¿A qué hora abren?")).to_have_count(0)

    # another a case, with what its service asks,
    card(page, "Un árbol caído").locator("button[name=action_decide]").click()
    choose(dialog(agent), "category_id", "Árbol caído")
    page.locator(".modal-dialog footer .btn-primary:visible").click()
    refusal = page.locator(".modal-dialog", has_text="Dinos dónde")
    expect(refusal).to_be_visible()
    refusal.locator("footer button").first.click()
    expect(page.locator(".modal-dialog")).to_have_count(1)
    field(dialog(agent), "place").fill("River Walk 7")
    assert_accessible_to_staff(page)
    look_at_staff_page(agent, "agent-decide-case")
    page.locator(".modal-dialog footer .btn-primary:visible").click()
    expect(page.locator(".o_notification a", has_text="Un árbol caído")).to_be_visible()
    expect(page.locator(".modal-dialog")).to_have_count(0)
    expect(card(page, "Un árbol caído")).to_have_count(0)

    # and one is set aside, and taken back.
    press_in_menu(page, "Gane dinero ya", say(agent, "Set aside as spam"))
    expect(card(page, "Gane dinero ya")).to_have_count(0)
    page.locator(".o_facet_remove").first.click()
    toggle_filter(agent, say(agent, "Set aside"))
    card(page, "Gane dinero ya").locator("button[name=action_restore]").click()
    expect(card(page, "Gane dinero ya")).to_have_count(0)
    page.locator(".o_facet_remove").first.click()
    expect(card(page, "Gane dinero ya")).to_be_visible()

    # Whatever was decided, by whom is written down, and the sum is right.
    after = open_equation(agent)
    changed = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert changed == {"enquiries": 1, "cases": 1, "quarantined": -2}
    with city.env() as env:
        entries = env["civic.intake"].search([("subject", "in", list(MAILS))], order="id")
        assert [entry.result or entry.reason for entry in entries] == ["enquiry", "case", "restored"]
        assert set(entries.decided_user_id.mapped("login")) == {"t_agent"}
        assert entries.case_id.place == "River Walk 7"
        assert "biblioteca" in entries.enquiry_id.description
        assert env["civic.intake"]._get_balance().is_even

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The telephone: a signed webhook opens the agent's screen, and a case is filed with three keys; no mouse."""

import json
import time
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from odoo.addons.civic_crm.core import signature
from tests.common.browser import DESK, TABLET, WCAG, assert_no_sideways_scroll, save_screenshot
from tests.common.processes import wait_until

from .steps import start_work

SECRET = "switchboard-secret-for-tests-only"
NUMBER = "+34600555777"


@pytest.fixture(scope="module")
def phone_city(running_city):
    """The test city with a switchboard, the agent's extension and a caller who has an open case."""
    with running_city.env() as env:
        agent = env["res.users"].search([("login", "=", "t_agent")])
        env["civic.phone.system"].create(
            {
                "name": "Switchboard",
                "code": "switchboard",
                "new_secret": SECRET,
                "extension_ids": [(0, 0, {"extension": "204", "user_id": agent.id})],
            }
        )
        caller = env["res.partner"].create({"name": "Eva Ruiz", "phone": NUMBER, "is_citizen": True})
        running_city.file_case(env, "tree", "A branch is down.", subject="Branch on the path", partner=caller)
        running_city.file_case(env, "street_light", "Dark.", subject="Lamp in Oak Street", place="Oak Street 12")
    return running_city


def _ring(city, event="ringing", **parts):
    body = json.dumps({"event": event, "number": NUMBER, **parts}).encode()
    at = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "webhook-timestamp": at,
        "webhook-signature": signature.sign(SECRET, at, body),
    }
    request = urllib.request.Request(f"{city.address}/civic/phone/switchboard", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status


def _open_home(city, agent):
    """Be somewhere else in the backend, listening: what is sent before the page listens is not heard."""
    page = agent.open("/odoo/cases")
    expect(page.locator(".o_kanban_view, .o_list_view").first).to_be_visible()
    heard = page.locator(".o_notification", has_text="Can you hear me?")

    def is_listening():
        with city.env() as env:
            user = env["res.users"].search([("login", "=", "t_agent")])
            user._bus_send("simple_notification", {"type": "info", "message": "Can you hear me?"})
        page.wait_for_timeout(300)
        return heard.count()

    wait_until(is_listening, "the bus")
    return page


def _focused(page, name):
    expect(page.locator(f'[data-focus="{name}"]')).to_be_focused()


def test_a_call_opens_the_screen_and_a_case_takes_three_keys(phone_city, city, person):
    agent = person(size=DESK, language="en")
    start_work(city, agent, "t_agent")
    page = _open_home(city, agent)

    # The call opens the screen: who it is, and what is open of them.
    assert _ring(city, call="one", extension="204") == 200
    expect(page.locator(".o_civic_call_chosen")).to_contain_text("Eva Ruiz")
    expect(page.locator(".o_civic_call_chosen")).to_contain_text("Branch on the path")
    assert _ring(city, "answered", call="one", extension="204") == 200
    expect(page.locator(".o_civic_call_state")).to_contain_text("Talking")
    _focused(page, "notes")
    page.keyboard.type("The street light in front of number 12 is dark")
    save_screenshot(page, "call-notes")

    # Three keys, and between them the place that the service asks for.
    page.keyboard.press("Alt+n")
    expect(page.locator(".o_civic_call_services [aria-selected=true]")).to_contain_text("Broken street light")
    page.keyboard.press("Enter")
    _focused(page, "place")
    page.keyboard.type("Oak Street 14")
    page.keyboard.press("Enter")
    made = page.locator(".o_civic_call_made")
    expect(made).to_contain_text("Broken street light")
    expect(page.locator('[data-focus="disposition"] option:checked')).to_have_text("Case or enquiry filed")
    save_screenshot(page, "call-filed")
    with city.env() as env:
        call = env["civic.call"].search([("call_ref", "=", "one")])
        case = call.intake_ids.case_id
        assert (case.partner_id.name, case.channel_id.name) == ("Eva Ruiz", "Phone")
        assert "number 12 is dark" in case.description
        assert env["civic.intake"]._get_balance().is_even

    # And one to finish: the ending is proposed.
    assert _ring(city, "ended", call="one") == 200
    expect(page.locator(".o_civic_call_state")).to_contain_text("Hung up")
    page.keyboard.press("Alt+f")
    expect(page.locator(".o_civic_call_idle")).to_be_visible()
    with city.env() as env:
        call = env["civic.call"].search([("call_ref", "=", "one")])
        assert (call.disposition_id.kind, call.user_id.login) == ("filed", "t_agent")


def test_what_was_reported_before_shows_while_filing(phone_city, city, person):
    agent = person(size=DESK, language="en")
    start_work(city, agent, "t_agent")
    page = agent.open("/odoo/civic-phone")
    _focused(page, "number")
    page.keyboard.type("611222333")
    page.keyboard.press("Enter")
    _focused(page, "notes")
    page.keyboard.type("street light dark")

    # Somebody new, by keyboard.
    page.keyboard.press("Alt+r")
    _focused(page, "newcomer")
    page.keyboard.type("Juan Sanz")
    page.keyboard.press("Enter")
    expect(page.locator(".o_civic_call_chosen")).to_contain_text("Juan Sanz")
    _focused(page, "notes")

    page.keyboard.press("Alt+n")
    expect(page.locator(".o_civic_call_services [aria-selected=true]")).to_contain_text("Broken street light")
    page.keyboard.press("Enter")
    _focused(page, "place")
    page.keyboard.type("Oak Street 12")
    alike = page.locator(".o_civic_call_alike")
    expect(alike).to_contain_text("Lamp in Oak Street")
    save_screenshot(page, "call-alike")
    found = (
        Axe()
        .run(page, context=".o_civic_call", options={"runOnly": {"type": "tag", "values": WCAG}})
        .response["violations"]
    )
    assert not found, "\n".join(f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found)
    alike.get_by_label("Lamp in Oak Street").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".o_civic_call_made")).to_contain_text("Broken street light")
    with city.env() as env:
        case = env["helpdesk.ticket"].search([("partner_id.name", "=", "Juan Sanz")])
        assert "Lamp in Oak Street" in (case.issue_id.case_ids - case).mapped("name")


def test_a_call_for_everybody_is_offered_to_who_is_on_duty(phone_city, city, person):
    with city.env() as env:
        env["res.users"].search([("login", "=", "t_agent")]).is_on_phone_duty = True
        env["civic.call"].search([("disposition_id", "=", False)]).disposition_id = env.ref(
            "civic_crm.call_disposition_answered"
        )
    agent = person(size=TABLET, language="en")
    start_work(city, agent, "t_agent")
    page = _open_home(city, agent)
    _ring(city, call="two")
    offer = page.locator(".o_notification", has_text="A call for everybody")
    expect(offer).to_contain_text("Eva Ruiz")
    offer.get_by_role("button", name="Take the call").press("Enter")
    expect(page.locator(".o_civic_call_chosen")).to_contain_text("Eva Ruiz")
    assert_no_sideways_scroll(page)
    save_screenshot(page, "call-tablet")

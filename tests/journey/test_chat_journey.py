# SPDX-License-Identifier: AGPL-3.0-or-later
"""The chat on the city's site: a citizen on a phone and the bot, and an operator who makes a case of a conversation."""

import re

import pytest
from playwright.sync_api import expect

from tests.common.browser import DESK

from .steps import say, start_work

MATTER = {"en": "There is a fallen tree", "es": "Hay un árbol caído"}


@pytest.fixture
def open_chat(city):
    """The city's chat stands on its site."""
    with city.env() as env:
        env.ref("website.default_website").channel_id = env.ref("civic_crm.livechat")
        env.ref("civic_crm.livechat").write({"user_ids": [(6, 0, [])], "civic_calendar_id": False})
        tree = env["helpdesk.ticket.category"].browse(city.ids["tree"])
        before, tree.ask_place = tree.ask_place, "required"
    yield
    with city.env() as env:
        env["helpdesk.ticket.category"].browse(city.ids["tree"]).ask_place = before
        # an operator's open conversation would stand before what others look at
        operators = env.ref("civic_crm.livechat").user_ids.partner_id
        talks = [("channel_id.channel_type", "=", "livechat"), ("partner_id", "in", operators.ids)]
        env["discuss.channel.member"].search(talks).unlink()
        env.ref("website.default_website").channel_id = False


def begin(citizen):
    page = citizen.open("/contactus")
    page.locator(".o-livechat-LivechatButton").click()
    expect(page.locator(".o-mail-Message").last).to_be_visible()
    return page


def tell(citizen, text, expected):
    """Write one answer and wait until the bot says *expected*."""
    page = citizen.page
    box = page.locator(".o-mail-ChatWindow .o-mail-Composer-input:not([readonly]):not([disabled])").first
    box.fill(text)
    box.press("Enter")
    said = page.locator(".o-mail-ChatWindow .o-mail-Message", has_text=expected).last
    expect(said).to_be_visible()
    return said


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_citizen_tells_the_bot_on_a_phone_and_gets_the_code(city, person, open_chat, language):
    ana = person(language=language)
    begin(ana)
    tell(ana, MATTER[language], say(ana, "None of these"))
    tell(ana, "1", say(ana, "Where is it? A street and number, or a place."))
    tell(ana, f"Calle Olmo 7 {language}", say(ana, "What is your name?"))
    tell(ana, "Ana", say(ana, "Which e-mail address do we answer to?"))
    tell(ana, f"ana.chat.{language}@home.test", say(ana, "This is what we send:"))
    said = tell(ana, {"es": "sí", "en": "yes"}[language], say(ana, "Follow your case"))
    code = re.search(r"\w{4}-\w{4}-\w{4}", said.inner_text()).group()
    with city.env() as env:
        case = env["helpdesk.ticket"].search([("place", "=", f"Calle Olmo 7 {language}")])
        assert case.tracking_code == code
        assert case.partner_id.lang[:2] == language
        assert case.chat_id


def test_an_operator_turns_a_conversation_into_a_case_by_command(city, person, open_chat):
    agent = person(size=DESK, language="en")
    start_work(city, agent, "t_agent")
    with city.env() as env:
        user = env["res.users"].search([("login", "=", "t_agent")])
        env.ref("civic_crm.livechat").user_ids = user
        env["mail.presence"]._update_presence(user)
    ana = person(language="en")
    begin(ana)
    tell(ana, "There is a fallen tree in the park", "None of these")
    tell(ana, "person", "Somebody of the front desk")
    with city.env() as env:
        chat = env["discuss.channel"].search([("channel_type", "=", "livechat")], order="id desc", limit=1)
        env["helpdesk.ticket.category"].browse(city.ids["tree"]).ask_place = "no"
    page = agent.open(f"/odoo/action-mail.action_discuss?active_id=discuss.channel_{chat.id}")
    box = page.locator(".o-mail-Composer-input:not([disabled])").first
    box.fill("/case tree")
    box.press("Enter")
    expect(page.locator(".o-mail-Message", has_text=re.compile("Case:|Aviso:")).last).to_be_visible()
    expect(ana.page.locator(".o-mail-Message", has_text="Your case is registered").last).to_be_visible()

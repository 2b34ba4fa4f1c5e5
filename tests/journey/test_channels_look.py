# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ways in that are no page of the city's site: the form on other sites, what is said while nothing is registered yet,
the receipt, and the counter's form. At 320, 768 and 1280 px, in both languages, with axe-core.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.common.browser import (
    DESK,
    LOCALES,
    NARROW,
    PHONE,
    TABLET,
    accessibility_violations,
    assert_no_sideways_scroll,
    save_screenshot,
)

from .steps import choose, dialog, field, say, start_work

LANGUAGES = ("es", "en")
SIZES = ((NARROW, PHONE[1]), TABLET, DESK)


def look(somebody, name, part=None):
    """Pictures at every width; nothing beside the screen, nothing that axe-core finds in the page or its *part*."""
    page, wrong = somebody.page, {}
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert_no_sideways_scroll(page)
        save_screenshot(page, f"{name}-{somebody.language}-{width}")
        for violation in accessibility_violations(part or page):
            wrong.setdefault(violation, []).append(width)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert not wrong, "\n".join(f"at {widths} px: {text}" for text, widths in wrong.items())


# the form on another site ---------------------------------------------


class OtherSite(BaseHTTPRequestHandler):
    """Another site of the city, with one page: the lines that the administrator copies, in the middle of it."""

    language, lines = "en", ""

    def do_GET(self):
        page = f"""<!DOCTYPE html><html lang="{self.language}"><title>Libraries</title><link rel="icon" href="data:,">
            <meta name="viewport" content="width=device-width, initial-scale=1"><meta charset="utf-8">
            <body><h1>Libraries</h1>{self.lines}<p style="height: 60rem">Opening hours</p></body></html>"""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_words):
        """Its log is nobody's concern."""


@pytest.fixture(scope="module")
def host():
    """The address of the other site: another origin than the city's, and another site to the browser."""
    with ThreadingHTTPServer(("127.0.0.1", 0), OtherSite) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def embed(city, language, origins):
    """Set the form up for the sites *origins*, and put its lines into the other site's page."""
    with city.env() as env:
        lang = env["res.lang"]._lang_get(LOCALES[language].replace("-", "_"))
        made = env["civic.embed"].create({"name": f"Libraries {language}", "origins": origins, "lang_id": lang.id})
        OtherSite.language, OtherSite.lines = language, made.snippet


def visit(visitor, host):
    """Open the other site's page; return the form's frame."""
    visitor.page.route(f"{host}/**", lambda route: route.continue_())
    visitor.page.goto(f"{host}/page")
    frame = visitor.page.locator("iframe")
    expect(frame).to_have_attribute("title", say(visitor, "Tell the city"))
    return frame.element_handle().content_frame()


def expect_whole(visitor, frame):
    """The frame is as high as what is in it, so that only the page around it is scrolled."""
    frame.wait_for_function("document.scrollingElement.scrollHeight <= innerHeight + 1")
    frame.wait_for_function("innerHeight < document.querySelector('main').offsetHeight + 40")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_on_another_site_is_filled_in_there(city, person, host, language):
    embed(city, language, host)
    visitor = person(language=language)
    frame = visit(visitor, host)
    expect(frame.locator("h1")).to_have_text(say(visitor, "What is it about?"))
    expect_whole(visitor, frame)
    look(visitor, "embed-services", frame)

    frame.locator(f"a[href$='/{city.ids['street_light']}']").click()
    expect(frame.locator("#civic-text")).to_be_visible()
    expect_whole(visitor, frame)
    look(visitor, "embed-form", frame)

    # Whoever sends it at its end reads at its beginning what is wrong.
    visitor.expect_refusal(frame.url)
    frame.get_by_role("button", name=say(visitor, "Send"), exact=True).click()
    expect(frame.locator(".civic-errors")).to_be_focused()
    assert visitor.page.locator("iframe").bounding_box()["y"] > -1
    expect_whole(visitor, frame)
    look(visitor, "embed-errors", frame)
    frame.locator(".civic-errors a").first.click()
    expect(frame.locator("#civic-text")).to_be_focused()

    place = f"Calle Biblioteca 3 {language}"
    told = {"text": "The lamp at the door is dark.", "place": place, "name": "Eva", "email": f"eva.{language}@lib.test"}
    for name, value in told.items():
        frame.locator(f"#civic-{name}").fill(value)
    frame.get_by_role("button", name=say(visitor, "Send"), exact=True).click()
    code = frame.locator(".civic-code-big")
    expect(code).to_be_visible()
    expect_whole(visitor, frame)
    look(visitor, "embed-received", frame)
    with city.env() as env:
        case = env["helpdesk.ticket"].search([("place", "=", place)])
        assert case.tracking_code == code.inner_text().strip()


def test_a_site_that_is_not_named_shows_no_form(city, person, host):
    embed(city, "en", "https://other.test")
    visitor = person(language="en")
    with visitor.page.expect_response(lambda answer: "/embed/form/" in answer.url) as answer:
        frame = visit(visitor, host)
    assert answer.value.status == 403
    assert not frame.locator("form").count()
    visitor.trouble, visitor._console = [], []  # the browser says what it does not show


# received, and the receipt ---------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_registered_yet_is_said_to_be_safe(city, person, language):
    code = {"es": "7777-AAAA-0001", "en": "7777-AAAA-0002"}[language]
    with city.env() as env:
        web = env.ref("helpdesk_mgmt.helpdesk_ticket_channel_web")
        env["civic.intake"]._accept("web", b"nothing that can be read", key=code, ref=code, channel=web)
    visitor = person(language=language)
    page = visitor.open(f"/cases/{code}/received")
    expect(page.locator(".civic-code-big")).to_have_text(code)
    expect(page.get_by_role("link", name=say(visitor, "See how it stands"))).to_be_visible()
    look(visitor, "received")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_is_read_on_a_phone_and_printed_on_paper(city, person, language):
    with city.env() as env:
        env = env(context=dict(env.context, lang=LOCALES[language].replace("-", "_")))
        case = city.file_case(env, "street_light", "The lamp is dark.\n\nSince Monday.", place="Calle Larga 7")
        code = case.tracking_code
    visitor = person(language=language)
    prefix = "" if language == "es" else "/en"
    page = visitor.open(f"{prefix}/cases/{code}/receipt")
    expect(page.locator("h1")).to_have_text(say(visitor, "We have received it"))
    look(visitor, "receipt")
    page.emulate_media(media="print")
    expect(page.get_by_role("button")).to_be_hidden()
    expect(page.locator(".qr")).to_be_visible()
    save_screenshot(page, f"receipt-{language}-print")


# the counter ----------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_counter_is_told_what_the_service_asks(city, person, language):
    """What is missing is said in words: a dialogue, no report of a failure."""
    with city.env() as env:
        service = env["helpdesk.ticket.category"].browse(city.ids["street_light"])
        service.ask_place = "required"
        name = service.with_context(lang=LOCALES[language].replace("-", "_")).name
    agent = person(size=DESK, language=language)
    start_work(city, agent, "t_agent")
    page = agent.open("/odoo/civic-counter")
    choose(page, "category_id", name)
    field(page, "text").fill("The lamp is dark.")
    page.locator("button[name=action_file]").click()
    told = dialog(agent)
    expect(told.locator(".modal-title")).to_have_text(say(agent, "Something is missing"))
    told.locator("footer button").first.click()
    field(page, "place").fill(f"Calle Corta 1 {language}")
    field(page, "email").fill(f"counter.{language}@home.test")
    page.locator("button[name=action_file]").click()
    expect(page.locator(".o_form_view .o-mail-Chatter")).to_be_visible()
    with city.env() as env:
        assert env["helpdesk.ticket"].search([("place", "=", f"Calle Corta 1 {language}")])

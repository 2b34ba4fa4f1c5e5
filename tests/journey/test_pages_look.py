# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every page at three widths in both languages: nothing beside the screen, nothing axe-core finds, no error.

The screenshots are kept in .state/screenshots/journey, for a person to look at.
"""

import pytest
from playwright.sync_api import expect

from tests.common.browser import (
    DESK,
    NARROW,
    PHONE,
    TABLET,
    accessibility_violations,
    assert_no_sideways_scroll,
    save_screenshot,
)
from tests.common.photos import phone_photo
from tests.common.processes import wait_until

from .steps import expect_state, log_in, say

SIZES = (PHONE, TABLET, DESK)
LANGUAGES = ("es", "en")
LOCALES = {"es": "es_ES", "en": "en_US"}
CITIZENS = {"es": "neighbour", "en": "citizen"}
STAFF = {"es": "t_head", "en": "t_worker"}
LONG = {
    "place": "Urbanización Nuestra Señora de los Desamparados, escalera 3, Avenida_de_la_Constitución_sin_número",
    "text": "It goes out at night.\n\nhttps://example.org/" + "a-very-long-address-without-any-space-" * 4,
}


@pytest.fixture(scope="module")
def codes(running_city):
    """Tracking codes by (kind, language): an open case with all there can be in it, and a closed one."""
    found = {}
    with running_city.env() as env:
        zone = env["civic.zone"].browse(running_city.ids["old_town"])
        for language in LANGUAGES:
            partner = env["res.partner"].browse(running_city.ids[CITIZENS[language]])
            for kind in ("open", "closed"):
                case = running_city.file_case(
                    env.user.with_context(lang=LOCALES[language]).env,
                    "street_light",
                    LONG["text"],
                    place=LONG["place"],
                    zone=zone,
                    partner=partner,
                    attachments=[("photograph_of_the_broken_street_light_at_the_corner.jpg", phone_photo())],
                )
                found[kind, language] = case.tracking_code
        for number in range(8):
            running_city.file_case(env, "tree", f"Tree number {number} has fallen.", place=f"Park {number}")
            running_city.file_case(env, "street_light", f"Lamp {number} is dark.", place=f"Street {number}")
    wait_until(lambda: _is_quiet(running_city), "the acknowledgements' cron", watching=running_city.odoo)
    for (kind, _language), code in found.items():
        _converse(running_city, code, close=kind == "closed")
    return found


def _is_quiet(city):
    with city.env() as env:
        return not env["helpdesk.ticket"].search_count([("acknowledgement", "=", "to_send")])


def _converse(city, code, close):
    """A question, an answer, work begun; the end, for one that is closed: each a transaction of its own."""

    def ask(case):
        case.message_post(body="Which lamp is it?", message_type="comment", subtype_xmlid="mail.mt_comment")

    def answer(case):
        case.sudo()._post_from_citizen("The third one, in front of the bakery.")

    def begin(case):
        stage = case.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")
        case.write({"stage_id": stage.id, "user_id": case.env.uid})

    def end(case):
        case.env["civic.case.close"].create({"case_ids": [(6, 0, case.ids)]}).action_close()

    for step in (ask, answer, begin, end) if close else (ask, answer, begin):
        with city.env() as env:
            worker = env["res.users"].search([("login", "=", "t_worker")])
            step(env["helpdesk.ticket"].search([("tracking_code", "=", code)]).with_user(worker))


def look(somebody, name):
    """All that holds for a citizen's page, at every width; all that is wrong is told at once, with its widths."""
    page, wrong = somebody.page, {}
    assert page.evaluate("document.documentElement.lang")[:2] == somebody.language

    def check_sideways(width):
        try:
            assert_no_sideways_scroll(page, width)
        except AssertionError as problem:
            wrong.setdefault(str(problem), []).append(width)

    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        save_screenshot(page, f"{name}-{somebody.language}-{width}")
        check_sideways(width)
        for violation in accessibility_violations(page):
            wrong.setdefault(violation, []).append(width)
    check_sideways(NARROW)
    assert not wrong, page.url + "\n" + "\n".join(f"at {widths} px: {text}" for text, widths in wrong.items())


def heading(somebody, text):
    expect(somebody.page.locator("h1")).to_have_text(say(somebody, text))


@pytest.mark.parametrize("language", LANGUAGES)
class TestPublicPages:
    def test_start(self, person, language):
        visitor = person(size=DESK, language=language)
        visitor.open("/cases")
        heading(visitor, "Tell the city")
        look(visitor, "start")

    def test_services(self, person, language):
        visitor = person(size=DESK, language=language)
        visitor.open("/cases/new")
        heading(visitor, "What is it about?")
        look(visitor, "services")

    def test_form(self, city, person, language):
        visitor = person(size=DESK, language=language)
        visitor.open(f"/cases/new/{city.ids['street_light']}")
        expect(visitor.page.get_by_label(say(visitor, "Where is it?"))).to_be_visible()
        look(visitor, "form")

    def test_form_with_errors(self, city, person, language):
        visitor = person(size=DESK, language=language)
        page = visitor.open(f"/cases/new/{city.ids['street_light']}")
        page.locator("#civic-email").fill("nobody")
        visitor.expect_refusal()
        page.get_by_role("button", name=say(visitor, "Send"), exact=True).click()
        expect(page.locator(".civic-errors")).to_contain_text(say(visitor, "Tell us what happens."))
        look(visitor, "form-errors")

    @pytest.mark.parametrize("service", ["bulky_waste", "noise", "violence_help"])
    def test_form_with_questions(self, city, person, language, service):
        """Services of the default catalogue: notices, lists, numbers and days, as asked and as refused."""
        with city.env() as env:
            asked = env.ref(f"civic_crm.service_{service}")
            asked.active = True
            path = f"/cases/new/{asked.id}"
        visitor = person(size=DESK, language=language)
        page = visitor.open(path)
        expect(page.locator(".civic-notice")).to_be_visible()
        look(visitor, f"form-{service}")
        visitor.expect_refusal()
        page.get_by_role("button", name=say(visitor, "Send"), exact=True).click()
        expect(page.locator(".civic-errors")).to_be_visible()
        look(visitor, f"form-{service}-errors")

    def test_services_found(self, person, language):
        visitor = person(size=DESK, language=language)
        page = visitor.open("/cases/new?q=" + {"es": "farola", "en": "light"}[language])
        expect(page.locator("#civic-found")).to_have_text(say(visitor, "We found this"))
        look(visitor, "services-found")

    def test_open_case(self, city, codes, person, language):
        visitor = person(size=DESK, language=language)
        page = visitor.open(f"/cases/{codes['open', language]}")
        expect_state(city, visitor, "Being dealt with")
        expect(page.locator("#civic-story-title")).to_have_text(say(visitor, "What has happened"))
        look(visitor, "case-open")

    def test_closed_case(self, city, codes, person, language):
        visitor = person(size=DESK, language=language)
        visitor.open(f"/cases/{codes['closed', language]}")
        expect_state(city, visitor, "Solved")
        look(visitor, "case-closed")

    def test_question_with_an_error(self, codes, person, language):
        visitor = person(size=DESK, language=language)
        page = visitor.open(f"/cases/{codes['closed', language]}/confirm")
        heading(visitor, "Is it fixed?")
        visitor.expect_refusal()
        page.get_by_role("button", name=say(visitor, "No, open it again")).click()
        expect(page.locator(".civic-errors")).to_contain_text(say(visitor, "Tell us what is not right."))
        look(visitor, "confirm")

    def test_case_just_filed(self, codes, person, language):
        visitor = person(size=DESK, language=language)
        page = visitor.open(f"/cases/{codes['open', language]}?filed=1")
        expect(page.locator(".civic-done")).to_contain_text(say(visitor, "We have received it. Thank you."))
        look(visitor, "case-filed")

    def test_unknown_code(self, person, language):
        visitor = person(size=DESK, language=language)
        visitor.open("/cases/find?code=0000-0000-0000", status=404)
        heading(visitor, "Follow your case")
        look(visitor, "find-unknown")

    def test_my_home(self, codes, person, language):
        citizen = person(size=DESK, language=language)
        log_in(citizen, f"t_{CITIZENS[language]}")
        page = citizen.open("/my")
        expect(page.get_by_text(say(citizen, "My cases"), exact=True).first).to_be_visible()
        expect(page.locator(".o_portal_doc_spinner")).to_have_count(0)
        look(citizen, "my-home")

    def test_my_cases(self, codes, person, language):
        citizen = person(size=DESK, language=language)
        log_in(citizen, f"t_{CITIZENS[language]}")
        page = citizen.open("/my/cases")
        heading(citizen, "My cases")
        expect(page.locator(".civic-card")).to_have_count(2)
        look(citizen, "my-cases")


@pytest.mark.parametrize("language", LANGUAGES)
def test_staff_pages(city, codes, person, language):
    """Odoo's own screens with our contents: they load without an error and can be looked at."""
    worker = person(size=DESK, language=language)
    page = worker.page
    log_in(worker, STAFF[language])

    def shoot(name):
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            save_screenshot(page, f"staff-{name}-{language}-{width}")
        page.set_viewport_size({"width": DESK[0], "height": DESK[1]})

    worker.open("/odoo/civic-departments")
    expect(page.locator(".o_kanban_record", has_text="Lighting").first).to_be_visible()
    shoot("departments")
    page.locator(".o_kanban_record", has_text="Lighting").first.click()
    expect(page.locator(".o_kanban_group .o_kanban_record").first).to_be_visible()
    shoot("board")
    page.locator(".o_kanban_record", has_text="Desamparados").first.click()
    expect(page.locator(".o_form_view .o-mail-Message").first).to_be_visible()
    expect(page.locator("button[name=action_answer_and_close]")).to_have_text(say(worker, "Answer and close"))
    shoot("case")
    page.locator("button[name=action_answer_and_close]").click()
    expect(page.locator(".modal-dialog .note-editable")).to_be_visible()
    shoot("close")

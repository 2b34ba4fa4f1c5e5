# SPDX-License-Identifier: AGPL-3.0-or-later
"""One case from the citizen's phone to the answer, with a real Odoo, a real browser and real mail."""

import re

import pytest
from playwright.sync_api import expect

from tests.common import post
from tests.common.browser import DESK, assert_no_sideways_scroll
from tests.common.photos import phone_photo, tells_the_place
from tests.common.processes import wait_until

from .steps import (
    answer_and_close,
    card,
    choose_service,
    expect_state,
    fill_form,
    log_in,
    open_board,
    open_case,
    receive_code,
    say,
    send,
    send_message,
    start_work,
)

OPEN_AGAIN = {"en": "Your case is open again", "es": "Tu aviso está abierto de nuevo"}
STREET_LIGHT = {"en": "Broken street light", "es": "Farola apagada"}


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_case_travels_from_the_phone_to_the_answer(city, person, mailbox, language):
    email = f"ana.{language}@home.test"
    place = f"Calle Mayor 3 {language}"

    # Ana files a case on her phone.
    ana = person(language=language)
    choose_service(ana, STREET_LIGHT[language])
    photo = phone_photo()
    assert tells_the_place(photo)
    fill_form(
        ana,
        text="La farola de la esquina no funciona.",
        place=place,
        files=[("farola.jpg", "image/jpeg", photo)],
        name="Ana Ejemplo",
        email=email,
    )
    send(ana)
    code = receive_code(ana)
    assert_no_sideways_scroll(ana.page)
    expect_state(city, ana, "Received")

    # Her photo is there and does not tell where it was taken.
    link = ana.page.locator(".civic-event a", has_text="farola.jpg")
    kept = ana.page.request.get(ana.page.evaluate("link => link.href", link.element_handle()))
    assert kept.ok and not tells_the_place(kept.body())

    # The acknowledgement arrives in her language, with the code and the link.
    received = mailbox.wait_for(email, containing=code)
    assert say(ana, "Follow your case") in post.html(received)
    assert f"{city.address}/cases/{code}" in post.links(received)
    assert received["Auto-Submitted"] == "auto-replied"

    # A worker finds it on the department's board and asks her something.
    worker = person(size=DESK, language="en")
    log_in(worker, "t_worker")
    open_board(worker, "Lighting")
    open_case(worker, place)
    send_message(worker, "Which lamp is it?")
    question = mailbox.wait_for(email, containing="Which lamp is it?")
    assert question["From"].addresses[0].display_name == "Lighting"
    assert code in question["Subject"]

    # She answers by mail: it is on her page, and the board marks the case.
    post.deliver(post.reply(question, f"Ana <{email}>", "The third one from the corner."), city.smtp_port)
    (link,) = {link for link in post.links(question) if "/cases/" in link}
    ana.open(link)
    expect(ana.page.locator(".civic-event-citizen").first).to_contain_text("The third one from the corner.")
    expect(ana.page.locator(".civic-event-answer")).to_contain_text("Which lamp is it?")
    assert "Worker" not in ana.page.inner_text("body"), "the page names a member of staff"
    open_board(worker, "Lighting")
    expect(card(worker, place).get_by_title("The citizen waits for an answer")).to_be_visible()

    # The worker answers and closes.
    open_case(worker, place)
    answer_and_close(worker, "Solved", "The lamp has a new bulb.")
    expect(worker.page.locator("button[name=action_answer_and_close]")).to_have_count(0)

    # She reads that it is solved, on the page and in the last mail; nothing else was sent to her.
    last = mailbox.wait_for(email, containing="The lamp has a new bulb.")
    assert f"{city.address}/cases/{code}" in post.links(last)
    ana.page.reload()
    expect_state(city, ana, "Solved")
    expect(ana.page.locator(".civic-event-answer").first).to_contain_text("The lamp has a new bulb.")
    assert len(mailbox.mails(email)) == 3
    open_board(worker, "Lighting")
    expect(card(worker, place)).to_have_count(0)


@pytest.mark.parametrize("language", ["es", "en"])
def test_closed_is_not_fixed_until_the_citizen_says_so(city, person, mailbox, language):
    email = f"fina.{language}@home.test"
    place = f"Calle Menor 5 {language}"
    fina = person(language=language)
    choose_service(fina, STREET_LIGHT[language])
    fill_form(fina, text="La farola está apagada.", place=place, name="Fina", email=email)
    send(fina)
    code = receive_code(fina)

    # A worker closes it. One message brings the answer and asks both questions.
    worker = person(size=DESK, language="en")
    log_in(worker, "t_worker")
    open_board(worker, "Lighting")
    open_case(worker, place)
    answer_and_close(worker, "Solved", "We have changed the bulb.")
    closing = mailbox.wait_for(email, containing="We have changed the bulb.")
    assert say(fina, "Is it fixed?") in post.html(closing)
    (question,) = {link for link in post.links(closing) if link.endswith(f"/cases/{code}/confirm")}
    rates = {link for link in post.links(closing) if "/rate/" in link}
    assert len(rates) == 3
    assert "Worker" not in closing["Reply-To"]

    # Her mail program looks at every link: nothing is answered by that.
    for link in {question, *rates}:
        assert fina.page.request.get(link).ok
    # It is still dark. She says no, and why.
    page = fina.open(question)
    assert_no_sideways_scroll(page)
    fina.expect_refusal()
    page.get_by_role("button", name=say(fina, "No, open it again")).click()
    expect(page.locator(".civic-errors")).to_be_focused()
    page.locator("#civic-back").fill("Sigue apagada esta noche.")
    page.get_by_role("button", name=say(fina, "No, open it again")).click()
    expect(page.get_by_text(say(fina, "Your case is open again. The department reads what you wrote."))).to_be_visible()
    expect_state(city, fina, "Being dealt with")
    expect(page.locator(".civic-event-citizen").first).to_contain_text("Sigue apagada esta noche.")
    mailbox.wait_for(email, containing=OPEN_AGAIN[language])

    # The board shows it again, with her no, and the worker closes it once more.
    open_board(worker, "Lighting")
    expect(card(worker, place).get_by_title("Times the citizen said that it is not fixed")).to_be_visible()
    open_case(worker, place)
    expect(worker.page.get_by_text("the citizen says that it is not fixed").first).to_be_visible()
    answer_and_close(worker, "Solved", "We have changed the cable.")
    mailbox.wait_for(email, containing="We have changed the cable.")

    # The old link asks about the new answer. She says yes, and how content she is.
    page = fina.open(question)
    expect(page.locator(".civic-event-text")).to_contain_text("We have changed the cable.")
    page.get_by_role("button", name=say(fina, "Yes, it is fixed")).click()
    expect(page.locator(".civic-done")).to_contain_text(say(fina, "Thank you"))
    page.get_by_role("link", name=say(fina, "So-so"), exact=True).click()
    page.locator("textarea[name=feedback]").fill("A la segunda.")
    page.locator(".o_rating_page_submit button[type=submit]").click()
    expect(page.locator(".o_rating_page_thank_you")).to_be_visible()
    fina.open(question)
    expect(page.get_by_text(say(fina, "You told us that it is fixed."))).to_be_visible()
    with city.env() as env:
        case = env["helpdesk.ticket"].search([("tracking_code", "=", code)])
        assert case.confirmation == "confirmed"
        assert (case.denial_count, case.reopen_count) == (1, 1)
        assert (case.rating_last_value, case.rating_last_feedback) == (3, "A la segunda.")


def test_a_mail_becomes_a_case_acknowledged_once(city, mailbox):
    bea = "Bea <bea@home.test>"
    asked = post.write(bea, "lighting@city.test", "Farola rota", "En la plaza hay una farola rota.")
    post.deliver(asked, city.smtp_port)
    received = mailbox.wait_for("bea@home.test")
    with city.env() as env:
        case = env["helpdesk.ticket"].search([("partner_email", "ilike", "bea@home.test")])
        assert case.team_id.id == city.ids["lighting"]
        assert case.channel_id == env.ref("helpdesk_mgmt.helpdesk_ticket_channel_email")
        assert case.tracking_code in received["Subject"]
        before = (env["helpdesk.ticket"].search_count([]), len(case.message_ids))

    # Sent twice by a hesitant server it is still one case; her holiday notice is none, and no message either.
    post.deliver(asked, city.smtp_port)
    post.deliver(post.reply(received, bea, "I am away.", Auto_Submitted="auto-replied"), city.smtp_port)
    with city.env() as env:
        case = env["helpdesk.ticket"].search([("partner_email", "ilike", "bea@home.test")])
        assert (env["helpdesk.ticket"].search_count([]), len(case.message_ids)) == before
        assert not case.has_citizen_message
        assert not env["helpdesk.ticket"].search([("acknowledgement", "=", "to_send")])
        assert not env["mail.mail"].search([("state", "=", "outgoing")])
    assert len(mailbox.mails("bea@home.test")) == 1


def test_no_mail_is_lost_while_the_city_is_down(city, mailbox):
    mail = post.write("Carlos <carlos@home.test>", "parks@city.test", "Árbol caído", "Un árbol corta la calle.")
    city.stop()
    try:
        with pytest.raises(post.smtplib.SMTPDataError) as refusal:
            post.deliver(mail, city.smtp_port)
        assert refusal.value.smtp_code == 451
    finally:
        city.start()
    post.deliver(mail, city.smtp_port)
    mailbox.wait_for("carlos@home.test")
    with city.env() as env:
        assert env["helpdesk.ticket"].search_count([("partner_email", "ilike", "carlos@home.test")]) == 1


def test_mail_to_nobody_waits_for_the_front_desk(city, person):
    mail = post.write("dora@home.test", "nobody@city.test", "Hello", "Is anybody there?")
    post.deliver(mail, city.smtp_port)
    agent = person(size=DESK, language="en")
    start_work(city, agent, "t_agent")
    agent.open("/odoo/action-civic_crm.civic_intake_action")
    row = agent.page.locator("tr.o_data_row", has_text="dora@home.test")
    wait_until(lambda: row.count() or not agent.page.reload(), "the mail in the ledger")
    # the agent's own language may be either
    expect(row.locator("td[name=state]")).to_have_text(re.compile("To be decided|Por decidir"))
    expect(row.locator("td[name=reason]")).to_have_text(re.compile("Nobody's address|Dirección de nadie"))


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_form_is_put_right_by_keyboard_alone(city, person, language):
    eva = person(size=DESK, language=language)
    page = choose_service(eva, STREET_LIGHT[language])
    visited = []

    def focused():
        return page.evaluate("document.activeElement && (document.activeElement.id || document.activeElement.name)")

    def tab_to(wanted, most=60):
        for _ in range(most):
            page.keyboard.press("Tab")
            visited.append(focused())
            if visited[-1] == wanted:
                return
        raise AssertionError(f"{wanted} is not reached with Tab: {visited}")

    # Sent empty: the summary has the focus and leads to the first field.
    tab_to("civic-phone")
    assert "civic-website-url" not in visited, "the field for robots is in a person's way"
    eva.expect_refusal()
    page.keyboard.press("Enter")
    summary = page.locator(".civic-errors")
    expect(summary).to_be_focused()
    expect(page.locator("[aria-invalid=true]")).to_have_count(4)
    page.keyboard.press("Tab")
    expect(summary.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#civic-text")).to_be_focused()

    # Filled in but for the e-mail address: nothing is lost.
    page.keyboard.type("La farola parpadea toda la noche.")
    for field, value in (("place", "Plaza 1"), ("name", "Eva"), ("email", "eva at home")):
        tab_to(f"civic-{field}")
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    expect(page.locator("#civic-place")).to_have_value("Plaza 1")
    tab_to("civic-email")
    page.keyboard.press("Control+A")
    page.keyboard.type("eva@home.test")
    page.keyboard.press("Enter")
    receive_code(eva)


def test_a_case_is_filed_and_answered_without_javascript(city, person):
    gil = person(javascript=False, language="en")
    choose_service(gil, "Fallen tree")
    gil.expect_refusal()
    send(gil)
    expect(gil.page.locator(".civic-errors")).to_be_visible()
    fill_form(gil, text="A tree lies across the path.", place="The park")
    send(gil)
    code = receive_code(gil)
    fill_form(gil, text="It is a big one.")
    gil.page.get_by_role("button", name="Send message").click()
    expect(gil.page.locator(".civic-event-citizen")).to_contain_text("It is a big one.")
    with city.env() as env:
        assert env["helpdesk.ticket"].search([("tracking_code", "=", code)]).has_citizen_message


def test_a_wrong_code_is_told_and_a_right_one_is_found(city, person):
    hugo = person(language="en")
    choose_service(hugo, "Fallen tree")
    fill_form(hugo, text="A branch hangs low.", place="The river")
    send(hugo)
    code = receive_code(hugo)
    page = hugo.open("/cases/find")
    wrong = "0000 0000 0000"
    hugo.expect_refusal(f"{city.address}/en/cases/find?code={wrong.replace(' ', '+')}")
    page.locator("#civic-code").fill(wrong)
    page.get_by_role("button", name="See how it stands").click()
    expect(page.locator(".civic-errors")).to_contain_text(wrong)
    page.locator("#civic-code").fill(code.lower().replace("-", " "))
    page.keyboard.press("Enter")
    hugo.wait(f"/cases/{code}")
    expect_state(city, hugo, "Received")


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_citizen_withdraws(city, person, language):
    ida = person(language=language)
    choose_service(ida, {"en": "Fallen tree", "es": "Árbol caído"}[language])
    fill_form(ida, text="Somebody has cut it already, I think.", place="The river")
    send(ida)
    receive_code(ida)
    ida.page.get_by_text(say(ida, "I no longer need this")).click()
    ida.page.get_by_role("button", name=say(ida, "Withdraw the case")).click()
    expect_state(city, ida, "Withdrawn")
    expect(ida.page.get_by_text(say(ida, "I no longer need this"))).to_have_count(0)

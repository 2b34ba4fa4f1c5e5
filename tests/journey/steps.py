# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people do on the pages, said once: each function is one step of a journey."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.common.browser import LOCALES
from tests.common.city import password_of
from tests.common.words import in_language


def say(somebody, text):
    """The English text as this person's language has it."""
    return in_language(text, somebody.language)


def log_in(somebody, login):
    somebody.open("/web/login")
    form = somebody.page.locator(".oe_login_form")
    form.locator("[name=login]").fill(login)
    form.locator("[name=password]").fill(password_of(login))
    form.locator("button[type=submit]").click()
    somebody.page.wait_for_url(lambda url: "/web/login" not in url)


# citizens -------------------------------------------------------------


def choose_service(citizen, service):
    """From the start page to the form of the service, by what a person sees."""
    page = citizen.open("/cases")
    page.get_by_role("link", name=say(citizen, "Start"), exact=True).click()
    page.get_by_role("link", name=service).click()
    expect(page.locator("h1")).to_have_text(service)
    return page


def fill_form(citizen, **fields):
    """Fill in fields of the filing form by their names; `files` are (name, type, bytes)."""
    for field, value in fields.items():
        control = citizen.page.locator(f"#civic-{field}")
        if field == "files":
            control.set_input_files([{"name": n, "mimeType": t, "buffer": b} for n, t, b in value])
        else:
            control.fill(value)


def send(citizen):
    citizen.page.get_by_role("button", name=say(citizen, "Send"), exact=True).click()


def receive_code(citizen):
    """The code that the page shows once the case is filed."""
    code = citizen.page.locator(".civic-code-big")
    expect(code).to_be_visible()
    return code.inner_text().strip()


def expect_state(city, citizen, state):
    """The page shows the state whose English name for citizens is `state`, in the citizen's language."""
    with city.env() as env:
        found = env["helpdesk.ticket.stage"].with_context(lang="en_US").search([("public_name", "=", state)], limit=1)
        name = found.with_context(lang=LOCALES[citizen.language].replace("-", "_")).public_name
    assert name, f"no state is called “{state}”"
    assert citizen.language == "en" or name != state, f"the state “{state}” has no name in {citizen.language}"
    expect(citizen.page.locator(".civic-state")).to_have_text(name)


# staff, anywhere ------------------------------------------------------


def start_work(city, somebody, login):
    """Log in as staff whose interface is in this person's language."""
    with city.env() as env:
        user = env["res.users"].search([("login", "=", login)])
        user.lang = LOCALES[somebody.language].replace("-", "_")
    log_in(somebody, login)


def open_menu(staff, *menus):
    """Go through the menu bar of Civic CRM; `menus` are the ids of its entries, from left to right and down."""
    page = staff.page
    if not page.locator(".o_menu_sections").count():
        staff.open("/odoo")
    for depth, menu in enumerate(menus):
        # what has no room in the bar is there all the same, hidden, and behind the "+" that stands for it
        entry = page.locator(f'[data-menu-xmlid="civic_crm.{menu}"]').filter(visible=True)
        if not depth:
            more = page.locator(".o_menu_sections_more").filter(visible=True)
            expect(entry.or_(more).first).to_be_visible()
            if not entry.count():
                more.click()
                if len(menus) > 1:
                    continue  # there it is a heading, with what is below it
        expect(entry).to_be_visible()
        path = entry.get_attribute("href")
        entry.click()
    if path and not path.startswith("/odoo/action-"):  # a dialogue has no path of its own
        page.wait_for_url(lambda url: urlsplit(url).path == path)


def press_new(staff):
    page = staff.page
    page.locator(".o-kanban-button-new, .o_list_button_add, .o_form_button_create").first.click()
    expect(page.locator(".o_form_view .o_form_editable")).to_be_visible()


def field(where, name):
    """The control of a field in a page or a part of it: what a person types into."""
    return where.locator(f".o_field_widget[name={name}]").locator("input, textarea, .note-editable").first


def choose(where, name, text):
    """Pick the record of a many2one by typing what it is called, or the option of a selection."""
    control = field(where, name)
    control.click()
    if "o_select_menu_input" in (control.get_attribute("class") or ""):
        found = control.page.locator(".o_select_menu_menu .o_select_menu_item", has_text=text)
    else:
        control.fill(text)
        # what was typed is marked in what was found: the list is no longer that of before
        found = control.page.locator(".o-autocomplete--dropdown-item", has_text=text)
        found = found.filter(has=control.page.locator(".text-primary"))
    found.first.click()
    expect(control.page.locator(".o-autocomplete--dropdown-menu, .o_select_menu_menu")).to_have_count(0)


def save(staff):
    """Save the form and wait until it is."""
    staff.page.locator(".o_form_button_save").click()
    expect(staff.page.locator(".o_form_status_indicator_buttons.invisible")).to_be_attached()


def switch_view(staff, kind):
    staff.page.locator(f".o_control_panel .o_switch_view.o_{kind}").click()
    expect(staff.page.locator(f".o_{kind}_view")).to_be_visible()


def open_tab(staff, name):
    staff.page.locator(f".o_notebook .nav-link[name={name}]").click()


def search_for(staff, text, facet):
    """Type into the search bar and pick the line of the drop-down that has the text `facet`."""
    page = staff.page
    page.locator(".o_searchview_input").fill(text)
    page.locator(".o_searchview_autocomplete .o-dropdown-item", has_text=facet).first.click()
    expect(page.locator(".o_searchview_facet", has_text=text)).to_be_visible()


def toggle_filter(staff, name):
    """Switch a filter of the search panel by its name in the reader's language."""
    page = staff.page
    page.locator(".o_searchview_dropdown_toggler").click()
    page.locator(".o_filter_menu").get_by_role("menuitemcheckbox", name=name, exact=True).click()
    page.locator(".o_searchview_dropdown_toggler").click()
    expect(page.locator(".o_searchview_facet", has_text=name)).to_be_visible()


def dialog(staff):
    """The open dialogue, once it is there."""
    found = staff.page.locator(".modal-dialog").last
    expect(found).to_be_visible()
    return found


def confirm(staff, button):
    """Press a button of the open dialogue and wait until it has gone."""
    staff.page.locator(f".modal-dialog footer button[name={button}]").click()
    expect(staff.page.locator(".modal-dialog")).to_have_count(0)


# staff, on cases ------------------------------------------------------


def open_board(worker, department):
    """The department's board, from the overview of departments."""
    page = worker.open("/odoo/civic-departments")
    page.locator(".o_kanban_record", has_text=department).first.click()
    expect(page.locator(".o_kanban_group").first).to_be_visible()
    return page


def card(worker, subject):
    return worker.page.locator(".o_kanban_group .o_kanban_record", has_text=subject)


def open_case(worker, subject):
    card(worker, subject).click()
    expect(worker.page.locator(".o_form_view .o-mail-Chatter")).to_be_visible()
    expect(worker.page.locator(".o_form_view [name=name]").first).to_be_visible()


def send_message(worker, text):
    """Write to the citizen from the case's chatter."""
    page = worker.page
    page.locator(".o-mail-Chatter-sendMessage").click()
    page.locator(".o-mail-Composer-input:not([disabled])").fill(text)
    page.locator(".o-mail-Composer-send").click()
    expect(page.locator(".o-mail-Message", has_text=text)).to_be_visible()


def answer_and_close(worker, outcome, answer):
    page = worker.page
    page.locator("button[name=action_answer_and_close]").click()
    dialog = page.locator(".modal-dialog")
    dialog.get_by_label(outcome, exact=True).check()
    dialog.locator(".note-editable").fill(answer)
    dialog.locator("button[name=action_close]").click()
    expect(dialog).to_have_count(0)

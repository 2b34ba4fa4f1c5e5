# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes the pictures in civic_crm's README and in docs/channels.md from the demo city, which has to run.

    ./civic run --port 8069
    ./civic exec python tools/pictures.py http://127.0.0.1:8069

writes addons/civic_crm/static/description/*.png: board, case form, citizen, service editor, pivot and, where
LibreOffice is installed (for this only), the workbook; and docs/channel-*.png. With names behind the address it takes
those alone. Run it again after the screens or the demo data change.
"""

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "addons" / "civic_crm" / "static" / "description"
DOCS = ROOT / "docs"
SIZE = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 760}
#: Colours of a picture: screens have few, and a palette makes the file a third.
COLOURS = 128
CHANNELS = ("department", "embed", "network", "call", "chat")
SHOTS = ("board", "case", "citizen", "service", "pivot", "workbook", *(f"channel_{name}" for name in CHANNELS))


def keep(name, png, folder=TARGET):
    """Write a screenshot with a palette, as small as it goes without loss that one sees."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(folder / f"{name}.png", optimize=True)
    print(folder / f"{name}.png")


class Staff:
    """Somebody of the demo city at a desk; the login is the password."""

    def __init__(self, browser, address, login):
        self.address = address
        self.page = browser.new_context(
            viewport=SIZE, locale="en-US", timezone_id="Europe/Madrid", accept_downloads=True
        ).new_page()
        self.page.goto(f"{address}/web/login")
        self.page.locator("[name=login]").fill(login)
        self.page.locator("[name=password]").fill(login)
        self.page.locator(".oe_login_form button[type=submit]").click()
        self.page.wait_for_url(lambda url: "/web/login" not in url)

    def call(self, model, method, *args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        answer = self.page.request.post(
            f"{self.address}/web/dataset/call_kw", data={"jsonrpc": "2.0", "params": params}
        ).json()
        if "error" in answer:
            raise RuntimeError(answer["error"]["data"]["message"])
        return answer["result"]

    def find(self, model, domain, order="id"):
        """Return the id of the first record of a domain."""
        return self.call(model, "search", domain, order=order, limit=1)[0]

    def open(self, path, sign):
        """Go to a page and wait for what shows that it is there."""
        self.page.goto(self.address + path)
        self.page.locator(sign).first.wait_for()
        self.page.wait_for_function("!document.querySelector('.o_loading_indicator, .o_blockUI')")
        self.page.wait_for_load_state("load")
        return self.page

    def shoot(self, name, folder=TARGET, height=SIZE["height"]):
        clip = {"x": 0, "y": 0, "width": SIZE["width"], "height": height}
        keep(name, self.page.screenshot(animations="disabled", clip=clip), folder)


def shoot_board(staff):
    staff.open("/odoo/cases", ".o_kanban_group .o_kanban_record")
    staff.shoot("board")


def shoot_case(staff):
    asked = [("closed_date", "=", False), ("has_citizen_message", "=", True), ("partner_id", "!=", False)]
    case_id = staff.find("helpdesk.ticket", asked, order="promised_on")
    staff.open(f"/odoo/cases/{case_id}", ".o-mail-Message")
    staff.shoot("case")


def shoot_citizen(staff):
    groups = staff.call("civic.citizen.event", "formatted_read_group", [], ["partner_id"], ["__count"])
    busiest = max((group for group in groups if group["partner_id"]), key=lambda group: group["__count"])
    staff.open(f"/odoo/citizens/{busiest['partner_id'][0]}", "[name=history], .o_notebook .o_data_row")
    staff.shoot("citizen")


def shoot_service(staff):
    service_id = staff.find("helpdesk.ticket.category", [("question_ids.datatype", "=", "multivaluelist")])
    page = staff.open(f"/odoo/civic-services/{service_id}", ".o_notebook")
    page.locator(".o_notebook .nav-link[name=questions]").click()
    page.locator("[name=question_ids] .o_data_row").first.wait_for()
    page.locator(".o_notebook").scroll_into_view_if_needed()
    staff.shoot("service")


def shoot_pivot(staff):
    staff.open("/odoo/case-figures", ".o_pivot tbody tr")
    staff.shoot("pivot")


def shoot_workbook(staff):
    """The sheets as LibreOffice prints them, side by side: what a spreadsheet program makes of the file."""
    soffice = shutil.which("soffice")
    if not soffice:
        print("workbook: left as it is, LibreOffice is not installed", file=sys.stderr)
        return
    wizard_id = staff.call("civic.case.workbook", "create", [{}])[0]
    book = staff.page.request.get(f"{staff.address}/civic/cases/{wizard_id}.xlsx").body()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cases.xlsx"
        file.write_bytes(book)
        subprocess.run([soffice, "--headless", "--convert-to", "pdf", "--outdir", folder, file], check=True)
        subprocess.run(["pdftoppm", "-r", "60", "-png", Path(folder) / "cases.pdf", Path(folder) / "page"], check=True)
        keep_pages(sorted(Path(folder).glob("page-*.png")))


def keep_pages(pages):
    """Put the cover, the first page of cases and the charts beside one another."""
    shown = [Image.open(page).convert("RGB") for page in (*pages[:2], pages[-1])]
    height = max(picture.height for picture in shown)
    sheet = Image.new("RGB", (sum(picture.width + 12 for picture in shown) - 12, height), "#d1d5db")
    left = 0
    for picture in shown:
        sheet.paste(picture, (left, 0))
        left += picture.width + 12
    whole = io.BytesIO()
    sheet.save(whole, "PNG")
    keep("workbook", whole.getvalue())


# channels: forms that are new and not saved, so that the demo city stays as it is ---------------------------


def shoot_channel_department(staff):
    department = staff.find("helpdesk.ticket.team", [("alias_name", "!=", False), ("user_ids", "!=", False)])
    staff.open(f"/odoo/civic-departments/{department}", ".o_form_view .o_notebook")
    staff.shoot("channel-department", DOCS, 560)


def shoot_channel_embed(staff):
    page = staff.open("/odoo/action-civic_portal.civic_embed_action/new", ".o_form_view .o_civic_snippet")
    page.locator("[name=name] input").fill("Site of the libraries")
    page.locator("[name=origins] textarea").fill("https://libraries.puertoclaro.example")
    page.locator("[name=origins] textarea").press("Tab")
    staff.shoot("channel-embed", DOCS, 500)


def shoot_channel_network(staff):
    page = staff.open("/odoo/connectors/new", ".o_form_view [name=kind]")
    page.locator("[name=name] input").fill("The city's WhatsApp")
    page.locator("[name=kind] input").click()
    page.locator(".o_select_menu_item", has_text="WhatsApp").click()
    page.get_by_text("developer console").wait_for()
    staff.shoot("channel-network", DOCS, 640)


def shoot_channel_call(staff):
    """A call by the front desk's own hand; it is finished again."""
    agent = Staff(staff.page.context.browser, staff.address, "agent")
    citizen = staff.find(
        "res.partner", [("is_citizen", "=", True), ("phone", "!=", False), ("helpdesk_ticket_ids", "!=", False)]
    )
    number = staff.call("res.partner", "read", [citizen], ["phone"])[0]["phone"]
    page = agent.open("/odoo/civic-phone", "#civic-call-number")
    page.locator("#civic-call-number").fill(number)
    page.locator("#civic-call-number").press("Enter")
    page.locator("#civic-call-notes").fill("The street light in front of number 12 is dark.")
    page.locator("#civic-call-notes").press("Alt+n")
    page.locator(".o_civic_call_services li strong").first.wait_for()
    agent.shoot("channel-call", DOCS, 560)
    page.keyboard.press("Escape")
    page.locator("[data-focus=disposition]").select_option(index=1)
    page.locator("[data-focus=finish]").click()
    page.locator(".o_civic_call_idle").wait_for()
    page.context.close()


def shoot_channel_chat(staff):
    """The bot on a telephone, up to the choice of the service; the chat stands on the site meanwhile."""
    _model, chat = staff.call("ir.model.data", "check_object_reference", "civic_crm", "livechat")
    site = staff.find("website", [])
    before = staff.call("website", "read", [site], ["channel_id"])[0]["channel_id"]
    staff.call("website", "write", [site], {"channel_id": chat})
    context = staff.page.context.browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True, locale="en-US")
    page = context.new_page()
    page.goto(f"{staff.address}/en/cases")
    page.locator(".o-livechat-LivechatButton").click()
    box = page.locator(".o-mail-ChatWindow .o-mail-Composer-input:not([readonly]):not([disabled])").first
    box.fill("There is a fallen tree in the park")
    box.press("Enter")
    page.locator(".o-mail-Message", has_text="None of these").wait_for()
    keep("channel-chat", page.screenshot(animations="disabled"), DOCS)
    context.close()
    staff.call("website", "write", [site], {"channel_id": before and before[0]})


def main(address, *names):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CIVIC_CHROMIUM"])
        staff = Staff(browser, address.rstrip("/"), "admin")
        for name in names or SHOTS:
            globals()[f"shoot_{name}"](staff)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

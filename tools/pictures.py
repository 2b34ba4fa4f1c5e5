# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes the pictures in civic_crm's README from the demo city, which has to run.

    ./civic run --port 8069
    ./civic exec python tools/pictures.py http://127.0.0.1:8069

writes addons/civic_crm/static/description/*.png: board, case form, citizen, service editor, pivot and, where
LibreOffice is installed (for this only), the workbook. Run it again after the screens or the demo data change.
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

TARGET = Path(__file__).resolve().parent.parent / "addons" / "civic_crm" / "static" / "description"
SIZE = {"width": 1280, "height": 860}
#: Colours of a picture: screens have few, and a palette makes the file a third.
COLOURS = 128
SHOTS = ("board", "case", "citizen", "service", "pivot", "workbook")


def keep(name, png):
    """Write a screenshot with a palette, as small as it goes without loss that one sees."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(TARGET / f"{name}.png", optimize=True)


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

    def shoot(self, name):
        keep(name, self.page.screenshot(animations="disabled"))


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


def main(address, *names):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CIVIC_CHROMIUM"])
        staff = Staff(browser, address.rstrip("/"), "admin")
        for name in names or SHOTS:
            globals()[f"shoot_{name}"](staff)
            print(TARGET / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

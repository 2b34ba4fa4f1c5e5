# SPDX-License-Identifier: AGPL-3.0-or-later
"""Staff's pages as they are looked at: pictures at the desk, on a tablet and on a phone; what no size may do."""

import contextlib

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError, expect

from tests.common.browser import DESK, TABLET, WCAG, assert_no_sideways_scroll, save_screenshot
from tests.common.processes import wait_until

#: A telephone of colleagues who work in the street.
POCKET = (390, 844)
#: Odoo's own surroundings (menu bar, search bar, chatter) are Odoo's to mend; this is what is ours to answer for,
#: without the widgets in it that are Odoo's.
OURS = {
    "include": [[".o_form_sheet, .o_kanban_record, .modal-body"]],
    "exclude": [
        [".o-mail-ActivityButton"],
        [".o_field_many2one_avatar_user"],
        [".o_form_sheet .o_field_widget"],
        [".o_notebook_headers"],
    ],
}


def look_at_staff_page(staff, name):
    """Keep pictures of the page at three sizes; nothing lies beside the screen at any of them."""
    page = staff.page
    for width, height in (DESK, TABLET, POCKET):
        _resize(page, width, height)
        save_screenshot(page, f"staff-{name}-{staff.language}-{width}")
        assert_no_sideways_scroll(page)
    _resize(page, *DESK)


def _resize(page, width, height):
    """Odoo draws some things anew for another size: wait for it; what still is too wide is told by the caller."""
    page.set_viewport_size({"width": width, "height": height})
    with contextlib.suppress(TimeoutError):
        page.wait_for_function(
            """() => document.scrollingElement.scrollWidth <= innerWidth
                && (innerWidth > 767 || !document.querySelector(".o_menu_sections .o_nav_entry"))""",
            timeout=5000,
        )


def assert_accessible_to_staff(page):
    """What axe-core finds in our own part of a staff page, against WCAG 2.1 A and AA, without Odoo's widgets."""
    expect(page.locator(OURS["include"][0][0]).first).to_be_visible()
    options = {"runOnly": {"type": "tag", "values": WCAG}}

    def run_axe():
        with contextlib.suppress(PlaywrightError):  # a board draws itself anew when its last column has come
            return Axe().run(page, context=OURS, options=options).response
        return None

    found = wait_until(run_axe, "axe-core to find the page standing still")["violations"]
    told = [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]
    assert not told, f"axe-core on {page.url}:\n" + "\n".join(told)

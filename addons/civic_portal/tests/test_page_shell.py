# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import BaseCase, tagged

from ..core import page_shell

CODE = "7K3M-Q9XW-2HTD"
SHELL = (
    f"<title>{page_shell.TITLE}</title>"
    f'<link rel="canonical" href="https://x.test{page_shell.PATH}"/>'
    f'<a href="/es{page_shell.PATH}">es</a>'
    '<a href="/web/login?redirect=%2Fcases%2Fcivic-path-mark">in</a>'
    f'<script>odoo = {{csrf_token: "old"}}</script>{page_shell.MAIN}'
)


@tagged("post_install", "-at_install")
class TestPageShell(BaseCase):
    def test_the_marks_become_this_page(self):
        page = page_shell.fill(SHELL, "<p>b</p>", "Title", f"/cases/{CODE}", "new")
        for part in (
            f'href="https://x.test/cases/{CODE}"',
            f'href="/es/cases/{CODE}"',
            f"redirect=%2Fcases%2F{CODE}",
            'csrf_token: "new"',
            "<title>Title</title>",
            "<p>b</p>",
        ):
            self.assertIn(part, page)
        self.assertNotIn("mark", page)
        self.assertNotIn("old", page)

    def test_an_address_is_quoted(self):
        page = page_shell.fill(SHELL, "", "", '/cases/"><b>ñ', "new")
        self.assertNotIn('"><b>', page)

    def test_content_is_not_taken_for_marks(self):
        main = f'csrf_token: "mine" {page_shell.PATH} {page_shell.TITLE}'
        self.assertIn(main, page_shell.fill(SHELL, main, "T", "/cases/x", "new"))

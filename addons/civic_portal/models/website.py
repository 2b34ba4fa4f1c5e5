# SPDX-License-Identifier: AGPL-3.0-or-later
import time

from werkzeug.test import EnvironBuilder

from odoo import models, tools
from odoo.http import HTTPRequest, request

from ..core import page_shell

#: As long as core keeps an anonymous page (``website.page._CACHE_DURATION``).
SHELL_SECONDS = 3600


class Website(models.Model):
    _inherit = "website"

    def _get_civic_page(self, main, title, path):
        """Return the HTML of a civic page for a visitor who is not logged in.

        :param Markup main: the page's own content
        :param Markup title: escaped title
        :param str path: the page's address, without language prefix
        """
        lang = request.lang.code
        made_at, shell = self._get_civic_shell(lang)
        if time.time() > made_at + SHELL_SECONDS:
            made_at, shell = fresh = self._make_civic_shell()
            self._get_civic_shell.__cache__.add_value(self, lang, cache_value=fresh)
        return page_shell.fill(shell, main, title, path, request.csrf_token(None))

    @tools.ormcache("self.id", "lang", cache="templates.cached_values")
    def _get_civic_shell(self, lang):
        return self._make_civic_shell()

    def _make_civic_shell(self):
        """Render the frame as if nobody had asked: own address, no query, no cookies.

        Templates read the request wherever they like; what stands in the visitor's would
        be shown to everybody else.
        """
        values = {"main": page_shell.MAIN, "page_title": page_shell.TITLE}
        nobodys = EnvironBuilder(path=page_shell.PATH, base_url=self.get_base_url())
        visitors = request.httprequest
        request.httprequest = HTTPRequest(nobodys.get_environ())
        try:
            html = self.env["ir.ui.view"]._render_template("civic_portal.page", values)
        finally:
            request.httprequest = visitors
        return time.time(), str(html)

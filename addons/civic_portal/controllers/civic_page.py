# SPDX-License-Identifier: AGPL-3.0-or-later
"""What all civic pages share: the frame, plain error pages, dates in words."""

import pytz
from markupsafe import escape

from odoo.http import Controller, request
from odoo.tools.misc import babel_locale_parse

from ..core.spoken_date import spoken_date, spoken_moment

#: Private pages: not kept, not indexed, their address not told to anybody.
PRIVATE_HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}


class CivicPage(Controller):
    def _render_page(self, template, values, title, *, status=200, private=False):
        """Return the response that shows *template* within the city's site.

        :param str template: xmlid of the content's template
        :param str title: plain text
        """
        values = dict(values, **self._prepare_page_values())
        shared = self._may_share_frame()
        # the content needs nothing of what core prepares for a whole page, or for those who edit pages
        main = request.env["ir.qweb"]._render(template, values, minimal_qcontext=shared, civic_content=True)
        html = None
        if shared:
            html = request.website._get_civic_page(main, escape(title), request.httprequest.path)
        if html is None:
            response = request.render("civic_portal.page", {"main": main, "page_title": title})
        else:
            response = request.make_response(html, [("Content-Type", "text/html; charset=utf-8")])
        response.status_code = status
        if private:
            response.headers.update(PRIVATE_HEADERS)
        return response

    def _may_share_frame(self):
        return request.env.user._is_public() and not request.session.debug

    def _prepare_page_values(self):
        website = request.website
        return {
            "website": website,
            # sudo: the city's name; a callable, since few pages say it
            "get_city": lambda: website.company_id.sudo().name,
            **self._make_date_speakers(),
            "csrf_token": request.csrf_token,
        }

    def _render_too_many(self):
        return self._render_page(
            "civic_portal.too_many",
            {},
            request.env._("Too many attempts"),
            status=429,
            private=True,
        )

    def _render_no_such_case(self, typed=""):
        return self._render_page(
            "civic_portal.find_case",
            {"typed": typed, "not_found": bool(typed)},
            request.env._("Follow your case"),
            status=404 if typed else 200,
            private=True,
        )

    # dates ------------------------------------------------------------

    def _make_date_speakers(self):
        """Return functions that put a date, and a naive UTC datetime, into words."""
        Case = request.env["helpdesk.ticket"]
        today = Case._get_city_today()
        locale = babel_locale_parse(request.env.lang)
        zone = request.env.company._get_city_zone()

        def speak_moment(moment):
            return spoken_moment(pytz.utc.localize(moment).astimezone(zone), locale, today)

        return {
            "spoken_date": lambda day: spoken_date(day, locale, today),
            "spoken_moment": speak_moment,
        }

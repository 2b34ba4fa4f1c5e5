# SPDX-License-Identifier: AGPL-3.0-or-later
"""The signed-in citizen's own cases."""

from odoo.http import request, route

from .civic_page import CivicPage

PAGE = 20


class MyCases(CivicPage):
    @route(
        ["/my/cases", "/my/cases/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
        sitemap=False,
    )
    def my_cases(self, page=1, **_kw):
        # sudo: the domain is the access rule: the login's own cases, shown by public facts
        Case = request.env["helpdesk.ticket"].sudo()
        own = [("partner_id", "=", request.env.user.partner_id.id), ("parent_case_id", "=", False)]
        pager = request.website.pager(url="/my/cases", total=Case.search_count(own), page=page, step=PAGE)
        cases = Case.search(own, order="id desc", limit=PAGE, offset=pager["offset"])
        return self._render_page(
            "civic_portal.my_cases",
            {"cases": [case._get_public_summary() for case in cases], "pager": pager},
            request.env._("My cases"),
            private=True,
        )

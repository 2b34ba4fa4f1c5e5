# SPDX-License-Identifier: AGPL-3.0-or-later
"""The signed-in citizen's own cases, and those of whom they represent."""

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
        # sudo: the domain is the access rule: the cases in which the login may act, shown by public facts
        Case = request.env["helpdesk.ticket"].sudo()
        me = request.env.user.partner_id
        own = Case._get_own_domain(me)
        pager = request.website.pager(url="/my/cases", total=Case.search_count(own), page=page, step=PAGE)
        cases = Case.search(own, order="id desc", limit=PAGE, offset=pager["offset"])
        return self._render_page(
            "civic_portal.my_cases",
            {"cases": [self._summarise(case, me) for case in cases], "pager": pager},
            request.env._("My cases"),
            private=True,
        )

    def _summarise(self, case, me):
        """Return a case's public facts, and in whose name *me* follows it where it is not the own one."""
        return {**case._get_public_summary(), "for_whom": "" if case.partner_id == me else case.partner_id.name}

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Addresses of the helpdesk base's portal, which may stand in old mails and bookmarks."""

from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.civic_crm.controllers.helpdesk_portal import (
    ClosedCustomerPortal,
    ClosedTicketController,
)


class LegacyTicketRoutes(ClosedTicketController):
    @route(methods=["GET"])
    def create_new_ticket(self, **_kw):
        return request.redirect("/cases/new", code=301)


class LegacyCustomerPortal(ClosedCustomerPortal):
    @route()
    def portal_my_tickets(self, **_kw):
        return request.redirect("/my/cases", code=301)

    @route()
    def portal_my_ticket(self, ticket_id, access_token=None, **_kw):
        """Lead the owner to the tracking page; nobody else learns that there is a case."""
        # sudo: the domain is the access rule; the public user owns nothing
        case = request.env["helpdesk.ticket"].sudo()
        if not request.env.user._is_public():
            case = case.search(case._get_own_domain(request.env.user.partner_id) & Domain("id", "=", ticket_id))
        if not case:
            return request.redirect("/cases/find")
        return request.redirect(f"/cases/{case.tracking_code}")

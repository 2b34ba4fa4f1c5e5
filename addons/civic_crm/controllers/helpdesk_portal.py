# SPDX-License-Identifier: AGPL-3.0-or-later
"""The helpdesk base's own portal is closed.

Its routes let any account close any case, accept a case by a mere link and show the files
of internal notes. civic_portal is the citizen's side; it redirects these addresses.
"""

from odoo.http import request, route

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController
from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk


class ClosedTicketController(HelpdeskTicketController):
    @route()
    def support_ticket_close(self, **kw):
        raise request.not_found()

    @route()
    def create_new_ticket(self, **kw):
        raise request.not_found()

    @route()
    def submit_ticket(self, **kw):
        raise request.not_found()


class ClosedCustomerPortal(CustomerPortalHelpdesk):
    @route()
    def portal_my_tickets(self, **kw):
        raise request.not_found()

    @route()
    def portal_my_ticket(self, ticket_id, access_token=None, **kw):
        raise request.not_found()

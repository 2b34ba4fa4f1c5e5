# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models


class HelpdeskTicketCategory(models.Model):
    """What a service asks at the beginning and at the end of a case's life."""

    _inherit = "helpdesk.ticket.category"

    is_registered = fields.Boolean(
        string="Enter in the registry",
        compute="_compute_is_registered",
        store=True,
        readonly=False,
        precompute=True,
        help="Cases are official filings with an entry number. Proposed by the kind of service.",
    )
    evidence_required = fields.Boolean(
        string="Evidence at closing",
        help="A case is closed as resolved only with a photo or a document that shows it.",
    )
    ask_confirmation = fields.Boolean(
        string="Ask whether it is fixed",
        default=True,
        help="The closing message asks the citizen; “no” opens the case again.",
    )

    @api.depends("kind")
    def _compute_is_registered(self):
        """Follow the kind; the administrator may say otherwise for one service."""
        for service in self:
            company = service.company_id or self.env.company
            service.is_registered = service.kind in company._get_case_settings()["registered_kinds"]

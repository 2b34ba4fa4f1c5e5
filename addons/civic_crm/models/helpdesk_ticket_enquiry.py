# SPDX-License-Identifier: AGPL-3.0-or-later
from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import AccessError

from .helpdesk_ticket import STAFF_ONLY


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = "helpdesk.ticket"

    enquiry_id = fields.Many2one(
        "crm.lead",
        string="From enquiry",
        index="btree_not_null",
        readonly=True,
        copy=False,
        groups=STAFF_ONLY,
        help="The contact at the front desk that this case was made of.",
    )

    def _check_given_vals(self, vals):
        if "enquiry_id" in vals:
            raise AccessError(self.env._("A case is made of an enquiry with “Turn into cases”."))
        return super()._check_given_vals(vals)

    def _note_enquiry(self):
        """Note on each case which enquiry it was made of, and what was asked there."""
        for case in self:
            case.message_post(
                body=Markup("<p>%s</p><blockquote>%s</blockquote>")
                % (
                    self.env._("Made of the enquiry “%s”. What was asked:", case.enquiry_id.name),
                    case.enquiry_id.description or "",
                ),
                subtype_xmlid="mail.mt_note",
            )

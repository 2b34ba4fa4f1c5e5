# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models, tools

from .helpdesk_ticket_team import format_reply_to


class CrmTeam(models.Model):
    """A front desk: what reaches it is an enquiry, and none of sales' business."""

    _name = "crm.team"
    _inherit = ["crm.team", "civic.kept.in.memory"]

    is_front_desk = fields.Boolean(
        string="Front desk",
        help="What reaches this team, by its mail address too, is an enquiry of a citizen: seen by the front desk"
        " and the auditor only.",
    )
    first_contact_days = fields.Integer(
        string="Same matter within (days)",
        default=7,
        help="When the same person comes back about the same topic within this time, the first answer was not enough.",
    )

    _first_contact_days_positive = models.Constraint(
        "CHECK (first_contact_days >= 0)", "The number of days within which somebody comes back is 0 or more."
    )

    @api.model
    @tools.ormcache("company_id")
    def _find_front_desk_id(self, company_id):
        """Return the id of the front desk of a company, False when it has none."""
        return (
            self.sudo()
            .search(
                [("is_front_desk", "=", True), ("company_id", "in", [company_id, False])],
                order="company_id, sequence, id",
                limit=1,
            )
            .id
        )

    def _notify_get_reply_to_formatted_email(self, record_email, author_id=False):
        """Replies go to the front desk; core would name the member of staff who wrote."""
        if len(self) != 1 or not self.is_front_desk:
            return super()._notify_get_reply_to_formatted_email(record_email, author_id)
        return format_reply_to(self.sudo().name, record_email)

# SPDX-License-Identifier: AGPL-3.0-or-later
from collections import namedtuple

from odoo import fields, models, tools

IssueSettings = namedtuple("IssueSettings", "metres days precision publish kind service_ids")


class HelpdeskTicketCategory(models.Model):
    _inherit = "helpdesk.ticket.category"

    publish_issues = fields.Boolean(
        string="Publish by itself",
        help="Each notice of this service appears in public at once, as its kind, zone, state and rounded place."
        " Off: it appears when a person publishes it. What the citizen wrote is never published by itself.",
    )
    issue_precision = fields.Integer(
        string="Public place as exact as (metres)",
        default=10,
        help="The public place is rounded to a grid this wide. Choose 100 or more where the exact place would"
        " point to somebody's home. 0: exact.",
    )
    duplicate_distance = fields.Integer(
        string="Same place within (metres)",
        default=50,
        help="Two reports farther apart than this are never suggested as the same.",
    )
    duplicate_days = fields.Integer(
        string="Same matter within (days)",
        default=60,
        help="A report older than this is not suggested as the same.",
    )

    _issue_precision_positive = models.Constraint(
        "CHECK (issue_precision BETWEEN 0 AND 10000)", "The public place is rounded to 0 to 10,000 metres."
    )
    _duplicate_distance_positive = models.Constraint(
        "CHECK (duplicate_distance BETWEEN 1 AND 5000)", "Reports of the same place lie within 1 to 5,000 metres."
    )
    _duplicate_days_positive = models.Constraint(
        "CHECK (duplicate_days BETWEEN 1 AND 3650)", "Reports of the same matter lie within 1 to 3,650 days."
    )

    def _get_issue_settings(self):
        """Return the ``IssueSettings`` of one service, or of none.

        ``service_ids`` are those among which the same fact may have been reported: the service
        and those under the same parent.
        """
        if not self:
            return IssueSettings(50, 60, 0, False, "notice", ())
        self.ensure_one()
        return self._read_issue_settings(self.id)

    @tools.ormcache("service_id")
    def _read_issue_settings(self, service_id):
        # sudo: thresholds and kinship of services are no secret, and whoever files needs them
        service = self.sudo().browse(service_id)
        family = service.parent_id.child_id if service.parent_id else service
        return IssueSettings(
            service.duplicate_distance,
            service.duplicate_days,
            service.issue_precision,
            service.publish_issues,
            service.kind,
            tuple((service | family).ids),
        )

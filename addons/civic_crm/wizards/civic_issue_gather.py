# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models
from odoo.exceptions import UserError


class CivicIssueGather(models.TransientModel):
    """Put cases of many citizens under the one public fact they are about."""

    _name = "civic.issue.gather"
    _description = "Gather cases under one issue"

    case_ids = fields.Many2many("helpdesk.ticket", string="Cases", required=True)
    issue_id = fields.Many2one(
        "civic.issue",
        domain=[("state", "in", ("open", "in_progress"))],
        help="Empty: the issue one of the cases has already, or a new one.",
    )

    def action_gather(self):
        """Gather, and open the issue.

        :raises AccessError: for whoever may not write each of the cases, or not read the issue
        """
        self.ensure_one()
        self.case_ids.check_access("write")
        self.issue_id.check_access("read")
        if len(self.case_ids) < 2 and not self.issue_id:
            raise UserError(self.env._("Choose an issue, or at least two cases that are about the same."))
        issue = self.case_ids._gather(self.issue_id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "civic.issue",
            "view_mode": "form",
            "res_id": issue.id,
        }

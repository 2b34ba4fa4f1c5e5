# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import ValidationError

OUTCOME_KINDS = [
    ("resolved", "Resolved"),
    ("planned", "Planned"),
    ("rejected", "Rejected, with reasons"),
    ("not_ours", "Not ours, referred"),
    ("duplicate", "Duplicate"),
    ("withdrawn", "Withdrawn"),
]


class CivicCaseOutcome(models.Model):
    """How a case ended, in words a citizen understands."""

    _name = "civic.case.outcome"
    _inherit = "civic.public.facts"
    _description = "Case outcome"
    _order = "sequence, id"
    _public_facts = ("name", "kind", "is_solved", "ask_confirmation", "may_reopen")

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        OUTCOME_KINDS,
        required=True,
        default="resolved",
        help="What the outcome means in the published figures, whatever the city calls it.",
    )
    stage_id = fields.Many2one(
        "helpdesk.ticket.stage",
        required=True,
        domain=[("closed", "=", True)],
        ondelete="restrict",
        help="Where a case goes when it is closed with this outcome.",
    )
    is_solved = fields.Boolean(
        string="Counts as solved",
        help="What was asked for has been done. Used in the published figures.",
    )
    by_citizen = fields.Boolean(
        string="Chosen by the citizen",
        help="Offered to the citizen, who withdraws the case with it, and not to staff.",
    )
    ask_confirmation = fields.Boolean(
        string="Ask whether it is fixed",
        help="The closing message asks the citizen. Only for outcomes that say that it is resolved.",
    )
    may_reopen = fields.Boolean(
        string="The citizen may reopen",
        help="From the case's page, within the days set for it. A rejection has other remedies: an appeal.",
    )
    answer = fields.Text(
        string="Suggested answer",
        translate=True,
        help="Put into the answer box when this outcome is chosen; staff completes it.",
    )

    @api.constrains("kind", "ask_confirmation")
    def _check_ask_confirmation(self):
        for outcome in self:
            if outcome.ask_confirmation and outcome.kind != "resolved":
                raise ValidationError(
                    self.env._(
                        "“%(outcome)s” does not say that it is resolved, so there is nothing to confirm."
                        " Switch “Ask whether it is fixed” off.",
                        outcome=outcome.name,
                    )
                )

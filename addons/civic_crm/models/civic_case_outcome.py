# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class CivicCaseOutcome(models.Model):
    """How a case ended, in words a citizen understands."""

    _name = "civic.case.outcome"
    _inherit = "civic.public.facts"
    _description = "Case outcome"
    _order = "sequence, id"
    _public_facts = ("name", "is_solved")

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("resolved", "Resolved"),
            ("planned", "Planned"),
            ("rejected", "Rejected, with reasons"),
            ("not_ours", "Not ours, referred"),
            ("duplicate", "Duplicate"),
            ("withdrawn", "Withdrawn"),
        ],
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
    answer = fields.Text(
        string="Suggested answer",
        translate=True,
        help="Put into the answer box when this outcome is chosen; staff completes it.",
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class CivicEnquiryOutcome(models.Model):
    """How an enquiry ended at the front desk."""

    _name = "civic.enquiry.outcome"
    _description = "Enquiry outcome"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("answered", "Answered"),
            ("informed", "Told where to go"),
            ("cases", "Turned into cases"),
            ("spam", "Spam"),
            ("unanswerable", "No answer possible"),
        ],
        required=True,
        default="answered",
        help="What the outcome means in the figures, whatever the city calls it.",
    )
    is_answer = fields.Boolean(
        string="Counts as answered",
        help="The person knows now what they wanted to know. Used in the rate of first-contact resolution.",
    )
    answer = fields.Text(
        string="Suggested answer",
        translate=True,
        help="Put into the answer box when this outcome is chosen; staff completes it.",
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class CivicCallDisposition(models.Model):
    """How a call ended, in the city's words; chosen when the agent finishes it."""

    _name = "civic.call.disposition"
    _description = "How a call ended"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("filed", "Something was filed"),
            ("answered", "Answered on the phone"),
            ("callback", "To be called back"),
            ("none", "Nothing to do"),
        ],
        required=True,
        default="answered",
        help="What it means in the figures. “Something was filed” is proposed once a case or an enquiry was made.",
    )

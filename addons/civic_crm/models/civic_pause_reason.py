# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models

PAUSE_KINDS = [
    ("suspend", "Suspended: what is left is kept"),
    ("interrupt", "Interrupted: the count begins again"),
]


class CivicPauseReason(models.Model):
    """Why a clock may stand, and for how long at most."""

    _name = "civic.pause.reason"
    _inherit = "civic.public.facts"
    _description = "Reason to pause a clock"
    _order = "sequence, id"
    _public_facts = ("name", "public_name", "public_explanation", "is_citizens_turn")

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        PAUSE_KINDS,
        string="Effect",
        required=True,
        default="suspend",
        help="Suspended: the days that were left when the pause began are left when it ends. Interrupted: the"
        " whole term begins again after the pause.",
    )
    max_months = fields.Integer(
        string="At most (months)",
        help="After so many months the clock runs on by itself, whether the pause was ended or not. 0: no limit.",
    )
    stops_legal = fields.Boolean(
        string="Stops terms set by law",
        default=True,
        help="Off: only the city's own promise waits, as for weather or spare parts; the law's terms run on.",
    )
    legal_basis = fields.Char(translate=True, help="The article that allows it.")

    public_name = fields.Char(
        string="Citizens read",
        translate=True,
        help="Why the clock stands, on the page of the case: “We need something from you”. Empty: the name.",
    )
    public_explanation = fields.Char(
        string="And below it",
        translate=True,
        help="A sentence that says what happens meanwhile or, if it is the citizen's turn, what to do.",
    )
    is_citizens_turn = fields.Boolean(
        string="The citizen's turn", help="The page of the case says so, and leads to the box for the answer."
    )

    _max_months_positive = models.Constraint(
        "CHECK (max_months >= 0)", "The longest pause is a number of months; 0 means no limit."
    )

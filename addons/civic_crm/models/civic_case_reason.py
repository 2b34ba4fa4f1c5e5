# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models

from .civic_case_outcome import OUTCOME_KINDS


class CivicCaseReason(models.Model):
    """Why a case ended as it did, in words a citizen understands and figures can count."""

    _name = "civic.case.reason"
    _inherit = "civic.public.facts"
    _description = "Reason of an outcome"
    _order = "outcome_kind, sequence, id"
    _public_facts = ("name",)

    name = fields.Char(required=True, translate=True, help="The citizen reads it in the answer and on the case's page.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    outcome_kind = fields.Selection(
        OUTCOME_KINDS,
        string="For outcomes",
        required=True,
        default="rejected",
        help="Offered when a case is closed with an outcome of this kind.",
    )
    needs_text = fields.Boolean(
        string="Explain",
        help="The reason alone says too little: staff must write an explanation for the citizen.",
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class CivicProcessKind(models.Model):
    """What sort of process it is, in the city's own words; no rule depends on it."""

    _name = "civic.process.kind"
    _description = "Kind of process"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Char(translate=True, help="What this kind is for, in a sentence a citizen understands.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class CivicAssociationKind(models.Model):
    """What an association is: neighbourhood council, sports club, parents' association…"""

    _name = "civic.association.kind"
    _description = "Kind of association"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

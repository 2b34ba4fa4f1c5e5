# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class CivicMembershipRole(models.Model):
    """What somebody is in an association: member, chair, secretary…"""

    _name = "civic.membership.role"
    _description = "Role in an association"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

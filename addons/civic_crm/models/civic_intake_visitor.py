# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class CivicIntake(models.Model):
    _inherit = "civic.intake"

    visitor = fields.Char(
        readonly=True,
        index="btree_not_null",
        help="Whose browser it came from, where the channel knows that: who writes another address each time is still"
        " one sender to the limits. No address of a computer is kept.",
    )

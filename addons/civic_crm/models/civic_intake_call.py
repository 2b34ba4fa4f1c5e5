# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class CivicIntake(models.Model):
    _inherit = "civic.intake"

    call_id = fields.Many2one("civic.call", readonly=True, index="btree_not_null", ondelete="restrict")

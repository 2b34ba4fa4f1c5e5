# SPDX-License-Identifier: AGPL-3.0-or-later
"""The accounts by which a citizen writes, and where they want to be answered."""

from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    civic_handle_ids = fields.One2many(
        "civic.identity.handle", "partner_id", string="Accounts", groups="base.group_user"
    )
    civic_answer_by = fields.Selection(
        [("last", "The way they wrote last"), ("email", "E-mail"), ("handle", "Their network account")],
        string="Wants answers by",
        default="last",
        groups="base.group_user",
        help="Where the city's answers go. E-mail needs an address, an account one that is linked.",
    )

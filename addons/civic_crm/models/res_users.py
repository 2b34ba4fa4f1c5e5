# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model_create_multi
    def create(self, vals_list):
        """Whom staff invites is known by the address the invitation goes to."""
        users = super().create(vals_list)
        if not self.env.user.share:
            for partner in users.partner_id.filtered(lambda p: not p.civic_trusted_email):
                partner.civic_trusted_email = partner.email_normalized
        return users

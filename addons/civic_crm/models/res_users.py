# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    takes_cases = fields.Boolean(
        string="Takes new cases",
        default=True,
        help="Off while away: departments that give new cases by rule pass over this person.",
    )
    civic_zone_ids = fields.Many2many(
        "civic.zone",
        "civic_zone_res_users_rel",
        "user_id",
        "zone_id",
        string="Looks after",
        help="Where departments give new cases by zone: the zones this person looks after, those within included.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "takes_cases", "civic_zone_ids"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        """Whoever goes on holiday says so."""
        return [*super().SELF_WRITEABLE_FIELDS, "takes_cases"]

    @api.model_create_multi
    def create(self, vals_list):
        """Whom staff invites is known by the address the invitation goes to."""
        users = super().create(vals_list)
        if not self.env.user.share:
            for partner in users.partner_id.filtered(lambda p: not p.civic_trusted_email):
                partner.civic_trusted_email = partner.email_normalized
        return users

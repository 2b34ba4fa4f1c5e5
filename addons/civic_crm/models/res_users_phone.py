# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    is_on_phone_duty = fields.Boolean(
        string="Takes calls now", help="Calls that are for nobody in particular ring on this person's screen."
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "is_on_phone_duty"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "is_on_phone_duty"]

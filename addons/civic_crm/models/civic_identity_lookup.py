# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

#: Look-ups by document that one person makes in an hour, unless the city sets another number.
LOOKUPS_PER_HOUR = 60


class CivicIdentityLookup(models.Model):
    """Who looked whom up by document, and when. The number itself is not kept."""

    _name = "civic.identity.lookup"
    _description = "Look-up by document"
    _order = "id desc"
    _log_access = False

    at = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    partner_id = fields.Many2one(
        "res.partner", string="Found", readonly=True, index="btree_not_null", ondelete="set null"
    )

    _rate_idx = models.Index("(user_id, at)")

    @api.depends("at", "user_id")
    def _compute_display_name(self):
        for lookup in self:
            lookup.display_name = f"{lookup.user_id.name} · {lookup.at}"

    @api.model
    def _check_rate(self):
        param = self.env["ir.config_parameter"].sudo().get_param("civic_crm.identity_lookups_per_hour")
        limit = int(param) if (param or "").isdigit() else LOOKUPS_PER_HOUR
        since = fields.Datetime.now() - timedelta(hours=1)
        # sudo: who looks up reads no log
        made = self.sudo().search_count([("user_id", "=", self.env.uid), ("at", ">", since)], limit=limit)
        if made >= limit:
            raise UserError(
                self.env._(
                    "You have looked up %s documents within an hour. Wait, or search by name, e-mail or phone.", limit
                )
            )

    @api.model
    def _log(self, partner):
        # sudo: the log is written for everybody and by nobody
        self.sudo().create({"at": fields.Datetime.now(), "user_id": self.env.uid, "partner_id": partner.id})

    def write(self, vals):
        self._refuse_to_tamper()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._refuse_to_tamper()

    def _refuse_to_tamper(self):
        raise UserError(self.env._("The log of look-ups is not changed or deleted."))

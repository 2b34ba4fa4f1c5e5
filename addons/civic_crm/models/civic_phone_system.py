# SPDX-License-Identifier: AGPL-3.0-or-later
import re
import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.orm.models import NO_ACCESS

#: A secret that is typed in is at least as long: below that it can be tried out.
LEAST_SECRET = 24
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


class CivicPhoneSystem(models.Model):
    """A telephony system that tells the city of its calls, by signed webhook (see ``controllers/phone.py``)."""

    _name = "civic.phone.system"
    _description = "Telephony system"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    code = fields.Char(
        required=True, copy=False, help="The last part of its address: small letters, digits and hyphens."
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    secret = fields.Char(string="Secret as kept", groups=NO_ACCESS, copy=False)
    new_secret = fields.Char(
        string="Secret",
        compute="_compute_new_secret",
        inverse="_inverse_new_secret",
        help="What the system signs with. Typed or made here, and never shown again.",
    )
    has_secret = fields.Boolean(compute="_compute_has_secret", compute_sudo=True)
    window_seconds = fields.Integer(
        string="A message is good for (seconds)",
        default=300,
        required=True,
        help="Older messages are refused, so that nobody can repeat one later. Both clocks must agree by as much.",
    )
    webhook_url = fields.Char(string="Address", compute="_compute_webhook_url")
    extension_ids = fields.One2many("civic.phone.extension", "system_id", string="Extensions")

    _code_unique = models.UniqueIndex("(code)", "Another telephony system has this code. Choose another one.")
    _window_sane = models.Constraint(
        "CHECK (window_seconds BETWEEN 30 AND 3600)", "A message is good for 30 to 3,600 seconds."
    )

    def _compute_new_secret(self):
        self.new_secret = False

    def _inverse_new_secret(self):
        for system in self:
            if not system.new_secret:
                continue
            if len(system.new_secret) < LEAST_SECRET:
                raise ValidationError(
                    self.env._("A secret has at least %s characters. Or have one made.", LEAST_SECRET)
                )
            # sudo: whoever may write the system may set its secret, and nobody reads it
            system.sudo().secret = system.new_secret

    @api.depends("secret")
    def _compute_has_secret(self):
        for system in self:
            system.has_secret = bool(system.secret)

    @api.depends("code")
    def _compute_webhook_url(self):
        for system in self:
            system.webhook_url = f"{system.get_base_url()}/civic/phone/{system.code}" if system.code else False

    @api.constrains("code")
    def _check_code(self):
        for system in self:
            if not _CODE.fullmatch(system.code):
                raise ValidationError(
                    self.env._("The code is 2 to 40 small letters, digits and hyphens, such as switchboard-1.")
                )

    def action_make_secret(self):
        """Make a new secret and show it this once; the old one holds no longer."""
        self.ensure_one()
        self.check_access("write")
        made = secrets.token_urlsafe(32)
        # sudo: as in _inverse_new_secret
        self.sudo().secret = made
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Copy this secret now: it is not shown again"),
                "message": made,
                "type": "warning",
                "sticky": True,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }


class CivicPhoneExtension(models.Model):
    """Whose telephone an extension is."""

    _name = "civic.phone.extension"
    _description = "Extension"
    _rec_name = "extension"
    _order = "extension, id"

    system_id = fields.Many2one("civic.phone.system", required=True, ondelete="cascade", index=True)
    extension = fields.Char(required=True)
    user_id = fields.Many2one(
        "res.users", string="Agent", required=True, ondelete="cascade", domain=[("share", "=", False)]
    )

    _extension_unique = models.UniqueIndex("(system_id, extension)", "This extension is on the list already.")

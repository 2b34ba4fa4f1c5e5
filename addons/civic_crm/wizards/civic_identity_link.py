# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models
from odoo.exceptions import UserError


class CivicIdentityLink(models.TransientModel):
    """Say whose account it is, with proof: a code to the citizen's own address, or the person at the counter."""

    _name = "civic.identity.link"
    _description = "Link an account to a citizen"

    handle_id = fields.Many2one("civic.identity.handle", string="Account", required=True)
    partner_id = fields.Many2one(
        "res.partner", string="Citizen", required=True, domain=[("is_citizen", "=", True), ("parent_id", "=", False)]
    )
    way = fields.Selection(
        [("code", "Send a code to their verified e-mail"), ("counter", "They are here, and I have seen who they are")],
        string="How it is proved",
        default="code",
        required=True,
    )

    def action_link(self):
        """Send the code, or link at once.

        :raises AccessError: for anybody but the front desk
        """
        self.ensure_one()
        self.handle_id._check_front_desk()
        self.partner_id.check_access("read")
        if not self.partner_id.is_citizen:
            raise UserError(self.env._("Choose a citizen."))
        if self.way == "code":
            self.handle_id._send_code(self.partner_id)
        else:
            self.handle_id._link(self.partner_id, "counter", user=self.env.user)
        return {"type": "ir.actions.act_window_close"}

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models
from odoo.exceptions import UserError


class CivicCitizenMerge(models.Model):
    """The record of two citizens found to be one: who said so, when, and what the other entry said.

    Merging cannot be undone by a button. What is kept here is what a person needs to see that it was wrong and to
    enter the other citizen again.
    """

    _name = "civic.citizen.merge"
    _description = "Merge of two citizens"
    _order = "id desc"
    _rec_name = "merged_name"

    partner_id = fields.Many2one(
        "res.partner", string="Kept", required=True, readonly=True, index=True, ondelete="restrict"
    )
    merged_id = fields.Integer(string="Number of the other entry", readonly=True)
    merged_name = fields.Char(string="Other entry", readonly=True)
    merged_values = fields.Json(readonly=True)
    merged_text = fields.Text(string="What it said", readonly=True)
    reason = fields.Char(string="Why", readonly=True)
    at = fields.Datetime(string="When", required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="By", required=True, readonly=True, ondelete="restrict")
    case_count = fields.Integer(string="Cases moved", readonly=True)
    had_login = fields.Boolean(
        string="With a login", readonly=True, help="One of the two had a login: it reads the cases of both since."
    )

    ended_login = fields.Char(
        readonly=True, help="Both had a login: this one was ended, its sessions and keys with it."
    )

    def write(self, vals):
        self._refuse_to_tamper()
        return super().write(vals)

    def unlink(self):
        self._refuse_to_tamper()
        return super().unlink()

    def _refuse_to_tamper(self):
        raise UserError(self.env._("The record of a merge is neither changed nor deleted."))

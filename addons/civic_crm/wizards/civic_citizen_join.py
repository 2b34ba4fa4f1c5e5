# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .base_partner_merge import LOOKED_AT

#: What is compared, line by line.
COMPARED = (
    "name",
    "civic_id_masked",
    "email",
    "phone",
    "street",
    "zip",
    "civic_zone_id",
    "lang",
    "helpdesk_ticket_count",
    "create_date",
)


class CivicCitizenJoin(models.TransientModel):
    """Look at two entries side by side and make one citizen of them."""

    _name = "civic.citizen.join"
    _description = "Merge two citizens"

    kept_id = fields.Many2one("res.partner", string="Keep", required=True, domain=[("is_citizen", "=", True)])
    other_id = fields.Many2one("res.partner", string="Merge into it", required=True, domain=[("is_citizen", "=", True)])
    comparison = fields.Html(compute="_compute_comparison", sanitize=False)
    has_login = fields.Boolean(compute="_compute_has_login")
    login_ids = fields.Many2many("res.users", compute="_compute_has_login")
    has_two_logins = fields.Boolean(compute="_compute_has_login")
    kept_login_id = fields.Many2one(
        "res.users",
        string="Login that stays",
        domain="[('id', 'in', login_ids)]",
        context={"active_test": False},
        help="The other one ends at once: whoever is logged in with it is logged out, and its keys open nothing.",
    )
    is_checked = fields.Boolean(
        string="I have checked with the citizen who it is", help="The login will read the cases of both entries."
    )
    reason = fields.Char(string="Why they are one", required=True)

    @api.model
    def default_get(self, fields):
        """Offer to keep the entry with a login, then the one with a document, then the older one."""
        defaults = super().default_get(fields)
        ids = self.env.context.get("active_ids") or []
        if self.env.context.get("active_model") == "res.partner" and len(ids) == 2 and "kept_id" not in defaults:
            # sudo: only whether there is a document or login
            partners = self.env["res.partner"].sudo().browse(ids)
            kept, other = partners.sorted(lambda p: (not p.user_ids, not p.civic_id_number, p.id))
            defaults.update(kept_id=kept.id, other_id=other.id)
        return defaults

    @api.depends("kept_id", "other_id")
    def _compute_has_login(self):
        for wizard in self:
            partners = (wizard.kept_id | wizard.other_id).sudo().with_context(active_test=False)
            users = partners.user_ids
            wizard.has_login = bool(users)
            wizard.has_two_logins = len(users) > 1
            wizard.login_ids = users.sudo(False)

    @api.depends("kept_id", "other_id")
    def _compute_comparison(self):
        for wizard in self:
            kept, other = wizard.kept_id, wizard.other_id
            lines = [(label, wizard._show(kept, name), wizard._show(other, name)) for name, label in self._get_lines()]
            wizard.comparison = self.env["ir.qweb"]._render("civic_crm.citizen_comparison", {"lines": lines})

    def _get_lines(self):
        """Return ``(field, label)`` of what is compared, in the order in which a person looks at it."""
        labels = self.env["res.partner"].fields_get(COMPARED, ["string"])
        own = {"helpdesk_ticket_count": self.env._("Cases"), "create_date": self.env._("Since")}
        return [(name, own.get(name) or labels[name]["string"]) for name in COMPARED]

    def _show(self, partner, name):
        """Return what a person reads of one field of one partner."""
        value = partner[name]
        if not value:
            return "0" if name == "helpdesk_ticket_count" else ""
        if name == "lang":
            return dict(partner._fields[name]._description_selection(self.env)).get(value, "")
        if name == "create_date":
            return format_date(self.env, value)
        return partner._fields[name].convert_to_display_name(value, partner)

    def action_swap(self):
        """Keep the other one."""
        self.ensure_one()
        self.kept_id, self.other_id = self.other_id, self.kept_id
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge two citizens"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_merge(self):
        self.ensure_one()
        if self.kept_id == self.other_id:
            raise UserError(self.env._("Choose two entries: this is one."))
        if self.has_login and not self.is_checked:
            raise UserError(
                self.env._("One of them has a login, which will read the cases of both. Check who it is and say so.")
            )
        kept = self.kept_id
        merge = self.env["base.partner.merge.automatic.wizard"].with_context(
            civic_merge=LOOKED_AT, civic_merge_reason=self.reason, civic_merge_login=self.kept_login_id.id
        )
        merge._merge((kept | self.other_id).ids, kept)
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": kept.id,
            "views": [(kept.get_formview_id(), "form")],
        }

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CivicMembership(models.Model):
    """A citizen belongs to an association, in a role, for a time.

    To act in the association's cases takes a representation; membership alone shows nothing and allows nothing.
    """

    _name = "civic.membership"
    _description = "Membership"
    _order = "date_from desc, id desc"

    partner_id = fields.Many2one(
        "res.partner",
        string="Citizen",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_citizen", "=", True)],
    )
    group_id = fields.Many2one(
        "res.partner",
        string="Association",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_company", "=", True), ("is_citizen", "=", True)],
    )
    role_id = fields.Many2one(
        "civic.membership.role",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env["civic.membership.role"].search([], limit=1),
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="To", help="Last day. Empty: still a member.")
    is_current = fields.Boolean(compute="_compute_is_current", search="_search_is_current")
    note = fields.Char()

    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)", "A membership ends after it begins. Correct the dates."
    )
    _not_of_itself = models.Constraint(
        "CHECK (partner_id != group_id)", "Nobody is a member of themselves. Choose another association."
    )
    _one_at_a_time = models.UniqueIndex(
        "(partner_id, group_id, role_id) WHERE date_to IS NULL",
        "This membership exists already. End it before you enter a new one.",
    )

    @api.depends("partner_id", "group_id")
    def _compute_display_name(self):
        for membership in self:
            membership.display_name = f"{membership.partner_id.name or ''} · {membership.group_id.name or ''}"

    @api.depends("date_from", "date_to")
    def _compute_is_current(self):
        today = self.env["helpdesk.ticket"]._get_city_today()
        for membership in self:
            begun = membership.date_from and membership.date_from <= today
            membership.is_current = bool(begun and not (membership.date_to and membership.date_to < today))

    @api.model
    def _search_is_current(self, operator, value):
        if operator != "in" or set(value) - {True}:
            return NotImplemented
        today = self.env["helpdesk.ticket"]._get_city_today()
        return [("date_from", "<=", today), "|", ("date_to", "=", False), ("date_to", ">=", today)]

    @api.constrains("group_id")
    def _check_group(self):
        for membership in self:
            if not membership.group_id.is_company:
                raise ValidationError(
                    self.env._(
                        "%s is a person. One is a member of an association; to act for a person, enter a"
                        " representation.",
                        membership.group_id.name,
                    )
                )

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.tools import SQL

#: An id of a pair is the older citizen's number times this, plus the newer one's: exact in JavaScript's 53 bits.
PAIR = 1 << 26


class CivicCitizenDuplicate(models.Model):
    """Pairs of citizens who may be one: same address, same phone, or same name with the same birth date or zone.

    No table: found when asked for, each condition on its own index. What staff has said to be two people is left out.
    """

    _name = "civic.citizen.duplicate"
    _description = "Possible duplicate"
    _auto = False
    _order = "strength desc, id desc"

    partner_id = fields.Many2one("res.partner", string="Citizen", readonly=True)
    other_id = fields.Many2one("res.partner", string="May be the same as", readonly=True)
    same_email = fields.Boolean(string="Same e-mail", readonly=True)
    same_phone = fields.Boolean(string="Same phone", readonly=True)
    same_name = fields.Boolean(string="Same name, birth date or zone", readonly=True)
    strength = fields.Integer(string="Signs", readonly=True, help="How many of the signs hold.")
    partner_email = fields.Char(related="partner_id.email", string="E-mail")
    other_email = fields.Char(related="other_id.email", string="Other e-mail")
    partner_phone = fields.Char(related="partner_id.phone", string="Phone")
    other_phone = fields.Char(related="other_id.phone", string="Other phone")

    @api.depends("partner_id", "other_id")
    def _compute_display_name(self):
        for pair in self:
            pair.display_name = f"{pair.partner_id.name} · {pair.other_id.name}"

    @property
    def _table_query(self):
        """The partners are those of the companies the user works for, by ``res.partner``'s own rule."""
        Partner = self.env["res.partner"]
        Partner.flush_model()
        readable = Partner._search([("is_citizen", "=", True)])
        pairs = SQL(" UNION ALL ").join(self._make_pair_query(*sign) for sign in self._get_signs())
        return SQL(
            """
            SELECT pair.one::bigint * %(pair)s + pair.two AS id, pair.one AS partner_id, pair.two AS other_id,
                   bool_or(pair.sign = 'email') AS same_email, bool_or(pair.sign = 'phone') AS same_phone,
                   bool_or(pair.sign = 'name') AS same_name, count(DISTINCT pair.sign)::int AS strength
              FROM (%(pairs)s) AS pair
             WHERE pair.one IN %(readable)s AND pair.two IN %(readable)s
               AND NOT EXISTS (SELECT 1 FROM civic_distinct_rel AS told
                                WHERE told.one_id = pair.one AND told.two_id = pair.two
                                   OR told.one_id = pair.two AND told.two_id = pair.one)
             GROUP BY pair.one, pair.two
            """,
            pair=PAIR,
            pairs=pairs,
            readable=readable.subselect(),
        )

    @api.model
    def _get_signs(self):
        """Return ``(name, SQL condition on the partners "a" and "b")`` of each sign that two are one."""
        return [
            ("email", SQL("a.email_normalized = b.email_normalized")),
            ("phone", SQL("a.phone_sanitized = b.phone_sanitized")),
            (
                "name",
                SQL(
                    "a.civic_name_key = b.civic_name_key AND (a.civic_birth_date = b.civic_birth_date"
                    " OR a.civic_zone_id = b.civic_zone_id"
                    " AND COALESCE(a.civic_birth_date = b.civic_birth_date, TRUE))"
                ),
            ),
        ]

    @api.model
    def _make_pair_query(self, name, condition):
        return SQL(
            "SELECT a.id AS one, b.id AS two, %s AS sign FROM res_partner AS a JOIN res_partner AS b ON %s"
            " WHERE a.id < b.id AND a.is_citizen IS TRUE AND b.is_citizen IS TRUE"
            " AND a.active IS TRUE AND b.active IS TRUE AND a.is_company IS NOT DISTINCT FROM b.is_company",
            name,
            condition,
        )

    def action_merge(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge two citizens"),
            "res_model": "civic.citizen.join",
            "view_mode": "form",
            "target": "new",
            "context": {"active_model": "res.partner", "active_ids": (self.partner_id | self.other_id).ids},
        }

    def action_tell_apart(self):
        """Say that these are two people: the pair is not shown again."""
        for pair in self:
            pair.partner_id._tell_apart(pair.other_id)

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.tools import email_normalize
from odoo.tools.mail import email_split_tuples


class ResPartner(models.Model):
    _inherit = "res.partner"

    # made of the row's own values: core writes it by a second UPDATE of every new person
    email_normalized = fields.Char(compute="_compute_email_normalized", compute_sudo=True, store=True, precompute=True)

    is_citizen = fields.Boolean(
        string="Citizen",
        index=True,
        help="A person or association in relation with the city.",
    )
    civic_zone_id = fields.Many2one("civic.zone", string="Zone", index="btree_not_null", ondelete="restrict")

    civic_trusted_email = fields.Char(
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="The address as staff or the invitation knew it. Cases that come from an"
        " address are given to a login only if it is this one: a login may change its"
        " contact address to anybody's.",
    )

    # core has no index on the stored address, and every incoming mail looks for it
    _email_normalized_idx = models.Index("(email_normalized) WHERE email_normalized IS NOT NULL")

    @api.depends("helpdesk_ticket_ids.stage_id")
    def _compute_helpdesk_ticket_count(self):
        """Count cases in one query for all partners.

        A partner counts its own cases only: citizens are never parented under each other,
        so that the base's ``child_of`` has nothing to add.
        """
        groups = self.env["helpdesk.ticket"]._read_group(
            [("partner_id", "in", self.ids)], ["partner_id", "stage_id"], ["__count"]
        )
        total = dict.fromkeys(self.ids, 0)
        active = dict.fromkeys(self.ids, 0)
        for partner, stage, count in groups:
            total[partner.id] += count
            if not stage.closed:
                active[partner.id] += count
        for partner in self:
            partner.helpdesk_ticket_count = total.get(partner.id, 0)
            partner.helpdesk_ticket_active_count = active.get(partner.id, 0)
            partner.helpdesk_ticket_count_string = (
                f"{partner.helpdesk_ticket_active_count} / {partner.helpdesk_ticket_count}"
            )

    @api.model
    def _find_or_create_citizen(self, email, name=None, phone=None, lang=None):
        """Return the citizen who writes from *email*, made if there is none yet.

        Nothing known about an existing person is overwritten by what a form or a mail
        says: it proves nothing. An existing person becomes a citizen by asking something.

        :param str email: as written, ``Name <address>`` allowed
        :param str lang: code of an active language, for a new citizen; by default the city's
        :return: one partner, or an empty recordset when *email* is not an address
        """
        address = email_normalize(email)
        if not address:
            return self.browse()
        citizen = self._find_citizen(address)
        if not citizen:
            written_name = next((n for n, _a in email_split_tuples(email) if n), None)
            # no note "created" and no followers: the case that is being filed says it
            quiet = self.with_context(tracking_disable=True)
            citizen = (
                quiet.sudo()
                .create(
                    {
                        "name": name or written_name or address.split("@")[0],
                        "email": address,
                        "phone": phone,
                        "lang": lang or self._get_city_lang(),
                        "is_citizen": True,
                    }
                )
                .with_env(self.sudo().env)
            )
        elif not citizen.is_citizen and not citizen.user_ids.filtered(lambda u: not u.share):
            citizen.is_citizen = True
        return citizen.sudo(self.env.su)

    @api.model
    def _get_city_lang(self):
        """Return the language in which the city speaks to whom it does not know yet."""
        # sudo: the city's own contact data
        return self.env.company.sudo().partner_id.lang or self.env.lang

    @api.model
    def _find_citizen(self, address):
        """Return the one person a normalized *address* stands for (superuser), or nobody.

        Contact persons below another partner are left out: whoever owns the parent writes
        them. So are logins whose address nobody but themselves vouches for.
        """
        # sudo: matching is the city's; the caller learns nothing of whom it found
        return (
            self.sudo()
            .with_context(active_test=False)
            .search_fetch(
                [
                    ("email_normalized", "=", address),
                    ("parent_id", "=", False),
                    ("active", "=", True),
                    "|",
                    ("civic_trusted_email", "=", address),
                    ("user_ids", "not any", [("share", "=", True)]),
                ],
                ["name", "email", "phone", "is_citizen", "commercial_partner_id", "company_id"],
                order="is_citizen DESC, id",
                limit=1,
            )
            .with_env(self.sudo().env)
        )

    @api.depends("user_ids.share", "user_ids.active")
    def _compute_partner_share(self):
        """Whoever has no login is from outside: core reads the superuser's person to know it."""
        system = self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root")
        outsiders = self.filtered(lambda partner: not partner.user_ids and partner.id != system)
        outsiders.partner_share = True
        others = self - outsiders
        return super(ResPartner, others)._compute_partner_share() if others else None

    def _phone_get_country(self):
        """A number without a country is one of the city's, known by heart: core reads the city's address each time."""
        countries = super()._phone_get_country()
        city = self.env["res.country"].browse(self.env.company._get_city_country_id() or ())
        return {partner.id: countries.get(partner.id) or city for partner in self}

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.user.share:
            vals_list = [
                dict(vals, civic_trusted_email=email_normalize(vals.get("email")) or False) for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        """An address is trusted when staff writes it, not when its login does, sudo or not."""
        if "email" in vals and not self.env.user.share:
            vals = dict(vals, civic_trusted_email=email_normalize(vals["email"]) or False)
        if "country_id" in vals and self._is_of_a_city():
            self.env.registry.clear_cache()  # ``_get_city_country_id``
        return super().write(vals)

    def _is_of_a_city(self):
        return bool(self.env["res.company"].sudo().search_count([("partner_id", "in", self.ids)], limit=1))

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models, tools


class ResCompany(models.Model):
    _inherit = "res.company"

    open311_jurisdiction = fields.Char(
        string="Jurisdiction (Open311)",
        help="By this name, such as city.example, apps say which city they mean. Needed only where one system serves"
        " several; empty: any name is taken.",
    )
    open311_is_test = fields.Boolean(
        string="Open311 is for testing", help="Tells apps that what they file here is not worked on."
    )

    _open311_jurisdiction_unique = models.UniqueIndex(
        "(open311_jurisdiction) WHERE open311_jurisdiction IS NOT NULL",
        "Another organisation has this jurisdiction already. Give each its own.",
    )

    @api.model
    @tools.ormcache()
    def _get_open311_cities(self):
        """List ``(company id, jurisdiction)`` of the cities that have one."""
        # sudo: the names are public
        cities = self.sudo().search([("open311_jurisdiction", "!=", False)], order="id")
        return tuple((city.id, city.open311_jurisdiction) for city in cities)

    @api.model
    @tools.ormcache()
    def _get_open311_home(self):
        """Return ``(user id, company id)`` of whoever is not signed in; core forgets it when the user is changed."""
        # sudo: which city the public user belongs to is public
        public = self.env.ref("base.public_user").sudo()
        return public.id, public.company_id.id

    @api.model
    @tools.ormcache("company_id")
    def _get_open311_lang(self, company_id):
        """Return the language in which a city speaks to strangers, kept in memory; see ``res.partner.write``."""
        return self.env["res.partner"].with_company(company_id)._get_city_lang()

    @api.model
    @tools.ormcache()
    def _get_city_partner_ids(self):
        # sudo: as above
        return frozenset(
            self.sudo().with_context(active_test=False).search([("partner_id", "!=", False)]).partner_id.ids
        )

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("open311_jurisdiction") for vals in vals_list):
            self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if {"open311_jurisdiction", "active"} & vals.keys():
            self.env.registry.clear_cache()
        return super().write(vals)

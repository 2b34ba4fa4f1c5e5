# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import email_normalize
from odoo.tools.mail import email_split_tuples

from ..core import identity

#: What the intake reads of a citizen it finds, fetched together.
FOUND_FIELDS = ("name", "email", "phone", "is_citizen", "commercial_partner_id", "company_id")


class ResPartner(models.Model):
    _inherit = "res.partner"

    # made of the row's own values: core writes it by a second UPDATE of every new person
    email_normalized = fields.Char(compute="_compute_email_normalized", compute_sudo=True, store=True, precompute=True)

    is_citizen = fields.Boolean(
        string="Citizen",
        index=True,
        help="A person or association in relation with the city.",
    )
    # the base calls them tickets
    helpdesk_ticket_ids = fields.One2many(string="Cases")
    helpdesk_ticket_count = fields.Integer(string="Number of cases")
    helpdesk_ticket_active_count = fields.Integer(string="Number of open cases")
    helpdesk_ticket_count_string = fields.Char(string="Open / all cases")
    civic_zone_id = fields.Many2one("civic.zone", string="Zone", index="btree_not_null", ondelete="restrict")

    civic_trusted_email = fields.Char(
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="The address as staff or the invitation knew it. Cases that come from an"
        " address are given to a login only if it is this one: a login may change its"
        " contact address to anybody's.",
    )

    civic_phone_by_staff = fields.Boolean(
        string="Phone known by staff",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="Staff wrote the phone number; a login or a web form may claim anybody's.",
    )
    civic_name_key = fields.Char(
        compute="_compute_civic_name_key",
        store=True,
        precompute=True,
        groups="base.group_user",
        help="The name as it is compared to find one person entered twice.",
    )
    # core writes this too by a second UPDATE
    phone_sanitized = fields.Char(compute="_compute_phone_sanitized", compute_sudo=True, store=True, precompute=True)

    # core has no index on the stored address, and every incoming mail looks for it
    _email_normalized_idx = models.Index("(email_normalized) WHERE email_normalized IS NOT NULL")
    _phone_sanitized_idx = models.Index("(phone_sanitized) WHERE phone_sanitized IS NOT NULL")
    _civic_name_key_idx = models.Index("(civic_name_key) WHERE is_citizen IS TRUE")

    @api.depends("name")
    def _compute_civic_name_key(self):
        for partner in self:
            partner.civic_name_key = identity.name_key(partner.name) or False

    @api.constrains("is_citizen", "parent_id")
    def _check_no_parent(self):
        """A contact below another shares its rights, its address and its company's cases."""
        if any(partner.is_citizen and partner.parent_id for partner in self):
            raise ValidationError(
                self.env._(
                    "A citizen is nobody's contact person: whoever is below another would share that one's data."
                    " Say by a membership that somebody belongs to an association, and by a representation that"
                    " somebody acts for another."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_without_history(self):
        """Nothing of a citizen's history loses its citizen; merging moves it before it deletes."""
        # sudo: a case of another department counts too
        if (
            self.env["helpdesk.ticket"]
            .sudo()
            .with_context(active_test=False)
            .search_count([("partner_id", "in", self.ids)], limit=1)
        ):
            raise UserError(
                self.env._("Citizens with cases are not deleted. Archive them, or merge them with who they really are.")
            )

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
    def _find_or_create_citizen(self, email, name=None, phone=None, lang=None, document=None):
        """Return the citizen who asks, made if there is none yet.

        Found by the document, then by the address, then by the phone number alone (see ``_find_by_phone``). Nothing
        known about an existing person is overwritten by what a form or a mail says: it proves nothing. An existing
        person becomes a citizen by asking something.

        :param str email: as written, ``Name <address>`` allowed
        :param str phone: as written; without e-mail, the one way to know the person again
        :param str lang: code of an active language, for a new citizen; by default the city's
        :param document: ``(kind, number)`` that staff has read on the document itself; never what a form says
        :return: one partner, or an empty recordset when nothing of this says who it is
        :raises ValidationError: when no such *document* can exist
        """
        address = email_normalize(email)
        citizen = self._find_by_document(*document) if document else self.sudo().browse()
        if not citizen and address:
            citizen = self._find_citizen(address)
        elif not citizen and phone:
            citizen = self._find_by_phone(phone)
        if not citizen:
            written_name = next((n for n, _a in email_split_tuples(email or "") if n), None)
            vals = self._prepare_citizen_vals(address, name or written_name, phone, lang, document)
            if not vals:
                return self.browse()
            # no note "created" and no followers: the case that is being filed says it
            # no fields to share: a citizen has neither parent nor contacts
            made = self.with_context(tracking_disable=True, _partners_skip_fields_sync=True).sudo().create(vals)
            citizen = made.with_env(self.sudo().env)
        elif not citizen.is_citizen and not citizen.user_ids.filtered(lambda u: not u.share):
            citizen.is_citizen = True
        return citizen.sudo(self.env.su)

    def _prepare_citizen_vals(self, address, name, phone, lang, document):
        """Return the values of a new citizen, or nothing when nobody could find this person again."""
        if not address and not document and not (phone and self._phone_format(number=phone)):
            return {}
        vals = {
            "name": name or (address and address.split("@")[0]) or phone or self.env._("Unknown"),
            "email": address or False,
            "phone": phone,
            "lang": lang or self._get_city_lang(),
            "is_citizen": True,
            "civic_phone_by_staff": False,
        }
        if document:
            kind, number = document
            kind = kind or identity.guess_kind(number)
            vals.update(civic_id_kind=kind, civic_id_number=number, is_company=kind == "cif")
        return vals

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
                FOUND_FIELDS,
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

    @api.model
    def _find_by_phone(self, phone):
        """Return the one citizen (superuser) whose number this is, or nobody.

        Anybody can claim any number. So it finds only whom staff knows by it, and who has neither login nor address
        to read anything with; and two people who share a phone are told apart by a person.
        """
        number = self._phone_format(number=phone)
        if not number:
            return self.sudo().browse()
        # sudo: matching is the city's; the caller learns nothing of whom it found
        found = self.sudo().search_fetch(
            [
                ("phone_sanitized", "=", number),
                ("is_citizen", "=", True),
                ("parent_id", "=", False),
            ],
            [*FOUND_FIELDS, "civic_phone_by_staff", "email_normalized"],
            limit=2,
        )
        if len(found) != 1:
            return found.browse()
        known = found.civic_phone_by_staff or not (found.email or found.with_context(active_test=False).user_ids)
        return found if known else found.browse()

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.user.share:
            vals_list = [
                dict(
                    vals,
                    civic_trusted_email=email_normalize(vals.get("email")) or False,
                    civic_phone_by_staff=vals.get("civic_phone_by_staff", bool(vals.get("phone"))),
                )
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        """An address or number is trusted when staff writes it, not when its login does, sudo or not."""
        by_staff = not self.env.user.share
        if "email" in vals and by_staff:
            vals = dict(vals, civic_trusted_email=email_normalize(vals["email"]) or False)
        if "country_id" in vals and self._is_of_a_city():
            self.env.registry.clear_cache()  # ``_get_city_country_id``
        if "phone" in vals:
            vals = dict(vals, civic_phone_by_staff=by_staff and bool(vals["phone"]))
        return super().write(vals)

    def _is_of_a_city(self):
        return bool(self.env["res.company"].sudo().search_count([("partner_id", "in", self.ids)], limit=1))

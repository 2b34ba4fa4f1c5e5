# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who a citizen is by document: kept for matching, shown to nobody whole."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..core import identity

#: May read and write documents and birth dates.
IDENTITY = "civic_crm.group_identity"
#: Nobody has ever been older; an earlier birth date is a slip of the keyboard.
OLDEST = 130


class ResPartner(models.Model):
    _inherit = "res.partner"

    civic_id_kind = fields.Selection(
        [("dni", "DNI"), ("nie", "NIE"), ("passport", "Passport"), ("cif", "CIF (associations)")],
        string="Kind of document",
        groups=IDENTITY,
        copy=False,
    )
    civic_id_number = fields.Char(
        string="Document number",
        groups=IDENTITY,
        copy=False,
        help="Checked, and unique among all citizens. Only who may read identity numbers sees it whole.",
    )
    civic_id_country_id = fields.Many2one(
        "res.country",
        string="Issued by",
        groups=IDENTITY,
        copy=False,
        help="Of a passport: two countries may give the same number.",
    )
    civic_id_masked = fields.Char(
        string="Document",
        compute="_compute_civic_id_masked",
        compute_sudo=True,
        groups="base.group_user",
        help="Four digits at most, so that you can compare it with the document in front of you.",
    )
    civic_birth_date = fields.Date(string="Birth date", groups=IDENTITY, copy=False, index="btree_not_null")

    _civic_id_unique = models.UniqueIndex(
        "(civic_id_number, civic_id_kind, COALESCE(civic_id_country_id, 0)) WHERE civic_id_number IS NOT NULL",
        "Another citizen has this document already. Find them by it, or merge the two.",
    )

    @api.depends("civic_id_kind", "civic_id_number")
    def _compute_civic_id_masked(self):
        for partner in self:
            partner.civic_id_masked = identity.mask(partner.civic_id_kind, partner.civic_id_number)

    @api.constrains("civic_id_kind", "civic_id_number", "civic_birth_date", "is_company")
    def _check_civic_identity(self):
        # sudo: who files at the counter may not read what the rule is about
        for partner in self.sudo():
            if partner.civic_id_number:
                self._normalise_document(partner.civic_id_kind, partner.civic_id_number)
                if (partner.civic_id_kind == "cif") != partner.is_company:
                    raise ValidationError(
                        self.env._("A CIF is an association's number, a DNI, NIE or passport a person's.")
                    )
            if partner.civic_birth_date:
                self._check_birth_date(partner.civic_birth_date)

    @api.model
    def _check_birth_date(self, born):
        today = self.env["helpdesk.ticket"]._get_city_today()
        if born > today:
            raise ValidationError(self.env._("Nobody is born in the future. Correct the birth date."))
        if today.year - born.year > OLDEST:
            raise ValidationError(self.env._("Nobody is %s years old. Correct the birth date.", today.year - born.year))

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_one_form_of_document(vals) for vals in vals_list])

    def write(self, vals):
        vals = self._with_one_form_of_document(vals)
        result = super().write(vals)
        if vals.get("civic_id_number"):
            for partner in self.sudo():
                partner._message_log(body=self.env._("Document recorded: %s", partner.civic_id_masked))
        return result

    def _with_one_form_of_document(self, vals):
        """Return *vals* with the document as it is stored; the kind is guessed where it is not given."""
        if not {"civic_id_kind", "civic_id_number"} & set(vals):
            return vals
        known = self[:1].sudo()
        number = vals.get("civic_id_number", known.civic_id_number)
        if not number:
            return vals
        kind = vals.get("civic_id_kind", known.civic_id_kind) or identity.guess_kind(number)
        return dict(vals, civic_id_kind=kind, civic_id_number=self._normalise_document(kind, number))

    @api.model
    def _normalise_document(self, kind, number):
        """Return *number* in the form in which it is stored.

        :raises ValidationError: when no document of this *kind* can have it; the message says what to look at
        """
        try:
            return identity.normalise(kind, number)
        except identity.InvalidIdentity as error:
            messages = {
                "check": self.env._(
                    "The control letter or digit does not belong to this number. Compare it with the document."
                ),
                "length": self.env._("This number is too short or too long. Compare it with the document."),
                "shape": self.env._(
                    "This is not how such a document is numbered. Choose the right kind of document and compare"
                    " the number."
                ),
            }
            raise ValidationError(messages[error.reason]) from error

    @api.model
    def _find_by_document(self, kind, number):
        """Return the citizen (superuser) who has this document, archived or not, or nobody.

        For callers who have checked that it is staff who asks: a number is easily found out, it proves nothing.

        :param str kind: one of ``core.identity.KINDS``; empty: seen by the number's shape
        :raises ValidationError: when no such document can exist
        """
        kind = kind or identity.guess_kind(number)
        found = (
            self.sudo()
            .with_context(active_test=False)
            .search(
                [("civic_id_number", "=", self._normalise_document(kind, number)), ("civic_id_kind", "=", kind)],
                limit=2,
            )
        )
        if len(found) > 1:  # the same passport number of two countries: a person has to look
            return found.browse()
        return found

    @api.model
    def _look_up_document(self, kind, number):
        """Find a citizen by the exact document for staff who may not read documents; the look-up is logged.

        One number is tried, one person found: no list is given and no part of a number is matched. Whoever tries
        one number after the other is stopped.

        :return: the citizen with the rights of the user, or nobody
        :raises AccessError: for anybody but the front desk
        :raises UserError: after too many look-ups within an hour
        :raises ValidationError: when no such document can exist
        """
        if not self.env.user.has_group("civic_crm.group_agent"):
            raise AccessError(self.env._("Only the front desk looks citizens up by their document."))
        self.env["civic.identity.lookup"]._check_rate()
        found = self._find_by_document(kind, number)
        self.env["civic.identity.lookup"]._log(found)
        return self.browse(found.ids)

    def _record_document(self, kind, number, country=None):
        """Write the document of one citizen who has none yet, for staff who may not read documents.

        :raises UserError: when the citizen has another one: changing it takes the right to read it
        """
        self.ensure_one()
        self.check_access("write")
        # sudo: the number is written and not read
        citizen = self.sudo()
        if citizen.civic_id_number:
            raise UserError(
                self.env._(
                    "%s has a document already. Ask somebody who may read identity numbers to correct it.",
                    self.display_name,
                )
            )
        citizen.write({"civic_id_kind": kind, "civic_id_number": number, "civic_id_country_id": country and country.id})

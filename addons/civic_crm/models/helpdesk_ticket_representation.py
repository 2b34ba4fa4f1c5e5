# SPDX-License-Identifier: AGPL-3.0-or-later
"""Cases that one citizen files and follows for another."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..core import representation
from .helpdesk_ticket import STAFF_ONLY


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    representative_id = fields.Many2one(
        "res.partner",
        string="Filed by",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        domain=[("is_citizen", "=", True)],
        groups=STAFF_ONLY,
        help="Who filed it in the citizen's name. Takes a representation in force on the day of filing.",
    )

    @api.constrains("representative_id", "partner_id")
    def _check_representative(self):
        # sudo: the citizen, who files it, reads neither the field nor the mandates
        for case in self.sudo().filtered("representative_id"):
            day = self._to_city_time(case.filed_at).date()
            if not case._may_act_for(case.representative_id, day):
                raise ValidationError(
                    self.env._(
                        "%(representative)s does not represent %(citizen)s in this. Enter the representation with"
                        " its evidence first, or file the case in the name of %(representative)s.",
                        representative=case.representative_id.name,
                        citizen=case.partner_id.name or self.env._("an anonymous citizen"),
                    )
                )

    def _may_act_for(self, partner, on_date=None):
        """Return whether *partner* may act in this one case: it is theirs, or they represent its citizen.

        :param partner: one ``res.partner``
        :param date on_date: day of the city; today if not given
        """
        self.ensure_one()
        if not partner or not self.partner_id:
            return False
        if partner == self.partner_id:
            return True
        day = on_date or self._get_city_today()
        # sudo: whether somebody may is asked for those who may not read mandates
        mandates = (
            self.env["civic.representation"]
            .sudo()
            .search([("representative_id", "=", partner.id), ("represented_id", "=", self.partner_id.id)])
        )
        service_ids = {int(part) for part in (self.sudo().category_id.parent_path or "").split("/") if part}
        return any(
            representation.covers(mandate._to_mandate(), day, self._origin.id or None, service_ids)
            for mandate in mandates
        )

    @api.model
    def _get_acting_domain(self, partner, on_date=None):
        """Return the domain of the cases in which *partner* may act: the own ones and those of whom they represent.

        Agrees with ``_may_act_for``; for lists.
        """
        day = on_date or self._get_city_today()
        Mandate = self.env["civic.representation"].sudo()
        mandates = Mandate.search([("representative_id", "=", partner.id), *Mandate._get_in_force_domain(day)])
        domain = Domain("partner_id", "=", partner.id)
        for mandate in mandates:
            of_whom = Domain("partner_id", "=", mandate.represented_id.id)
            if mandate.scope == "service":
                of_whom &= Domain("category_id", "child_of", mandate.service_id.id)
            elif mandate.scope == "case":
                of_whom &= Domain("id", "=", mandate.case_id.id)
            domain |= of_whom
        return domain

    def _get_acting_representative(self):
        """Return who filed one case in its citizen's name, while the representation holds; or nobody.

        Ley 39/2015, art. 5.1: whoever has a representative may leave it to them to deal with the administration. The
        citizen goes on hearing everything too.
        """
        self.ensure_one()
        # sudo: staff who write to the citizen need not be able to read mandates
        representative = self.sudo().representative_id
        return representative if representative and self._may_act_for(representative) else representative.browse()

    def _get_told(self):
        """Return who hears of one case: its citizen, and who filed it for them while the representation holds."""
        return self.partner_id | self._get_acting_representative()

    def _get_told_ids(self):
        """Return the same as templates of mails take it: ids with commas between them."""
        return ",".join(str(number) for number in self._get_told().ids)

    def _is_from_representative(self, address):
        """Return whether a normalized *address* is that of somebody who may act in this one case."""
        partner = self.env["res.partner"]._find_citizen(address) if address and self.partner_id else None
        return bool(partner) and self._may_act_for(partner)

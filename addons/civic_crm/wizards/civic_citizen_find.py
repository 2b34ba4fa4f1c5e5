# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models
from odoo.exceptions import UserError


class CivicCitizenFind(models.TransientModel):
    """The front desk, a document in the hand: find the citizen by it, register them, or add it to who has none.

    The number is typed and never shown again.
    """

    _name = "civic.citizen.find"
    _description = "Find a citizen by document"

    id_kind = fields.Selection(
        [("dni", "DNI"), ("nie", "NIE"), ("passport", "Passport"), ("cif", "CIF (associations)")],
        string="Document",
        help="Empty: seen by the number.",
    )
    id_number = fields.Char(string="Number")
    country_id = fields.Many2one("res.country", string="Issued by", help="Of a passport.")
    partner_id = fields.Many2one("res.partner", string="Citizen", help="Whose document it is, when it is to be added.")
    is_unknown = fields.Boolean(readonly=True)
    name = fields.Char(help="As it is written in the document.")
    email = fields.Char()
    phone = fields.Char()

    def action_find(self):
        """Open the citizen who has this document, or ask for what a new one needs."""
        self.ensure_one()
        if not self.id_number:
            raise UserError(self.env._("Type the number of the document."))
        found = self.env["res.partner"]._look_up_document(self.id_kind, self.id_number)
        if found:
            self.id_number = False
            return self._open(found)
        self.is_unknown = True
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Nobody has this document yet"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_register(self):
        """Register a new citizen with this document."""
        self.ensure_one()
        Partner = self.env["res.partner"]
        found = Partner._look_up_document(self.id_kind, self.id_number)
        if not found:
            if not self.name:
                raise UserError(self.env._("Type the name as it is written in the document."))
            vals = Partner._prepare_citizen_vals(False, self.name, self.phone, None, (self.id_kind, self.id_number))
            vals.update(email=self.email, civic_id_country_id=self.country_id.id, civic_phone_by_staff=True)
            Partner.check_access("create")
            # sudo: the number is written and not read
            found = Partner.browse(Partner.sudo().create(vals).ids)
        self.id_number = False
        return self._open(found)

    def action_add(self):
        """Write the document onto the citizen who has none."""
        self.ensure_one()
        self.partner_id._record_document(self.id_kind, self.id_number, self.country_id)
        self.id_number = False
        return self._open(self.partner_id)

    def _open(self, partner):
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": partner.id,
            "views": [(partner.get_formview_id(), "form")],
        }

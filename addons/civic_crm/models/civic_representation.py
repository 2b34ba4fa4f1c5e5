# SPDX-License-Identifier: AGPL-3.0-or-later
import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..core import representation

#: Who, for whom and for what: a mandate is not changed into another one.
FIXED_FIELDS = {"case_id", "date_from", "representative_id", "represented_id", "scope", "service_id"}
#: Written by ``_revoke`` and by nothing else.
REVOCATION_FIELDS = {"revoke_reason", "revoked_at", "revoked_by_id"}


class CivicRepresentation(models.Model):
    """One person acts for another before the city: explicit, dated, with evidence, and revocable.

    Ley 39/2015, art. 5: representation is accredited by any means of proof; nothing is presumed from a shared
    address, a surname or a seat on a board.
    """

    _name = "civic.representation"
    _description = "Representation"
    _order = "date_from desc, id desc"

    representative_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_citizen", "=", True)],
        help="Who acts.",
    )
    represented_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_citizen", "=", True)],
        help="In whose name: a person or an association.",
    )
    scope = fields.Selection(
        [("all", "All cases"), ("service", "Cases of one service"), ("case", "One case")],
        required=True,
        default="all",
        help="How far it goes. One service includes those below it.",
    )
    service_id = fields.Many2one("helpdesk.ticket.category", index="btree_not_null", ondelete="restrict")
    case_id = fields.Many2one("helpdesk.ticket", index="btree_not_null", ondelete="restrict")
    date_from = fields.Date(string="From", required=True, default=lambda self: self._get_today())
    date_to = fields.Date(string="To", help="Last day. Empty: until revoked.")
    evidence = fields.Char(
        required=True, help="How it was proved: power of attorney, entry in the register, signed at the counter…"
    )
    evidence_file = fields.Binary(attachment=True, string="Document")
    evidence_name = fields.Char()
    revoked_at = fields.Datetime(string="Revoked", readonly=True, copy=False)
    revoked_by_id = fields.Many2one("res.users", string="Revoked by", readonly=True, copy=False)
    revoke_reason = fields.Char(readonly=True, copy=False)
    state = fields.Selection(
        [
            (representation.FUTURE, "Not yet"),
            (representation.IN_FORCE, "In force"),
            (representation.EXPIRED, "Expired"),
            (representation.REVOKED, "Revoked"),
        ],
        compute="_compute_state",
        search="_search_state",
    )

    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)", "A representation ends after it begins. Correct the dates."
    )
    _of_another = models.Constraint(
        "CHECK (representative_id != represented_id)", "Nobody represents themselves. Choose another person."
    )
    _target_of_scope = models.Constraint(
        "CHECK ((scope = 'service') = (service_id IS NOT NULL) AND (scope = 'case') = (case_id IS NOT NULL))",
        "Choose the service or the case that the representation is for, and no other.",
    )

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.model
    def _get_today(self):
        return self.env["helpdesk.ticket"]._get_city_today()

    @api.depends("representative_id", "represented_id")
    def _compute_display_name(self):
        for mandate in self:
            mandate.display_name = self.env._(
                "%(representative)s for %(represented)s",
                representative=mandate.representative_id.name or "",
                represented=mandate.represented_id.name or "",
            )

    @api.depends("date_from", "date_to", "revoked_at")
    def _compute_state(self):
        today = self._get_today()
        for mandate in self:
            mandate.state = mandate.date_from and representation.state_on(mandate._to_mandate(), today)

    @api.model
    def _search_state(self, operator, value):
        if operator != "in" or set(value) != {representation.IN_FORCE}:
            return NotImplemented
        return self._get_in_force_domain(self._get_today())

    @api.model
    def _get_in_force_domain(self, day):
        """Return the domain of the mandates in force on a *day* of the city, as ``core.representation`` says it."""
        zone = self.env.company._get_city_zone()
        next_day = fields.Date.add(day, days=1)
        ends = zone.localize(fields.Datetime.to_datetime(next_day)).astimezone(pytz.utc).replace(tzinfo=None)
        return [
            ("date_from", "<=", day),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", day),
            "|",
            ("revoked_at", "=", False),
            ("revoked_at", ">=", ends),
        ]

    def _to_mandate(self):
        """Return one record as the ``Mandate`` that ``core.representation`` judges."""
        self.ensure_one()
        revoked = self.revoked_at and self.env["helpdesk.ticket"]._to_city_time(self.revoked_at).date()
        return representation.Mandate(
            scope=self.scope,
            target=self.service_id.id or self.case_id.id or None,
            date_from=self.date_from,
            date_to=self.date_to or None,
            revoked_on=revoked or None,
        )

    # ------------------------------------------------------------------
    # constraints
    # ------------------------------------------------------------------

    @api.constrains("scope", "case_id", "represented_id")
    def _check_case(self):
        for mandate in self.filtered("case_id"):
            if mandate.case_id.partner_id != mandate.represented_id:
                raise ValidationError(
                    self.env._(
                        "Case %(case)s is not one of %(citizen)s. Choose one of their cases.",
                        case=mandate.case_id.number,
                        citizen=mandate.represented_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(REVOCATION_FIELDS & set(vals) for vals in vals_list):
            self._refuse_to_tamper()
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            fixed = FIXED_FIELDS & set(vals)
            if fixed or REVOCATION_FIELDS & set(vals) or any(mandate.revoked_at for mandate in self):
                self._refuse_to_tamper()
        return super().write(vals)

    def _refuse_to_tamper(self):
        raise AccessError(
            self.env._(
                "Who represents whom, for what and since when is not changed afterwards. Revoke this representation"
                " and enter another."
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A representation is not deleted: it says why somebody could act. Revoke it."))

    # ------------------------------------------------------------------
    # business
    # ------------------------------------------------------------------

    def action_revoke(self):
        """Take it back from now on; the whole of today counts."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Revoke"),
            "res_model": "civic.representation.revoke",
            "view_mode": "form",
            "target": "new",
            "context": {"default_representation_ids": self.ids},
        }

    def _revoke(self, reason):
        """Take back, from today on, what is not taken back yet; the user's right to write has to allow it.

        :param str reason: why, in a sentence
        """
        self.check_access("write")
        # sudo: the fields are written by this and nothing else
        self.filtered(lambda mandate: not mandate.revoked_at).sudo().write(
            {"revoked_at": fields.Datetime.now(), "revoked_by_id": self.env.uid, "revoke_reason": reason}
        )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a citizen is, cares about and belongs to, and for whom they act."""

from odoo import api, fields, models

STAFF_ONLY = "base.group_user"


class ResPartner(models.Model):
    _inherit = "res.partner"

    civic_kind = fields.Selection(
        [("person", "Person"), ("association", "Association or council")],
        string="Kind",
        compute="_compute_civic_kind",
        inverse="_inverse_civic_kind",
        help="An association has members and can be represented; it is nobody's employer here.",
    )
    civic_association_kind_id = fields.Many2one(
        "civic.association.kind", string="Kind of association", index="btree_not_null", ondelete="restrict"
    )
    civic_channel_id = fields.Many2one(
        "helpdesk.ticket.channel",
        string="Preferred channel",
        ondelete="set null",
        help="How this citizen likes to be reached. It is a wish; what may be sent is said by consents.",
    )
    civic_topic_ids = fields.Many2many(
        "civic.topic",
        "civic_topic_res_partner_rel",
        "partner_id",
        "topic_id",
        string="Topics of interest",
        help="What this citizen cares about. Audiences of news and consultations are made of it.",
    )

    civic_membership_ids = fields.One2many("civic.membership", "partner_id", string="Member of", groups=STAFF_ONLY)
    civic_member_ids = fields.One2many("civic.membership", "group_id", string="Members", groups=STAFF_ONLY)
    civic_representation_ids = fields.One2many(
        "civic.representation", "representative_id", string="Acts for", groups=STAFF_ONLY
    )
    civic_represented_by_ids = fields.One2many(
        "civic.representation", "represented_id", string="Represented by", groups=STAFF_ONLY
    )

    @api.depends("is_company")
    def _compute_civic_kind(self):
        for partner in self:
            partner.civic_kind = "association" if partner.is_company else "person"

    def _inverse_civic_kind(self):
        for partner in self:
            partner.is_company = partner.civic_kind == "association"

    @api.model_create_multi
    def create(self, vals_list):
        """The kind is known before the document is checked against it, which an inverse is too late for."""
        vals_list = [
            dict(vals, is_company=vals["civic_kind"] == "association") if vals.get("civic_kind") else vals
            for vals in vals_list
        ]
        return super().create(vals_list)

    def _get_represented(self, on_date=None):
        """Return for whom this one citizen may act in all or some cases on a day of the city (today if not given)."""
        self.ensure_one()
        # sudo: a citizen reads no mandates; who gave them one is theirs to know
        Mandate = self.env["civic.representation"].sudo()
        day = on_date or Mandate._get_today()
        mandates = Mandate.search([("representative_id", "=", self.id), *Mandate._get_in_force_domain(day)])
        return mandates.represented_id.with_env(self.env)

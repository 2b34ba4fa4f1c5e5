# SPDX-License-Identifier: AGPL-3.0-or-later
"""Satisfaction: asked with the closing message, given by whoever holds its link."""

from odoo import fields, models

from odoo.addons.rating.models.rating_data import RATING_HAPPY_VALUE, RATING_NEUTRAL_VALUE, RATING_UNHAPPY_VALUE

#: Outcomes after which the citizen is asked how the city did; a duplicate is judged once, on the other case.
RATED_OUTCOMES = ("resolved", "planned", "rejected", "not_ours")


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "rating.mixin"]

    # 0 for a new case, known before its row is written: core asks the database and writes a second time
    rating_last_value = fields.Float(
        string="Satisfaction",
        compute="_compute_rating_last_value",
        compute_sudo=True,
        store=True,
        precompute=True,
        groups="base.group_user",
        aggregator="avg",
        help="The citizen's last rating: 5 good, 3 so-so, 1 bad; 0 none.",
    )

    _rated_idx = models.Index("(rating_last_value) WHERE rating_last_value > 0")

    def _compute_rating_last_value(self):
        """Core flushes and queries even for cases that have no id yet."""
        if not self.ids:
            self.rating_last_value = 0
            return None
        return super()._compute_rating_last_value()

    def _rating_get_parent_field_name(self):
        return "team_id"

    def _rating_apply_get_default_subtype_id(self):
        """A rating is for staff: no answer, no part of the public story, and it may be corrected."""
        return self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")

    def _request_ratings(self, outcome):
        """Prepare the links that the closing messages of the batch carry, where the service asks."""
        if outcome.kind not in RATED_OUTCOMES:
            return
        asked = self.sudo().filtered(
            lambda case: (
                case.partner_id.email
                and (not case.category_id or case.category_id._get_public_facts()["ask_satisfaction"])
                and not case._get_open_rating()
            )
        )
        # sudo: nobody makes requests but by closing
        self.env["rating.rating"].sudo().create([case._prepare_rating_request_vals() for case in asked])

    def _prepare_rating_request_vals(self):
        return {
            "partner_id": self.partner_id.id,
            "rated_partner_id": self._rating_get_operator().id,
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "is_internal": False,
        }

    def _get_open_rating(self):
        """Return the request that its citizen has not answered yet (superuser), or none."""
        citizen = self.partner_id
        return self.sudo().rating_ids.filtered(lambda r: not r.consumed and r.partner_id == citizen)[:1]

    def _get_rating_links(self):
        """Return ``[(grade, address)]`` of the open request: ``good``, ``so_so``, ``bad``; empty without one.

        For the citizen alone: whoever has the address may rate.
        """
        self.ensure_one()
        token = self._get_open_rating().access_token
        if not token:
            return []
        grades = (("good", RATING_HAPPY_VALUE), ("so_so", RATING_NEUTRAL_VALUE), ("bad", RATING_UNHAPPY_VALUE))
        return [(grade, f"{self.get_base_url()}/rate/{token}/{value}") for grade, value in grades]

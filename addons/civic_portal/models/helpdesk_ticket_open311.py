# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models

from odoo.addons.civic_crm.models.helpdesk_ticket import STAFF_ONLY


class HelpdeskTicket(models.Model):
    """What a case filed by an app keeps: by which, and what the app calls it."""

    _inherit = "helpdesk.ticket"

    request_code = fields.Char(
        string="Number in Open311",
        readonly=True,
        copy=False,
        groups=STAFF_ONLY,
        help="What the app that filed it calls it. Its issue, once published, has the same number.",
    )
    api_key_id = fields.Many2one(
        "civic.api.key",
        string="Filed by the app",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=STAFF_ONLY,
    )

    forward_ids = fields.One2many(
        "civic.open311.forward", "case_id", string="Sent elsewhere", readonly=True, groups=STAFF_ONLY
    )

    _request_code_unique = models.UniqueIndex("(request_code) WHERE request_code IS NOT NULL")

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        self.env["civic.open311.forward"]._queue_new(cases)
        return cases

    def _prepare_filed_vals(self, facts):
        vals = super()._prepare_filed_vals(facts)
        if facts.get("api_key"):
            vals.update(api_key_id=facts["api_key"].id, request_code=facts["request_code"])
        return vals

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import UserError


class CivicConsentDecide(models.TransientModel):
    """Record what citizens say to the use of their data, as they say it at the counter or on the phone."""

    _name = "civic.consent.decide"
    _description = "Record a decision on data use"

    partner_ids = fields.Many2many("res.partner", string="Citizens", required=True)
    decision = fields.Selection([("given", "Says yes"), ("withdrawn", "Says no")], required=True, default="given")
    way_ids = fields.Many2many(
        "civic.consent.way", string="To what", required=True, help="Each purpose by each channel is asked for apart."
    )
    source = fields.Selection(
        [("counter", "Counter"), ("phone", "Phone"), ("form", "Paper or web form")], required=True, default="counter"
    )
    at = fields.Datetime(string="When", required=True, default=fields.Datetime.now)
    evidence = fields.Char(help="What proves it: the signed sheet, the recording, the text that was read out.")
    evidence_file = fields.Binary(string="Document")
    evidence_name = fields.Char()
    description = fields.Text(string="What was asked", compute="_compute_description")

    @api.depends("way_ids")
    def _compute_description(self):
        for wizard in self:
            purposes = wizard.way_ids.purpose_id
            wizard.description = "\n".join(p.description or p.name for p in purposes)

    def action_record(self):
        self.ensure_one()
        if not self.way_ids:
            raise UserError(self.env._("Choose at least one purpose and channel."))
        self.partner_ids._record_consent(
            self.way_ids,
            self.decision,
            self.source,
            at=self.at,
            evidence=self.evidence,
            evidence_file=self.evidence_file,
            evidence_name=self.evidence_name,
        )
        return {"type": "ir.actions.act_window_close"}

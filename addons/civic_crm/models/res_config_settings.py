# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    register_notices = fields.Boolean(related="company_id.register_notices", readonly=False)
    register_requests = fields.Boolean(related="company_id.register_requests", readonly=False)
    register_complaints = fields.Boolean(related="company_id.register_complaints", readonly=False)
    register_suggestions = fields.Boolean(related="company_id.register_suggestions", readonly=False)
    registry_prefix = fields.Char(related="company_id.registry_prefix", readonly=False)
    confirmation_days = fields.Integer(related="company_id.confirmation_days", readonly=False)
    reopen_days = fields.Integer(related="company_id.reopen_days", readonly=False)
    reopen_stage_id = fields.Many2one(related="company_id.reopen_stage_id", readonly=False)

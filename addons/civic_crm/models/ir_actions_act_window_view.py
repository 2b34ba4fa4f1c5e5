# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class IrActionsActWindowView(models.Model):
    _inherit = "ir.actions.act_window.view"

    view_mode = fields.Selection(selection_add=[("civic_map", "Map")], ondelete={"civic_map": "cascade"})

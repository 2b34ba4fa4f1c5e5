# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CivicTopic(models.Model):
    """A subject people care about: one taxonomy for services, proposals, campaigns and citizens."""

    _name = "civic.topic"
    _inherit = "civic.public.facts"
    _description = "Topic"
    _parent_store = True
    _order = "sequence, name"
    _public_facts = ("name",)

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    parent_id = fields.Many2one("civic.topic", string="Part of", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("civic.topic", "parent_id", string="Parts")
    service_ids = fields.Many2many("helpdesk.ticket.category", string="Services")

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A topic cannot be a part of itself. Choose another topic under “Part of”.")
            )

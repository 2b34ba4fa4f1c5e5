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
    partner_ids = fields.Many2many(
        "res.partner", "civic_topic_res_partner_rel", "topic_id", "partner_id", string="Citizens interested"
    )
    citizen_count = fields.Integer(
        compute="_compute_citizen_count",
        string="Citizens",
        help="Who is interested in this topic itself, not in its parts.",
    )

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A topic cannot be a part of itself. Choose another topic under “Part of”.")
            )

    def _compute_citizen_count(self):
        groups = self.env["res.partner"]._read_group(
            [("civic_topic_ids", "in", self.ids), ("is_citizen", "=", True)], ["civic_topic_ids"], ["__count"]
        )
        counts = {topic.id: count for topic, count in groups}
        for topic in self:
            topic.citizen_count = counts.get(topic.id, 0)

    def action_view_citizens(self):
        """Open the citizens who care about this topic."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_crm.res_partner_citizen_action")
        return action | {
            "domain": [("is_citizen", "=", True), ("civic_topic_ids", "in", self.ids)],
            "display_name": self.name,
        }

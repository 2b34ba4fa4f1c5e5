# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CivicZone(models.Model):
    """A part of the city: the tree city › district › neighbourhood › section."""

    _name = "civic.zone"
    _inherit = "civic.public.facts"
    _description = "Zone"
    _parent_store = True
    _order = "complete_name"
    _rec_name = "complete_name"

    _public_facts = ("name", "complete_name")

    KINDS = [
        ("city", "City"),
        ("district", "District"),
        ("neighbourhood", "Neighbourhood"),
        ("section", "Section"),
    ]

    name = fields.Char(required=True)
    code = fields.Char(help="The zone's official code, used in imports and open data. Unique.")
    kind = fields.Selection(KINDS, required=True, default="neighbourhood")
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one("civic.zone", string="Part of", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("civic.zone", "parent_id", string="Parts")
    complete_name = fields.Char(compute="_compute_complete_name", store=True, recursive=True, index="trigram")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)

    _code_unique = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another zone has this code already. Give each zone its own.",
    )

    @api.depends("name", "parent_id.complete_name", "parent_id.kind")
    def _compute_complete_name(self):
        """The city's own name is left out: every zone is in it."""
        for zone in self:
            parent = zone.parent_id
            if parent and parent.kind != "city":
                zone.complete_name = f"{parent.complete_name} › {zone.name}"
            else:
                zone.complete_name = zone.name

    @api.constrains("parent_id", "kind")
    def _check_parent(self):
        rank = {kind: i for i, (kind, _label) in enumerate(self.KINDS)}
        for zone in self.filtered("parent_id"):
            if rank[zone.parent_id.kind] >= rank[zone.kind]:
                raise ValidationError(
                    self.env._(
                        "%(zone)s cannot be a part of %(parent)s: a zone lies in a larger"
                        " kind of zone (city, district, neighbourhood, section).",
                        zone=zone.name,
                        parent=zone.parent_id.name,
                    )
                )

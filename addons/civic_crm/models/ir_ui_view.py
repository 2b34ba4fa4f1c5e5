# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models

MAP_ATTRIBUTES = {"__validate__", "class", "create", "js_class", "string"}


class IrUiView(models.Model):
    """A kind of view beside list and kanban: records on the city's map.

    Its architecture is ``<civic_map string="…" />``; the model inherits ``civic.map``, which
    says what is shown of each record.
    """

    _inherit = "ir.ui.view"

    type = fields.Selection(selection_add=[("civic_map", "Map")])

    def _validate_tag_civic_map(self, node, _name_manager, node_info):
        if not node_info["validate"]:
            return
        unknown = set(node.attrib) - MAP_ATTRIBUTES
        if unknown or len(node):
            self._raise_view_error(
                self.env._("A map has no fields, and no attributes but %s.", ", ".join(sorted(MAP_ATTRIBUTES))), node
            )

    def _get_view_info(self):
        return {"civic_map": {"icon": "fa fa-map-marker"}} | super()._get_view_info()

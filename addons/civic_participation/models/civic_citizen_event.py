# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models


class CivicCitizenEvent(models.Model):
    """What citizens say in public processes is in their history, beside their cases."""

    _inherit = "civic.citizen.event"

    kind = fields.Selection(selection_add=[("process", "Participation")])

    @api.model
    def _get_event_queries(self):
        said = self._make_authored_query("civic.process", "process")
        return [*super()._get_event_queries(), *([] if said is None else [said])]

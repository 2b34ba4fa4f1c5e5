# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class HelpdeskTicketTeam(models.Model):
    """How content the citizens of a department's cases are, from Odoo's ratings."""

    _name = "helpdesk.ticket.team"
    _inherit = ["helpdesk.ticket.team", "rating.parent.mixin"]
    #: A department is what it was in the last year, not what it has ever been.
    _rating_satisfaction_days = 365

    # of its cases; a department itself, though it has a thread, is not rated
    rating_ids = fields.One2many(
        "rating.rating",
        "parent_res_id",
        string="Ratings",
        bypass_search_access=True,
        groups="base.group_user",
        domain=lambda self: [("parent_res_model", "=", self._name)],
    )

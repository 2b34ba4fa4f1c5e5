# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import models


class HelpdeskTicketChannel(models.Model):
    """Names of channels stand on every timeline: they are kept in memory."""

    _name = "helpdesk.ticket.channel"
    _inherit = ["civic.kept.in.memory", "helpdesk.ticket.channel"]

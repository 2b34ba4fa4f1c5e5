# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError


class HelpdeskTicketCategory(models.Model):
    """The way of a service's cases: through which states, by which terms."""

    _inherit = "helpdesk.ticket.category"

    stage_ids = fields.Many2many(
        "helpdesk.ticket.stage",
        string="States",
        domain=[("closed", "=", False)],
        help="The states that its cases go through before they end; they begin in the first. Empty: those of the"
        " heading, or all of the department's.",
    )
    deadline_rule_ids = fields.One2many("civic.deadline.rule", "category_id", string="Deadline rules")

    @api.constrains("stage_ids")
    def _check_stages(self):
        for service in self:
            closed = service.stage_ids.filtered("closed")[:1]
            if closed:
                raise ValidationError(
                    self.env._(
                        "“%(stage)s” ends a case, whatever the service. Choose for “%(service)s” states in which work"
                        " goes on.",
                        stage=closed.name,
                        service=service.name,
                    )
                )

    @tools.ormcache("self.id", "team_id")
    def _get_stage_ids(self, team_id):
        """Return the ids of the open states, in order, through which one service's cases in a department go.

        The service's own, else those of the nearest heading that names some; of these, what the department uses.

        :param team_id: id of the department, or False
        :return: tuple of ids; empty: all of the department's
        """
        # sudo: which states there are is no secret
        line = self.sudo().browse(self._read_service_line(self.id) if self else ())
        named = next((service.stage_ids for service in line if service.stage_ids), None)
        if not named:
            return ()
        used = self.env["helpdesk.ticket.team"].sudo().browse(team_id or [])._get_applicable_stages()
        return (used & named)._ids

    def _find_first_stage_id(self, team_id):
        """Return the id of the state in which a new case of one service, or of none, begins in a department."""
        ids = self._get_stage_ids(team_id or False)
        return ids[0] if ids else self.env["helpdesk.ticket.team"]._get_first_stage_id(team_id)

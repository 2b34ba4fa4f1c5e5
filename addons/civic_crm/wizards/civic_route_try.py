# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models

from ..core import assignment


class CivicRouteTry(models.TransientModel):
    """Try it: who would get a case of this service, filed here and now, and why."""

    _name = "civic.route.try"
    _description = "Who would get a case"

    service_id = fields.Many2one("helpdesk.ticket.category")
    zone_id = fields.Many2one(
        "civic.zone", compute="_compute_zone_id", store=True, readonly=False, help="Or give a point."
    )
    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))

    is_outside_city = fields.Boolean(compute="_compute_is_outside_city")
    team_id = fields.Many2one("helpdesk.ticket.team", string="Department", compute="_compute_answer")
    team_source = fields.Char(string="Because", compute="_compute_answer")
    user_id = fields.Many2one("res.users", string="Responsible", compute="_compute_answer")
    user_source = fields.Char(string="Because of the people", compute="_compute_answer")

    def _locate(self):
        """Return the id of the zone of the point, False outside the city, None where nothing is known."""
        Case = self.env["helpdesk.ticket"]
        Case._check_point(self.latitude, self.longitude)
        if not self.latitude and not self.longitude:
            return None
        found = self.env["civic.zone"]._locate([(self.latitude, self.longitude)])
        return found[0] if found else None

    @api.depends("latitude", "longitude")
    def _compute_zone_id(self):
        for trial in self:
            zone_id = trial._locate()
            trial.zone_id = trial.zone_id if zone_id is None else zone_id

    @api.depends("latitude", "longitude")
    def _compute_is_outside_city(self):
        for trial in self:
            trial.is_outside_city = trial._locate() is False

    @api.depends("service_id", "zone_id")
    def _compute_answer(self):
        for trial in self:
            service, zone = trial.service_id._origin, trial.zone_id._origin
            company = service.company_id or self.env.company
            team = self.env["helpdesk.ticket.team"].browse(service._find_department_id(zone.id, company.id) or [])
            said = service._find_said("department", zone.id)
            trial.team_id = team
            trial.team_source = service._describe_said(said) if team else self.env._("nobody: there is no front desk")
            trial.user_id = trial._find_taker(service, zone, team)
            trial.user_source = service._describe_taking(zone, team.sudo())

    def _find_taker(self, service, zone, team):
        """Return the person who would be given the case now, or nobody."""
        if not team:
            return self.env["res.users"]
        Case = self.env["helpdesk.ticket"]
        members = Case._read_members((team.id,)).get(team.id, [])
        [user_id] = assignment.assign(team._get_assign_method(team.id), members, [service._find_people(zone.id)])
        return self.env["res.users"].browse(user_id or [])

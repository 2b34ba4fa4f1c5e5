# SPDX-License-Identifier: AGPL-3.0-or-later
from collections import namedtuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

#: What is kept in memory of a crew: ids, False for what it does not name.
Crew = namedtuple("Crew", "team_id user_id")
NO_CREW = Crew(False, False)


class CivicZoneCrew(models.Model):
    """Who looks after a zone: for one service and those below it, or for all."""

    _name = "civic.zone.crew"
    _inherit = "civic.kept.in.memory"
    _description = "Crew of a zone"
    _order = "zone_id, service_id, id"
    _rec_name = "zone_id"

    zone_id = fields.Many2one("civic.zone", required=True, index=True, ondelete="cascade")
    service_id = fields.Many2one(
        "helpdesk.ticket.category",
        index="btree_not_null",
        ondelete="cascade",
        help="Empty: all services.",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        ondelete="cascade",
        help="New cases of this zone go to its board, instead of the service's own department.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain=[("share", "=", False)],
        ondelete="cascade",
        help="New cases of this zone are given to this person, as long as the case is of a department of theirs.",
    )
    company_id = fields.Many2one(related="zone_id.company_id")

    _somebody = models.Constraint(
        "CHECK (team_id IS NOT NULL OR user_id IS NOT NULL)",
        "Name the department or the person who looks after the zone.",
    )
    _zone_service_unique = models.UniqueIndex(
        "(zone_id, COALESCE(service_id, 0))",
        "This zone has a crew for this service already. Change that one.",
    )

    @api.constrains("team_id", "user_id", "service_id")
    def _check_member(self):
        for crew in self.filtered("user_id"):
            team = crew.team_id or crew.service_id.team_id
            if team and crew.user_id not in team.user_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s is no member of %(team)s and would not see its cases. Make them a member"
                        " first, or choose somebody of the department.",
                        user=crew.user_id.name,
                        team=team.name,
                    )
                )

    # ------------------------------------------------------------------
    # who looks after a case
    # ------------------------------------------------------------------

    @api.model
    def _get_crew(self, service_id, zone_id):
        """Return the ``Crew`` for a service in a zone (ids), ``NO_CREW`` when nobody is named.

        The nearest zone counts first, from the zone itself up to the city; in it the
        nearest service, from the service itself up its tree to “all services”. Costs no
        query once the settings are in memory.
        """
        crews, zone_parents, service_parents = self._read_crews()
        while crews and zone_id:
            service = service_id
            while service:
                if (zone_id, service) in crews:
                    return crews[zone_id, service]
                service = service_parents.get(service)
            if (zone_id, False) in crews:
                return crews[zone_id, False]
            zone_id = zone_parents.get(zone_id)
        return NO_CREW

    @tools.ormcache()
    def _read_crews(self):
        """Return ``({(zone id, service id or False): Crew}, {zone: parent}, {service: parent})``."""
        # sudo: whoever files a case may know who looks after it
        env = self.sudo().with_context(active_test=False).env
        crews = {
            (crew.zone_id.id, crew.service_id.id): Crew(
                crew.team_id.active and crew.team_id.id,
                crew.user_id.active and crew.user_id.id,
            )
            for crew in env[self._name].search([])
        }
        if not crews:
            return {}, {}, {}
        zones = env["civic.zone"].search_fetch([("parent_id", "!=", False)], ["parent_id"])
        services = env["helpdesk.ticket.category"].search_fetch([("parent_id", "!=", False)], ["parent_id"])
        return (
            crews,
            {zone.id: zone.parent_id.id for zone in zones},
            {service.id: service.parent_id.id for service in services},
        )

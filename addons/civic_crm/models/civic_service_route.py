# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..core.routing import Line


class CivicServiceRoute(models.Model):
    """Who answers where: the department and the people for a service, or for all, in one zone and those within it.

    The whole of it is kept in memory as one table, which has each service's own department too: as the line for
    everywhere. How the table is read stands in ``core/routing.py``; asking it for a case costs no query.
    """

    _name = "civic.service.route"
    _inherit = "civic.kept.in.memory"
    _description = "Who answers in a zone"
    _order = "zone_id, service_id, id"
    _rec_name = "zone_id"

    zone_id = fields.Many2one(
        "civic.zone",
        required=True,
        index=True,
        ondelete="cascade",
        help="Holds for the zones within it too, unless one of them has a line of its own.",
    )
    service_id = fields.Many2one(
        "helpdesk.ticket.category",
        index="btree_not_null",
        ondelete="cascade",
        help="With those below it. Empty: all services.",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        ondelete="cascade",
        help="New cases go to its board, instead of the service's own department. Empty: as elsewhere.",
    )
    user_ids = fields.Many2many(
        "res.users",
        "civic_service_route_user_rel",
        "route_id",
        "user_id",
        string="People",
        domain=[("share", "=", False)],
        help="New cases are given to one of them who is at work: whoever has fewest open cases, or whose turn it is."
        " They count where they are members of the department that has the case.",
    )
    company_id = fields.Many2one(related="zone_id.company_id")

    _zone_service_unique = models.UniqueIndex(
        "(zone_id, COALESCE(service_id, 0))",
        "It is said already who answers this service in that zone. Change that line instead.",
    )

    @api.constrains("team_id", "user_ids")
    def _check_somebody(self):
        for route in self:
            if not route.team_id and not route.user_ids:
                raise ValidationError(self.env._("Name the department or the people who look after the zone."))

    @api.constrains("team_id", "user_ids", "service_id")
    def _check_members(self):
        for route in self:
            team = route.team_id or route.service_id.team_id
            strangers = route.user_ids - team.user_ids
            if team and strangers:
                raise ValidationError(
                    self.env._(
                        "%(user)s is no member of %(team)s and would not see its cases. Make them a member"
                        " first, or choose somebody of the department.",
                        user=strangers[0].name,
                        team=team.name,
                    )
                )

    def _leave_out(self, user):
        """Take a person off one line; one that names nobody any more is gone."""
        if self.team_id or self.user_ids - user:
            self.user_ids -= user
        else:
            self.unlink()

    @api.model
    def _name_for_all_services(self, user, zones):
        """Name *user* among those who look after *zones*, whatever is asked there."""
        known = self.search([("zone_id", "in", zones.ids), ("service_id", "=", False)])
        for line in known:
            line.user_ids |= user
        self.create([{"zone_id": zone.id, "user_ids": user.ids} for zone in zones - known.zone_id])

    @api.model
    @tools.ormcache()
    def _read_table(self):
        """Return ``{(zone id or None, service id or None): routing.Line}``, what services say of themselves included.

        Archived departments answer nothing; who is away or gone is passed over when a case is given.
        """
        # sudo: who answers is public
        env = self.sudo().with_context(active_test=False).env
        table = {
            (None, service.id): Line(service.team_id.id)
            for service in env["helpdesk.ticket.category"].search_fetch([("team_id", "!=", False)], ["team_id"])
            if service.team_id.active
        }
        for route in env[self._name].search_fetch([], ["zone_id", "service_id", "team_id"]):
            department = route.team_id.id if route.team_id.active else None
            table[route.zone_id.id, route.service_id.id or None] = Line(department, tuple(route.user_ids.ids))
        return table

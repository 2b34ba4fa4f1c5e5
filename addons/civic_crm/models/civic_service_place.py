# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CivicServicePlace(models.Model):
    """Each service in each zone: what is said there, who answers in the end, and which line says so.

    No table of its own: rows are the services and “all services” by the zones and “everywhere”. What is written in
    a row becomes a line of ``civic.service.route``, or the service's own department where the zone is empty.
    """

    _name = "civic.service.place"
    _description = "Who answers where"
    _auto = False
    _log_access = False
    _order = "service_id, zone_id, id"
    _rec_name = "service_id"
    _depends = {
        "helpdesk.ticket.category": ["active", "company_id", "team_id"],
        "civic.zone": ["active", "company_id", "kind"],
        "civic.service.route": ["service_id", "team_id", "zone_id"],
    }

    service_id = fields.Many2one("helpdesk.ticket.category", readonly=True, help="Empty: all services.")
    zone_id = fields.Many2one("civic.zone", readonly=True, help="Empty: everywhere.")
    service_name = fields.Char(string="Name of the service", compute="_compute_names")
    zone_name = fields.Char(string="Name of the zone", compute="_compute_names")
    zone_kind = fields.Selection(lambda self: self.env["civic.zone"].KINDS, readonly=True)
    is_said = fields.Boolean(string="Said here", readonly=True)

    said_team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department, said here",
        compute="_compute_said_team_id",
        readonly=False,
        help="Empty it to let the next line answer.",
    )
    said_user_ids = fields.Many2many(
        "res.users",
        string="People, said here",
        compute="_compute_said_user_ids",
        readonly=False,
        domain=[("share", "=", False)],
        help="Who looks after this zone for the service: new cases are given to one of them.",
    )

    team_id = fields.Many2one(
        "helpdesk.ticket.team", string="Answers", compute="_compute_answer", search="_search_team_id"
    )
    source = fields.Char(string="Because of", compute="_compute_answer", help="The line that says so.")
    taken_by = fields.Char(string="Taken by", compute="_compute_answer", help="Who is given a new case.")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT COALESCE(service.id, 0)::bigint * 10000000 + COALESCE(zone.id, 0) AS id,
                   service.id AS service_id, zone.id AS zone_id, zone.kind AS zone_kind,
                   route.id IS NOT NULL OR (zone.id IS NULL AND service.team_id IS NOT NULL) AS is_said
              FROM (SELECT id, team_id, company_id FROM helpdesk_ticket_category WHERE active
                    UNION ALL SELECT NULL, NULL, NULL) AS service
             CROSS JOIN (SELECT id, kind, company_id FROM civic_zone WHERE active
                         UNION ALL SELECT NULL, NULL, NULL) AS zone
              LEFT JOIN civic_service_route AS route
                     ON route.zone_id = zone.id AND COALESCE(route.service_id, 0) = COALESCE(service.id, 0)
             WHERE (service.id IS NOT NULL OR zone.id IS NOT NULL)
               AND COALESCE(service.company_id = zone.company_id, TRUE)
               AND (zone.kind IS DISTINCT FROM 'section' OR route.id IS NOT NULL)
            """
        )

    @api.depends("service_id", "zone_id")
    @api.depends_context("lang")
    def _compute_names(self):
        for place in self:
            place.service_name = place.service_id.display_name or self.env._("All services")
            place.zone_name = place.zone_id.complete_name or self.env._("Everywhere")

    # ------------------------------------------------------------------
    # what is said in a row
    # ------------------------------------------------------------------

    @api.depends("service_id", "zone_id")
    def _compute_said_team_id(self):
        routes = self._find_routes()
        for place in self:
            place.said_team_id = routes[place].team_id if place.zone_id else place.service_id.team_id

    @api.depends("service_id", "zone_id")
    def _compute_said_user_ids(self):
        routes = self._find_routes()
        for place in self:
            place.said_user_ids = routes[place].user_ids

    def _find_routes(self):
        """Return ``{row: the line said in it, or an empty one}``."""
        Route = self.env["civic.service.route"]
        found = Route.search([("zone_id", "in", self.zone_id.ids)])
        by_key = {(route.zone_id, route.service_id): route for route in found}
        return {place: by_key.get((place.zone_id, place.service_id), Route) for place in self}

    def write(self, vals):
        """What is said in a row is a line, or the service's own department; both of its parts are written at once."""
        result = super().write({})  # nothing of its own is stored: this asks for the right to
        said = {}
        if "said_team_id" in vals:
            said["team_id"] = vals["said_team_id"]
        if "said_user_ids" in vals:
            said["user_ids"] = vals["said_user_ids"]
        for place in self:
            place._say(said)
        self.invalidate_model()
        return result

    def _say(self, said):
        """Write *said*, values of ``civic.service.route``, of this row; a line that names nobody any more is gone."""
        if not self.zone_id:
            if said.get("user_ids"):
                raise UserError(self.env._("People look after a zone: name them in the row of a zone, or of the city."))
            self.service_id.write(said)
            return
        route = self._find_routes()[self]
        after = route.new({"zone_id": self.zone_id.id, "service_id": self.service_id.id, **said}, origin=route)
        if not after.team_id and not after.user_ids:
            route.unlink()
        elif route:
            route.write(said)
        else:
            route.create({"zone_id": self.zone_id.id, "service_id": self.service_id.id, **said})

    # ------------------------------------------------------------------
    # who answers in the end
    # ------------------------------------------------------------------

    @api.depends("said_team_id", "said_user_ids")
    @api.depends_context("lang")
    def _compute_answer(self):
        Team = self.env["helpdesk.ticket.team"].sudo()
        teams = {place: Team.browse(place._find_team_id() or []) for place in self}
        Team.union(*teams.values()).fetch(["name", "user_ids", "assign_method"])
        for place, team in teams.items():
            place.team_id = team.sudo(False)
            place.source = place._describe_source()
            place.taken_by = place.service_id._describe_taking(place.zone_id, team)
            if not place.service_id and not team:
                place.taken_by = ", ".join(place.said_user_ids.sudo().mapped("name"))

    def _find_team_id(self):
        """Return the id of the department that answers, or False; “all services” have one only where a line says so."""
        if not self.service_id and not self.service_id._find_said("department", self.zone_id.id):
            return False
        company = self.service_id.company_id or self.zone_id.company_id or self.env.company
        return self.service_id._find_department_id(self.zone_id.id, company.id)

    def _describe_source(self):
        said = self.service_id._find_said("department", self.zone_id.id)
        if not said and not self.service_id:
            return self.env._("each service's own")
        if said and (said.zone or False, said.service or False) == (self.zone_id.id, self.service_id.id):
            return self.env._("said here")
        return self.service_id._describe_said(said)

    @api.model
    def _search_team_id(self, operator, value):
        """Departments are found by asking each row: some thousands, at the cost of as many look-ups in memory."""
        if operator != "in":
            return NotImplemented
        wanted = set(value)
        rows = self.search_fetch([], ["service_id", "zone_id"])
        return [("id", "in", [place.id for place in rows if place._find_team_id() in wanted])]

    def action_try(self):
        """Open the dialogue that says who would get a case here."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who would get it?"),
            "res_model": "civic.route.try",
            "view_mode": "form",
            "target": "new",
            "context": {"default_service_id": self[:1].service_id.id, "default_zone_id": self[:1].zone_id.id},
        }

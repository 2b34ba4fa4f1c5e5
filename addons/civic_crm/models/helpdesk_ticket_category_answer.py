# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who answers a service in a place: read from the one table of lines, in memory."""

from odoo import api, fields, models, tools

from ..core import routing


class HelpdeskTicketCategory(models.Model):
    _inherit = "helpdesk.ticket.category"

    route_ids = fields.One2many("civic.service.route", "service_id", string="Who answers by zone")
    answering_team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Answered by",
        compute="_compute_answering_team_id",
        help="Where no zone says otherwise: the service's own department, its heading's or the front desk.",
    )

    @api.depends("team_id", "parent_id.team_id", "company_id")
    def _compute_answering_team_id(self):
        for service in self:
            service.answering_team_id = service._origin._get_department()

    def _get_department(self, zone=None, company=None):
        """Return the department (superuser) that answers this service, or an empty one.

        By the table of who answers where, at last the front desk of the company. Everything is kept in memory:
        asking for each case of a batch costs nothing.

        :param zone: ``civic.zone`` of the case, if known
        :param company: ``res.company`` of the case; by default the service's, or the current one
        """
        company = company or self.company_id or self.env.company
        return self.env["helpdesk.ticket.team"].sudo().browse(self._find_department_id(zone and zone.id, company.id))

    def _find_department_id(self, zone_id, company_id):
        """Return the id of the department that answers, or False; see ``_get_department``."""
        said = self._find_said("department", zone_id)
        return said.value if said else self._find_front_desk_id(company_id)

    def _find_people(self, zone_id):
        """Return the ids of those who look after this service in a zone (its id); empty for nobody in particular."""
        said = self._find_said("people", zone_id)
        return said.value if said else ()

    def _find_said(self, part, zone_id):
        """Return what the table says of one service, or of none, in a zone, as ``routing.Said``, or None."""
        services = self._read_service_line(self.id) if self else ()
        zones = self._read_zone_line(zone_id) if zone_id else ()
        return routing.find(self.env["civic.service.route"]._read_table(), services, zones, part)

    def _answers_differ_by_place(self):
        table = self.env["civic.service.route"]._read_table()
        return routing.depends_on_place(table, self._read_service_line(self.id))

    @api.model
    @tools.ormcache("service_id")
    def _read_service_line(self, service_id):
        """Return the ids of the service and of the headings above it, nearest first."""
        # sudo: the tree of services is public
        service = self.sudo().browse(service_id)
        return (service | service._get_headings())._ids

    @api.model
    @tools.ormcache("zone_id")
    def _read_zone_line(self, zone_id):
        """Return the ids of the zone and of those it lies in, nearest first."""
        path = self.env["civic.zone"].sudo().browse(zone_id).parent_path or ""
        return tuple(int(part) for part in reversed(path.split("/")) if part)

    @api.model
    @tools.ormcache("company_id")
    def _find_front_desk_id(self, company_id):
        desk = self.env["helpdesk.ticket.team"].sudo()
        domain = [("is_front_desk", "=", True), ("company_id", "in", [company_id, False])]
        return desk.search(domain, order="company_id, sequence, id", limit=1).id

    # ------------------------------------------------------------------
    # in words
    # ------------------------------------------------------------------

    def _describe_said(self, said):
        """Return in words which line says what *said* (``routing.Said`` or None) says of this service."""
        if not said:
            return self.env._("the front desk, as nothing else is said")
        service = self.browse(said.service or [])._get_public_facts()["name"]
        if not said.zone:
            own = said.service == self.id
            return self.env._("the service's own") if own else self.env._("of the heading “%s”", service)
        return self.env._(
            "said for %(service)s in %(zone)s",
            service=f"“{service}”" if service else self.env._("all services"),
            zone=self.env["civic.zone"].browse(said.zone)._get_public_facts()["name"],
        )

    def _describe_taking(self, zone, team):
        """Return in words who is given a new case of this service in *zone* that *team* (superuser) has."""
        if not team:
            return False
        method = dict(team._fields["assign_method"]._description_selection(self.env))[team.assign_method]
        people = team.user_ids.filtered(lambda user: user.id in self._find_people(zone.id) and user.active)
        if not people:
            return method
        return ", ".join(people.mapped("name"))

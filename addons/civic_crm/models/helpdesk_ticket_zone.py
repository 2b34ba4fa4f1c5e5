# SPDX-License-Identifier: AGPL-3.0-or-later
import math
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date

from .helpdesk_ticket import STAFF_ONLY

#: A case due within these days shows on the map as due soon.
SOON = timedelta(days=2)


class HelpdeskTicket(models.Model):
    """Where a case is: its point, and the zone it lies in."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "civic.map"]

    zone_source = fields.Selection(
        [("given", "Chosen"), ("point", "From the point"), ("unknown", "Not known")],
        string="How the zone is known",
        default="unknown",
        readonly=True,
        copy=False,
        groups=STAFF_ONLY,
        help="A zone that somebody chose stays; one from the point follows the point.",
    )
    is_outside_city = fields.Boolean(
        string="Outside the city",
        readonly=True,
        copy=False,
        groups=STAFF_ONLY,
        help="The point lies outside every boundary of the city. It may be wrong, or the case is not ours.",
    )
    point_zone_id = fields.Many2one(
        "civic.zone",
        string="Zone of the point",
        compute="_compute_point_zone_id",
        groups=STAFF_ONLY,
        help="The zone in which the point lies, whatever zone was chosen.",
    )

    _point_possible = models.Constraint(
        "CHECK (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)",
        "Latitudes go from -90 to 90 degrees, longitudes from -180 to 180. Check the point of the case.",
    )
    _point_idx = models.Index("(latitude, longitude) WHERE active IS TRUE AND (latitude <> 0 OR longitude <> 0)")
    _outside_idx = models.Index("(id) WHERE is_outside_city IS TRUE")

    @api.depends("latitude", "longitude", "company_id")
    def _compute_point_zone_id(self):
        self.point_zone_id = False
        for case, zone_id in zip(*self._locate(), strict=True):
            case.point_zone_id = zone_id

    @api.onchange("latitude", "longitude")
    def _onchange_point(self):
        """Show the zone of a point as soon as it is placed on the map."""
        self._check_point(self.latitude, self.longitude)
        if self.zone_source != "given" or not self.civic_zone_id:
            self.civic_zone_id = self.point_zone_id
            self.zone_source = "point" if self.point_zone_id else "unknown"

    # ------------------------------------------------------------------
    # create, write
    # ------------------------------------------------------------------

    def _complete_create_vals(self, vals_list):
        """The zone comes first: by it is found who answers."""
        self._complete_zone_vals(vals_list)
        any_service = self.env["helpdesk.ticket.category"]
        for vals in vals_list:
            if not vals.get("category_id") and not vals.get("team_id") and vals.get("civic_zone_id"):
                said = any_service._find_said("department", vals["civic_zone_id"])
                vals.update({"team_id": said.value} if said else {})
        return super()._complete_create_vals(vals_list)

    def write(self, vals):
        moved = {"latitude", "longitude"} & set(vals)
        if moved:
            self._check_point(vals.get("latitude"), vals.get("longitude"))
        chosen = "civic_zone_id" in vals and "zone_source" not in vals
        if chosen:
            vals = dict(vals, zone_source="given" if vals["civic_zone_id"] else "unknown")
        res = super().write(vals)
        if moved or chosen:
            self._follow_points()
        return res

    def _follow_points(self):
        """Set the zones of cases from their points; those that somebody chose stay."""
        for vals, ids in self._get_point_changes().items():
            # sudo: whoever may move the point may have its zone follow
            self.sudo().browse(ids).write(dict(vals))

    def _get_point_changes(self):
        """Return what the points change, as ``{items of values: ids}``."""
        cases, zone_ids = self._locate()
        found = dict(zip(cases.ids, zone_ids, strict=True))
        changes = {}
        for case in self.sudo():
            zone_id = found.get(case.id)  # None: no point, or no boundaries
            vals = {"is_outside_city": zone_id is False}
            if case.zone_source == "point" or not case.civic_zone_id or case.civic_zone_id.id == zone_id:
                vals["civic_zone_id"] = zone_id or False
                vals["zone_source"] = "point" if zone_id else "unknown"
            if any(case._fields[name].convert_to_write(case[name], case) != value for name, value in vals.items()):
                changes.setdefault(tuple(vals.items()), []).append(case.id)
        return changes

    def _locate(self):
        """Return the cases that have a point, and the ids of their zones (False outside), in batch.

        Both are empty where the city has no boundaries: then nothing is known.
        """
        located, zone_ids = self.browse(), []
        for company, cases in self.grouped("company_id").items():
            cases = cases.filtered(lambda case: case.latitude or case.longitude)
            points = [(case.latitude, case.longitude) for case in cases]
            found = self.env["civic.zone"]._locate(points, company or self.env.company)
            if found is not None:
                located += cases
                zone_ids += found
        return located, zone_ids

    def _complete_zone_vals(self, vals_list):
        """Set the zones of the points of new cases, one look-up per city."""
        by_company = {}
        for vals in vals_list:
            vals["zone_source"] = "given" if vals.get("civic_zone_id") else "unknown"
            vals["is_outside_city"] = False
            self._check_point(vals.get("latitude"), vals.get("longitude"), both=True)
            if vals.get("latitude") or vals.get("longitude"):
                company_id = vals.get("company_id") or self.env.company.id
                by_company.setdefault(company_id, []).append(vals)
        for company_id, placed in by_company.items():
            points = [(vals["latitude"], vals["longitude"]) for vals in placed]
            company = self.env["res.company"].browse(company_id)
            zone_ids = self.env["civic.zone"]._locate(points, company)
            for vals, zone_id in zip(placed, zone_ids or (), strict=zone_ids is not None):
                vals["is_outside_city"] = not zone_id
                if zone_id and vals.get("civic_zone_id") in (None, False, zone_id):
                    vals.update(civic_zone_id=zone_id, zone_source="point")

    @api.model
    def _check_point(self, latitude, longitude, both=False):
        """Refuse what is no point on earth; None is what was not given.

        :param bool both: also refuse one coordinate without the other
        :raises ValidationError: saying what a point is
        """
        for value, limit in ((latitude, 90), (longitude, 180)):
            if value and not (math.isfinite(value) and -limit <= value <= limit):
                raise ValidationError(
                    self.env._(
                        "%(value)s is no place on earth: latitudes go from -90 to 90 degrees, longitudes from"
                        " -180 to 180. Place the point on the map instead.",
                        value=value,
                    )
                )
        if both and (latitude is None) != (longitude is None) and (latitude or longitude):
            raise ValidationError(
                self.env._("A point has a latitude and a longitude. Give both, or place the point on the map.")
            )

    # ------------------------------------------------------------------
    # the map
    # ------------------------------------------------------------------

    @api.model
    def _get_map_state_sql(self, alias, query):
        today = self._get_city_today()
        return SQL(
            "CASE WHEN %(closed)s IS NOT NULL THEN 'closed' WHEN %(due)s < %(today)s OR %(case)s = ANY(%(late)s)"
            " THEN 'overdue' WHEN %(due)s <= %(soon)s THEN 'soon' ELSE 'ok' END",
            closed=self._field_to_sql(alias, "closed_date", query),
            due=self._get_next_due_sql(alias, query),
            today=today,
            case=self._field_to_sql(alias, "id", query),
            late=self.env["civic.case.deadline"]._find_case_ids_late_today(),
            soon=today + SOON,
        )

    @api.model
    def _get_map_order_sql(self, alias, query):
        return SQL("%s, %s DESC", self._get_next_due_sql(alias, query), self._field_to_sql(alias, "id", query))

    def _get_next_due_sql(self, alias, query):
        """Return the first day on which an answer is due, of the promise and of the law (``_get_next_due``)."""
        return SQL(
            "LEAST(%s, %s)",
            self._field_to_sql(alias, "promised_on", query),
            self._field_to_sql(alias, "legal_due_on", query),
        )

    def _prepare_map_items(self):
        today = self._get_city_today()
        self.fetch(
            [
                "name",
                "number",
                "category_id",
                "stage_id",
                "promised_on",
                "legal_due_on",
                "closed_date",
                "latitude",
                "longitude",
            ]
        )
        return [
            {
                "id": case.id,
                "latitude": case.latitude,
                "longitude": case.longitude,
                "state": case._get_map_state(today),
                "title": case.name,
                "lines": [
                    " · ".join(part for part in (case.number, case.category_id.name) if part),
                    " · ".join(part for part in (case.stage_id.name, case._get_map_promise()) if part),
                ],
            }
            for case in self
        ]

    def _get_map_state(self, today):
        if self.closed_date:
            return "closed"
        if self.is_overdue:
            return "overdue"
        due = self._get_next_due()
        return "soon" if due and due <= today + SOON else "ok"

    def _get_map_promise(self):
        if self.closed_date or not self.promised_on:
            return ""
        return self.env._("promised for %s", format_date(self.env, self.promised_on))

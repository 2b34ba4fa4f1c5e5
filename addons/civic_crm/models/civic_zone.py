# SPDX-License-Identifier: AGPL-3.0-or-later
import base64
import json

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import zones

#: Points with which the base map may be drawn; more would make every map slow to open.
MAP_VERTICES = 20_000
#: Sections have no place on a base map: they would cover the neighbourhoods.
MAP_KINDS = ("city", "district", "neighbourhood")


class CivicZone(models.Model):
    """A part of the city: the tree city › district › neighbourhood › section."""

    _name = "civic.zone"
    _inherit = ["civic.public.facts", "civic.name.alone"]
    _description = "Zone"
    _parent_store = True
    _order = "complete_name"
    _rec_name = "complete_name"

    _public_facts = ("name", "complete_name")

    KINDS = [
        ("city", "City"),
        ("district", "District"),
        ("neighbourhood", "Neighbourhood"),
        ("section", "Section"),
    ]

    name = fields.Char(required=True)
    code = fields.Char(help="The zone's official code, used in imports and open data. Unique.")
    kind = fields.Selection(KINDS, required=True, default="neighbourhood")
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one("civic.zone", string="Part of", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("civic.zone", "parent_id", string="Parts")
    complete_name = fields.Char(compute="_compute_complete_name", store=True, recursive=True, index="trigram")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)

    # where it is
    boundary = fields.Text(
        prefetch=False,
        help="GeoJSON in WGS 84, longitude first: a Polygon or MultiPolygon, bare or as the one feature of a"
        " file. With it, cases and reports get their zone from the point where they are.",
    )
    boundary_file = fields.Binary(
        string="Boundary from a file",
        compute="_compute_boundary_file",
        inverse="_inverse_boundary_file",
        help="A .geojson file with one feature. It replaces the boundary.",
    )
    has_boundary = fields.Boolean(string="On the map", compute="_compute_geometry", store=True)
    area_km2 = fields.Float(string="Area (km²)", digits=(12, 3), compute="_compute_geometry", store=True)
    center_latitude = fields.Float(digits=(10, 7), compute="_compute_geometry", store=True)
    center_longitude = fields.Float(digits=(10, 7), compute="_compute_geometry", store=True)

    # who lives there
    population_ids = fields.One2many("civic.zone.population", "zone_id", string="Population by sex and age")
    population = fields.Integer(
        compute="_compute_population",
        store=True,
        recursive=True,
        help="People registered in the latest year known; without figures of its own, the sum of its parts.",
    )
    population_year = fields.Integer(
        string="Population of", compute="_compute_population", store=True, recursive=True, aggregator=None
    )

    # who looks after it
    route_ids = fields.One2many("civic.service.route", "zone_id", string="Who answers here")

    _code_unique = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another zone has this code already. Give each zone its own.",
    )

    @api.depends("name", "parent_id.complete_name", "parent_id.kind")
    def _compute_complete_name(self):
        """The city's own name is left out: every zone is in it."""
        for zone in self:
            parent = zone.parent_id
            if parent and parent.kind != "city":
                zone.complete_name = f"{parent.complete_name} › {zone.name}"
            else:
                zone.complete_name = zone.name

    @api.depends("boundary")
    def _compute_geometry(self):
        for zone in self:
            zone.has_boundary = bool(zone.boundary)
            geometry = zone._get_geometry()
            zone.area_km2 = zones.area_km2(geometry) if geometry else 0
            zone.center_latitude, zone.center_longitude = zones.center(geometry) if geometry else (0, 0)

    @api.depends("boundary")
    def _compute_boundary_file(self):
        self.boundary_file = False

    def _inverse_boundary_file(self):
        for zone in self.filtered("boundary_file"):
            zone.boundary = zone._read_boundary_file(zone.boundary_file)

    @api.onchange("boundary_file")
    def _onchange_boundary_file(self):
        """Show at once what was uploaded, or why it is not taken."""
        if self.boundary_file:
            text = self._read_boundary_file(self.boundary_file)
            self.boundary = self._clean_boundary(text, self.parent_id._origin._get_box(), self._get_expected_box())
            self.boundary_file = False

    @api.depends("population_ids.count", "population_ids.year", "child_ids.population", "child_ids.population_year")
    def _compute_population(self):
        own = {}
        rows = self.env["civic.zone.population"]._read_group(
            [("zone_id", "in", self.ids)], ["zone_id", "year"], ["count:sum"], order="year desc"
        )
        for zone, year, count in rows:
            own.setdefault(zone.id, (count, year))
        for zone in self:
            count, year = own.get(zone.id, (0, 0))
            if not year:
                parts = zone.child_ids.filtered("population_year")
                count = sum(parts.mapped("population"))
                year = max(parts.mapped("population_year"), default=0)
            zone.population, zone.population_year = count, year

    @api.constrains("parent_id", "kind")
    def _check_parent(self):
        rank = {kind: i for i, (kind, _label) in enumerate(self.KINDS)}
        for zone in self.filtered("parent_id"):
            if rank[zone.parent_id.kind] >= rank[zone.kind]:
                raise ValidationError(
                    self.env._(
                        "%(zone)s cannot be a part of %(parent)s: a zone lies in a larger"
                        " kind of zone (city, district, neighbourhood, section).",
                        zone=zone.name,
                        parent=zone.parent_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # create, write
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        expected = self._get_expected_box() if any(vals.get("boundary") for vals in vals_list) else None
        boxes = {}
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            if vals.get("boundary"):
                parent_id = vals.get("parent_id") or False
                if parent_id not in boxes:
                    boxes[parent_id] = self.browse(parent_id)._get_box()
                vals["boundary"] = self._clean_boundary(vals["boundary"], boxes[parent_id], expected)
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("parent_id"):
            self._check_no_cycle(self.browse(vals["parent_id"]))
        if vals.get("boundary"):
            parent = self.browse(vals["parent_id"]) if vals.get("parent_id") else self.parent_id[:1]
            text = self._clean_boundary(vals["boundary"], parent._get_box(), self._get_expected_box())
            vals = dict(vals, boundary=text)
        return super().write(vals)

    def _check_no_cycle(self, parent):
        """Say it in words before the tree is written, where core would say “recursion”.

        :raises ValidationError: when *parent* lies in one of these zones
        """
        inside = self.search([("id", "child_of", self.ids)])
        if parent in inside:
            raise ValidationError(
                self.env._(
                    "%(zone)s cannot be a part of %(parent)s, which is a part of it. Choose a larger zone.",
                    zone=self[:1].name,
                    parent=parent.name,
                )
            )

    # ------------------------------------------------------------------
    # actions
    # ------------------------------------------------------------------

    @api.model
    def action_locate_cases(self):
        """Find the zones of cases that have a point and no zone, once boundaries are there."""
        self.browse().check_access("write")
        # sudo: the administrator of zones puts the cases of all departments into them
        Case = self.env["helpdesk.ticket"].sudo().with_context(tracking_disable=True)
        cases = Case.search(Case._get_box_domain(None) & Domain("civic_zone_id", "=", False))
        cases._follow_points()
        located = len(cases.filtered("civic_zone_id"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if located else "info",
                "message": self.env._(
                    "Cases with a point and without a zone: %(all)s. Zones found: %(found)s.",
                    all=len(cases),
                    found=located,
                ),
            },
        }

    # ------------------------------------------------------------------
    # boundaries
    # ------------------------------------------------------------------

    def _get_geometry(self):
        """Return the shapely geometry of one zone's boundary, or None."""
        return zones.from_geojson([self.boundary])[0] if self.boundary else None

    def _get_box(self):
        """Return (west, south, east, north) of one zone's boundary in degrees; None without one."""
        geometry = self._get_geometry() if self else None
        return geometry.bounds if geometry else None

    @api.model
    def _get_expected_box(self):
        """Return the box in which boundaries are expected: that of the city, else of its country."""
        city = self.search([("kind", "=", "city"), ("has_boundary", "=", True)], limit=1)
        return city._get_box() or zones.COUNTRY_BOXES.get(self.env.company.country_id.code)

    def _read_boundary_file(self, content):
        """Return the text of an uploaded file (base64).

        :raises ValidationError: when it is no text
        """
        try:
            return base64.b64decode(content).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValidationError(self._explain_refusal(zones.RefusedBoundary("not_json"))) from error

    @api.model
    def _clean_boundary(self, text, within=None, near=None):
        """Return a boundary as it is stored.

        :param str text: GeoJSON with one feature
        :param within: box of the larger zone, which it must touch
        :param near: box in which it is expected
        :raises ValidationError: with the reason and the place, in the user's language
        """
        try:
            return zones.to_geojson(zones.parse_boundary(text, near=near, within=within))
        except zones.RefusedBoundary as error:
            raise ValidationError(self._explain_refusal(error)) from error

    @api.model
    def _explain_refusal(self, error):
        """Return in words why a boundary is refused, where, and what to do."""
        text = self._get_refusal_words()[error.reason]
        if not error.position:
            return text
        longitude, latitude = error.position
        place = self.env._("It shows at latitude %(lat)s, longitude %(lon)s.", lat=latitude, lon=longitude)
        return f"{text} {place}"

    def _get_refusal_words(self):
        return {
            "too_large": self.env._("The file is larger than %s MB. Simplify the boundary.", zones.MAX_BYTES // 2**20),
            "not_json": self.env._("This is not GeoJSON: it cannot be read as JSON. Export the boundary as GeoJSON."),
            "not_geojson": self.env._("This is JSON, but not GeoJSON. Export the boundary as GeoJSON."),
            "several_features": self.env._(
                "The file has several features, and a zone has one boundary. Use “Import zones” for the"
                " whole file, or save one feature by itself."
            ),
            "wrong_crs": self.env._("The file names another reference system. Export it in WGS 84 (EPSG:4326)."),
            "wrong_kind": self.env._("A boundary is a Polygon or MultiPolygon; points and lines have no inside."),
            "empty": self.env._("There is no boundary in it. Choose the feature with the polygon."),
            "not_numbers": self.env._("Some coordinates are not numbers. Export the boundary again."),
            "too_many_points": self.env._(
                "The boundary has more than %s points. Simplify it; a metre is exact enough.", zones.MAX_VERTICES
            ),
            "too_few_points": self.env._("A ring needs at least three corners and its first point again at the end."),
            "not_closed": self.env._("A ring does not end where it begins. Repeat its first point at the end."),
            "swapped": self.env._("Latitude and longitude are swapped. GeoJSON has the longitude first."),
            "out_of_range": self.env._(
                "These are no degrees: longitudes go from -180 to 180, latitudes from -90 to 90. If they are"
                " metres (UTM), export the boundary in WGS 84."
            ),
            "self_crossing": self.env._("The boundary crosses or touches itself. Correct it in the map program."),
            "hole_outside": self.env._(
                "A hole lies outside its polygon, or in another hole. Correct it in the map program."
            ),
            "parts_overlap": self.env._("Two parts of the boundary overlap. Merge them in the map program."),
            "far_away": self.env._(
                "The boundary does not touch the zone it is a part of. Check “Part of” and the file."
            ),
        }

    # ------------------------------------------------------------------
    # point → zone
    # ------------------------------------------------------------------

    @api.model
    def _locate(self, points, company=None):
        """Return the ids of the smallest zones in which points lie, False outside all of them.

        :param points: list of (latitude, longitude) in degrees
        :param company: the city whose zones count; the current one if not given
        :return: list of ids; None when the city has no boundaries, so that nothing is known
        """
        index = self._get_zone_index(company or self.env.company)
        if not index:
            return None
        if not points:
            return []
        latitudes, longitudes = zip(*points, strict=True)
        return [key or False for key in index.find_many(longitudes, latitudes).tolist()]

    @api.model
    def _get_zone_index(self, company):
        """Return the ``ZoneIndex`` of a city, kept with the registry until a boundary changes.

        What is asked of the database, and forgotten on all workers whenever any setting
        changes, is only a digest of the boundaries: they are parsed anew when it differs.
        """
        digest = self._get_boundaries_digest(company.id)
        kept = self.env.registry.__dict__.setdefault("_civic_zone_indexes", {})
        found = kept.get(company.id)
        if not found or found[0] != digest:
            found = kept[company.id] = (digest, self._make_zone_index(company))
        return found[1]

    @tools.ormcache("company_id")
    def _get_boundaries_digest(self, company_id):
        self.flush_model(["active", "boundary", "code", "company_id", "kind"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT md5(string_agg(concat_ws('|', id, kind, code, md5(boundary)), ';' ORDER BY id))
                  FROM civic_zone
                 WHERE active AND boundary IS NOT NULL AND (company_id = %s OR company_id IS NULL)
                """,
                company_id,
            )
        )
        return rows[0][0]

    def _make_zone_index(self, company):
        """Zones of one kind win in the order of their codes, the same in every database."""
        # sudo: whoever files a case may know in which zone it is
        found = self.sudo().search(
            [("has_boundary", "=", True), ("company_id", "in", [company.id, False])], order="code, id"
        )
        rank = {kind: i for i, (kind, _label) in enumerate(self.KINDS)}
        geometries = zones.from_geojson(found.mapped("boundary"))
        return zones.ZoneIndex(
            (zone.id, rank[zone.kind], geometry) for zone, geometry in zip(found, geometries, strict=True)
        )

    # ------------------------------------------------------------------
    # the base map
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def get_base_map(self):
        """Return what every map of the city is drawn on, as a dict for the browser.

        ``zones``: GeoJSON text, a FeatureCollection whose features have ``id``, ``name`` and
        ``kind``, the larger kinds first, for the eye only; ``tiles`` and ``attribution``:
        address of a tile server, as Leaflet wants it, and whom to thank (both empty: the
        zones are the map, and no third party is asked).
        """
        self.check_access("read")
        parameters = self.env["ir.config_parameter"].sudo()
        return {
            "zones": self._make_base_map(self.env.company.id),
            "tiles": parameters.get_param("civic_crm.map_tile_url") or "",
            "attribution": parameters.get_param("civic_crm.map_tile_attribution") or "",
        }

    @tools.ormcache("company_id")
    def _make_base_map(self, company_id):
        # sudo: names and boundaries of zones are public facts
        found = self.sudo().search(
            [
                ("has_boundary", "=", True),
                ("kind", "in", MAP_KINDS),
                ("company_id", "in", [company_id, False]),
            ],
            order="code, id",
        )
        features = []
        for kind in MAP_KINDS:
            level = found.filtered(lambda zone, kind=kind: zone.kind == kind)
            geometries = zones.from_geojson(level.mapped("boundary")) if level else []
            drawn = zones.simplify_for_map(geometries, MAP_VERTICES // len(MAP_KINDS))
            features += [
                {
                    "type": "Feature",
                    "properties": {"id": zone.id, "name": zone.name, "kind": kind},
                    "geometry": json.loads(zones.to_geojson(geometry)),
                }
                for zone, geometry in zip(level, drawn, strict=True)
            ]
        return json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))

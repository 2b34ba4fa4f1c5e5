# SPDX-License-Identifier: AGPL-3.0-or-later
import base64
import binascii

import shapely

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..core import zones
from ..models.civic_zone import CivicZone

#: Names of properties that cities use, the likeliest first.
USUAL_NAMES = {
    "name_property": ("name", "nombre", "nom", "nombarrio", "barrio", "nomdistrito", "distrito", "nombre_barrio"),
    "code_property": ("code", "codigo", "cod", "codbarrio", "cod_barrio", "coddistrito", "cod_distrito", "id"),
    "parent_property": ("parent", "parent_code", "coddistrit", "codigo_distrito", "cod_dis", "codmunicipio"),
}
#: Neighbours whose drawings cover more than this share of the smaller one are told of.
OVERLAP = 0.01


class CivicZoneImport(models.TransientModel):
    """Many zones from one GeoJSON file: first looked at, then written, all or nothing."""

    _name = "civic.zone.import"
    _description = "Import zones"

    file = fields.Binary(string="GeoJSON file", required=True, attachment=False)
    file_name = fields.Char()
    kind = fields.Selection(CivicZone.KINDS, string="Kind of zone", required=True, default="neighbourhood")
    parent_id = fields.Many2one(
        "civic.zone",
        string="All are part of",
        help="For features that do not name the zone they are a part of. Empty: the larger zone in which they lie.",
    )
    properties = fields.Char(string="Properties in the file", compute="_compute_mapping", store=True)
    name_property = fields.Char(string="Name", compute="_compute_mapping", store=True, readonly=False)
    code_property = fields.Char(
        string="Code",
        compute="_compute_mapping",
        store=True,
        readonly=False,
        help="A zone that has this code already is updated; the others are new.",
    )
    parent_property = fields.Char(
        string="Code of the larger zone", compute="_compute_mapping", store=True, readonly=False
    )
    skip_problems = fields.Boolean(
        string="Leave out features with problems", help="The others are imported; those are left as they are."
    )
    line_ids = fields.One2many("civic.zone.import.line", "import_id", readonly=True)
    problem_count = fields.Integer(compute="_compute_problem_count")

    @api.depends("file")
    def _compute_mapping(self):
        for wizard in self:
            names = []
            for feature in wizard._read_features(quiet=True):
                names += [name for name in feature.properties if name not in names]
            wizard.properties = ", ".join(names)
            for field, usual in USUAL_NAMES.items():
                by_plain = {name.lower(): name for name in reversed(names)}
                wizard[field] = next((by_plain[word] for word in usual if word in by_plain), False)

    @api.depends("line_ids.problem")
    def _compute_problem_count(self):
        for wizard in self:
            wizard.problem_count = len(wizard.line_ids.filtered("problem"))

    # ------------------------------------------------------------------
    # actions
    # ------------------------------------------------------------------

    def action_check(self):
        """Show what would happen to each feature; nothing is written."""
        self.ensure_one()
        planned = self._plan()
        self.line_ids = [Command.clear()] + [
            Command.create({name: plan[name] for name in CivicZoneImportLine.SHOWN}) for plan in planned
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import zones"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_import(self):
        """Write the zones, all or none.

        :raises UserError: when a feature has a problem and is not to be left out
        """
        self.ensure_one()
        planned = self._plan()
        wrong = [plan for plan in planned if plan["problem"]]
        if wrong and not self.skip_problems:
            raise UserError(
                self.env._(
                    "Nothing was imported. Feature %(number)s: %(problem)s\nCheck the file to see all problems.",
                    number=wrong[0]["number"],
                    problem=wrong[0]["problem"],
                )
            )
        right = [plan for plan in planned if not plan["problem"]]
        done = self.env["civic.zone"].create([self._prepare_zone_vals(p) for p in right if not p["zone_id"]])
        for plan in right:
            if plan["zone_id"]:
                zone = self.env["civic.zone"].browse(plan["zone_id"])
                zone.write(self._prepare_zone_vals(plan))
                done += zone
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_crm.civic_zone_action")
        return dict(action, domain=[("id", "in", done.ids)])

    def _prepare_zone_vals(self, plan):
        vals = {"name": plan["name"], "boundary": plan["boundary"]}
        if plan["parent_id"] or not plan["zone_id"]:
            vals["parent_id"] = plan["parent_id"]
        if not plan["zone_id"]:
            vals.update(code=plan["code"] or False, kind=self.kind)
        return vals

    # ------------------------------------------------------------------
    # the plan
    # ------------------------------------------------------------------

    def _read_features(self, quiet=False):
        content = self.with_context(bin_size=False).file  # the web client asks for sizes
        if not content:
            return []
        try:
            return zones.read_features(base64.b64decode(content).decode("utf-8-sig"))
        except (zones.RefusedBoundary, UnicodeDecodeError, binascii.Error) as error:
            if quiet:
                return []
            refused = error if isinstance(error, zones.RefusedBoundary) else zones.RefusedBoundary("not_json")
            raise UserError(self.env["civic.zone"]._explain_refusal(refused)) from error

    def _plan(self):
        """Return a dict for each feature: what it is, what becomes of it, what is wrong with it."""
        features = self._read_features()
        if not features:
            raise UserError(self.env._("The file has no features. Export the layer as GeoJSON."))
        known = self.env["civic.zone"].with_context(active_test=False)
        known = known.search([("company_id", "in", [self.env.company.id, False])])
        by_code = {zone.code: zone for zone in known if zone.code}
        near = self.env["civic.zone"]._get_expected_box()
        boxes, seen = {}, {}
        planned = [self._plan_feature(feature, by_code, near, boxes, seen) for feature in features]
        self._note_overlaps(planned)
        return planned

    def _plan_feature(self, feature, by_code, near, boxes, seen):
        plan = {
            "number": feature.number,
            "name": self._get_property(feature, self.name_property),
            "code": self._get_property(feature, self.code_property),
            "parent_code": self._get_property(feature, self.parent_property),
            "geometry": None,
            "boundary": False,
            "notice": False,
        }
        zone = by_code.get(plan["code"], self.env["civic.zone"])
        plan["zone_id"] = zone.id
        plan["name"] = plan["name"] or zone.name
        parent = by_code.get(plan["parent_code"], self.parent_id)
        if parent.id not in boxes:
            boxes[parent.id] = parent._get_box()
        try:
            plan["geometry"] = zones.parse_geometry(feature.geometry, near, boxes[parent.id])
            plan["boundary"] = zones.to_geojson(plan["geometry"])
            parent = parent or self._find_larger(plan["geometry"])
            plan["problem"] = self._find_problem(plan, zone, parent, by_code, seen)
        except zones.RefusedBoundary as error:
            plan["problem"] = self.env["civic.zone"]._explain_refusal(error)
        plan["parent_id"] = parent.id
        seen.setdefault(plan["code"], feature.number)
        return plan

    def _get_property(self, feature, name):
        value = feature.properties.get(name)
        return "" if value is None or isinstance(value, (dict, list)) else str(value).strip()

    def _find_problem(self, plan, zone, parent, by_code, seen):
        """Return in words why a feature with a good boundary is not taken, or False."""
        if not plan["name"]:
            return self.env._("It has no name. Choose the property that has it.")
        if plan["code"] and plan["code"] in seen:
            return self.env._(
                "Feature %(number)s has the code %(code)s too.", number=seen[plan["code"]], code=plan["code"]
            )
        if plan["parent_code"] and plan["parent_code"] not in by_code:
            return self.env._("There is no zone with the code %s. Import the larger zones first.", plan["parent_code"])
        if zone and zone.kind != self.kind:
            kinds = dict(zone._fields["kind"]._description_selection(self.env))
            return self.env._(
                "The code %(code)s is that of a %(kind)s.", code=plan["code"], kind=kinds[zone.kind].lower()
            )
        ranks = [kind for kind, _label in CivicZone.KINDS]
        if parent and ranks.index(parent.kind) >= ranks.index(self.kind):
            return self.env._("It cannot be a part of %s, which is not a larger kind of zone.", parent.name)
        return False

    def _find_larger(self, geometry):
        """Return the smallest zone of a larger kind in which the inner point of a boundary lies."""
        ranks = [kind for kind, _label in CivicZone.KINDS]
        point = geometry.representative_point()
        found = self.env["civic.zone"]._locate([(point.y, point.x)])
        zone = self.env["civic.zone"].browse(found[0] if found and found[0] else [])
        while zone and ranks.index(zone.kind) >= ranks.index(self.kind):
            zone = zone.parent_id
        return zone

    def _note_overlaps(self, planned):
        """Tell of neighbours drawn over each other: a point there has two zones, and gets the first."""
        drawn = [plan for plan in planned if plan["geometry"]]
        if not drawn:
            return  # shapely takes no empty list
        geometries = [plan["geometry"] for plan in drawn]
        for one, other in shapely.STRtree(geometries).query(geometries, predicate="intersects").T:
            if one >= other:
                continue
            shared = shapely.intersection(geometries[one], geometries[other]).area
            if shared > OVERLAP * min(geometries[one].area, geometries[other].area):
                drawn[other]["notice"] = self.env._(
                    "It lies over feature %s; points there belong to the zone with the lower code.",
                    drawn[one]["number"],
                )


class CivicZoneImportLine(models.TransientModel):
    """What would become of one feature."""

    _name = "civic.zone.import.line"
    _description = "Zone to import"
    _order = "number"

    SHOWN = ("number", "name", "code", "parent_id", "zone_id", "problem", "notice")

    import_id = fields.Many2one("civic.zone.import", required=True, ondelete="cascade")
    number = fields.Integer(string="Feature")
    name = fields.Char()
    code = fields.Char()
    parent_id = fields.Many2one("civic.zone", string="Part of", ondelete="cascade")
    zone_id = fields.Many2one("civic.zone", string="Updates", ondelete="cascade")
    problem = fields.Text()
    notice = fields.Text()

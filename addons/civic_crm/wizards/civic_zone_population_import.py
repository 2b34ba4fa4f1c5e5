# SPDX-License-Identifier: AGPL-3.0-or-later
import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import population

#: Problems that are shown; the rest is counted.
SHOWN = 20


class CivicZonePopulationImport(models.TransientModel):
    """Population of many zones from a table: first looked at, then written, all or nothing."""

    _name = "civic.zone.population.import"
    _description = "Import population"

    text = fields.Text(
        string="Table",
        required=True,
        help="Pasted from a spreadsheet or CSV, with a heading: zone (its code), sex, age (0-4, 85+), year, count.",
    )
    file = fields.Binary(string="Or a CSV file", store=False, attachment=False)
    year = fields.Integer(
        default=lambda self: fields.Date.today().year,
        required=True,
        help="For lines that do not say their year.",
    )
    finding = fields.Text(string="What was read", compute="_compute_finding")
    has_problem = fields.Boolean(compute="_compute_finding")

    @api.onchange("file")
    def _onchange_file(self):
        if self.file:
            content = base64.b64decode(self.file)
            try:
                self.text = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                self.text = content.decode("cp1252", errors="replace")  # as spreadsheets save CSV in Spain
            self.file = False

    @api.depends("text", "year")
    def _compute_finding(self):
        for wizard in self:
            if not wizard.text:
                wizard.finding, wizard.has_problem = False, False
                continue
            vals_list, problems = wizard._read_rows()
            wizard.has_problem = bool(problems)
            people = sum(vals["count"] for vals in vals_list)
            zones = len({vals["zone_id"] for vals in vals_list})
            summary = self.env._("People: %(people)s. Zones: %(zones)s.", people=people, zones=zones)
            more = len(problems) - SHOWN
            texts = problems[:SHOWN] + ([self.env._("And %s more problems.", more)] if more > 0 else [])
            wizard.finding = "\n".join([summary, *texts])

    def action_import(self):
        """Replace the figures of the zones and years in the table.

        :raises UserError: when a line is not understood; nothing is written then
        """
        self.ensure_one()
        vals_list, problems = self._read_rows()
        if problems:
            raise UserError(self.env._("Nothing was imported. %s", problems[0]))
        Population = self.env["civic.zone.population"]
        zone_ids = {vals["zone_id"] for vals in vals_list}
        years = {vals["year"] for vals in vals_list}
        old = Population.search([("zone_id", "in", list(zone_ids)), ("year", "in", list(years))])
        given = {(vals["zone_id"], vals["year"]) for vals in vals_list}
        old.filtered(lambda row: (row.zone_id.id, row.year) in given).unlink()
        Population.create(vals_list)
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_crm.civic_zone_population_action")
        return dict(action, domain=[("zone_id", "in", list(zone_ids)), ("year", "in", list(years))])

    def _read_rows(self):
        """Return values for ``civic.zone.population`` and problems in words."""
        rows, problems = population.read_table(self.text or "")
        zones = self.env["civic.zone"].search_fetch(
            [("code", "!=", False), ("company_id", "in", [self.env.company.id, False])], ["code"]
        )
        by_code = {zone.code: zone.id for zone in zones}
        vals_list, seen = [], {}
        for row in rows:
            vals = {
                "zone_id": by_code.get(row.zone),
                "year": row.year or self.year,
                "sex": row.sex,
                "age_from": row.age_from,
                "age_to": row.age_to,
                "count": row.count,
            }
            key = (row.zone, vals["year"], row.sex, row.age_from)
            if not vals["zone_id"]:
                problems.append(population.Problem(row.line, "unknown_zone", row.zone))
            elif key in seen:
                problems.append(population.Problem(row.line, "twice", str(seen[key])))
            else:
                seen[key] = row.line
                vals_list.append(vals)
        return vals_list, [self._explain(problem) for problem in sorted(problems)]

    def _explain(self, problem):
        value = problem.value
        words = {
            "no_heading": self.env._("The table is empty. Its first line names the columns."),
            "too_many_rows": self.env._("The table has %s lines. Import it in parts.", value),
            "no_column": self.env._("The heading has no column “%s”.", value),
            "no_zone": self.env._("The code of the zone is missing."),
            "unknown_zone": self.env._("There is no zone with the code “%s”.", value),
            "unknown_sex": self.env._("“%s” is not understood as a sex. Write female or male.", value),
            "unknown_age": self.env._("“%s” is not understood as an age. Write 0-4 or 85+.", value),
            "unknown_year": self.env._("“%s” is no year of four digits.", value),
            "not_a_count": self.env._("“%s” is no whole number of people. Write it without separators.", value),
            "twice": self.env._("It repeats line %s.", value),
        }
        return self.env._("Line %(line)s: %(problem)s", line=problem.line, problem=words[problem.reason])

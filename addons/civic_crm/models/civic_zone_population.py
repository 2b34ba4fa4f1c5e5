# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CivicZonePopulation(models.Model):
    """How many people of one sex and age band are registered in a zone in a year."""

    _name = "civic.zone.population"
    _description = "Population of a zone"
    _order = "zone_id, year desc, age_from, sex, id"
    _rec_name = "age_band"

    SEXES = [("female", "Women"), ("male", "Men")]
    OLDEST = 130

    zone_id = fields.Many2one("civic.zone", required=True, index=True, ondelete="cascade")
    year = fields.Integer(required=True, default=lambda self: fields.Date.today().year, aggregator=None)
    sex = fields.Selection(SEXES, required=True)
    age_from = fields.Integer(string="From age", required=True, aggregator=None)
    age_to = fields.Integer(
        string="To age", default=OLDEST, required=True, aggregator=None, help="Included; 130 means: and older."
    )
    age_band = fields.Char(string="Age", compute="_compute_age_band")
    count = fields.Integer(string="People", required=True)

    _year_plausible = models.Constraint("CHECK (year BETWEEN 1800 AND 2200)", "Give the year with four digits.")
    _count_positive = models.Constraint("CHECK (count >= 0)", "The number of people is 0 or more.")
    _ages_ordered = models.Constraint(
        "CHECK (age_from >= 0 AND age_from <= age_to AND age_to <= 130)",
        "An age band goes from a lower to a higher age, between 0 and 130.",
    )
    _band_unique = models.UniqueIndex(
        "(zone_id, year, sex, age_from)",
        "This zone has figures for this year, sex and age already. Change those instead.",
    )

    @api.depends("age_from", "age_to")
    def _compute_age_band(self):
        for row in self:
            older = row.age_to >= self.OLDEST
            row.age_band = f"{row.age_from}+" if older else f"{row.age_from}–{row.age_to}"

    @api.constrains("zone_id", "year", "sex", "age_from", "age_to")
    def _check_bands_apart(self):
        """Nobody is counted in two bands."""
        self.flush_recordset()
        together = self.search([("zone_id", "in", self.zone_id.ids), ("year", "in", list(set(self.mapped("year"))))])
        last = {}
        for row in together.sorted(lambda row: (row.age_from, row.age_to)):
            key = (row.zone_id, row.year, row.sex)
            before = last.get(key)
            if before and before.age_to >= row.age_from:
                raise ValidationError(
                    self.env._(
                        "In %(zone)s, %(year)s, the ages %(one)s and %(other)s overlap: people would be"
                        " counted twice. Let each band begin after the one before ends.",
                        zone=row.zone_id.name,
                        year=row.year,
                        one=before.age_band,
                        other=row.age_band,
                    )
                )
            last[key] = row

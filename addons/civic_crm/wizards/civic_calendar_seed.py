# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import datetime, time

import holidays
import pytz

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

#: Regions of Spain by the codes of ISO 3166-2, as ``holidays`` has them.
REGIONS = [
    ("AN", "Andalucía"),
    ("AR", "Aragón"),
    ("AS", "Asturias"),
    ("CN", "Canarias"),
    ("CB", "Cantabria"),
    ("CM", "Castilla-La Mancha"),
    ("CL", "Castilla y León"),
    ("CT", "Catalunya"),
    ("CE", "Ceuta"),
    ("EX", "Extremadura"),
    ("GA", "Galicia"),
    ("IB", "Illes Balears"),
    ("RI", "La Rioja"),
    ("MD", "Madrid"),
    ("ML", "Melilla"),
    ("MC", "Murcia"),
    ("NC", "Navarra"),
    ("PV", "País Vasco"),
    ("VC", "València"),
]
#: Years that may be filled at once.
MOST_YEARS = 10


class CivicCalendarSeed(models.TransientModel):
    """Puts the public holidays of some years into a legal calendar: Spain's, a region's, and the two of the city."""

    _name = "civic.calendar.seed"
    _description = "Public holidays"

    calendar_id = fields.Many2one(
        "resource.calendar",
        required=True,
        default=lambda self: self.env.company.legal_calendar_id,
        help="The calendar of working days by law into which the holidays are put.",
    )
    is_city_calendar = fields.Boolean(
        string="Count the city's deadlines in it",
        default=True,
        help="Makes it the city's legal calendar; a department may still have its own.",
    )
    region = fields.Selection(REGIONS, help="Empty: the holidays of all of Spain only.")
    year_from = fields.Integer(string="From", required=True, default=lambda self: fields.Date.today().year)
    year_to = fields.Integer(string="To", required=True, default=lambda self: fields.Date.today().year + 1)
    line_ids = fields.One2many(
        "civic.calendar.seed.line", "seed_id", compute="_compute_lines", store=True, readonly=False
    )

    @api.depends("region", "year_from", "year_to", "calendar_id")
    def _compute_lines(self):
        """Propose the days that the calendar does not have yet; those that a person added stay."""
        for seed in self:
            known = seed._get_known_days()
            days = {day: name for day, name in seed._find_holidays().items() if day not in known}
            added = seed.line_ids.filtered(lambda line, days=days: line.is_local and line.date not in days)
            seed.line_ids = [
                Command.clear(),
                *(Command.create({"date": line.date, "name": line.name, "is_local": True}) for line in added),
                *(Command.create({"date": day, "name": name, "is_local": False}) for day, name in sorted(days.items())),
            ]

    def _find_holidays(self):
        """Return ``{date: name}`` of the public holidays of the years, in the user's language where it is known."""
        if not self.year_from or not self.year_to or not 0 <= self.year_to - self.year_from < MOST_YEARS:
            return {}
        years = range(self.year_from, self.year_to + 1)
        language = {"es": "es", "ca": "ca"}.get((self.env.lang or "en")[:2], "en_US")
        return dict(holidays.country_holidays("ES", subdiv=self.region or None, years=years, language=language))

    def _get_known_days(self):
        # sudo: who may fill a calendar may know what is in it
        leaves = self.calendar_id.sudo()._find_common_leaves() if self.calendar_id else ()
        return {day for leave in leaves for day in leave._get_days()}

    def action_seed(self):
        """Add the listed days to the calendar; those that it has already are left as they are.

        :raises AccessError: unless an administrator of the CRM asks
        """
        self.ensure_one()
        if not self.env.user.has_group("civic_crm.group_admin"):
            raise AccessError(self.env._("Only an administrator sets the city's holidays."))
        if not 0 <= self.year_to - self.year_from < MOST_YEARS:
            raise UserError(self.env._("Choose up to %(years)s years, the first one first.", years=MOST_YEARS))
        self._add_leaves()
        if self.is_city_calendar:
            # sudo: the administrator of the CRM need not be one of companies
            self.env.company.sudo().legal_calendar_id = self.calendar_id
        return {
            "type": "ir.actions.act_window",
            "name": self.calendar_id.name,
            "res_model": "resource.calendar.leaves",
            "view_mode": "list,calendar,form",
            "domain": [("calendar_id", "=", self.calendar_id.id), ("resource_id", "=", False)],
            "context": {"default_calendar_id": self.calendar_id.id},
        }

    def _add_leaves(self):
        known = self._get_known_days()
        zone = pytz.timezone(self.calendar_id.tz or "UTC")
        new = {line.date: line.name for line in self.line_ids if line.date not in known}
        self.env["resource.calendar.leaves"].create(
            [
                {
                    "name": name,
                    "calendar_id": self.calendar_id.id,
                    "company_id": self.calendar_id.company_id.id or self.env.company.id,
                    "date_from": _to_utc(zone, day, time.min),
                    "date_to": _to_utc(zone, day, time(23, 59, 59)),
                }
                for day, name in sorted(new.items())
            ]
        )

    @api.model
    def _seed_for_demo(self, calendar_id, region, local):
        """Fill a calendar from the year before last to the next one.

        :param dict local: ``MM-DD`` → name of the holidays that the city sets itself, every year the same
        """
        this_year = fields.Date.today().year
        seed = self.create(
            {"calendar_id": calendar_id, "region": region, "year_from": this_year - 2, "year_to": this_year + 1}
        )
        seed.line_ids.create(
            [
                {"seed_id": seed.id, "date": f"{year}-{day}", "name": name}
                for year in range(seed.year_from, seed.year_to + 1)
                for day, name in local.items()
            ]
        )
        seed.action_seed()


class CivicCalendarSeedLine(models.TransientModel):
    _name = "civic.calendar.seed.line"
    _description = "Public holiday"
    _order = "date"

    seed_id = fields.Many2one("civic.calendar.seed", required=True, ondelete="cascade")
    date = fields.Date(required=True)
    name = fields.Char(string="Holiday", required=True)
    is_local = fields.Boolean(string="Local", default=True, help="One of the two holidays that the city itself sets.")


def _to_utc(zone, day, at):
    return zone.localize(datetime.combine(day, at)).astimezone(pytz.utc).replace(tzinfo=None)

# SPDX-License-Identifier: AGPL-3.0-or-later
import pytz

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

#: What is kept in memory of a company's own record.
REMEMBERED = {"legal_calendar_id", "partner_id", "resource_calendar_id"}


class ResCompany(models.Model):
    _inherit = "res.company"

    legal_calendar_id = fields.Many2one(
        "resource.calendar",
        ondelete="restrict",
        help="The city's working days by law, with the national, regional and two local holidays: deadlines are"
        " counted in it. It is not the office's timetable. Empty: the company's working hours count.",
    )

    @api.constrains("legal_calendar_id", "resource_calendar_id")
    def _check_calendar(self):
        """Each case counts its days in one of the two: without any, nobody could file."""
        if any(not company.legal_calendar_id and not company.resource_calendar_id for company in self):
            raise ValidationError(
                self.env._(
                    "Deadlines are counted in working days. Choose a calendar before you take the last one away."
                )
            )

    def _get_city_zone(self):
        """Return the city's time zone as a ``pytz`` zone."""
        self.ensure_one()
        return pytz.timezone(self._get_city_zone_name(self.id))

    @tools.ormcache("company_id")
    def _get_city_zone_name(self, company_id):
        """Return the zone of the company's working hours; calendars forget it when they change."""
        # sudo: whoever files a case may know the city's time
        return self.sudo().browse(company_id).resource_calendar_id.tz or "UTC"

    @tools.ormcache("self.id")
    def _get_city_country_id(self):
        """Return the id of the city's country, or False, kept in memory; a change of address forgets it."""
        # sudo: telephone numbers are read by everybody
        return self.sudo().country_id.id

    def write(self, vals):
        if REMEMBERED & vals.keys():
            self.env.registry.clear_cache()
        return super().write(vals)

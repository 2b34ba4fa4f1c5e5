# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import timedelta

import pytz

from odoo import models, tools


class ResCompany(models.Model):
    _inherit = "res.company"

    def _get_working_day_test(self):
        """Return a function, date → bool, that knows the city's working days.

        Working weekdays come from the company's working hours, holidays from its public
        (resource-less) leaves; a day on which any such leave lies is not a working day.
        Days are those of the calendar's time zone.
        """
        self.ensure_one()
        _zone, weekdays, holidays = self._get_city_calendar(self.id)
        return lambda day: day.weekday() in weekdays and day not in holidays

    def _get_city_zone(self):
        """Return the city's time zone as a ``pytz`` zone."""
        self.ensure_one()
        return pytz.timezone(self._get_city_calendar(self.id)[0])

    @tools.ormcache("company_id")
    def _get_city_calendar(self, company_id):
        """Return ``(zone name, working weekdays, holidays)`` of a company, kept in memory.

        Calendars forget it when they change (``resource_calendar.py``).
        """
        # sudo: whoever files a case may know on which days the city works
        calendar = self.sudo().browse(company_id).resource_calendar_id
        zone = pytz.timezone(calendar.tz or "UTC")
        weekdays = frozenset(int(day) for day in calendar.attendance_ids.mapped("dayofweek"))
        holidays = set()
        for leave in calendar.global_leave_ids:
            first, last = (
                pytz.utc.localize(moment).astimezone(zone).date() for moment in (leave.date_from, leave.date_to)
            )
            holidays.update(first + timedelta(days=i) for i in range((last - first).days + 1))
        return zone.zone, weekdays, frozenset(holidays)

    @tools.ormcache("self.id")
    def _get_city_country_id(self):
        """Return the id of the city's country, or False, kept in memory; a change of address forgets it."""
        # sudo: telephone numbers are read by everybody
        return self.sudo().country_id.id

    def write(self, vals):
        if {"partner_id", "resource_calendar_id"} & set(vals):
            self.env.registry.clear_cache()
        return super().write(vals)

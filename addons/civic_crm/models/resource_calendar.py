# SPDX-License-Identifier: AGPL-3.0-or-later
"""Working days as the clock reads them; a change of them is known to the next deadline and moves the open ones."""

from datetime import timedelta

import pytz

from odoo import api, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.deadline import LegalCalendar

#: A leave that only touches a day, as one does that ends at 00:00:00, does not take it.
TOUCH = timedelta(minutes=1)


class ResourceCalendar(models.Model):
    _name = "resource.calendar"
    _inherit = ["resource.calendar", "civic.kept.in.memory"]

    @api.model
    @tools.ormcache("calendar_id", "company_id")
    def _get_legal_calendar(self, calendar_id, company_id):
        """Return a ``LegalCalendar`` in the time of a company's city, kept in memory until a calendar changes.

        Working weekdays and opening hours are the calendar's attendances; a day on which a leave of the whole
        calendar lies, be it for an hour, is a holiday. Leaves without a calendar hold for all of the company's.
        """
        # sudo: whoever files a case may know on which days the city works
        calendar = self.sudo().browse(calendar_id)
        lines = calendar.attendance_ids.filtered(lambda line: not line.display_type and line.day_period != "lunch")
        holidays = set()
        for leave in calendar._find_common_leaves():
            holidays.update(leave._get_days())
        return LegalCalendar(
            weekdays=frozenset(int(line.dayofweek) for line in lines),
            holidays=frozenset(holidays),
            zone=self.env["res.company"].browse(company_id)._get_city_zone(),
            opening=tuple(
                sorted({(int(line.dayofweek), round(line.hour_from * 60), round(line.hour_to * 60)) for line in lines})
            ),
        )

    def _find_common_leaves(self):
        """Return the leaves that are nobody's own, of one calendar."""
        self.ensure_one()
        everywhere = Domain("calendar_id", "=", False) & Domain("company_id", "in", [False, self.company_id.id])
        return self.env["resource.calendar.leaves"].search(
            Domain("resource_id", "=", False)
            & Domain("time_type", "=", "leave")
            & (everywhere | Domain("calendar_id", "=", self.id))
        )

    def write(self, vals):
        result = super().write(vals)
        if "tz" in vals:
            self._move_deadlines()
        return result

    def _move_deadlines(self, first=None, last=None):
        """Have the open deadlines counted again that a change of these calendars may move.

        :param date first, last: the days that changed, or None: any
        """
        if not self:
            return
        Deadline = self.env["civic.case.deadline"]
        Deadline.flush_model()
        within = SQL("TRUE")
        if first and last:
            within = SQL("start_date <= %s AND (due_date >= %s OR due_date IS NULL)", last, first)
        self.env.cr.execute(
            SQL(
                """
                UPDATE civic_case_deadline SET is_stale = TRUE
                 WHERE outcome IS NULL AND is_stale IS NOT TRUE AND calendar_id IN %s AND %s
                """,
                tuple(self.ids),
                within,
            )
        )
        if self.env.cr.rowcount:
            Deadline.invalidate_model(["is_stale"])
            self.env["ir.cron"]._wake("civic_crm.cron_move_deadlines")


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "civic.kept.in.memory"]

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.calendar_id._move_deadlines()
        return lines

    def write(self, vals):
        calendars = self.calendar_id
        result = super().write(vals)
        (calendars | self.calendar_id)._move_deadlines()
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        calendars._move_deadlines()
        return result


class ResourceCalendarLeaves(models.Model):
    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "civic.kept.in.memory"]

    def _get_days(self):
        """Return the dates, in the calendar's time zone, on which one leave lies."""
        self.ensure_one()
        zone = pytz.timezone(self.calendar_id.tz or self.company_id.resource_calendar_id.tz or "UTC")
        first, last = (
            pytz.utc.localize(moment).astimezone(zone).date()
            for moment in (self.date_from, max(self.date_from, self.date_to - TOUCH))
        )
        return [first + timedelta(days=i) for i in range((last - first).days + 1)]

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._move_deadlines()
        return leaves

    def write(self, vals):
        self._move_deadlines()  # from where it was
        result = super().write(vals)
        self._move_deadlines()  # to where it is
        return result

    def unlink(self):
        self._move_deadlines()
        return super().unlink()

    def _move_deadlines(self):
        common = self.filtered(lambda leave: not leave.resource_id)
        if not common:
            return
        days = [day for leave in common for day in leave._get_days()]
        calendars = common.calendar_id
        if everywhere := common.filtered(lambda leave: not leave.calendar_id):
            calendars |= self.env["resource.calendar"].search(
                [("company_id", "in", [False, *everywhere.company_id.ids])]
            )
        # sudo: who may change a calendar moves the deadlines of cases that they may not read
        calendars.sudo()._move_deadlines(min(days), max(days))

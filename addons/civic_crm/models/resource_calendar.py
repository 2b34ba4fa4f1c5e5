# SPDX-License-Identifier: AGPL-3.0-or-later
"""A change of working hours or holidays is known to the next promise."""

from odoo import models


class ResourceCalendar(models.Model):
    _name = "resource.calendar"
    _inherit = ["resource.calendar", "civic.kept.in.memory"]


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "civic.kept.in.memory"]


class ResourceCalendarLeaves(models.Model):
    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "civic.kept.in.memory"]

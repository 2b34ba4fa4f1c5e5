# SPDX-License-Identifier: AGPL-3.0-or-later
"""The day on which a case is due next, be it promised or set by law, as calendars and filters ask for it."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

#: The days that a case may be due on.
DUE_FIELDS = ("promised_on", "legal_due_on")


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = "helpdesk.ticket"

    next_due_on = fields.Date(
        string="Due on",
        compute="_compute_next_due_on",
        search="_search_next_due_on",
        inverse="_inverse_next_due_on",
        help="The promised day or that of the law, whichever comes first; empty while the clock stands.",
    )
    is_due_today = fields.Boolean(string="Due today", compute="_compute_is_due_today", search="_search_is_due_today")

    @api.depends(*DUE_FIELDS)
    def _compute_next_due_on(self):
        for case in self:
            case.next_due_on = case._get_next_due()

    @api.model
    def _search_next_due_on(self, operator, value):
        if operator in ("<", "<="):
            return Domain.OR(Domain(name, operator, value) for name in DUE_FIELDS)
        if operator in (">", ">="):
            later = Domain.AND(Domain(name, operator, value) | Domain(name, "=", False) for name in DUE_FIELDS)
            return later & Domain.OR(Domain(name, "!=", False) for name in DUE_FIELDS)
        if operator == "in":
            return Domain.OR(map(self._make_due_on_domain, value))
        return NotImplemented

    @api.model
    def _make_due_on_domain(self, day):
        if not day:
            return Domain.AND(Domain(name, "=", False) for name in DUE_FIELDS)
        return self._search_next_due_on("<=", day) & self._search_next_due_on(">=", day)

    def _inverse_next_due_on(self):
        """Promise another day, as by dragging the case in the calendar; no promise moves a term set by law.

        :raises UserError: saying what to do, for a day after that of the law
        """
        for case in self:
            day, last = case.next_due_on, case.legal_due_on
            if last and (not day or day > last):
                raise UserError(
                    self.env._(
                        "By law the case %(case)s is due on %(day)s. Promise a day up to then, or extend that term"
                        " under “Deadlines” in the case.",
                        case=case.display_name,
                        day=format_date(self.env, last),
                    )
                )
            if day != case._get_next_due():
                case.promised_on = day

    @api.depends(*DUE_FIELDS, "closed_date")
    def _compute_is_due_today(self):
        today = self._get_city_today()
        for case in self:
            case.is_due_today = not case.closed_date and today in (case.promised_on, case.legal_due_on)

    @api.model
    def _search_is_due_today(self, operator, value):
        """Today is the city's, wherever the user's own clock is."""
        if operator != "in":
            return NotImplemented
        today = self._get_city_today()
        due = Domain("closed_date", "=", False) & Domain.OR(Domain(name, "=", today) for name in DUE_FIELDS)
        return Domain.OR(due if wanted else ~due for wanted in value)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Promises that cannot be kept are refused, and what was promised of a closed case is history."""

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

#: By which it is counted whether a promise was kept.
COUNTED = {"promised_on", "filed_at"}


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = "helpdesk.ticket"

    def _check_promises_can_be_kept(self):
        """Whoever promises a day promises one that can be kept; what other systems bring along is taken as it was."""
        for case in self:
            filed_on = self._to_city_time(case.filed_at).date()
            if case.promised_on and case.promised_on < filed_on:
                raise ValidationError(
                    self.env._(
                        "The case was filed on %(filed)s: its answer cannot be promised for %(promised)s. Choose a"
                        " later day, or correct the day of filing.",
                        filed=format_date(self.env, filed_on),
                        promised=format_date(self.env, case.promised_on),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        if not self.env.su:  # no constraint: it would not know who asks, filing and writing go on as the system
            cases.sudo()._check_promises_can_be_kept()
        return cases

    def write(self, vals):
        if self.env.su or not COUNTED & vals.keys():
            return super().write(vals)
        self._check_history_stands(vals)
        result = super().write(vals)
        self.sudo()._check_promises_can_be_kept()
        return result

    def _check_history_stands(self, vals):
        """Refuse to set, after the end, other days than those by which it is counted whether a promise was kept."""
        days = {name: self._fields[name].convert_to_cache(vals[name], self) for name in COUNTED & vals.keys()}
        for case in self:
            if case.closed_date and any((case[name] or None) != day for name, day in days.items()):
                raise UserError(
                    self.env._(
                        "The case %(case)s is closed: when it was filed and what was promised stay as they were. Reopen"
                        " the case to set another day.",
                        case=case.display_name,
                    )
                )

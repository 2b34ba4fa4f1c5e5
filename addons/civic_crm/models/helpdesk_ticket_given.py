# SPDX-License-Identifier: AGPL-3.0-or-later
"""What staff says of a case has to be possible: refused in words before anything is counted from it."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import MissingError, ValidationError

#: Files taken over from paper may be old; a year before this one is a slip of the keyboard.
FIRST_YEAR = 1900
#: Clocks differ.
AHEAD = timedelta(minutes=5)


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _check_given_vals(self, vals):
        if vals.get("filed_at"):
            self._check_filed_at(fields.Datetime.to_datetime(vals["filed_at"]))
        if vals.get("civic_zone_id"):
            self._check_zone_is_there(vals["civic_zone_id"])
        return super()._check_given_vals(vals)

    def _check_filed_at(self, moment):
        """The clock of the law begins then, and counts from no day that was not."""
        if moment > fields.Datetime.now() + AHEAD:
            raise ValidationError(
                self.env._("Nothing is filed in the future. Say when it came in, or leave it empty: it is now.")
            )
        if moment.year < FIRST_YEAR:
            raise ValidationError(self.env._("The year %s is too long ago. Say when the case came in.", moment.year))

    def _check_zone_is_there(self, zone_id):
        try:
            self.env["helpdesk.ticket.category"]._read_zone_line(zone_id)
        except MissingError as error:
            raise ValidationError(
                self.env._("The city has no such zone (any more). Choose another, or place the point on the map.")
            ) from error

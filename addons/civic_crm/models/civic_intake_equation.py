# SPDX-License-Identifier: AGPL-3.0-or-later
"""The day's equation: whatever was received is a case, an enquiry, a reply, spam, to be decided, or waiting."""

from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..core import intake as ledger


class CivicIntake(models.Model):
    _inherit = "civic.intake"

    @api.model
    def get_equation(self, period="today"):
        """Return the equation of a period of days of the city, in all and by channel.

        :param str period: of ``core.intake.PERIODS``
        :return: ``period``, ``first_day`` and ``last_day`` (ISO, the city's), ``total`` and ``channels`` (the numbers
            of ``core.intake.Balance`` and ``nowhere``; channels with ``id`` and ``name``, the fullest first),
            ``is_even``, and of all days ``to_decide`` and ``oldest_waiting`` (naive UTC text, or False)
        :raises AccessError: for whoever may not read the ledger
        """
        self.check_access("read")
        first, after = self._get_period_days(period)
        domain = self._get_period_domain(period)
        received = dict(self._read_group(domain, ["channel_id"], ["__count"]))
        counts = {channel: {} for channel in received}
        for channel, state, result, count in self._read_group(domain, ["channel_id", "state", "result"], ["__count"]):
            counts[channel][state, result or ""] = count
        rows = [self._describe_balance(channel, received[channel], counts[channel]) for channel in received]
        total = {name: sum(row[name] for row in rows) for name in (*ledger.Balance._fields, "nowhere")}
        return {
            "period": period,
            "first_day": fields.Date.to_string(first),
            "last_day": fields.Date.to_string(fields.Date.subtract(after, days=1)),
            "total": total,
            "channels": sorted(rows, key=lambda row: (-row["received"], row["name"])),
            "is_even": not any(row["nowhere"] for row in rows),
            **self._get_open_ends(),
        }

    def _describe_balance(self, channel, received, counts):
        balance = ledger.balance(received, counts)
        name = channel.name or self.env._("Without a channel")
        return {"id": channel.id, "name": name, "nowhere": balance.nowhere, **balance._asdict()}

    @api.model
    def _get_open_ends(self):
        """Return what has to be done whatever the day: how many are to be decided, and since when one waits."""
        to_decide = self.search_count([("state", "=", "quarantined")])
        [[oldest]] = self._read_group([("state", "=", "received")], [], ["received_at:min"])
        return {"to_decide": to_decide, "oldest_waiting": fields.Datetime.to_string(oldest) if oldest else False}

    @api.model
    def get_equation_action(self, term, period="today", channel_id=None):
        """Return the action that shows the messages of one term.

        :param str term: of ``core.intake.TERMS``, ``received`` or ``nowhere``
        :param int channel_id: of one channel only; 0 for those without one, None for all
        """
        self.check_access("read")
        names = {
            "received": self.env._("All received"),
            "cases": self.env._("Cases"),
            "enquiries": self.env._("Enquiries"),
            "replies": self.env._("Replies"),
            "spam": self.env._("Set aside"),
            "quarantined": self.env._("To be decided"),
            "waiting": self.env._("Waiting"),
            "nowhere": self.env._("In no term"),
        }
        if term not in names:
            raise UserError(self.env._("There is no such term in the equation."))
        domain = self._get_period_domain(period) & self._get_term_domain(term)
        if channel_id is not None:
            domain &= Domain("channel_id", "=", int(channel_id) or False)
        return {
            "type": "ir.actions.act_window",
            "name": names[term],
            "res_model": self._name,
            "views": [
                *([(self.env.ref("civic_crm.civic_intake_view_kanban").id, "kanban")] if term == "quarantined" else []),
                (False, "list"),
                (False, "form"),
            ],
            "domain": list(domain),
            "context": {"create": False},
        }

    @api.model
    def _get_term_domain(self, term):
        if term == "received":
            return Domain.TRUE
        terms = {
            name: Domain.AND(Domain(field, "=", value) for field, value in conditions.items())
            for name, conditions in ledger.TERMS.items()
        }
        return terms[term] if term in terms else ~Domain.OR(terms.values())

    @api.model
    def _get_period_days(self, period):
        if period not in ledger.PERIODS:
            raise UserError(self.env._("There is no such period."))
        return ledger.days_of(period, self.env["helpdesk.ticket"]._get_city_today())

    @api.model
    def _get_period_domain(self, period):
        """Return the ``Domain`` of what was received in a period, whose days begin at midnight in the city."""
        zone = self.env.company._get_city_zone()
        start, end = (
            zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            for day in self._get_period_days(period)
        )
        return Domain("received_at", ">=", start) & Domain("received_at", "<", end)

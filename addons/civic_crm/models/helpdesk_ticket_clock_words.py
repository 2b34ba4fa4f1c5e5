# SPDX-License-Identifier: AGPL-3.0-or-later
"""The clock in words: terms in hours for staff, and for the citizen whether it runs and why not."""

from datetime import UTC

from odoo import fields, models
from odoo.tools import SQL

from ..core import deadline

#: A term in hours that is late by more is told in days.
MOST_HOURS_LATE = 48


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = "helpdesk.ticket"

    # ------------------------------------------------------------------
    # for staff
    # ------------------------------------------------------------------

    def _read_hour_clocks(self):
        """Return ``{case id: civic.case.deadline}``: of each case the open term in hours that ends first."""
        if not self.ids:
            return {}
        # sudo: part of the clock, which whoever reads the case may read
        found = (
            self.env["civic.case.deadline"]
            .sudo()
            .search_fetch(
                [("case_id", "in", self.ids), ("outcome", "=", False), ("due_at", "!=", False)],
                ["case_id", "calendar_id", "company_id", "due_at", "due_date", "unit"],
                order="due_at DESC, id DESC",
            )
        )
        return {clock.case_id.id: clock for clock in found}

    def _tell_hours(self, clock):
        """Return ``(state, text)`` of an open term in hours; None where its days say it better.

        :param clock: one ``civic.case.deadline`` (superuser) with ``due_at``
        """
        now, end = fields.Datetime.now().replace(tzinfo=UTC), clock.due_at.replace(tzinfo=UTC)
        calendar, late = clock._get_calendar(), end <= now
        span = (end, now) if late else (now, end)
        hours = int(deadline.count_hours(clock.unit, calendar, *span))
        if late and hours > MOST_HOURS_LATE:
            return None
        if late:
            return "late", self._put_hours_into_words(hours, late)
        today = calendar.get_day(now) == clock.due_date
        return ("today" if today else "soon"), self._put_hours_into_words(hours, late)

    def _put_hours_into_words(self, hours, late):
        if not hours:
            return self.env._("less than an hour late") if late else self.env._("less than an hour left")
        if hours == 1:
            return self.env._("1 hour late") if late else self.env._("1 hour left")
        return (
            self.env._("%(hours)s hours late", hours=hours) if late else self.env._("%(hours)s hours left", hours=hours)
        )

    # ------------------------------------------------------------------
    # for the citizen
    # ------------------------------------------------------------------

    def _get_public_summary(self):
        summary = {**super()._get_public_summary(), **self._get_public_clock()}
        at = summary["promised_at"]
        return {**summary, "overdue": summary["overdue"] or bool(at and at < fields.Datetime.now())}

    def _get_public_clock(self):
        """Return what the citizen's page says of the clock of one case, in one query.

        ``promised_at``: the moment (naive UTC) of a promise in hours, or None. ``pause``: None while the clock
        runs; else a dict of ``since`` and ``until`` (dates of the city, the latter None while nobody knows),
        ``reason`` and ``explanation`` (texts), ``is_citizens_turn`` and ``starts_again`` (the whole term does).
        """
        if self.closed_date:
            return {"promised_at": None, "pause": None}
        self.env["civic.case.deadline"].flush_model(["due_at", "outcome"])
        self.env["civic.deadline.pause"].flush_model()
        [(promised_at, pause)] = self.env.execute_query(
            SQL(
                """
                SELECT (SELECT min(due_at) FROM civic_case_deadline
                         WHERE case_id = %(case)s AND purpose = 'promise' AND outcome IS NULL),
                       (SELECT array[id, reason_id] FROM civic_deadline_pause
                         WHERE case_id = %(case)s AND date_from <= %(today)s
                           AND (last_day IS NULL OR last_day >= %(today)s)
                         ORDER BY date_from LIMIT 1)
                """,
                case=self.id,
                today=self._get_city_today(),
            )
        )
        return {"promised_at": promised_at, "pause": self._make_public_pause(*pause) if pause else None}

    def _make_public_pause(self, pause_id, reason_id):
        # sudo: the days of a pause are the citizen's to know; its note is not in it
        pause = self.env["civic.deadline.pause"].sudo().browse(pause_id)
        reason = self.env["civic.pause.reason"].browse(reason_id)._get_public_facts()
        return {
            "since": pause.date_from,
            "until": pause.last_day or None,
            "reason": reason["public_name"] or reason["name"],
            "explanation": reason["public_explanation"],
            "is_citizens_turn": reason["is_citizens_turn"],
            "starts_again": pause.kind == "interrupt",
        }

# SPDX-License-Identifier: AGPL-3.0-or-later
import logging
from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..core import deadline
from ..core.deadline import Extension, Term
from .civic_deadline_rule import COUNTED_FROM, PURPOSES, SILENCE, TRIGGERS, UNITS

_logger = logging.getLogger(__name__)

#: Outcomes that the end of the case brought; reopening takes them back.
ENDED = ("met", "late", "waived")
#: Ends of a case that leave no answer owed.
NOTHING_OWED = ("withdrawn", "duplicate")
#: Deadlines counted again per transaction of the cron.
MOVE_BATCH = 500


class CivicCaseDeadline(models.Model):
    """The clock of one case: when it began, how long it runs, and how it ended.

    It keeps the term with which it began, so that a rule that changes later leaves promises as they were made.
    ``due_date`` is the last day in time, empty while the clock stands; overdue is a question to it, never stored.
    Deadlines are made and moved by the case (``helpdesk_ticket_deadline.py``): nobody writes them.
    """

    _name = "civic.case.deadline"
    _inherit = "civic.case.part"
    _description = "Deadline of a case"
    _order = "due_date, id"

    # which
    rule_id = fields.Many2one("civic.deadline.rule", index="btree_not_null", ondelete="restrict", readonly=True)
    purpose = fields.Selection(PURPOSES, required=True, readonly=True)
    trigger = fields.Selection(TRIGGERS, string="Begun by", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    silence = fields.Selection(SILENCE, string="Effect of silence", required=True, default="none", readonly=True)
    legal_basis = fields.Char(related="rule_id.legal_basis")

    # how long
    amount = fields.Integer(string="Term", readonly=True)
    unit = fields.Selection(UNITS, required=True, default=deadline.WORKING_DAYS, readonly=True)
    counted_from = fields.Selection(COUNTED_FROM, required=True, default=deadline.FILING, readonly=True)
    calendar_id = fields.Many2one("resource.calendar", index=True, required=True, ondelete="restrict", readonly=True)
    is_by_hand = fields.Boolean(string="Set by hand", readonly=True, help="Staff set the day; no rule moves it.")
    given_date = fields.Date(string="Day set", readonly=True)
    given_on = fields.Date(string="Set on", readonly=True)

    # from when to when
    start_at = fields.Datetime(string="Begun at", required=True, readonly=True)
    start_date = fields.Date(string="Begun on", required=True, readonly=True, help="In the city's time.")
    due_date = fields.Date(string="Due on", readonly=True, help="The last day in time; empty while the clock stands.")
    due_at = fields.Datetime(string="Due at", readonly=True, help="The exact moment of a term in hours.")
    warn_days = fields.Integer(readonly=True)
    warn_on = fields.Date(string="Warned on", readonly=True)

    # how it ended
    closed_on = fields.Date(readonly=True)
    outcome = fields.Selection(
        [("met", "Met"), ("late", "Late"), ("waived", "No longer owed"), ("dropped", "Replaced")],
        readonly=True,
        help="Empty while the case is open. Replaced: the case got another service, and with it another term.",
    )
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")

    extension_ids = fields.One2many("civic.deadline.extension", "deadline_id", string="Extensions", readonly=True)
    alert_ids = fields.One2many("civic.deadline.alert", "deadline_id", readonly=True)
    is_stale = fields.Boolean(readonly=True, help="A calendar has changed; it is counted again soon.")

    _open_due_idx = models.Index("(due_date) WHERE outcome IS NULL")
    _open_warn_idx = models.Index("(warn_on) WHERE outcome IS NULL")
    _stale_idx = models.Index("(id) WHERE is_stale IS TRUE")
    _open_hour_idx = models.Index("(case_id) WHERE outcome IS NULL AND due_at IS NOT NULL")
    _open_moment_idx = models.Index("(due_at) WHERE outcome IS NULL AND due_at IS NOT NULL")
    _late_hour_idx = models.Index("(purpose, case_id) WHERE outcome = 'late' AND due_at IS NOT NULL")
    _one_open = models.UniqueIndex(
        "(case_id, purpose, trigger) WHERE outcome IS NULL",
        "The case has an open deadline of this sort already.",
    )

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("rule_id", "purpose")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["purpose"]._description_selection(self.env))
        for clock in self:
            # sudo: the name of a rule is no secret to who reads the deadline
            clock.display_name = clock.rule_id.sudo().name or labels.get(clock.purpose)

    @api.depends("due_date", "due_at", "outcome")
    def _compute_is_overdue(self):
        today, now = self.env["helpdesk.ticket"]._get_city_today(), fields.Datetime.now()
        for clock in self:
            passed = clock.due_at < now if clock.due_at else clock.due_date and clock.due_date < today
            clock.is_overdue = bool(passed and not clock.outcome)

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        passed = Domain("due_date", "<", self.env["helpdesk.ticket"]._get_city_today()) & Domain("due_at", "=", False)
        overdue = Domain("outcome", "=", False) & (passed | Domain("due_at", "<", fields.Datetime.now()))
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.model
    def _find_case_ids_late_today(self):
        """Return the ids of cases with an open term in hours that has passed although its day is not over.

        They are few, whatever the city; of all other terms the case's own days say whether they have passed.
        """
        passed = Domain("due_at", "<", fields.Datetime.now()) & Domain(
            "due_date", ">=", self.env["helpdesk.ticket"]._get_city_today()
        )
        # sudo: part of the clock, which whoever reads the case may read
        clocks = self.sudo().search_fetch(Domain("outcome", "=", False) & passed, ["case_id"], order="id")
        return clocks.case_id.ids

    def action_extend(self):
        """Enter a decision that gives this deadline more time."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Extend"),
            "res_model": "civic.deadline.extension",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_deadline_id": self.id},
        }

    # ------------------------------------------------------------------
    # counting
    # ------------------------------------------------------------------

    def _get_term(self):
        return Term(self.amount, self.unit, self.counted_from)

    def _get_calendar(self):
        return self.env["resource.calendar"]._get_legal_calendar(self.calendar_id.id, self.company_id.id)

    def _get_extensions(self):
        return [Extension(extension.amount) for extension in self.extension_ids]

    @api.model
    def _count_clocks(self, clocks):
        """Return the ``Due`` of each ``(term, start, calendar, pauses, extensions)``.

        Where a calendar has lost its working days nothing is due, and the log says so: a case is filed all the same.
        """
        clocks = list(clocks)
        try:
            return deadline.due_many(clocks)
        except ValueError:
            return [self._count_one(clock) for clock in clocks]

    def _count_one(self, clock):
        try:
            return deadline.due(*clock)
        except ValueError as error:
            _logger.error("A deadline cannot be counted, see its rule and its calendar: %s", error)
            return deadline.Due(None)

    def _count(self):
        """Return ``{deadline: Due}``, counted anew with the pauses and extensions of today."""
        by_hand = self.filtered("is_by_hand")
        counted = self - by_hand
        answers = dict(zip(counted, self._count_clocks(clock._get_clock() for clock in counted), strict=True))
        for clock in by_hand:
            pauses = clock.case_id.pause_ids._get_pauses()
            if clock.given_date:
                answers[clock] = deadline.shift(clock.given_date, clock.given_on, clock._get_calendar(), pauses)
            else:
                answers[clock] = deadline.Due(None)
        return answers

    def _get_clock(self):
        return (
            self._get_term(),
            self.start_at.replace(tzinfo=UTC),
            self._get_calendar(),
            self.case_id.pause_ids._get_pauses(self.purpose),
            self._get_extensions(),
        )

    def _move(self):
        """Count the open ones again and tell their cases; what has not moved is not written."""
        clocks = self.filtered(lambda clock: not clock.outcome)
        for clock, due in clocks._count().items():
            clock._change(self._prepare_due_vals(due, clock.warn_days))
        clocks.case_id._publish_deadlines()

    def _change(self, vals):
        """Write what differs of one deadline; one that has moved may be warned of again."""
        changed = {
            name: value
            for name, value in vals.items()
            if self._fields[name].convert_to_write(self[name], self) != (value or False)
        }
        if changed:
            self.write(changed)
        if "due_date" in changed:
            self._forget_alerts()

    @api.model
    def _prepare_due_vals(self, due, warn_days):
        """Return the stored fields of a ``Due``."""
        return {
            "due_date": due.day or False,
            "due_at": due.at.astimezone(UTC).replace(tzinfo=None) if due.at else False,
            "warn_on": due.day - timedelta(days=warn_days) if due.day else False,
        }

    def _forget_alerts(self):
        """Let it be warned of again; what was to be done about the old day is done with."""
        alerts = self.alert_ids
        alerts.activity_id.unlink()
        alerts.unlink()

    @api.model
    def _cron_move(self):
        """Count the deadlines again whose calendar has changed, in batches; doing it twice changes nothing."""
        domain = [("is_stale", "=", True)]
        progress = self.env["ir.cron"]._commit_progress
        while clocks := self.search(domain, order="id", limit=MOVE_BATCH).try_lock_for_update():
            clocks._move()
            clocks.is_stale = False
            if not progress(len(clocks), remaining=self.search_count(domain)):
                break

    # ------------------------------------------------------------------
    # the end of it
    # ------------------------------------------------------------------

    def _settle(self):
        """End the open ones as their cases ended: met or late; or no longer owed, if in time."""
        for case, clocks in self.filtered(lambda clock: not clock.outcome).grouped("case_id").items():
            waived = case.outcome_id.kind in NOTHING_OWED
            day = case._to_city_time(case.closed_date).date()
            for clock in clocks:
                clock.write({"closed_on": day, "outcome": clock._get_outcome(case.closed_date, day, waived)})
        self._forget_alerts()

    def _get_outcome(self, closed_at, day, waived):
        """Return how one deadline ended at *closed_at* (naive UTC), *day* in the city."""
        late = closed_at > self.due_at if self.due_at else self.due_date and day > self.due_date
        if late:
            return "late"
        return "waived" if waived or not self.due_date else "met"

    def _reopen(self):
        self.write({"closed_on": False, "outcome": False})
        self._move()

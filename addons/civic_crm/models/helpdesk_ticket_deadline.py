# SPDX-License-Identifier: AGPL-3.0-or-later
"""The case's clock: its deadlines begin, move and end here and nowhere else."""

from collections import defaultdict
from datetime import UTC

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..core.deadline import Due
from .civic_case_deadline import ENDED
from .helpdesk_ticket import STAFF_ONLY

#: Put into the context by the clock's own writing; no client can send an object.
BY_THE_CLOCK = object()
#: What decides which rules hold, and from when.
PLANNED_BY = {"category_id", "kind", "filed_at", "company_id"}
#: What begins with the filing; an appeal comes later.
AT_FILING = ("registered", "complaint")
PROMISE = ("promise", "registered")
#: What staff changes of a promise by setting its day.
SET_BY_HAND = ("is_by_hand", "given_date", "given_on", "due_date", "due_at", "warn_on")


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    promised_on = fields.Date(
        string="Promised for",
        compute="_compute_planned_dates",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
        tracking=True,
        help="The day by which the city said it would answer; empty while the clock stands.",
    )
    legal_due_on = fields.Date(
        string="Due by law",
        compute="_compute_planned_dates",
        store=True,
        precompute=True,
        copy=False,
        help="The day on which the first of the terms set by law ends; empty while the clock stands.",
    )
    deadline_ids = fields.One2many(
        "civic.case.deadline", "case_id", string="Deadlines", copy=False, readonly=True, groups=STAFF_ONLY
    )
    pause_ids = fields.One2many(
        "civic.deadline.pause", "case_id", string="Pauses", copy=False, readonly=True, groups=STAFF_ONLY
    )
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")
    is_paused = fields.Boolean(
        string="Clock stands", compute="_compute_clock", search="_search_is_paused", groups=STAFF_ONLY
    )
    has_open_pause = fields.Boolean(compute="_compute_clock", groups=STAFF_ONLY)
    clock_text = fields.Char(string="Clock", compute="_compute_clock", groups=STAFF_ONLY)
    clock_state = fields.Selection(
        [("late", "Late"), ("today", "Due today"), ("soon", "Soon"), ("running", "Running"), ("paused", "Paused")],
        compute="_compute_clock",
        groups=STAFF_ONLY,
    )
    silence_text = fields.Char(string="Silence", compute="_compute_silence_text", groups=STAFF_ONLY)
    term_letter_on = fields.Date(
        string="Told the term on",
        readonly=True,
        copy=False,
        groups=STAFF_ONLY,
        help="When the citizen was told the longest term and the effect of silence (Ley 39/2015, art. 21.4).",
    )

    _promise_idx = models.Index("(promised_on, priority DESC, id DESC) WHERE closed_date IS NULL")
    _legal_due_idx = models.Index("(legal_due_on) WHERE closed_date IS NULL AND legal_due_on IS NOT NULL")

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("category_id", "kind", "filed_at", "company_id")
    def _compute_planned_dates(self):
        """Foresee, while a case is typed in, what its deadlines will say; those of a stored case tell it theirs."""
        typed = self.filtered(lambda case: not case.id)
        for case, planned in typed._plan_deadlines(AT_FILING).items():
            by_hand = case._origin.sudo().deadline_ids.filtered(lambda clock: clock.is_by_hand and not clock.outcome)
            if not by_hand:
                case.promised_on = self._find_first_day(planned, "promise")
            case.legal_due_on = self._find_first_day(planned, "legal")

    @api.model
    def _find_first_day(self, planned, purpose):
        days = [due.day for rule, _start, due in planned.values() if rule.purpose == purpose and due.day]
        return min(days, default=False)

    @api.depends("promised_on", "legal_due_on", "closed_date")
    def _compute_is_overdue(self):
        today, late_today = self._get_city_today(), set(self.env["civic.case.deadline"]._find_case_ids_late_today())
        for case in self:
            case.is_overdue = case._is_past_due(today) or (not case.closed_date and case._origin.id in late_today)

    def _is_past_due(self, today):
        """Return whether the promised day, or that of the law, is over without an answer."""
        due = self._get_next_due()
        return bool(due and not self.closed_date and due < today)

    def _get_next_due(self):
        return min(filter(None, (self.promised_on, self.legal_due_on)), default=None)

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        today, late_today = self._get_city_today(), self.env["civic.case.deadline"]._find_case_ids_late_today()
        passed = Domain("promised_on", "<", today) | Domain("legal_due_on", "<", today) | Domain("id", "in", late_today)
        overdue = Domain("closed_date", "=", False) & passed
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.model
    def _search_is_paused(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self._get_city_today()
        stands = Domain("date_from", "<=", today) & (Domain("last_day", "=", False) | Domain("last_day", ">=", today))
        paused = Domain("closed_date", "=", False) & Domain("pause_ids", "any", stands)
        return Domain.OR(paused if wanted else ~paused for wanted in value)

    @api.depends("promised_on", "legal_due_on", "closed_date", "team_id", "pause_ids.date_from", "pause_ids.date_to")
    @api.depends("deadline_ids.due_at", "deadline_ids.outcome")
    @api.depends_context("lang")
    def _compute_clock(self):
        """Say in words how much time is left: in working days of the department, or in the hours of the term."""
        today = self._get_city_today()
        in_hours = self._read_hour_clocks()
        for case in self:
            stands = case.pause_ids.browse() if case.closed_date else case.pause_ids._find_of_day(today)
            case.is_paused = bool(stands)
            case.has_open_pause = any(not pause.date_to for pause in case.pause_ids)
            case.clock_state, case.clock_text = (
                (False, False) if case.closed_date else case._tell_clock(today, stands, in_hours.get(case._origin.id))
            )

    def _tell_clock(self, today, stands, in_hours=None):
        """Return ``(state, text)`` of one open case; both False when nothing is due.

        :param stands: the pauses of today
        :param in_hours: the first of its open deadlines in hours (superuser), if it has one
        """
        due = self._get_next_due()
        told = in_hours and in_hours.due_date == due and not stands and self._tell_hours(in_hours)
        if told:
            return told
        if due and due < today:
            return "late", self._tell_late(due, today)
        if stands and (not self.legal_due_on or any(stands.mapped("stops_legal"))):
            return "paused", self.env._("paused")
        if not due:
            return False, False
        if due == today:
            return "today", self.env._("due today")
        left = self._get_calendar().count_working(today, due)
        if left == 1:
            return "soon", self.env._("1 working day left")
        return ("soon" if left < 3 else "running"), self.env._("%(days)s working days left", days=left)

    def _tell_late(self, due, today):
        days = self._get_calendar().count_working(due, today)
        if days > 1:
            return self.env._("%(days)s working days late", days=days)
        return self.env._("1 working day late") if days else self.env._("late")

    @api.depends("legal_due_on", "closed_date", "deadline_ids.due_date", "deadline_ids.outcome")
    @api.depends_context("lang")
    def _compute_silence_text(self):
        today = self._get_city_today()
        for case in self:
            passed = case.deadline_ids.filtered(
                lambda clock: (
                    clock.silence != "none" and not clock.outcome and clock.due_date and clock.due_date < today
                )
            )[:1]
            day = passed and format_date(self.env, passed.due_date)
            if passed.silence == "positive":
                case.silence_text = self.env._(
                    "The term passed on %(day)s without an answer: by law the request counts as granted.", day=day
                )
            elif passed.silence == "negative":
                case.silence_text = self.env._(
                    "The term passed on %(day)s without an answer: by law the citizen may take the request as"
                    " refused and appeal. The answer is owed all the same.",
                    day=day,
                )
            else:
                case.silence_text = False

    # ------------------------------------------------------------------
    # create, write
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        given = [vals.get("promised_on") for vals in vals_list]
        cases = super().create(vals_list)
        cases._start_deadlines_of_new(given)
        return cases

    def write(self, vals):
        """Closing settles the deadlines, reopening reopens them; another service is another promise."""
        if self.env.context.get("civic_clock") is BY_THE_CLOCK:
            return super().write(vals)
        closes = {"stage_id", "closed_date"} & vals.keys()
        were_closed = self.filtered("closed_date") if closes else self.browse()
        result = super().write(vals)
        if PLANNED_BY & vals.keys():
            self.filtered(lambda case: not case.closed_date)._replan_deadlines(restart="filed_at" in vals)
        if "promised_on" in vals:
            self._promise_by_hand(fields.Date.to_date(vals["promised_on"]) or False)
        if closes:
            are_closed = self.filtered("closed_date")
            (are_closed - were_closed)._settle_deadlines()
            (were_closed - are_closed)._reopen_deadlines()
        return result

    def action_resume_clock(self):
        """End the pause in which the clock stands."""
        self.ensure_one()
        pause = self.pause_ids.filtered(lambda pause: not pause.date_to)
        if not pause:
            raise UserError(self.env._("The clock of this case runs."))
        return pause.action_resume()

    # ------------------------------------------------------------------
    # planning
    # ------------------------------------------------------------------

    def _plan_deadlines(self, triggers, start=None, keep_start=False, is_new=False):
        """Return ``{case: {(purpose, trigger): (RuleFacts, start, Due)}}``: what the rules say of each case.

        :param triggers: the triggers asked for; what a complaint begins is only a complaint's
        :param datetime start: when the clock begins, naive UTC; by default when the case was filed
        :param bool keep_start: let what runs already go on from where it began
        :param bool is_new: the cases were created a moment ago: the database is not asked what runs
        """
        plans, clocks, places = {case: {} for case in self}, [], []
        known = {}  # of a thousand cases that are filed at once, most ask the same
        for case in self:
            stored = self.browse() if is_new else case._origin.sudo()
            running = {(clock.purpose, clock.trigger): clock for clock in stored._get_running()}
            began = start or case.filed_at or fields.Datetime.now()
            asked = (case.company_id, case.category_id, case.kind, case.team_id, began)
            if asked not in known:
                rules = case._find_rules(triggers, began)
                known[asked] = [(key, rule, case._get_calendar(rule.calendar_id)) for key, rule in rules.items()]
            for key, rule, calendar in known[asked]:
                clock = running.get(key)
                kept = clock.start_at if clock and keep_start else began
                extensions = clock._get_extensions() if clock else ()
                pauses = stored.pause_ids._get_pauses(rule.purpose) if stored else ()
                clocks.append((rule.term, kept.replace(tzinfo=UTC), calendar, pauses, extensions))
                places.append((case, key, rule, kept))
        answers = self.env["civic.case.deadline"]._count_clocks(clocks)
        for (case, key, rule, kept), due in zip(places, answers, strict=True):
            plans[case][key] = (rule, kept, due)
        return plans

    def _get_running(self):
        """Return the open deadlines of one case; a case that is not stored has none, and asks nothing."""
        return self.deadline_ids.filtered(lambda clock: not clock.outcome)

    def _find_rules(self, triggers, start):
        company = self.company_id or self.env.company
        day = start.replace(tzinfo=UTC).astimezone(company._get_city_zone()).date()
        found = self.env["civic.deadline.rule"]._find_rules(company.id, self.category_id.id, self.kind, day)
        return {
            key: rule
            for key, rule in found.items()
            if key[1] in triggers and (key[1] != "complaint" or self.kind == "complaint")
        }

    def _get_calendar_id(self, of_rule=False):
        """Return the calendar of a rule, or else the department's or the city's."""
        company = self.company_id or self.env.company
        return of_rule or self.env["helpdesk.ticket.team"]._find_calendar_id(self.team_id.id, company.id)

    def _get_calendar(self, of_rule=False):
        company = self.company_id or self.env.company
        return self.env["resource.calendar"]._get_legal_calendar(self._get_calendar_id(of_rule), company.id)

    # ------------------------------------------------------------------
    # beginning
    # ------------------------------------------------------------------

    def _start_deadlines_of_new(self, given):
        """Store the deadlines of cases just created, all of them in one insert.

        :param list given: the promised day that was passed for each case, or None
        """
        cases, vals_list = self.sudo(), []
        plans = cases._plan_deadlines(AT_FILING, is_new=True)
        for (case, planned), day in zip(plans.items(), given, strict=True):
            day = fields.Date.to_date(day)
            promise = planned.get(PROMISE)
            if day and not (promise and promise[2].day == day):
                vals_list.append(case._prepare_by_hand_vals(day))
                planned.pop(PROMISE, None)
            vals_list += [case._prepare_deadline_vals(*plan) for plan in planned.values()]
        if not vals_list:
            return
        clocks = cases.env["civic.case.deadline"]._insert_plain(vals_list)
        cases.invalidate_recordset(["deadline_ids"], flush=False)
        if closed := cases.filtered("closed_date"):
            clocks.filtered(lambda clock: clock.case_id in closed)._settle()

    def _start_deadlines(self, trigger, start=None):
        """Begin, or begin anew, what *trigger* sets going: a registration, a complaint, an appeal.

        Doing it twice changes nothing; deadlines set by hand stay.

        :param str trigger: of ``civic.deadline.rule``
        :param datetime start: naive UTC; by default when the case was filed
        """
        open_cases = self.sudo().filtered(lambda case: not case.closed_date)
        open_cases._apply_plans(open_cases._plan_deadlines((trigger,), start=start), drop=False)

    def _replan_deadlines(self, restart=False):
        """Follow the rules after the service, the kind or the day of filing has changed.

        :param bool restart: the day of filing changed: what ran begins from there
        """
        cases = self.sudo()
        cases._apply_plans(cases._plan_deadlines(AT_FILING, keep_start=not restart), drop=True)

    def _apply_plans(self, plans, drop):
        """Make the open deadlines what was planned; those set by hand stay.

        :param bool drop: end those that no rule asks for any more
        """
        Deadline = self.env["civic.case.deadline"]
        # what the citizen was promised holds whoever has the case now
        handed_over = self.env.context.get("civic_hand_over_reason")
        new, dropped = [], Deadline.browse()
        for case, planned in plans.items():
            for clock in case._get_running():
                key = (clock.purpose, clock.trigger)
                if clock.is_by_hand or (handed_over and clock.purpose == "promise"):
                    planned.pop(key, None)
                elif key in planned:
                    clock._change(case._prepare_deadline_vals(*planned.pop(key)))
                elif drop and clock.trigger in AT_FILING:
                    dropped |= clock
            new += [case._prepare_deadline_vals(*plan) for plan in planned.values()]
        dropped.write({"outcome": "dropped", "closed_on": self._get_city_today()})
        if new:  # one of each sort is open: what was dropped has to be known before
            Deadline.flush_model(["outcome"])
            Deadline.create(new)
        self._publish_deadlines()

    def _prepare_deadline_vals(self, rule, start, due):
        """Return the values of a deadline as ``rule`` (``RuleFacts``) makes it, begun at *start* (naive UTC)."""
        company = self.company_id or self.env.company
        return {
            "case_id": self.id,
            "company_id": company.id,
            "rule_id": rule.id,
            "purpose": rule.purpose,
            "trigger": rule.trigger,
            "silence": rule.silence,
            "amount": rule.term.amount,
            "unit": rule.term.unit,
            "counted_from": rule.term.counted_from,
            "calendar_id": self._get_calendar_id(rule.calendar_id),
            "warn_days": rule.warn_days,
            "start_at": start,
            "start_date": start.replace(tzinfo=UTC).astimezone(company._get_city_zone()).date(),
            **self.env["civic.case.deadline"]._prepare_due_vals(due, rule.warn_days),
        }

    def _prepare_by_hand_vals(self, day):
        """Return the values of a promise that staff makes for a day of its own choice."""
        rule = self.env["civic.deadline.rule"]._make_promise_facts(0)
        return {
            **self._prepare_deadline_vals(rule, self.filed_at, Due(day or None)),
            "is_by_hand": True,
            "given_date": day,
            "given_on": self._get_city_today(),
        }

    def _promise_by_hand(self, day):
        """Let a promise be what staff wrote, unless it is what the clock says anyway.

        :param day: a date, or False: nothing is promised any more
        """
        new = []
        cases = self.sudo().filtered(lambda case: not case.closed_date)
        for case in cases:
            promise = case._get_running().filtered(lambda clock: (clock.purpose, clock.trigger) == PROMISE)
            if (promise.due_date or False) == day:
                continue
            vals = case._prepare_by_hand_vals(day)
            if promise:
                promise._change({name: vals[name] for name in SET_BY_HAND})
            else:
                new.append(vals)
        cases.env["civic.case.deadline"].create(new)
        cases._publish_deadlines()

    # ------------------------------------------------------------------
    # moving and ending
    # ------------------------------------------------------------------

    def _move_deadlines(self):
        """Count the open deadlines again, after a pause."""
        # sudo: the clock moves by itself; whoever paused it has been checked
        self.sudo().deadline_ids._move()

    def _publish_deadlines(self):
        """Tell the cases the days that their deadlines say; what no deadline ever said stays."""
        days = defaultdict(list)
        for clock in self.sudo().deadline_ids:
            said = days[clock.case_id.id, clock.purpose]
            if clock.due_date and clock.outcome != "dropped":
                said.append(clock.due_date)
        for case in self.with_context(civic_clock=BY_THE_CLOCK, tracking_disable=True):
            moved = {}
            for purpose, name in (("promise", "promised_on"), ("legal", "legal_due_on")):
                if (case.id, purpose) in days:
                    day = min(days[case.id, purpose], default=False)
                    if case[name] != day:
                        moved[name] = day
            if moved:
                case.write(moved)

    def _settle_deadlines(self):
        """End the clock of cases just closed, and the pause in which it may stand."""
        cases = self.sudo()
        for case in cases:
            day = case._to_city_time(case.closed_date).date()
            pauses = case.pause_ids.filtered(lambda pause: not pause.date_to)
            for pause in pauses:
                pause.write({"date_to": max(day, pause.date_from)})
        cases._get_running()._settle()

    def _reopen_deadlines(self):
        cases = self.sudo()
        cases.deadline_ids.filtered(lambda clock: clock.outcome in ENDED)._reopen()
        cases._replan_deadlines()

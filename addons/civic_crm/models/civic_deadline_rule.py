# SPDX-License-Identifier: AGPL-3.0-or-later
from collections import namedtuple
from datetime import UTC

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..core import deadline
from ..core.deadline import Term
from .helpdesk_ticket_category import KINDS

PURPOSES = [("promise", "Promise of the city"), ("legal", "Term set by law")]
TRIGGERS = [
    ("registered", "A case is filed or registered"),
    ("complaint", "A complaint is filed"),
    ("appeal", "An appeal is filed"),
]
UNITS = [
    (deadline.WORKING_DAYS, "Working days"),
    (deadline.NATURAL_DAYS, "Natural days"),
    (deadline.MONTHS, "Months, from date to date"),
    (deadline.YEARS, "Years, from date to date"),
    (deadline.LEGAL_HOURS, "Hours: all those of working days"),
    (deadline.OFFICE_HOURS, "Hours: those in which the office is open"),
    (deadline.ELAPSED_HOURS, "Hours: on the clock, day and night"),
]
COUNTED_FROM = [
    (deadline.FILING, "The moment of filing"),
    (deadline.NEXT_WORKING_DAY, "The next working day, when filed on a day off"),
]
SILENCE = [
    ("none", "None"),
    ("positive", "Granted by silence"),
    ("negative", "Refused by silence"),
]

#: What is kept in memory of a rule: all that planning a deadline needs.
RuleFacts = namedtuple("RuleFacts", "id purpose trigger term calendar_id silence warn_days date_from date_to")


class CivicDeadlineRule(models.Model):
    """By when a case is answered: what the city promises, or the law demands.

    Of the rules that fit a case, one for each purpose and trigger sets its deadline: that of the nearest service,
    then that of the kind of case, then the first in the list. A new version of a rule begins where the old one
    ends; deadlines that run keep what they began with.
    """

    _name = "civic.deadline.rule"
    _inherit = "civic.kept.in.memory"
    _description = "Deadline rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company, index="btree_not_null")

    # for which cases, since when
    purpose = fields.Selection(
        PURPOSES,
        required=True,
        default="promise",
        help="A promise is shown to the citizen as the day of the answer. A term set by law can have an effect"
        " when it passes, and the citizen is told of it by letter.",
    )
    trigger = fields.Selection(
        TRIGGERS, string="Begins when", required=True, default="registered", help="What sets the clock going."
    )
    category_id = fields.Many2one(
        "helpdesk.ticket.category",
        string="Service",
        index="btree_not_null",
        ondelete="restrict",
        help="This service and those below it. Empty: all services.",
    )
    kind = fields.Selection(KINDS, string="Kind of case", help="Empty: all kinds.")
    date_from = fields.Date(string="Valid from", help="Of the cases filed from this day on. Empty: always.")
    date_to = fields.Date(string="Valid until", help="Of the cases filed up to this day. Empty: with no end.")

    # how long
    amount = fields.Integer(string="Term", required=True, default=10)
    unit = fields.Selection(UNITS, required=True, default=deadline.WORKING_DAYS)
    counted_from = fields.Selection(
        COUNTED_FROM,
        required=True,
        default=deadline.FILING,
        help="The city's own terms run from the moment of filing (Ley 39/2015, art. 31.2.c). What a citizen files on"
        " a day off counts as filed in the first hour of the next working day (art. 31.2.b).",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        ondelete="restrict",
        help="Which days work. Empty: the legal calendar of the case's department, or else the city's.",
    )

    # what follows
    silence = fields.Selection(
        SILENCE,
        string="Effect of silence",
        required=True,
        default="none",
        help="What the law takes for the answer when the term passes without one (Ley 39/2015, art. 24).",
    )
    legal_basis = fields.Char(
        translate=True, help="The law, ordinance or charter that says so. Quoted to the citizen in the letter."
    )
    warn_days = fields.Integer(
        string="Warn before (days)",
        default=2,
        help="So many natural days before the end the responsible person is warned. 0: on the day itself.",
    )
    preview = fields.Char(string="A case filed now", compute="_compute_preview")

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A term is at least 1 long. Enter 1 or more.")
    _warn_days_positive = models.Constraint(
        "CHECK (warn_days >= 0)", "Staff is warned on the day itself (0) or a number of days before it."
    )
    _dates_ordered = models.Constraint(
        "CHECK (date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "A rule cannot end before it begins. Correct “Valid from” or “Valid until”.",
    )

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("amount", "unit", "counted_from", "calendar_id", "company_id")
    @api.depends_context("lang")
    def _compute_preview(self):
        now = fields.Datetime.now()
        for rule in self:
            try:
                due = rule._get_due(now)
            except ValueError:
                rule.preview = self.env._("This term cannot be counted: see the calendar.")
                continue
            day = format_date(self.env, due.day, date_format="EEEE d MMMM y")
            if due.at:
                at = f"{due.at:%H:%M}"
                rule.preview = self.env._("is due on %(day)s at %(at)s", day=day, at=at)
            else:
                rule.preview = self.env._("is due on %(day)s", day=day)

    def _get_due(self, moment):
        """Return the ``Due`` of a case filed at *moment* (naive UTC), without pauses.

        :raises ValueError: when the term cannot be counted in the calendar
        """
        company = self.company_id or self.env.company
        calendar_id = self.calendar_id.id or self.env["helpdesk.ticket.team"]._find_calendar_id(False, company.id)
        calendar = self.env["resource.calendar"]._get_legal_calendar(calendar_id, company.id)
        return deadline.due(self._get_term(), fields.Datetime.to_datetime(moment).replace(tzinfo=UTC), calendar)

    def _get_term(self):
        return Term(self.amount, self.unit, self.counted_from)

    # ------------------------------------------------------------------
    # checks
    # ------------------------------------------------------------------

    @api.constrains("calendar_id", "company_id", "active")
    def _check_calendar(self):
        for rule in self.filtered("active"):
            if not rule.calendar_id and not (rule.company_id or self.env.company).legal_calendar_id:
                raise ValidationError(
                    self.env._(
                        "The rule “%(rule)s” has no calendar to count in, and the city has no legal calendar."
                        " Choose a calendar in the rule, or set the city's under Configuration ‣ Deadlines ‣"
                        " Public holidays.",
                        rule=rule.name,
                    )
                )

    @api.constrains("amount", "unit", "counted_from", "calendar_id", "purpose", "silence")
    def _check_term(self):
        for rule in self:
            if rule.unit == deadline.LEGAL_HOURS and rule.purpose == "legal" and rule.amount > 24:
                raise ValidationError(
                    self.env._(
                        "By law a term in hours is not longer than 24 (Ley 39/2015, art. 30.1): give it in days."
                    )
                )
            if rule.silence != "none" and rule.purpose != "legal":
                raise ValidationError(
                    self.env._("A promise has no effect of silence; only a term set by law has one. Set it to None.")
                )
            try:
                rule._get_due(fields.Datetime.now())
            except (ValueError, OverflowError) as error:
                raise ValidationError(
                    self.env._(
                        "The term of “%(rule)s” cannot be counted: it lies too far ahead, or its calendar has"
                        " no working days. Shorten it, or give the calendar working hours.",
                        rule=rule.name,
                    )
                ) from error

    @api.constrains("purpose", "trigger", "category_id", "kind", "company_id", "date_from", "date_to", "active")
    def _check_versions(self):
        for rule in self.filtered("active"):
            same = Domain(
                [
                    ("id", "!=", rule.id),
                    ("purpose", "=", rule.purpose),
                    ("trigger", "=", rule.trigger),
                    ("category_id", "=", rule.category_id.id),
                    ("kind", "=", rule.kind),
                    ("company_id", "=", rule.company_id.id),
                ]
            )
            if rule.date_to:
                same &= Domain("date_from", "=", False) | Domain("date_from", "<=", rule.date_to)
            if rule.date_from:
                same &= Domain("date_to", "=", False) | Domain("date_to", ">=", rule.date_from)
            if other := self.search(same, limit=1):
                raise ValidationError(
                    self.env._(
                        "“%(rule)s” and “%(other)s” hold for the same cases at the same time. End the older one"
                        " (Valid until) on the day before the newer one begins.",
                        rule=rule.name,
                        other=other.name,
                    )
                )

    # ------------------------------------------------------------------
    # which rule holds
    # ------------------------------------------------------------------

    @api.model
    def _find_rules(self, company_id, category_id, kind, day):
        """Return ``{(purpose, trigger): RuleFacts}``: what holds for a case filed on *day* (a date of the city)."""
        found = {}
        for rule in self._get_candidates(company_id, category_id, kind):
            if (not rule.date_from or rule.date_from <= day) and (not rule.date_to or day <= rule.date_to):
                found.setdefault((rule.purpose, rule.trigger), rule)
        return found

    @api.model
    @tools.ormcache("company_id", "category_id", "kind")
    def _get_candidates(self, company_id, category_id, kind):
        """Return the ``RuleFacts`` that fit, whatever the day, the most particular first.

        A service's own promise in working days stands behind every rule made for it or above it.
        """
        # sudo: whoever files a case is promised what holds
        service = self.env["helpdesk.ticket.category"].sudo().browse(category_id or [])
        above = [int(number) for number in (service.parent_path or "").split("/") if number]
        rules = self.sudo().search(
            [
                ("company_id", "in", [False, company_id]),
                ("category_id", "in", [False, *above]),
                ("kind", "in", [False, kind]),
            ]
        )
        nearness = {number: place for place, number in enumerate(above, 1)}
        rules = rules.sorted(lambda rule: (-nearness.get(rule.category_id.id, 0), not rule.kind, not rule.company_id))
        facts = [rule._get_facts() for rule in rules]
        if service.promise_days:
            facts.append(self._make_promise_facts(service.promise_days))
        return tuple(facts)

    def _get_facts(self):
        return RuleFacts(
            self.id,
            self.purpose,
            self.trigger,
            self._get_term(),
            self.calendar_id.id,
            self.silence,
            self.warn_days,
            self.date_from,
            self.date_to,
        )

    @api.model
    def _make_promise_facts(self, days):
        """Return what a service's own ``promise_days`` say, as a rule would."""
        warn_days = self._fields["warn_days"].default(self)
        return RuleFacts(False, "promise", "registered", Term(days), False, "none", warn_days, False, False)

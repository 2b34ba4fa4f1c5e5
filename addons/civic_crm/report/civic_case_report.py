# SPDX-License-Identifier: AGPL-3.0-or-later
import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from . import case_figures
from .case_figures import RATIOS

#: What a row counts, in the order of the table's columns.
DIMENSIONS = (
    "company_id",
    "month",
    "team_id",
    "category_id",
    "civic_zone_id",
    "channel_id",
    "kind",
    "outcome_id",
)


class CivicCaseReport(models.Model):
    """Cases counted by month, department, service, zone, channel, kind and outcome.

    A million cases are some ten thousand rows here, so that a pivot answers at once. The rows are written anew by
    a cron (every quarter of an hour); ``refreshed_at`` says when. What each figure means stands in its field's help,
    and in SQL in ``case_figures.py``, which the workbook uses too. Averages and shares are weighted by what they
    stand for, never averages of averages. The front desk's finished enquiries are rows without a department.
    """

    _name = "civic.case.report"
    _description = "Cases in figures"
    _log_access = False
    _order = "month desc, id"
    _rec_name = "month"

    _dimensions = DIMENSIONS

    company_id = fields.Many2one("res.company", readonly=True)
    month = fields.Date(
        string="Filed in", readonly=True, index=True, help="First day of the month, in the city's time."
    )
    team_id = fields.Many2one("helpdesk.ticket.team", string="Department", readonly=True, index=True)
    category_id = fields.Many2one("helpdesk.ticket.category", string="Service", readonly=True, index=True)
    civic_zone_id = fields.Many2one("civic.zone", string="Zone", readonly=True, index=True)
    channel_id = fields.Many2one("helpdesk.ticket.channel", readonly=True)
    kind = fields.Selection(
        lambda self: self.env["helpdesk.ticket"]._fields["kind"]._description_selection(self.env), readonly=True
    )
    outcome_id = fields.Many2one("civic.case.outcome", readonly=True)

    cases = fields.Integer(
        string="Cases filed", readonly=True, aggregator="sum", help="Cases filed in the month, open and closed."
    )
    open_cases = fields.Integer(string="Open", readonly=True, aggregator="sum", help="Of these, not closed yet.")
    overdue = fields.Integer(
        readonly=True,
        aggregator="sum",
        help="Of these, open although the promise, or a term set by law, had passed at the last refresh.",
    )
    closed = fields.Integer(readonly=True, aggregator="sum", help="Of these, closed by now.")
    answered = fields.Integer(
        readonly=True, aggregator="sum", help="Cases in which somebody of the city has written to the citizen."
    )

    # the promise and the law
    settled = fields.Integer(
        string="Promises settled",
        readonly=True,
        aggregator="sum",
        help="Promises that are kept or broken by now: closed cases with a promised day, and overdue ones. What was"
        " withdrawn or turned out to be a duplicate in time is neither.",
    )
    kept = fields.Integer(
        string="Promises kept",
        readonly=True,
        aggregator="sum",
        help="Closed on the promised day or before; a promise in hours, by its hour.",
    )
    legal_settled = fields.Integer(
        string="Legal terms settled",
        readonly=True,
        aggregator="sum",
        help="Terms set by law that are kept or broken by now, counted as the promises are.",
    )
    legal_kept = fields.Integer(
        string="Legal terms kept",
        readonly=True,
        aggregator="sum",
        help="Closed on the last day that the law gives, or before.",
    )
    closed_promised = fields.Integer(readonly=True, aggregator=None)

    # how it ended
    ended = fields.Integer(
        string="Ever closed", readonly=True, aggregator="sum", help="Closed at least once, open again or not."
    )
    reopened = fields.Integer(
        readonly=True, aggregator="sum", help="Cases opened again at least once, by the citizen or by staff."
    )
    judged = fields.Integer(
        string="Answers to “Is it fixed?”",
        readonly=True,
        aggregator="sum",
        help="Cases whose citizen was asked and has answered, or let the days for it pass.",
    )
    confirmed = fields.Integer(
        string="Confirmed fixed", readonly=True, aggregator="sum", help="The citizen said that it is fixed."
    )
    assumed = fields.Integer(
        string="Assumed fixed", readonly=True, aggregator="sum", help="The citizen was asked and let the days pass."
    )
    denied = fields.Integer(
        string="Not fixed",
        readonly=True,
        aggregator="sum",
        help="The citizen said at least once that it was not fixed, whatever came later.",
    )
    rated = fields.Integer(
        string="Ratings", readonly=True, aggregator="sum", help="Cases that their citizen has rated."
    )

    # the front desk
    enquiries = fields.Integer(
        readonly=True,
        aggregator="sum",
        help="Enquiries received in the month that the front desk has finished, without spam. They have no department.",
    )
    first_contacts = fields.Integer(
        string="Answered at first contact",
        readonly=True,
        aggregator="sum",
        help="Enquiries answered by whoever took them, of which no case was made, and the person did not come back.",
    )

    # what is divided
    days_sum = fields.Float(readonly=True, aggregator=None)
    gap_sum = fields.Float(readonly=True, aggregator=None)
    hours_sum = fields.Float(readonly=True, aggregator=None)
    rating_sum = fields.Float(readonly=True, aggregator=None)

    # averages and shares
    kept_share = fields.Float(
        string="Promises kept (%)",
        compute="_compute_ratios",
        aggregator="avg",
        help="Promises kept, of those that are settled.",
    )
    legal_kept_share = fields.Float(
        string="Legal terms kept (%)",
        compute="_compute_ratios",
        aggregator="avg",
        help="Terms set by law that were kept, of those that are settled.",
    )
    days_to_close = fields.Float(
        string="Days to close",
        compute="_compute_ratios",
        aggregator="avg",
        help="Average of natural days between filing and closing, of the closed cases.",
    )
    days_after_promise = fields.Float(
        string="Days after the promise",
        compute="_compute_ratios",
        aggregator="avg",
        help="Average of natural days from the promised day to the closing, of the closed cases that had one;"
        " below zero they were closed before it.",
    )
    hours_to_answer = fields.Float(
        string="Hours to the first answer",
        compute="_compute_ratios",
        aggregator="avg",
        help="Average of hours between filing and the first message of the city to the citizen.",
    )
    reopen_rate = fields.Float(
        string="Reopened (%)",
        compute="_compute_ratios",
        aggregator="avg",
        help="Cases opened again at least once, of those that were ever closed.",
    )
    confirmed_share = fields.Float(
        string="Confirmed fixed (%)",
        compute="_compute_ratios",
        aggregator="avg",
        help="Cases whose citizen said that it is fixed, of those with an answer or with silence. Silence is no yes"
        " here.",
    )
    satisfaction = fields.Float(
        compute="_compute_ratios",
        aggregator="avg",
        help="Average of the citizens' last ratings: 5 good, 3 so-so, 1 bad; 0 where nobody has rated.",
    )
    first_contact_share = fields.Float(
        string="At first contact (%)",
        compute="_compute_ratios",
        aggregator="avg",
        help="Enquiries answered at first contact, of those finished.",
    )
    refreshed_at = fields.Datetime(readonly=True, help="When these figures were counted.")

    # ------------------------------------------------------------------
    # reading
    # ------------------------------------------------------------------

    @api.depends(*sorted({name for part, whole, _factor in RATIOS.values() for name in (part, whole)}))
    def _compute_ratios(self):
        for row in self:
            for name, (part, whole, factor) in RATIOS.items():
                row[name] = row[part] * factor / row[whole] if row[whole] else 0

    def _read_group_select(self, aggregate_spec, query):
        name, _separator, aggregator = aggregate_spec.partition(":")
        if name not in RATIOS or aggregator != "avg":
            return super()._read_group_select(aggregate_spec, query)
        part, whole, factor = RATIOS[name]
        # the rights to read a field and what it is made of are the same: none is restricted
        return SQL(
            "SUM(%s) * %s::float / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, part, query),
            factor,
            self._field_to_sql(self._table, whole, query),
        )

    def action_open_cases(self):
        """Open the cases that these rows count, as the user may see them; of the front desk's rows, the enquiries."""
        if not any(self.mapped("cases")):
            return self._open_enquiries()
        domain = Domain.OR(row._get_case_domain() for row in self)
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_crm.helpdesk_ticket_action")
        return dict(action, domain=list(domain), context={"active_test": False}, view_mode="list,form,kanban,pivot")

    def _open_enquiries(self):
        domain = Domain.OR(row._get_enquiry_domain() for row in self)
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_crm.crm_lead_action_enquiries")
        return dict(action, domain=list(domain), context={"active_test": False}, view_mode="list,form,kanban")

    def _get_enquiry_domain(self):
        self.ensure_one()
        first, after = self._get_month_in_utc()
        same = ((name, "=", self[name].id) for name in ("category_id", "civic_zone_id", "channel_id"))
        return Domain(
            [
                ("is_enquiry", "=", True),
                ("enquiry_state", "=", "done"),
                ("enquiry_outcome_id.kind", "!=", "spam"),
                ("received_at", ">=", first),
                ("received_at", "<", after),
                *same,
            ]
        )

    def _get_case_domain(self):
        self.ensure_one()
        first, after = self._get_month_in_utc()
        others = (name for name in self._dimensions if name != "month")
        same = ((name, "=", self[name].id if name.endswith("_id") else self[name]) for name in others)
        return Domain([("parent_case_id", "=", False), ("filed_at", ">=", first), ("filed_at", "<", after), *same])

    def _get_month_in_utc(self):
        """Return the moments (naive UTC) at which the row's month begins and is over in the city."""
        zone = (self.company_id or self.env.company)._get_city_zone()
        ends = (self.month, fields.Date.add(self.month, months=1))
        return [
            zone.localize(fields.Datetime.to_datetime(day)).astimezone(pytz.utc).replace(tzinfo=None) for day in ends
        ]

    # ------------------------------------------------------------------
    # counting
    # ------------------------------------------------------------------

    @api.model
    def _cron_refresh(self):
        self._refresh()

    @api.model
    def _refresh(self):
        """Count all cases anew, in two statements; readers see the old figures until the new ones are complete."""
        for model in ("helpdesk.ticket", "civic.case.deadline", "crm.lead"):
            self.env[model].flush_model()
        self.env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(self._table)))
        self.env.cr.execute(self._make_insert())
        self.invalidate_model()

    def _make_insert(self):
        """Return the statement: the cases' rows and, below them, the enquiries'; what one has not is 0 there."""
        of_cases, of_enquiries = self._get_measures(), case_figures.get_enquiry_measures()
        names = [*of_cases, *of_enquiries]
        return SQL(
            "INSERT INTO %s (%s) %s UNION ALL %s",
            SQL.identifier(self._table),
            SQL(", ").join(map(SQL.identifier, [*DIMENSIONS, *names, "refreshed_at"])),
            self._make_select(self._get_dimensions(), of_cases, names, case_figures.get_source()),
            self._make_select(
                case_figures.get_enquiry_dimensions(), of_enquiries, names, case_figures.get_enquiry_source()
            ),
        )

    def _make_select(self, dimensions, measures, names, source):
        return SQL(
            "SELECT %s FROM %s GROUP BY %s",
            SQL(", ").join(
                [
                    *(dimensions[name] for name in DIMENSIONS),
                    *(measures.get(name, SQL("0")) for name in names),
                    SQL("now() AT TIME ZONE 'UTC'"),
                ]
            ),
            source,
            SQL(", ").join(SQL(str(number)) for number in range(1, len(DIMENSIONS) + 1)),
        )

    def _get_dimensions(self):
        simple = {name: SQL.identifier("c", name) for name in DIMENSIONS}
        return simple | {"month": case_figures.get_month()}

    def _get_measures(self):
        """Hook: what is counted of cases, column → aggregate over the source."""
        return case_figures.get_measures()

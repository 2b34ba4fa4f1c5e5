# SPDX-License-Identifier: AGPL-3.0-or-later
import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

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
#: Averages and shares: field → (what is added up, by what it is divided, factor).
RATIOS = {
    "kept_share": ("kept", "settled", 100),
    "days_to_close": ("days_sum", "closed", 1),
    "hours_to_answer": ("hours_sum", "answered", 1),
}


class CivicCaseReport(models.Model):
    """Cases counted by month, department, service, zone, channel, kind and outcome.

    A million cases are some ten thousand rows here, so that a pivot answers at once. The rows are written anew by
    a cron (every quarter of an hour); ``refreshed_at`` says when. What each figure means stands in its field's help.
    Averages and shares are weighted by what they stand for, never averages of averages.
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

    cases = fields.Integer(readonly=True, aggregator="sum", help="Cases filed in the month.")
    open_cases = fields.Integer(string="Open", readonly=True, aggregator="sum", help="Of these, not closed yet.")
    overdue = fields.Integer(
        readonly=True, aggregator="sum", help="Of these, open although the promised day was over at the last refresh."
    )
    closed = fields.Integer(readonly=True, aggregator="sum", help="Of these, closed by now.")
    settled = fields.Integer(
        string="Promises settled",
        readonly=True,
        aggregator="sum",
        help="Promises that are kept or broken by now: closed cases with a promised day, and overdue ones.",
    )
    kept = fields.Integer(
        string="Promises kept", readonly=True, aggregator="sum", help="Closed on the promised day or before."
    )
    answered = fields.Integer(
        readonly=True, aggregator="sum", help="Cases in which somebody of the city has written to the citizen."
    )
    days_sum = fields.Float(readonly=True, aggregator=None)
    hours_sum = fields.Float(readonly=True, aggregator=None)

    kept_share = fields.Float(
        string="Promises kept (%)",
        compute="_compute_ratios",
        aggregator="avg",
        help="Promises kept, of those that are settled.",
    )
    days_to_close = fields.Float(
        string="Days to close",
        compute="_compute_ratios",
        aggregator="avg",
        help="Average of natural days between filing and closing, of the closed cases.",
    )
    hours_to_answer = fields.Float(
        string="Hours to the first answer",
        compute="_compute_ratios",
        aggregator="avg",
        help="Average of hours between filing and the first message of the city to the citizen.",
    )
    refreshed_at = fields.Datetime(readonly=True, help="When these figures were counted.")

    # ------------------------------------------------------------------
    # reading
    # ------------------------------------------------------------------

    @api.depends("kept", "settled", "days_sum", "closed", "hours_sum", "answered")
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
        """Open the cases that these rows count, as the user may see them."""
        domain = Domain.OR(row._get_case_domain() for row in self)
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_crm.helpdesk_ticket_action")
        return dict(action, domain=list(domain), context={"active_test": False}, view_mode="list,form,kanban,pivot")

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
        self.env["helpdesk.ticket"].flush_model()
        self.env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(self._table)))
        self.env.cr.execute(self._make_insert())
        self.invalidate_model()

    def _make_insert(self):
        columns = [*self._dimensions, *self._get_measures(), "refreshed_at"]
        return SQL(
            "INSERT INTO %(table)s (%(columns)s) SELECT %(select)s FROM %(source)s GROUP BY %(groups)s",
            table=SQL.identifier(self._table),
            columns=SQL(", ").join(map(SQL.identifier, columns)),
            select=SQL(", ").join(
                [*self._get_dimensions().values(), *self._get_measures().values(), SQL("now() AT TIME ZONE 'UTC'")]
            ),
            source=self._get_source(),
            groups=SQL(", ").join(SQL("%s", SQL(str(number + 1))) for number in range(len(self._dimensions))),
        )

    def _get_source(self):
        """Return the cases that count, contributions between departments left out; ``today`` is the city's."""
        return SQL(
            """
            helpdesk_ticket AS c
            LEFT JOIN res_company AS company ON company.id = c.company_id
            LEFT JOIN resource_calendar AS calendar ON calendar.id = company.resource_calendar_id
            CROSS JOIN LATERAL (SELECT COALESCE(calendar.tz, 'UTC') AS name) AS zone
            CROSS JOIN LATERAL (
                SELECT (now() AT TIME ZONE zone.name)::date AS today,
                       (c.filed_at AT TIME ZONE 'UTC' AT TIME ZONE zone.name)::date AS filed_on,
                       (c.closed_date AT TIME ZONE 'UTC' AT TIME ZONE zone.name)::date AS closed_on
            ) AS local
            WHERE c.parent_case_id IS NULL
            """
        )

    def _get_dimensions(self):
        simple = {name: SQL.identifier("c", name) for name in DIMENSIONS}
        return simple | {"month": SQL("date_trunc('month', local.filed_on)::date")}

    def _get_measures(self):
        """Return what is counted: column → aggregate over the source."""
        late = SQL("c.closed_date IS NULL AND c.promised_on < local.today")
        settled = SQL("c.promised_on IS NOT NULL AND (c.closed_date IS NOT NULL OR c.promised_on < local.today)")
        return {
            "cases": SQL("count(*)"),
            "open_cases": SQL("count(*) FILTER (WHERE c.closed_date IS NULL)"),
            "overdue": SQL("count(*) FILTER (WHERE %s)", late),
            "closed": SQL("count(c.closed_date)"),
            "settled": SQL("count(*) FILTER (WHERE %s)", settled),
            "kept": SQL("count(*) FILTER (WHERE local.closed_on <= c.promised_on)"),
            "answered": SQL("count(c.first_answered_at)"),
            "days_sum": SQL("COALESCE(sum(EXTRACT(epoch FROM c.closed_date - c.filed_at)), 0) / 86400"),
            "hours_sum": SQL("COALESCE(sum(EXTRACT(epoch FROM c.first_answered_at - c.filed_at)), 0) / 3600"),
        }

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from . import case_figures

#: What the short table tells apart.
DIMENSIONS = ("company_id", "month", "team_id", "category_id")


class CivicCaseReport(models.Model):
    """Figures by department, service and month are read from the short table, which a pivot scans in no time.

    A large city has some hundred thousand different combinations of all dimensions; most questions are about these
    few. Who asks notices nothing: the same figures, under the same rules.
    """

    _inherit = "civic.case.report"

    @api.model
    def _refresh(self):
        result = super()._refresh()
        self.env["civic.case.report.service"]._refresh()
        return result

    def _read_group(self, domain, groupby=(), aggregates=(), having=(), **options):
        table = self._choose_table(domain, groupby)
        if table != self:
            return table._read_group(domain, groupby, aggregates, having, **options)
        return super()._read_group(domain, groupby, aggregates, having, **options)

    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        table = self._choose_table(domain, {spec for groupby in grouping_sets for spec in groupby})
        if table != self:
            return table._read_grouping_sets(domain, grouping_sets, aggregates, order)
        return super()._read_grouping_sets(domain, grouping_sets, aggregates, order)

    def _choose_table(self, domain, groupby):
        asked = {spec.partition(":")[0] for spec in groupby}
        asked |= {condition.field_expr for condition in Domain(domain).iter_conditions()}
        return self.env["civic.case.report.service"] if asked <= set(DIMENSIONS) else self


class CivicCaseReportService(models.Model):
    """The cases in figures, added up over zones, channels, kinds and outcomes, whose columns are empty here."""

    _name = "civic.case.report.service"
    _inherit = "civic.case.report"
    _description = "Cases in figures by service"
    _log_access = False

    _dimensions = DIMENSIONS

    row_count = fields.Integer(readonly=True, aggregator=None, help="Rows of the long table that were added up.")

    @api.model
    def _refresh(self):
        """Add up the long table, which has been counted just before."""
        self.env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(self._table)))
        self.env.cr.execute(self._make_insert())
        self.invalidate_model()

    def _choose_table(self, domain, groupby):
        return self

    def _read_group_select(self, aggregate_spec, query):
        """A count of rows is one of the long table's."""
        if aggregate_spec == "__count":
            return SQL("COALESCE(SUM(%s), 0)::bigint", self._field_to_sql(self._table, "row_count", query))
        return super()._read_group_select(aggregate_spec, query)

    def _make_insert(self):
        names = [*case_figures.get_measures(), *case_figures.get_enquiry_measures()]
        added = [SQL("SUM(%s)", SQL.identifier("c", name)) for name in names]
        return SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s AS c GROUP BY %s",
            SQL.identifier(self._table),
            SQL(", ").join(map(SQL.identifier, [*DIMENSIONS, *names, "row_count", "refreshed_at"])),
            SQL(", ").join(
                [
                    *(SQL.identifier("c", name) for name in DIMENSIONS),
                    *added,
                    SQL("count(*)"),
                    SQL("now() AT TIME ZONE 'UTC'"),
                ]
            ),
            SQL.identifier(self.env["civic.case.report"]._table),
            SQL(", ").join(SQL(str(number)) for number in range(1, len(DIMENSIONS) + 1)),
        )

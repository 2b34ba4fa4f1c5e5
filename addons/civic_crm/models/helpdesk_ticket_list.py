# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists of a large city: what is shown first is found by an index, however many cases there are."""

from odoo import api, models
from odoo.fields import Domain

from ..core import tracking_code

#: Trees that cases are searched by, with all that lies below the branch.
BRANCHES = ("category_id", "civic_zone_id", "team_id")


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # PostgreSQL takes them for Odoo's "active IS TRUE" only when they say the same
    _list_idx = models.Index("(promised_on, priority DESC, id DESC) WHERE active IS TRUE")
    _filed_idx = models.Index("(filed_at DESC) WHERE active IS TRUE")
    # a column of the board, and what stands above it: counted without reading the cases
    _open_board_idx = models.Index(
        "(stage_id, promised_on, priority DESC, id DESC) INCLUDE (company_id, rating_last_value, denial_count)"
        " WHERE active IS TRUE AND closed_date IS NULL"
    )
    # with the company, so that the cases of a service are counted without reading them
    _service_idx = models.Index(
        "(category_id, promised_on, priority DESC, id DESC) INCLUDE (company_id) WHERE active IS TRUE"
    )

    # beside the one for parts of a number: padded numbers share most of their parts
    _number_idx = models.Index("(number)")

    @api.model
    def _search(self, domain, *args, **kwargs):
        return super()._search(Domain(domain).map_conditions(self._resolve_branch), *args, **kwargs)

    @api.model
    def _search_display_name(self, operator, value):
        """Whoever types a whole number, code or registry entry wants that case; a part of one is looked for in all."""
        if operator == "ilike" and isinstance(value, str) and value.strip():
            whole = value.strip().upper()
            code = tracking_code.normalise(value)
            # sudo: whether there is one; which cases may be read is a question to the cases' own rules
            everywhere = self.sudo().with_context(active_test=False)
            entry = Domain("company_id", "in", self.env.companies.ids) & Domain("registry_number", "=", whole)
            for named in (Domain("number", "=", whole), entry, Domain("tracking_code", "=", code)):
                if ids := everywhere._search(named).get_result_ids():
                    return Domain("id", "in", ids)
        return super()._search_display_name(operator, value)

    @api.model
    def _resolve_branch(self, condition):
        """Name the departments, services and zones of a branch by their ids.

        The ORM joins their table and compares paths, for which PostgreSQL knows no index of cases.
        """
        if condition.operator != "child_of" or condition.field_expr not in BRANCHES or not condition.value:
            return condition
        ids = [condition.value] if isinstance(condition.value, int | str) else condition.value
        if not all(isinstance(each, int) for each in ids):
            return condition  # names, for which the ORM looks
        # sudo: as the ORM does; which cases may be read is a question to the cases' own rules
        tree = self.env[self._fields[condition.field_expr].comodel_name].sudo().with_context(active_test=False)
        return Domain(condition.field_expr, "in", tree._search([("id", "child_of", ids)]).get_result_ids())

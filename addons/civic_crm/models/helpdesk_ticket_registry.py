# SPDX-License-Identifier: AGPL-3.0-or-later
"""The registry of entries: which cases are official filings, and their numbers."""

import pytz

from odoo import api, fields, models


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    registry_number = fields.Char(
        string="Registry entry",
        readonly=True,
        copy=False,
        index="trigram",
        help="Given once, without gaps within a year, to what counts as an official filing.",
    )
    registered_at = fields.Datetime(string="Registered", readonly=True, copy=False)

    _registry_number_unique = models.UniqueIndex("(company_id, registry_number) WHERE registry_number IS NOT NULL")

    def _complete_create_vals(self, vals_list):
        result = super()._complete_create_vals(vals_list)
        due = {}
        for vals in vals_list:
            company = self._find_company_of(vals)
            service = self.env["helpdesk.ticket.category"].browse(vals.get("category_id"))
            kind = vals.get("kind") or self.env.context.get("default_kind")
            kind = kind or service._get_public_facts()["kind"] or "notice"
            is_contribution = vals.get("parent_case_id")  # the citizen's own entry is the main case's
            if not (is_contribution or vals.get("registry_number")) and self._is_official(service, kind, company):
                due.setdefault(company, []).append(vals)
        for company, batch in due.items():
            for vals, entry in zip(batch, self._draw_entries(company, len(batch)), strict=True):
                vals.update(entry)
        return result

    def write(self, vals):
        """A case that turns out to be an official filing is registered then; no entry is ever taken back."""
        result = super().write(vals)
        if "kind" in vals or "category_id" in vals:
            self._register_due()
        return result

    def _register_due(self):
        """Enter those of the batch in the registry that belong there and are not in it."""
        due = self.sudo().filtered(
            lambda case: (
                not (case.registry_number or case.parent_case_id)
                and self._is_official(case.category_id, case.kind, case.company_id)
            )
        )
        for company, cases in due.grouped("company_id").items():
            for case, entry in zip(cases.sorted("id"), self._draw_entries(company, len(cases)), strict=True):
                case.write(entry)

    def _is_official(self, service, kind, company):
        """An aviso is not automatically a solicitud: the kind decides, or the service for its own kind."""
        facts = service._get_public_facts()
        if facts["kind"] == kind:
            return facts["is_registered"]
        return kind in company._get_case_settings()["registered_kinds"]

    def _find_company_of(self, vals):
        """Return the company that the case made of *vals* will belong to; the base lets the department's win."""
        team = self.env["helpdesk.ticket.team"].browse(vals.get("team_id"))
        return team.company_id or self.env["res.company"].browse(vals.get("company_id") or self.env.company.id)

    @api.model
    def _draw_entries(self, company, count):
        """Return *count* entries as values of cases, in order; the year is the one it is in the city."""
        now = fields.Datetime.now()
        year = pytz.utc.localize(now).astimezone(company._get_city_zone()).year
        prefix = company._get_case_settings()["registry_prefix"]
        # sudo: nobody draws but by filing
        numbers = self.env["civic.registry.counter"].sudo()._draw(company, year, count)
        parts = (str(year), prefix) if prefix else (str(year),)
        return [{"registry_number": "-".join((*parts, f"{number:06d}")), "registered_at": now} for number in numbers]

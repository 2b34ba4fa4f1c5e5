# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..report.case_workbook import CaseWorkbook


class CivicCaseWorkbook(models.TransientModel):
    """Which cases go into the managers' workbook."""

    _name = "civic.case.workbook"
    _description = "Workbook of cases"

    filed_from = fields.Date(string="Filed from", default=lambda self: fields.Date.add(fields.Date.today(), years=-1))
    filed_until = fields.Date(string="Filed until", help="This day included. Empty: until now.")
    state = fields.Selection(
        [("all", "Open and closed"), ("open", "Open only"), ("closed", "Closed only")], default="all", required=True
    )
    team_ids = fields.Many2many("helpdesk.ticket.team", string="Departments", help="With those below them.")
    category_ids = fields.Many2many("helpdesk.ticket.category", string="Services", help="With those below them.")
    zone_ids = fields.Many2many("civic.zone", string="Zones", help="With those inside them.")
    personal = fields.Boolean(
        string="With personal data",
        help="Names, e-mail addresses and telephones of the citizens. Take them only where the work needs them.",
    )
    may_take_personal = fields.Boolean(compute="_compute_may_take_personal")
    case_count = fields.Integer(string="Cases", compute="_compute_case_count")

    @api.depends_context("uid")
    def _compute_may_take_personal(self):
        self.may_take_personal = self.env.user.has_group("civic_crm.group_identity")

    @api.depends("filed_from", "filed_until", "state", "team_ids", "category_ids", "zone_ids")
    def _compute_case_count(self):
        Case = self.env["helpdesk.ticket"].with_context(active_test=False)
        for wizard in self:
            wizard.case_count = Case.search_count(wizard._get_domain())

    @api.constrains("filed_from", "filed_until")
    def _check_period(self):
        for wizard in self:
            if wizard.filed_from and wizard.filed_until and wizard.filed_until < wizard.filed_from:
                raise ValidationError(self.env._("The period ends before it begins: change one of the two days."))

    def action_download(self):
        self.ensure_one()
        self._check_export()
        return {"type": "ir.actions.act_url", "url": f"/civic/cases/{self.id}.xlsx", "target": "download"}

    def _check_export(self):
        """Refuse whoever may not take data out.

        :raises AccessError: without the right to export, or to personal data where they are asked for
        """
        if not self.env.user.has_group("base.group_allow_export"):
            raise AccessError(
                self.env._("You may look at the cases but not take them out. Ask for the right to export.")
            )
        if self.personal and not self.may_take_personal:
            raise AccessError(self.env._("You may not take personal data out. Untick “With personal data”."))

    def _get_domain(self):
        self.ensure_one()
        domain = Domain("parent_case_id", "=", False)
        for operator, day in (
            (">=", self.filed_from),
            ("<", self.filed_until and fields.Date.add(self.filed_until, days=1)),
        ):
            if day:
                domain &= Domain("filed_at", operator, self._begin_of(day))
        if self.state != "all":
            domain &= Domain("closed_date", "=" if self.state == "open" else "!=", False)
        for field, records in self._get_trees():
            if records:
                domain &= Domain(field, "child_of", records.ids)
        return domain

    def _get_trees(self):
        return (
            ("team_id", self.team_ids),
            ("category_id", self.category_ids),
            ("civic_zone_id", self.zone_ids),
        )

    def _begin_of(self, day):
        """Return the moment (naive UTC) at which *day* begins in the city."""
        zone = self.env.company._get_city_zone()
        local = zone.localize(fields.Datetime.to_datetime(day))
        return (local - local.utcoffset()).replace(tzinfo=None)

    def _get_criteria(self):
        """Return what was asked for as ``(label, text)`` pairs in the user's language."""
        labels = self.fields_get(["state", "team_ids", "category_ids", "zone_ids"], ["string", "selection"])
        from_day, until = (day and format_date(self.env, day) for day in (self.filed_from, self.filed_until))
        return [
            (self.env._("Filed"), f"{from_day or '…'} – {until or '…'}"),
            (self.env._("State"), dict(labels["state"]["selection"])[self.state]),
            *(
                (labels[name]["string"], ", ".join(self[name].mapped("display_name")) or self.env._("all"))
                for name in ("team_ids", "category_ids", "zone_ids")
            ),
            (self.env._("Cases"), f"{self.case_count}"),
        ]

    def _write_workbook(self, path):
        """Write the workbook to the file *path*, with what the user may see."""
        self.ensure_one()
        self._check_export()
        CaseWorkbook(self.env, self._get_domain(), self._get_criteria(), personal=self.personal).save(path)

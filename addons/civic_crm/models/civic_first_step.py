# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import UserError

#: What can be found out to be done, each by a method ``_is_<key>_done``.
CHECKS = [
    ("city", "The city's name, address and e-mail"),
    ("calendar", "Holidays of this year"),
    ("zones", "Zones"),
    ("departments", "Departments with members and a front desk"),
    ("services", "Services with a department"),
    ("mail", "Mail domain and city's address"),
    ("users", "Staff"),
    ("by_hand", "Whoever did it says so"),
]


class CivicFirstStep(models.Model):
    """A step of setting the city up, that sees by itself whether it is done.

    A city adds its own steps ("by hand"), and sets aside what it does not need.
    """

    _name = "civic.first.step"
    _description = "First step"
    _order = "sequence, id"

    sequence = fields.Integer(default=100)
    name = fields.Char(required=True, translate=True)
    explanation = fields.Char(translate=True, help="One sentence: what to do there and what it is good for.")
    check_kind = fields.Selection(
        CHECKS, string="Done when", required=True, default="by_hand", help="How the step knows that it is done."
    )
    action_id = fields.Many2one(
        "ir.actions.act_window", string="Opens", ondelete="set null", help="The place where it is done."
    )
    is_set_aside = fields.Boolean(string="Settled", help="Done or not needed here, whatever the check finds.")
    is_done = fields.Boolean(string="Done", compute="_compute_is_done")
    missing = fields.Char(compute="_compute_is_done", help="What there is, and what is still missing.")
    can_open = fields.Boolean(compute="_compute_can_open")

    @api.depends("check_kind", "is_set_aside")
    def _compute_is_done(self):
        findings = {kind: self._find_out(kind) for kind in set(self.mapped("check_kind"))}
        for step in self:
            done, step.missing = findings[step.check_kind]
            step.is_done = done or step.is_set_aside

    @api.depends("action_id")
    @api.depends_context("uid")
    def _compute_can_open(self):
        """Users and mail servers are the system administrator's, who need not be the city's."""
        for step in self:
            model = step.sudo().action_id.res_model
            step.can_open = bool(model) and self.env[model].has_access("write")

    def action_open(self):
        self.ensure_one()
        if not self.can_open:
            raise UserError(self.env._("This is done by whoever administers the server. Ask them for it."))
        # sudo: everybody may read an action that a menu could show
        return self.sudo().action_id._get_action_dict()

    def action_settle(self):
        """Say that it is done or not needed here, or take it back."""
        for step in self:
            step.is_set_aside = not step.is_set_aside

    @api.model
    def _find_out(self, kind):
        """Return ``(done, what is missing or there)`` for one of ``CHECKS``."""
        if kind == "by_hand":
            return False, False
        # sudo: only counts come out of it, for who may read the steps
        return getattr(self.sudo(), f"_check_{kind}")()

    def _check_city(self):
        company = self.env.company
        wanted = {"street": company.street, "city": company.city, "email": company.email}
        names = company.fields_get(list(wanted), ["string"])
        missing = [names[name]["string"] for name, value in wanted.items() if not value]
        return not missing, self.env._("Missing: %s", ", ".join(missing)) if missing else company.name

    def _check_calendar(self):
        year, company = self.env["helpdesk.ticket"]._get_city_today().year, self.env.company
        calendar = self.env["resource.calendar"]._get_legal_calendar(company.legal_calendar_id.id, company.id)
        count = sum(day.year == year for day in calendar.holidays) if company.legal_calendar_id else 0
        return bool(count), self.env._("%(count)s holidays in %(year)s", count=count, year=year)

    def _check_zones(self):
        count = self.env["civic.zone"].search_count([("kind", "!=", "city")])
        return bool(count), self.env._("%s zones", count)

    def _check_departments(self):
        teams = self.env["helpdesk.ticket.team"].search([("company_id", "in", [self.env.company.id, False])])
        empty = teams.filtered(lambda team: not team.user_ids)
        if not any(teams.mapped("is_front_desk")):
            return False, self.env._("No department is the front desk")
        if empty:
            return False, self.env._("Without members: %s", ", ".join(empty.mapped("name")))
        return True, self.env._("%s departments", len(teams))

    def _check_services(self):
        Service = self.env["helpdesk.ticket.category"]
        count = Service.search_count([])
        # as routing has it: a service without a department of its own is that of the one above
        answered = Service.search([("team_id.active", "=", True)])
        homeless = Service.search_count([("child_id", "=", False), "!", ("id", "child_of", answered.ids)])
        if homeless:
            return False, self.env._("%(homeless)s of %(count)s without department", homeless=homeless, count=count)
        return bool(count), self.env._("%s services", count)

    def _check_mail(self):
        company = self.env.company
        done = bool(company.alias_domain_id and company.email)
        return done, company.alias_domain_id.name or self.env._("No mail domain")

    def _check_users(self):
        staff = self.env.ref("civic_crm.group_worker").all_user_ids - self.env.ref("civic_crm.group_admin").all_user_ids
        return bool(staff), self.env._("%s colleagues work on cases", len(staff))

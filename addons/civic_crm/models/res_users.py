# SPDX-License-Identifier: AGPL-3.0-or-later
import secrets

from odoo import api, fields, models

#: Where Civic CRM opens, by the first role that somebody has: what answers "what do I do next?".
HOMES = [
    ("group_auditor", "helpdesk_ticket_team_action_overview"),
    ("group_manager", "helpdesk_ticket_team_action_overview"),
    ("group_agent", "helpdesk_ticket_action"),
    ("group_head", "helpdesk_ticket_action_people"),
    ("group_worker", "helpdesk_ticket_action_department"),
    ("group_service_manager", "helpdesk_ticket_category_action"),
]


class ResUsers(models.Model):
    _inherit = "res.users"

    takes_cases = fields.Boolean(
        string="Takes new cases",
        default=True,
        help="Off while away: departments that give new cases by rule pass over this person.",
    )
    civic_route_ids = fields.Many2many(
        "civic.service.route", "civic_service_route_user_rel", "user_id", "route_id", string="Named for"
    )
    civic_zone_ids = fields.Many2many(
        "civic.zone",
        string="My zones",
        compute="_compute_civic_zone_ids",
        inverse="_inverse_civic_zone_ids",
        help="Zones for which “Who answers where” names this person, for some or for all services. The filter “My"
        " zones” shows the cases of these zones and of the parts of them.",
    )

    @api.depends("civic_route_ids.zone_id")
    def _compute_civic_zone_ids(self):
        for user in self:
            # sudo: which zones somebody looks after is no secret
            user.civic_zone_ids = user.sudo().civic_route_ids.zone_id

    def _inverse_civic_zone_ids(self):
        """Name the person for all services of a new zone; take the name off all lines of one that is gone."""
        wanted = {user: user.civic_zone_ids for user in self}
        for user, zones in wanted.items():
            # sudo: whoever may write the person's settings says so
            lines = user.sudo().civic_route_ids
            new = zones - lines.zone_id
            for line in lines.filtered(lambda line, zones=zones: line.zone_id not in zones):
                line._leave_out(user)
            lines._name_for_all_services(user, new)

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "takes_cases", "civic_zone_ids"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        """Whoever goes on holiday says so."""
        return [*super().SELF_WRITEABLE_FIELDS, "takes_cases"]

    @api.model_create_multi
    def create(self, vals_list):
        """Whom staff invites is known by the address the invitation goes to."""
        users = super().create(vals_list)
        if any(vals.get("helpdesk_team_ids") for vals in vals_list):
            self.env.registry.clear_cache()
        if not self.env.user.share:
            for partner in users.partner_id.filtered(lambda p: not p.civic_trusted_email):
                partner.civic_trusted_email = partner.email_normalized
        return users

    def write(self, vals):
        """Who joins or leaves a department sees its cases, or no longer, at once: rules are kept in memory."""
        result = super().write(vals)
        if "helpdesk_team_ids" in vals:
            self.env.registry.clear_cache()
        return result

    def _get_case_team_ids(self):
        """Return the ids of the departments whose cases this user works on, ascending.

        The own departments; for those the user is the head of, and for whoever has the head's role,
        also all departments below. Used by record rules: what it reads clears the cache when it changes.
        """
        self.ensure_one()
        # sudo: what somebody may see does not depend on who asks
        user = self.sudo()
        Team = user.env["helpdesk.ticket.team"].with_context(active_test=False)
        own = user.with_context(active_test=False).helpdesk_team_ids
        headed = Team.search([("user_id", "=", user.id)])
        if user.has_group("civic_crm.group_head"):
            headed |= own
        below = Team.search([("id", "child_of", headed.ids)]) if headed else headed
        return sorted((own | below).ids)

    def _end_login(self):
        """End logins for good: nobody is logged in with them any more, no key and no invitation opens them again.

        Each goes to an archived entry of its own, as core merges no citizens who both have one, and frees its name.
        The caller has checked the right to.
        """
        for user in self.sudo():
            user.env["res.users.apikeys"].search([("user_id", "=", user.id)])._remove()
            user.partner_id.signup_cancel()
            shell = user.partner_id.create({"name": user.name, "active": False})
            user.with_context(no_reset_password=True, mail_notrack=True).write(
                {
                    "active": False,
                    "partner_id": shell.id,
                    "login": f"ended-{user.id}",
                    "password": secrets.token_urlsafe(32),
                }
            )

    def _is_at_front_desk(self):
        """Say whether the user belongs to a front desk: what has no department yet is theirs."""
        self.ensure_one()
        return any(self.sudo().helpdesk_team_ids.mapped("is_front_desk"))

    def _get_home_action(self):
        """Return the action with which Civic CRM opens for the current user: a dict for the web client.

        Who has none of its roles, but a menu that another addon added, opens that one.
        """
        for group, action in HOMES:
            if self.env.user.has_group(f"civic_crm.{group}"):
                return self.env["ir.actions.act_window"]._for_xml_id(f"civic_crm.{action}")
        root = self.env.ref("civic_crm.menu_root")
        below = self.env["ir.ui.menu"].search([("id", "child_of", root.id), ("id", "!=", root.id)])
        menu = below._filter_visible_menus().filtered("action")[:1]
        return menu.action._get_action_dict() if menu else False

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import Command, api, fields, models
from odoo.tools import SQL

from ..core import assignment
from .helpdesk_ticket import STAFF_ONLY


class HelpdeskTicket(models.Model):
    """New cases go to the people of their place or by their department's rule, a whole batch with one query."""

    _name = "helpdesk.ticket"
    _inherit = "helpdesk.ticket"

    assigned_by_rule = fields.Boolean(
        readonly=True,
        copy=False,
        groups=STAFF_ONLY,
        help="A rule gave it to its responsible, of the department or of the place; no person did.",
    )
    department_head_id = fields.Many2one(
        related="team_id.user_id", string="Head of the department", groups=STAFF_ONLY, related_sudo=True
    )

    _load_idx = models.Index("(user_id) WHERE closed_date IS NULL AND active IS TRUE")
    _turn_idx = models.Index("(team_id, user_id, assigned_date DESC, id DESC) WHERE assigned_date IS NOT NULL")

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases.sudo().filtered("assigned_by_rule")._subscribe_responsible_of_new()
        return cases

    def write(self, vals):
        if "user_id" in vals:
            vals = dict(vals, assigned_by_rule=False)
        return super().write(vals)

    @api.model
    def web_read_group(self, domain, groupby, *args, auto_unfold=False, opening_info=None, **options):
        """A board by responsible opens with the column of nobody's cases: those are what a head gives out.

        The web client folds the column of an empty value unless it is told that it is open.
        """
        if auto_unfold and not opening_info and list(groupby)[:1] == ["user_id"]:
            limit = options.get("unfold_read_default_limit", 80)
            opening_info = [{"value": False, "folded": False, "limit": limit, "offset": 0}]
        return super().web_read_group(
            domain, groupby, *args, auto_unfold=auto_unfold, opening_info=opening_info, **options
        )

    def _complete_create_vals(self, vals_list):
        result = super()._complete_create_vals(vals_list)
        self._assign_new(vals_list)
        return result

    def _assign_new(self, vals_list):
        """Put a responsible into the values of new cases: of the people of their place, or by the department's rule."""
        get_method = self.env["helpdesk.ticket.team"]._get_assign_method
        due = {}
        for vals in vals_list:
            if not vals.get("team_id") or self._is_responsible_given(vals):
                continue
            service = self.env["helpdesk.ticket.category"].browse(vals.get("category_id"))
            people = service._find_people(vals.get("civic_zone_id"))
            if people or get_method(vals["team_id"]) != "none":
                due.setdefault(vals["team_id"], []).append((vals, people))
        members = self._read_members(tuple(due)) if due else {}
        for team_id, batch in due.items():
            places = [people for _vals, people in batch]
            chosen = assignment.assign(get_method(team_id), members.get(team_id, []), places)
            for (vals, _people), user_id in zip(batch, chosen, strict=True):
                if user_id:
                    vals.update(user_id=user_id, assigned_by_rule=True)

    def _is_responsible_given(self, vals):
        """Return whether a person chose, or nobody is needed: what is filed as closed is nobody's."""
        return bool(vals.get("user_id") or self.env.context.get("default_user_id") or vals.get("closed_date"))

    @api.model
    def _read_members(self, team_ids):
        """Return ``{team id: [core.assignment.Member, …]}`` of those at work, in one query."""
        self.env["res.users"].flush_model(["active", "takes_cases"])
        self.env["helpdesk.ticket.team"].flush_model(["user_ids"])
        self.flush_model(["active", "assigned_date", "closed_date", "team_id", "user_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT member.helpdesk_ticket_team_id, person.id,
                       (SELECT count(*) FROM helpdesk_ticket
                         WHERE user_id = person.id AND closed_date IS NULL AND active IS TRUE),
                       last.assigned_date, last.id
                  FROM helpdesk_ticket_team_res_users_rel AS member
                  JOIN res_users AS person ON person.id = member.res_users_id
                   AND person.active IS TRUE AND person.takes_cases IS TRUE
                  LEFT JOIN LATERAL (
                       SELECT assigned_date, id FROM helpdesk_ticket
                        WHERE team_id = member.helpdesk_ticket_team_id AND user_id = person.id
                          AND assigned_date IS NOT NULL
                        ORDER BY assigned_date DESC, id DESC LIMIT 1) AS last ON TRUE
                 WHERE member.helpdesk_ticket_team_id IN %s
                """,
                team_ids,
            )
        )
        members = {}
        for team_id, user_id, load, last_date, last_id in rows:
            turn = (last_date, last_id) if last_date else None
            members.setdefault(team_id, []).append(assignment.Member(user_id, load, turn))
        return members

    def _message_auto_subscribe(self, updated_values, followers_existing_policy="skip"):
        """Whom the rule gives a case follows it, all of a batch at once, without a mail for each."""
        if updated_values.get("assigned_by_rule"):
            updated_values = dict(updated_values, user_id=False)
        return super()._message_auto_subscribe(updated_values, followers_existing_policy)

    def _subscribe_responsible_of_new(self):
        Followers = self.env["mail.followers"].sudo()
        wanted = {(case.id, case.user_id.partner_id.id) for case in self}
        known = Followers.search_fetch(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("partner_id", "in", [partner_id for _case_id, partner_id in wanted]),
            ],
            ["res_id", "partner_id"],
        )
        staffs, _internal, _external = self.env["mail.message.subtype"].sudo()._default_subtypes(self._name)
        new = wanted - {(follower.res_id, follower.partner_id.id) for follower in known}
        citizens = {(case.id, case.partner_id.id) for case in self}
        Followers.create(
            [
                {
                    "res_model": self._name,
                    "res_id": case_id,
                    "partner_id": partner_id,
                    "subtype_ids": [Command.set(staffs)],
                }
                for case_id, partner_id in sorted(new - citizens)
            ]
        )

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models, tools
from odoo.tools import formataddr

#: Longer headers are folded, which breaks some signatures of mail (core's limit for Reply-To).
REPLY_TO_LENGTH = 68


class HelpdeskTicketTeam(models.Model):
    """A department: the unit that answers."""

    _name = "helpdesk.ticket.team"
    _inherit = ["helpdesk.ticket.team", "civic.public.facts"]
    _description = "Department"
    _public_facts = ("name",)

    code = fields.Char(help="Short stable code of the department, used in open data.")
    is_front_desk = fields.Boolean(
        string="Front desk",
        help="Receives what has no department yet and files on behalf of citizens.",
    )
    service_ids = fields.One2many("helpdesk.ticket.category", "team_id", string="Services")

    overdue_count = fields.Integer(string="Overdue cases", compute="_compute_overdue_count")

    _code_unique = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another department has this code already. Give each department its own.",
    )

    def _compute_todo_tickets(self):
        """Count the open cases of each department's board, those below it included."""
        groups = self.env["helpdesk.ticket"]._read_group(
            [("team_id", "child_of", self.ids), ("closed_date", "=", False)],
            ["team_id", "user_id", "unattended", "priority"],
            ["__count"],
        )
        for team in self:
            mine = [row for row in groups if row[0].parent_path.startswith(team.parent_path or "-")]
            team.todo_ticket_count = sum(row[4] for row in mine)
            team.todo_ticket_count_unassigned = sum(row[4] for row in mine if not row[1])
            team.todo_ticket_count_unattended = sum(row[4] for row in mine if row[2])
            team.todo_ticket_count_high_priority = sum(row[4] for row in mine if row[3] == "3")

    def _compute_overdue_count(self):
        groups = self.env["helpdesk.ticket"]._read_group(
            [("team_id", "child_of", self.ids), ("is_overdue", "=", True)],
            ["team_id"],
            ["__count"],
        )
        for team in self:
            team.overdue_count = sum(
                count for below, count in groups if below.parent_path.startswith(team.parent_path or "-")
            )

    def action_open_board(self):
        """Open the department's case board."""
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_crm.helpdesk_ticket_action_board")
        action["display_name"] = self.name
        action["context"] = {"default_team_id": self.id, "search_default_open": 1}
        action["domain"] = [("team_id", "child_of", self.id)]
        return action

    @api.model
    @tools.ormcache("team_id", "self.env.company.id")
    def _get_first_stage_id(self, team_id):
        """Return the id of the stage in which a new case of department *team_id* (an id or False) begins."""
        return self.sudo().browse(team_id or [])._get_applicable_stages()[:1].id

    def _get_sender(self):
        """Return the formatted address in whose name the department writes, or False.

        It is the department's own alias, so that a reply reaches it; without one, the
        company's address under the department's name.
        """
        self.ensure_one()
        email = self.alias_email or self.company_id.email
        return formataddr((self.name, email)) if email else False

    def _notify_get_reply_to_formatted_email(self, record_email, author_id=False):
        """Replies go to the department, or the city; core would name the member of staff who wrote."""
        sender = self.sudo() if len(self) == 1 else self.env.company
        formatted = formataddr((sender.name, record_email))
        return formatted if len(formatted) <= REPLY_TO_LENGTH else record_email

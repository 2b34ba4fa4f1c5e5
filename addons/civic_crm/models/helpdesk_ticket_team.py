# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import formataddr

#: Longer headers are folded, which breaks some signatures of mail (core's limit for Reply-To).
REPLY_TO_LENGTH = 68
#: Roles that see the cases of all departments.
SEE_ALL_CASES = ("agent", "manager", "auditor")


def format_reply_to(name, address):
    """Return *address* under *name*, or alone where both would be too long for one line of a header."""
    formatted = formataddr((name, address))
    return formatted if len(formatted) <= REPLY_TO_LENGTH else address


class HelpdeskTicketTeam(models.Model):
    """A department: the unit that answers."""

    _name = "helpdesk.ticket.team"
    _inherit = ["helpdesk.ticket.team", "civic.public.facts", "civic.name.alone"]
    _description = "Department"
    _public_facts = ("name",)

    code = fields.Char(help="Short stable code of the department, used in open data.")
    parent_id = fields.Many2one(
        string="Part of",
        domain="['!', ('id', 'child_of', id)]",
        ondelete="restrict",
        help="The department above. Its head sees the cases of this one.",
    )
    child_ids = fields.One2many("helpdesk.ticket.team", "parent_id", string="Departments below")
    user_id = fields.Many2one(
        string="Head",
        domain="[('share', '=', False)]",
        tracking=True,
        help="Sees the cases of this department and of all below it, and is told of hand-overs.",
    )
    user_ids = fields.Many2many(
        string="Members",
        domain="[('share', '=', False)]",
        help="Work on the department's cases: they see all of them, and no other department's.",
    )
    is_front_desk = fields.Boolean(
        string="Front desk",
        help="Its members see the cases that have no department yet and give them one.",
    )
    tell_head = fields.Boolean(
        string="To-do for the head",
        default=True,
        help="When another department hands over a case or asks for a contribution, the head gets a to-do."
        " Off: it waits among the cases without responsible.",
    )
    service_ids = fields.One2many("helpdesk.ticket.category", "team_id", string="Services")
    legal_calendar_id = fields.Many2one(
        "resource.calendar",
        ondelete="restrict",
        help="Working days in which this department's deadlines are counted, if they are not the city's.",
    )

    cases_are_seen = fields.Boolean(
        string="Shows its cases",
        compute="_compute_cases_are_seen",
        help="To who is logged in; otherwise its figures would read as none.",
    )
    overdue_count = fields.Integer(string="Overdue cases", compute="_compute_overdue_count")

    _code_unique = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another department has this code already. Give each department its own.",
    )

    # ------------------------------------------------------------------
    # constraints
    # ------------------------------------------------------------------

    @api.constrains("user_id", "user_ids")
    def _check_staff(self):
        """Only staff works in a department: a citizen's login would be shown its cases."""
        for team in self.sudo():
            outsider = (team.user_id | team.user_ids).filtered("share")[:1]
            if outsider:
                raise ValidationError(
                    self.env._(
                        "%(person)s has a citizen's login and cannot work in %(department)s. Choose a colleague,"
                        " or make %(person)s an internal user first.",
                        person=outsider.name,
                        department=team.name,
                    )
                )

    @api.constrains("active")
    def _check_archive_empty(self):
        """Nothing waits in a department that nobody sees any more."""
        archived = self.filtered(lambda team: not team.active)
        if not archived:
            return
        # sudo: a case counts whoever may read it
        waiting = (
            self.env["helpdesk.ticket"]
            .sudo()
            ._read_group([("team_id", "in", archived.ids), ("closed_date", "=", False)], ["team_id"], ["__count"])
        )
        for team, count in waiting:
            raise ValidationError(
                self.env._(
                    "%(department)s still has %(count)s open cases. Hand them over or close them, then archive it.",
                    department=team.name,
                    count=count,
                )
            )

    def write(self, vals):
        if vals.get("parent_id"):
            self._check_no_circle(self.browse(vals["parent_id"]))
        return super().write(vals)

    def _check_no_circle(self, parent):
        """Refuse a department as a part of itself or of one of its parts, in words that help.

        Core would refuse it too, after the write and without saying which.
        """
        above = {int(label) for label in (parent.sudo().parent_path or "").split("/") if label}
        for team in self:
            if team.id in above:
                raise ValidationError(
                    self.env._(
                        "%(department)s cannot be a part of %(parent)s, which is a part of it. Choose a department"
                        " that stands above, or none.",
                        department=team.name,
                        parent=parent.sudo().complete_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        # sudo: a case counts whoever may read it
        if self.env["civic.case.custody"].sudo().search_count([("team_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("This department has had cases, which tell of it. Archive it instead of deleting it.")
            )

    # ------------------------------------------------------------------
    # counts and boards
    # ------------------------------------------------------------------

    def _get_board_domain(self):
        """Return the domain of a department's board: those below it, and at a front desk what is nobody's yet."""
        self.ensure_one()
        board = Domain("team_id", "child_of", self.id)
        return board | Domain("team_id", "=", False) if self.is_front_desk else board

    def _count_on_boards(self, domain, groupby=()):
        """Return, for each department, the rows of its board: ``(team, *groupby, count)``, in one query."""
        boards = Domain.OR(team._get_board_domain() for team in self)
        rows = self.env["helpdesk.ticket"]._read_group(boards & domain, ["team_id", *groupby], ["__count"])
        return {
            team: [
                row
                for row in rows
                if (row[0].parent_path.startswith(team.parent_path or "-") if row[0] else team.is_front_desk)
            ]
            for team in self
        }

    def _compute_todo_tickets(self):
        """Count the open cases of each department's board, those below it included."""
        groupby = ["user_id", "unattended", "priority"]
        for team, rows in self._count_on_boards(Domain("closed_date", "=", False), groupby).items():
            team.todo_ticket_count = sum(row[4] for row in rows)
            team.todo_ticket_count_unassigned = sum(row[4] for row in rows if not row[1])
            team.todo_ticket_count_unattended = sum(row[4] for row in rows if row[2])
            team.todo_ticket_count_high_priority = sum(row[4] for row in rows if row[3] == "3")

    def _compute_overdue_count(self):
        for team, rows in self._count_on_boards(Domain("is_overdue", "=", True)).items():
            team.overdue_count = sum(row[1] for row in rows)

    @api.depends_context("uid")
    def _compute_cases_are_seen(self):
        everywhere = any(self.env.user.has_group(f"civic_crm.group_{role}") for role in SEE_ALL_CASES)
        own = set(self.ids) if everywhere else set(self.env.user._get_case_team_ids())
        for team in self:
            team.cases_are_seen = team.id in own

    def action_open_board(self):
        """Open the department's case board."""
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_crm.helpdesk_ticket_action_board")
        action["display_name"] = self.name
        action["context"] = {"default_team_id": self.id, "search_default_open": 1}
        action["domain"] = list(self._get_board_domain())
        return action

    def _find_head(self):
        """Return the head of one department or none, or of the nearest above it that has one (``res.users``)."""
        team = self
        while team and not team.user_id:
            team = team.parent_id
        return team.user_id

    @api.model
    @tools.ormcache("team_id", "self.env.company.id")
    def _get_first_stage_id(self, team_id):
        """Return the id of the stage in which a new case of department *team_id* (an id or False) begins."""
        return self.sudo().browse(team_id or [])._get_applicable_stages()[:1].id

    @api.model
    @tools.ormcache("team_id", "company_id")
    def _find_calendar_id(self, team_id, company_id):
        """Return the id of the calendar in which department *team_id* (an id or False) counts its deadlines.

        It is the department's own, that of the nearest department above it, or the city's.
        """
        # sudo: whoever files a case is told when it is due
        team = self.sudo().browse(team_id or [])
        while team and not team.legal_calendar_id:
            team = team.parent_id
        company = self.env["res.company"].sudo().browse(company_id)
        return (team.legal_calendar_id or company.legal_calendar_id or company.resource_calendar_id).id

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
        return format_reply_to(sender.name, record_email)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whose a case is: department, responsible, departments it is shared with, hand-over."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import plaintext2html

from .helpdesk_ticket import STAFF_ONLY


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    shared_team_ids = fields.Many2many(
        "helpdesk.ticket.team",
        "civic_case_shared_team_rel",
        "case_id",
        "team_id",
        string="Shared with",
        copy=False,
        groups=STAFF_ONLY,
        help="Departments that read this case and write notes on it. They do not answer the citizen and do not"
        " close it.",
    )
    is_shared = fields.Boolean(
        compute="_compute_is_shared",
        store=True,
        precompute=True,
        groups=STAFF_ONLY,
        help="Stored: rules find the few shared cases by an index of their own.",
    )
    is_only_read = fields.Boolean(
        compute="_compute_is_only_read",
        groups=STAFF_ONLY,
        help="The reader may read it and not work on it: it is shared, or the reader audits.",
    )
    custody_ids = fields.One2many("civic.case.custody", "case_id", string="Who had it", groups=STAFF_ONLY)
    is_of_my_departments = fields.Boolean(
        compute="_compute_is_mine",
        search="_search_is_of_my_departments",
        groups=STAFF_ONLY,
        help="A case of a department I belong to or head, not one shared with it.",
    )
    is_in_my_zones = fields.Boolean(compute="_compute_is_mine", search="_search_is_in_my_zones", groups=STAFF_ONLY)

    _department_idx = models.Index(
        "(team_id, stage_id, promised_on, priority DESC, id DESC) WHERE active IS TRUE AND closed_date IS NULL"
    )
    _shared_idx = models.Index("(id) WHERE is_shared IS TRUE")

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("shared_team_ids")
    def _compute_is_shared(self):
        for case in self:
            case.is_shared = bool(case.shared_team_ids)

    @api.depends_context("uid")
    @api.depends("team_id")
    def _compute_is_only_read(self):
        mine = self.filtered(lambda case: not case.id) | self.filtered("id")._filtered_access("write")
        for case in self:
            case.is_only_read = case not in mine

    @api.depends()
    def _compute_team_id(self):
        """A department is given by the service or by a person; the base takes the responsible's first one."""
        for case in self:
            case.team_id = case.team_id

    @api.depends("team_id")
    def _compute_user_id(self):
        """Another department, another responsible: the receiving one decides who."""
        self.user_id = False

    @api.depends("team_id")
    def _compute_stage_id(self):
        """Keep the state where the new department has it too; one look-up per department."""
        for team, cases in self.grouped("team_id").items():
            applicable = team._get_applicable_stages()
            for case in cases:
                if case.stage_id not in applicable:
                    case.stage_id = applicable[:1]

    @api.depends_context("uid")
    def _compute_is_mine(self):
        for name in ("is_of_my_departments", "is_in_my_zones"):
            mine = self.filtered_domain(getattr(self, f"_search_{name}")("in", [True]))
            for case in self:
                case[name] = case in mine

    @api.model
    def _search_is_of_my_departments(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = Domain("team_id", "in", self.env.user._get_case_team_ids())
        return Domain.OR(mine if wanted else ~mine for wanted in value)

    @api.model
    def _search_is_in_my_zones(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = Domain("civic_zone_id", "child_of", self.env.user.civic_zone_ids.ids)
        return Domain.OR(mine if wanted else ~mine for wanted in value)

    # ------------------------------------------------------------------
    # constraints
    # ------------------------------------------------------------------

    @api.constrains("user_id")
    def _check_responsible_sees_it(self):
        """Whoever is responsible can open the case; one query per person who is not of its department."""
        for user, cases in self.sudo().filtered("user_id").grouped("user_id").items():
            is_worker = user.has_group("civic_crm.group_worker")
            doubtful = cases.filtered(lambda case, user=user: user not in case.team_id.user_ids) if is_worker else cases
            blind = self.browse(doubtful.ids).with_user(user)
            if is_worker:
                blind -= blind._filtered_access("read")
            if blind:
                case = blind[0].sudo()
                raise UserError(
                    self.env._(
                        "%(person)s does not see case %(case)s of %(department)s, so cannot be responsible for it."
                        " Choose a member of the department, add the person to it, or share the case with theirs.",
                        person=user.name,
                        department=case.team_id.name or self.env._("the front desk"),
                        case=case.number,
                    )
                )

    # ------------------------------------------------------------------
    # create and write
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        # sudo: the trail is nobody's to write
        self.env["civic.case.custody"].sudo()._begin(cases)
        return cases

    def write(self, vals):
        """Whatever changes the department passes the case on: trail, to-do, no eyes left behind."""
        if "team_id" in vals:
            moved = self.filtered(lambda case: case.team_id.id != (vals["team_id"] or False))
            if staying := self - moved:
                staying.write({name: value for name, value in vals.items() if name != "team_id"})
            if not moved:
                return True
        else:
            moved = self.browse()
        result = super(HelpdeskTicket, moved or self).write(vals)
        if moved:
            moved._after_move()
        if "shared_team_ids" in vals:
            # sudo: who may no longer read it need not be readable to who took it back
            self.sudo()._release_followers()
        if vals.get("filed_at"):
            # sudo: as in create
            self.env["civic.case.custody"].sudo()._begin_at(self, fields.Datetime.to_datetime(vals["filed_at"]))
        return result

    # ------------------------------------------------------------------
    # actions
    # ------------------------------------------------------------------

    def assign_to_me(self):
        """The base knows members only; whoever works on the case may take it."""
        self.check_access("write")
        self.write({"user_id": self.env.uid})

    def action_hand_over(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand over to another department"),
            "res_model": "civic.case.hand.over",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_ids": self.ids},
        }

    # ------------------------------------------------------------------
    # hand-over
    # ------------------------------------------------------------------

    def _hand_over(self, team, reason, service=None, user=None):
        """Give the cases to *team* for *reason*; thread, clock and promises go with them.

        The caller's right to write the cases is checked here.

        :param team: one ``helpdesk.ticket.team``
        :param service: one ``helpdesk.ticket.category`` where the old one was wrong
        :param user: one ``res.users`` of the receiving department
        :raises UserError: for a closed case, or the department that has it already
        """
        self.check_access("write")
        for case in self:
            if case.closed_date:
                raise UserError(
                    self.env._("Case %s is closed. Reopen it before handing it over.", case.number),
                )
            if case.team_id == team:
                raise UserError(
                    self.env._(
                        "%(department)s has case %(case)s already. Choose another department.",
                        department=team.name,
                        case=case.number,
                    )
                )
        vals = {"team_id": team.id, "user_id": user.id if user else False}
        if service:
            vals["category_id"] = service.id
        self.with_context(civic_hand_over_reason=reason).write(vals)

    def _leave_form(self, team):
        """Return the action that leaves the form of a case that *team* has now, and the user sees no more."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Handed over to %s.", team.name),
                "next": self.env["ir.actions.act_window"]._for_xml_id("civic_crm.helpdesk_ticket_action_department")
                | {"target": "main"},
            },
        }

    def _after_move(self):
        """Keep the trail, tell the receiving department, and let nobody follow who may no longer read."""
        # sudo: whoever handed the case over may not read it any more
        cases = self.sudo()
        reason = self.env.context.get("civic_hand_over_reason")
        cases.env["civic.case.custody"]._pass_on(cases, reason)
        cases._release_followers()
        for team, theirs in cases.grouped("team_id").items():
            theirs._tell_department(team, self.env._("Handed over to you"), reason)

    def _tell_department(self, team, summary, note=None, date_deadline=None):
        """Plan a to-do for the head of *team*, where the department wants it; in one batch.

        Without a head, or where the head does not want it, the case waits in the department's queue of
        cases without responsible.

        :param str note: plain text
        :param date_deadline: the day by which it is to be seen to; today if nothing is given
        """
        head = team.user_id
        if not head or not team.tell_head or head == self.env.user:
            return self.env["mail.activity"]
        return self._plan_to_do(head, summary, note, date_deadline)

    def _plan_to_do(self, user, summary, note=None, date_deadline=None):
        """Plan a to-do on each case for *user*, in one batch, in silence."""
        to_do = self.env["mail.activity"].with_context(mail_activity_quick_update=True)
        return to_do.create(
            [
                {
                    "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": case.id,
                    "user_id": user.id,
                    "summary": summary,
                    "note": plaintext2html(note) if note else False,
                    "date_deadline": date_deadline or self._get_city_today(),
                }
                for case in self
            ]
        )

    def _release_followers(self):
        """Colleagues who may no longer read a case follow it no longer: they would be sent its notes."""
        followers = self.message_partner_ids.user_ids.filtered(lambda user: not user.share)
        for user in followers:
            blind = self - self.with_user(user)._filtered_access("read")
            if not blind:
                continue
            blind.message_unsubscribe(user.partner_id.ids)
            blind.activity_ids.filtered(lambda activity, user=user: activity.user_id == user).unlink()

    # ------------------------------------------------------------------
    # notes of those it is shared with
    # ------------------------------------------------------------------

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Departments a case is shared with may post on it; ``message_post`` lets them write notes only."""
        operations = super()._mail_get_operation_for_mail_message_operation(message_operation)
        user = self.env.user
        if message_operation == "create" and user.has_group("civic_crm.group_worker"):
            mine = set(user._get_case_team_ids())
            # sudo: the answer is which right is asked for, not the right
            shared = self.sudo().filtered(lambda case: case.is_shared and mine & set(case.shared_team_ids._ids))
            operations.update(dict.fromkeys(self & shared.with_env(self.env), "read"))
        return operations

    def message_post(self, **kwargs):
        """Only who may write the case says something to the citizen; others write notes, to colleagues."""
        if not self.env.su and not self.has_access("write"):
            self._check_note_of_reader(kwargs)
        return super().message_post(**kwargs)

    def _check_note_of_reader(self, kwargs):
        note_id = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")
        subtypes = {kwargs.get("subtype_xmlid") or "mail.mt_note", kwargs.get("subtype_id") or note_id}
        partners = self.env["res.partner"].sudo().browse(kwargs.get("partner_ids") or ())
        if (
            subtypes - {"mail.mt_note", note_id}
            or kwargs.get("outgoing_email_to")
            or any(partners.mapped("partner_share"))
        ):
            raise AccessError(
                self.env._(
                    "Your department reads this case and may write notes to colleagues on it."
                    " What the citizen is told, the department says that has the case."
                )
            )

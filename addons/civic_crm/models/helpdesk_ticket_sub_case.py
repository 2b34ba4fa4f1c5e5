# SPDX-License-Identifier: AGPL-3.0-or-later
"""Contributions: what a case asks of other departments, each a case of its own below it."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .civic_case_deadline import NOTHING_OWED
from .helpdesk_ticket import STAFF_ONLY

#: Facts that a contribution has from its main case, always the same as there.
SHARED_FACTS = ("name", "description", "place", "civic_zone_id", "latitude", "longitude", "kind")


class HelpdeskTicket(models.Model):
    """A sub-case is a case between departments: own clock, state and number, and no citizen.

    It has no tracking code, no citizen and no address, which the database refuses to hold: so nothing that
    shows, counts or mails by them can reach it. What was asked and where is the main case's, kept the same
    by writing there; its documents and its citizen are read there, with which the department is shared.
    """

    _inherit = "helpdesk.ticket"

    parent_case_id = fields.Many2one(
        "helpdesk.ticket",
        string="Main case",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
        groups=STAFF_ONLY,
        help="The case for which this contribution is asked. Only that one is the citizen's.",
    )
    asked_for = fields.Text(
        string="What is asked",
        copy=False,
        groups=STAFF_ONLY,
        help="What the other department needs from this one.",
    )
    asked_by_id = fields.Many2one("res.users", string="Asked by", readonly=True, copy=False, groups=STAFF_ONLY)
    sub_case_ids = fields.One2many("helpdesk.ticket", "parent_case_id", string="Contributions", groups=STAFF_ONLY)
    sub_case_count = fields.Integer(
        compute="_compute_sub_case_count", string="Contributions asked", compute_sudo=True, groups=STAFF_ONLY
    )
    open_sub_case_count = fields.Integer(
        compute="_compute_sub_case_count", string="Contributions open", compute_sudo=True, groups=STAFF_ONLY
    )
    parent_team_id = fields.Many2one(related="parent_case_id.team_id", string="Department that asks", groups=STAFF_ONLY)
    parent_attachment_ids = fields.One2many(
        related="parent_case_id.attachment_ids", string="Documents of the main case", groups=STAFF_ONLY
    )

    stage_before_end_id = fields.Many2one(
        "helpdesk.ticket.stage",
        string="State before the main case ended",
        readonly=True,
        copy=False,
        groups=STAFF_ONLY,
        help="Set on a contribution that ended with its main case; opening that one again opens it too.",
    )

    _sub_case_is_nobodys = models.Constraint(
        "CHECK (parent_case_id IS NULL OR (partner_id IS NULL AND partner_email IS NULL AND tracking_code IS NULL))",
        "A contribution has no citizen of its own: the citizen's case is the main one.",
    )

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("sub_case_ids.closed_date")
    def _compute_sub_case_count(self):
        groups = self._read_group(
            [("parent_case_id", "in", self.ids)], ["parent_case_id"], ["__count", "closed_date:count"]
        )
        counts = {case.id: (total, total - closed) for case, total, closed in groups}
        for case in self:
            case.sub_case_count, case.open_sub_case_count = counts.get(case.id, (0, 0))

    # ------------------------------------------------------------------
    # create and write
    # ------------------------------------------------------------------

    def _complete_create_vals(self, vals_list):
        """What a sub-case has not: a code to follow it by, and a citizen."""
        for vals in vals_list:
            if vals.get("parent_case_id"):
                vals.update(
                    tracking_code=False, partner_id=False, partner_email=False, partner_name=False, partner_phone=False
                )
        return super()._complete_create_vals(vals_list)

    def write(self, vals):
        facts = {name: vals[name] for name in self._get_shared_facts() if name in vals}
        if facts and not self.env.su:
            self._check_facts_are_own()
        self._check_closing_past_the_wizard(vals)
        open_before = self._get_open_sub_cases(vals)
        closed_before = self.filtered("closed_date") if vals.get("stage_id") else self.browse()
        result = super().write(vals)
        if facts:
            self._pass_facts_on(facts)
        if {"team_id", "shared_team_ids"} & set(vals):
            self._share_with_family()
        if open_before:
            open_before.filtered("closed_date")._tell_main_case()
        self._end_contributions_with(vals)
        closed_before.filtered(lambda case: not case.closed_date)._reopen_sub_cases()
        return result

    def _end_contributions_with(self, vals):
        """A case that nobody wants answered any more, however it was closed, wants no contributions either."""
        outcome = self.env["civic.case.outcome"].browse(vals.get("stage_id") and vals.get("outcome_id"))
        if outcome._get_public_facts()["kind"] in NOTHING_OWED:
            self._close_sub_cases(outcome, self.env.context.get("civic_sub_case_reason"))

    @api.model
    def _get_shared_facts(self):
        """Return the names of the fields that sub-cases have from their main case."""
        return SHARED_FACTS

    def _check_facts_are_own(self):
        # sudo: whether it is a sub-case decides the message, the right to write is checked by the ORM
        sub_case = self.sudo().filtered("parent_case_id")[:1]
        if sub_case:
            raise UserError(
                self.env._(
                    "What was asked and where is written on the main case, %s: all departments read the same there.",
                    sub_case.parent_case_id.number,
                )
            )

    def _check_closing_past_the_wizard(self, vals):
        """A case is not closed as resolved by an automation while a contribution is open."""
        outcome = self.env["civic.case.outcome"].browse(vals.get("outcome_id"))
        if outcome and "civic_closing" not in self.env.context:
            self._check_may_close(outcome, None)

    def _get_open_sub_cases(self, vals):
        """Return those of the cases that may now be closed and are awaited elsewhere (superuser)."""
        if not vals.get("stage_id"):
            return self.sudo().browse()
        return self.sudo().filtered(lambda case: case.parent_case_id and not case.closed_date)

    def _pass_facts_on(self, facts):
        # sudo: the facts are the main case's, its departments' sub-cases only show them
        sub_cases = self.sudo().with_context(active_test=False).search([("parent_case_id", "in", self.ids)])
        if sub_cases:
            sub_cases.write(facts)

    def _share_with_family(self):
        """Main case and contributions are read by each other's departments, whoever has them now.

        Those who contributed once go on reading. Taking them off while they contribute is undone.
        """
        # sudo: sharing follows from asking, which has been checked
        family = self.sudo().with_context(active_test=False)
        sub_cases = family.filtered("parent_case_id") | family.search([("parent_case_id", "in", self.ids)])
        for sub_case in sub_cases:
            main = sub_case.parent_case_id
            for case, team in ((main, sub_case.team_id), (sub_case, main.team_id)):
                if team and team not in case.shared_team_ids:
                    case.shared_team_ids = [Command.link(team.id)]

    # ------------------------------------------------------------------
    # actions
    # ------------------------------------------------------------------

    def action_ask_departments(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask another department"),
            "res_model": "civic.case.ask",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    def action_open_sub_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_crm.helpdesk_ticket_action_contributions")
        action["domain"] = [("parent_case_id", "=", self.id)]
        return action

    def action_open_main_case(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.parent_case_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------------
    # business
    # ------------------------------------------------------------------

    def _ask_departments(self, teams, text, promised_on):
        """Ask *teams* for a contribution each; return the sub-cases (superuser).

        The caller's right to write the case is checked here.

        :param teams: ``helpdesk.ticket.team``
        :param str text: what is asked, plain text
        :param promised_on: the day by which it is needed, a ``date``
        :raises UserError: for a closed case, a sub-case, or who has been asked already
        """
        self.ensure_one()
        self.check_access("write")
        self._check_may_ask(teams)
        # sudo: nobody has the right to file in another department; asking it is allowed to who works the case
        main = self.sudo()
        sub_cases = main.with_context(mail_create_nosubscribe=True, mail_create_nolog=True).create(
            main._prepare_sub_case_vals(teams, text, promised_on)
        )
        sub_cases._share_with_family()
        sub_cases.message_subscribe(self.env.user.partner_id.ids)
        asks = self.env._("%(department)s asks for a contribution", department=main.team_id.name or self.env.user.name)
        for sub_case in sub_cases:
            sub_case._tell_department(sub_case.team_id, asks, text)
        self._log_for_staff(self.env._("Asked for a contribution: %s", ", ".join(teams.mapped("name"))))
        return sub_cases

    def _prepare_sub_case_vals(self, teams, text, promised_on):
        """Return the values of a contribution of each of *teams* to this main case (superuser)."""
        self.lock_for_update()  # the numbers of contributions do not repeat
        asked = self.with_context(active_test=False).search_count([("parent_case_id", "=", self.id)])
        common = {
            **{name: self._fields[name].convert_to_write(self[name], self) for name in self._get_shared_facts()},
            "parent_case_id": self.id,
            "company_id": self.company_id.id,
            "asked_for": text,
            "asked_by_id": self.env.uid,
            "promised_on": promised_on,
            "priority": self.priority,
        }
        return [
            {**common, "team_id": team.id, "number": f"{self.number}-{number}"}
            for number, team in enumerate(teams, asked + 1)
        ]

    def _check_may_ask(self, teams):
        # sudo: contributions of departments one does not see count too
        main = self.sudo()
        if main.parent_case_id:
            raise UserError(
                self.env._(
                    "This is a contribution itself. Ask from the main case, %s, or hand this one over.",
                    main.parent_case_id.number,
                )
            )
        if main.closed_date:
            raise UserError(self.env._("Case %s is closed. Reopen it before asking for anything.", main.number))
        if main.team_id in teams:
            raise UserError(self.env._("%s has the case itself. Choose other departments.", main.team_id.name))
        asked = main.sub_case_ids.filtered(lambda case: not case.closed_date and case.team_id in teams)
        if asked:
            raise UserError(
                self.env._(
                    "%(department)s has been asked already: %(case)s is open. Write a note there.",
                    department=asked[0].team_id.name,
                    case=asked[0].number,
                )
            )

    @api.constrains("parent_case_id")
    def _check_one_level(self):
        for case in self.sudo().filtered("parent_case_id"):
            if case.parent_case_id.parent_case_id or case.sub_case_ids or case == case.parent_case_id:
                raise ValidationError(self.env._("A contribution has no contributions: ask from the main case."))

    def _check_may_close(self, outcome, reason):
        super()._check_may_close(outcome, reason)
        if outcome.kind != "resolved" or reason:
            return
        # sudo: a contribution counts whoever may read it
        awaited = self.sudo().search([("parent_case_id", "in", self.ids), ("closed_date", "=", False)], limit=1)
        if awaited:
            raise UserError(
                self.env._(
                    "%(case)s still waits for %(department)s (%(contribution)s). Say why it is resolved all the same,"
                    " or wait for the contribution.",
                    case=awaited.parent_case_id.number,
                    department=awaited.team_id.name,
                    contribution=awaited.number,
                )
            )

    def _close_sub_cases(self, outcome, reason=None):
        """Close what is still open of the contributions, since the main case ends with *outcome*, and say so.

        What there was to do about them is done with; whoever works on one learns that it is no longer needed.
        """
        # sudo: they are the other departments' cases; closing the main one has been checked
        still_open = self.sudo().search([("parent_case_id", "in", self.ids), ("closed_date", "=", False)])
        if not still_open:
            return
        still_open.activity_ids.unlink()
        for stage, cases in still_open.grouped("stage_id").items():
            cases.stage_before_end_id = stage
        still_open.with_context(civic_closing=None).write({"outcome_id": outcome.id, "stage_id": outcome.stage_id.id})
        text = self.env._(
            "The main case has ended (%(outcome)s): the contribution is no longer needed.", outcome=outcome.name
        )
        for case in still_open:
            case._log_for_staff(f"{text} {reason}" if reason else text)
        for (user, team), theirs in still_open.grouped(lambda case: (case.user_id, case.team_id)).items():
            if user and user != self.env.user:
                theirs._plan_to_do(user, text, reason)
            elif not user:
                theirs._tell_department(team, text, reason)

    def _reopen_sub_cases(self):
        """Open again the contributions that ended with these main cases, which go on after all."""
        # sudo: they are the other departments' cases; opening the main one has been checked
        ended = self.sudo().search([("parent_case_id", "in", self.ids), ("stage_before_end_id", "!=", False)])
        text = self.env._("The main case goes on: the contribution is needed again.")
        for stage, cases in ended.grouped("stage_before_end_id").items():
            cases.write({"stage_id": stage.id, "stage_before_end_id": False})
        for case in ended:
            case._tell_department(case.team_id, text, case.asked_for or "")

    def _tell_main_case(self):
        """A contribution has ended: whoever waits for it learns it."""
        for sub_case in self:
            main = sub_case.parent_case_id
            if main.closed_date:
                continue
            text = self.env._(
                "%(department)s has answered (%(contribution)s): %(outcome)s",
                department=sub_case.team_id.name,
                contribution=sub_case.number,
                outcome=sub_case.outcome_id.name or sub_case.stage_id.name,
            )
            main._log_for_staff(text)
            if main.user_id and main.user_id != self.env.user:
                main._plan_to_do(main.user_id, text)

    def _log_for_staff(self, text):
        # sudo: the note is the system's about what has been done with the right to do it
        self.sudo().message_post(body=text, message_type="notification", subtype_xmlid="mail.mt_note")

    def _message_compute_subject(self):
        self.ensure_one()
        return f"{self.name} · {self.number}" if self.sudo().parent_case_id else super()._message_compute_subject()

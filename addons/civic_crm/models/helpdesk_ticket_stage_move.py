# SPDX-License-Identifier: AGPL-3.0-or-later
"""Moving a case from state to state: the city's rules, and the message that a move sends."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..core import stage_move
from .helpdesk_ticket import STAFF_ONLY, WITH_AN_ANSWER
from .helpdesk_ticket_mail import ACKNOWLEDGEMENT_HEADERS

#: Put into the context by reopening with a reason; no client can send an object.
REOPENING = object()


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    available_stage_ids = fields.Many2many(
        "helpdesk.ticket.stage", string="States", compute="_compute_available_stage_ids", groups=STAFF_ONLY
    )

    def write(self, vals):
        """Judge the move before it happens, tell the citizen after it.

        What the system itself does (``sudo``) needs nobody's permission, and is told all the same.
        """
        stage_id = vals.get("stage_id")
        if not stage_id:
            return super().write(vals)
        moved = self.filtered(lambda case: case.stage_id.id != stage_id)
        if not self.env.su:
            moved._check_moves(stage_id, bool(vals.get("user_id")))
        messages = moved._find_move_messages(stage_id)
        moved._note_reopening(stage_id)
        result = super().write(vals)
        for template, cases in messages.items():
            cases._send_stage_message(template)
        return result

    # rules --------------------------------------------------------------

    def _check_moves(self, stage_id, gets_responsible=False):
        """Refuse the whole batch if one of its cases may not move to *stage_id*.

        :raises UserError: in words that say what to do instead
        """
        if not self:
            return
        if self.env.context.get("civic_reopening") is not REOPENING:
            self._check_none_is_closed()
        rules = self.env["civic.stage.rule"]._get_rules()
        groups = frozenset(self.env.user._get_group_ids())
        closing = self.env.context.get("civic_closing") is WITH_AN_ANSWER
        has_reason = closing or bool((self.env.context.get("civic_move_reason") or "").strip())
        asks_answer = not closing and any(rule.to_stage == stage_id and rule.needs_answer for rule in rules)
        answered = self._get_answered_ids() if asks_answer else ()
        self._check_states_of_service(stage_id)
        for case in self:
            move = stage_move.Move(
                from_stage=case.stage_id.id,
                to_stage=stage_id,
                groups=groups,
                has_responsible=gets_responsible or bool(case.user_id),
                is_answered=closing or case.id in answered,
                has_reason=has_reason,
            )
            rule, refusal = stage_move.judge(rules, move)
            if refusal:
                raise UserError(case._explain_refusal(refusal, rule, move))

    def _check_states_of_service(self, stage_id):
        """Refuse an open state through which the cases of a service do not go."""
        stage = self.env["helpdesk.ticket.stage"].browse(stage_id)
        if stage._get_public_facts()["closed"]:
            return
        for service, cases in self.grouped("category_id").items():
            for team in cases.team_id or [cases.team_id]:
                states = service._get_stage_ids(team.id)
                if states and stage_id not in states:
                    raise UserError(
                        self.env._(
                            "Cases of “%(service)s” do not go through “%(stage)s”. They go through: %(states)s.",
                            service=service._get_public_facts()["name"],
                            stage=stage.name,
                            states=", ".join(stage.browse(states).mapped("name")),
                        )
                    )

    @api.depends("team_id", "category_id", "stage_id")
    def _compute_available_stage_ids(self):
        """The department's states; of the open ones, those of the service, and where the case is."""
        for case in self:
            # sudo: which states a department uses is no secret
            used = case.team_id.sudo()._get_applicable_stages()
            states = case.category_id._get_stage_ids(case.team_id._origin.id)
            if states:
                used = used.filtered(lambda stage: stage.closed or stage.id in states)  # noqa: B023 used at once
            case.available_stage_ids = used.sudo(False) | case.stage_id

    def _check_none_is_closed(self):
        closed = self.filtered("closed_date")[:1]
        if closed:
            raise UserError(
                self.env._(
                    "%(case)s is closed. To work on it again, open it and press “Reopen”.", case=closed.display_name
                )
            )

    def _get_answered_ids(self):
        """Return the ids of those cases where staff has written to the citizen, who has not written since."""
        silent = self.filtered(lambda case: not case.has_citizen_message)
        # sudo: only whether there is an answer
        groups = (
            self.env["mail.message"]
            .sudo()
            ._read_group(
                [
                    ("model", "=", self._name),
                    ("res_id", "in", silent.ids),
                    ("subtype_id", "=", self._get_comment_subtype_id()),
                    ("message_type", "in", ("comment", "email")),
                    ("author_id.partner_share", "=", False),
                ],
                ["res_id"],
            )
        )
        return {case_id for (case_id,) in groups}

    def _explain_refusal(self, refusal, rule, move):
        """Return the sentence for whoever tried; *refusal* and *rule* as ``stage_move.judge`` gives them."""
        self.ensure_one()
        stage = self.env["helpdesk.ticket.stage"].browse(move.to_stage)
        words = {"case": self.display_name, "origin": self.stage_id.name, "stage": stage.name}
        if refusal == "path":
            reachable = self._get_reachable_stages(move.groups)
            return self.env._(
                "%(case)s does not go from “%(origin)s” to “%(stage)s”. From here it goes to: %(reachable)s.",
                **words,
                reachable=", ".join(reachable.mapped("name")) or self.env._("nowhere"),
            )
        if refusal == "group":
            # sudo: names of groups, for a person who may not read them
            groups = self.env["res.groups"].sudo().browse(rule.groups).mapped("name")
            return self.env._(
                "%(case)s is moved to “%(stage)s” only by: %(groups)s. Ask one of them.",
                **words,
                groups=", ".join(sorted(groups)),
            )
        if refusal == "responsible":
            return self.env._("Before %(case)s moves to “%(stage)s”, say under “Responsible” who works on it.", **words)
        if refusal == "answer":
            return self.env._("Before %(case)s moves to “%(stage)s”, write to the citizen: “Send message”.", **words)
        return self.env._(
            "%(case)s moves to “%(stage)s” with a reason: choose “Change state with a reason” in the actions menu.",
            **words,
        )

    def _get_reachable_stages(self, groups=None):
        """Return the states that the current user may try to move this case to by hand, in order."""
        self.ensure_one()
        groups = groups if groups is not None else frozenset(self.env.user._get_group_ids())
        stages = self.available_stage_ids.filtered(lambda stage: not stage.closed)
        rules = self.env["civic.stage.rule"]._get_rules()
        return stages.browse(stage_move.reachable(rules, self.stage_id.id, stages.ids, groups))

    def _move_with_reason(self, stage, reason):
        """Move the batch to *stage* and keep *reason* (plain text) as a note in each thread."""
        self.check_access("write")
        self.with_context(civic_move_reason=reason).write({"stage_id": stage.id})
        self._note_reason(self.env._("Moved to “%(stage)s”:", stage=stage.name), reason)

    def _note_reason(self, title, reason):
        body = plaintext2html(f"{title}\n{reason}")
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))

    # messages -----------------------------------------------------------

    def _find_move_messages(self, stage_id):
        """Return the cases of each message that a move to *stage_id* sends, by template."""
        rules = self.env["civic.stage.rule"]._get_rules()
        if self.env.context.get("tracking_disable") or not any(r.template for r in rules if r.to_stage == stage_id):
            return {}
        found = {}
        for case in self:
            rule = stage_move.find_rule(rules, stage_move.Move(case.stage_id.id, stage_id))
            if rule and rule.template and case.partner_id:
                # sudo: whoever moves a case need not be able to read the city's templates
                template = self.env["mail.template"].sudo().browse(rule.template)
                found[template] = found.get(template, self.browse()) | case
        return found

    @api.model
    def _get_automatic_headers(self):
        return {"headers": repr(ACKNOWLEDGEMENT_HEADERS)}

    def _send_stage_message(self, template):
        """Queue *template* for each citizen of the batch, in their language; no machine answers it."""
        mails = template.send_mail_batch(
            self.ids, email_layout_xmlid="civic_crm.mail_layout_case", email_values=self._get_automatic_headers()
        )
        if len(mails) == 1:
            # as core sends an answer: the queue, woken now, would meet what this transaction still sends itself
            mails.send_after_commit()
        else:
            self._wake_mail_queue()

    @api.model
    def _wake_mail_queue(self):
        """Core empties its queue of mail once an hour."""
        # sudo: waking it gives no access to it
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a case ends, honestly: with reasons and evidence, and when the citizen says so.

Closed is not fixed. After an outcome that says "resolved" the citizen is asked; "no" opens the
case again, silence counts as assumed, and both are counted apart from what was confirmed.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import citizen_file
from .helpdesk_ticket import STAFF_ONLY, WITH_AN_ANSWER
from .helpdesk_ticket_stage_move import REOPENING

#: Put into the context by taking back a closing that was a mistake; no client can send an object.
UNDOING = object()
#: Silences taken for a yes per transaction of the cron.
ASSUMPTION_BATCH = 200


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # how it ended
    reason_id = fields.Many2one(
        "civic.case.reason", copy=False, tracking=True, index="btree_not_null", ondelete="restrict"
    )
    reason_text = fields.Text(string="Explanation", copy=False, help="Of the reason, for the citizen.")
    referral_id = fields.Many2one(
        "civic.referral.body",
        string="Referred to",
        copy=False,
        tracking=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    evidence_ids = fields.Many2many(
        "ir.attachment",
        "civic_case_evidence_rel",
        copy=False,
        groups=STAFF_ONLY,
        help="Photos and documents that show how it was left, given when closing.",
    )

    # what the citizen says of it
    confirmation = fields.Selection(
        [
            ("none", "Not asked"),
            ("asked", "Waiting for the citizen"),
            ("confirmed", "Confirmed by the citizen"),
            ("denied", "The citizen says it is not fixed"),
            ("assumed", "Assumed after silence"),
        ],
        default="none",
        required=True,
        copy=False,
        tracking=True,
    )
    confirmation_due = fields.Date(
        string="Confirm until", copy=False, help="Last day on which the citizen's answer is awaited."
    )
    confirmed_at = fields.Datetime(string="Confirmed", copy=False)
    denial_count = fields.Integer(
        string="Times not fixed", copy=False, groups=STAFF_ONLY, help="How often the citizen said that it is not fixed."
    )
    reopen_count = fields.Integer(string="Times reopened", copy=False, groups=STAFF_ONLY)
    previous_id = fields.Many2one(
        "helpdesk.ticket",
        string="Comes back from",
        copy=False,
        index="btree_not_null",
        groups=STAFF_ONLY,
        help="The closed case that the citizen says has come back.",
    )
    later_ids = fields.One2many("helpdesk.ticket", "previous_id", string="Came back as", groups=STAFF_ONLY)

    _confirmation_due_idx = models.Index("(confirmation_due) WHERE confirmation = 'asked'")
    _denied_idx = models.Index("(id) WHERE denial_count > 0")
    _reopened_idx = models.Index("(id) WHERE reopen_count > 0")

    # ------------------------------------------------------------------
    # closing
    # ------------------------------------------------------------------

    def _close(
        self, outcome, answers, *, reason="", why=None, why_text="", referral=None, evidence=(), show_evidence=True
    ):
        """Close the batch with *outcome* and answer each citizen; all or nothing.

        :param outcome: one ``civic.case.outcome``
        :param dict answers: language code → HTML; the first is for every other language
        :param str reason: a note for staff, such as why it is closed although something is open
        :param why: one ``civic.case.reason`` or none, which the citizen reads
        :param str why_text: explanation of it, plain text, for the citizen
        :param referral: one ``civic.referral.body`` or none
        :param evidence: list of ``(name, bytes)``
        :param bool show_evidence: whether the citizen receives the evidence
        :raises UserError: saying what is missing, or which case may not be closed so
        """
        self.check_access("write")
        why = why or self.env["civic.case.reason"]
        referral = referral or self.env["civic.referral.body"]
        self._check_none_is_closed()
        self._check_ending(outcome, why, why_text, referral)
        evidence = self._clean_evidence(evidence)
        self._check_evidence(outcome, evidence)
        self._check_may_close(outcome, reason)
        vals = self._prepare_ending_vals(outcome, why, why_text, referral)
        closing = self.with_context(civic_closing=WITH_AN_ANSWER)
        asked = closing._filter_to_ask(outcome)
        for company, cases in asked.grouped("company_id").items():
            cases.write({**vals, **self._prepare_question_vals(company)})
        (closing - asked).write(vals)
        if reason:
            self._note_reason(self.env._("Note at closing:"), reason)
        self._request_ratings(outcome)
        self._answer_all(answers, evidence, show_evidence)

    def _check_ending(self, outcome, why, why_text, referral):
        """A rejection has reasons (Ley 39/2015, art. 35), what is not ours has somebody whose it is."""
        if outcome.kind == "rejected" and not why:
            raise UserError(self.env._("Choose the reason: whoever is told no may know why."))
        if why and why.outcome_kind != outcome.kind:
            raise UserError(
                self.env._(
                    "“%(reason)s” is no reason for “%(outcome)s”. Choose another.",
                    reason=why.name,
                    outcome=outcome.name,
                )
            )
        if why.needs_text and not (why_text or "").strip():
            raise UserError(self.env._("Explain “%(reason)s” in a sentence or two.", reason=why.name))
        if outcome.kind == "not_ours" and not referral:
            raise UserError(self.env._("Choose to whom the citizen is referred: somebody else can solve it."))

    def _clean_evidence(self, evidence):
        """Return the files as they may be shown: a photo does not tell where and when it was taken."""
        try:
            return [citizen_file.clean(name, data) for name, data in evidence]
        except citizen_file.RefusedFile as refusal:
            raise UserError(
                self.env._(
                    "“%(file)s” cannot be evidence. Give photos (JPEG, PNG, WebP) or PDF files of at most 10 MB.",
                    file=refusal.name,
                )
            ) from refusal

    def _check_evidence(self, outcome, evidence):
        if outcome.kind != "resolved" or evidence:
            return
        services = self.category_id.filtered("evidence_required")
        if services:
            raise UserError(
                self.env._(
                    "“%(service)s” is closed as resolved with evidence. Add a photo or a document that shows it.",
                    service=services[0].name,
                )
            )

    def _prepare_ending_vals(self, outcome, why, why_text, referral):
        """Hook: the values that closing with *outcome* writes on each case of the batch."""
        return {
            "stage_id": outcome.stage_id.id,
            "outcome_id": outcome.id,
            "reason_id": why.id,
            "reason_text": (why_text or "").strip() or False,
            "referral_id": referral.id if outcome.kind == "not_ours" else False,
            "confirmation": "none",
            "confirmation_due": False,
        }

    def _answer_all(self, answers, evidence, show_evidence):
        """Send each citizen the answer in their language, with the questions that follow a closing."""
        default = next(iter(answers.values()))
        if len(self) > 1:  # nobody waits in front of the screen until many mails have gone out
            self = self.with_context(mail_notify_force_send=False)
            self._wake_mail_queue()
        for case in self:
            message = case.message_post(
                body=answers.get(case.partner_id.lang) or default,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                email_layout_xmlid="civic_crm.mail_layout_case_closed",
                attachments=evidence if show_evidence else [],
            )
            if evidence and not show_evidence:
                message = case.message_post(
                    body=self.env._("Evidence, not shown to the citizen."),
                    subtype_xmlid="mail.mt_note",
                    attachments=evidence,
                )
            if evidence:
                case.sudo().evidence_ids = message.attachment_ids

    def _complete_closing_vals(self, vals):
        """Reopening forgets how it ended; what was said stays in the thread."""
        result = super()._complete_closing_vals(vals)
        if not vals["closed_date"]:
            vals.update(reason_id=False, reason_text=False, referral_id=False)
        return result

    # ------------------------------------------------------------------
    # "is it fixed?"
    # ------------------------------------------------------------------

    def _get_confirmation_url(self):
        """Return the address of the page with the question; the portal, where installed, has one."""
        return False

    def _filter_to_ask(self, outcome):
        """Return those whose citizen is asked: by a message with a link, about something resolved."""
        if not outcome.ask_confirmation or outcome.kind != "resolved":
            return self.browse()
        return self.filtered(
            lambda case: (
                case.company_id._get_case_settings()["confirmation_days"]
                and (not case.category_id or case.category_id._get_public_facts()["ask_confirmation"])
                and case.partner_id.email
                and case._get_confirmation_url()
            )
        )

    @api.model
    def _prepare_question_vals(self, company):
        days = company._get_case_settings()["confirmation_days"]
        return {"confirmation": "asked", "confirmation_due": self._get_city_today() + timedelta(days=days)}

    def _confirm(self):
        """The citizen says that it is fixed; access has been checked by the caller.

        :return: True, or False when nothing was asked (or it was answered before)
        """
        self.ensure_one()
        if self.confirmation != "asked":
            return False
        self.write({"confirmation": "confirmed", "confirmed_at": fields.Datetime.now()})
        return True

    def _deny(self, text):
        """The citizen says that it is not fixed and why: the case is open again.

        Access has been checked by the caller; *text* is plain and not empty.

        :return: True, or False when nothing was asked (or it was answered before)
        """
        self.ensure_one()
        if self.confirmation != "asked":
            return False
        self._reopen_for_citizen(text)
        self.write({"confirmation": "denied", "denial_count": self.denial_count + 1})
        return True

    @api.model
    def _cron_assume_confirmed(self):
        """Take silence for a yes when its days are over; counted apart from what was confirmed."""
        domain = [("confirmation", "=", "asked"), ("confirmation_due", "<", self._get_city_today())]
        progress = self.env["ir.cron"]._commit_progress
        while cases := self.search(domain, order="id", limit=ASSUMPTION_BATCH).try_lock_for_update():
            cases.write({"confirmation": "assumed", "confirmed_at": fields.Datetime.now()})
            if not progress(len(cases), remaining=self.search_count(domain)):
                break

    # ------------------------------------------------------------------
    # reopening
    # ------------------------------------------------------------------

    def action_reopen(self):
        """Ask for the reason, then reopen."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reopen"),
            "res_model": "civic.case.move",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_ids": self.ids, "default_is_reopening": True},
        }

    def _reopen(self, reason):
        """Open closed cases again; *reason* (plain text) stays as a note in each thread.

        :raises UserError: when one of them is not closed
        """
        self.check_access("write")
        opened = self.filtered(lambda case: not case.closed_date)[:1]
        if opened:
            raise UserError(self.env._("%(case)s is open already. Choose closed cases only.", case=opened.display_name))
        self._move_to_reopened(reason)
        self._note_reason(self.env._("Reopened:"), reason)

    def _reopen_for_citizen(self, text):
        """Open the case again with the citizen's own words; access has been checked by the caller."""
        self.ensure_one()
        self._move_to_reopened(text)
        self._post_from_citizen(text)

    def _move_to_reopened(self, reason):
        reopening = self.with_context(civic_reopening=REOPENING, civic_move_reason=reason)
        for stage_id, cases in reopening.grouped(lambda case: case._get_reopening_stage_id()).items():
            cases.write({"stage_id": stage_id})

    def _get_reopening_stage_id(self):
        """Return the id of the state that the city set, if the case's department uses it, else of the first one."""
        stage_id = self.company_id._get_case_settings()["reopen_stage_id"]
        states = self.category_id._get_stage_ids(self.team_id.id)
        if states and stage_id not in states:
            return states[0]
        # sudo: which states a department uses is no secret
        teams = self.env["helpdesk.ticket.stage"].sudo().browse(stage_id or []).team_ids
        if stage_id and (not teams or self.team_id in teams):
            return stage_id
        return self.env["helpdesk.ticket.team"]._get_first_stage_id(self.team_id.id)

    def _note_reopening(self, stage_id):
        """Count it for those of the batch that are closed and move to an open state; a mistake undone is none."""
        if self.env["helpdesk.ticket.stage"].browse(stage_id)._get_public_facts()["closed"]:
            return
        more = 0 if self.env.context.get("civic_undoing") is UNDOING else 1
        # sudo: counted by the system, whoever moves the case
        for count, cases in self.sudo().filtered("closed_date").grouped("reopen_count").items():
            cases.write(
                {
                    "reopen_count": count + more,
                    "confirmation": "none",
                    "confirmation_due": False,
                    "confirmed_at": False,
                }
            )

    def _may_citizen_reopen(self):
        """Return True while the city lets its citizen open this closed case again."""
        self.ensure_one()
        if not self.closed_date or not self.outcome_id._get_public_facts()["may_reopen"]:
            return False
        days = self.company_id._get_case_settings()["reopen_days"]
        return fields.Datetime.now() <= self.closed_date + timedelta(days=days)

    def _file_again(self, text, channel):
        """File a new case for what has come back after the days to reopen; the old one stays as it ended.

        Access to this case has been checked by the caller.

        :param str text: what the citizen says, plain
        :return: the new case, in a superuser environment, linked by ``previous_id``
        """
        self.ensure_one()
        case = self._file_case(self.category_id, text, channel=channel, **self._prepare_again_facts())
        case.previous_id = self
        return case

    def _prepare_again_facts(self):
        """Hook: what a case that comes back takes over from this one; keywords of ``_file_case``."""
        facts = {
            "subject": self.name,
            "zone": self.civic_zone_id,
            "place": self.place,
            "name": self.partner_name,
            "email": self.partner_email,
            "phone": self.partner_phone,
            "lang": self.partner_id.lang,
        }
        return {**facts, "partner": self.partner_id} if self.partner_id else facts

    # ------------------------------------------------------------------
    # what the citizen sees
    # ------------------------------------------------------------------

    def _get_public_ending(self):
        """Return what the citizen's page shows of the end of the case, by name; part of ``_get_public_summary``."""
        may_reopen = self._may_citizen_reopen()
        ended = bool(self.closed_date)
        return {
            "reason": self.reason_id._get_public_facts()["name"],
            "reason_text": self.reason_text,
            #: ``{"name", "contact", "url"}``, or None
            "referral": self.referral_id._get_public_facts() if self.referral_id else None,
            #: none, asked, confirmed, denied or assumed
            "confirmation": self.confirmation,
            "confirm_until": self.confirmation_due,
            "confirmed_at": self.confirmed_at,
            "may_reopen": may_reopen,
            "may_file_again": ended and not may_reopen and bool(self.outcome_id._get_public_facts()["may_reopen"]),
        }

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.intake import Decision
from ..exceptions import FilingError


class CivicIntakeDecide(models.TransientModel):
    """A person says what a message is that the system left to them: a case, an enquiry, or part of a case.

    Several messages at once are all the same; of one alone the dialogue asks what the service needs.
    """

    _name = "civic.intake.decide"
    _description = "Decide what a message is"

    intake_ids = fields.Many2many("civic.intake", string="Messages", required=True)
    way = fields.Selection(
        [("case", "A new case"), ("enquiry", "An enquiry"), ("reply", "Part of a case there is")],
        required=True,
        default="case",
    )

    # what it says
    intake_count = fields.Integer(string="How many", compute="_compute_intake")
    intake_id = fields.Many2one("civic.intake", string="The message", compute="_compute_intake")
    subject = fields.Char(related="intake_id.subject", related_sudo=False)
    sender = fields.Char(related="intake_id.sender", related_sudo=False)
    text = fields.Text(related="intake_id.text", related_sudo=False)
    detail = fields.Char(related="intake_id.detail", related_sudo=False)

    # a new case, or an enquiry
    category_id = fields.Many2one(
        "helpdesk.ticket.category", string="Service", domain=[("is_heading", "=", False)], help="Decides who answers."
    )
    place = fields.Char(string="Where")
    civic_zone_id = fields.Many2one("civic.zone", string="Zone")
    partner_id = fields.Many2one("res.partner", string="Citizen", domain=[("parent_id", "=", False)])
    name = fields.Char()
    email = fields.Char()
    phone = fields.Char()
    answer_ids = fields.One2many(
        "civic.intake.answer",
        "decide_id",
        string="Questions of the service",
        compute="_compute_answer_ids",
        store=True,
        readonly=False,
    )
    has_questions = fields.Boolean(compute="_compute_has_questions")

    # part of a case
    case_id = fields.Many2one("helpdesk.ticket")
    case_citizen = fields.Char(compute="_compute_is_entitled", string="Citizen of the case")
    is_entitled = fields.Boolean(string="From the citizen", compute="_compute_is_entitled")
    is_citizens = fields.Boolean(
        string="It is the citizen who wrote",
        help="Only when you know it, from a call or a document: the citizen reads it in their case.",
    )

    @api.depends("intake_ids")
    def _compute_intake(self):
        for wizard in self:
            wizard.intake_count = len(wizard.intake_ids)
            wizard.intake_id = wizard.intake_ids if wizard.intake_count == 1 else False

    @api.depends("category_id")
    def _compute_answer_ids(self):
        for wizard in self:
            wizard.answer_ids = wizard.answer_ids._ask(wizard.category_id)

    @api.depends("answer_ids")
    def _compute_has_questions(self):
        for wizard in self:
            wizard.has_questions = bool(wizard.answer_ids)

    @api.depends("intake_ids", "case_id")
    def _compute_is_entitled(self):
        for wizard in self:
            case, entries = wizard.case_id._origin, wizard.intake_ids._origin
            case.check_access("read")
            entries.check_access("read")
            # sudo: both may be read by whoever decides, and the account behind them is compared
            case, entries = case.sudo(), entries.sudo()
            wizard.is_entitled = bool(case) and all(entry._is_from_citizen_of(case) for entry in entries)
            wizard.case_citizen = case.partner_id.name or case.partner_name or case.partner_email

    # ------------------------------------------------------------------
    # deciding
    # ------------------------------------------------------------------

    def action_decide(self):
        """Carry it out, and go on with the next; the dialogue stays open, with all that is in it, when it cannot be.

        :raises UserError: naming what is missing; nothing has changed then
        """
        self.ensure_one()
        entries = self.intake_ids
        entries.check_access("write")
        decision = self._prepare_decision()
        if len(entries) > 1:
            return self._tell_many(*entries._carry_out_each(decision))
        try:
            entries._carry_out(decision)
        except FilingError as error:
            raise UserError(
                self.env._("%s\n\nFill it in, or make it an enquiry: the front desk asks the sender.", error)
            ) from error
        return self._tell("success", self._name_made(entries), self._link_to(entries))

    def _prepare_decision(self):
        """Return the ``Decision``; what is typed for another way than the chosen one is left out."""
        if self.way == "reply":
            if not self.case_id:
                raise UserError(self.env._("Choose the case, by its code, number or subject."))
            return Decision("reply", case_id=self.case_id.id, is_citizens=self.is_citizens and not self.is_entitled)
        if self.way == "case" and not self.category_id:
            raise UserError(self.env._("Choose the service: it says who answers, and by when."))
        if len(self.intake_ids) > 1:
            return Decision(self.way, self.category_id.id)
        facts = {name: (self[name] or "").strip() for name in ("name", "email", "phone")}
        if self.way == "case":
            facts.update(place=self.place, zone=self.civic_zone_id, answers=self.answer_ids._get_raw_answers())
        return Decision(self.way, self.category_id.id, partner_id=self.partner_id.id, facts=facts)

    # ------------------------------------------------------------------
    # telling
    # ------------------------------------------------------------------

    def _name_made(self, entry):
        names = {
            "case": self.env._("Filed as a case:"),
            "enquiry": self.env._("Filed as an enquiry:"),
            "reply": self.env._("Added to the case:"),
        }
        return f"{names[entry.result]} %s"

    def _link_to(self, entry):
        made = entry.case_id or entry.enquiry_id
        return [{"label": made.display_name, "url": f"/odoo/{made._name}/{made.id}"}]

    def _tell_many(self, done, refused):
        counts = [sum(entry.result == result for entry in done) for result in ("case", "enquiry", "reply")]
        lines = [
            self.env._(
                "Cases: %(cases)s. Enquiries: %(enquiries)s. Added to a case: %(replies)s.",
                cases=counts[0],
                enquiries=counts[1],
                replies=counts[2],
            )
        ]
        lines += [
            self.env._("%(number)s is still here: %(why)s", number=entry.number, why=why) for entry, why in refused
        ]
        return self._tell("warning" if refused else "success", "\n".join(lines))

    def _tell(self, kind, message, links=()):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "links": list(links),
                "sticky": kind == "warning",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }


class CivicIntakeAnswer(models.TransientModel):
    """One answer to a question of the service, read out of the message or asked for."""

    _name = "civic.intake.answer"
    _inherit = "civic.service.answer"
    _description = "Answer read in a message"

    decide_id = fields.Many2one("civic.intake.decide", required=True, ondelete="cascade")

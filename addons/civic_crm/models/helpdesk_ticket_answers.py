# SPDX-License-Identifier: AGPL-3.0-or-later
"""The case's service: what it asks, who answers, and the answers that were given."""

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from ..exceptions import FilingError
from .civic_case_answer import COLUMNS


def _says(vals):
    """Return True when the values of an answer hold one; a number does whatever it is, 0 included."""
    chosen = any((command[1] if command[0] == Command.LINK else command[2]) for command in vals.get("option_ids") or ())
    return bool(chosen or "value_number" in vals or any(vals.get(n) for n in ("given", "value_text", "value_date")))


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = "helpdesk.ticket"

    category_id = fields.Many2one(domain=[("is_heading", "=", False)], ondelete="restrict")
    answer_ids = fields.One2many("civic.case.answer", "case_id", string="Answers", copy=False)
    asked_question_ids = fields.Many2many(
        "civic.service.question",
        string="Questions of the service",
        compute="_compute_asked_question_ids",
    )
    unanswered = fields.Char(
        string="Not answered yet",
        compute="_compute_unanswered",
        help="Required questions of the service without an answer.",
    )

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("category_id")
    def _compute_asked_question_ids(self):
        Question = self.env["civic.service.question"]
        for case in self:
            specs = case.category_id._origin._get_questions()
            case.asked_question_ids = Question.browse(spec.id for spec in specs if not spec.is_notice)

    @api.depends("category_id", "answer_ids.question_id")
    def _compute_unanswered(self):
        for case in self:
            answered = {answer.question_id._origin.id for answer in case.answer_ids if not case._is_blank_line(answer)}
            specs = case.category_id._origin._get_questions()
            case.unanswered = " · ".join(q.label for q in specs if q.required and q.id not in answered)

    def _is_blank_line(self, answer):
        return not (answer.given or answer.value_date or answer.option_ids)

    @api.onchange("category_id", "civic_zone_id")
    def _onchange_service(self):
        """A new case shows at once who will answer, how urgent it is and what there is to ask."""
        if self._origin or not self.category_id:
            return
        service = self.category_id._origin
        self.team_id = service._get_department(self.civic_zone_id._origin, self.company_id) or self.team_id
        self.priority = service.default_priority
        asked = self.asked_question_ids._origin
        if asked != self.answer_ids.question_id._origin:
            self.answer_ids = [Command.clear(), *(Command.create({"question_id": question.id}) for question in asked)]

    # ------------------------------------------------------------------
    # create
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Lines of the form that were left empty are no answers."""
        return super().create([self._without_blank_answers(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._without_blank_answers(vals))

    @api.model
    def _without_blank_answers(self, vals):
        if not vals.get("answer_ids"):
            return vals
        return dict(vals, answer_ids=[c for c in vals["answer_ids"] if c[0] != Command.CREATE or _says(c[2])])

    def _check_given_vals(self, vals):
        if vals.get("category_id"):
            service = self.env["helpdesk.ticket.category"].browse(vals["category_id"])
            if service._get_public_facts()["is_heading"]:
                raise ValidationError(self._say_heading(service))
        return super()._check_given_vals(vals)

    def _say_heading(self, service):
        return self.env._(
            "“%s” is a heading of the catalogue. Choose one of the services below it.",
            service._get_public_facts()["name"],
        )

    # ------------------------------------------------------------------
    # filing
    # ------------------------------------------------------------------

    @api.model
    def _check_filing(self, service, facts):
        """Hold the facts of a new case to what its service asks; return the commands that store the answers.

        :param service: one ``helpdesk.ticket.category``
        :param dict facts: those of ``_file_case``
        :raises FilingError: naming all that is missing or wrong, by field
        """
        asks = service._get_public_facts()
        errors, words = {}, {}
        if asks["is_heading"]:
            errors["service"], words["service"] = "heading", self._say_heading(service)
        answers, wrong = service._clean_answers(facts.get("answers") or {})
        specs = {question.code: question for question in service._get_questions()}
        for code, error in wrong.items():
            field = f"answer-{code}"
            errors[field] = error
            text = self.env["civic.service.question"]._say_error(error, specs.get(code))
            words[field] = f"{specs[code].label if code in specs else code}: {text}"
        for field, error, text in self._find_missing_facts(asks, facts):
            errors[field], words[field] = error, text
        if errors:
            raise FilingError("\n".join(words.values()), errors, words)
        return [Command.create(self._prepare_answer_vals(specs[code], value)) for code, value in answers.items()]

    def _find_missing_facts(self, asks, facts):
        """Yield ``(field, error code, text)`` of what the service requires and *facts* lack."""
        located = facts.get("place") or facts.get("latitude") or facts.get("longitude")
        if asks["ask_place"] == "required" and not located:
            yield "place", "required", self.env._("Tell us where: a street and number, or a place.")
        if asks["ask_photo"] == "required" and not facts.get("attachments"):
            yield "files", "required", self.env._("Add a photo or a document: this service needs one.")
        known = facts.get("partner")
        if asks["identification"] == "identified" and not known:
            yield "login", "required", self.env._("Sign in: this service is given to people the city knows.")
        if asks["identification"] == "contact" and not (known or facts.get("email") or facts.get("phone")):
            yield "email", "required", self.env._("Give an e-mail address or a phone number: we answer to it.")

    @api.model
    def _prepare_answer_vals(self, question, value):
        """Return the values of a ``civic.case.answer``; *question* is a spec, *value* typed."""
        column = COLUMNS[question.datatype]
        if column == "option_ids":
            ids = {option.key: option.id for option in question.options}
            value = [Command.set([ids[key] for key in value])]
        return {"question_id": question.id, column: value}

    # ------------------------------------------------------------------
    # what is shown of the answers
    # ------------------------------------------------------------------

    def _get_public_answers(self):
        """Return what the citizen answered, as a list of ``(question, answer)`` in words, in the form's order.

        Services that ask nothing, nearly all, cost no query.
        """
        self.ensure_one()
        if not self.category_id._may_have_answers():
            return []
        answers = self.sudo().answer_ids
        return [(answer.question_id.label, answer.display) for answer in answers]

    def _note_answer(self, label, old, new):
        """Keep on the case what an answer was before staff changed it."""
        line = Markup("<p>%s: %s → %s</p>") % (label, old or "–", new or "–")
        self.sudo()._message_log(body=line)

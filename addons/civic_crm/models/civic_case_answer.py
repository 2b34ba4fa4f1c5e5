# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date, formatLang

from ..core import questions

#: Where the answer to a question of each type is stored.
COLUMNS = {
    "string": "value_text",
    "text": "value_text",
    "number": "value_number",
    "datetime": "value_date",
    "singlevaluelist": "option_ids",
    "multivaluelist": "option_ids",
}
VALUES = set(COLUMNS.values())


class CivicCaseAnswer(models.Model):
    """What was answered to one question of the case's service, stored by its type.

    Whoever may read the case reads its answers, and whoever may write it corrects them: access is the case's.
    """

    _name = "civic.case.answer"
    _inherit = "civic.case.part"
    _description = "Answer"
    _order = "case_id, id"
    _rec_name = "display"

    case_id = fields.Many2one(index=False)  # the unique index below begins with it
    question_id = fields.Many2one("civic.service.question", required=True, ondelete="restrict")
    datatype = fields.Selection(related="question_id.datatype")

    value_text = fields.Text(string="Text")
    value_number = fields.Float(string="Number", aggregator="avg")
    value_date = fields.Date(string="Date")
    option_ids = fields.Many2many(
        "civic.service.question.option",
        string="Chosen",
        ondelete="restrict",
        context={"active_test": False},  # what was chosen stays, offered or not
    )

    given = fields.Text(
        string="Answer",
        compute="_compute_given",
        inverse="_inverse_given",
        help="Text or number as the citizen gave it; a number in digits.",
    )
    display = fields.Char(string="In words", compute="_compute_display")

    _question_idx = models.UniqueIndex(
        "(case_id, question_id)",
        "This question has been answered for this case. Change that answer instead.",
    )
    _number_idx = models.Index("(question_id, value_number)")

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("value_text", "value_number", "datatype")
    def _compute_given(self):
        for answer in self:
            if answer.datatype == "number":
                answer.given = f"{answer.value_number:.15g}" if answer._origin else False
            else:
                answer.given = answer.value_text

    def _inverse_given(self):
        for answer in self:
            column = COLUMNS.get(answer.datatype)
            if column in ("value_text", "value_number"):
                answer[column] = answer._read_given(answer.given)

    @api.depends("value_text", "value_number", "value_date", "option_ids", "datatype")
    @api.depends_context("lang")
    def _compute_display(self):
        for answer in self:
            column = COLUMNS.get(answer.datatype, "value_text")
            if column == "option_ids":
                answer.display = ", ".join(answer.option_ids.mapped("name"))
            elif column == "value_number":
                answer.display = formatLang(self.env, answer.value_number, digits=6).rstrip("0").rstrip(".,")
            elif column == "value_date":
                answer.display = format_date(self.env, answer.value_date)
            else:
                answer.display = answer.value_text

    # ------------------------------------------------------------------
    # constraints
    # ------------------------------------------------------------------

    @api.constrains("question_id", "value_text", "value_number", "value_date", "option_ids")
    def _check_value(self):
        """What staff write is held to the same rules as what citizens send."""
        for answer in self:
            question = answer.question_id._get_spec()
            if question.is_list:
                keys = {option.id: option.key for option in question.options}
                answer._read_given([keys.get(option_id, "?") for option_id in answer.option_ids.ids])
            else:
                answer._read_given(answer[COLUMNS.get(question.datatype, "value_text")])

    def _read_given(self, raw):
        """Return *raw* typed by the rules of the question, by the day on which the case was filed.

        :raises ValidationError: saying which question and what to do
        """
        self.ensure_one()
        question = self.question_id._get_spec()
        day = self.case_id._to_city_time(self.case_id.filed_at or fields.Datetime.now()).date()
        try:
            if question.is_notice:
                raise questions.RefusedAnswer("unknown")
            value = questions.read(question, raw, day)
            if value is None:
                raise questions.RefusedAnswer("required")
        except questions.RefusedAnswer as refusal:
            text = self.env["civic.service.question"]._say_error(refusal.code, question)
            raise ValidationError(self.env._("%(question)s: %(text)s", question=question.label, text=text))
        return value

    @api.constrains("case_id", "question_id")
    def _check_question_of_service(self):
        for answer in self:
            service = answer.case_id.category_id
            if answer.question_id.id in (question.id for question in service._get_questions()):
                continue
            if answer.question_id.service_id not in service | service._get_headings():  # an archived one
                raise ValidationError(
                    self.env._(
                        "“%(question)s” is not a question of the service of case %(case)s.",
                        question=answer.question_id.label,
                        case=answer.case_id.number,
                    )
                )

    # ------------------------------------------------------------------
    # create, and what staff change is told on the case
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """An answer typed as text is read by the rules of its question before it is stored."""
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            given = vals.pop("given", None)
            question = self.env["civic.service.question"].browse(vals.get("question_id"))._get_spec()
            column = COLUMNS.get(question.datatype)
            if given and column in ("value_text", "value_number"):
                vals[column] = self.new(vals)._read_given(given)
        return super().create(vals_list)

    def write(self, vals):
        if not VALUES & set(vals):
            return super().write(vals)
        before = {answer: answer.display for answer in self}
        result = super().write(vals)
        for answer, old in before.items():
            if answer.display != old:
                answer._note_change(old, answer.display)
        return result

    def unlink(self):
        gone = [(answer.case_id, answer.question_id.label, answer.display) for answer in self]
        result = super().unlink()
        for case, label, old in gone:
            case._note_answer(label, old, None)
        return result

    def _note_change(self, old, new):
        self.case_id._note_answer(self.question_id.label, old, new)

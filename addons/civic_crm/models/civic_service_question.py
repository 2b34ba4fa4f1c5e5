# SPDX-License-Identifier: AGPL-3.0-or-later
import re
import unicodedata

from odoo import Command, api, fields, models, tools
from odoo.exceptions import ValidationError

from ..core import questions

_NO_CODE = re.compile(r"[^a-z0-9]+")


def make_code(text, taken=()):
    """Return a code of letters, digits and underscores made of *text*, other than those *taken*."""
    plain = unicodedata.normalize("NFKD", text or "").encode("ascii", "ignore").decode().lower()
    stem = _NO_CODE.sub("_", plain).strip("_")[:40].strip("_") or "question"
    code, number = stem, 2
    while code in taken:
        code, number = f"{stem}_{number}", number + 1
    return code


class CivicServiceQuestion(models.Model):
    """What a service asks of whoever files a case, composed by an administrator.

    The types are those of Open311. A question that has been answered is archived, never deleted, and keeps its type.
    """

    _name = "civic.service.question"
    _inherit = "civic.kept.in.memory"
    _description = "Question of a service"
    _order = "sequence, id"
    _rec_name = "label"

    service_id = fields.Many2one("helpdesk.ticket.category", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10, help="The order in which the form asks.")
    active = fields.Boolean(default=True)
    code = fields.Char(
        required=True,
        compute="_compute_code",
        store=True,
        readonly=False,
        precompute=True,
        copy=True,
        help="Name of the question in imports and interfaces. Made from the question if left empty.",
    )
    label = fields.Char(string="Question", required=True, translate=True)
    help = fields.Char(
        string="Explanation", translate=True, help="One sentence under the question: why it is asked, what counts."
    )
    datatype = fields.Selection(
        [
            ("string", "One line of text"),
            ("text", "Longer text"),
            ("number", "Number"),
            ("datetime", "Date"),
            ("singlevaluelist", "One of a list"),
            ("multivaluelist", "Several of a list"),
            ("notice", "Notice: nothing to answer"),
        ],
        string="Type",
        required=True,
        default="string",
        help="How it is answered. A notice is only read. The type stays once there are answers.",
    )
    datatype_description = fields.Char(
        string="How to write it", translate=True, help="Shown with the answer box, such as: Day, month and year."
    )
    required = fields.Boolean(help="Without an answer the case is not filed.")
    option_ids = fields.One2many("civic.service.question.option", "question_id", string="Options", copy=True)

    option_lines = fields.Text(
        string="Options, one a line",
        compute="_compute_option_lines",
        inverse="_inverse_option_lines",
        help="What may be chosen, in this order. A line that is taken out is archived if citizens have chosen it.",
    )

    # limits
    has_limits = fields.Boolean(string="Between limits", help="Only numbers from the least to the most are taken.")
    min_value = fields.Float(string="At least")
    max_value = fields.Float(string="At most")
    whole_number = fields.Boolean(string="Whole numbers only")
    days = fields.Selection(
        [("any", "Any day"), ("past", "Today or before"), ("future", "Today or later")],
        string="Days accepted",
        required=True,
        default="any",
    )

    answer_ids = fields.One2many("civic.case.answer", "question_id", string="Answers", copy=False)
    answer_count = fields.Integer(compute="_compute_answer_count")

    _code_unique = models.UniqueIndex(
        "(service_id, code)",
        "Another question of this service has this code. Give each question its own.",
    )
    _code_plain = models.Constraint(
        "CHECK (code ~ '^[a-z0-9_]+$')",
        "The code of a question has small letters, digits and underscores only.",
    )
    _limits_in_order = models.Constraint(
        "CHECK (NOT has_limits OR min_value <= max_value)",
        "The least number accepted is larger than the most. Put the smaller one first.",
    )

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("label")
    def _compute_code(self):
        for question in self:
            if question.label and not question.code:
                others = question.service_id.question_ids - question
                question.code = make_code(question.label, set(others.mapped("code")))

    @api.depends("option_ids.name", "option_ids.sequence", "datatype")
    @api.depends_context("lang")
    def _compute_option_lines(self):
        for question in self:
            question.option_lines = "\n".join(question.option_ids.mapped("name"))

    def _inverse_option_lines(self):
        """Options are matched by their words: the same words are the same option, with its key and its answers."""
        for question in self:
            lines = [" ".join(line.split()) for line in (question.option_lines or "").splitlines()]
            names = list(dict.fromkeys(line for line in lines if line))
            known = {option.name: option for option in question.with_context(active_test=False).option_ids}
            for sequence, name in enumerate(names):
                if name in known:
                    known[name].write({"sequence": sequence, "active": True})
                else:
                    question.option_ids = [Command.create({"name": name, "sequence": sequence})]
            (question.option_ids - question.option_ids.filtered_domain([("name", "in", names)])).unlink()

    def _compute_answer_count(self):
        # sudo: how many, not which
        Answer = self.env["civic.case.answer"].sudo()
        groups = Answer._read_group([("question_id", "in", self.ids)], ["question_id"], ["__count"])
        counts = {question.id: count for question, count in groups}
        for question in self:
            question.answer_count = counts.get(question.id, 0)

    # ------------------------------------------------------------------
    # constraints
    # ------------------------------------------------------------------

    @api.constrains("code", "service_id", "active")
    def _check_code(self):
        """A form asks the headings' questions too: a code names one of all of them."""
        Service = self.env["helpdesk.ticket.category"].with_context(active_test=False)
        for question in self:
            service = question.service_id
            line = service._get_headings() | Service.search([("id", "child_of", service.id)])
            for other in line.with_context(active_test=False).question_ids - question:
                if other.code == question.code:
                    raise ValidationError(
                        self.env._(
                            "“%(service)s” and “%(other)s” both ask a question with the code %(code)s. Give one of"
                            " them another code.",
                            service=question.service_id.name,
                            other=other.service_id.name,
                            code=question.code,
                        )
                    )

    def _has_answers(self):
        # sudo: whether there are any, not which
        return bool(self.env["civic.case.answer"].sudo().search_count([("question_id", "in", self.ids)], limit=1))

    # ------------------------------------------------------------------
    # create, write, archive
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Codes made from questions of one call do not collide with each other."""
        vals_list = [dict(vals) for vals in vals_list]
        taken = {}
        for vals in vals_list:
            if vals.get("code"):
                continue
            service_id = vals.get("service_id")
            if service_id not in taken:
                asked = self.with_context(active_test=False).search([("service_id", "=", service_id)])
                taken[service_id] = set(asked.mapped("code"))
            vals["code"] = make_code(vals.get("label"), taken[service_id])
            taken[service_id].add(vals["code"])
        return super().create(vals_list)

    def write(self, vals):
        if "datatype" in vals:
            changed = self.filtered(lambda question: question.datatype != vals["datatype"])
            if changed._has_answers():
                raise ValidationError(
                    self.env._(
                        "Citizens have answered this question: its type stays. Archive it and write a new one instead."
                    )
                )
        return super().write(vals)

    def unlink(self):
        """Archive what has been answered; only what nobody answered is deleted."""
        Answer = self.env["civic.case.answer"].sudo()
        groups = Answer._read_group([("question_id", "in", self.ids)], ["question_id"])
        answered = self.browse(question.id for (question,) in groups)
        answered.action_archive()
        return super(CivicServiceQuestion, self - answered).unlink()

    # ------------------------------------------------------------------
    # business
    # ------------------------------------------------------------------

    def _make_spec(self):
        """Return the question as ``core.questions.Question``, in the language of the environment."""
        self.ensure_one()
        limited = self.datatype == "number" and self.has_limits
        return questions.Question(
            code=self.code,
            datatype=self.datatype,
            label=self.label,
            required=self.required and self.datatype != "notice",
            options=tuple(
                questions.Option(option.key, option.name, option.id)
                for option in self.option_ids
                if self.datatype in questions.LISTS
            ),
            minimum=self.min_value if limited else None,
            maximum=self.max_value if limited else None,
            whole=self.whole_number,
            days=self.days,
            help=self.help or "",
            datatype_description=self.datatype_description or "",
            id=self.id,
        )

    def _get_spec(self):
        """Return ``_make_spec`` kept in memory, archived options included: what was once chosen stays an answer."""
        return self._read_spec(self.id, self.env.lang)

    @api.model
    @tools.ormcache("question_id", "lang")
    def _read_spec(self, question_id, lang):
        # sudo: what a form asks is public
        return self.sudo().with_context(lang=lang, active_test=False).browse(question_id)._make_spec()

    @api.model
    def _say_error(self, code, question=None):
        """Return the text of an error *code* of ``core.questions`` at *question* (a spec), for who answers it."""
        limits = question and {"least": f"{question.minimum or 0:g}", "most": f"{question.maximum or 0:g}"}
        words = {
            "required": self.env._("Answer this question."),
            "one_only": self.env._("Give one answer only."),
            "too_long": self.env._("Shorten the answer."),
            "not_a_number": self.env._("Write a number in digits, such as 3."),
            "unclear_number": self.env._("Write the number without a thousands separator, such as 1500."),
            "not_whole": self.env._("Write a whole number, such as 3."),
            "not_a_date": self.env._("Write a day that exists, as day/month/year."),
            "not_past": self.env._("Give today or a day before."),
            "not_future": self.env._("Give today or a later day."),
            "not_an_option": self.env._("Choose from the list."),
            "unknown": self.env._("This service does not ask that."),
        }
        if code == "too_small":
            return self.env._("The least is %(least)s, the most %(most)s.", **limits)
        if code == "too_large":
            return self.env._("The least is %(least)s, the most %(most)s.", **limits)
        return words[code]


class CivicServiceQuestionOption(models.Model):
    """One answer that may be chosen. Chosen once, it is archived instead of deleted."""

    _name = "civic.service.question.option"
    _inherit = "civic.kept.in.memory"
    _description = "Option of a question"
    _order = "sequence, id"

    question_id = fields.Many2one("civic.service.question", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(string="Option", required=True, translate=True)
    key = fields.Char(
        required=True,
        copy=True,
        help="Name of the option in imports and interfaces. Made from the option if left empty.",
    )

    _key_unique = models.UniqueIndex(
        "(question_id, key)", "Another option of this question has this key. Give each option its own."
    )
    _key_plain = models.Constraint(
        "CHECK (key ~ '^[A-Za-z0-9_-]+$')",
        "The key of an option has letters, digits, hyphens and underscores only.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        taken = {}
        for vals in vals_list:
            if vals.get("key"):
                continue
            question_id = vals.get("question_id")
            if question_id not in taken:
                known = self.with_context(active_test=False).search([("question_id", "=", question_id)])
                taken[question_id] = set(known.mapped("key"))
            vals["key"] = make_code(vals.get("name"), taken[question_id])
            taken[question_id].add(vals["key"])
        return super().create(vals_list)

    def unlink(self):
        Answer = self.env["civic.case.answer"].sudo()
        groups = Answer._read_group([("option_ids", "in", self.ids)], ["option_ids"])
        chosen = self.browse(option.id for (option,) in groups) & self
        chosen.action_archive()
        return super(CivicServiceQuestionOption, self - chosen).unlink()

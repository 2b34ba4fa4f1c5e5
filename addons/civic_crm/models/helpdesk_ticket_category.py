# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

from ..core import questions, service_search

#: What a case is by law and in the figures: only requests, complaints and suggestions may be "solicitudes".
KINDS = [
    ("notice", "Notice"),
    ("request", "Request"),
    ("complaint", "Complaint"),
    ("suggestion", "Suggestion"),
]
NEEDS = [("no", "Not asked"), ("optional", "May be given"), ("required", "Required")]


class HelpdeskTicketCategory(models.Model):
    """A service: what may be asked for, of whom, and by when it is answered.

    Services are a tree. One with others below it is a heading: nothing is filed under it, and what it says
    (department, who answers by zone, questions) holds for the services below that do not say otherwise.
    """

    _name = "helpdesk.ticket.category"
    _inherit = ["helpdesk.ticket.category", "civic.public.facts", "civic.name.alone"]
    _description = "Service"
    _rec_names_search = ["name", "service_code", "keywords", "description", "parent_id.name"]
    _public_facts = (
        "id",
        "name",
        "service_code",
        "kind",
        "description",
        "keywords",
        "icon",
        "promise_days",
        "ask_place",
        "ask_photo",
        "identification",
        "default_priority",
        "is_heading",
        "publish_issues",
        "is_registered",
        "ask_confirmation",
        "ask_satisfaction",
    )

    # what it is
    parent_id = fields.Many2one(string="Part of", ondelete="restrict")
    child_id = fields.One2many(string="Parts")
    is_heading = fields.Boolean(
        string="Heading",
        compute="_compute_is_heading",
        store=True,
        help="Has services below it: it groups them, and nothing is filed under it.",
    )
    service_code = fields.Char(
        string="Code",
        copy=False,
        help="Stable code of the service, used in imports, open data and interfaces (Open311).",
    )
    kind = fields.Selection(
        KINDS,
        required=True,
        default="notice",
        help="Notice: something in the city needs attention. Request: somebody asks for something for"
        " themselves. Complaint: somebody is not content with a service. Suggestion: an idea.",
    )
    topic_ids = fields.Many2many("civic.topic", string="Topics")
    description = fields.Char(
        string="In a sentence",
        translate=True,
        help="What this service covers, as a citizen would say it.",
    )
    keywords = fields.Text(
        translate=True,
        help="Other words by which people look for it, separated by commas: lamp, bulb, dark street.",
    )
    icon = fields.Char(
        default="fa-comment",
        required=True,
        help="Name of a Font Awesome 4 icon, such as fa-lightbulb-o.",
    )

    # who answers, by when
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        index="btree_not_null",
        help="Who answers. New cases of this service go to its board. Empty: the heading's department, and at last"
        " the front desk.",
    )
    promise_days = fields.Integer(
        string="Promised within (working days)",
        aggregator=None,
        help="Shown to the citizen as a date when the case is filed. 0: no promise.",
    )
    default_priority = fields.Selection(
        [("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Very High")],
        string="Usual priority",
        required=True,
        default="1",
        help="The priority of a new case until somebody changes it.",
    )
    canned_answer_ids = fields.Many2many("civic.canned.answer", string="Canned answers")

    # what is asked
    ask_place = fields.Selection(
        NEEDS,
        string="Place",
        required=True,
        default="required",
        help="Whether the form asks where it is. For requests about a person: not asked.",
    )
    ask_photo = fields.Selection(
        NEEDS,
        string="Photo or document",
        required=True,
        default="optional",
        help="Whether the form asks for photos or PDF documents.",
    )
    identification = fields.Selection(
        [
            ("anonymous", "Anonymous allowed"),
            ("contact", "Name and a way to answer"),
            ("identified", "Identified by login"),
        ],
        string="Who asks",
        required=True,
        default="contact",
        help="Anonymous: a citizen may file without name or e-mail and follow by the code alone. Identified: only"
        " with a login, or at the counter.",
    )
    question_ids = fields.One2many("civic.service.question", "service_id", string="Questions", copy=True)
    inherited_question_ids = fields.Many2many(
        "civic.service.question",
        string="Questions of the headings above",
        compute="_compute_inherited_question_ids",
    )

    # what becomes public
    ask_satisfaction = fields.Boolean(
        string="Ask whether they are content",
        default=True,
        help="Ask the citizen after closing how content they are.",
    )
    publish_issues = fields.Boolean(
        string="Issues may be public",
        help="What lies behind cases of this service (a pothole, a dark street) may be shown on the city's map."
        " Cases themselves are never public. Leave it off for anything about people.",
    )

    open_case_count = fields.Integer(string="Open cases", compute="_compute_open_case_count")
    preview = fields.Html(compute="_compute_preview", sanitize=False, string="As the citizen sees it")

    _promise_days_positive = models.Constraint(
        "CHECK (promise_days >= 0)", "The promised number of working days is 0 or more."
    )
    _code_unique = models.UniqueIndex(
        "(COALESCE(company_id, 0), service_code) WHERE service_code IS NOT NULL",
        "Another service has this code already. Give each service its own.",
    )

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("child_id")
    def _compute_is_heading(self):
        """Archived parts count: a heading whose services are all archived does not become a service."""
        groups = self.with_context(active_test=False)._read_group([("parent_id", "in", self.ids)], ["parent_id"])
        headings = self.browse(parent.id for (parent,) in groups)
        for service in self:
            service.is_heading = service in headings

    @api.depends("parent_id")
    def _compute_inherited_question_ids(self):
        for service in self:
            service.inherited_question_ids = service._get_headings().question_ids

    @api.depends("name", "description", "ask_place", "ask_photo", "identification", "question_ids", "parent_id")
    @api.depends_context("lang")
    def _compute_preview(self):
        """What the form asks, as saved: an administrator sees at once how the words read."""
        for service in self:
            values = {"service": service, "questions": service._origin._get_questions()}
            service.preview = self.env["ir.qweb"]._render("civic_crm.service_preview", values, minimal_qcontext=True)

    def _compute_open_case_count(self):
        """Count the open cases that the user may read, of the service and those below it."""
        groups = self.env["helpdesk.ticket"]._read_group(
            [("category_id", "child_of", self.ids), ("closed_date", "=", False)], ["category_id"], ["__count"]
        )
        for service in self:
            below = (count for other, count in groups if other.parent_path.startswith(service.parent_path or "-"))
            service.open_case_count = sum(below)

    # ------------------------------------------------------------------
    # constraints
    # ------------------------------------------------------------------

    @api.constrains("parent_id")
    def _check_questions_of_line(self):
        below = self.with_context(active_test=False).search([("id", "child_of", self.ids)])
        below.question_ids._check_code()

    @api.constrains("company_id", "parent_id")
    def _check_company_of_parent(self):
        for service in self:
            company = service.parent_id.company_id
            if company and service.company_id != company:
                raise ValidationError(
                    self.env._(
                        "“%(service)s” is part of “%(heading)s”, which belongs to another organisation. Give both"
                        " the same one.",
                        service=service.name,
                        heading=service.parent_id.name,
                    )
                )

    def write(self, vals):
        if vals.get("parent_id"):
            self._check_no_circle(self.browse(vals["parent_id"]))
        return super().write(vals)

    def _check_no_circle(self, parent):
        """Said before writing: core finds a circle too, but does not say what to do."""
        for service in self & (parent | parent._get_headings()):
            raise ValidationError(
                self.env._(
                    "“%s” cannot be a part of itself. Choose another service under “Part of”.",
                    service.name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        if self.with_context(active_test=False).child_id - self:
            raise UserError(self.env._("This is a heading with services below it. Move them to another heading first."))
        Case = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        Answer = self.env["civic.case.answer"].sudo()
        if Case.search_count([("category_id", "in", self.ids)], limit=1) or Answer.search_count(
            [("question_id.service_id", "in", self.ids)], limit=1
        ):
            raise UserError(
                self.env._("There are cases of this service: it is not deleted. Archive it, and nobody is offered it.")
            )

    # ------------------------------------------------------------------
    # actions
    # ------------------------------------------------------------------

    def action_open_cases(self):
        """Open the cases of the service and those below it."""
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_crm.helpdesk_ticket_action")
        action["domain"] = [("category_id", "child_of", self.ids)]
        return action

    # ------------------------------------------------------------------
    # the tree
    # ------------------------------------------------------------------

    def _get_headings(self):
        """Return the services above this one, nearest first; ends when the tree is a circle."""
        self.ensure_one()
        above = self.browse()
        parent = self.parent_id
        while parent and parent not in above:
            above |= parent
            parent = parent.parent_id
        return above

    # ------------------------------------------------------------------
    # finding one by words
    # ------------------------------------------------------------------

    def _rank_by_words(self, typed):
        """Return those of these services that fit the words of *typed*, best first.

        Whoever has their phone in English may still write in Spanish, so the best of all installed languages counts.
        """
        langs = [code for code, _name in self.env["res.lang"].get_installed()]
        scores = {service: max(service._score_words(typed, lang) for lang in langs) for service in self}
        # sorted() is stable: of equals, the one that stands first in the city's order
        return self.browse(service.id for service in sorted(self, key=lambda s: -scores[s]) if scores[service])

    def _score_words(self, typed, lang):
        facts = self.with_context(lang=lang)._get_public_facts()
        return service_search.score(typed, facts["name"], facts["keywords"], facts["description"])

    # ------------------------------------------------------------------
    # what is asked
    # ------------------------------------------------------------------

    def _get_questions(self):
        """Return the questions a citizen meets, as ``core.questions.Question``: the headings' first."""
        return self._read_questions(self.id, self.env.lang) if self else ()

    @api.model
    @tools.ormcache("service_id", "lang")
    def _read_questions(self, service_id, lang):
        # sudo: what a form asks is public
        service = self.sudo().with_context(lang=lang, active_test=True).browse(service_id)
        lines = service._get_headings()[::-1] | service
        asked = [question._make_spec() for line in lines for question in line.question_ids]
        # a list without options cannot be answered; the editor says so
        return tuple(question for question in asked if question.options or not question.is_list)

    def _may_have_answers(self):
        """Return True when this service asks something, or ever did."""
        return bool(self) and self._has_asked(self.id)

    @api.model
    @tools.ormcache("service_id")
    def _has_asked(self, service_id):
        service = self.sudo().with_context(active_test=False).browse(service_id)
        return bool((service | service._get_headings()).question_ids)

    def _clean_answers(self, given):
        """Read raw answers to this service's questions.

        :param given: mapping of question code to one raw answer or a list
        :return: ``(answers, errors)`` as ``core.questions.clean`` does, by the city's day and time zone
        """
        today = self.env["helpdesk.ticket"]._get_city_today()
        return questions.clean(self._get_questions(), given, today, self.env.company._get_city_zone())

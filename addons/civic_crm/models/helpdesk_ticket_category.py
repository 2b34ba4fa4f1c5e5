# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models

#: What a case is by law and in the figures: only requests, complaints and suggestions may be "solicitudes".
KINDS = [
    ("notice", "Notice"),
    ("request", "Request"),
    ("complaint", "Complaint"),
    ("suggestion", "Suggestion"),
]


class HelpdeskTicketCategory(models.Model):
    """A service: what may be asked for, of whom, and by when it is answered."""

    _name = "helpdesk.ticket.category"
    _inherit = ["helpdesk.ticket.category", "civic.public.facts"]
    _description = "Service"
    _public_facts = (
        "id",
        "name",
        "kind",
        "description",
        "icon",
        "promise_days",
        "needs_place",
        "allow_anonymous",
        "is_registered",
        "ask_confirmation",
        "ask_satisfaction",
    )

    code = fields.Char(help="Stable code of the service, used in imports, open data and interfaces.")
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
    icon = fields.Char(
        default="fa-comment",
        required=True,
        help="Name of a Font Awesome 4 icon, such as fa-lightbulb-o.",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        index="btree_not_null",
        help="Who answers. New cases of this service go to its board.",
    )
    promise_days = fields.Integer(
        string="Promised within (working days)",
        help="Shown to the citizen as a date when the case is filed. 0: no promise.",
    )
    needs_place = fields.Boolean(
        string="Ask for the place",
        default=True,
        help="The form asks where it is; for requests about a person, switch it off.",
    )
    allow_anonymous = fields.Boolean(help="A citizen may file without name or e-mail and follow by the code alone.")

    _promise_days_positive = models.Constraint(
        "CHECK (promise_days >= 0)", "The promised number of working days is 0 or more."
    )
    _code_unique = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another service has this code already. Give each service its own.",
    )

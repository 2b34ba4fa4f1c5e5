# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..core.stage_move import Rule


class CivicStageRule(models.Model):
    """A way from one state to another: who may take it, what it requires, what the citizen is told.

    ``core/stage_move.py`` judges; the rules are kept in memory, since every move asks for them.
    """

    _name = "civic.stage.rule"
    _inherit = "civic.kept.in.memory"
    _description = "Rule for changing the state"
    _order = "to_stage_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="Of several rules that fit, the first holds.")
    active = fields.Boolean(default=True)
    from_stage_ids = fields.Many2many(
        "helpdesk.ticket.stage",
        "civic_stage_rule_from_rel",
        string="From",
        help="States from which this way leads. Empty: from any.",
    )
    to_stage_id = fields.Many2one("helpdesk.ticket.stage", string="To", required=True, ondelete="cascade", index=True)
    group_ids = fields.Many2many(
        "res.groups", string="Who may", help="Only members of these groups. Empty: whoever may write the case."
    )
    needs_responsible = fields.Boolean(help="The case must have a responsible person before it moves here.")
    needs_answer = fields.Boolean(help="The citizen must have been written to, and nothing of theirs be unanswered.")
    asks_reason = fields.Boolean(
        string="Asks for a reason",
        help="Moved only with “Change state with a reason”; the reason stays in the case's thread.",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="Message to the citizen",
        domain=[("model", "=", "helpdesk.ticket")],
        ondelete="restrict",
        help="Sent in the citizen's language when a case has moved. Empty: no message.",
    )

    @api.constrains("from_stage_ids", "to_stage_id")
    def _check_stages(self):
        for rule in self:
            if rule.to_stage_id in rule.from_stage_ids:
                raise ValidationError(
                    self.env._(
                        "“%(rule)s” leads from “%(stage)s” to itself. Take it out of “From”.",
                        rule=rule.name,
                        stage=rule.to_stage_id.name,
                    )
                )

    @api.constrains("template_id")
    def _check_template(self):
        for rule in self.filtered("template_id"):
            if rule.template_id.model != "helpdesk.ticket":
                raise ValidationError(
                    self.env._(
                        "“%(template)s” is not a message about cases. Choose one that is.",
                        template=rule.template_id.name,
                    )
                )

    @api.model
    @tools.ormcache()
    def _get_rules(self):
        """Return the city's rules as ``core.stage_move.Rule``, in order."""
        # sudo: rules hold for everybody
        return tuple(
            Rule(
                to_stage=rule.to_stage_id.id,
                from_stages=frozenset(rule.from_stage_ids.ids),
                groups=frozenset(rule.group_ids.ids),
                needs_responsible=rule.needs_responsible,
                needs_answer=rule.needs_answer,
                asks_reason=rule.asks_reason,
                template=rule.template_id.id or 0,
            )
            for rule in self.sudo().search([])
        )

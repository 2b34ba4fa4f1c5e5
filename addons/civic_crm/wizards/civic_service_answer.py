# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import Command, api, fields, models


class CivicServiceAnswer(models.AbstractModel):
    """One answer to a question of the service, as staff type it in a dialogue for somebody else."""

    _name = "civic.service.answer"
    _description = "Answer typed in for a citizen"

    question_id = fields.Many2one("civic.service.question", required=True, readonly=True)
    datatype = fields.Selection(related="question_id.datatype")
    is_required = fields.Boolean(related="question_id.required")
    value = fields.Char(string="Answer")
    option_ids = fields.Many2many(
        "civic.service.question.option", string="Chosen", domain="[('question_id', '=', question_id)]"
    )

    @api.model
    def _ask(self, service):
        """Return the commands that put one empty line for each question of *service*."""
        questions = [question for question in service._origin._get_questions() if not question.is_notice]
        return [Command.clear(), *(Command.create({"question_id": question.id}) for question in questions)]

    def _get_raw_answers(self):
        """Return what was answered as a form would send it: question code → text or list of keys."""
        return {line.question_id.code: raw for line in self if (raw := line._get_raw())}

    def _get_raw(self):
        if self.option_ids:
            return self.option_ids.mapped("key")
        return (self.value or "").strip()

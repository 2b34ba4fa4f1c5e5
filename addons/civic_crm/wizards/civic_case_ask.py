# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models
from odoo.exceptions import UserError


class CivicCaseAsk(models.TransientModel):
    """Ask other departments for what one needs of them: one contribution each, all at once."""

    _name = "civic.case.ask"
    _description = "Ask another department"

    case_id = fields.Many2one("helpdesk.ticket", required=True)
    case_team_id = fields.Many2one(related="case_id.team_id")
    case_promised_on = fields.Date(related="case_id.promised_on", string="Promised to the citizen")
    team_ids = fields.Many2many("helpdesk.ticket.team", string="Departments")
    text = fields.Text(string="What is asked")
    promised_on = fields.Date(
        string="By when", help="The day by which you need it. It is the contribution's own clock."
    )

    def action_ask(self):
        self.ensure_one()
        if not self.team_ids:
            raise UserError(self.env._("Choose at least one department to ask."))
        if not (self.text or "").strip():
            raise UserError(self.env._("Write what you need: it is all the other department knows of why."))
        if not self.promised_on or self.promised_on < self.case_id._get_city_today():
            raise UserError(self.env._("Say by when you need it: today or a later day."))
        self.case_id._ask_departments(self.team_ids, self.text.strip(), self.promised_on)
        return {"type": "ir.actions.act_window_close"}

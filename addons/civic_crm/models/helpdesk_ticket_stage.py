# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models, tools


class HelpdeskTicketStage(models.Model):
    _name = "helpdesk.ticket.stage"
    _inherit = ["helpdesk.ticket.stage", "civic.public.facts"]
    _public_facts = ("name", "public_name", "public_explanation", "closed", "unattended")

    public_name = fields.Char(
        string="Name for the citizen",
        translate=True,
        help="What the citizen reads as the state of the case. Empty: the stage's name.",
    )
    public_explanation = fields.Char(
        string="Explanation for the citizen",
        translate=True,
        help="One sentence under the state: what happens now, in plain words.",
    )
    waits_for_citizen = fields.Boolean(
        string="Waits for the citizen",
        help="Cases in this state wait for something from the citizen; the board's filter finds them.",
    )

    @tools.ormcache("self.id")
    def _has_mail_template(self):
        """Return whether a mail goes out when a case comes into this state."""
        # sudo: whoever files a case
        return bool(self.sudo().mail_template_id)

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models


class CivicDeadlineAlert(models.Model):
    """That somebody has been told of a deadline: once for each step, until the deadline moves."""

    _name = "civic.deadline.alert"
    _description = "Alert of a deadline"
    _order = "id"

    deadline_id = fields.Many2one("civic.case.deadline", required=True, index=True, ondelete="cascade")
    step_id = fields.Many2one("civic.escalation.step", required=True, index=True, ondelete="cascade")
    activity_id = fields.Many2one("mail.activity", index="btree_not_null", ondelete="set null")

    _told = models.Index("(step_id, deadline_id)")

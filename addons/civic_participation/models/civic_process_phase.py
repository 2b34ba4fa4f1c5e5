# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..core import phases

#: Set by a process that writes several phases at once and checks them when all are written.
#: An object, not a word: no client can send it.
WRITTEN_TOGETHER = object()


class CivicProcessPhase(models.Model):
    """A dated step of a process. It opens and closes by its dates, by nobody's click."""

    _name = "civic.process.phase"
    _description = "Phase of a process"
    _order = "sequence, date_start, id"

    #: Each kind has its own rules in code: what citizens can do while it is open.
    KINDS = [
        ("information", "Information"),
        ("proposals", "Proposals"),
        ("debate", "Debate"),
        ("survey", "Survey"),
        ("evaluation", "Evaluation"),
        ("vote", "Vote"),
        ("result", "Result"),
        ("followup", "Follow-up"),
    ]

    # what happens
    process_id = fields.Many2one("civic.process", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        KINDS,
        required=True,
        default="information",
        help="Decides what citizens can do while the phase is open.",
    )
    description = fields.Html(translate=True, help="What citizens can do in this phase, in plain words.")

    # when
    date_start = fields.Datetime(string="Opens", required=True, index=True, help="From this moment, included.")
    date_end = fields.Datetime(string="Closes", required=True, index=True, help="Until this moment, excluded.")
    state = fields.Selection(
        [("upcoming", "Upcoming"), ("open", "Running"), ("over", "Over")],
        compute="_compute_state",
        help="What the dates say now.",
    )
    is_open = fields.Boolean(
        string="Open to citizens",
        compute="_compute_state",
        search="_search_is_open",
        help="Within its dates, in a process that is published and not cancelled.",
    )

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("date_start", "date_end", "process_id.is_published", "process_id.is_cancelled")
    def _compute_state(self):
        now = fields.Datetime.now()
        for phase in self:
            dated = phase.date_start and phase.date_end
            phase.state = dated and phases.phase_state(phase._get_span(), now)
            process = phase.process_id
            phase.is_open = phase.state == phases.OPEN and process.is_published and not process.is_cancelled

    @api.model
    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        is_open = (
            Domain("date_start", "<=", now)
            & Domain("date_end", ">", now)
            & Domain("process_id.is_published", "=", True)
            & Domain("process_id.is_cancelled", "=", False)
        )
        return Domain.OR(is_open if wanted else ~is_open for wanted in value)

    @api.depends("name", "process_id.name")
    def _compute_display_name(self):
        for phase in self:
            phase.display_name = f"{phase.process_id.name} · {phase.name}"

    # ------------------------------------------------------------------
    # constraints
    # ------------------------------------------------------------------

    @api.constrains("date_start", "date_end", "process_id")
    def _check_dates(self):
        if self.env.context.get("civic_phases") is not WRITTEN_TOGETHER:
            self.process_id._check_phases()

    @api.ondelete(at_uninstall=False)
    def _unlink_only_before_it_matters(self):
        """What citizens have seen open stays on record; a published process has phases."""
        for phase in self:
            if phase.process_id.is_published and phase.state != phases.UPCOMING:
                raise UserError(
                    self.env._(
                        "“%(phase)s” has begun and citizens have seen it: it cannot be"
                        " deleted. Close it by setting its end, or cancel the process.",
                        phase=phase.name,
                    )
                )
        for process in self.process_id:
            if process.is_published and not process.phase_ids - self:
                raise UserError(
                    self.env._(
                        "“%(process)s” is published and needs at least one phase. Add the"
                        " new one first, or unpublish the process.",
                        process=process.name,
                    )
                )

    # ------------------------------------------------------------------
    # private
    # ------------------------------------------------------------------

    def _get_span(self):
        self.ensure_one()
        return phases.Span(self.date_start, self.date_end)

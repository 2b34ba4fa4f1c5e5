# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..core import phases
from .civic_process_phase import WRITTEN_TOGETHER


class CivicProcess(models.Model):
    """A participatory process: what is asked, of whom, in which dated phases.

    Whether it is open follows from the clock, so nothing has to run for it to be true: the
    state is computed from the phases' dates, and searched by them.
    """

    _name = "civic.process"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Participatory process"
    _order = "date_start desc, id desc"
    _check_company_auto = True

    STATES = [
        ("draft", "Draft"),
        ("announced", "Announced"),
        ("open", "Open"),
        ("finished", "Finished"),
        ("cancelled", "Cancelled"),
    ]

    # what is asked
    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(copy=False, help="Short stable code, used in addresses, files and open data.")
    kind_id = fields.Many2one("civic.process.kind", index="btree_not_null", ondelete="restrict")
    purpose = fields.Html(translate=True, help="What is decided, and what the city will do with the result.")
    active = fields.Boolean(default=True)
    color = fields.Integer()

    # where, by whom
    zone_ids = fields.Many2many(
        "civic.zone",
        string="Zones",
        check_company=True,
        help="Whom it concerns. Empty: the whole city.",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        help="Responsible for the process and for what follows from it.",
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Team",
        domain=[("share", "=", False)],
        help="The people who run it.",
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)

    # when
    phase_ids = fields.One2many("civic.process.phase", "process_id", string="Phases", copy=True)
    phases_may_overlap = fields.Boolean(
        string="Phases may overlap", help="Several phases may be open at once, such as a debate beside a survey."
    )
    date_start = fields.Datetime(string="Begins", compute="_compute_dates", store=True, index=True, tracking=True)
    date_end = fields.Datetime(string="Ends", compute="_compute_dates", store=True, index=True, tracking=True)
    is_published = fields.Boolean(
        string="Published",
        copy=False,
        tracking=True,
        help="Citizens see it, and its phases open at their dates.",
    )
    is_cancelled = fields.Boolean(string="Cancelled", copy=False, tracking=True)
    state = fields.Selection(STATES, compute="_compute_state", search="_search_state")
    current_phase = fields.Char(string="Open now", compute="_compute_state", help="The phases open at this moment.")
    next_opening = fields.Datetime(
        string="Next opening", compute="_compute_state", help="When the next phase opens by itself."
    )

    _code_unique = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another process has this code already. Give each process its own.",
    )

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("phase_ids.date_start", "phase_ids.date_end")
    def _compute_dates(self):
        for process in self:
            whole = phases.extent(process._get_spans()[1])
            process.date_start = whole and whole.start
            process.date_end = whole and whole.end

    @api.depends(
        "phase_ids.date_start",
        "phase_ids.date_end",
        "phase_ids.name",
        "is_published",
        "is_cancelled",
    )
    def _compute_state(self):
        now = fields.Datetime.now()
        for process in self:
            dated, spans = process._get_spans()
            process.state = phases.process_state(
                spans,
                now,
                published=process.is_published,
                cancelled=process.is_cancelled,
            )
            running = process.state == phases.OPEN
            names = [dated[i].name for i in phases.current(spans, now) if running]
            process.current_phase = ", ".join(names)
            alive = running or process.state == phases.ANNOUNCED
            process.next_opening = alive and phases.next_opening(spans, now)

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        return Domain.OR(self._get_state_domain(state, now) for state in value)

    @api.model
    def _get_state_domain(self, state, moment):
        """Return the domain of processes in *state* at *moment* (naive UTC)."""
        on = Domain("is_published", "=", True) & Domain("is_cancelled", "=", False)
        begun = Domain("date_start", "<=", moment)
        over = Domain("date_end", "<=", moment)
        return {
            phases.CANCELLED: Domain("is_cancelled", "=", True),
            phases.DRAFT: Domain("is_published", "=", False) & Domain("is_cancelled", "=", False),
            phases.ANNOUNCED: on & (Domain("date_start", ">", moment) | Domain("date_start", "=", False)),
            phases.OPEN: on & begun & Domain("date_end", ">", moment),
            phases.FINISHED: on & over,
        }.get(state, Domain.FALSE)

    # ------------------------------------------------------------------
    # constraints
    # ------------------------------------------------------------------

    @api.constrains("phase_ids", "phases_may_overlap")
    def _check_phases(self):
        for process in self:
            dated, spans = process._get_spans()
            for i in phases.find_reversed(spans):
                raise ValidationError(
                    self.env._(
                        "“%(phase)s” closes before it opens. Set its end after its start.",
                        phase=dated[i].name,
                    )
                )
            overlap = not process.phases_may_overlap and phases.find_overlap(spans)
            if overlap:
                before, after = (dated[i] for i in overlap)
                raise ValidationError(
                    self.env._(
                        "“%(after)s” opens before “%(before)s” closes. Change the dates, or"
                        " allow the phases of “%(process)s” to overlap.",
                        after=after.name,
                        before=before.name,
                        process=process.name,
                    )
                )

    @api.constrains("is_published", "phase_ids")
    def _check_published_has_phases(self):
        for process in self:
            if process.is_published and not process.phase_ids:
                raise ValidationError(
                    self.env._(
                        "“%(process)s” has no phase yet, so citizens would not know when to"
                        " take part. Add one before publishing.",
                        process=process.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for process in self:
            if process.is_published or process.is_cancelled:
                raise UserError(
                    self.env._(
                        "Citizens know about “%(process)s”: it is not deleted. Cancel or archive it instead.",
                        process=process.name,
                    )
                )

    # ------------------------------------------------------------------
    # create, write, copy
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super(CivicProcess, self._with_phases_together()).create(vals_list).with_env(self.env)

    def write(self, vals):
        if "phase_ids" not in vals:
            return super().write(vals)
        return super(CivicProcess, self._with_phases_together()).write(vals)

    def _with_phases_together(self):
        """Check the dates when all phases are written: they may move past each other."""
        return self.with_context(civic_phases=WRITTEN_TOGETHER)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" in (default or {}):
            return vals_list
        return [
            dict(vals, name=self.env._("%(process)s (copy)", process=process.name))
            for process, vals in zip(self, vals_list, strict=True)
        ]

    # ------------------------------------------------------------------
    # actions
    # ------------------------------------------------------------------

    def action_publish(self):
        self.write({"is_published": True})

    def action_unpublish(self):
        """Take back what nobody has taken part in yet."""
        for process in self:
            if process.state not in (phases.ANNOUNCED, phases.DRAFT):
                raise UserError(
                    self.env._(
                        "“%(process)s” has begun: citizens may have taken part. Cancel it,"
                        " so that they see what happened.",
                        process=process.name,
                    )
                )
        self.write({"is_published": False})

    def action_cancel(self):
        self.write({"is_cancelled": True})

    def action_resume(self):
        self.write({"is_cancelled": False})

    # ------------------------------------------------------------------
    # what the citizen sees
    # ------------------------------------------------------------------

    def _get_public_summary(self):
        """Return the whitelisted facts of one process for the public pages.

        Moments are naive UTC; no member of staff is named.

        :raises UserError: when the process is not public (never published)
        """
        self.ensure_one()
        if not self.is_published:
            raise UserError(self.env._("This process is not public."))
        return {
            "id": self.id,
            "code": self.code,
            "name": self.name,
            "purpose": self.purpose,
            "kind": self.kind_id.name,
            "zones": self.zone_ids.mapped("complete_name"),
            "department": self.team_id.name,
            "state": self.state,
            "begins_at": self.date_start,
            "ends_at": self.date_end,
            "opens_next_at": self.next_opening,
            "phases": [
                {
                    "id": phase.id,
                    "name": phase.name,
                    "kind": phase.kind,
                    "text": phase.description,
                    "opens_at": phase.date_start,
                    "closes_at": phase.date_end,
                    "state": phase.state,
                    "open": phase.is_open,
                }
                for phase in self.phase_ids
            ],
        }

    # ------------------------------------------------------------------
    # private
    # ------------------------------------------------------------------

    def _get_spans(self):
        """Return the phases that have both dates, and their spans in the same order.

        A phase just added in the form has none yet.
        """
        self.ensure_one()
        dated = self.phase_ids.filtered(lambda phase: phase.date_start and phase.date_end)
        return dated, [phase._get_span() for phase in dated]

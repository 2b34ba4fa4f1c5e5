# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from ..core.deadline import Pause
from .civic_pause_reason import PAUSE_KINDS

#: What may still be set while a pause is open; nothing once it is closed.
OPEN_FIELDS = {"date_to", "note", "document_ids"}


class CivicDeadlinePause(models.Model):
    """Days on which the clock of a case stands: the promise, and the law's terms where the reason stops them."""

    _name = "civic.deadline.pause"
    _inherit = "civic.case.part"
    _description = "Pause of a case's clock"
    _order = "date_from desc, id desc"

    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env["helpdesk.ticket"]._get_city_today(),
        help="The first day that does not count: that on which the citizen, or whoever has to answer, was told.",
    )
    date_to = fields.Date(
        string="To",
        help="The last day that does not count: that on which the answer came. Empty: it still stands.",
    )
    last_day = fields.Date(compute="_compute_last_day", store=True, help="When the clock runs on, at the latest.")
    reason_id = fields.Many2one("civic.pause.reason", required=True, ondelete="restrict")
    kind = fields.Selection(
        PAUSE_KINDS,
        string="Effect",
        compute="_compute_kind",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    max_months = fields.Integer(compute="_compute_kind", store=True, precompute=True)
    stops_legal = fields.Boolean(string="Stops terms set by law", compute="_compute_kind", store=True, precompute=True)
    note = fields.Text(string="Explanation", help="What was asked, of whom. For staff.")
    document_ids = fields.Many2many(
        "ir.attachment", string="Documents", help="The act by which the clock was stopped, and the answer to it."
    )
    author_id = fields.Many2one(
        "res.users", string="Entered by", required=True, readonly=True, default=lambda self: self.env.user
    )

    _dates_ordered = models.Constraint(
        "CHECK (date_to IS NULL OR date_from <= date_to)",
        "A pause cannot end before it begins. Correct its dates.",
    )
    _one_open = models.UniqueIndex(
        "(case_id) WHERE date_to IS NULL",
        "The clock of this case stands already. End that pause before you begin another.",
    )

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("reason_id")
    def _compute_kind(self):
        for pause in self:
            pause.kind = pause.reason_id.kind or "suspend"
            pause.max_months = pause.reason_id.max_months
            pause.stops_legal = pause.reason_id.stops_legal

    @api.depends("date_from", "date_to", "max_months")
    def _compute_last_day(self):
        for pause in self:
            pause.last_day = pause.date_from and pause._get_pause().get_last()

    @api.depends("reason_id", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for pause in self:
            days = [format_date(self.env, day) for day in (pause.date_from, pause.date_to) if day]
            pause.display_name = f"{pause.reason_id.name or ''} ({' – '.join(days)})"

    def _get_pause(self):
        return Pause(self.date_from, self.date_to or None, self.kind, self.max_months)

    def _get_pauses(self, purpose="promise"):
        """Return those that stop a deadline of this purpose, as the engine reads them."""
        return [pause._get_pause() for pause in self if purpose != "legal" or pause.stops_legal]

    def _find_of_day(self, day):
        return self.filtered(lambda pause: pause._get_pause().covers(day))

    # ------------------------------------------------------------------
    # checks
    # ------------------------------------------------------------------

    @api.constrains("case_id", "date_from", "date_to")
    def _check_dates(self):
        today = self.env["helpdesk.ticket"]._get_city_today()
        for pause in self:
            if max(pause.date_from, pause.date_to or pause.date_from) > today:
                raise ValidationError(
                    self.env._("A pause is entered when it has begun, and ended when it has ended: not before.")
                )
            filed_on = pause.case_id._to_city_time(pause.case_id.filed_at).date()
            if pause.date_from < filed_on:
                raise ValidationError(
                    self.env._(
                        "The case was filed on %(day)s: its clock cannot have stood before.",
                        day=format_date(self.env, filed_on),
                    )
                )

    @api.constrains("case_id", "date_from", "date_to")
    def _check_others(self):
        # sudo: all pauses of the case, whoever may see them
        others = self.sudo().case_id.pause_ids
        for pause in self.sudo():
            for other in (others - pause).filtered(lambda other, case=pause.case_id: other.case_id == case):
                if pause._overlaps(other):
                    raise ValidationError(
                        self.env._(
                            "The clock stood already on some of these days: “%(other)s”. Choose days outside of it.",
                            other=other.display_name,
                        )
                    )

    @api.model
    def _check_none_open(self, case_ids):
        # sudo: a pause stands in the way, whoever may see it
        if other := self.sudo().search([("case_id", "in", case_ids), ("date_to", "=", False)], limit=1):
            raise ValidationError(
                self.env._(
                    "The clock of this case stands already, since %(day)s. End that pause before you begin another.",
                    day=format_date(self.env, other.date_from),
                )
            )

    def _overlaps(self, other):
        return (not other.date_to or self.date_from <= other.date_to) and (
            not self.date_to or other.date_from <= self.date_to
        )

    # ------------------------------------------------------------------
    # create, write, never unlink
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(
            {"author_id", "max_months", "stops_legal", "last_day"} & vals.keys() for vals in vals_list
        ):
            raise AccessError(self.env._("Who entered a pause, and how long it may last, is not set by hand."))
        self._check_none_open([vals.get("case_id") for vals in vals_list if not vals.get("date_to")])
        pauses = super().create(vals_list)
        if closed := pauses.case_id.filtered("closed_date"):
            raise UserError(
                self.env._(
                    "The case %(case)s is closed: its clock has ended. Reopen it first.", case=closed[0].display_name
                )
            )
        pauses._keep_documents()
        pauses._log_on_case()
        pauses.case_id._move_deadlines()
        return pauses

    def write(self, vals):
        if any(pause.date_to for pause in self):
            raise UserError(self.env._("A pause that has ended is not changed. Enter another one if days are missing."))
        if fixed := vals.keys() - OPEN_FIELDS:
            labels = ", ".join(sorted(self._fields[name]._description_string(self.env) for name in fixed))
            raise UserError(
                self.env._("%(fields)s of a pause cannot be changed. End it, and enter another one.", fields=labels)
            )
        result = super().write(vals)
        self._keep_documents()
        if "date_to" in vals:
            self._log_on_case()
            self.case_id._move_deadlines()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A pause is part of the case's record and is not deleted. End it instead."))

    def _keep_documents(self):
        """Let whoever may read the case read its documents, and no one else."""
        for pause in self:
            # sudo: uploaded by the user a moment ago, tied to nothing yet
            loose = pause.document_ids.sudo().filtered(
                lambda file: not file.res_id and file.create_uid == self.env.user
            )
            loose.write({"res_model": self._name, "res_id": pause.id})

    def _log_on_case(self):
        bodies = {pause.case_id.id: pause._describe() for pause in self}
        self.case_id._message_log_batch(bodies)

    def _describe(self):
        day = format_date(self.env, self.date_to or self.date_from)
        if self.date_to:
            return self.env._("The clock runs again after %(day)s: %(reason)s", day=day, reason=self.reason_id.name)
        return self.env._("The clock stands from %(day)s on: %(reason)s", day=day, reason=self.reason_id.name)

    # ------------------------------------------------------------------
    # actions
    # ------------------------------------------------------------------

    def action_resume(self):
        """End the pause, in a dialogue that proposes today."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Resume"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [[self.env.ref("civic_crm.civic_deadline_pause_view_form_resume").id, "form"]],
            "target": "new",
        }

# SPDX-License-Identifier: AGPL-3.0-or-later
from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core import phone_event

#: What whoever took the call may write; the rest is said by the telephony system and by what is made of the call.
BY_HAND = {"disposition_id", "notes", "number", "partner_id"}


class CivicCall(models.Model):
    """One telephone call: who, when, how long, and what came of it.

    What was made of it is in the ledger (``civic.intake``); a call of which nothing was made is here only.
    """

    _name = "civic.call"
    _description = "Call"
    _order = "id desc"

    # the call
    number = fields.Char(help="The other side's, with the country; empty when it was withheld.")
    direction = fields.Selection([("in", "Incoming"), ("out", "Outgoing")], required=True, default="in")
    state = fields.Selection(
        [("ringing", "Ringing"), ("answered", "Talking"), ("ended", "Ended")],
        required=True,
        default="ringing",
        readonly=True,
    )
    started_at = fields.Datetime(string="Began", required=True, readonly=True, default=fields.Datetime.now)
    answered_at = fields.Datetime(string="Answered", readonly=True)
    ended_at = fields.Datetime(string="Ended", readonly=True)
    seconds = fields.Integer(
        string="Seconds spoken", compute="_compute_seconds", store=True, precompute=True, aggregator="avg"
    )
    is_missed = fields.Boolean(string="Nobody answered", compute="_compute_seconds", store=True, precompute=True)

    # where it rang
    system_id = fields.Many2one("civic.phone.system", readonly=True, ondelete="restrict")
    call_ref = fields.Char(string="Name in the telephony system", readonly=True)
    extension = fields.Char(readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company, index=True
    )

    # who spoke, and what came of it
    user_id = fields.Many2one("res.users", string="Agent", readonly=True, index="btree_not_null")
    partner_id = fields.Many2one("res.partner", string="Citizen", index="btree_not_null", ondelete="restrict")
    notes = fields.Text()
    disposition_id = fields.Many2one("civic.call.disposition", string="How it ended", ondelete="restrict")
    intake_ids = fields.One2many("civic.intake", "call_id", string="In the ledger", readonly=True)
    made_case_ids = fields.Many2many("helpdesk.ticket", string="Cases", compute="_compute_made")
    made_enquiry_ids = fields.Many2many("crm.lead", string="Enquiries", compute="_compute_made")

    _ref_unique = models.UniqueIndex("(system_id, call_ref) WHERE call_ref IS NOT NULL")
    _open_idx = models.Index("(company_id, id) WHERE state <> 'ended'")
    _started_idx = models.Index("(started_at)")

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("answered_at", "ended_at")
    def _compute_seconds(self):
        for call in self:
            call.seconds = phone_event.seconds_of(call.answered_at, call.ended_at)
            call.is_missed = bool(call.ended_at and not call.answered_at)

    @api.depends("intake_ids.case_id", "intake_ids.enquiry_id")
    def _compute_made(self):
        for call in self:
            call.made_case_ids = call.intake_ids.case_id
            call.made_enquiry_ids = call.intake_ids.enquiry_id

    @api.depends("number", "started_at", "partner_id")
    def _compute_display_name(self):
        for call in self:
            call.display_name = call.partner_id.display_name or call.number or self.env._("Number withheld")

    def _make_summary(self):
        """Return one call in a line, for the citizen's history: direction, how long, how it ended, what was noted."""
        self.ensure_one()
        directions = dict(self._fields["direction"]._description_selection(self.env))
        minutes, seconds = divmod(self.seconds, 60)
        length = self.env._("nobody answered") if self.is_missed else f"{minutes}:{seconds:02}" if self.ended_at else ""
        noted = (self.notes or "").strip().partition("\n")[0]
        return " · ".join(filter(None, [directions[self.direction], length, self.disposition_id.name, noted]))

    # ------------------------------------------------------------------
    # write, never unlink
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Staff starts calls on the screen; the telephony system's facts are not typed in."""
        if not self.env.su and any(set(vals) - BY_HAND - {"direction"} for vals in vals_list):
            raise AccessError(self.env._("A call is begun on the call screen."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and set(vals) - BY_HAND:
            raise AccessError(
                self.env._("These facts of a call are not changed: %s.", ", ".join(sorted(set(vals) - BY_HAND)))
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Calls are not deleted: they are counted."))

    def action_open_screen(self):
        """Open the call on the agent's screen."""
        self.ensure_one()
        return {"type": "ir.actions.client", "tag": "civic_call_screen", "params": {"call_id": self.id}}

    # ------------------------------------------------------------------
    # what the telephony system says
    # ------------------------------------------------------------------

    @api.model
    def _take_event(self, system, event):
        """Note what a telephony system says, and show it to the agents concerned.

        :param system: one ``civic.phone.system``; its signature has been checked
        :param event: a ``core.phone_event.Event``
        :return: the call (superuser), or an empty one when this was said before
        """
        # sudo: a telephony system is nobody's login
        calls = self.sudo().with_company(system.company_id)
        call = calls.search([("system_id", "=", system.id), ("call_ref", "=", event.call)], limit=1)
        if not call:
            call = calls._begin(system, event)
        else:
            call.lock_for_update()
            if not phone_event.is_news(event.event, call.state):
                return call.browse()
            call._move_on(system, event)
        call._show()
        return call

    def _begin(self, system, event):
        """Create the call that *event* tells of; empty when another request has just done it."""
        number = self._to_e164(event.number)
        vals = {
            "system_id": system.id,
            "call_ref": event.call,
            "company_id": system.company_id.id,
            "number": number,
            "direction": event.direction,
            "partner_id": self.env["res.partner"]._find_by_phone(number).id if number else False,
            **self._prepare_event_vals(system, event),
        }
        try:
            with self.env.cr.savepoint(flush=False):
                call = self.create(vals)
                call.flush_recordset()
        except UniqueViolation:
            return self.browse()
        return call

    def _move_on(self, system, event):
        vals = self._prepare_event_vals(system, event)
        if self.answered_at:
            vals.pop("answered_at", None)
        self.write(vals)

    def _prepare_event_vals(self, system, event):
        now = fields.Datetime.now()
        vals = {"state": event.event}
        if event.event == "answered":
            vals["answered_at"] = now
        if event.event == "ended":
            vals["ended_at"] = now
        if event.extension:
            vals["extension"] = event.extension
            owner = system.extension_ids.filtered(lambda line: line.extension == event.extension).user_id
            if owner and not self.user_id:
                vals["user_id"] = owner.id
        return vals

    @api.model
    def _to_e164(self, number):
        """Return *number* with its country, as it came when it is none, or False."""
        return (number and (self.env["res.partner"]._phone_format(number=number) or number)) or False

    # ------------------------------------------------------------------
    # showing it to the agents
    # ------------------------------------------------------------------

    def _show(self):
        """Tell the agent whose call it is, else all who are on duty; nobody else learns who calls."""
        for call in self:
            agents = call.user_id or call._find_on_duty()
            agents._bus_send("civic_call", call._prepare_ring())

    def _prepare_ring(self):
        return {
            "id": self.id,
            "state": self.state,
            "number": self.number or "",
            "name": self.partner_id.name or "",
            "user_id": self.user_id.id,
        }

    def _find_on_duty(self):
        """Return the agents of the city who take calls now."""
        # sudo: who is on duty, to ring their screens
        return (
            self.env["res.users"]
            .sudo()
            .search(
                [
                    ("is_on_phone_duty", "=", True),
                    ("company_ids", "in", self.company_id.ids),
                    ("all_group_ids", "in", self.env.ref("civic_crm.group_agent").ids),
                ]
            )
        )

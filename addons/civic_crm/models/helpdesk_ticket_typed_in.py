# SPDX-License-Identifier: AGPL-3.0-or-later
"""Cases that staff type in for somebody who calls or stands at the counter."""

from odoo import api, models


class HelpdeskTicket(models.Model):
    """Who asks by telephone hears of the case as who asks on the web does.

    Only what is typed into the form is acknowledged: an import of old cases writes to nobody.
    """

    _inherit = "helpdesk.ticket"

    def web_save(self, vals, specification, next_id=None):
        typed_in = self if self else self.with_context(civic_typed_in=True)
        return super(HelpdeskTicket, typed_in).web_save(vals, specification, next_id=next_id)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.context.get("civic_typed_in"):
            return super().create(vals_list)
        self.check_access("create")
        named = [self._with_requester(vals) for vals in vals_list]
        cases = super(HelpdeskTicket, self.with_context(civic_typed_in=False)).create(named)
        cases._tell_requester()
        return cases

    def write(self, vals):
        """Who turns out to be somebody else gets the answers from now on, and the other no longer."""
        if self.env.su or "partner_id" not in vals:
            return super().write(vals)
        before = {case: case.partner_id for case in self}
        result = super().write(vals)
        for case, requester in before.items():
            if case.partner_id != requester:
                # sudo: who may write the case decides whose it is
                case.sudo().message_unsubscribe(requester.ids)
                case.sudo().message_subscribe(case.partner_id.ids)
        return result

    @api.model
    def _with_requester(self, vals):
        """Return *vals* with the citizen whose address was typed, found or made."""
        if vals.get("partner_id") or not vals.get("partner_email"):
            return vals
        citizen = self.env["res.partner"]._find_or_create_citizen(
            vals["partner_email"], vals.get("partner_name"), vals.get("partner_phone")
        )
        return dict(vals, partner_id=citizen.id) if citizen else vals

    def _tell_requester(self):
        """Have the citizen acknowledged and sent every answer."""
        # sudo: followers and the acknowledgement are the system's to set, for cases the user has just filed
        for case in self.sudo().filtered("partner_id"):
            case.message_subscribe(case.partner_id.ids)
            if any(case._get_told().mapped("email")) and not case.closed_date:
                case.acknowledgement = "to_send"
        self.sudo()._schedule_acknowledgements()

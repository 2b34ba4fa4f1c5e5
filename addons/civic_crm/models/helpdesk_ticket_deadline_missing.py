# SPDX-License-Identifier: AGPL-3.0-or-later
"""Deadlines for cases that are older than the clock: of an earlier version, or of the helpdesk before."""

from odoo import api, fields, models

from .helpdesk_ticket_deadline import AT_FILING, PROMISE

#: System parameter: the id up to which cases have been looked at; absent when there is nothing to do.
REACHED = "civic_crm.deadlines_begun_until"
#: Cases per transaction of the cron.
BATCH = 500


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = "helpdesk.ticket"

    @api.model
    def _schedule_missing_deadlines(self):
        """Have cases without deadlines get them, in batches after the update: nobody waits for a million of them."""
        self.env["ir.config_parameter"].sudo().set_param(REACHED, "0")
        self.env.ref("civic_crm.cron_begin_missing_deadlines")._trigger()

    @api.model
    def _cron_begin_missing_deadlines(self):
        """Go through the cases by their ids, from where the last run stopped; nothing unless an update asked."""
        parameters = self.env["ir.config_parameter"].sudo()
        progress = self.env["ir.cron"]._commit_progress
        while (reached := parameters.get_param(REACHED)) is not False:
            domain = [("id", ">", int(reached)), ("deadline_ids", "=", False)]
            Case = self.sudo().with_context(active_test=False)
            cases = Case.search(domain, order="id", limit=BATCH)
            if not cases:
                parameters.search([("key", "=", REACHED)]).unlink()
                progress(0, remaining=0)
                return
            cases._begin_missing_deadlines()
            parameters.set_param(REACHED, str(cases[-1].id))
            self.env.flush_all()
            self.env.invalidate_all()
            if not progress(len(cases), remaining=Case.search_count([("id", ">", cases[-1].id), *domain[1:]])):
                return

    def _begin_missing_deadlines(self):
        """Give a batch of cases without deadlines those that they would have had; doing it twice changes nothing.

        Terms set by law begin on the day of filing, by the rules of that day. A promise is what was promised then:
        the day on the case stays, and where there is none, none is invented. Closed cases settle theirs as they ended.
        """
        cases = self.sudo().filtered(lambda case: not case.deadline_ids)
        vals_list = []
        for case, planned in cases._plan_deadlines(AT_FILING, is_new=True).items():
            promise = planned.pop(PROMISE, None)
            if case.promised_on and promise and promise[2].day == case.promised_on:
                planned[PROMISE] = promise
            elif case.promised_on:
                vals_list.append(case._prepare_old_promise_vals())
            vals_list += [case._prepare_deadline_vals(*plan) for plan in planned.values()]
        self.env["civic.case.deadline"].sudo().create(vals_list)
        cases.filtered("closed_date").deadline_ids._settle()
        cases._publish_deadlines()

    def _prepare_old_promise_vals(self):
        """Return the values of a promise made by other rules: set on the day of filing, moved by later pauses."""
        filed_on = self._to_city_time(self.filed_at or fields.Datetime.now()).date()
        return {**self._prepare_by_hand_vals(self.promised_on), "given_on": filed_on}

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date, plaintext2html

from .civic_deadline_rule import PURPOSES

#: Deadlines of which somebody is told per transaction of the cron.
ALERT_BATCH = 200


class CivicEscalationStep(models.Model):
    """Who is told, and when, that a deadline comes near or has passed.

    A step tells of each deadline once. Telling is an activity on the case, without a mail of its own.
    """

    _name = "civic.escalation.step"
    _description = "Escalation step"
    _order = "timing desc, days, sequence, id"

    name = fields.Char(
        string="Text", required=True, translate=True, help="What the person reads as the summary of the activity."
    )
    note = fields.Text(string="What to do", translate=True, help="Stands in the activity, below the summary.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    timing = fields.Selection(
        [("warning", "Before it is due, as many days as its rule says"), ("late", "After it was due")],
        string="When",
        required=True,
        default="late",
    )
    days = fields.Integer(default=1, help="Natural days after the due day; of a warning the rule says how many before.")
    purpose = fields.Selection(PURPOSES, string="Which deadlines", help="Empty: promises and terms set by law.")
    recipient = fields.Selection(
        [
            ("responsible", "The responsible person, or else the head"),
            ("head", "The head of the department, or of the one above it"),
            ("auditor", "The auditors"),
        ],
        string="Whom",
        required=True,
        default="responsible",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False),
        domain="[('res_model', 'in', [False, 'helpdesk.ticket'])]",
    )

    _days_positive = models.Constraint("CHECK (days >= 0)", "A step comes on the due day (0) or days after it.")

    # ------------------------------------------------------------------
    # telling
    # ------------------------------------------------------------------

    @api.model
    def _cron_tell(self):
        """Tell of every open deadline what is to be told of it today, in batches; nobody is told twice."""
        progress = self.env["ir.cron"]._commit_progress
        for step in self.search([("active", "=", True)]):
            last = 0
            domain = step._get_due_domain()
            while clocks := step._find_untold(domain, last):
                last = clocks[-1].id
                step._tell(clocks.try_lock_for_update())
                if not progress(len(clocks), remaining=len(step._find_untold(domain, last))):
                    return

    def _find_untold(self, domain, last):
        return self.env["civic.case.deadline"].search(domain & Domain("id", ">", last), order="id", limit=ALERT_BATCH)

    def _get_due_domain(self):
        """Return the domain of the open deadlines of which this step tells today and has not told yet."""
        today = self.env["helpdesk.ticket"]._get_city_today()
        domain = Domain("outcome", "=", False) & Domain("alert_ids", "not any", [("step_id", "=", self.id)])
        if self.purpose:
            domain &= Domain("purpose", "=", self.purpose)
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        if self.timing == "warning":
            return domain & Domain("warn_on", "<=", today) & Domain("due_date", ">=", today)
        # of a term in hours nobody is told that it has passed before its minute
        passed = Domain("due_at", "=", False) | Domain("due_at", "<", fields.Datetime.now())
        return domain & Domain("due_date", "<=", fields.Date.subtract(today, days=self.days)) & passed

    def _tell(self, clocks):
        """Make the activities of this step for deadlines, all in one insert, and remember that."""
        told = [(clock, user) for clock in clocks for user in self._find_recipients(clock.case_id)]
        quiet = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True, civic_nobody_follows=True, tracking_disable=True
        )
        activities = quiet.create([self._prepare_activity_vals(clock, user) for clock, user in told])
        self.env["civic.deadline.alert"].create(
            [
                {"deadline_id": clock.id, "step_id": self.id, "activity_id": activity.id}
                for (clock, _user), activity in zip(told, activities, strict=True)
            ]
        )

    def _find_recipients(self, case):
        """Return the users told of one case; without a responsible person the head, who may be that of above."""
        if self.recipient == "auditor":
            return self.env.ref("civic_crm.group_auditor").all_user_ids.filtered(
                lambda user: case.company_id in user.company_ids
            )
        if self.recipient == "responsible" and case.user_id:
            return case.user_id
        return case.team_id._find_head()

    def _prepare_activity_vals(self, clock, user):
        step, reader = self.with_context(lang=user.lang), self.env(context={**self.env.context, "lang": user.lang})
        day = format_date(reader, clock.due_date)
        what = clock.with_env(reader).display_name
        note = "\n".join(filter(None, (f"{what}: {day}", step.note)))
        return {
            "res_model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
            "res_id": clock.case_id.id,
            "activity_type_id": self.activity_type_id.id,
            "summary": step.name,
            "note": plaintext2html(note),
            "date_deadline": max(clock.due_date, self.env["helpdesk.ticket"]._get_city_today()),
            "user_id": user.id,
            "automated": True,
        }

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who had a case, from when to when, and why it went on: the trail of hand-overs."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class CivicCaseCustody(models.Model):
    """One department's time with a case, in a chain without gap from the filing on.

    Each link begins at the very moment at which the one before it ended: one start per case, no fork,
    one open end. Indexes hold the shape of the chain, a constraint its times. Links are made by the case
    (``helpdesk_ticket_department.py``) at creation and whenever its department changes, whoever or
    whatever changes it; nobody writes them by hand.
    """

    _name = "civic.case.custody"
    _inherit = "civic.case.part"
    _description = "Who had the case"
    _order = "date_from, id"
    _rec_name = "case_id"

    case_id = fields.Many2one(readonly=True)
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        help="Empty: the front desk had it, which decides whose it is.",
    )
    date_from = fields.Datetime(string="From", required=True, readonly=True)
    date_to = fields.Datetime(string="Until", readonly=True, help="Empty: still has it.")
    passed_by_id = fields.Many2one(
        "res.users", string="Given by", readonly=True, help="Who filed the case or handed it over."
    )
    reason = fields.Text(readonly=True, help="Why it was handed over to this department.")
    previous_id = fields.Many2one("civic.case.custody", readonly=True, ondelete="cascade")
    seconds = fields.Integer(
        string="Seconds held",
        compute="_compute_seconds",
        help="From beginning to end; for who has it now, until this moment or the case's end.",
    )
    held = fields.Char(compute="_compute_seconds", string="How long")

    _times_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "A department cannot have had a case until before it got it."
    )
    _start_unique = models.UniqueIndex("(case_id) WHERE previous_id IS NULL", "A case's trail begins once.")
    _next_unique = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL", "A case goes on to one department at a time."
    )
    _holder_unique = models.UniqueIndex("(case_id) WHERE date_to IS NULL", "One department has a case at a time.")

    @api.depends("date_from", "date_to", "case_id.closed_date")
    def _compute_seconds(self):
        now = fields.Datetime.now()
        for link in self:
            end = link.date_to or max(link.case_id.closed_date or now, link.date_from or now)
            link.seconds = (end - link.date_from).total_seconds() if link.date_from else 0
            link.held = self._put_duration_into_words(link.seconds)

    @api.model
    def _put_duration_into_words(self, seconds):
        """Return *seconds* as its two largest units: days and hours, or hours and minutes."""
        days, rest = divmod(int(seconds), 86400)
        hours, rest = divmod(rest, 3600)
        if days:
            return self.env._("%(days)s d %(hours)s h", days=days, hours=hours)
        return self.env._("%(hours)s h %(minutes)s min", hours=hours, minutes=rest // 60)

    @api.constrains("case_id", "date_from", "previous_id")
    def _check_no_gap(self):
        for link in self:
            before = link.previous_id
            if before and (before.case_id != link.case_id or before.date_to != link.date_from):
                raise ValidationError(
                    self.env._(
                        "The trail of case %s has a gap: each department gets it when the one before gives it.",
                        link.case_id.number,
                    )
                )

    @api.model
    def _begin(self, cases):
        """Note who has *cases* first, which have just been filed; one plain statement, as each filing pays for it."""
        now, uid = self.env.cr.now(), self.env.uid
        rows = [
            SQL("(%s, %s, %s, %s, %s, %s)", case.id, case.team_id.id or None, case.filed_at, uid, now, uid)
            for case in cases
        ]
        if rows:
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO civic_case_custody (case_id, team_id, date_from, passed_by_id, create_date, create_uid)
                    VALUES %s
                    """,
                    SQL(", ").join(rows),
                )
            )
            cases.invalidate_recordset(["custody_ids"], flush=False)

    @api.model
    def _begin_missing(self):
        """Begin the trail of cases that have none: whoever has them has had them since they were filed."""
        self.env["helpdesk.ticket"].flush_model(["team_id", "filed_at"])
        self.env.execute_query(
            SQL(
                """
                INSERT INTO civic_case_custody (case_id, team_id, date_from, create_date, create_uid)
                SELECT id, team_id, filed_at, now() AT TIME ZONE 'UTC', %s
                  FROM helpdesk_ticket AS ticket
                 WHERE NOT EXISTS (SELECT FROM civic_case_custody WHERE case_id = ticket.id)
                RETURNING id
                """,
                self.env.uid,
            )
        )
        self.invalidate_model()

    @api.model
    def _pass_on(self, cases, reason=None):
        """Note that *cases* have another department than they had; three queries for the batch.

        :param cases: ``helpdesk.ticket``, as they are after the change
        :param str reason: why, in the words of whoever handed them over
        """
        now = fields.Datetime.now()
        last = self.search([("case_id", "in", cases.ids), ("date_to", "=", False)])
        for link in last:  # filed for a later moment than this one
            link.date_from = min(link.date_from, now)
        last.date_to = now
        last.flush_recordset()  # the database knows one holder at a time
        begun = {link.case_id.id: link for link in last}
        return self.create(
            [
                {
                    "case_id": case.id,
                    "team_id": case.team_id.id,
                    "date_from": now if case.id in begun else case.filed_at,
                    "passed_by_id": self.env.uid,
                    "reason": reason,
                    "previous_id": begun[case.id].id if case.id in begun else False,
                }
                for case in cases
            ]
        )

    @api.model
    def _begin_at(self, cases, filed_at):
        """The trail begins when the request reached the city, also when that is set right later."""
        first = self.search([("case_id", "in", cases.ids), ("previous_id", "=", False)])
        if any(link.date_to and link.date_to < filed_at for link in first):
            raise ValidationError(
                self.env._("The case had been handed over before that moment. Choose an earlier one as filed.")
            )
        first.date_from = filed_at


class CivicCaseCustodyReport(models.Model):
    """The trail as figures: hours per department, over all cases the reader may read."""

    _name = "civic.case.custody.report"
    _description = "Time per department"
    _auto = False
    _order = "date_from desc, id desc"
    _rec_name = "case_id"

    case_id = fields.Many2one("helpdesk.ticket", readonly=True)
    team_id = fields.Many2one("helpdesk.ticket.team", string="Department", readonly=True)
    category_id = fields.Many2one("helpdesk.ticket.category", string="Service", readonly=True)
    date_from = fields.Datetime(string="From", readonly=True)
    date_to = fields.Datetime(string="Until", readonly=True)
    hours = fields.Float(
        aggregator="avg", readonly=True, help="Until now where a department still has it; a closed case's clock stands."
    )
    is_hand_over = fields.Boolean(string="Handed over", readonly=True, help="It came from another department.")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT link.id, link.case_id, link.team_id, link.date_from, link.date_to,
                   ticket.category_id, link.previous_id IS NOT NULL AS is_hand_over,
                   GREATEST(EXTRACT(EPOCH FROM COALESCE(link.date_to, ticket.closed_date, now() AT TIME ZONE 'UTC')
                                               - link.date_from), 0) / 3600.0 AS hours
              FROM civic_case_custody AS link
              JOIN helpdesk_ticket AS ticket ON ticket.id = link.case_id
            """
        )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The case and the public fact behind it: what was reported before, gathering, duplicates."""

import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..core import duplicates
from .helpdesk_ticket import STAFF_ONLY

#: How many earlier reports a case form shows.
SHOWN = 8


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "civic.duplicates"]

    issue_id = fields.Many2one(
        "civic.issue",
        index="btree_not_null",
        readonly=True,
        copy=False,
        groups=STAFF_ONLY,
        help="The public fact behind this case. Others may have reported it too.",
    )
    issue_link_ids = fields.One2many("civic.issue.link", "case_id", string="Links", groups=STAFF_ONLY)
    dismissed_duplicate_ids = fields.Many2many(
        "helpdesk.ticket",
        "civic_case_not_duplicate_rel",
        "case_id",
        "other_id",
        string="Not the same",
        copy=False,
        groups=STAFF_ONLY,
        help="Somebody looked and said that these are something else. Take one out to have it suggested again.",
    )
    possible_duplicate_ids = fields.Many2many(
        "helpdesk.ticket",
        string="Possibly the same",
        compute="_compute_possible_duplicates",
        groups=STAFF_ONLY,
        help="Open cases of this service and its sisters, near in place, time and words.",
    )
    possible_duplicate_count = fields.Integer(compute="_compute_possible_duplicates", groups=STAFF_ONLY)

    # beside the case that the context names: how it compares
    compared_metres = fields.Integer(string="Distance (m)", compute="_compute_compared", groups=STAFF_ONLY)
    compared_alike = fields.Float(string="Words alike", compute="_compute_compared", groups=STAFF_ONLY)
    compared_score = fields.Float(string="Likely", compute="_compute_compared", groups=STAFF_ONLY)

    _near_idx = models.Index(
        "(category_id, latitude, longitude)"
        " WHERE closed_date IS NULL AND active IS TRUE AND (latitude <> 0 OR longitude <> 0)"
    )
    _nowhere_idx = models.Index(
        "(category_id, filed_at)"
        " WHERE closed_date IS NULL AND active IS TRUE AND COALESCE(latitude, 0) = 0 AND COALESCE(longitude, 0) = 0"
    )

    # ------------------------------------------------------------------
    # what was reported before
    # ------------------------------------------------------------------

    @api.depends("category_id", "latitude", "longitude", "place", "name", "issue_id", "dismissed_duplicate_ids")
    @api.depends_context("uid")
    def _compute_possible_duplicates(self):
        for case in self:
            found = case._find_possible_duplicates() if not case.closed_date else []
            case.possible_duplicate_ids = self.browse([case_id for case_id, _score in found])
            case.possible_duplicate_count = len(found)

    def _find_possible_duplicates(self):
        """Return ``(id, Score)`` of cases the user may read that may be the same as this one.

        What is gathered under one issue already is shown once. The case may be one that is just being typed in.
        """
        self.ensure_one()
        case = self._origin
        settings = self.category_id._origin._get_issue_settings()
        ranked = self._find_like(
            self._get_report(),
            metres=settings.metres,
            days=settings.days,
            service_ids=settings.service_ids,
            leave_out=[*case.ids, *case.dismissed_duplicate_ids.ids],
        )
        scores = dict(ranked)
        seen = {case.issue_id.id} if case.issue_id else set()
        kept = []
        for candidate in self.browse(scores)._filtered_access("read"):
            issue_id = candidate.issue_id.id
            if issue_id not in seen:
                kept.append((candidate.id, scores[candidate.id]))
            if issue_id:
                seen.add(issue_id)
        return kept[:SHOWN]

    def _get_report(self):
        """Return one case as the scoring takes it."""
        age = fields.Datetime.now() - (self.filed_at or fields.Datetime.now())
        return duplicates.Report(
            self.category_id._origin.id,
            self.latitude,
            self.longitude,
            self.place or "",
            self._own_words(self.name),
            age.total_seconds() / 86400,
        )

    def web_read(self, specification):
        """Read what may be the same beside the one case on the form: the client cannot say which that is."""
        shown = specification.get("possible_duplicate_ids")
        if shown and shown.get("fields") and len(self) == 1:
            context = {**shown.get("context", {}), "civic_compared_to": self.id}
            specification = {**specification, "possible_duplicate_ids": {**shown, "context": context}}
        return super().web_read(specification)

    @api.depends_context("civic_compared_to", "uid")
    def _compute_compared(self):
        other = self.browse(self.env.context.get("civic_compared_to") or [])
        report = settings = None
        if other and other.has_access("read"):
            report = other._get_report()
            settings = other.category_id._get_issue_settings()
        for case in self:
            result = report and duplicates.score(
                # both ages count from today: what is compared is how close the two are in time
                report._replace(days=0),
                case._get_report(),
                metres=settings.metres,
                days=settings.days,
            )
            case.compared_metres = round(result.metres) if result and result.metres is not None else 0
            case.compared_alike = round(result.alike or 0.0, 2) if result else 0.0
            case.compared_score = round(result.total, 2) if result else 0.0

    @api.model
    def _get_open_sql(self):
        return SQL("r.closed_date IS NULL AND r.active IS TRUE")

    # ------------------------------------------------------------------
    # create
    # ------------------------------------------------------------------

    def _check_given_vals(self, vals):
        if "issue_id" in vals:
            raise AccessError(self.env._("A case is linked to an issue with “Link”, so that it can be undone."))
        return super()._check_given_vals(vals)

    def _complete_create_vals(self, vals_list):
        """A notice of a service that publishes by itself is a public fact from the start."""
        result = super()._complete_create_vals(vals_list)
        due = [vals for vals in vals_list if self._is_published_by_itself(vals)]
        if due:
            for vals, issue in zip(due, self.env["civic.issue"]._create_for_cases(due), strict=True):
                vals["issue_id"] = issue.id
        return result

    def _is_published_by_itself(self, vals):
        settings = self.env["helpdesk.ticket.category"].browse(vals.get("category_id"))._get_issue_settings()
        located = vals.get("civic_zone_id") or vals.get("latitude") or vals.get("longitude")
        kind = vals.get("kind") or settings.kind
        return settings.publish and kind == "notice" and bool(located) and not vals.get("issue_id")

    # ------------------------------------------------------------------
    # gathering
    # ------------------------------------------------------------------

    def _gather(self, issue=None):
        """Put cases under one issue, each citizen's case staying as it is; access has been checked.

        :param issue: where to; by default the oldest issue among the cases, or a new one
        :return: the issue
        """
        cases = self.sudo().sorted("filed_at")
        target = issue.sudo() if issue else cases.issue_id.sorted("id")[:1]
        made = not target
        if made:
            target = self.env["civic.issue"].sudo()._create_for_case(cases.filtered("category_id")[:1] or cases[:1])
        if not target.active:
            raise UserError(self.env._("The issue %s is archived. Choose another one.", target.code))
        moved = cases.filtered(lambda case: case.issue_id != target)
        left = moved.issue_id.filtered(lambda prior: not prior.case_ids - moved)
        self.env["civic.issue.link"].sudo().create(moved._prepare_link_vals(target, made, left))
        moved.issue_id = target
        left.active = False
        return target

    def _prepare_link_vals(self, target, made, left):
        act = uuid.uuid4().hex
        return [
            {
                "case_id": case.id,
                "issue_id": target.id,
                "prior_issue_id": case.issue_id.id,
                "prior_stage_id": case.stage_id.id,
                "prior_archived": case.issue_id in left,
                "issue_made": made,
                "act": act,
                "linked_by_id": self.env.uid,
            }
            for case in self
        ]

    def _get_issue_state(self):
        """Return the state of the issue behind these cases.

        Duplicates and what the citizen took back say nothing about the fact, unless there is nothing else.
        """
        telling = self.filtered(lambda case: case.outcome_id.kind not in ("duplicate", "withdrawn")) or self
        going_on = telling.filtered(lambda case: not case.closed_date)
        if going_on:
            return "open" if all(case.unattended for case in going_on) else "in_progress"
        return "solved" if any(case.outcome_id.is_solved for case in telling) else "closed"

    def _check_may_close(self, outcome, reason):
        """Refuse to close as a duplicate what is not gathered with another case.

        :raises UserError: saying what to do
        """
        super()._check_may_close(outcome, reason)
        if outcome.kind != "duplicate":
            return
        for case in self.sudo():
            if not case.issue_id.case_ids - case:
                raise UserError(
                    self.env._(
                        "The case %s is not linked to another one. Link it under “Possibly the same” first,"
                        " so that its citizen hears how it goes on.",
                        case.number,
                    )
                )

    # ------------------------------------------------------------------
    # actions
    # ------------------------------------------------------------------

    def action_gather(self):
        """Open the dialogue that puts the chosen cases under one issue."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Gather under one issue"),
            "res_model": "civic.issue.gather",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_ids": self.ids},
        }

    def action_link_duplicate(self):
        """Say that this case and the one in the context are the same fact."""
        other = self._get_compared_case()
        (other | self)._gather()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_dismiss_duplicate(self):
        """Say that this case and the one in the context are two things; it is not suggested again."""
        other = self._get_compared_case()
        other.dismissed_duplicate_ids |= self
        # sudo: the other way round holds as well, for whoever has only that one
        self.sudo().dismissed_duplicate_ids |= other
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _get_compared_case(self):
        """Return the case on whose form the button stands; the user may write it and read this one."""
        self.ensure_one()
        other = self.browse(self.env.context.get("civic_compared_to") or [])
        if not other or other == self:
            raise UserError(self.env._("Open the case and choose the other one under “Possibly the same”."))
        other.check_access("write")
        self.check_access("read")
        return other

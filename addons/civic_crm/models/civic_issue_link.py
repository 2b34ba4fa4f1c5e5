# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import UserError

from .helpdesk_ticket_closing import UNDOING


class CivicIssueLink(models.Model):
    """One case gathered under an issue: from where, to where, by whom, and how to take it back.

    Append-only. What a link changed is written here before it changes, so that undoing restores it.
    """

    _name = "civic.issue.link"
    _description = "Link of a case to an issue"
    _order = "id desc"

    # neither is deleted while the addon is there; uninstalling it takes all
    case_id = fields.Many2one("helpdesk.ticket", required=True, index=True, ondelete="cascade", readonly=True)
    issue_id = fields.Many2one("civic.issue", required=True, index=True, ondelete="cascade", readonly=True)
    prior_issue_id = fields.Many2one("civic.issue", string="Before", readonly=True)
    prior_stage_id = fields.Many2one("helpdesk.ticket.stage", string="State then", readonly=True)
    prior_archived = fields.Boolean(readonly=True, help="The issue it came from was left without cases and archived.")
    issue_made = fields.Boolean(readonly=True, help="The issue was made by this act.")
    act = fields.Char(required=True, index=True, readonly=True, help="The same for links made at once.")
    linked_at = fields.Datetime(string="Linked", required=True, default=fields.Datetime.now, readonly=True)
    linked_by_id = fields.Many2one(
        "res.users", string="By", required=True, default=lambda self: self.env.uid, readonly=True
    )
    undone_at = fields.Datetime(string="Undone", readonly=True)
    undone_by_id = fields.Many2one("res.users", string="Undone by", readonly=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Links are not deleted. Undo the link instead: that restores what was before."))

    def action_undo(self):
        """Take the cases out again, as if they had never been linked.

        :raises AccessError: for whoever may not write the cases
        :raises UserError: when a later link stands on this one
        """
        self.check_access("read")
        self.case_id.check_access("write")
        self._undo()

    def _undo(self):
        """Undo; access has been checked by the caller."""
        for link in self.sudo():
            if link.undone_at:
                raise UserError(self.env._("This link has been undone already."))
            if link.case_id.issue_id != link.issue_id or link._get_later():
                raise UserError(
                    self.env._("The case %s has been linked elsewhere since. Undo that first.", link.case_id.number)
                )
            link._restore()
            companions = link._get_left_alone()
            for companion in companions:
                companion._restore()
            issue = link.issue_id
            if link.issue_made and not issue.case_ids and not issue.is_published:
                issue.active = False

    def _get_later(self):
        return self.search(
            [("case_id", "=", self.case_id.id), ("id", ">", self.id), ("undone_at", "=", False)], limit=1
        )

    def _get_left_alone(self):
        """Return the link of the one case that would stay alone in an issue made for it and this one."""
        issue = self.issue_id
        if not self.issue_made or issue.is_published or len(issue.case_ids) != 1:
            return self.browse()
        return self.search(
            [("act", "=", self.act), ("case_id", "=", issue.case_ids.id), ("undone_at", "=", False)], limit=1
        )

    def _restore(self):
        if self.prior_archived:
            self.prior_issue_id.active = True
        self.case_id.issue_id = self.prior_issue_id
        if self.case_id.outcome_id.kind == "duplicate":  # no longer true
            stage = self.prior_stage_id
            if not stage or stage.closed:
                stage = stage.browse(self.case_id.team_id._get_first_stage_id(self.case_id.team_id.id))
            self.case_id.with_context(civic_undoing=UNDOING).stage_id = stage
        self.write({"undone_at": fields.Datetime.now(), "undone_by_id": self.env.uid})

# SPDX-License-Identifier: AGPL-3.0-or-later
from functools import partial

from odoo import fields, models
from odoo.fields import Domain


class CivicCasePart(models.AbstractModel):
    """A record of a case: who may read the case reads it, who may write the case changes it.

    Rules of the case are not repeated for its parts; whatever opens or closes a case does so for them. What a
    role may do at all is said by ``ir.model.access``.
    """

    _name = "civic.case.part"
    _description = "Part of a case"

    case_id = fields.Many2one("helpdesk.ticket", required=True, index=True, ondelete="cascade")

    def _check_access(self, operation):
        refused = super()._check_access(operation)
        if refused or not any(self._ids):
            return refused
        # sudo: to find the case, of which the user's right is asked next
        parts = self.sudo()
        allowed = parts.case_id.with_env(self.env)._filtered_access("read" if operation == "read" else "write")
        forbidden = parts.filtered(lambda part: part.case_id.id not in allowed._ids).with_env(self.env)
        if forbidden:
            return forbidden, partial(self.env["ir.rule"]._make_access_error, operation, forbidden)
        return None

    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            self.browse().check_access("read")
            cases = self.env["helpdesk.ticket"].with_context(active_test=False)._search([])
            domain = Domain(domain) & Domain("case_id", "in", cases)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

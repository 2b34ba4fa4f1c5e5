# SPDX-License-Identifier: AGPL-3.0-or-later
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


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

    @api.model
    def _insert_plain(self, vals_list):
        """Insert rows by one statement, without the work of ``create``; for what is written with every filing.

        Values are complete (no defaults, no constraints but the database's) and given by who has checked them. The
        caller forgets what is kept of the cases' lines.

        :param list vals_list: dicts of stored fields, with or without the same names
        :return: the records
        """
        if not vals_list:
            return self.browse()
        now, uid = self.env.cr.now(), self.env.uid
        log = {"create_uid": uid, "create_date": now, "write_uid": uid, "write_date": now}
        fnames = sorted({name for vals in vals_list for name in vals}) + list(log)
        rows = [
            SQL("(%s)", SQL(", ").join(self._fields[name].convert_to_column_insert(value, self) for name, value in row))
            for row in ([(name, vals.get(name, log.get(name))) for name in fnames] for vals in vals_list)
        ]
        inserted = self.env.execute_query(
            SQL(
                "INSERT INTO %s (%s) VALUES %s RETURNING id",
                SQL.identifier(self._table),
                SQL(", ").join(SQL.identifier(name) for name in fnames),
                SQL(", ").join(rows),
            )
        )
        return self.browse(row_id for (row_id,) in inserted)

    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            self.browse().check_access("read")
            cases = self.env["helpdesk.ticket"].with_context(active_test=False)._search([])
            domain = Domain(domain) & Domain("case_id", "in", cases)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

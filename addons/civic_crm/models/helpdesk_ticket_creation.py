# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is told of a new case: to who follows its department, and to nobody where nobody does."""

from odoo import api, models
from odoo.tools import SQL


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    @api.model_create_multi
    def create(self, vals_list):
        """Ask once for the whole batch which departments have followers.

        Core asks for each case, and posts for each the message that it was made, although its only reader would be
        who has made it. Where nobody follows the department the message is logged, those of a batch at once.
        """
        # sudo: who follows a department is not told to who files
        followers = self.env["mail.followers"].sudo()
        followed = followers._read_group([("res_model", "=", "helpdesk.ticket.team")], ["res_id"])
        team_ids = frozenset(team_id for (team_id,) in followed)
        made = super(HelpdeskTicket, self.with_context(civic_followed_team_ids=team_ids)).create(vals_list)
        return made.with_env(self.env)

    def _is_followed_by_nobody(self, team_id):
        """Say whether a case is being made in a department without followers; no client can send a frozenset."""
        team_ids = self.env.context.get("civic_followed_team_ids")
        return isinstance(team_ids, frozenset) and team_id not in team_ids

    def _message_auto_subscribe(self, updated_values, followers_existing_policy="skip"):
        """Followers of the department follow the case, where there are any."""
        if self._is_followed_by_nobody(updated_values.get("team_id")):
            updated_values = dict(updated_values, team_id=False)
        return super()._message_auto_subscribe(updated_values, followers_existing_policy)

    def _creation_subtype(self):
        if self._is_followed_by_nobody(self.team_id.id):
            return self.env["mail.message.subtype"]
        return super()._creation_subtype()

    def _message_log_batch(self, bodies, **options):
        """Of the same words on many cases core writes the first; one statement repeats it for the others.

        Core gives all of a batch the same values but for the case and the words.
        """
        first, others = self[:1], self[1:]
        if not others or options or len({bodies.get(case_id, "") for case_id in self.ids}) > 1:
            return super()._message_log_batch(bodies, **options)
        message = super(HelpdeskTicket, first)._message_log_batch(bodies)
        message.flush_recordset()
        alike = [
            SQL.identifier(name)
            for name, field in message._fields.items()
            if field.store and field.column_type and name not in ("id", "res_id")
        ]
        repeated = self.env.execute_query(
            SQL(
                "INSERT INTO mail_message (res_id, %(alike)s) SELECT case_id, %(alike)s"
                " FROM mail_message, unnest(%(cases)s) AS case_id WHERE id = %(first)s RETURNING id",
                alike=SQL(", ").join(alike),
                cases=list(others._ids),
                first=message.id,
            )
        )
        others.invalidate_recordset(["message_ids", "website_message_ids"], flush=False)
        return message + message.browse(message_id for (message_id,) in repeated)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is told of a new case: to who follows its department, and to nobody where nobody does."""

from odoo import api, models
from odoo.tools import SQL

#: In the context while cases are made; no client can send an object.
BEING_MADE = object()


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    @api.model_create_multi
    def create(self, vals_list):
        """Log that cases were made where nobody follows the department, those of a batch at once.

        Core posts a message for each, although its only reader would be who has made it.
        """
        made = super(HelpdeskTicket, self.with_context(civic_making=BEING_MADE)).create(vals_list)
        return made.with_env(self.env)

    def _creation_subtype(self):
        followed = self.env["mail.followers"]._get_followed_departments()
        if self.env.context.get("civic_making") is BEING_MADE and self.team_id.id not in followed:
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

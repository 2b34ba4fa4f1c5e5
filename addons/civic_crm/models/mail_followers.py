# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models, tools
from odoo.tools import SQL

DEPARTMENT = "helpdesk.ticket.team"


class MailFollowers(models.Model):
    """Followers; which departments have some is kept in memory, since every new case asks it."""

    _inherit = "mail.followers"

    @api.model_create_multi
    def create(self, vals_list):
        followers = super().create(vals_list)
        followers._forget_followed_departments()
        return followers

    def write(self, vals):
        self._forget_followed_departments()
        result = super().write(vals)
        self._forget_followed_departments()
        return result

    def unlink(self):
        self._forget_followed_departments()
        return super().unlink()

    def _forget_followed_departments(self):
        if any(follower.res_model == DEPARTMENT for follower in self):
            self.env.registry.clear_cache()

    @api.model
    @tools.ormcache()
    def _get_followed_departments(self):
        """Return the ids of the departments that somebody follows, as a frozenset.

        A follower that goes with its person may still count; the followers themselves are read before anybody is
        subscribed.
        """
        # sudo: no more than whether anybody does
        rows = self.sudo()._read_group([("res_model", "=", DEPARTMENT)], ["res_id"])
        return frozenset(res_id for (res_id,) in rows)

    def _insert_followers(self, res_model, res_ids, partner_ids, subtypes=None, customer_ids=None, **options):
        """Whoever makes cases follows them by one statement for the batch, with the kinds of message core gives."""
        is_new = options.get("check_existing") is False and not subtypes and customer_ids == []
        if res_model != "helpdesk.ticket" or not is_new:
            return super()._insert_followers(
                res_model, res_ids, partner_ids, subtypes=subtypes, customer_ids=customer_ids, **options
            )
        staffs, _internal, _external = self.env["mail.message.subtype"].sudo()._default_subtypes(res_model)
        self._follow_new(res_model, [(res_id, partner_id) for res_id in res_ids for partner_id in partner_ids], staffs)
        return None

    def _follow_new(self, res_model, pairs, subtype_ids):
        """Write the followers of records just made, which have none, and what they are told, by one statement.

        Core makes a record of each row, and writes its kinds of message by another.

        :param list pairs: of ``(record id, partner id)``
        """
        if not pairs:
            return
        rows = SQL(", ").join(SQL("(%s, %s, %s)", res_model, res_id, partner_id) for res_id, partner_id in pairs)
        self.env.cr.execute(
            SQL(
                """
                WITH follower AS (
                    INSERT INTO mail_followers (res_model, res_id, partner_id) VALUES %s RETURNING id
                )
                INSERT INTO mail_followers_mail_message_subtype_rel (mail_followers_id, mail_message_subtype_id)
                SELECT follower.id, kind FROM follower, unnest(%s) AS kind
                """,
                rows,
                list(subtype_ids),
            )
        )
        records = self.env[res_model].browse({res_id for res_id, _partner_id in pairs})
        records.invalidate_recordset(["message_follower_ids", "message_partner_ids"], flush=False)

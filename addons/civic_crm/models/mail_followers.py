# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models, tools

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

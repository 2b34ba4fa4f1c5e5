# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.depends("user_ids.livechat_username")
    @api.depends_context("lang")
    def _compute_user_livechat_username(self):
        """A bot has its title's name in the reader's language; that of its partner knows one language only."""
        result = super()._compute_user_livechat_username()
        # sudo: a bot introduces itself to everybody
        bots = self.env["chatbot.script"].sudo().with_context(active_test=False)
        for bot in bots.search([("operator_partner_id", "in", self.ids)]):
            bot.operator_partner_id.with_env(self.env).user_livechat_username = bot.title
        return result

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class IrRule(models.Model):
    _inherit = "ir.rule"

    def _compute_domain(self, model_name, mode="read"):
        """A wizard is whoever's who opened it: it holds an answer not sent yet, a reason, a citizen's name.

        Core lets everybody with a right on the wizard's model read everybody's wizards, for a day. Held here
        for all wizards of our addons, so that none is forgotten.
        """
        domain = super()._compute_domain(model_name, mode)
        model = self.env[model_name]
        if model.is_transient() and model._original_module.startswith("civic_"):
            domain &= Domain("create_uid", "=", self.env.uid)
        return domain

    def _make_access_error(self, operation, records):
        """Say in plain words that a case is another department's: whoever follows a link in a mail meets it."""
        error = super()._make_access_error(operation, records)
        user = self.env.user
        if records._name != "helpdesk.ticket" or operation != "read" or not user._is_internal():
            return error
        if user.has_group("base.group_no_one"):  # developer mode: the rules are named
            return error
        refusal = AccessError(
            self.env._(
                "This case is another department's. If you need it for your work, ask its department to share it"
                " with yours, or to ask yours for a contribution."
            )
        )
        if hasattr(error, "context"):
            refusal.context = error.context
        return refusal

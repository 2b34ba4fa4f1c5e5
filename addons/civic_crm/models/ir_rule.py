# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import models
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

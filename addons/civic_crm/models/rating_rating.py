# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models
from odoo.fields import Domain


class RatingRating(models.Model):
    """A case's rating is read by whoever reads the case, and written by its citizen alone.

    Core lets every employee read and write all ratings, the link by which to give one included.
    """

    _inherit = "rating.rating"

    # whoever knows it may rate in the citizen's name
    access_token = fields.Char(groups="base.group_system")

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not self:
            return result
        of_cases = self.sudo().filtered(lambda rating: rating.res_model == "helpdesk.ticket")
        forbidden = of_cases
        if operation == "read":
            readable = set(
                self.env["helpdesk.ticket"].browse(of_cases.mapped("res_id")).exists()._filtered_access("read").ids
            )
            forbidden = of_cases.filtered(lambda rating: rating.res_id not in readable)
        if not forbidden:
            return result
        forbidden = self.browse(forbidden.ids)
        if result:
            forbidden |= result[0]
        return forbidden, lambda: forbidden._make_case_rating_error(operation)

    def _make_case_rating_error(self, operation):
        return self.env["ir.rule"]._make_access_error(operation, self)

    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not self.env.su and not bypass_access:
            readable = self.env["helpdesk.ticket"].with_context(active_test=False)._search([])
            domain = Domain(domain) & (Domain("res_model", "!=", "helpdesk.ticket") | Domain("res_id", "in", readable))
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

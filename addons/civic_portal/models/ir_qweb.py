# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import models

#: Elements that may show something from elsewhere: what core does to them (cookies, CDN, lazy loading) stays.
FROM_ELSEWHERE = {"a", "iframe", "img", "link", "script"}


class IrQweb(models.AbstractModel):
    _inherit = "ir.qweb"

    def _post_processing_att(self, tagName, atts):
        """Adapt only addresses in what a civic page makes itself (context ``civic_content``).

        Core looks at every computed attribute and reads the whole website record for it; a case's page has dozens
        (dates, states) and no foreign content in them. Attributes in the template's own text are compiled once and
        stay core's.
        """
        ours = self.env.context.get("civic_content") and "__is_static_node" not in atts
        if not ours or tagName in FROM_ELSEWHERE or "style" in atts:
            return super()._post_processing_att(tagName, atts)
        if atts.get("action"):
            atts["action"] = self.env["ir.http"]._url_for(str(atts["action"]))
        return atts

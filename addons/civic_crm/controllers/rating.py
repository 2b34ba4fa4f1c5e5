# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rating a case: the citizen with the link, and nobody who is logged in as somebody else."""

from odoo.http import request, route

from odoo.addons.rating.controllers.main import Rating
from odoo.addons.rating.models.rating_data import RATING_HAPPY_VALUE, RATING_NEUTRAL_VALUE, RATING_UNHAPPY_VALUE

RATES = (RATING_HAPPY_VALUE, RATING_NEUTRAL_VALUE, RATING_UNHAPPY_VALUE)
MAX_FEEDBACK = 4000


class CaseRating(Rating):
    @route()
    def action_open_rating(self, token, rate, **kwargs):
        """Core answers a rate that it does not know with an error of the server."""
        if rate not in RATES:
            raise request.not_found()
        return super().action_open_rating(token, rate, **kwargs)

    @route()
    def action_submit_rating(self, token, rate=0, **kwargs):
        """Core asks who is logged in before it shows the form, and not when the form is sent."""
        rating, case = self._get_rating_and_record(token)
        if rating.res_model != "helpdesk.ticket" or request.httprequest.method != "POST":
            return super().action_submit_rating(token, rate=rate, **kwargs)
        if not str(rate).isdecimal() or int(rate) not in RATES:
            raise request.not_found()
        user = request.env.user
        if not user._is_public() and user.partner_id != rating.partner_id:
            return request.render(
                "rating.rating_external_page_invalid_partner",
                # the number alone: what it is about is the citizen's
                {"model_name": request.env._("Case"), "name": case.number, "web_base_url": rating.get_base_url()},
            )
        feedback = kwargs.get("feedback")
        kwargs["feedback"] = feedback[:MAX_FEEDBACK] if isinstance(feedback, str) else ""
        return super().action_submit_rating(token, rate=rate, **kwargs)

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.http import Controller, request, route


class EmptyRoute(Controller):
    @route("/bench/empty", type="http", auth="none", readonly=False, methods=["POST"], csrf=False, save_session=False)
    def receive(self):
        """Read what came and answer nothing."""
        request.httprequest.get_data()
        return request.make_response("")

    @route("/bench/empty/page", type="http", auth="public", website=True, readonly=True, methods=["GET"], sitemap=False)
    def show(self):
        """A page of the website with nothing on it."""
        return request.make_response("")

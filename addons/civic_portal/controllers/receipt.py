# SPDX-License-Identifier: AGPL-3.0-or-later
"""The receipt of a case, for whoever holds its code."""

from odoo.http import request, route

from .civic_page import PRIVATE_HEADERS
from .tracking import CASE, Tracking


class Receipt(Tracking):
    @route(f"{CASE}/receipt", type="http", auth="public", website=True, methods=["GET"], readonly=True, sitemap=False)
    def receipt(self, code, **_kw):
        case = request.env["helpdesk.ticket"]._find_by_tracking_code(code)
        if not case:
            return self._render_no_such_case(code)
        response = request.make_response(
            case._render_receipt(request.lang.code), [("Content-Type", "text/html; charset=utf-8")]
        )
        response.headers.update(PRIVATE_HEADERS)
        return response

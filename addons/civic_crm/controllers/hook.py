# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import SUPERUSER_ID
from odoo.http import Controller, request, route

from ..core import signature
from ..models.civic_connector import MAX_LIMIT, STATUS


class HookController(Controller):
    @route(
        "/civic/hook/<string:slug>",
        type="http",
        auth="none",
        readonly=False,
        methods=["GET", "POST"],
        csrf=False,
        save_session=False,
        max_content_length=MAX_LIMIT,
    )
    def receive(self, slug, **_parameters):
        """Take a message of a network or another system; what it is, the job finds out.

        Headers first, then the body's signature, then the ledger. The address is no secret, so what is wrong is said
        by the status alone.
        """
        # superuser: whoever calls has no login; the signature says who it is
        Connector = request.env["civic.connector"].with_user(SUPERUSER_ID)
        hook = Connector._get_hook(slug)
        if not hook:
            return request.make_response("", status=404)
        asked = request.httprequest
        if asked.method != "POST":
            challenge = hook.kind == "whatsapp" and signature.answer_challenge(hook.verify_token, asked.args)
            text = [("Content-Type", "text/plain; charset=utf-8")]
            return request.make_response(challenge or "", text, status=200 if challenge else 403)
        reason = Connector._refuse_by_headers(hook, asked.headers, asked.content_length)
        if not reason:
            body = asked.get_data()  # kept: two at once are tried again
            reason = Connector._refuse_by_body(hook, asked.headers, body) or Connector._take(hook, asked.headers, body)
        if reason:
            Connector.env["civic.connector.refusal"]._note(hook, reason)
        return request.make_response("", status=STATUS.get(reason, 200))

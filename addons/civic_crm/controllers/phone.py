# SPDX-License-Identifier: AGPL-3.0-or-later
"""Telephony systems tell of calls: one signed webhook for all of them.

``POST /civic/phone/<code>`` with the body of ``core/phone_event.py``, signed as ``core/signature.py`` says. Refusals,
cheapest first: 411 and 413 (length), 403 (time), 401 (signature, or no such system), 400 (no event), 409 (said before).
"""

import logging
import time

from odoo.http import Controller, request, route

from ..core import phone_event, signature

_logger = logging.getLogger(__name__)


class PhoneWebhook(Controller):
    @route(
        "/civic/phone/<string(maxlength=40):code>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=phone_event.MAX_BODY,
    )
    def take_event(self, code, **_kw):
        """Take one event of one call; what is refused costs no more than reading the headers and one row."""
        headers = request.httprequest.headers
        length = request.httprequest.content_length
        if length is None:
            return self._refuse(code, 411, "length missing")
        if length > phone_event.MAX_BODY:
            return self._refuse(code, 413, "body too large")
        timestamp, given = headers.get("webhook-timestamp", ""), headers.get("webhook-signature", "")
        # sudo: a telephony system is nobody's login; its signature is what it shows
        system = request.env["civic.phone.system"].sudo().search([("code", "=", code)], limit=1)
        window = system.window_seconds or signature.REPLAY_WINDOW
        if signature.check_time(timestamp, time.time(), window) == signature.OLD:
            return self._refuse(code, 403, "timestamp outside the window")
        body = request.httprequest.get_data() if given and system.secret else b""
        message_id = headers.get("webhook-id", "")
        reason = signature.check(system.secret, timestamp, body, given, time.time(), message_id, window)
        if reason:
            return self._refuse(code, 401, f"signature {reason}")
        return self._take(system, body)

    def _take(self, system, body):
        try:
            event = phone_event.read(body)
        except phone_event.BadEvent as error:
            return self._refuse(system.code, 400, str(error))
        call = request.env["civic.call"]._take_event(system, event)
        if not call:
            return self._refuse(system.code, 409, "said before")
        return request.make_json_response({"call": event.call, "state": call.state})

    def _refuse(self, code, status, why):
        """Answer with *status*, and log it; who sent it is in the log of requests."""
        _logger.warning("Webhook of telephony system %r refused (%s): %s", code, status, why)
        return request.make_json_response({"error": why}, status=status)

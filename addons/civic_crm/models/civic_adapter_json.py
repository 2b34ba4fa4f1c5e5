# SPDX-License-Identifier: AGPL-3.0-or-later
import json
import time

from odoo import models

from ..core import outgoing, signature
from ..core.networks import contract


class CivicAdapterJson(models.AbstractModel):
    """Any other system, by the city's own contract (docs/webhooks.md), signed in both directions."""

    _name = "civic.adapter.json"
    _inherit = "civic.adapter.network"
    _description = "Adapter of other systems"
    _kind = "json"

    def _send(self, connector, answer):
        # sudo: the secret is nobody's to read
        secret = connector.sudo().signing_secret_kept
        if not (connector.api_url and secret):
            raise outgoing.Refused("no address")
        words = self._shorten(answer.words, answer.link)
        values = contract.answer(
            answer.handle_id.account, words, answer.reply_to or "", answer.case_id.tracking_code or ""
        )
        body, name, now = json.dumps(values).encode(), f"answer-{answer.id}", int(time.time())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(now),
            "webhook-signature": signature.sign(secret, now, body, name),
        }
        return self._name_of(
            outgoing.ask("POST", connector.api_url, connector._get_hosts(), data=body, headers=headers), "id"
        )

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import fields, models

from ..core import outgoing
from ..core.networks import whatsapp
from ..core.networks.post import load


class CivicAdapterWhatsapp(models.AbstractModel):
    """WhatsApp's Cloud API: one number of the city's."""

    _name = "civic.adapter.whatsapp"
    _inherit = "civic.adapter.network"
    _description = "Adapter of WhatsApp"
    _kind = "whatsapp"

    def _get_headers(self, connector):
        # sudo: the token is nobody's to read
        return {"Authorization": f"Bearer {connector.sudo().access_token_kept}"}

    def _fetch(self, connector, media, limit):
        """The API names an address that holds for minutes, on a server of Meta's."""
        headers = self._get_headers(connector)
        found = outgoing.ask("GET", f"{connector.api_url}/{media.ref}", connector._get_hosts(), headers=headers)
        hosts = connector._get_hosts(with_media=True)
        return outgoing.ask("GET", str(load(found).get("url")), hosts, limit=limit, headers=headers)

    def _check_may_send(self, handle):
        last = handle.written_at
        if not last or fields.Datetime.now() - last >= whatsapp.WINDOW:
            raise outgoing.Refused("window")

    def _send(self, connector, answer):
        url = f"{connector.api_url}/{connector.account_ref}/messages"
        words = self._shorten(answer.words, answer.link)
        values = whatsapp.answer(answer.handle_id.account, words, answer.reply_to or "")
        sent = outgoing.ask("POST", url, connector._get_hosts(), json=values, headers=self._get_headers(connector))
        return self._name_of(sent, "messages", 0, "id")

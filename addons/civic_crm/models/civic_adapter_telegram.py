# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import models

from ..core import outgoing
from ..core.networks import telegram
from ..core.networks.post import load


class CivicAdapterTelegram(models.AbstractModel):
    """Telegram: a bot's private chats."""

    _name = "civic.adapter.telegram"
    _inherit = "civic.adapter.network"
    _description = "Adapter of Telegram"
    _kind = "telegram"

    def _is_command(self, post):
        """The app itself sends /start when a person first opens the bot."""
        return post.text.strip().split(" ")[0] == "/start" and not post.media

    def _call(self, connector, method, values):
        # sudo: the token is nobody's to read
        url = f"{connector.api_url}/bot{connector.sudo().access_token_kept}/{method}"
        return outgoing.ask("POST", url, connector._get_hosts(), json=values)

    def _fetch(self, connector, media, limit):
        """``getFile`` says where it lies; that address has the token in it, so no other server is asked."""
        path = str(load(self._call(connector, "getFile", {"file_id": media.ref})).get("result", {}).get("file_path"))
        if ".." in path or "//" in path:
            raise outgoing.Refused("address")
        url = f"{connector.api_url}/file/bot{connector.sudo().access_token_kept}/{path.lstrip('/')}"
        return outgoing.ask("GET", url, connector._get_hosts(), limit=limit)

    def _send(self, connector, answer):
        handle = answer.handle_id
        words = self._shorten(answer.words, answer.link)
        method, values = telegram.answer(handle.chat or handle.account, words, answer.reply_to or "")
        return self._name_of(self._call(connector, method, values), "result", "message_id")

    def _register(self, connector):
        """Have Telegram send the bot's messages to the webhook, signed with the connector's secret."""
        self._call(
            connector,
            "setWebhook",
            {
                "url": connector.hook_url,
                "secret_token": connector.signing_secret_kept,
                "allowed_updates": ["message", "edited_message"],
            },
        )

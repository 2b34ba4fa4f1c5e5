# SPDX-License-Identifier: AGPL-3.0-or-later
import json

from odoo import models

from ..core import outgoing
from ..core.networks import mastodon, post

#: Mentions asked for at once; the API gives no more.
PAGE = 80


class CivicAdapterMastodon(models.AbstractModel):
    """Mastodon: mentions of the city's account, asked for with its token."""

    _name = "civic.adapter.mastodon"
    _inherit = "civic.adapter.network"
    _description = "Adapter of Mastodon"
    _kind = "mastodon"

    def _get_headers(self, connector):
        # sudo: the token is nobody's to read
        return {"Authorization": f"Bearer {connector.sudo().access_token_kept}"}

    def _bring_in(self, connector):
        """Take the mentions after the last one into the ledger, the oldest first; return the new entries.

        What was there before the connection was made is not taken.
        """
        fresh = self.env["civic.intake"].browse()
        if not connector.cursor:
            newest = self._ask_mentions(connector, limit=1)
            connector.cursor = newest[0][0] if newest else "0"
            return fresh
        for name, notification in self._ask_mentions(connector, limit=PAGE, min_id=connector.cursor):
            intake, is_new = (
                self.env["civic.intake"]
                .with_company(connector.company_id)
                ._accept(
                    "mastodon",
                    json.dumps(notification, ensure_ascii=False).encode("utf-8", "replace"),
                    key=f"{connector.id}:{name}",
                    channel=connector.channel_id,
                    mimetype="application/json",
                    facts={"connector": connector.id},
                )
            )
            connector.cursor = name
            fresh |= intake if is_new else intake.browse()
        return fresh

    def _ask_mentions(self, connector, **asked):
        """Return ``(id, notification)`` of each mention, the oldest first."""
        body = outgoing.ask(
            "GET",
            f"{connector.api_url}/api/v1/notifications",
            connector._get_hosts(),
            params={"types[]": "mention", **asked},
            headers=self._get_headers(connector),
            limit=8 << 20,
        )
        found = post.need(post.load(b'{"found":' + body + b"}").get("found"), list)
        named = [(post.ident(post.need(one, dict).get("id")), one) for one in found]
        if not all(name.isdigit() for name, _one in named):
            raise post.Unreadable("no number")
        return sorted(named, key=lambda pair: int(pair[0]))

    def _fetch(self, connector, media, limit):
        return outgoing.ask("GET", media.ref, connector._get_hosts(with_media=True), limit=limit)

    def _shorten(self, words, more):
        return post.shorten(words, mastodon.TEXT_LIMIT - 100, more)  # the name in front counts too

    def _send(self, connector, answer):
        values = mastodon.answer(
            answer.handle_id.account, self._shorten(answer.words, answer.link), answer.reply_to or ""
        )
        headers = {**self._get_headers(connector), "Idempotency-Key": f"civic-{answer.id}"}
        url = f"{connector.api_url}/api/v1/statuses"
        return self._name_of(outgoing.ask("POST", url, connector._get_hosts(), json=values, headers=headers), "id")

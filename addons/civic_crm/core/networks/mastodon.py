"""Mastodon's client API (https://docs.joinmastodon.org): ``/api/v1/notifications``, entities Notification and Status.

A plain account has no webhooks: its mentions are asked for. Whoever writes, the account's own server has checked the
sender's signature (HTTP Signatures) before it shows the mention.
"""

import html
import re

from . import post
from .post import Media, Post

TEXT_LIMIT = 500
#: The server knows the header Idempotency-Key for an hour.
IS_IDEMPOTENT = True

_BREAK = re.compile(r"<br\s*/?>|</p>\s*<p[^>]*>", re.I)
_TAG = re.compile(r"<[^>]*>")
_LEADING_MENTIONS = re.compile(r"^(?:@[\w.\-]+(?:@[\w.\-]+)?\s+)+")


def names(notification):
    """Return the name of the status a notification tells of, if it is a mention."""
    if notification.get("type") != "mention":
        return []
    return [post.ident(post.need(notification.get("status"), dict).get("id"))]


def read(notification, _number=0):
    """Return the ``Post`` of one mention; ``account`` is ``name`` or ``name@server``, in small letters."""
    if notification.get("type") != "mention":
        return Post(skip="other")
    status = post.need(notification.get("status"), dict)
    account = post.need(status.get("account"), dict)
    files = [post.need(file, dict) for file in post.part(status, "media_attachments", list)]
    answered = status.get("in_reply_to_id")
    return Post(
        ref=post.ident(status.get("id")),
        account=post.ident(account.get("acct")).lower(),
        name=post.text(account, "display_name", post.NAME_LIMIT),
        text=_words(post.text(status, "content", 4 * post.TEXT_LIMIT)),
        subject=post.text(status, "spoiler_text", 200),
        media=tuple(Media(ref=post.text(file, "url", 2000), name=_file_name(file)) for file in files),
        reply_to=post.ident(answered) if answered else "",
        lang=post.text(status, "language", 20),
        skip="automatic" if account.get("bot") is True else "",
    )


def _words(content):
    plain = html.unescape(_TAG.sub("", _BREAK.sub("\n", content)))
    return _LEADING_MENTIONS.sub("", plain.strip())[: post.TEXT_LIMIT]


def _file_name(file):
    return post.text(file, "url", 2000).partition("?")[0].rpartition("/")[2][:100] or "file"


def answer(account, words, reply_to=""):
    """Return the JSON for ``/api/v1/statuses``: seen by the account alone, whatever the question was."""
    return {
        "status": f"@{account} {words}",
        "visibility": "direct",
        **({"in_reply_to_id": reply_to} if reply_to else {}),
    }

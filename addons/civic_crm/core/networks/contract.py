"""The city's own contract for any other system: docs/webhooks.md."""

import base64
import binascii

from . import post
from .post import Media, Post

TEXT_LIMIT = 20_000
#: The header ``webhook-id`` tells the receiver what came before.
IS_IDEMPOTENT = True
MAX_FILES = 10


def names(_payload):
    """What the message is called stands in the header ``webhook-id``, not in the body."""
    return []


def read(payload, _number=0):
    """Return the ``Post`` of one message of the contract.

    :raises Unreadable: when something in it is not as docs/webhooks.md says
    """
    sender = post.need(payload.get("from"), dict)
    point = post.part(payload, "location")
    files = [post.need(file, dict) for file in post.part(payload, "files", list)[:MAX_FILES]]
    return Post(
        account=post.ident(sender.get("account")),
        name=post.text(sender, "name", post.NAME_LIMIT),
        text=post.text(payload, "text"),
        subject=post.text(payload, "subject", 200),
        media=tuple(map(_media, files)),
        reply_to=post.text(payload, "reply_to", post.ID_LIMIT),
        lang=post.text(payload, "lang", 20),
        latitude=post.degrees(point, "latitude", 90) if point else None,
        longitude=post.degrees(point, "longitude", 180) if point else None,
        service=post.text(payload, "service", 100),
        skip="automatic" if payload.get("automatic") is True else "",
    )


def _media(file):
    name = post.text(file, "name", 200) or "file"
    content = post.part(file, "content", str)
    if not content:
        return Media(ref=post.text(file, "url", 2000), name=name)
    try:
        return Media(name=name, content=base64.b64decode(content, validate=True))
    except (binascii.Error, ValueError) as error:
        raise post.Unreadable("content is no base64") from error


def answer(account, words, reply_to="", case=""):
    """Return the JSON that is sent to the other system."""
    return {
        "to": {"account": account},
        "text": words,
        **({"reply_to": reply_to} if reply_to else {}),
        **({"case": case} if case else {}),
    }

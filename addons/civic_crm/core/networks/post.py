"""A message as any network has it, and how to read JSON that may hold anything."""

import json
from dataclasses import dataclass

#: Characters taken of what a person writes; networks allow far fewer.
TEXT_LIMIT = 20_000
NAME_LIMIT = 100
#: Longest name of an account or message; the networks' own are shorter.
ID_LIMIT = 200


class Unreadable(ValueError):
    """Not as the network publishes it."""


@dataclass(frozen=True)
class Media:
    """A photo, document, voice or video that is fetched later, or has come along (``content``)."""

    ref: str = ""
    name: str = ""
    #: bytes, as the network says; 0 when it does not
    size: int = 0
    content: bytes | None = None


@dataclass(frozen=True)
class Post:
    """One message of one account.

    ``ref`` is the network's name for it, ``account`` the sender's, both unique in their connector; ``chat`` is where
    an answer goes (empty: to the account). ``skip`` says why it is none for the city: ``automatic``, ``group`` or
    ``other``.
    """

    ref: str = ""
    account: str = ""
    name: str = ""
    text: str = ""
    subject: str = ""
    media: tuple = ()
    reply_to: str = ""
    lang: str = ""
    latitude: float | None = None
    longitude: float | None = None
    is_edited: bool = False
    service: str = ""
    chat: str = ""
    skip: str = ""


def load(body):
    """Return the JSON object in *body*.

    :param bytes body: at most some megabytes
    :raises Unreadable: for anything else, nested too deeply included
    """
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from error
    return need(payload, dict)


def need(value, kind):
    """Return *value*, which has to be a *kind* (a number is no bool).

    :raises Unreadable: when it is something else
    """
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise Unreadable(f"{type(value).__name__} instead of {kind}")
    return value


def part(payload, name, kind=dict):
    """Return an optional part of *payload*, or an empty *kind*."""
    value = payload.get(name)
    return kind() if value is None else need(value, kind)


def text(payload, name, limit=TEXT_LIMIT):
    """Return an optional text without the characters that no person types and no database keeps."""
    return _clean(part(payload, name, str))[:limit]


def ident(value):
    """Return the name of an account or message, given as text or whole number.

    :raises Unreadable: when it is empty, endless or something else
    """
    name = _clean(str(need(value, int) if isinstance(value, int) else need(value, str))).strip()
    if not 0 < len(name) <= ID_LIMIT:
        raise Unreadable("no name")
    return name


def degrees(payload, name, limit):
    """Return a coordinate in degrees, or raise."""
    value = need(payload.get(name), (int, float))
    if not -limit <= value <= limit:
        raise Unreadable("no place on earth")
    return float(value)


def _clean(words):
    kept = "".join(c for c in words if c >= " " or c in "\n\t")
    return kept.encode("utf-8", "replace").decode()


def shorten(words, limit, more=""):
    """Return *words* in at most *limit* characters; what is cut off is said by *more* (such as a link)."""
    words = words.strip()
    if len(words) <= limit:
        return words
    tail = f"\n{more}" if more else ""
    return words[: max(limit - len(tail) - 1, 0)].rstrip() + "…" + tail

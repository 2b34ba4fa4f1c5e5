# SPDX-License-Identifier: AGPL-3.0-or-later
"""An append-only record of what happened to a poll, each event bound to all before it by SHA-256.

One event a line of JSON::

    {"at":"2026-03-01T10:00:00Z","facts":{…},"hash":"…","kind":"opened","number":1,"previous":"…"}

``hash`` is the SHA-256 of the event without it, in canonical JSON (RFC 8785 for what occurs here: keys
sorted, no spaces, UTF-8; numbers are whole and below 2**53). The first event's ``previous`` is 64 zeros.

The chain shows that an event was changed, taken out, put in or moved. That somebody wrote all of it anew
from some event on, it does not show by itself: for that its last hash is published elsewhere at once (on
receipts, in the bulletin), and :func:`verify` is given it.
"""

import hashlib
import json
import re
from typing import NamedTuple

START = "0" * 64
KEYS = {"at", "facts", "hash", "kind", "number", "previous"}
SAFE = 2**53 - 1
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class ChainError(ValueError):
    """A chain that does not hold. *line* is where, 1 the first."""

    def __init__(self, reason, line=None):
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.reason, self.line = reason, line


class Event(NamedTuple):
    """What happened: *at* in UTC (``YYYY-MM-DDThh:mm:ssZ``), *kind* a word, *facts* a dict of plain values."""

    number: int
    at: str
    kind: str
    facts: dict
    previous: str
    hash: str


def canonical(value):
    """Return *value* as canonical JSON, bytes. Raise TypeError for floats and what JSON has not."""
    _check_plain(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _check_plain(value):
    if value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int) and abs(value) <= SAFE:
        return
    if isinstance(value, list | tuple):
        for each in value:
            _check_plain(each)
    elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
        for each in value.values():
            _check_plain(each)
    else:
        raise TypeError(f"{value!r} has no canonical form")


def append(last, at, kind, facts):
    """Return the Event that follows *last* (an Event, or None for the first)."""
    if not MOMENT.fullmatch(at):
        raise ValueError(f"{at!r} is not YYYY-MM-DDThh:mm:ssZ")
    if last and at < last.at:
        raise ValueError(f"{at} is before the last event, {last.at}")
    number, previous = (last.number + 1, last.hash) if last else (1, START)
    return Event(number, at, kind, facts, previous, _hash(number, at, kind, facts, previous))


def _hash(number, at, kind, facts, previous):
    content = {"at": at, "facts": facts, "kind": kind, "number": number, "previous": previous}
    return hashlib.sha256(canonical(content)).hexdigest()


def to_line(event):
    """Return an event as a line of a chain file, bytes with the line feed."""
    return canonical(event._asdict()) + b"\n"


def verify(lines, head=None):
    """Return the events of a chain file, given its *lines* (bytes, any iterable); raise ChainError.

    :param head: hash of the last event as it was published elsewhere
    """
    events, last = [], None
    for place, line in enumerate(lines, start=1):
        last = _verify_line(line, place, last)
        events.append(last)
    if not events:
        raise ChainError("the chain has no event")
    if head and events[-1].hash != head:
        raise ChainError(f"the chain ends with {events[-1].hash}, not with {head}")
    return events


def _verify_line(line, place, last):
    try:
        found = json.loads(line.decode())
    except (ValueError, RecursionError):
        raise ChainError("this is not JSON in UTF-8", place)
    if not isinstance(found, dict) or set(found) != KEYS or not isinstance(found["facts"], dict):
        raise ChainError(f"an event has {', '.join(sorted(KEYS))}", place)
    event = Event(**found)
    words = (event.at, event.kind, event.previous, event.hash)
    if type(event.number) is not int or not all(isinstance(word, str) for word in words):
        raise ChainError("the number is a number, the rest but the facts are words", place)
    if not MOMENT.fullmatch(event.at):
        raise ChainError(f"{event.at!r} is no moment", place)
    try:
        if to_line(event) != line:
            raise ChainError("the event is not in canonical form", place)
        expected = _hash(event.number, event.at, event.kind, event.facts, event.previous)
    except TypeError as error:
        raise ChainError(str(error), place)
    if event.hash != expected:
        raise ChainError("the event was changed: its hash is not that of its content", place)
    if event.number != place or event.previous != (last.hash if last else START):
        raise ChainError("the event does not follow the one before it", place)
    if last and event.at < last.at:
        raise ChainError("the event is before the one before it", place)
    return event

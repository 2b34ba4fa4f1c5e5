"""What a telephony system says of a call, in the one form that the city takes; and how long it lasted.

The body is a JSON object::

    {"call": "abc-1", "event": "ringing", "direction": "in", "number": "+34600111222", "extension": "204"}

``call`` is the system's own name of the call and stays the same; ``event`` is ``ringing``, ``answered`` or
``ended``, each said once and in this order (one may be left out); ``direction`` is ``in`` or ``out``; ``number`` is
the other side's, empty when it is withheld; ``extension`` is whose telephone rings, empty for everybody's.
"""

import json
from typing import NamedTuple

EVENTS = ("ringing", "answered", "ended")
#: A body that says more than this says something else.
MAX_BODY = 16 * 1024
MAX_NAME = 128


class BadEvent(ValueError):
    """A body that is no event; the text says what is wrong with it, in English, for the system's technician."""


class Event(NamedTuple):
    call: str
    event: str
    direction: str
    number: str
    extension: str


def read(body):
    """Return the ``Event`` that *body* (bytes) tells of.

    :raises BadEvent: when it tells of none
    """
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadEvent("The body is not JSON.") from error
    if not isinstance(told, dict):
        raise BadEvent("The body is not a JSON object.")
    event = Event(*(_as_line(told, name) for name in Event._fields))
    if not event.call:
        raise BadEvent("“call” is missing.")
    if event.event not in EVENTS:
        raise BadEvent("“event” is none of: ringing, answered, ended.")
    if event.direction not in ("", "in", "out"):
        raise BadEvent("“direction” is neither in nor out.")
    return event._replace(direction=event.direction or "in")


def _as_line(told, name):
    value = told.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadEvent(f"“{name}” is not a text.")
    value = str(value).strip()
    if len(value) > MAX_NAME or not value.isprintable():
        raise BadEvent(f"“{name}” is too long, or not printable.")
    return value


def is_news(event, known):
    """Return whether *event* says something that was not known of the call.

    :param str known: the last event told of it; empty for a new call
    """
    return not known or EVENTS.index(event) > EVENTS.index(known)


def seconds_of(answered_at, ended_at):
    """Return how many seconds two people spoke; 0 when nobody answered or nobody has hung up."""
    if not (answered_at and ended_at):
        return 0
    return max(0, round((ended_at - answered_at).total_seconds()))

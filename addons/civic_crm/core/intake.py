"""What comes in, whatever the channel: how it is told apart, tried again and counted.

Nothing here knows Odoo. A message is what an adapter has translated; an outcome is what became of it. The day's
equation (``Balance``) holds for whatever set of messages it is made of: each is in exactly one of its terms.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

#: Waits before another try, one after each failure; after the last one a person decides.
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))

#: Where a message can be: waiting, done, set aside without loss, or for a person to decide.
STATES = ("received", "processed", "spam", "quarantined")
#: What was made of a message that is done.
RESULTS = ("case", "enquiry", "reply")


@dataclass(frozen=True)
class Sender:
    """Who says to have sent it.

    ``kind`` is ``email``, ``phone``, ``handle`` (an account of a network) or empty; ``address`` is normalised by the
    adapter. ``is_verified`` only where the channel itself vouches for the address, never because a header says so.
    """

    kind: str = ""
    address: str = ""
    name: str = ""
    is_verified: bool = False


@dataclass(frozen=True)
class Message:
    """One message in the city's words, whatever it came in. Ids are of records that the adapter has checked."""

    text: str = ""
    subject: str = ""
    sender: Sender = field(default_factory=Sender)
    #: (name, bytes), as they came: whoever files them cleans them
    files: tuple = ()
    lang: str = ""
    #: why no person wrote it; empty for people
    automatic: str = ""
    #: code of a case that it names; proves nothing
    case_code: str = ""
    #: further facts of filing, as ``helpdesk.ticket._file_case`` takes them
    facts: dict = field(default_factory=dict)
    service_id: int = 0
    #: the person who was signed in, or whom staff has in front of them
    partner_id: int = 0


@dataclass(frozen=True)
class Outcome:
    """What became of a message.

    ``state`` of ``STATES`` but ``received``; ``result`` of ``RESULTS`` when processed; ``reason`` a short word
    (``spam``, ``automatic``, ``list``, ``loop``, ``duplicate``, ``bounce``, ``no_route``, ``unreadable``,
    ``failed``, …).
    """

    state: str
    result: str = ""
    reason: str = ""
    case_id: int = 0
    enquiry_id: int = 0
    message_id: int = 0
    #: what is known of it now: sender, subject, text, for the eyes of whoever looks for it
    seen: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """What a person has decided of a message that the system left to them.

    ``way`` of ``RESULTS``. What the person left empty is as the message says it.
    """

    way: str
    service_id: int = 0
    #: the case that it is added to
    case_id: int = 0
    #: the person says that it is of the case's citizen, although nothing proves it
    is_citizens: bool = False
    #: whom it is filed for
    partner_id: int = 0
    #: ``place``, ``zone``, ``answers``, ``name``, ``email``, ``phone``, ``subject``
    facts: dict = field(default_factory=dict)


#: Term of the equation → what is in it, as conditions of equality; nothing is in two of them.
TERMS = {
    "cases": {"state": "processed", "result": "case"},
    "enquiries": {"state": "processed", "result": "enquiry"},
    "replies": {"state": "processed", "result": "reply"},
    "spam": {"state": "spam"},
    "quarantined": {"state": "quarantined"},
    "waiting": {"state": "received"},
}
#: Days that the equation is shown for: name → (first, last) counted back from today.
PERIODS = {"today": (0, 0), "yesterday": (1, 1), "week": (6, 0), "month": (29, 0)}


def days_of(period, today):
    """Return ``(first day, day after the last)`` of a period of ``PERIODS``; *today* is the city's date."""
    first, last = PERIODS[period]
    return today - timedelta(days=first), today - timedelta(days=last - 1)


class Balance(NamedTuple):
    """Numbers of messages; ``received`` is the sum of all the others."""

    received: int
    cases: int
    enquiries: int
    replies: int
    spam: int
    quarantined: int
    waiting: int

    @property
    def nowhere(self):
        """How many are in none of the terms; 0 when nothing is lost."""
        return self.received - sum(self[1:])

    @property
    def is_even(self):
        return self.nowhere == 0


def balance(received, counts):
    """Return the ``Balance`` of *received* messages.

    :param int received: how many there are, counted by itself
    :param counts: mapping of ``(state, result)`` to a number
    """
    done = {
        result: sum(n for (state, r), n in counts.items() if state == "processed" and r == result) for result in RESULTS
    }
    in_state = {state: sum(n for (s, _r), n in counts.items() if s == state) for state in STATES}
    return Balance(
        received,
        done["case"],
        done["enquiry"],
        done["reply"],
        in_state["spam"],
        in_state["quarantined"],
        in_state["received"],
    )


def next_wait(attempts):
    """Return how long to wait after *attempts* failures (1 for the first), or None: a person decides."""
    return BACK_OFF[attempts - 1] if 0 < attempts <= len(BACK_OFF) else None


def first_words(text, subject="", sender="", limit=160):
    """Return the beginning of what was written, on one line: *text* without the subject and sender at its head."""
    lines = [line.strip() for line in (text or "").splitlines()]
    lines = [line for line in lines if line]
    if lines and lines[0] == (subject or "").strip():
        lines = lines[1:]
    if lines and sender and sender.lower() in lines[0].lower():
        lines = lines[1:]
    words = " ".join(lines)
    return words if len(words) <= limit else f"{words[: limit - 1].rstrip()}…"


def digest(raw):
    """Return the SHA-256 of *raw* (bytes) in hexadecimal, by which anybody can check that it is what came."""
    return hashlib.sha256(raw).hexdigest()


def storable(value):
    """Return *value* (a text, or a list or tuple of such; anything else as it is) as PostgreSQL can keep it.

    Hostile and broken mail has NUL characters, and halves of surrogate pairs where its encoding was a lie.
    """
    if isinstance(value, str):
        return type(value)(value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8"))
    if type(value) in (list, tuple):
        return type(value)(storable(part) for part in value)
    return value

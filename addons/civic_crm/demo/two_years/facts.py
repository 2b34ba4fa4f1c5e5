# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the history is told of the city, and what it tells of its people: plain values, times in naive UTC."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

CLOSED = {"done", "rejected", "cancelled"}


@dataclass(frozen=True)
class Zone:
    code: str
    name: str
    people: int
    #: shapely geometry, degrees
    ground: Any


@dataclass(frozen=True)
class Question:
    """One that has to be answered; ``options`` are keys, ``low`` and ``high`` limits of a number."""

    code: str
    datatype: str
    options: tuple = ()
    low: int = 1
    high: int = 9


@dataclass(frozen=True)
class Service:
    code: str
    kind: str
    promise_days: int
    is_public: bool = False
    has_place: bool = True
    is_identified: bool = False
    may_be_anonymous: bool = False
    asks_confirmation: bool = True
    asks_satisfaction: bool = True
    questions: tuple = ()


@dataclass(frozen=True)
class City:
    """``today`` is the city's; ``services`` by code; ``teams`` are codes of departments."""

    today: date
    zone_name: str
    zones: tuple
    services: dict
    teams: frozenset
    confirmation_days: int = 10
    first_contact_days: int = 7


@dataclass
class Person:
    name: str
    zone: str
    address: str
    email: str | None = None
    phone: str | None = None
    #: a DNI, where the city knows it
    document: str | None = None


@dataclass
class Step:
    at: datetime
    #: new, in_progress, awaiting, done, rejected or cancelled
    stage: str


@dataclass
class Message:
    at: datetime
    from_citizen: bool
    text: str


@dataclass
class Pause:
    first: date
    #: the last day that does not count; None while the clock stands
    last: date | None
    reason: str


@dataclass
class HandOver:
    at: datetime
    team: str
    reason: str


@dataclass
class Contribution:
    team: str
    text: str
    asked_at: datetime
    wanted_on: date
    closed_at: datetime | None = None


@dataclass
class Rating:
    at: datetime
    #: 5 good, 3 so-so, 1 bad
    value: int
    text: str


@dataclass
class Case:
    filed_at: datetime
    service: str
    channel: str
    subject: str
    text: str
    zone: str | None = None
    place: str | None = None
    latitude: float = 0.0
    longitude: float = 0.0
    #: index into the history's people; None: anonymous
    person: int | None = None
    #: index into the history's enquiries
    enquiry: int | None = None
    answers: dict = field(default_factory=dict)
    #: picks its responsible among the members of the department
    hand: int = 0
    #: those with the same number are reports of the same fact
    fact: int | None = None

    steps: list = field(default_factory=list)
    messages: list = field(default_factory=list)
    pauses: list = field(default_factory=list)
    contributions: list = field(default_factory=list)
    hand_over: HandOver | None = None

    #: names of records of this addon, without their prefix
    outcome: str | None = None
    reason: str | None = None
    reason_text: str | None = None
    referral: str | None = None
    confirmation: str = "none"
    confirmation_due: date | None = None
    confirmed_at: datetime | None = None
    denials: int = 0
    rating: Rating | None = None

    @property
    def stage(self):
        return self.steps[-1].stage if self.steps else "new"

    @property
    def moved_at(self):
        return self.steps[-1].at if self.steps else self.filed_at

    @property
    def closed_at(self):
        return self.moved_at if self.stage in CLOSED else None

    @property
    def first_answered_at(self):
        return min((message.at for message in self.messages if not message.from_citizen), default=None)

    @property
    def citizen_waits(self):
        """Whether the last message is the citizen's, and nobody has answered it."""
        return bool(not self.closed_at and self.messages and self.messages[-1].from_citizen)


@dataclass
class Enquiry:
    received_at: datetime
    name: str
    text: str
    topic: str
    channel: str
    state: str = "new"
    person: int | None = None
    zone: str | None = None
    #: picks who took it
    hand: int = 0
    taken_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: int = 0
    outcome: str | None = None
    is_first_contact: bool = False
    #: the service of the case it was turned into
    service: str | None = None


@dataclass
class History:
    people: list
    enquiries: list
    cases: list

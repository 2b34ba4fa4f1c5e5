# SPDX-License-Identifier: AGPL-3.0-or-later
"""Operations on running servers, measured in turns, and what a scenario reports."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .core.procfs import Disturbed
from .core.rounds import Sample, Summary, turns
from .core.verdict import Target
from .server import Server

TRIES = 3


@dataclass
class Side:
    """One operation of one server.

    ``prepare(count)`` does unmeasured what has to come before *count* operations and
    returns the measured one, a function of a number below *count* that makes one request.
    """

    name: str
    server: Server
    prepare: Callable[[int], Callable[[int], None]]
    samples: list[Sample] = field(default_factory=list)

    def take_turn(self, count):
        for remaining in reversed(range(TRIES)):
            try:
                return self.server.measure(self.prepare(count), count)
            except Disturbed:
                if not remaining:
                    raise
        return None


def measure_in_turns(sides, rounds, count, warm_up):
    """Fill in the ``samples`` of every side: *rounds* turns of *count* operations."""
    for side in sides:
        side.take_turn(warm_up)
    for number, side in turns(sides, rounds):
        side.samples.append(side.take_turn(count))
        if side is (sides[-1] if number % 2 == 0 else sides[0]):
            print(f"  round {number + 1} of {rounds}", flush=True)


@dataclass
class Result:
    """What a scenario found: ``figures`` for the table and the JSON, ``notes`` to read."""

    title: str
    figures: dict[str, Summary] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    more: dict = field(default_factory=dict)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rounds in which every side has its turn, and what they come to."""

from dataclasses import dataclass
from statistics import median


def turns(sides, rounds):
    """Yield ``(round, side)``: each round all sides, every second one in reverse.

    A machine that slows down or speeds up steadily then favours nobody.
    """
    for number in range(rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            yield number, side


@dataclass(frozen=True)
class Sample:
    """One turn of one side, per operation."""

    cpu_ms: float
    wall_ms: float
    queries: float | None = None


@dataclass(frozen=True)
class Summary:
    """One side's turns: medians, and the range of CPU."""

    cpu_ms: float
    cpu_least: float
    cpu_most: float
    wall_ms: float
    queries: float | None
    rounds: int

    @classmethod
    def of(cls, samples):
        cpu = [sample.cpu_ms for sample in samples]
        queries = [sample.queries for sample in samples if sample.queries is not None]
        return cls(
            cpu_ms=median(cpu),
            cpu_least=min(cpu),
            cpu_most=max(cpu),
            wall_ms=median(sample.wall_ms for sample in samples),
            queries=median(queries) if queries else None,
            rounds=len(samples),
        )


def mean_sample(samples):
    """Return what an even mix of the operations costs that *samples* measured in one round."""
    count = len(samples)
    queries = [sample.queries for sample in samples]
    return Sample(
        cpu_ms=sum(sample.cpu_ms for sample in samples) / count,
        wall_ms=sum(sample.wall_ms for sample in samples) / count,
        queries=None if None in queries else sum(queries) / count,
    )


def paired_ratio(ours, peers):
    """Return the median over the rounds of our CPU divided by the peer's of the same round.

    Neighbours on the machine slow both sides of one round alike; dividing within the round
    takes that out, which a quotient of two medians does not.
    """
    if len(ours) != len(peers) or not ours:
        raise ValueError(f"A ratio needs the same rounds on both sides: {len(ours)} and {len(peers)}.")
    return median(our.cpu_ms / peer.cpu_ms for our, peer in zip(ours, peers, strict=True))

"""When a phase is open, what a process is doing, and which dates do not go together.

A phase is a span of time: it is open from its start, the start included, until its end, the
end excluded. So a phase that ends at noon and one that begins at noon follow each other
without a gap and without an overlap, and no vote is accepted in two phases at once.

Moments are naive datetimes in UTC, all of them; what "today" means in the city's time zone is
the caller's business.
"""

from itertools import pairwise
from typing import NamedTuple

UPCOMING, OPEN, OVER = "upcoming", "open", "over"
DRAFT, ANNOUNCED, FINISHED, CANCELLED = "draft", "announced", "finished", "cancelled"


class Span(NamedTuple):
    """From *start* (datetime, included) to *end* (datetime, excluded)."""

    start: object
    end: object


def phase_state(span, moment):
    """Return what the dates alone say: ``upcoming``, ``open`` or ``over``."""
    if moment < span.start:
        return UPCOMING
    return OPEN if moment < span.end else OVER


def process_state(spans, moment, *, published, cancelled):
    """Return ``draft``, ``announced``, ``open``, ``finished`` or ``cancelled``.

    A process is open from the start of its first phase to the end of its last one, pauses
    between phases included: people who took part are still waiting for something. One that
    is published without phases is announced.
    """
    if cancelled:
        return CANCELLED
    if not published:
        return DRAFT
    whole = extent(spans)
    if whole is None or moment < whole.start:
        return ANNOUNCED
    return OPEN if moment < whole.end else FINISHED


def extent(spans):
    """Return the Span from the first start to the last end, or None without spans."""
    if not spans:
        return None
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def current(spans, moment):
    """Return the positions in *spans* of those open at *moment*, earliest start first."""
    return sorted(
        (i for i, span in enumerate(spans) if phase_state(span, moment) == OPEN),
        key=lambda i: spans[i],
    )


def next_opening(spans, moment):
    """Return the first start after *moment*, or None when nothing more opens."""
    return min((span.start for span in spans if span.start > moment), default=None)


def find_reversed(spans):
    """Return the positions of spans that end before they begin, or have no length."""
    return [i for i, span in enumerate(spans) if span.end <= span.start]


def find_overlap(spans):
    """Return the positions of two spans that share time, earlier one first, or None.

    Only spans with a length are compared; see ``find_reversed`` for the others.
    """
    order = sorted((i for i, span in enumerate(spans) if span.end > span.start), key=lambda i: spans[i])
    # sorted by start: if any two share time, two neighbours do
    for before, after in pairwise(order):
        if spans[after].start < spans[before].end:
            return before, after
    return None

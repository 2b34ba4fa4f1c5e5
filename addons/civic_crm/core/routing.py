"""Which department answers a case: what its service says, and the headings above it.

The nearer word wins, first in the catalogue, then on the map: a service that says anything overrules its heading,
and within one service the table by zone is read from the case's neighbourhood up to the whole city before the
service's own department.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Word:
    """What one service or heading says about who answers.

    ``by_zone`` has department ids by zone id; ``department`` is the one for all other places, or None.
    """

    by_zone: Mapping[int, int] = field(default_factory=dict)
    department: int | None = None


def find_department(words, zones=()):
    """Return the id of the department that answers, or None when nothing is said.

    :param words: ``Word`` of the service, then of the headings above it, nearest first
    :param zones: ids of the case's zone, then of those it lies in, nearest first; empty when the place is unknown
    """
    for word in words:
        for zone in zones:
            if zone in word.by_zone:
                return word.by_zone[zone]
        if word.department:
            return word.department
    return None


def depends_on_place(words):
    """Return True when two places may have different departments."""
    for word in words:
        if word.by_zone:
            return True
        if word.department:
            return False
    return False

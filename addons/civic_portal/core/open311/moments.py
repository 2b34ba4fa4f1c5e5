"""Dates and times as the specification writes them (W3C-DTF, https://www.w3.org/TR/NOTE-datetime)."""

import re
from datetime import UTC, datetime, time

#: A plus sign that was not encoded arrives as a space.
_LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")
_SHAPE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?")


def read(text, zone):
    """Return a moment as naive UTC.

    :param str text: with ``Z`` or ``±HH:MM``; without either, and for a day alone, the city's time is meant
    :param zone: ``pytz`` zone of the city
    :raises ValueError: when it is no such moment, or not between the years 1900 and 2200
    """
    text = _LOST_PLUS.sub(r"+\1", text)
    if not _SHAPE.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    if not 1900 <= moment.year <= 2200:
        raise ValueError(text)
    if moment.tzinfo is None:
        moment = zone.localize(moment)
    return moment.astimezone(UTC).replace(tzinfo=None)


def write(moment, zone):
    """Return a naive UTC datetime as text in the city's time, with its offset; None for none."""
    if not moment:
        return None
    return moment.replace(tzinfo=UTC).astimezone(zone).isoformat(timespec="seconds")


def write_end_of(day, zone):
    """Return the end of a day of the city's as text; None for none."""
    return zone.localize(datetime.combine(day, time(23, 59, 59))).isoformat() if day else None

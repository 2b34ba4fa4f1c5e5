"""The legal clock: on which day an answer is due.

A pure function of a term, a start, a calendar, pauses and extensions: nothing is stored, nothing is
looked up, every value is immutable. Articles are those of Ley 39/2015 (Spain's common administrative
procedure).

* Working days leave out weekends and holidays (30.2); days are counted from the one after the start
  (30.3). Natural days leave out nothing.
* Months and years run from date to date; where the month has no such day, they end on its last (30.4).
* What would end on a day off ends on the next working day (30.5).
* Hours are, by law, all the hours of working days, counted to the minute (30.1); a promise may count the
  office's own hours, or hours on the wall.
* The authority's terms run from the moment of filing, whatever the day (31.2.c); a citizen's paper filed on
  a day off counts as filed in the first hour of the next working day (31.2.b).
* A suspension (22) keeps what is left: its first and its last day, and those between, do not count. An
  interruption forgets what has run: the whole term begins again on the day after it ends.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

import numpy as np
import pytz

WORKING_DAYS = "working_days"
NATURAL_DAYS = "natural_days"
MONTHS = "months"
YEARS = "years"
LEGAL_HOURS = "legal_hours"
OFFICE_HOURS = "office_hours"
ELAPSED_HOURS = "elapsed_hours"
HOURS = frozenset({LEGAL_HOURS, OFFICE_HOURS, ELAPSED_HOURS})

FILING = "filing"
NEXT_WORKING_DAY = "next_working_day"

SUSPEND = "suspend"
INTERRUPT = "interrupt"

ARTICLE_23 = "art_23"
ARTICLE_32 = "art_32"

#: Years after the start that a calendar's table covers at least; a term further away is a mistake.
HORIZON_YEARS = 12


@dataclass(frozen=True)
class LegalCalendar:
    """The working days of one place.

    :param frozenset weekdays: working weekdays, Monday is 0
    :param frozenset holidays: dates that are days off although their weekday is not
    :param tzinfo zone: a ``pytz`` zone; its midnight begins a day
    :param tuple opening: ``(weekday, minute it opens, minute it closes)``, of the office; for
        ``OFFICE_HOURS`` alone
    """

    weekdays: frozenset = frozenset(range(5))
    holidays: frozenset = frozenset()
    zone: tzinfo = pytz.utc
    opening: tuple = ()

    def is_working(self, day):
        return day.weekday() in self.weekdays and day not in self.holidays

    def next_working(self, day):
        """Return *day*, or the first working day after it.

        :raises ValueError: when none lies within the horizon
        """
        table = _get_table(self, day.year)
        return date.fromordinal(table.roll(day.toordinal()))

    def count_working(self, after, until):
        """Return how many working days lie after *after*, up to and including *until*; 0 when none can."""
        if until <= after:
            return 0
        table = _get_table(self, after.year, until.year)
        return table.count(after.toordinal() + 1, until.toordinal())

    def get_day(self, moment):
        """Return the date, here, of a date (itself) or of an aware datetime."""
        if isinstance(moment, datetime):
            return moment.astimezone(self.zone).date()
        return moment

    def _get_hours(self, day, unit):
        """Return ``[(opens, closes)]`` of a day, aware, in order: the hours that count in *unit*."""
        if unit != ELAPSED_HOURS and not self.is_working(day):
            return []
        if unit == OFFICE_HOURS:
            spans = sorted(span[1:] for span in self.opening if span[0] == day.weekday())
        else:
            spans = [(0, 24 * 60)]
        return [(self._at(day, opens), self._at(day, closes)) for opens, closes in spans]

    def _at(self, day, minute):
        """Return the aware moment; minute 1440 is the midnight that ends the day, however long it was."""
        if minute >= 24 * 60:
            day, minute = day + timedelta(days=1), 0
        return self.zone.localize(datetime.combine(day, time(minute // 60, minute % 60)))


@dataclass(frozen=True)
class Term:
    """How long: an *amount*, at least 1, of a *unit*; ``counted_from`` says what a filing on a day off means."""

    amount: int
    unit: str = WORKING_DAYS
    counted_from: str = FILING


@dataclass(frozen=True)
class Pause:
    """Days, both included, that do not count; *last* is None while nobody knows when it ends.

    After *max_months* the clock runs on by itself: the three months of a mandatory report (22.1.d).
    """

    first: date
    last: date | None = None
    kind: str = SUSPEND
    max_months: int = 0

    def get_last(self):
        """Return the last day on which the clock stands, or None."""
        if not self.max_months:
            return self.last
        latest = date.fromordinal(_add_months(self.first, self.max_months))
        return min(self.last, latest) if self.last else latest

    def covers(self, day):
        last = self.get_last()
        return self.first <= day and (last is None or day <= last)


@dataclass(frozen=True)
class Extension:
    """An extension of the term, in the unit of the term."""

    amount: int


@dataclass(frozen=True)
class Due:
    """The last day of a term; None while the clock stands and nobody knows for how long.

    ``at`` is the exact moment, aware, of a term in hours, and None otherwise.
    """

    day: date | None
    at: datetime | None = None


# ----------------------------------------------------------------------
# the clock
# ----------------------------------------------------------------------


def due(term, start, calendar, pauses=(), extensions=()):
    """Return the ``Due`` of one term.

    :param Term term: how long
    :param start: what sets the clock going: a date, or an aware datetime, which a term in hours needs
    :param LegalCalendar calendar: which days work
    :param pauses: ``Pause`` in any order; of two that overlap the later counts from the end of the earlier
    :param extensions: ``Extension``, all of them granted in time
    :raises ValueError: when the term is not positive, or lies beyond the horizon of the calendar
    """
    amount = term.amount + sum(extension.amount for extension in extensions)
    if term.amount < 1:
        raise ValueError("a term is at least 1 long")
    stretches = _make_stretches(pauses)
    if term.unit in HOURS:
        return _get_due_moment(term, amount, start, calendar, stretches)
    day = calendar.get_day(start)
    table = _get_table(calendar, day.year)
    first = table.roll(day.toordinal()) if term.counted_from == NEXT_WORKING_DAY else day.toordinal()
    last = _get_last_day(_COUNTS[term.unit](amount, table), first, stretches, table.roll)
    return Due(last and date.fromordinal(last))


def shift(given, since, calendar, pauses=()):
    """Return the ``Due`` of a day that a person has set: pauses that end after *since* move it, nothing else.

    Each paused day moves it by one natural day; what then falls on a day off falls on the next working day.

    :param date given: the day that was set
    :param date since: the day on which it was set; whoever set it knew of what was before
    """
    stretches = [s for s in _make_stretches(pauses) if s.last is None or s.last > since.toordinal()]
    if not stretches:
        return Due(given)
    start, end = min(since, given).toordinal(), given.toordinal()
    table = _get_table(calendar, min(since, given).year)
    count = _NaturalCount(lambda first: first + end - start)
    last = _get_last_day(count, start, stretches, lambda day: end if day == end else table.roll(day))
    return Due(last and date.fromordinal(last))


def due_many(clocks):
    """Return the ``Due`` of each of many ``(term, start, calendar, pauses, extensions)``, in their order.

    Those in days or months without pause or extension are computed together, which is what most are.
    """
    clocks = list(clocks)
    answers = [None] * len(clocks)
    together = defaultdict(list)
    for i, (term, start, calendar, pauses, extensions) in enumerate(clocks):
        if pauses or extensions or term.unit in HOURS:
            answers[i] = due(term, start, calendar, pauses, extensions)
        else:
            together[term, calendar].append((i, calendar.get_day(start)))
    for (term, calendar), members in together.items():
        days = due_days(term, [day for _i, day in members], calendar).tolist()
        for (i, _day), day in zip(members, days, strict=True):
            answers[i] = Due(day)
    return answers


def due_days(term, starts, calendar):
    """Return the last days of one term, not in hours, for many starts without pauses.

    :param starts: array of ``datetime64[D]``, or a sequence of dates
    :return: array of ``datetime64[D]``, in the same order
    :raises ValueError: as ``due`` does, if for any of them
    """
    if term.amount < 1 or term.unit in HOURS:
        raise ValueError("a term in days, months or years is at least 1 long")
    starts = np.asarray(starts, dtype="datetime64[D]")
    if not starts.size:
        return starts
    first, last = starts.min().item().year, starts.max().item().year
    table = _get_table(calendar, first, last)
    days = starts.astype(np.int64) + (_EPOCH - table.base)
    if term.counted_from == NEXT_WORKING_DAY:
        days = table.following.take(days)
    if term.unit == WORKING_DAYS:
        number = table.rank.take(days) + (term.amount - 1)
        if number.max() >= table.working.size:
            raise ValueError("the calendar has too few working days")
        days = table.working.take(number)
    else:
        ends = _add_naturally(term, days + (table.base - _EPOCH)) + (_EPOCH - table.base)
        if ends.max() >= table.following.size:
            raise ValueError("the term lies too far ahead")
        days = table.following.take(ends)
    return (days + (table.base - _EPOCH)).astype("datetime64[D]")


def refuse_extension(term, already, amount, article, granted_on, due_day):
    """Return why a term may not be extended, or None.

    :param int already: by how much it has been extended before
    :param article: ``ARTICLE_23`` (at most the term again), ``ARTICLE_32`` (at most half of it), or another
        ground, without a limit
    :param date due_day: the last day so far, or None
    :return: ``"nothing"``, ``"expired"`` (a term that is over is not extended: 32.3) or ``"too_long"``
    """
    if amount < 1:
        return "nothing"
    if due_day and granted_on > due_day:
        return "expired"
    limit = get_extension_limit(term, article)
    return "too_long" if limit is not None and already + amount > limit else None


def get_extension_limit(term, article):
    """Return by how much, at most, a term may be extended in all; None without a limit."""
    return {ARTICLE_23: term.amount, ARTICLE_32: term.amount // 2}.get(article)


def count_hours(unit, calendar, after, until):
    """Return how many hours of *unit* lie between two aware moments, as a float; 0 when none can.

    :param str unit: one of ``HOURS``
    """
    after, until = after.astimezone(calendar.zone), until.astimezone(calendar.zone)
    total = timedelta()
    for number in range(after.toordinal(), until.toordinal() + 1):
        for opens, closes in calendar._get_hours(date.fromordinal(number), unit):
            total += max(min(closes, until) - max(opens, after), timedelta())
    return total / timedelta(hours=1)


# ----------------------------------------------------------------------
# pauses
# ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Stretch:
    """A pause in day numbers (``date.toordinal``)."""

    first: int
    last: int | None
    restarts: bool


def _make_stretches(pauses):
    """Order the pauses; none begins before the one before it has ended."""
    stretches, free = [], 0
    for pause in sorted(pauses, key=lambda pause: pause.first):
        last = pause.get_last()
        first = max(pause.first.toordinal(), free)
        if last is None or last.toordinal() >= first:
            stretches.append(_Stretch(first, last and last.toordinal(), pause.kind == INTERRUPT))
            if last is None:
                break
            free = last.toordinal() + 1
    return stretches


def _get_last_day(count, start, stretches, roll):
    """Walk through the pauses; return the number of the last day, or None when the clock stands.

    A pause that begins when the term is over moves nothing.
    """
    lost = 0
    for stretch in stretches:
        if stretch.last is not None and stretch.last <= start:
            continue
        first = max(stretch.first, start + 1)
        end = count.get_end(start, lost)
        last_chance = roll(end)
        if first > last_chance:
            break
        if stretch.last is None:
            return None
        if stretch.restarts:
            start, lost = stretch.last, 0
            continue
        if first > end:  # paused on the working day to which the end had rolled: that day is what is left
            lost += last_chance - end
        lost += count.get_length(first, stretch.last)
    return roll(count.get_end(start, lost))


class _WorkingCount:
    """Counts working days."""

    def __init__(self, amount, table):
        self.amount, self.table = amount, table

    def get_end(self, start, lost):
        return self.table.get_nth(start, self.amount + lost)

    def get_length(self, first, last):
        return self.table.count(first, last)


class _NaturalCount:
    """Counts every day: what a pause takes is given back day by day."""

    def __init__(self, end_of):
        self.end_of = end_of

    def get_end(self, start, lost):
        return self.end_of(start) + lost

    def get_length(self, first, last):
        return last - first + 1


_COUNTS = {
    WORKING_DAYS: _WorkingCount,
    NATURAL_DAYS: lambda amount, _table: _NaturalCount(lambda first: first + amount),
    MONTHS: lambda amount, _table: _NaturalCount(lambda first: _add_months(date.fromordinal(first), amount)),
    YEARS: lambda amount, _table: _NaturalCount(lambda first: _add_months(date.fromordinal(first), 12 * amount)),
}


def _add_months(day, months):
    """Return the number of the same day of a later month, or of its last day (30.4)."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    length = (date(first.year + month // 11, (month + 1) % 12 + 1, 1) - first).days
    return first.toordinal() + min(day.day, length) - 1


def _get_due_moment(term, amount, start, calendar, stretches):
    """Count hours; those of a paused day do not count, whatever the hour at which the pause began."""
    if not isinstance(start, datetime):
        raise ValueError("a term in hours starts at a moment, not on a day")
    start = start.astimezone(calendar.zone)
    whole = left = timedelta(hours=amount)
    if term.counted_from == NEXT_WORKING_DAY:
        day = calendar.get_day(start)
        if not calendar.is_working(day):
            start = calendar._at(calendar.next_working(day), 0)
    day = calendar.get_day(start)
    for number in range(day.toordinal(), day.toordinal() + 366 * HORIZON_YEARS):
        pause = next((s for s in stretches if s.first <= number and (s.last is None or number <= s.last)), None)
        if pause and pause.last is None:
            return Due(None)
        if pause:
            left = whole if pause.restarts else left
            continue
        for opens, closes in calendar._get_hours(date.fromordinal(number), term.unit):
            opens = max(opens, start)
            if closes - opens >= left:
                end = calendar.zone.normalize(opens + left)
                return Due(calendar.get_day(end - timedelta(microseconds=1)), end)
            left -= max(closes - opens, timedelta())
    raise ValueError("the calendar has too few working hours")


# ----------------------------------------------------------------------
# a calendar's days, numbered
# ----------------------------------------------------------------------

_EPOCH = date(1970, 1, 1).toordinal()


class _Table:
    """The days of some years as arrays, so that a question costs a look-up.

    ``working`` are the offsets of the working days from ``base``, ``rank`` how many of them lie up to and
    including each day, ``following`` each day itself or the next working one.
    """

    def __init__(self, calendar, first_year, last_year):
        self.base = date(first_year, 1, 1).toordinal()
        numbers = np.arange(self.base, date(last_year, 12, 31).toordinal() + 1)
        works = np.isin((numbers - 1) % 7, list(calendar.weekdays))
        off = [day.toordinal() - self.base for day in calendar.holidays]
        works[[number for number in off if 0 <= number < works.size]] = False
        self.working = np.flatnonzero(works)
        self.rank = np.cumsum(works)
        upcoming = self.rank - works  # how many lie before each day: the number of the next
        self.following = self.working[upcoming[upcoming < self.working.size]]

    def get_nth(self, start, count):
        """Return the number of the *count*-th working day after day *start*."""
        number = self.rank[start - self.base] + count - 1
        if number >= self.working.size:
            raise ValueError("the calendar has too few working days")
        return int(self.working[number]) + self.base

    def roll(self, day):
        """Return the number of the day itself, or of the next working one."""
        if day - self.base >= self.following.size:
            raise ValueError("the term lies too far ahead, or the calendar has too few working days")
        return int(self.following[day - self.base]) + self.base

    def count(self, first, last):
        """Return how many working days lie between two days, both included."""
        last = min(last - self.base, self.rank.size - 1)
        return max(int(self.rank[last] - self.rank[first - self.base - 1]), 0)


def _get_table(calendar, first_year, last_year=None):
    """Return a table with a year to spare before and the horizon behind; few distinct ones are made."""
    begin = (first_year - 1) // 10 * 10
    end = ((last_year or first_year) + HORIZON_YEARS) // 10 * 10 + 9
    return _make_table(calendar, max(begin, 1), min(end, 9999))


_make_table = lru_cache(maxsize=64)(_Table)


def _add_naturally(term, days):
    """Add natural days, months or years to an array of days since 1970."""
    if term.unit == NATURAL_DAYS:
        return days + term.amount
    starts = days.astype("datetime64[D]")
    months = starts.astype("datetime64[M]")
    target = months + term.amount * (12 if term.unit == YEARS else 1)
    last = (target + 1).astype("datetime64[D]") - 1
    return np.minimum(target.astype("datetime64[D]") + (starts - months), last).astype(np.int64)

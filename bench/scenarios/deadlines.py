# SPDX-License-Identifier: AGPL-3.0-or-later
"""Due dates of 100,000 cases, in working days without pauses, against numpy.busday_offset on the same dates.

Both leave out the same weekends and holidays and must agree on every day. Both are given arrays of dates, as
numpy likes them, and, for support, lists of dates as the ORM has them. Paused terms, and months, are ours alone
and are there to read: they are counted one by one, or have no peer.
"""

import importlib.util
import random
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import holidays
import numpy as np

from ..comparison import Result
from ..core.rounds import Sample, Summary, paired_ratio, turns
from ..core.verdict import Target
from ..place import ROOT, Problem

COUNT = 100_000
PAUSED = 10_000
WORKING_DAYS = 20
YEARS = range(2015, 2041)
LIMIT = 5.0

PEER, OURS = "busday_offset, arrays", "our clock, arrays"
PEER_LISTS, OUR_LISTS = "busday_offset, lists", "our clock, lists"
OUR_MONTHS, OUR_PAUSES = "our clock, months", f"our clock, {PAUSED:,} paused"


class _Side:
    def __init__(self, name, run, count=COUNT):
        self.name, self.run, self.count, self.samples = name, run, count, []

    def take_turn(self):
        cpu, wall = time.process_time(), time.perf_counter()
        self.run()
        spent = time.process_time() - cpu, time.perf_counter() - wall
        self.samples.append(Sample(*(1000 * each * COUNT / self.count for each in spent)))


def run(options):
    sides = _make_sides(_load_clock(options.addons))
    for side in sides:
        side.run()  # fills the tables that are kept
    for number, side in turns(sides, max(options.rounds, 5)):
        side.take_turn()
        if side is (sides[-1] if number % 2 == 0 else sides[0]):
            print(f"  round {number + 1} of {max(options.rounds, 5)}", flush=True)
    return _compare({side.name: side for side in sides})


def _load_clock(addons):
    """Return the engine of the addons there; it is plain Python and needs no Odoo."""
    path = Path(addons or ROOT / "addons") / "civic_crm" / "core" / "deadline.py"
    spec = importlib.util.spec_from_file_location("civic_deadline", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _make_sides(deadline):
    days_off = sorted(holidays.country_holidays("ES", subdiv="MD", years=YEARS))
    calendar = deadline.LegalCalendar(holidays=frozenset(days_off))
    dice = random.Random(1)
    dates = [date(2016, 1, 1) + timedelta(days=dice.randrange(4000)) for _ in range(COUNT)]
    array, term = np.array(dates, dtype="datetime64[D]"), deadline.Term(WORKING_DAYS)
    theirs = np.busdaycalendar(holidays=np.array(days_off, dtype="datetime64[D]"))

    def numpy_counts(starts):
        # backward: a case filed on a day off begins to count on the next working day (art. 31.2.c)
        return np.busday_offset(starts, WORKING_DAYS, roll="backward", busdaycal=theirs)

    if (numpy_counts(array) != deadline.due_days(term, array, calendar)).any():
        raise Problem("The clock and numpy do not agree on the days: a ratio would mean nothing.")
    paused = [
        (term, start, calendar, (deadline.Pause(start + timedelta(days=3), start + timedelta(days=9)),), ())
        for start in dates[:PAUSED]
    ]
    return [
        _Side(PEER, lambda: numpy_counts(array)),
        _Side(OURS, lambda: deadline.due_days(term, array, calendar)),
        _Side(PEER_LISTS, lambda: numpy_counts(dates).tolist()),
        _Side(OUR_LISTS, lambda: deadline.due_days(term, dates, calendar).tolist()),
        _Side(OUR_MONTHS, lambda: deadline.due_days(deadline.Term(3, deadline.MONTHS), array, calendar)),
        _Side(OUR_PAUSES, lambda: deadline.due_many(paused), PAUSED),
    ]


def _compare(sides):
    result = Result("Counting due dates")
    for name, side in sides.items():
        result.figures[name] = Summary.of(side.samples)
        if name not in (PEER, PEER_LISTS):
            peer = sides[PEER_LISTS if name == OUR_LISTS else PEER]
            result.ratios[name] = paired_ratio(side.samples, peer.samples)
    result.targets.append(Target(f"CPU of {COUNT:,} due dates / of busday_offset", result.ratios[OURS], LIMIT))
    result.notes.append(f"Milliseconds are of {COUNT:,} dates, in this process alone: no server, no database.")
    return result

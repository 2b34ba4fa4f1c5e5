# SPDX-License-Identifier: AGPL-3.0-or-later
"""On which days and at which hours people write to a city, and when the city works. Times are the city's, naive."""

import itertools
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

SPAN = 730
#: Monday to Sunday
WEEK = (1.15, 1.1, 1.05, 1.0, 0.95, 0.5, 0.4)
#: more people write at the end of the two years than at their beginning
GROWTH = (0.85, 1.15)
OFFICE_HOURS = (0,) * 8 + (6, 10, 12, 11, 9, 7, 3) + (0,) * 9
HOURS = (2, 1, 1, 0, 0, 1, 3, 6, 9, 11, 12, 11, 10, 9, 7, 6, 6, 7, 8, 9, 9, 8, 6, 4)
NIGHT_HOURS = (10, 7, 4, 2, 1, 1, 1, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 4, 7, 11, 14)
#: a day of heavy rain, from October to April and else
STORM_CHANCE = (0.035, 0.006)
EVERY_MONTH = (1,) * 12


class Days:
    """The days of the history, the last one the day before *today*: what is still to come today, nobody knows."""

    def __init__(self, today, chance):
        self.days = [today - timedelta(days=SPAN - number) for number in range(SPAN)]
        self.storms = [chance.random() < STORM_CHANCE[4 < day.month < 10] for day in self.days]
        self._weights = {}

    def draw(self, code, profile, chance):
        """Return a day on which somebody wrote about a service."""
        if code not in self._weights:
            self._weights[code] = list(itertools.accumulate(self._weigh(profile)))
        return chance.choices(self.days, cum_weights=self._weights[code])[0]

    def _weigh(self, profile):
        months = profile.get("months", EVERY_MONTH)
        factor, length = profile.get("storm", (1, 0))
        low, high = GROWTH
        rainy_until = -1
        for number, day in enumerate(self.days):
            if self.storms[number]:
                rainy_until = number + length
            rain = factor if number <= rainy_until else 1
            yield WEEK[day.weekday()] * months[day.month - 1] * rain * (low + (high - low) * number / SPAN)


def draw_time(day, hours, chance):
    """Return a moment of *day*; *hours* are the weights of its 24 hours."""
    hour = chance.choices(range(24), hours)[0]
    return datetime.combine(day, time(hour, chance.randrange(60), chance.randrange(60)))


def is_working(day):
    return day.weekday() < 5


def at_work(moment, days, chance):
    """Return the moment of office hours that is about *days* working days later; 0.3 is likely the same day."""
    whole = int(days + chance.random())
    if not whole and is_working(moment) and 7 <= moment.hour < 13:
        return moment + timedelta(minutes=chance.randint(10, 100))
    day = moment.date()
    for _ in range(max(whole, 1)):
        day += timedelta(days=1)
        while not is_working(day):
            day += timedelta(days=1)
    return datetime.combine(day, time(8)) + timedelta(seconds=chance.randrange(6 * 3600))


def to_utc(moment, zone_name):
    """Return a moment of the city as naive UTC in whole seconds, as Odoo stores it."""
    return moment.replace(tzinfo=ZoneInfo(zone_name)).astimezone(UTC).replace(tzinfo=None, microsecond=0)

"""Counting working days, the way a public office promises them."""

from datetime import timedelta

#: A promise further away than this many natural days is a mistake in the calendar.
HORIZON_DAYS = 3660


def nth_working_day(start, count, is_working):
    """Return the date on which *count* working days after *start* are over.

    :param date start: the day that sets the clock going; it does not count itself
        (Ley 39/2015, art. 30.3: days run from the one after the notification)
    :param int count: working days, at least 1
    :param is_working: callable, date → bool
    :raises ValueError: when *count* is below 1, or when so few days are working that the
        date lies more than ``HORIZON_DAYS`` ahead
    """
    if count < 1:
        raise ValueError("count must be at least 1")
    day = start
    for _step in range(HORIZON_DAYS):
        day += timedelta(days=1)
        if is_working(day):
            count -= 1
            if not count:
                return day
    raise ValueError("the calendar has too few working days")

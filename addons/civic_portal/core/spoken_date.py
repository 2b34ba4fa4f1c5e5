"""Dates as people say them."""

from babel.dates import format_skeleton, format_time


def spoken_date(day, locale, today):
    """Return *day* in words, with the year only when it is not this one.

    :param date day: the day, in the city's time zone
    :param locale: a Babel locale or its identifier, such as ``es_ES``
    :param date today: the day it is in the city
    """
    skeleton = "MMMMd" if day.year == today.year else "yMMMMd"
    return format_skeleton(skeleton, day, locale=locale)


def spoken_moment(moment, locale, today):
    """Return a *moment* (datetime in the city's time zone) as day and time of day."""
    time = format_time(moment.time(), "short", locale=locale)
    return f"{spoken_date(moment.date(), locale, today)}, {time}"

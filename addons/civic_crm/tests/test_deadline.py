# SPDX-License-Identifier: AGPL-3.0-or-later
"""The legal clock, case by case; articles are those of Ley 39/2015 where no other law is named.

Expected days were counted by hand on the calendar of the city of Madrid, 2026 and 2027.
"""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytz

from odoo.tests import BaseCase, tagged

from ..core.deadline import (
    ARTICLE_23,
    ARTICLE_32,
    ELAPSED_HOURS,
    INTERRUPT,
    LEGAL_HOURS,
    MONTHS,
    NATURAL_DAYS,
    NEXT_WORKING_DAY,
    OFFICE_HOURS,
    WORKING_DAYS,
    YEARS,
    Due,
    Extension,
    LegalCalendar,
    Pause,
    Term,
    count_hours,
    due,
    due_days,
    due_many,
    get_extension_limit,
    refuse_extension,
    shift,
)

ZONE = pytz.timezone("Europe/Madrid")
HOLIDAYS = """
    2026-01-01 2026-01-06 2026-04-02 2026-04-03 2026-05-01 2026-05-02 2026-05-15 2026-08-15 2026-10-12
    2026-11-02 2026-11-09 2026-12-07 2026-12-08 2026-12-25
    2027-01-01 2027-01-06 2027-03-19 2027-03-25 2027-03-26 2027-05-01 2027-05-03 2027-05-15 2027-10-12
    2027-11-01 2027-11-09 2027-12-06 2027-12-08 2027-12-25
"""
MADRID = LegalCalendar(
    holidays=frozenset(map(date.fromisoformat, HOLIDAYS.split())),
    zone=ZONE,
    opening=tuple((weekday, 9 * 60, 14 * 60) for weekday in range(5)),
)


def day(text):
    return date.fromisoformat(text) if text else None


def pause(first, last=None, **options):
    return Pause(day(first), day(last), **options)


def interruption(first, last=None):
    return pause(first, last, kind=INTERRUPT)


def working(amount, **options):
    return Term(amount, WORKING_DAYS, **options)


def natural(amount):
    return Term(amount, NATURAL_DAYS)


def months(amount, **options):
    return Term(amount, MONTHS, **options)


def years(amount):
    return Term(amount, YEARS)


#: article, what is shown, term, start, expected
PLAIN = (
    # days are working days, from the next one
    ("30.3", "Monday's next day", working(1), "2026-03-02", "2026-03-03"),
    ("30.2", "Friday's next day is Monday", working(1), "2026-03-06", "2026-03-09"),
    ("30.2", "two weeks without their weekends", working(10), "2026-03-02", "2026-03-16"),
    ("30.2", "Easter's Thursday and Friday do not count", working(5), "2026-03-31", "2026-04-09"),
    ("30.2", "the day before Easter", working(1), "2026-04-01", "2026-04-06"),
    ("30.2", "a national and a local holiday in one term", working(10), "2026-04-30", "2026-05-18"),
    ("30.2", "a local holiday alone", working(1), "2026-11-06", "2026-11-10"),
    ("30.2", "August is as good as any month", working(10), "2026-07-31", "2026-08-14"),
    ("30.2", "all of August", working(20), "2026-07-31", "2026-08-28"),
    ("30.2", "a holiday on a Saturday takes nothing", working(11), "2026-07-31", "2026-08-17"),
    ("30.2", "December's two holidays on end", working(3), "2026-12-04", "2026-12-11"),
    ("30.2", "over Christmas into the next year", working(5), "2026-12-24", "2027-01-04"),
    ("30.2", "New Year and Epiphany", working(10), "2026-12-29", "2027-01-14"),
    ("30.2", "over the leap day", working(1), "2028-02-28", "2028-02-29"),
    ("30.2", "clocks go forward on a Sunday, which counts nothing", working(1), "2026-03-27", "2026-03-30"),
    ("30.2", "clocks go back on a Sunday, which counts nothing", working(1), "2026-10-23", "2026-10-26"),
    ("21.4", "ten days for the letter, over Easter", working(10), "2026-03-27", "2026-04-14"),
    ("68.1", "ten days to complete a request", working(10), "2026-04-27", "2026-05-12"),
    ("24.4", "fifteen days for the certificate of silence", working(15), "2026-06-01", "2026-06-22"),
    ("RD 1112/2018", "twenty days for a complaint of access", working(20), "2026-10-05", "2026-11-04"),
    # whose filing it is
    ("31.2.c", "the authority's clock runs from a Saturday", working(1), "2026-03-07", "2026-03-09"),
    ("31.2.c", "and from a Sunday", working(1), "2026-03-08", "2026-03-09"),
    ("31.2.c", "and from a holiday", working(1), "2026-12-07", "2026-12-09"),
    (
        "31.2.b",
        "a citizen's Saturday is Monday",
        working(1, counted_from=NEXT_WORKING_DAY),
        "2026-03-07",
        "2026-03-10",
    ),
    (
        "31.2.b",
        "a citizen's holiday is the day after",
        working(1, counted_from=NEXT_WORKING_DAY),
        "2026-12-07",
        "2026-12-10",
    ),
    (
        "31.2.b",
        "a working day is itself",
        working(1, counted_from=NEXT_WORKING_DAY),
        "2026-03-06",
        "2026-03-09",
    ),
    ("31.2.c", "three months from a Saturday", months(3), "2026-03-07", "2026-06-08"),
    (
        "31.2.b",
        "three months from the Monday after",
        months(3, counted_from=NEXT_WORKING_DAY),
        "2026-03-07",
        "2026-06-09",
    ),
    # natural days
    ("30.2", "natural days leave out nothing", natural(10), "2026-03-02", "2026-03-12"),
    ("30.5", "what ends on a Saturday ends on Monday", natural(5), "2026-03-02", "2026-03-09"),
    ("30.5", "so does what ends on a Sunday", natural(6), "2026-03-02", "2026-03-09"),
    ("30.5", "what ends on Holy Thursday ends after Easter", natural(15), "2026-03-18", "2026-04-06"),
    ("30.5", "what ends at Christmas ends on the 28th", natural(10), "2026-12-15", "2026-12-28"),
    ("30.2", "thirty days from the end of January", natural(30), "2026-01-31", "2026-03-02"),
    ("30.2", "a day is a day when clocks change", natural(3), "2026-03-27", "2026-03-30"),
    # months and years, from date to date
    ("30.4", "from date to date", months(3), "2026-03-02", "2026-06-02"),
    ("30.4", "one month in July and August", months(1), "2026-07-31", "2026-08-31"),
    ("30.4", "from the 31st to a month of 30", months(1), "2026-03-31", "2026-04-30"),
    ("30.4", "from the 30th to the 30th, not to the end", months(1), "2026-06-30", "2026-07-30"),
    ("30.4", "from Sunday the 31st of May", months(1), "2026-05-31", "2026-06-30"),
    ("30.4, 30.5", "the 30th of May is a Saturday", months(1), "2026-04-30", "2026-06-01"),
    ("30.4, 30.5", "from the 31st of January", months(1), "2026-01-31", "2026-03-02"),
    ("30.4, 30.5", "from the 30th of January", months(1), "2026-01-30", "2026-03-02"),
    ("30.4, 30.5", "from the 28th of January", months(1), "2026-01-28", "2026-03-02"),
    ("30.4", "to the 29th of February", months(1), "2028-01-31", "2028-02-29"),
    ("30.4", "from the 29th of February", months(1), "2028-02-29", "2028-03-29"),
    ("30.5", "to a Sunday", months(1), "2026-01-15", "2026-02-16"),
    ("30.5", "to a Saturday before a holiday", months(3), "2026-07-31", "2026-11-03"),
    ("30.5", "to Epiphany", months(3), "2026-10-06", "2027-01-07"),
    ("30.4", "over the end of the year", months(3), "2026-10-07", "2027-01-07"),
    ("30.4, 30.5", "from the end of November", months(3), "2026-11-30", "2027-03-01"),
    ("30.4, 30.5", "six months from the end of August", months(6), "2026-08-31", "2027-03-01"),
    ("21.2", "six months, the longest without a law", months(6), "2026-03-12", "2026-09-14"),
    ("30.4", "twelve months are a year", months(12), "2026-03-12", "2027-03-12"),
    ("30.4", "a year", years(1), "2026-03-12", "2027-03-12"),
    ("30.4", "a year from the 29th of February", years(1), "2028-02-29", "2029-02-28"),
    ("30.4, 30.5", "four years from it, a Sunday", years(4), "2028-02-29", "2032-03-01"),
)

#: article, what is shown, term, start, pauses, expected
PAUSED = (
    # suspension: what is left is kept
    ("22.1", "five paused days", working(10), "2026-03-05", [pause("2026-03-09", "2026-03-13")], "2026-03-26"),
    ("22.1", "a paused weekend takes no working day", working(10), "2026-03-02", [pause("2026-03-07", "2026-03-08")], "2026-03-16"),
    ("22.1", "but two natural days", natural(10), "2026-03-02", [pause("2026-03-07", "2026-03-08")], "2026-03-16"),
    ("22.1", "paused on the last day", working(1), "2026-03-02", [pause("2026-03-03", "2026-03-03")], "2026-03-04"),
    ("22.1", "a pause after the end moves nothing", working(1), "2026-03-02", [pause("2026-03-04", "2026-03-06")], "2026-03-03"),
    ("22.1", "the day of filing does not count anyway", working(1), "2026-03-02", [pause("2026-03-02", "2026-03-02")], "2026-03-03"),
    ("22.1", "a pause before the start moves nothing", working(1), "2026-03-02", [pause("2026-02-23", "2026-02-27")], "2026-03-03"),
    ("22.1", "a pause over the start", working(2), "2026-03-02", [pause("2026-02-26", "2026-03-04")], "2026-03-06"),
    ("22.1", "two pauses, the later named first", working(5), "2026-03-02", [pause("2026-03-09", "2026-03-10"), pause("2026-03-03", "2026-03-04")], "2026-03-13"),
    ("22.1", "a day paused twice is paused once", working(5), "2026-03-02", [pause("2026-03-03", "2026-03-05"), pause("2026-03-05", "2026-03-06")], "2026-03-13"),
    ("22.1", "the first pause lets the second count", working(2), "2026-03-02", [pause("2026-03-04", "2026-03-04"), pause("2026-03-05", "2026-03-05")], "2026-03-06"),
    ("22.1", "a holiday within a pause is not given back twice", working(3), "2026-04-30", [pause("2026-05-01", "2026-05-04")], "2026-05-07"),
    ("22.1", "over the end of the year", working(5), "2026-12-23", [pause("2026-12-28", "2027-01-08")], "2027-01-14"),
    ("22.1.a", "months move by the days paused", months(3), "2026-03-02", [pause("2026-04-06", "2026-04-15")], "2026-06-12"),
    ("22.1.a, 30.5", "and then to a working day", months(3), "2026-03-02", [pause("2026-04-06", "2026-04-09")], "2026-06-08"),
    ("22.1.a, 30.4", "the month's end first, the pause after", months(1), "2026-01-31", [pause("2026-02-02", "2026-02-03")], "2026-03-02"),
    ("22.1, 30.5", "paused on the Monday to which Saturday had rolled", natural(5), "2026-03-02", [pause("2026-03-09", "2026-03-10")], "2026-03-11"),
    ("22.1, 30.5", "paused from that Saturday on", natural(5), "2026-03-02", [pause("2026-03-07", "2026-03-10")], "2026-03-11"),
    ("22.1", "while it stands there is no day", working(10), "2026-03-05", [pause("2026-03-09")], None),
    ("22.1", "nor for months", months(3), "2026-03-02", [pause("2026-06-02")], None),
    ("22.1", "what was over stays over", working(1), "2026-03-02", [pause("2026-03-04")], "2026-03-03"),
    ("22.1.d", "a report stops the clock for three months at most", months(3), "2026-03-02", [pause("2026-04-01", max_months=3)], "2026-09-02"),
    ("22.1.d", "however late it comes", months(3), "2026-03-02", [pause("2026-04-01", "2026-09-30", max_months=3)], "2026-09-02"),
    ("22.1.d", "and for less when it comes sooner", months(3), "2026-03-02", [pause("2026-04-01", "2026-04-10", max_months=3)], "2026-06-12"),
    # interruption: it begins again
    ("interruption", "days begin again", working(10), "2026-03-02", [interruption("2026-03-09", "2026-03-13")], "2026-03-27"),
    ("interruption", "months begin again", months(3), "2026-03-02", [interruption("2026-04-06", "2026-04-15")], "2026-07-15"),
    ("interruption", "a suspension after it counts", working(5), "2026-03-02", [interruption("2026-03-04", "2026-03-06"), pause("2026-03-10", "2026-03-11")], "2026-03-17"),
    ("interruption", "a suspension before it is forgotten", working(5), "2026-03-02", [pause("2026-03-03", "2026-03-03"), interruption("2026-03-05", "2026-03-06")], "2026-03-13"),
    ("interruption", "while it stands there is no day", working(5), "2026-03-02", [interruption("2026-03-04")], None),
    ("interruption", "one after the end moves nothing", working(1), "2026-03-02", [interruption("2026-03-04", "2026-03-06")], "2026-03-03"),
)  # fmt: skip

#: article, what is shown, term, start, pauses, extensions, expected
EXTENDED = (
    ("23.1", "the term again", months(3), "2026-03-02", [], [3], "2026-09-02"),
    ("32.1", "by half", working(10), "2026-03-02", [], [5], "2026-03-23"),
    ("32.1", "in two steps", working(10), "2026-03-02", [], [2, 3], "2026-03-23"),
    ("32.1", "beside a pause", working(10), "2026-03-05", [pause("2026-03-09", "2026-03-13")], [5], "2026-04-06"),
    ("23.1", "an interruption restarts the extended term", months(1), "2026-03-02", [interruption("2026-03-10", "2026-03-12")], [1], "2026-05-12"),
)  # fmt: skip

#: article, what is shown, amount, unit, start and expected moment (in Madrid), expected last day
HOURS = (
    ("30.1", "from minute to minute", 24, LEGAL_HOURS, "2026-03-02 10:31", "2026-03-03 10:31", "2026-03-03"),
    ("30.1", "the weekend's hours do not count", 24, LEGAL_HOURS, "2026-03-06 10:30", "2026-03-09 10:30", "2026-03-09"),
    ("30.1", "from a Saturday: all of Monday", 24, LEGAL_HOURS, "2026-03-07 15:00", "2026-03-10 00:00", "2026-03-09"),
    ("30.1", "Easter's hours do not count", 24, LEGAL_HOURS, "2026-04-01 12:00", "2026-04-06 12:00", "2026-04-06"),
    ("30.1", "clocks go forward on a Sunday", 24, LEGAL_HOURS, "2026-03-27 12:00", "2026-03-30 12:00", "2026-03-30"),
    ("promise", "hours on the wall", 24, ELAPSED_HOURS, "2026-03-06 10:30", "2026-03-07 10:30", "2026-03-07"),
    ("promise", "a night of 23 hours", 24, ELAPSED_HOURS, "2026-03-28 12:00", "2026-03-29 13:00", "2026-03-29"),
    ("promise", "a night of 25 hours", 24, ELAPSED_HOURS, "2026-10-24 12:00", "2026-10-25 11:00", "2026-10-25"),
    ("promise", "the office's hours go on the next day", 8, OFFICE_HOURS, "2026-03-02 10:00", "2026-03-03 13:00", "2026-03-03"),
    ("promise", "filed at night: from the morning", 2, OFFICE_HOURS, "2026-03-02 20:00", "2026-03-03 11:00", "2026-03-03"),
    ("promise", "filed before it opens", 2, OFFICE_HOURS, "2026-03-03 06:00", "2026-03-03 11:00", "2026-03-03"),
    ("promise", "filed on a Saturday: from Monday", 1, OFFICE_HOURS, "2026-03-07 12:00", "2026-03-09 10:00", "2026-03-09"),
    ("promise", "half an hour left today", 1, OFFICE_HOURS, "2026-03-02 13:30", "2026-03-03 09:30", "2026-03-03"),
    ("promise", "to the minute it closes", 4, OFFICE_HOURS, "2026-03-02 10:00", "2026-03-02 14:00", "2026-03-02"),
    ("promise", "over Christmas", 6, OFFICE_HOURS, "2026-12-24 13:00", "2026-12-28 14:00", "2026-12-28"),
)  # fmt: skip


def at(text):
    return ZONE.localize(datetime.fromisoformat(text))


@tagged("post_install", "-at_install")
class TestDeadline(BaseCase):
    def test_terms_as_the_articles_count_them(self):
        for article, what, term, start, expected in PLAIN:
            with self.subTest(article=article, what=what):
                self.assertEqual(due(term, day(start), MADRID).day, day(expected))

    def test_pauses_as_the_articles_count_them(self):
        for article, what, term, start, pauses, expected in PAUSED:
            with self.subTest(article=article, what=what):
                self.assertEqual(due(term, day(start), MADRID, pauses).day, day(expected))

    def test_extensions_as_the_articles_count_them(self):
        for article, what, term, start, pauses, amounts, expected in EXTENDED:
            with self.subTest(article=article, what=what):
                extensions = [Extension(amount) for amount in amounts]
                self.assertEqual(due(term, day(start), MADRID, pauses, extensions).day, day(expected))

    def test_hours_as_the_article_counts_them(self):
        for article, what, amount, unit, start, moment, last in HOURS:
            with self.subTest(article=article, what=what):
                answer = due(Term(amount, unit), at(start), MADRID)
                self.assertEqual(answer, Due(day(last), at(moment)))

    def test_hours_of_a_calendar_that_works_on_the_sunday_of_the_change(self):
        always = LegalCalendar(weekdays=frozenset(range(7)), zone=ZONE)
        self.assertEqual(due(Term(24, LEGAL_HOURS), at("2026-03-28 12:00"), always).at, at("2026-03-29 13:00"))

    def test_hours_stand_still_on_paused_days(self):
        paused = [pause("2026-03-03", "2026-03-04")]
        answer = due(Term(8, OFFICE_HOURS), at("2026-03-02 10:00"), MADRID, paused)
        self.assertEqual(answer.at, at("2026-03-05 13:00"))
        answer = due(Term(8, OFFICE_HOURS), at("2026-03-02 10:00"), MADRID, [interruption("2026-03-03", "2026-03-04")])
        self.assertEqual(answer.at, at("2026-03-06 12:00"))
        self.assertEqual(due(Term(8, OFFICE_HOURS), at("2026-03-02 10:00"), MADRID, [pause("2026-03-03")]), Due(None))

    def test_a_moment_is_the_same_moment_in_any_zone(self):
        answer = due(Term(2, OFFICE_HOURS), datetime(2026, 3, 2, 9, 0, tzinfo=UTC), MADRID)
        self.assertEqual(answer.at, at("2026-03-02 12:00"))

    def test_a_citizens_hours_begin_with_the_next_working_day(self):
        term = Term(1, ELAPSED_HOURS, NEXT_WORKING_DAY)
        self.assertEqual(due(term, at("2026-03-07 15:00"), MADRID).at, at("2026-03-09 01:00"))

    def test_the_day_is_the_citys_not_greenwichs(self):
        half_past_midnight = datetime(2026, 3, 5, 23, 30, tzinfo=UTC)  # Friday in the city
        self.assertEqual(due(working(1), half_past_midnight, MADRID).day, date(2026, 3, 9))

    def test_ten_days_a_pause_and_a_holiday(self):
        calendar = LegalCalendar(holidays=frozenset({date(2026, 3, 19)}))
        answer = due(working(10), date(2026, 3, 5), calendar, [pause("2026-03-09", "2026-03-13")])
        self.assertEqual(answer.day, date(2026, 3, 27))

    def test_no_term_of_less_than_one(self):
        for unit in (WORKING_DAYS, NATURAL_DAYS, MONTHS, YEARS, LEGAL_HOURS):
            with self.subTest(unit=unit), self.assertRaises(ValueError):
                due(Term(0, unit), at("2026-03-02 10:00"), MADRID)

    def test_a_calendar_without_working_days_is_an_error_not_a_loop(self):
        never = LegalCalendar(weekdays=frozenset())
        for unit in (WORKING_DAYS, NATURAL_DAYS, MONTHS, LEGAL_HOURS, OFFICE_HOURS):
            with self.subTest(unit=unit), self.assertRaises(ValueError):
                due(Term(1, unit), at("2026-03-02 10:00"), never)
        with self.assertRaises(ValueError):
            due_days(working(1), [date(2026, 3, 2)], never)

    def test_a_term_beyond_the_horizon_is_an_error(self):
        for term in (working(9000), natural(20000), months(600), years(50)):
            with self.subTest(term=term), self.assertRaises(ValueError):
                due(term, date(2026, 3, 2), MADRID)
            with self.subTest(term=term), self.assertRaises(ValueError):
                due_days(term, [date(2026, 3, 2)], MADRID)

    def test_hours_need_a_moment(self):
        with self.assertRaises(ValueError):
            due(Term(4, OFFICE_HOURS), date(2026, 3, 2), MADRID)

    def test_a_day_set_by_hand_moves_by_the_days_paused_since(self):
        since, given = date(2026, 3, 2), date(2026, 3, 14)  # a Saturday, as somebody wanted it
        for what, pauses, expected in (
            ("nothing paused", [], "2026-03-14"),
            ("paused before it was set", [pause("2026-02-20", "2026-03-02")], "2026-03-14"),
            ("paused after it was over", [pause("2026-03-16", "2026-03-20")], "2026-03-14"),
            ("paused for five days", [pause("2026-03-09", "2026-03-13")], "2026-03-19"),
            ("paused for a day", [pause("2026-03-09", "2026-03-09")], "2026-03-16"),
            ("begun again", [interruption("2026-03-09", "2026-03-10")], "2026-03-23"),
            ("paused", [pause("2026-03-09")], None),
        ):
            with self.subTest(what=what):
                self.assertEqual(shift(given, since, MADRID, pauses).day, day(expected))
        self.assertEqual(shift(since, given, MADRID, [pause("2026-03-13", "2026-03-20")]).day, since)


@tagged("post_install", "-at_install")
class TestManyDeadlines(BaseCase):
    """Computed together they are what they are one by one."""

    STARTS = [date(2025, 12, 20) + timedelta(days=i) for i in range(800)]

    def test_many_are_what_each_is(self):
        for term in (
            working(1),
            working(10, counted_from=NEXT_WORKING_DAY),
            natural(10),
            months(1),
            months(3, counted_from=NEXT_WORKING_DAY),
            years(1),
        ):
            with self.subTest(term=term):
                single = [due(term, start, MADRID).day for start in self.STARTS]
                self.assertEqual(due_days(term, self.STARTS, MADRID).tolist(), single)

    def test_working_days_are_numpys(self):
        holidays = [np.datetime64(holiday) for holiday in MADRID.holidays]
        starts = np.array(self.STARTS, dtype="datetime64[D]")
        for amount in (1, 5, 20):
            with self.subTest(amount=amount):
                theirs = np.busday_offset(starts, amount, roll="backward", holidays=holidays)
                self.assertTrue((due_days(working(amount), starts, MADRID) == theirs).all())

    def test_a_mixed_lot_keeps_its_order(self):
        paused = (pause("2026-03-09", "2026-03-13"),)
        clocks = [
            (working(10), date(2026, 3, 5), MADRID, paused, ()),
            (months(3), date(2026, 3, 2), MADRID, (), ()),
            (working(10), date(2026, 3, 2), MADRID, (), ()),
            (Term(24, LEGAL_HOURS), at("2026-03-02 10:31"), MADRID, (), ()),
            (working(10), at("2026-03-02 10:31"), MADRID, (), (Extension(5),)),
        ]
        self.assertEqual(due_many(clocks), [due(*clock) for clock in clocks])
        self.assertEqual(due_many([]), [])

    def test_none_of_none(self):
        self.assertFalse(due_days(working(1), [], MADRID).size)


@tagged("post_install", "-at_install")
class TestExtension(BaseCase):
    def test_what_the_articles_allow(self):
        before, after, end = date(2026, 5, 4), date(2026, 6, 3), date(2026, 6, 2)
        for what, article, already, amount, granted_on, expected in (
            ("as long again", ARTICLE_23, 0, 3, before, None),
            ("longer than that", ARTICLE_23, 0, 4, before, "too_long"),
            ("longer in two steps", ARTICLE_23, 2, 2, before, "too_long"),
            ("half of three months is one", ARTICLE_32, 0, 1, before, None),
            ("and not two", ARTICLE_32, 0, 2, before, "too_long"),
            ("on the last day", ARTICLE_32, 0, 1, end, None),
            ("a term that is over (32.3)", ARTICLE_32, 0, 1, after, "expired"),
            ("by nothing", ARTICLE_23, 0, 0, before, "nothing"),
            ("the city's own promise", "other", 0, 30, before, None),
        ):
            with self.subTest(what=what):
                self.assertEqual(refuse_extension(months(3), already, amount, article, granted_on, end), expected)
        self.assertIsNone(refuse_extension(months(3), 0, 3, ARTICLE_23, after, None))  # the clock stands
        self.assertEqual(get_extension_limit(working(5), ARTICLE_32), 2)


@tagged("post_install", "-at_install")
class TestLegalCalendar(BaseCase):
    def test_working_days_between(self):
        for after, until, expected in (
            ("2026-03-02", "2026-03-02", 0),
            ("2026-03-02", "2026-03-03", 1),
            ("2026-03-06", "2026-03-08", 0),
            ("2026-03-06", "2026-03-09", 1),
            ("2026-04-01", "2026-04-06", 1),
            ("2026-12-31", "2027-01-11", 5),
            ("2026-03-03", "2026-03-02", 0),
        ):
            with self.subTest(after=after, until=until):
                self.assertEqual(MADRID.count_working(day(after), day(until)), expected)

    def test_hours_between_are_those_of_the_unit(self):
        for unit, after, until, expected in (
            (OFFICE_HOURS, "2026-03-02 10:00", "2026-03-02 12:30", 2.5),
            (OFFICE_HOURS, "2026-03-02 10:00", "2026-03-03 13:00", 8),
            (OFFICE_HOURS, "2026-03-06 20:00", "2026-03-09 08:00", 0),
            (OFFICE_HOURS, "2026-03-03 10:00", "2026-03-02 10:00", 0),
            (LEGAL_HOURS, "2026-03-06 12:00", "2026-03-09 12:00", 24),
            (ELAPSED_HOURS, "2026-03-06 12:00", "2026-03-09 12:00", 72),
            (ELAPSED_HOURS, "2026-03-28 12:00", "2026-03-29 12:00", 23),  # the night of summer time
        ):
            with self.subTest(unit=unit, after=after):
                self.assertEqual(count_hours(unit, MADRID, at(after), at(until)), expected)

    def test_the_next_working_day(self):
        self.assertEqual(MADRID.next_working(date(2026, 3, 6)), date(2026, 3, 6))
        self.assertEqual(MADRID.next_working(date(2026, 4, 2)), date(2026, 4, 6))

    def test_a_pause_covers_its_first_and_its_last_day(self):
        paused = pause("2026-03-09", "2026-03-13")
        covered = [number for number in range(7, 16) if paused.covers(date(2026, 3, number))]
        self.assertEqual(covered, [9, 10, 11, 12, 13])
        report = pause("2026-04-01", max_months=3)
        self.assertTrue(report.covers(date(2026, 7, 1)))
        self.assertFalse(report.covers(date(2026, 7, 2)))
        self.assertTrue(pause("2026-04-01").covers(date(2030, 1, 1)))

"""The questions a service asks, and reading the answers to them.

The types are those of the attributes of Open311 GeoReport v2 (``GET /services/{code}``): string, number, datetime,
text, singlevaluelist and multivaluelist; a notice is what the standard calls an attribute with ``variable`` false.
Answers arrive as texts from forms, mails and programs, or typed from Python. What cannot be read is refused with
a code; whoever shows it puts the code into words.
"""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime

MAX_LINE = 200
MAX_TEXT = 4000
MAX_DIGITS = 15

LISTS = ("singlevaluelist", "multivaluelist")
DATATYPES = ("notice", "string", "text", "number", "datetime", *LISTS)

_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
#: "1.500" is one and a half for a program and fifteen hundred for a Spaniard
_UNCLEAR = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class RefusedAnswer(ValueError):
    """An answer that cannot be taken; ``code`` says why, one of those named in ``read``."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Option:
    key: str
    name: str = ""
    id: int = 0


@dataclass(frozen=True)
class Question:
    """One question as the citizen meets it; immutable, so that it may be kept in memory.

    ``minimum`` and ``maximum`` limit a number, both included; ``days`` limits a date to ``past`` or ``future``,
    today belonging to both.
    """

    code: str
    datatype: str = "string"
    label: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False
    days: str = "any"
    help: str = ""
    datatype_description: str = ""
    id: int = 0

    @property
    def is_list(self):
        return self.datatype in LISTS

    @property
    def is_notice(self):
        return self.datatype == "notice"


def clean(questions, given, today, zone=None):
    """Read all the answers to the *questions* of a service.

    :param questions: iterable of ``Question``
    :param given: mapping of question code to one raw answer or a list of them; None and empty are no answer
    :param date today: the city's day
    :param zone: ``tzinfo`` of the city, for moments given with a time zone
    :return: ``(answers, errors)``: typed answers by code (str, int or float, date, tuple of option keys), without
        those left empty; error codes by code, ``unknown`` for what the service does not ask
    """
    asked = {question.code: question for question in questions if not question.is_notice}
    answers, errors = {}, {code: "unknown" for code in given if code not in asked}
    for code, question in asked.items():
        try:
            answer = read(question, given.get(code), today, zone)
        except RefusedAnswer as refusal:
            errors[code] = refusal.code
        else:
            if answer is not None:
                answers[code] = answer
    return answers, errors


def read(question, given, today, zone=None):
    """Return the typed answer to one question, None when it was left empty and may be.

    :raises RefusedAnswer: ``required``, ``one_only``, ``too_long``, ``not_a_number``, ``unclear_number``,
        ``not_whole``, ``too_small``, ``too_large``, ``not_a_date``, ``not_past``, ``not_future`` or ``not_an_option``
    """
    values = [value for value in _listed(given) if value not in (None, "")]
    if not values:
        if question.required:
            raise RefusedAnswer("required")
        return None
    if question.datatype == "multivaluelist":
        return _read_options(question, values)
    if len(values) > 1:
        raise RefusedAnswer("one_only")
    [value] = values
    if question.datatype == "singlevaluelist":
        return _read_options(question, values)
    if question.datatype == "number":
        return _limited(question, _read_number(question, value))
    if question.datatype == "datetime":
        return _in_time(question, _read_date(value, zone), today)
    return _read_text(value, MAX_TEXT if question.datatype == "text" else MAX_LINE)


def _listed(given):
    values = given if isinstance(given, list | tuple | set | frozenset) else [given]
    return [_CONTROL.sub("", value).strip() if isinstance(value, str) else value for value in values]


def _read_text(value, limit):
    if not isinstance(value, str):
        value = str(value)
    if limit == MAX_LINE:
        value = " ".join(value.split())
    if len(value) > limit:
        raise RefusedAnswer("too_long")
    return value


def _read_options(question, values):
    known = {option.key for option in question.options}
    if not all(isinstance(value, str) and value in known for value in values):
        raise RefusedAnswer("not_an_option")
    chosen = set(values)
    return tuple(option.key for option in question.options if option.key in chosen)


def _read_number(question, value):
    if isinstance(value, str):
        number = _parse_number(value.replace(" ", ""))
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        number = float(value)
    else:
        raise RefusedAnswer("not_a_number")
    if question.whole and not number.is_integer():
        raise RefusedAnswer("not_whole")
    return int(number) if number.is_integer() else number


def _parse_number(text):
    if not _NUMBER.fullmatch(text) or len(text) > MAX_DIGITS:
        raise RefusedAnswer("not_a_number")
    if _UNCLEAR.fullmatch(text):
        raise RefusedAnswer("unclear_number")
    return float(text.replace(",", "."))


def _limited(question, number):
    if question.minimum is not None and number < question.minimum:
        raise RefusedAnswer("too_small")
    if question.maximum is not None and number > question.maximum:
        raise RefusedAnswer("too_large")
    return number


def _read_date(value, zone):
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        return value
    else:
        moment = _parse_moment(value if isinstance(value, str) else "")
    if moment.tzinfo and zone and 1900 <= moment.year <= 2200:
        moment = moment.astimezone(zone)
    return moment.date()


def _parse_moment(text):
    """Read a day as a form sends it, as a Spaniard writes it, or a W3C moment as a program does."""
    try:
        if match := _DAY_FIRST.fullmatch(text):
            day, month, year = map(int, match.groups())
            return datetime(year, month, day)
        return datetime.fromisoformat(text)
    except ValueError:
        raise RefusedAnswer("not_a_date") from None


def _in_time(question, day, today):
    if not 1900 <= day.year <= 2200:
        raise RefusedAnswer("not_a_date")
    if question.days == "past" and day > today:
        raise RefusedAnswer("not_past")
    if question.days == "future" and day < today:
        raise RefusedAnswer("not_future")
    return day

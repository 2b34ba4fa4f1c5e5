"""Reading what a client asks for: the parameters of the GET addresses. What is empty is as if not given."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from . import moments
from .refusals import Fault, Refused

SPAN = timedelta(days=90)
MOST = 1000
STATUSES = ("open", "closed")


@dataclass(frozen=True)
class Asked:
    """Which requests a client wants to see. Times are naive UTC; None is no limit."""

    ids: tuple = ()
    services: tuple = ()
    statuses: tuple = ()
    start: datetime | None = None
    end: datetime | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    page: int = 1
    size: int = MOST
    extensions: bool = False

    @property
    def offset(self):
        return (self.page - 1) * self.size


def read(args, now, zone):
    """Return the ``Asked`` of the parameters of ``GET /requests``.

    :param args: ``MultiDict`` of the query; lists may be repeated or have commas
    :param datetime now: naive UTC
    :param zone: ``pytz`` zone of the city, for dates without one
    :raises Refused: naming all parameters that cannot be read
    """
    extensions = first(args, "extensions").lower() in ("true", "1", "yes")
    if ids := listed(args, "service_request_id"):  # overrides all else
        return Asked(ids=ids[:MOST], extensions=extensions)
    faults = []
    dates = {
        name: _read(faults, args, name, lambda text: moments.read(text, zone), "not_a_moment")
        for name in ("start_date", "end_date", "updated_after", "updated_before")
    }
    statuses = tuple(text.lower() for text in listed(args, "status"))
    if not set(statuses) <= set(STATUSES):
        faults.append(Fault(400, "status", "status"))
    page = _read(faults, args, "page", lambda text: _number(text, 1_000_000), "not_a_number")
    size = _read(faults, args, "page_size", lambda text: _number(text, MOST), "not_a_number")
    start, end = dates["start_date"], dates["end_date"]
    if start and end and end < start:
        faults.append(Fault(400, "wrong_order", "end_date"))
    elif start and end and end - start > SPAN:
        faults.append(Fault(400, "span", "end_date"))
    if faults:
        raise Refused(*faults)
    if not (dates["updated_after"] or dates["updated_before"] or start or end):
        start = now - SPAN
    elif start or end:
        start, end = start or end - SPAN, end or start + SPAN
    return Asked(
        services=listed(args, "service_code"),
        statuses=statuses,
        start=start,
        end=end,
        updated_after=dates["updated_after"],
        updated_before=dates["updated_before"],
        page=page or 1,
        size=size or MOST,
        extensions=extensions,
    )


def read_for_updates(args, now, zone):
    """Return the ``Asked`` of the parameters of ``GET /servicerequestupdates``: the dates are those of the updates."""
    faults = []
    start, end = (
        _read(faults, args, name, lambda text: moments.read(text, zone), "not_a_moment")
        for name in ("start_date", "end_date")
    )
    if not faults and start and end and end < start:
        faults.append(Fault(400, "wrong_order", "end_date"))
    if faults:
        raise Refused(*faults)
    return Asked(
        ids=listed(args, "service_request_id")[:MOST],
        updated_after=start or (end or now) - SPAN,
        updated_before=end,
    )


def first(args, name):
    """Return the first value of a parameter that says something, stripped; empty without one."""
    values = (clean(value) for value in args.getlist(name) if isinstance(value, str))
    return next(filter(None, values), "")


def listed(args, name):
    """Return the values of a list: repeated, or with commas between, each once."""
    parts = (clean(part) for value in args.getlist(name) if isinstance(value, str) for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def clean(text):
    """Return *text* as PostgreSQL can compare it: no NUL, no half of a surrogate pair, no spaces around."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode().strip()


def _read(faults, args, name, reader, code):
    text = first(args, name)
    try:
        return reader(text) if text else None
    except ValueError:
        faults.append(Fault(400, code, name))
        return None


def _number(text, most):
    if not (text.isascii() and text.isdecimal()) or len(text) > 9 or not 1 <= int(text) <= most:
        raise ValueError(text)
    return int(text)

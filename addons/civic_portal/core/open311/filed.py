"""Reading what a client files: the forms of ``POST /requests`` and ``POST /servicerequestupdates``.

Nothing here knows the services; what a service asks for is held against it by whoever knows it.
"""

import math
import re
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from ..filing_form import MAX_LINE, MAX_TEXT, is_address
from . import moments
from .asked import clean, first
from .refusals import Fault, Refused

MAX_LINK, MAX_LINKS = 2000, 10
#: mySociety's words for the state of a request.
STATUSES = [
    "OPEN",
    "CLOSED",
    "FIXED",
    "IN_PROGRESS",
    "ACTION_SCHEDULED",
    "INVESTIGATING",
    "DUPLICATE",
    "NOT_COUNCILS_RESPONSIBILITY",
    "NO_FURTHER_ACTION",
    "INTERNAL_REFERRAL",
    "FOR_TRIAGE",
    "CANCELLED",
    "REOPEN",
]
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,100})\](?:\[\])?")


@dataclass(frozen=True)
class Filed:
    """A new request; what was not given is empty, the point None."""

    service_code: str
    text: str = ""
    latitude: float | None = None
    longitude: float | None = None
    place: str = ""
    email: str = ""
    name: str = ""
    phone: str = ""
    #: code of a question → what was answered, as a list of texts
    answers: dict = field(default_factory=dict)
    links: tuple = ()


@dataclass(frozen=True)
class Update:
    """What a client tells of a request that it has filed; ``moment`` is naive UTC."""

    request_id: str
    update_id: str
    status: str
    moment: datetime
    text: str
    links: tuple = ()


def read(form):
    """Return the ``Filed`` of a form.

    :param form: ``MultiDict`` of texts
    :raises Refused: naming all parameters that are missing or wrong
    """
    faults = []
    if not (service_code := first(form, "service_code")):
        faults.append(Fault(400, "missing", "service_code"))
    latitude, longitude = _read_point(faults, form)
    email = _line(faults, form, "email")
    if email and not is_address(email):
        faults.append(Fault(400, "not_an_address", "email"))
    names = (_line(faults, form, "first_name"), _line(faults, form, "last_name"))
    filed = Filed(
        service_code,
        _read_text(faults, form),
        latitude,
        longitude,
        _line(faults, form, "address_string") or _line(faults, form, "address_id"),
        email,
        " ".join(filter(None, names))[:MAX_LINE],
        _line(faults, form, "phone"),
        _read_answers(form),
        _read_links(faults, form),
    )
    if faults:
        raise Refused(*faults)
    return filed


def read_update(form, zone):
    """Return the ``Update`` of a form.

    :param zone: ``pytz`` zone of the city, for a date without one
    :raises Refused: naming all parameters that are missing or wrong
    """
    required = ("service_request_id", "update_id", "status", "updated_datetime", "description")
    faults = [Fault(400, "missing", name) for name in required if not first(form, name)]
    status, moment = first(form, "status").upper(), None
    if status and status not in STATUSES:
        faults.append(Fault(400, "status", "status"))
    if text := first(form, "updated_datetime"):
        try:
            moment = moments.read(text, zone)
        except ValueError:
            faults.append(Fault(400, "not_a_moment", "updated_datetime"))
    update = Update(
        first(form, "service_request_id"),
        _line(faults, form, "update_id"),
        status,
        moment,
        _read_text(faults, form),
        _read_links(faults, form),
    )
    if faults:
        raise Refused(*faults)
    return update


def _read_point(faults, form):
    texts = first(form, "lat"), first(form, "long")
    if not any(texts):
        return None, None
    point = []
    for name, text, most in zip(("lat", "long"), texts, (90, 180), strict=True):
        try:
            degrees = float(text) if len(text) <= 40 else math.nan
        except ValueError:
            degrees = math.nan
        if not abs(degrees) <= most:  # NaN is neither more nor less
            faults.append(Fault(400, "missing" if not text else "not_a_point", name))
        point.append(degrees)
    if point == [0, 0]:  # a telephone that does not know where it is
        faults.append(Fault(400, "not_a_point", "lat"))
    return point


def _line(faults, form, name):
    line = " ".join(first(form, name).split())
    if len(line) > MAX_LINE:
        faults.append(Fault(400, "too_long", name))
    return line


def _read_text(faults, form):
    text = first(form, "description").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MAX_TEXT:
        faults.append(Fault(400, "too_long", "description"))
    return text


def _read_answers(form):
    answers = {}
    for name, values in form.lists():
        if match := _ATTRIBUTE.fullmatch(name):
            texts = [clean(value) for value in values if isinstance(value, str)]
            answers.setdefault(clean(match[1]), []).extend(filter(None, texts))
    return answers


def _read_links(faults, form):
    """Read where pictures are: they are told to staff, and the city's server asks for none of them."""
    links = tuple(filter(None, (clean(text) for text in form.getlist("media_url") if isinstance(text, str))))
    if len(links) > MAX_LINKS or any(not _is_link(link) for link in links):
        faults.append(Fault(400, "not_a_link", "media_url"))
    return links


def _is_link(text):
    if len(text) > MAX_LINK or len(text.split()) != 1:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)

"""Asking another Open311 server: what is sent to it, and reading what it answers.

Only XML is asked for: the specification makes every server speak it. An answer may be anything: no entity is
resolved, nothing is fetched, and what is too deep or too long is refused with the rest that cannot be read.
"""

from typing import NamedTuple

from lxml import etree

#: Requests asked for at once.
BATCH = 50
MOST = 2000


class Unreadable(ValueError):
    """The other server did not answer in the format of the specification."""


class Taken(NamedTuple):
    """What became of a request that was filed: a number, or a token by which to ask for it."""

    request_id: str = ""
    token: str = ""


class Standing(NamedTuple):
    """How a request stands there: ``status`` is ``open`` or ``closed``, ``notes`` in that server's words."""

    request_id: str
    status: str
    notes: str


def make_form(api_key, jurisdiction, code, facts):
    """Return the pairs of the form that files a request.

    :param dict facts: ``text``, ``latitude``, ``longitude``, ``place``, ``email``, ``phone`` and ``name``; all but the
        first may be empty
    """
    first, _space, last = (facts.get("name") or "").partition(" ")
    is_located = facts.get("latitude") or facts.get("longitude")
    given = {
        "api_key": api_key,
        "jurisdiction_id": jurisdiction,
        "service_code": code,
        "description": facts["text"][:4000],
        "lat": f"{facts['latitude']:.7f}" if is_located else "",
        "long": f"{facts['longitude']:.7f}" if is_located else "",
        "address_string": facts.get("place") or "",
        "email": facts.get("email") or "",
        "phone": facts.get("phone") or "",
        "first_name": first,
        "last_name": last,
    }
    return [(name, value) for name, value in given.items() if value]


def read_taken(body):
    """Return the ``Taken`` of the answer to a request; raises ``Unreadable``."""
    for row in _rows(body):
        taken = Taken(_text(row, "service_request_id"), _text(row, "token"))
        if taken.request_id or taken.token:
            return taken
    raise Unreadable("neither service_request_id nor token")


def read_standings(body):
    """Return the ``Standing`` of each request in a list; what has no number or no known status is left out."""
    found = (
        Standing(_text(row, "service_request_id"), _text(row, "status").lower(), _text(row, "status_notes"))
        for row in _rows(body)
    )
    return [standing for standing in found if standing.request_id and standing.status in ("open", "closed")]


def read_errors(text):
    """Return what an answer in the error format says, in one line; as it came where it is in none."""
    try:
        root = _parse(text.encode())
    except Unreadable:
        return " ".join(text.split())[:200]
    said = [_text(error, "description") for error in root.iter("error")]
    return "; ".join(filter(None, said))[:200] or " ".join(text.split())[:200]


def _rows(body):
    root = _parse(body)
    if root.tag != "service_requests":
        raise Unreadable(f"<{root.tag}>")
    return root.findall("request")


def _parse(body):
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("no XML") from error


def _text(row, name):
    return " ".join((row.findtext(name) or "").split())[:MOST]

"""The form by which a citizen files a case: what is asked and what is accepted.

Errors are codes by field; the pages put them into words in the reader's language.
"""

import re
from dataclasses import dataclass

MIN_TEXT = 10
MAX_TEXT = 4000
MAX_LINE = 200

_PAGE_KEY = re.compile(r"[A-Za-z0-9_-]{22}")
_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]{2,}")
_SPACES = re.compile(r"\s+")


#: The order of the fields on the page; the answers to the service's questions follow the text.
ORDER = ("text", "answer", "place", "files", "name", "email", "phone")


@dataclass(frozen=True)
class Asked:
    """What the service asks of whoever files it."""

    place: bool = True
    identity: bool = True


def is_page_key(text):
    """Return whether *text* can be the key that a form's page was given (128 random bits, URL-safe)."""
    return bool(_PAGE_KEY.fullmatch(text))


def is_address(text):
    """Return whether *text* can be an e-mail address."""
    return bool(_EMAIL.fullmatch(text))


def clean(form, asked):
    """Return ``(values, errors)`` of a submitted form.

    :param form: mapping of field name to the text as sent; unknown fields are ignored
    :param Asked asked: what the service asks
    :return: ``values``, a dict of stripped texts by field, complete even when wrong, so
        that the form can be shown again with nothing lost; ``errors``, a dict of code by
        field (``required``, ``too_short``, ``too_long``, ``not_an_address``), empty when
        the case may be filed
    """
    values = {name: _one_line(form.get(name)) for name in ("place", "name", "email", "phone", "zone")}
    lines = _as_text(form.get("text")).splitlines()
    values["text"] = "\n".join(_SPACES.sub(" ", line).strip() for line in lines).strip()
    errors = {}
    if not values["text"]:
        errors["text"] = "required"
    elif len(values["text"]) < MIN_TEXT:
        errors["text"] = "too_short"
    elif len(values["text"]) > MAX_TEXT:
        errors["text"] = "too_long"
    if asked.place and not values["place"]:
        errors["place"] = "required"
    if asked.identity and not values["name"]:
        errors["name"] = "required"
    if asked.identity and not values["email"]:
        errors["email"] = "required"
    elif values["email"] and not is_address(values["email"]):
        errors["email"] = "not_an_address"
    for name in ("place", "name", "email", "phone"):
        if len(values[name]) > MAX_LINE:
            errors[name] = "too_long"
    return values, errors


def in_page_order(errors):
    """Return *errors*, by field, as somebody reads the page: those of one kind stay as they were."""
    return dict(sorted(errors.items(), key=lambda error: ORDER.index(error[0].split("-")[0])))


def is_robot(form):
    """Return True when the field that no person sees has been filled in."""
    return bool(form.get("website_url"))


def _one_line(text):
    return " ".join(_as_text(text).split())


def _as_text(value):
    """A field may hold anything a client sends, a file too; PostgreSQL stores no NUL."""
    return value.replace("\x00", "") if isinstance(value, str) else ""

"""Identity documents: one way to write them, whether they can be real, and what of them may be shown."""

import re
import unicodedata

from stdnum.es import cif, dni, nie
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength

#: What a document may be: a Spanish identity card, a foreigner's number, a passport, an association's tax number.
KINDS = ("dni", "nie", "passport", "cif")
#: Characters shown of any document; LOPDGDD, seventh additional provision: four at most beside a name.
SHOWN = 4
#: Shortest and longest passport number in use; ICAO Doc 9303 part 3 prints nine characters and allows more.
PASSPORT_LENGTHS = (5, 20)

_SEPARATORS = re.compile(r"[\s\-–—._/·]+")
_CHECKERS = {"dni": dni, "nie": nie, "cif": cif}
_PASSPORT = re.compile(r"(?=.*[0-9])[A-Z0-9]+")


class InvalidIdentity(ValueError):
    """A number that no document of its kind can have.

    ``reason`` is ``"length"``, ``"shape"`` or ``"check"`` (the control letter or digit does not belong to the rest).
    """

    def __init__(self, kind, reason):
        super().__init__(f"{kind}: {reason}")
        self.kind = kind
        self.reason = reason


def normalise(kind, text):
    """Return the one form in which a document's number is stored and compared.

    Capitals without spaces or separators. A DNI of fewer digits, as older cards print it, is filled up with
    zeros on the left.

    :param str kind: one of ``KINDS``
    :param text: what a person typed, or None
    :raises InvalidIdentity: when no such document can exist
    """
    number = _SEPARATORS.sub("", text or "").upper()
    if not number.isascii():
        raise InvalidIdentity(kind, "shape")
    if kind == "passport":
        return _check_passport(number)
    if kind == "dni" and number[:-1].isdigit():
        number = number.zfill(9)
    try:
        return _CHECKERS[kind].validate(number)
    except InvalidLength as error:
        raise InvalidIdentity(kind, "length") from error
    except InvalidChecksum as error:
        raise InvalidIdentity(kind, "check") from error
    except (InvalidFormat, ValueError) as error:
        raise InvalidIdentity(kind, "shape") from error


def _check_passport(number):
    shortest, longest = PASSPORT_LENGTHS
    if not shortest <= len(number) <= longest:
        raise InvalidIdentity("passport", "length")
    if not _PASSPORT.fullmatch(number):
        raise InvalidIdentity("passport", "shape")
    return number


def guess_kind(text):
    """Return the kind that a number looks like: each of them begins in its own way; ``"passport"`` is the rest."""
    number = _SEPARATORS.sub("", text or "").upper()
    if re.fullmatch(r"[0-9]{1,8}[A-Z]", number):
        return "dni"
    if re.fullmatch(r"[XYZ][0-9]{7}[A-Z]", number):
        return "nie"
    if re.fullmatch(r"[ABCDEFGHJNPQRSUVW][0-9]{7}[A-J0-9]", number):
        return "cif"
    return "passport"


def mask(kind, number):
    """Return *number* with all but four digits hidden, always the same four.

    Whoever shows other digits each time gives the whole number away. Which ones: the guidance of the Spanish data
    protection authorities on LOPDGDD, seventh additional provision: the fourth to seventh digit; of a document
    with fewer than seven digits, the last four characters counted (of a passport: its last four digits).

    >>> mask("dni", "12345678Z")
    '***4567**'
    >>> mask("nie", "X1234567L")
    '****4567*'
    >>> mask("passport", "ABC123456")
    '*****3456'
    """
    if not number:
        return ""
    digits = [i for i, char in enumerate(number) if char.isdigit()]
    if len(digits) >= 7:
        shown = digits[3:7]
    elif kind == "passport":
        shown = digits[-SHOWN:]
    else:
        shown = range(max(len(number) - SHOWN, 0), len(number))
    shown = set(shown)
    if len(shown) * 2 > len(number):  # half of a short number is too much of it
        shown = set(sorted(shown)[len(shown) - len(number) // 2 :])
    return "".join(char if i in shown else "*" for i, char in enumerate(number))


def name_key(name):
    """Return what two spellings of one name have in common: its words without accents, in alphabetical order.

    ``"García  Pérez, José"`` and ``"José GARCIA PEREZ"`` are one person's. An empty string for no name.
    """
    plain = unicodedata.normalize("NFKD", name or "")
    plain = "".join(char for char in plain if not unicodedata.combining(char)).casefold()
    return " ".join(sorted(re.findall(r"[^\W_]+", plain)))

"""The code by which a citizen follows a case without an account.

The alphabet is Crockford's base 32 (no I, L, O or U), so that a code survives being read
aloud, written down and typed back. Twelve symbols carry 60 random bits: whoever holds the
code may follow the case, and nobody finds one by trying.
"""

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
GROUP = 4

_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_IN_A_TEXT = re.compile(r"(?<![\w-])\w{4}-\w{4}-\w{4}(?![\w-])")
_SEPARATORS = re.compile(r"[\s\-–—._/]+")


def new_code():
    """Return a fresh code such as ``7K3M-Q9XW-2HTD``."""
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def normalise(text):
    """Return the canonical form of a code as a person typed it, or None if it is not one.

    Case, spaces and separators do not matter; the letters O, I and L are read as the digits
    they are mistaken for.
    """
    symbols = _SEPARATORS.sub("", text or "").upper().translate(_MISREAD)
    if len(symbols) != LENGTH or not set(symbols) <= set(ALPHABET):
        return None
    return _grouped(symbols)


def find_in(text):
    """Return the codes that stand in a text as the city writes them, as of the subject of a reply; at most three."""
    found = (normalise(word) for word in _IN_A_TEXT.findall(text or ""))
    return list(dict.fromkeys(filter(None, found)))[:3]


def _grouped(symbols):
    return "-".join(symbols[i : i + GROUP] for i in range(0, LENGTH, GROUP))

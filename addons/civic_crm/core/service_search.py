"""Finding a service by what somebody types: "las farolas de mi calle", "bulb", "arbol".

No two people call a thing by the same name, so any word that fits counts, accents and endings do not matter, and the
service in which most words fit comes first.
"""

import re
import unicodedata

#: A word of the name says more than one of the description.
NAME, KEYWORDS, DESCRIPTION = 4, 3, 1
SHORTEST = 3

_WORDS = re.compile(r"\w+")


def normalise(text):
    """Return the words of *text* in small letters without accents."""
    plain = unicodedata.normalize("NFKD", text or "").casefold()
    return _WORDS.findall("".join(c for c in plain if not unicodedata.combining(c)))


def score(query, name, keywords="", description=""):
    """Return how well a service fits what was typed; 0 when no word does."""
    asked = {word for word in normalise(query) if len(word) >= SHORTEST}
    fields = [(NAME, normalise(name)), (KEYWORDS, normalise(keywords)), (DESCRIPTION, normalise(description))]
    return sum(
        max((weight for weight, words in fields if any(_is_like(word, other) for other in words)), default=0)
        for word in asked
    )


def _is_like(word, other):
    """Singular and plural, and a word that is still being typed."""
    if other.startswith(word):
        return True
    return len(other) > SHORTEST and word.startswith(other) and len(word) - len(other) <= 2

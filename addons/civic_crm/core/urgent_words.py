"""Finding words of danger in a free text: "huele a gas", "cable suelto", "hay un herido".

Accents, case and what stands between words do not matter; an asterisk stands for any ending: "herid*" is "herido",
"heridas". Words are whole: "gas" is not in "gasto".
"""

import re

from .service_search import normalise

MAX_CHARS = 10_000
_TERM = re.compile(r"[^\W_]+\*?(?:\s+[^\W_]+\*?)*")


def split_terms(words):
    """Return the terms of a text that separates them by commas or lines.

    :raises ValueError: with the first term that is no word or phrase, or that an asterisk would let fit everything
    """
    terms = [term.strip() for term in re.split(r"[,;\n]", words or "")]
    for term in terms:
        if term and (not _TERM.fullmatch(term) or any(len(part) < 4 for part in term.split() if part.endswith("*"))):
            raise ValueError(term)
    return [term for term in terms if term]


class UrgentWords:
    """Terms with what they mean, as one expression; immutable.

    :param entries: iterable of ``(key, [terms])``
    """

    def __init__(self, entries):
        self._keys = {}
        parts = []
        for number, (key, terms) in enumerate(entries):
            choices = [r"\ ".join(self._pattern(word) for word in term.split()) for term in terms]
            if choices := [choice for choice in choices if choice]:
                self._keys[f"k{number}"] = key
                parts.append(f"(?P<k{number}>{'|'.join(choices)})")
        # each entry looks for itself, so that a word two entries share counts for both
        self._patterns = [re.compile(rf"(?<!\S){part}(?!\S)") for part in parts]

    @staticmethod
    def _pattern(word):
        start = re.escape(" ".join(normalise(word)))
        return start + r"\w*" if word.endswith("*") else start

    def find(self, text):
        """Return ``[(key, the words as found)]``, one for each entry that is in the text."""
        read = " ".join(normalise((text or "")[:MAX_CHARS]))
        matches = (pattern.search(read) for pattern in self._patterns)
        return [(self._keys[match.lastgroup], match.group()) for match in matches if match]

"""Is this the same pothole? Scoring of what may be one fact reported twice.

Nothing is merged by a score: it orders what is shown to a person, who decides, and its parts
say why. Likeness of texts is that of PostgreSQL's ``pg_trgm``, so that what its index finds
and what the score says agree.
"""

import re
from collections import namedtuple
from functools import lru_cache

from .places import distance, is_known

#: What is known of one report. ``days`` is its age in days; ``text`` may be empty.
Report = namedtuple("Report", "service_id latitude longitude place text days")
#: Why a candidate is one: each part from 0 to 1, ``None`` where it could not be told.
Score = namedtuple("Score", "total metres near alike recent same_service")

#: How much each part says. Where two reports both have a point, the place is settled by it.
WEIGHTS = {"near": 5, "alike": 3, "recent": 1, "same_service": 1}
#: Below this nobody needs to look.
LEAST = 0.4
#: ``pg_trgm.similarity_threshold`` as PostgreSQL ships it: what its ``%`` operator finds.
ALIKE = 0.3

_WORDS = re.compile(r"[^\W_]+")


@lru_cache(maxsize=32)  # a report's own texts, while it is compared with many
def trigrams(text):
    """Return the frozenset of trigrams of *text* as ``pg_trgm``'s ``show_trgm`` does.

    Lower case, words of letters and digits, each with two blanks before and one behind it
    (PostgreSQL manual, F.35 "pg_trgm", "Trigram (or Trigraph) Concepts").
    """
    padded = [f"  {word} " for word in _WORDS.findall((text or "").lower())]
    return frozenset([word[i : i + 3] for word in padded for i in range(len(word) - 2)])


def similarity(text, other):
    """Return the likeness of two texts from 0 to 1: trigrams shared by those in either.

    As ``pg_trgm``'s ``similarity``; two texts without a word are not alike.
    """
    one, two = trigrams(text), trigrams(other)
    both = len(one & two)
    either = len(one) + len(two) - both
    return both / either if either else 0.0


def score(new, known, *, metres, days):
    """Score how likely *known* is the same fact as *new*; both are ``Report`` tuples.

    :param int metres: the distance beyond which two points are two facts, above 0
    :param int days: the age beyond which a report is another story, above 0
    :return: a ``Score``, or None when they are not candidates: too far, too old, or nothing
        in common that could be compared
    """
    if known.days > days:
        return None
    apart = near = None
    if is_known(new.latitude, new.longitude) and is_known(known.latitude, known.longitude):
        apart = distance(new.latitude, new.longitude, known.latitude, known.longitude)
        if apart > metres:
            return None
        near = 1 - apart / metres
    alike = _likeness(new, known)
    if near is None and (alike is None or alike < ALIKE):
        return None
    parts = {
        "near": near,
        "alike": alike,
        "recent": 1 - max(known.days, 0) / days,
        "same_service": 1.0 if new.service_id == known.service_id else 0.0,
    }
    told = {name: part for name, part in parts.items() if part is not None}
    total = sum(WEIGHTS[name] * part for name, part in told.items()) / sum(WEIGHTS[name] for name in told)
    return Score(round(total, 4), apart, near, alike, parts["recent"], parts["same_service"])


def _likeness(new, known):
    """Return the best likeness of place with place and text with text, None if neither has a pair."""
    pairs = ((new.place, known.place), (new.text, known.text))
    told = [similarity(one, other) for one, other in pairs if one and other]
    return max(told) if told else None


def rank(new, candidates, *, metres, days, least=LEAST):
    """Return ``(key, Score)`` of the candidates worth showing, the likeliest first.

    :param candidates: an iterable of ``(key, Report)``; the order of equals is that of their keys
    """
    scored = ((key, score(new, known, metres=metres, days=days)) for key, known in candidates)
    kept = [(key, result) for key, result in scored if result and result.total >= least]
    return sorted(kept, key=lambda pair: (-pair[1].total, pair[0]))

"""Guessing the service of a free text from the catalogue's own words, where there is no history to learn from.

The words fit as in ``service_search``; a word that fits many services says little of each, and what people write in
every letter says nothing. A guess is never sure: ``MOST`` bounds it, so that nothing is filed by itself on it.
"""

from .service_search import DESCRIPTION, KEYWORDS, NAME, SHORTEST, _is_like, normalise

#: As sure as a guess ever is.
MOST = 0.49
#: What is missing to be sure, in points of ``service_search``: one keyword alone is a weak sign.
DOUBT = 4.0
#: A text is read so far.
MAX_WORDS = 300

COMMON = frozenset(
    # Spanish and English words of any letter
    [
        "algun",
        "alguna",
        "algunas",
        "alguno",
        "algunos",
        "ante",
        "antes",
        "aqui",
        "asi",
        "aun",
        "aunque",
        "bien",
        "buen",
        "buena",
        "buenas",
        "bueno",
        "buenos",
        "cada",
        "calle",
        "casa",
        "casi",
        "como",
        "con",
        "contra",
        "cual",
        "cuando",
        "dado",
        "dar",
        "debe",
        "decir",
        "del",
        "dentro",
        "desde",
        "despues",
        "dia",
        "dias",
        "donde",
        "dos",
        "ella",
        "ellos",
        "entre",
        "era",
        "eran",
        "eres",
        "esa",
        "esas",
        "ese",
        "eso",
        "esos",
        "esta",
        "estaba",
        "estado",
        "estamos",
        "estan",
        "estar",
        "estas",
        "este",
        "esto",
        "estos",
        "favor",
        "fuera",
        "fue",
        "gracias",
        "gran",
        "hace",
        "hacen",
        "hacer",
        "hacia",
        "han",
        "hasta",
        "hay",
        "hola",
        "junto",
        "las",
        "les",
        "los",
        "luego",
        "mal",
        "mas",
        "mejor",
        "mes",
        "meses",
        "mientras",
        "mis",
        "mismo",
        "misma",
        "muy",
        "nada",
        "nadie",
        "ninguna",
        "ninguno",
        "nos",
        "nosotros",
        "nuestra",
        "nuestro",
        "nunca",
        "otra",
        "otras",
        "otro",
        "otros",
        "para",
        "parte",
        "pero",
        "poco",
        "por",
        "porque",
        "puede",
        "pueden",
        "pues",
        "que",
        "quien",
        "quiero",
        "saludos",
        "segun",
        "ser",
        "sido",
        "siempre",
        "sin",
        "sobre",
        "solo",
        "son",
        "soy",
        "sus",
        "tal",
        "tambien",
        "tampoco",
        "tan",
        "tanto",
        "tarde",
        "tardes",
        "tengo",
        "tiene",
        "tienen",
        "toda",
        "todas",
        "todo",
        "todos",
        "tras",
        "una",
        "unas",
        "uno",
        "unos",
        "usted",
        "vez",
        "veces",
        "vecino",
        "vecinos",
        "ver",
        "vivo",
        "about",
        "after",
        "again",
        "all",
        "also",
        "and",
        "any",
        "are",
        "because",
        "been",
        "before",
        "but",
        "can",
        "could",
        "day",
        "days",
        "did",
        "does",
        "dont",
        "for",
        "from",
        "get",
        "had",
        "has",
        "have",
        "hello",
        "her",
        "here",
        "him",
        "his",
        "how",
        "into",
        "its",
        "just",
        "like",
        "more",
        "most",
        "much",
        "need",
        "never",
        "not",
        "now",
        "off",
        "one",
        "only",
        "other",
        "our",
        "out",
        "over",
        "please",
        "she",
        "should",
        "since",
        "some",
        "still",
        "such",
        "than",
        "thank",
        "thanks",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "too",
        "very",
        "was",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)


class KeywordGuess:
    """The catalogue as words, built once and asked often; immutable but for what it remembers of words.

    :param services: iterable of ``(key, [(name, keywords, description) of each language])``
    """

    REMEMBERED = 20_000

    def __init__(self, services):
        self._words = {}  # word of the catalogue → {key: weight}
        for key, languages in services:
            for texts in languages:
                for weight, text in zip((NAME, KEYWORDS, DESCRIPTION), texts, strict=True):
                    for word in normalise(text):
                        if len(word) >= SHORTEST and word not in COMMON:
                            of_word = self._words.setdefault(word, {})
                            of_word[key] = max(of_word.get(key, 0), weight)
        self._remembered = {}

    def suggest(self, texts, limit=3):
        """Return for each text up to *limit* ``(key, confidence, words)``, the best first."""
        return [self._suggest(text, limit) for text in texts]

    def _suggest(self, text, limit):
        points, reasons = {}, {}
        for word in list(dict.fromkeys(normalise(text)))[:MAX_WORDS]:
            for key, weight in self._fits(word).items():
                points[key] = points.get(key, 0) + weight
                reasons.setdefault(key, []).append((weight, word))
        total = sum(points.values()) + DOUBT
        best = sorted(points.items(), key=lambda item: -item[1])[:limit]
        return [
            (key, MOST * value / total, [word for _weight, word in sorted(reasons[key], key=lambda r: -r[0])[:3]])
            for key, value in best
        ]

    def _fits(self, word):
        """Return ``{key: points}`` of one word of a text."""
        if len(word) < SHORTEST or word in COMMON:
            return {}
        if (found := self._remembered.get(word)) is None:
            found = {}
            for other, of_word in self._words.items():
                if _is_like(word, other):
                    for key, weight in of_word.items():
                        found[key] = max(found.get(key, 0), weight)
            found = {key: weight / len(found) for key, weight in found.items()}
            if len(self._remembered) >= self.REMEMBERED:
                self._remembered.clear()
            self._remembered[word] = found
        return found

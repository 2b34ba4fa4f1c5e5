"""Telling what a text is about, or whether it is spam, from how people decided texts before it.

A text is its words and pairs of words. A word is itself and the letter groups in it, so that "farola", "farolas" and
"farolla" share most of what is known of them; each of those is a *bucket*, found by a hash. A text's value in a bucket
is the bucket's rarity (TF-IDF), and the whole is divided by the text's length. What was never seen counts in that
length and says nothing: an unknown language makes the model unsure, not wrong. The model keeps numbers for buckets, no
words: no text can be read out of it.

scikit-learn learns (Pedregosa et al., JMLR 12, 2011) and is imported only then. Telling needs numpy alone, and works
out each word of a batch once: most words of a thousand texts are the same few.

How sure it is, is measured: the newest part of each label's texts is kept out of learning and judged by a model that
never saw it; a part before that sets the scale that turns scores into probabilities (temperature scaling: Guo et al.,
ICML 2017, arXiv:1706.04599).
"""

import io
import json
import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import chain, pairwise

import numpy as np

LINEAR, BAYES = "linear", "bayes"

#: Only so much of a text is read: what it is about stands at its beginning.
MAX_CHARS = 10_000
MAX_WORD = 32
#: Texts judged at once; bounds the memory that a batch takes.
CHUNK = 1000
#: A word repeated more often says nothing more.
MOST_TIMES = 4
BUCKETS = 1 << 18
#: Letter groups of these lengths; the edges of a word are letters too.
GROUPS = (3, 4, 5)
#: What the letter groups of a word weigh together, the word itself being 1.
GROUPS_WEIGHT = 0.8
#: A bucket that fewer texts share is left out: it says more of one person than of what was asked.
FEWEST_TEXTS = 2
#: The share of texts that count as short, and are read as if they were longer.
SHORT = 0.25
#: A label with fewer texts is not learned.
FEWEST_OF_LABEL = 8
HELD_BACK, CALIBRATED = 0.2, 0.1
LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)

_WORDS = re.compile(r"[^\W_]+")
_TAGS = re.compile(r"<(style|script)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)


class TooLittle(ValueError):
    """There is not enough to learn from."""


class BadModel(ValueError):
    """These bytes are no stored model."""


# ---------------------------------------------------------------------------------- reading texts


def plain(html):
    """Return the words of *html* without its marks; quicker than a parser, for reading only, never for showing."""
    html = html or ""
    return " ".join(unescape(_TAGS.sub(" ", html)).split()) if "<" in html or "&" in html else html


def words_of(text):
    """Return the words of a text in their order, in small letters, accents composed."""
    return _WORDS.findall(unicodedata.normalize("NFC", (text or "")[:MAX_CHARS]).lower())


def canonical(word):
    """Return a word, or two, without accents; of a number only how many digits it has."""
    if " " in word:
        return " ".join(map(canonical, word.split(" ")))
    if word.isdigit():
        return "0" * min(len(word), 9)
    if not word.isascii():
        apart = unicodedata.normalize("NFKD", word).casefold()
        word = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return word[:MAX_WORD]


def buckets_of(word):
    """Return the buckets of a canonical word: its own first, then those of its letter groups."""
    edged = f" {word} ".encode()
    found = {zlib.crc32(b"=" + edged) % BUCKETS: None}
    if not word.isdigit() and " " not in word:
        for size in GROUPS:
            for start in range(len(edged) - size + 1):
                found[zlib.crc32(edged[start : start + size]) % BUCKETS] = None
    return list(found)


@dataclass
class _Batch:
    """Texts as numbers: ``ids`` are places in ``words``, those of text *i* between ``starts[i]`` and ``starts[i+1]``.

    A word said again in a text says a little more, not the same again: ``emphasis`` is the root of how often, to a
    limit.
    """

    words: list
    ids: np.ndarray
    starts: np.ndarray
    emphasis: np.ndarray

    @classmethod
    def of(cls, texts):
        places, ids, lengths = {}, [], []
        for text in texts:
            words = words_of(text)
            pairs = map(" ".join, pairwise(words))
            ids.extend([places.setdefault(word, len(places)) for word in chain(words, pairs)])
            lengths.append(max(2 * len(words) - 1, 0))
        count = max(len(places), 1)
        rows = np.repeat(np.arange(len(lengths)), lengths)
        keys, times = np.unique(rows * count + np.array(ids, dtype=np.int64), return_counts=True)
        starts = np.searchsorted(keys // count, np.arange(len(lengths) + 1))
        return cls(list(places), keys % count, starts, np.sqrt(np.minimum(times, MOST_TIMES)).astype(np.float32))

    def buckets(self):
        """Return ``(places, buckets, weights)``: one row per bucket of each word."""
        found = [buckets_of(canonical(word)) for word in self.words]
        sizes = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
        buckets = np.fromiter(chain.from_iterable(found), dtype=np.int64, count=int(sizes.sum()))
        weights = np.repeat(GROUPS_WEIGHT / np.sqrt(np.maximum(sizes - 1, 1)), sizes)
        weights[np.cumsum(sizes) - sizes] = 1.0
        return np.repeat(np.arange(len(found)), sizes), buckets, weights

    def sum_by_text(self, values, emphasis):
        """Return the sums of *values*, a row for each word, over the words of each text, times *emphasis*."""
        sums = np.zeros((len(self.starts) - 1, *values.shape[1:]), dtype=values.dtype)
        filled = np.flatnonzero(np.diff(self.starts))
        if len(filled):
            rows = values[self.ids] * (emphasis[:, None] if values.ndim > 1 else emphasis)
            sums[filled] = np.add.reduceat(rows, self.starts[filled], axis=0)
        return sums


def _sum_by_word(places, values, count):
    """Sum rows of *values* that belong to the same word; *places* ascend and leave no word out."""
    if not count:
        return np.zeros((0, *values.shape[1:]), dtype=values.dtype)
    return np.add.reduceat(values, np.searchsorted(places, np.arange(count)), axis=0)


def say_confidence(share):
    """Return how sure a model is (0..1) as a percentage; never 100 %: it has seen few texts of all that may come."""
    return f"{min(share, 0.99):.0%}"


# ---------------------------------------------------------------------------------- the model


@dataclass(frozen=True)
class TextModel:
    """What was learned. Immutable and safe to share between threads.

    :param labels: what it can tell apart, at least two
    :param buckets: the buckets it knows, ascending
    :param rarities: of those buckets; ``rarity`` that of all others
    :param weights: buckets × labels
    :param bias: of each label
    :param shortest: shorter texts count as this long: one word is not a letter, and makes nobody sure
    :param scale: turns scores into probabilities
    """

    labels: tuple
    buckets: np.ndarray
    rarities: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    rarity: float
    shortest: float
    scale: float = 1.0

    def probabilities(self, texts):
        """Return an array, texts × labels, of how probable each label is; all 0 where nothing is known of a text."""
        return np.concatenate([self._judge(_Batch.of(part))[0] for part in _chunks(texts)] or [self._nothing()])

    def suggest(self, texts, limit=3, reasons=3):
        """Return for each text up to *limit* ``(label, probability, words)``, the most probable first.

        :param reasons: how many of the text's own words, those that speak most for the label, are told
        """
        return [found for part in _chunks(texts) for found in self._suggest(_Batch.of(part), limit, reasons)]

    def _suggest(self, batch, limit, reasons):
        chances, by_word = self._judge(batch)
        limit = min(limit, len(self.labels))
        order = np.argsort(-chances, axis=1, kind="stable")[:, :limit]
        for row, best in enumerate(order.tolist()):
            if not chances[row, best[0]]:
                yield []
                continue
            ids = batch.ids[batch.starts[row] : batch.starts[row + 1]]
            spoken = by_word[ids[:, None], best]
            # what speaks for it more than for the other labels
            spoken = spoken - by_word[ids].mean(axis=1)[:, None]
            first = np.argsort(-spoken, axis=0, kind="stable")[:reasons]
            yield [
                (
                    self.labels[label],
                    float(chances[row, label]),
                    [batch.words[ids[place]] for place in first[:, rank] if spoken[place, rank] > 0],
                )
                for rank, label in enumerate(best)
            ]

    def _judge(self, batch):
        """Return the probabilities, texts × labels, and what each word says, words × labels."""
        scores, known, by_word = self._score(batch)
        chances = _softmax(scores * self.scale)
        chances[~known] = 0
        return chances, by_word

    def _score(self, batch):
        places, buckets, weights = batch.buckets()
        found = np.minimum(np.searchsorted(self.buckets, buckets), len(self.buckets) - 1)
        is_known = self.buckets[found] == buckets
        values = (weights * np.where(is_known, self.rarities[found], self.rarity)).astype(np.float32)
        lengths = batch.sum_by_text(_sum_by_word(places, values**2, len(batch.words)), batch.emphasis**2)
        by_word = np.zeros((len(batch.words), len(self.labels)), dtype=np.float32)
        told = places[is_known]
        if len(told):
            firsts = np.flatnonzero(np.r_[True, told[1:] != told[:-1]])
            rows = values[is_known, None] * self.weights[found[is_known]]
            by_word[told[firsts]] = np.add.reduceat(rows, firsts, axis=0)
        speaks = np.zeros(len(batch.words), dtype=np.float32)
        speaks[told] = 1
        sums = batch.sum_by_text(by_word, batch.emphasis) / np.maximum(np.sqrt(lengths), self.shortest)[:, None]
        return sums + self.bias, batch.sum_by_text(speaks, batch.emphasis) > 0, by_word

    def _nothing(self):
        return np.zeros((0, len(self.labels)), dtype=np.float32)

    # storing: plain arrays and JSON, nothing that could run

    def to_bytes(self):
        """Return the model as bytes, the same for the same model."""
        facts = {"labels": self.labels, "groups": GROUPS, "size": BUCKETS}
        facts |= {"rarity": self.rarity, "shortest": self.shortest, "scale": self.scale}
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            buckets=self.buckets.astype(np.uint32),
            rarities=self.rarities.astype(np.float32),
            weights=self.weights.astype(np.float16),
            bias=self.bias.astype(np.float32),
            facts=np.frombuffer(json.dumps(facts, sort_keys=True).encode(), dtype=np.uint8),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data):
        """Return a stored model. It runs nothing, whatever the bytes are; who wrote them is for the caller to check.

        :raises BadModel: for anything else, or a model of another way of reading
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as parts:
                facts = json.loads(parts["facts"].tobytes())
                arrays = {name: parts[name] for name in ("buckets", "rarities", "weights", "bias")}
            labels = tuple(facts["labels"])
            shapes = {name: array.shape for name, array in arrays.items()}
            count = len(arrays["buckets"])
            expected = {
                "buckets": (count,),
                "rarities": (count,),
                "weights": (count, len(labels)),
                "bias": (len(labels),),
            }
            if shapes != expected or facts["groups"] != list(GROUPS) or facts["size"] != BUCKETS or not count:
                raise BadModel("These numbers do not fit together.")
            return cls(
                labels,
                arrays["buckets"].astype(np.int64),
                arrays["rarities"].astype(np.float32),
                arrays["weights"].astype(np.float32),
                arrays["bias"].astype(np.float32),
                float(facts["rarity"]),
                float(facts["shortest"]),
                float(facts["scale"]),
            )
        except BadModel:
            raise
        except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise BadModel("These bytes are no stored model.") from error


def _chunks(texts):
    return (texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK))


def _softmax(scores):
    scores = np.exp(scores - scores.max(axis=1, keepdims=True)) if len(scores) else scores
    return scores / np.maximum(scores.sum(axis=1, keepdims=True), 1e-9)


# ---------------------------------------------------------------------------------- learning


@dataclass
class OfLabel:
    """How texts of one label fared: how many there are, and of those held back, what they were taken for."""

    texts: int = 0
    held_back: int = 0
    right: int = 0
    taken: int = 0  # texts held back that were taken for this label, rightly or not
    mistaken_for: object = None
    mistaken: int = 0


@dataclass
class Report:
    """What was measured on texts that the model had not seen.

    ``baseline`` is the accuracy of always naming the most frequent label. ``levels`` are
    ``(confidence, share of texts at or above it, accuracy among those or None)``.
    """

    texts: int = 0
    held_back: int = 0
    accuracy: float = 0.0
    baseline: float = 0.0
    levels: list = field(default_factory=list)
    of_label: dict = field(default_factory=dict)
    left_out: dict = field(default_factory=dict)  # label → texts, of those with too few


def train(texts, labels, seed=0, method=LINEAR):
    """Learn to tell *labels* from *texts*; the same input gives the same model.

    :param texts: plain texts, the oldest first
    :param labels: of each, anything that JSON can hold
    :param method: ``LINEAR`` (logistic regression by stochastic descent) or ``BAYES`` (naive Bayes, for spam)
    :return: ``(TextModel, Report)``; the report is of the parts held back, the model has learned from all
    :raises TooLittle: with fewer than two labels that have ``FEWEST_OF_LABEL`` texts each
    """
    counts = {}
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    learned = sorted((label for label, count in counts.items() if count >= FEWEST_OF_LABEL), key=str)
    if len(learned) < 2:
        raise TooLittle("There are not two labels with enough texts.")
    places = {label: place for place, label in enumerate(learned)}
    kept = [row for row, label in enumerate(labels) if label in places]
    target = np.array([places[labels[row]] for row in kept])
    matrix = _Matrix([texts[row] for row in kept])
    part = _split(target)
    trial = _learn(matrix, target, part == 0, tuple(learned), seed, method)
    trial = _calibrate(trial, [matrix.texts[row] for row in np.flatnonzero(part == 1)], target[part == 1])
    report = _measure(trial, [matrix.texts[row] for row in np.flatnonzero(part == 2)], target[part == 2])
    for place, label in enumerate(learned):
        report.of_label[label].texts = int((target == place).sum())
    report.texts = len(kept)
    report.left_out = {label: count for label, count in counts.items() if label not in places}
    model = _learn(matrix, target, part >= 0, tuple(learned), seed, method)
    return replace(model, scale=trial.scale), report


def _split(target):
    """Return for each text 0 (learn), 1 (set the scale) or 2 (measure): the newest of each label are measured."""
    part = np.zeros(len(target), dtype=np.int8)
    for label in np.unique(target):
        rows = np.flatnonzero(target == label)
        measured = max(1, round(len(rows) * HELD_BACK))
        scaled = max(1, round(len(rows) * CALIBRATED))
        part[rows[-measured:]] = 2
        part[rows[-measured - scaled : -measured]] = 1
    return part


class _Matrix:
    """All texts as sparse rows of words, and all words as sparse rows of buckets."""

    def __init__(self, texts):
        from scipy import sparse

        self.texts = texts
        batch = _Batch.of(texts)
        count = len(batch.words)
        self.words = sparse.csr_matrix((batch.emphasis, batch.ids, batch.starts), shape=(len(texts), count))
        places, buckets, weights = batch.buckets()
        self.buckets = sparse.csr_matrix(
            (weights.astype(np.float32), (places, buckets)), shape=(count, BUCKETS), dtype=np.float32
        )

    def weigh(self, rows):
        """Return ``(values, facts)`` of some texts: what to learn from, and the model's facts besides."""
        from scipy import sparse

        words = self.words[rows]
        there = (words @ (self.buckets != 0).astype(np.float32)) != 0
        frequency = np.asarray(there.sum(axis=0)).ravel()
        count = words.shape[0]
        rarity = np.log((1 + count) / (1 + frequency)) + 1
        rarity[frequency < FEWEST_TEXTS] = np.log(1 + count) + 1
        known = np.flatnonzero(frequency >= FEWEST_TEXTS)
        weighed = self.buckets @ sparse.diags(rarity.astype(np.float32))
        of_word = np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel()
        lengths = np.sqrt(words.multiply(words) @ of_word)
        shortest = max(float(np.quantile(lengths, SHORT)), 1e-3)
        lengths = np.maximum(lengths, shortest)
        values = sparse.diags((1 / lengths).astype(np.float32)) @ (words @ weighed[:, known])
        facts = {"buckets": known, "rarities": rarity[known].astype(np.float32)}
        return values.tocsr(), facts | {"rarity": float(np.log(1 + count) + 1), "shortest": shortest}


def _learn(matrix, target, rows, labels, seed, method):
    values, facts = matrix.weigh(np.flatnonzero(rows))
    if not len(facts["buckets"]):
        raise TooLittle("The texts have nothing in common.")
    weights, bias = (_fit_bayes if method == BAYES else _fit_linear)(values, target[rows], len(labels), seed)
    # as it will be stored, so that it judges the same before and after
    weights = weights.astype(np.float16).astype(np.float32)
    return TextModel(labels=labels, weights=weights, bias=bias.astype(np.float32), **facts)


def _fit_linear(values, target, count, seed):
    from sklearn.linear_model import SGDClassifier

    learner = SGDClassifier(loss="log_loss", alpha=1e-5, max_iter=12, tol=None, random_state=seed)
    learner.fit(values, target)
    if count == 2:  # one row there: for the second label, against the first
        return np.hstack([-learner.coef_.T / 2, learner.coef_.T / 2]), np.r_[
            -learner.intercept_, learner.intercept_
        ] / 2
    return learner.coef_.T, learner.intercept_


def _fit_bayes(values, target, count, seed):
    from sklearn.naive_bayes import MultinomialNB

    learner = MultinomialNB(alpha=0.1).fit(values, target)
    return learner.feature_log_prob_.T, learner.class_log_prior_


def _calibrate(model, texts, target):
    """Return the model with the scale under which these texts' labels are most probable.

    As in Platt's scaling one text too many counts as wrong: whoever was right on a few texts is not sure of all.
    """
    scores = np.concatenate([model._score(_Batch.of(part))[0] for part in _chunks(texts)])
    doubt = 1 / (len(target) + 2)
    rows = np.arange(len(target))

    def loss(scale):
        chances = np.log(np.maximum(_softmax(scores * scale), 1e-12))
        return -((1 - doubt) * chances[rows, target] + doubt * chances.mean(axis=1)).mean()

    return replace(model, scale=float(min(np.geomspace(0.05, 20, 121), key=loss)))


def _measure(model, texts, target):
    chances = model.probabilities(texts)
    best, sure = chances.argmax(axis=1), chances.max(axis=1)
    right = best == target
    report = Report(held_back=len(target), accuracy=float(right.mean()))
    report.baseline = float(np.bincount(target).max() / len(target))
    for level in LEVELS:
        above = sure >= level
        report.levels.append((level, float(above.mean()), float(right[above].mean()) if above.any() else None))
    for place, label in enumerate(model.labels):
        mine = target == place
        others = np.bincount(best[mine & ~right], minlength=len(model.labels))
        report.of_label[label] = OfLabel(
            held_back=int(mine.sum()),
            right=int((mine & right).sum()),
            taken=int((best == place).sum()),
            mistaken_for=model.labels[int(others.argmax())] if others.any() else None,
            mistaken=int(others.max()),
        )
    return report

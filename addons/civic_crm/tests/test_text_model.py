# SPDX-License-Identifier: AGPL-3.0-or-later
import io
import unittest

import numpy as np

from ..core import text_model
from ..core.keyword_guess import MOST, KeywordGuess
from ..core.text_model import BadModel, TextModel, TooLittle, train
from ..core.urgent_words import UrgentWords, split_terms
from .example_texts import letters, spam_or_not

_learned = {}


def learned():
    """Return ``(model, report)`` from a thousand letters, learned once for all tests."""
    if not _learned:
        texts, services = zip(*letters(1000, seed=1), strict=True)
        _learned["all"] = train(texts, services, seed=7)
    return _learned["all"]


class TestReading(unittest.TestCase):
    def test_spellings_of_a_word_are_one_word(self):
        for words in (
            ("árbol", "arbol", "ARBOL", "a\u0301rbol"),
            ("niño", "NIÑO", "nin\u0303o"),
            ("600111222", "912345678"),
            ("straße", "STRASSE"),
        ):
            with self.subTest(words=words):
                read = {tuple(text_model.canonical(word) for word in text_model.words_of(text)) for text in words}
                self.assertEqual(len(read), 1)

    def test_numbers_keep_how_long_they_are(self):
        self.assertEqual(text_model.canonical("28001"), "00000")
        self.assertNotEqual(text_model.canonical("14"), text_model.canonical("600111222"))

    def test_marks_of_html_are_not_read(self):
        self.assertEqual(
            text_model.plain("<style>p {color: red}</style><p>Caf&eacute;<br/>roto</p><p>aquí</p>"), "Café roto aquí"
        )
        self.assertEqual(text_model.plain("3 < 4"), "3 < 4")
        self.assertEqual(text_model.plain(None), "")

    def test_only_the_beginning_of_a_huge_text_is_read(self):
        self.assertLessEqual(len(text_model.words_of("a " * 10**6)), text_model.MAX_CHARS)


class TestSuggestions(unittest.TestCase):
    def test_what_was_never_seen_is_told_better_than_by_guessing(self):
        model, report = learned()
        told = letters(1000, seed=2)
        found = model.suggest([text for text, _service in told])
        right = sum(one[0][0] == service for one, (_text, service) in zip(found, told, strict=True)) / len(told)
        self.assertGreater(right, 0.9)
        self.assertGreater(report.accuracy, report.baseline + 0.5)
        self.assertAlmostEqual(report.accuracy, right, delta=0.06)

    def test_texts(self):
        model, _report = learned()
        for text, service in (
            ("La farola está apagada", "light"),
            ("LA FAROLA ESTA APAGADA", "light"),
            ("la farolla esta apagda", "light"),
            ("The street lamp is out!!!", "light"),
            ("<b>bache</b> en la calzada", "road"),
            ("necesito un volante de empadronamiento " + "por favor " * 50_000, "register"),
        ):
            with self.subTest(text=text[:40]):
                self.assertEqual(model.suggest([text])[0][0][0], service)

    def test_nothing_is_suggested_for_nothing(self):
        model, _report = learned()
        for text in ("", None, "   ", "!!! ??? 😀", "\x00\u200b", "_" * 100):
            with self.subTest(text=text):
                self.assertEqual(model.suggest([text]), [[]])

    def test_another_language_makes_it_unsure(self):
        model, _report = learned()
        for text in (
            "我家门前的路灯坏了",
            "Уличный фонарь не горит",
            "das Licht auf der Straße ist kaputt",
            "q" * 5000,
        ):
            with self.subTest(text=text[:40]):
                found = model.suggest([text])[0]
                self.assertTrue(not found or found[0][1] < 0.5)

    def test_a_word_of_any_letter_makes_it_sure_of_nothing(self):
        model, _report = learned()
        for text in ("hola", "Buenos días", "Gracias.", "calle", "por favor"):
            with self.subTest(text):
                self.assertLess(model.suggest([text])[0][0][1], 0.6)

    def test_the_reason_is_words_of_the_text(self):
        model, _report = learned()
        [[(service, confidence, words), *_others]] = model.suggest(["Buenos días, la farola de mi calle está apagada"])
        self.assertEqual(service, "light")
        self.assertGreater(confidence, 0.8)
        self.assertTrue({"farola", "apagada"} & set(" ".join(words).split()))

    def test_a_text_is_judged_the_same_alone_and_among_others(self):
        model, _report = learned()
        texts = [text for text, _service in letters(2500, seed=3)]
        together = model.probabilities(texts)
        for row in (0, 999, 1000, 2499):
            np.testing.assert_allclose(together[row], model.probabilities([texts[row]])[0], atol=1e-5)
        self.assertEqual(model.probabilities([]).shape, (0, len(model.labels)))

    def test_confidence_means_how_often_it_is_right(self):
        model, _report = learned()
        told = letters(2000, seed=4)
        found = [one[0] for one in model.suggest([text for text, _service in told])]
        sure = [(best[1], best[0] == service) for best, (_text, service) in zip(found, told, strict=True)]
        self.assertAlmostEqual(np.mean([chance for chance, _right in sure]), np.mean([r for _c, r in sure]), delta=0.05)


class TestLearning(unittest.TestCase):
    def test_the_same_texts_give_the_same_model(self):
        texts, services = zip(*letters(300, seed=5), strict=True)
        first, second = (train(texts, services, seed=3)[0].to_bytes() for _time in range(2))
        self.assertEqual(first, second)

    def test_the_newest_of_each_label_are_held_back(self):
        part = text_model._split(np.array([0] * 20 + [1] * 10))
        self.assertEqual(part.tolist(), [0] * 14 + [1] * 2 + [2] * 4 + [0] * 7 + [1] + [2] * 2)

    def test_what_it_does_not_know_is_measured_honestly(self):
        """Labels drawn by lot cannot be learned, and the report says so."""
        dice = np.random.default_rng(1)
        texts = [text for text, _service in letters(600, seed=6)]
        _model, report = train(texts, dice.integers(0, 4, 600).tolist(), seed=1)
        self.assertLess(report.accuracy, 0.4)

    def test_the_report_adds_up(self):
        model, report = learned()
        lines = report.of_label
        self.assertEqual(set(lines), set(model.labels))
        self.assertEqual(sum(line.texts for line in lines.values()), report.texts)
        self.assertEqual(sum(line.held_back for line in lines.values()), report.held_back)
        self.assertEqual(sum(line.taken for line in lines.values()), report.held_back)
        self.assertAlmostEqual(sum(line.right for line in lines.values()) / report.held_back, report.accuracy)
        shares = [share for _level, share, _accuracy in report.levels]
        self.assertEqual(shares, sorted(shares, reverse=True))

    def test_too_little_is_said(self):
        for labels in ([], ["a"] * 50, ["a"] * 50 + ["b"] * 3):
            with self.subTest(labels=len(labels)), self.assertRaises(TooLittle):
                train(["una farola rota"] * len(labels), labels)
        with self.assertRaises(TooLittle):
            train([""] * 40, ["a", "b"] * 20)

    def test_a_label_with_few_texts_is_left_out(self):
        texts, services = zip(*letters(200, seed=8), strict=True)
        model, report = train([*texts, "algo raro"], [*services, "rare"])
        self.assertNotIn("rare", model.labels)
        self.assertEqual(report.left_out["rare"], 1)

    def test_spam(self):
        texts, spam = zip(*spam_or_not(600, seed=1), strict=True)
        model, report = train(texts, spam, method=text_model.BAYES)
        self.assertGreater(report.accuracy, 0.95)
        place = model.labels.index(True)
        scores = model.probabilities(["Gane dinero, haga clic en el enlace", "La farola de mi calle está apagada"])
        self.assertGreater(scores[0, place], 0.8)
        self.assertLess(scores[1, place], 0.2)


class TestStoring(unittest.TestCase):
    def test_a_stored_model_judges_the_same(self):
        model, _report = learned()
        again = TextModel.from_bytes(model.to_bytes())
        texts = [text for text, _service in letters(50, seed=9)]
        self.assertTrue((again.probabilities(texts) == model.probabilities(texts)).all())
        self.assertEqual(again.labels, model.labels)

    def test_it_keeps_no_words(self):
        data = learned()[0].to_bytes()
        with np.load(io.BytesIO(data), allow_pickle=False) as parts:
            for name in parts.files:
                self.assertIn(parts[name].dtype.kind, "uif")
            self.assertNotIn(b"farola", parts["facts"].tobytes())

    def test_other_bytes_are_refused(self):
        good = learned()[0].to_bytes()
        pickled = io.BytesIO()
        np.savez(pickled, facts=np.array([{"labels": []}], dtype=object))
        for name, data in {
            "nothing": b"",
            "text": b"not a model",
            "cut": good[: len(good) // 2],
            "pickle": pickled.getvalue(),
            "a pickle alone": b"\x80\x04\x95\x0f\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins.",
            "changed": good[:200] + bytes(100) + good[300:],
        }.items():
            with self.subTest(name), self.assertRaises(BadModel):
                TextModel.from_bytes(data)


class TestKeywordGuess(unittest.TestCase):
    guess = KeywordGuess(
        [
            (1, [("Farola averiada", "lámpara, bombilla, calle oscura", "Una luz de la calle no funciona"),
                 ("Broken street light", "lamp, bulb", "A light in the street is out")]),
            (2, [("Contenedor lleno", "basura, reciclaje", "El contenedor se desborda")]),
            (3, [("Árbol en peligro", "rama, poda", "Un árbol puede caer a la calle")]),
        ]
    )  # fmt: skip

    def test_texts(self):
        for text, expected in {
            "Las farolas de mi calle": 1,
            "hay una BOMBILLA fundida": 1,
            "the lamp is out": 1,
            "la basura se sale del contenedor": 2,
            "el arbol tiene una rama rota": 3,
            "hola, buenos días, gracias": None,
            "": None,
        }.items():
            with self.subTest(text):
                found = self.guess.suggest([text])[0]
                self.assertEqual(found[0][0] if found else None, expected)

    def test_it_is_never_sure(self):
        [[(key, confidence, words), *_others]] = self.guess.suggest(["farola lámpara bombilla luz " * 20])
        self.assertEqual(key, 1)
        self.assertLessEqual(confidence, MOST)
        self.assertIn("farola", words)


class TestUrgentWords(unittest.TestCase):
    words = UrgentWords([("gas", ["gas", "huele a gas"]), ("hurt", ["herid*"]), ("cable", ["cable suelto"])])

    def test_texts(self):
        for text, expected in {
            "Huele a GAS en el portal": {"gas"},
            "hay gasto y gasolina": set(),
            "dos heridas": {"hurt"},
            "un cable\n suelto, y un herido": {"cable", "hurt"},
            "un cable no suelto": set(),
            "": set(),
            None: set(),
        }.items():
            with self.subTest(text):
                self.assertEqual({key for key, _words in self.words.find(text)}, expected)

    def test_terms_that_fit_everything_are_refused(self):
        self.assertEqual(split_terms("gas, cable suelto,\nherid*, "), ["gas", "cable suelto", "herid*"])
        for words in ("*", "a*", "gas, (.+)", "ga*s", "x|y"):
            with self.subTest(words), self.assertRaises(ValueError):
                split_terms(words)

# SPDX-License-Identifier: AGPL-3.0-or-later
from unittest import TestCase

from ..core.duplicates import Report, rank, score, similarity, trigrams

#: A degree of latitude is some 111,195 metres.
METRE = 1 / 111_195
HERE = (40.4168, -3.7038)


def report(service=1, north=None, place="", text="", days=0):
    """A report *north* metres north of here, or without a point."""
    point = (0.0, 0.0) if north is None else (HERE[0] + north * METRE, HERE[1])
    return Report(service, *point, place, text, days)


class TestTrigrams(TestCase):
    def test_as_the_manual_of_pg_trgm_says(self):
        self.assertEqual(trigrams("cat"), {"  c", " ca", "cat", "at "})
        self.assertEqual(trigrams("foo|bar"), {"  f", " fo", "foo", "oo ", "  b", " ba", "bar", "ar "})

    def test_likeness(self):
        table = [
            ("word", "two words", 0.36363637),  # the manual's example
            ("Calle Mayor 3", "calle MAYOR, 3", 1.0),
            ("Calle Mayor", "Mayor, calle", 1.0),
            ("abc", "xyz", 0.0),
            ("", "abc", 0.0),
            ("", "", 0.0),
            (None, "abc", 0.0),
            ("a_b", "a b", 1.0),
        ]
        for one, other, expected in table:
            with self.subTest(one=one, other=other):
                self.assertAlmostEqual(similarity(one, other), expected, places=6)
                self.assertAlmostEqual(similarity(other, one), expected, places=6)


class TestScore(TestCase):
    def score(self, new, known, metres=50, days=60):
        return score(new, known, metres=metres, days=days)

    def test_what_cannot_be_the_same_is_no_candidate(self):
        here = report(north=0, place="Calle Mayor 3", text="a hole")
        table = {
            "too far": report(north=51, place="Calle Mayor 3", text="a hole"),
            "too old": report(north=0, place="Calle Mayor 3", days=61),
            "no point and another place": report(place="Avenida del Puerto 120"),
            "no point and no place": report(),
        }
        for reason, known in table.items():
            with self.subTest(reason):
                self.assertIsNone(self.score(here, known))

    def test_the_limits_themselves_still_count(self):
        self.assertIsNotNone(self.score(report(north=0), report(north=49.9)))
        self.assertIsNotNone(self.score(report(north=0), report(north=0, days=60)))

    def test_each_part_makes_it_likelier(self):
        base = report(north=0, place="Calle Mayor 3", text="hole in the road")
        worse_to_better = [
            ("near", report(north=40), report(north=5)),
            ("recent", report(north=20, days=50), report(north=20, days=1)),
            ("same_service", report(service=2, north=20), report(north=20)),
            (
                "alike",
                report(north=20, place="Plaza de la Constitución"),
                report(north=20, place="C/ Mayor 3"),
            ),
        ]
        for part, worse, better in worse_to_better:
            with self.subTest(part):
                low, high = self.score(base, worse), self.score(base, better)
                self.assertLess(low.total, high.total)
                self.assertLess(getattr(low, part), getattr(high, part))

    def test_the_same_report_twice_is_certain(self):
        twice = report(north=0, place="Calle Mayor 3", text="a hole")
        self.assertEqual(self.score(twice, twice).total, 1.0)

    def test_the_total_is_the_weighted_mean_of_what_is_known(self):
        result = self.score(report(north=0), report(north=25, days=30))
        self.assertAlmostEqual(result.near, 0.5, places=3)
        self.assertIsNone(result.alike)
        self.assertAlmostEqual(result.total, (5 * 0.5 + 1 * 0.5 + 1) / 7, places=3)
        self.assertAlmostEqual(result.metres, 25, places=1)

    def test_without_a_point_the_place_as_written_decides(self):
        result = self.score(report(place="Calle Mayor, 3"), report(north=0, place="calle mayor 3"))
        self.assertIsNone(result.near)
        self.assertIsNone(result.metres)
        self.assertEqual(result.alike, 1.0)

    def test_the_better_of_place_and_text_counts(self):
        new = report(north=0, place="by the church", text="the lamp is out since Monday")
        known = report(north=0, place="Plaza Mayor", text="the lamp is out since Monday")
        self.assertEqual(self.score(new, known).alike, 1.0)

    def test_the_likeliest_comes_first_and_the_unlikely_not_at_all(self):
        new = report(north=0, place="Calle Mayor 3")
        candidates = [
            (7, report(north=30, days=10)),
            (3, report(north=2, place="Calle Mayor 3")),
            (9, report(north=49, service=2, place="Somewhere else entirely", days=59)),
            (5, report(north=30, days=10)),
            (8, report(north=400)),
        ]
        self.assertEqual([key for key, _score in rank(new, candidates, metres=50, days=60)], [3, 5, 7])

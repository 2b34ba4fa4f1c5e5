# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import BaseCase, tagged

from ..core.population import Problem, read_table

AGES = [
    ("0-4", (0, 4)),
    ("0 – 4", (0, 4)),
    ("de 5 a 9", (5, 9)),
    ("De 10 a 14 años", (10, 14)),
    ("85+", (85, 130)),
    ("85 +", (85, 130)),
    ("85 y más", (85, 130)),
    ("100 y más años", (100, 130)),
    ("85 and over", (85, 130)),
    ("37", (37, 37)),
    ("37 años", (37, 37)),
    ("", None),
    ("all", None),
    ("9-5", None),
    ("5-900", None),
    ("-5", None),
    ("85 y", None),
]


@tagged("post_install", "-at_install")
class TestPopulation(BaseCase):
    def test_ages_as_offices_write_them(self):
        for text, ages in AGES:
            with self.subTest(text=text):
                rows, problems = read_table(f"zone;sex;age;count\n0101;F;{text};5\n")
                if ages:
                    self.assertEqual([(row.age_from, row.age_to) for row in rows], [ages])
                else:
                    self.assertEqual(problems, [Problem(2, "unknown_age", text)])

    def test_the_heading_may_be_english_or_spanish_and_the_separator_any(self):
        for text in (
            "zone;sex;age;year;count\n0101;F;0-4;2025;12\n",
            "Código,Sexo,Edad,Año,Población\n0101,Mujer,0-4,2025,12\n",
            "\ufeffZONA\tSEXO\tEDAD DESDE\tEDAD HASTA\tAÑO\tTOTAL\n0101\tmujeres\t0\t4\t2025\t12\n",
        ):
            with self.subTest(text=text):
                rows, problems = read_table(text)
                self.assertFalse(problems)
                self.assertEqual(rows[0]._replace(line=0), (0, "0101", 2025, "female", 0, 4, 12))

    def test_m_is_a_man_beside_f_and_a_woman_beside_h(self):
        def sexes(*letters):
            rows, problems = read_table(
                "zone;sex;age;count\n" + "".join(f"1;{s};{i};1\n" for i, s in enumerate(letters))
            )
            return [row.sex for row in rows], [problem.reason for problem in problems]

        self.assertEqual(sexes("M", "F"), (["male", "female"], []))
        self.assertEqual(sexes("H", "M"), (["male", "female"], []))
        self.assertEqual(sexes("M"), ([], ["unknown_sex"]))
        self.assertEqual(sexes("M", "F", "H"), (["female", "male"], ["unknown_sex"]))

    def test_a_line_that_is_not_understood_is_named_with_what_stands_there(self):
        text = (
            "zone;sex;age;year;count\n;F;1;2025;1\n1;x;1;2025;1\n\n1;F;1;25;1\n1;F;1;2025;1.234\n1;F;1;2025;-3\n1;F\n"
        )
        rows, problems = read_table(text)
        self.assertFalse(rows)
        self.assertEqual(
            problems,
            [
                Problem(2, "no_zone", ""),
                Problem(3, "unknown_sex", "x"),
                Problem(5, "unknown_year", "25"),
                Problem(6, "not_a_count", "1.234"),
                Problem(7, "not_a_count", "-3"),
                Problem(8, "unknown_age", ""),
            ],
        )

    def test_a_table_without_its_columns_is_refused(self):
        self.assertEqual(read_table(""), ([], [Problem(1, "no_heading", "")]))
        self.assertEqual(
            read_table("a;b\n1;2\n")[1], [Problem(1, "no_column", c) for c in ("zone", "sex", "count", "age")]
        )

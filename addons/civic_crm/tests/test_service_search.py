# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import BaseCase, tagged

from ..core.service_search import score

LAMP = ("Farola apagada", "luz, bombilla, alumbrado", "Una luz de la calle que no funciona")
TREE = ("Árbol o rama con riesgo", "árboles, palmera, caída", "Un árbol inclinado o enfermo")
SERVICES = {"lamp": LAMP, "tree": TREE}


@tagged("post_install", "-at_install")
class TestServiceSearch(BaseCase):
    def test_people_find_it_by_their_own_words(self):
        for query, expected in (
            ("farola", "lamp"),
            ("FAROLAS", "lamp"),
            ("las farolas de mi calle", "lamp"),
            ("bombilla", "lamp"),
            ("bombi", "lamp"),
            ("arbol", "tree"),
            ("Árboles", "tree"),
            ("una palmera caida", "tree"),
            ("luz junto a un arbol enfermo", "tree"),
        ):
            with self.subTest(query=query):
                self.assertEqual(max(SERVICES, key=lambda name: score(query, *SERVICES[name])), expected)
                self.assertGreater(score(query, *SERVICES[expected]), 0)

    def test_what_nobody_offers_finds_nothing(self):
        for query in ("", " ", "a la de", "cohete", "??", None):
            with self.subTest(query=query):
                self.assertEqual([score(query, *texts) for texts in SERVICES.values()], [0, 0])

    def test_the_name_counts_more_than_the_description(self):
        self.assertGreater(score("luz", "Luz"), score("luz", "Otro", "luz"))
        self.assertGreater(score("luz", "Otro", "luz"), score("luz", "Otro", "", "luz"))

# SPDX-License-Identifier: AGPL-3.0-or-later
import re
from functools import cache

import polib
from lxml import html

from odoo.tests import tagged
from odoo.tools import file_path

from .common import PortalCase

#: Shorter texts ("Send", "Code") may stand in an address, a name or another word.
SHORTEST = 9


@cache
def english_texts():
    """Our English sources that Spanish says otherwise, without their markup."""
    texts = set()
    for addon in ("civic_crm", "civic_portal"):
        for entry in polib.pofile(file_path(f"{addon}/i18n/es.po")):
            text = " ".join(re.sub(r"<[^>]*>", " ", entry.msgid).split())
            if entry.msgstr not in ("", entry.msgid) and len(text) >= SHORTEST:
                texts.add(text)
    return texts


@tagged("post_install", "-at_install")
class TestSpanish(PortalCase):
    """The citizen's pages of a Spanish city say nothing in English, and the other way round."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("es_ES")
        names = ("helpdesk_mgmt", "civic_crm", "civic_participation", "civic_portal")
        cls.env["ir.module.module"].search([("name", "in", names)])._update_translations(["es_ES"])
        spanish, english = cls.env.ref("base.lang_es"), cls.env.ref("base.lang_en")
        website = cls.env.ref("website.default_website")
        website.write({"language_ids": [(6, 0, (spanish | english).ids)], "default_lang_id": spanish.id})
        service = cls.street_light.with_context(lang="es_ES")
        service.write({"name": "Farola averiada", "description": "Una farola apagada"})
        case = cls.file_case(place="Calle Mayor 3", name="Farola apagada")
        cls.closed = cls.file_case(name="Farola rota")
        cls.closed._withdraw()
        cls.fixed = cls.file_case(name="Farola arreglada")
        cls.fixed._close(cls.env.ref("civic_crm.outcome_solved"), {"es_ES": "<p>La bombilla es nueva.</p>"})
        cls.refused = cls.file_case(name="Farola pintada")
        cls.refused._close(
            cls.env.ref("civic_crm.outcome_rejected"),
            {"es_ES": "<p>No se puede.</p>"},
            why=cls.env.ref("civic_crm.reason_law"),
        )
        cls.form = f"/cases/new/{service.id}"
        cls.case = f"/cases/{case.tracking_code}"

    def visit(self, path, lang, status=200):
        """Return the words on the page; the frame, which is core's, is looked at elsewhere."""
        self.opener.cookies.set("frontend_lang", lang)
        answer = self.url_open(path)
        self.assertEqual(answer.status_code, status, path)
        return self.words_of(answer.text)

    def words_of(self, page):
        tree = html.fromstring(page)
        [column] = tree.find_class("civic-column")
        attributes = column.xpath(".//@aria-label | .//@placeholder | .//@title")
        words = [tree.findtext(".//title"), column.text_content(), *attributes]
        return " ".join(" ".join(words).split())

    def assert_spanish(self, words, *expected):
        for text in expected:
            self.assertIn(text, words)
        self.assertFalse([text for text in english_texts() if text in words])

    def test_no_english_on_the_spanish_pages(self):
        pages = {
            "/cases": ("Cuéntaselo al Ayuntamiento", "Sigue un aviso"),
            "/cases/new": ("¿De qué se trata?", "Una farola apagada"),
            self.form: ("responde en 5 días hábiles", "¿Cómo te respondemos?"),
            self.case: ("Recibido", "Lo tiene Lighting. Tendrás respuesta antes del"),
            f"{self.case}?filed=1": ("Hemos recibido tu aviso.",),
            f"/cases/{self.closed.tracking_code}": ("Retirado", "Retirado por quien lo envió"),
            "/cases/find": ("Código de seguimiento",),
            f"/cases/{self.fixed.tracking_code}": ("¿Está resuelto?", "Responder: sí o no"),
            f"/cases/{self.fixed.tracking_code}/confirm": ("Sí, está resuelto", "No, volver a abrirlo"),
            f"/cases/{self.refused.tracking_code}": ("Motivo: Las normas vigentes no lo permiten",),
            f"/cases/{self.refused.tracking_code}/confirm": ("No hay nada que confirmar",),
        }
        for path, expected in pages.items():
            with self.subTest(path=path):
                self.assert_spanish(self.visit(path, "es_ES"), *expected)

    def test_what_follows_the_question_is_in_spanish(self):
        path = f"/cases/{self.fixed.tracking_code}"
        self.fixed._confirm()
        self.assert_spanish(self.visit(f"{path}/confirm", "es_ES"), "Gracias", "¿Qué tal lo hemos hecho?")
        self.assert_spanish(self.visit(path, "es_ES"), "Nos dijiste que está resuelto", "No está resuelto")
        self.fixed.confirmation = "assumed"
        self.assert_spanish(self.visit(f"{path}/confirm", "es_ES"), "El plazo para responder ha terminado")
        self.fixed.closed_date = "2020-01-01"
        self.assert_spanish(self.visit(path, "es_ES"), "Ha vuelto a pasar", "Enviar como aviso nuevo")
        self.fixed._reopen_for_citizen("Sigue igual.")
        self.assert_spanish(self.visit(f"{path}/confirm", "es_ES"), "Tu aviso está abierto")
        self.assert_spanish(self.visit(f"{path}?reopened=1", "es_ES"), "Tu aviso está abierto de nuevo")

    def test_a_refusal_is_in_spanish(self):
        words = self.visit("/cases/find?code=0000-0000-0000", "es_ES", 404)
        self.assert_spanish(words, "No conocemos ningún aviso con el código 0000-0000-0000")
        self.opener.cookies.set("frontend_lang", "es_ES")
        answer = self.post(self.form, {"text": "x", "email": "x"})
        self.assertEqual(answer.status_code, 400)
        self.assert_spanish(
            self.words_of(answer.text),
            "Hay algo que corregir",
            "al menos 10 caracteres",
            "Escribe tu nombre.",
            "Revisa el correo electrónico",
            "Dinos dónde",
        )

    def test_the_english_pages_stay_english(self):
        words = self.visit(f"/en{self.case}", "en_US")
        for text in ("Received", "It is with Lighting. You will have an answer by", "Write to the department"):
            self.assertIn(text, words)
        self.assertNotIn("aviso", words)

    def test_the_sites_menu_is_in_spanish(self):
        names = self.env["website.menu"].with_context(lang="es_ES").search([("url", "like", "/cases")]).mapped("name")
        self.assertEqual(set(names), {"Cuéntaselo al Ayuntamiento", "Sigue tu aviso"})

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import tagged

from .common import CityCase

WORDS_OF_STATES = {
    "new": "Recibido",
    "in_progress": "En curso",
    "awaiting": "En espera",
    "done": "Resuelto",
    "cancelled": "Retirado",
    "rejected": "Cerrado",
}


@tagged("post_install", "-at_install")
class TestSpanish(CityCase):
    """What only the database knows: translations of records, the base's among them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("es_ES")
        cls.load_words()
        cls.citizen.lang = "es_ES"
        cls.spanish = cls.env(context=dict(cls.env.context, lang="es_ES"))

    @classmethod
    def load_words(cls):
        """Load the translations as the installation of the language does."""
        names = ("helpdesk_mgmt", "civic_crm")
        modules = cls.env["ir.module.module"].search([("name", "in", names)])
        modules._update_translations(["es_ES"])

    def test_the_citizen_reads_the_state_in_spanish(self):
        for name, word in WORDS_OF_STATES.items():
            stage = self.spanish.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}")
            with self.subTest(state=name):
                self.assertEqual(stage._get_public_facts()["public_name"], word)
        summary = self.file_case().with_env(self.spanish)._get_public_summary()
        self.assertEqual(summary["state"], "Recibido")
        self.assertEqual(summary["explanation"], "Está registrado. Lo verá el departamento.")

    def test_a_state_with_a_new_name_loses_the_bases_translation(self):
        stage = self.spanish.ref("helpdesk_mgmt.helpdesk_ticket_stage_rejected")
        self.assertEqual(stage.name, "Cerrado sin resolver")

    def test_what_the_city_has_written_stays(self):
        stage = self.spanish.ref("helpdesk_mgmt.helpdesk_ticket_stage_new")
        stage.public_name = "Apuntado"
        self.load_words()
        self.assertEqual(stage.public_name, "Apuntado")

    def test_the_bases_fields_and_models_have_the_citys_words(self):
        labels = {
            "team_id": "Departamento",
            "category_id": "Servicio",
            "stage_id": "Estado",
            "partner_id": "Ciudadano/a",
            "user_id": "Responsable",
        }
        field = self.env["ir.model.fields"]._get("helpdesk.ticket", "team_id")
        field.with_context(lang="es_ES").field_description = "Equipo"
        self.load_words()
        shown = self.spanish["helpdesk.ticket"].fields_get(labels, ["string"])
        self.assertEqual({name: shown[name]["string"] for name in labels}, labels)
        self.assertEqual(self.spanish["ir.model"]._get("helpdesk.ticket").name, "Caso")

    def test_the_receipt_is_in_the_citizens_language(self):
        case = self.file_case()
        template = self.env.ref("civic_crm.mail_template_case_received")
        mail = template._generate_template(case.ids, ("subject", "body_html"))[case.id]
        self.assertEqual(mail["subject"], f"Hemos recibido tu aviso · {case.tracking_code}")
        body = " ".join(mail["body_html"].split())
        self.assertIn("Lo tiene <strong>Lighting</strong>.", body)
        self.assertRegex(body, r"Tendrás respuesta antes del <strong[^>]*>\d+ de [a-z]+ de \d{4}</strong>")
        self.assertNotIn("request", body)

    def test_the_frame_of_every_mail_is_in_spanish(self):
        case = self.file_case().with_env(self.spanish)
        message = self.env["mail.message"].new({"body": "<p>Hola</p>"})
        values = {"record": case, "company": self.city, "message": message, "lang": "es_ES"}
        html = self.spanish["ir.qweb"]._render("civic_crm.mail_layout_case", values)
        self.assertIn("Código de seguimiento", html)
        self.assertIn("Puedes responder a este correo", html)
        self.assertNotIn("Tracking code", html)

    def test_refusals_and_outcomes_are_in_spanish(self):
        case = self.file_case().with_env(self.spanish)
        self.assertEqual(case.action_answer_and_close()["name"], "Responder y cerrar")
        outcome = self.spanish.ref("civic_crm.outcome_solved")
        self.assertEqual(outcome.name, "Resuelto")
        self.assertEqual(outcome.answer, "Ya está hecho. Gracias por avisarnos.")

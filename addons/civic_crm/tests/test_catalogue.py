# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestCatalogue(TransactionCase):
    """The default catalogue, as it comes with the addon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = cls.env["ir.model.data"].search(
            [("module", "=", "civic_crm"), ("model", "=", "helpdesk.ticket.category"), ("name", "=like", "service\\_%")]
        )
        Service = cls.env["helpdesk.ticket.category"].with_context(active_test=False)
        cls.all = Service.browse(cls.data.mapped("res_id"))
        cls.services = cls.all.filtered(lambda service: not service.is_heading)

    def load_spanish(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.env["ir.module.module"].search([("name", "=", "civic_crm")])._update_translations(["es_ES"])

    def test_there_is_enough_to_start_with(self):
        self.assertGreaterEqual(len(self.services), 40)
        self.assertGreaterEqual(len(self.all - self.services), 12)
        self.assertGreaterEqual(len(self.services.question_ids), 40)
        self.assertFalse(self.all.team_id, "departments are the city's own")

    def test_every_service_says_what_it_is_and_by_when(self):
        for service in self.services:
            with self.subTest(service=service.name):
                for fact in ("service_code", "description", "keywords", "parent_id", "promise_days"):
                    self.assertTrue(service[fact], fact)
                self.assertNotEqual(service.icon, "fa-comment")
                self.assertLessEqual(len(service.description), 90, "one sentence")
        codes = self.all.mapped("service_code")
        self.assertEqual(len(codes), len(set(codes)))

    def test_every_kind_of_case_and_every_need_is_there(self):
        for field in ("kind", "ask_place", "ask_photo", "identification"):
            values = {key for key, _label in self.services._fields[field].selection}
            with self.subTest(field=field):
                self.assertEqual(set(self.services.mapped(field)), values)
        types = {key for key, _label in self.services.question_ids._fields["datatype"].selection}
        self.assertEqual(set(self.services.question_ids.mapped("datatype")), types - {"text"})

    def test_nothing_about_people_becomes_public(self):
        for heading in ("social", "registry", "taxes", "nuisance"):
            group = self.env.ref(f"civic_crm.service_group_{heading}")
            self.assertFalse(any(group.with_context(active_test=False).child_id.mapped("publish_issues")), group.name)

    def test_the_citys_edits_survive_an_update(self):
        self.assertTrue(all(self.data.mapped("noupdate")))
        for model in ("civic.service.question", "civic.service.question.option", "civic.canned.answer"):
            data = self.env["ir.model.data"].search([("module", "=", "civic_crm"), ("model", "=", model)])
            self.assertTrue(data and all(data.mapped("noupdate")), model)

    def test_all_of_it_can_be_answered(self):
        for service in self.services:
            with self.subTest(service=service.name):
                self.assertEqual(len(service._get_questions()), len(service.question_ids))

    def test_all_of_it_is_in_spanish(self):
        self.load_spanish()
        #: the same in both languages
        same = {"Mosquitos", "No"}
        questions = self.services.question_ids
        for records, names in (
            (self.all, ("name", "description", "keywords")),
            (questions, ("label", "help", "datatype_description")),
            (questions.option_ids, ("name",)),
            (self.env["civic.canned.answer"].search([]), ("name", "body")),
        ):
            spanish = records.with_context(lang="es_ES")
            for english, translated in zip(records, spanish, strict=True):
                for name in names:
                    if not english[name] or translated[name] in same:
                        continue
                    with self.subTest(model=records._name, text=english[name]):
                        self.assertNotEqual(translated[name], english[name])

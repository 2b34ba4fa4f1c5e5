# SPDX-License-Identifier: AGPL-3.0-or-later
import base64
import hashlib

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import CityCase, CityMixin

DNI = "12345678Z"
PDF = b"%PDF-1.4 a letter"


class CounterMixin:
    def file(self, user="agent", **vals):
        """Return the dialogue of *user*, filled in."""
        Filing = self.env["civic.counter.filing"].with_user(self.users[user])
        return Filing.create(
            {"category_id": self.street_light.id, "text": "No light.", "place": "Main Street 3", **vals}
        )

    def scan(self, name="letter.pdf", data=PDF):
        return (
            self.env["ir.attachment"]
            .with_user(self.users["agent"])
            .create({"name": name, "datas": base64.b64encode(data), "res_model": "civic.counter.filing"})
        )

    def case_of(self, action):
        return self.env["helpdesk.ticket"].browse(action["res_id"])


@tagged("post_install", "-at_install")
class TestCounter(CounterMixin, CityCase):
    def test_a_filing_at_the_counter_goes_through_the_ledger(self):
        filing = self.file(partner_id=self.citizen.id, attachment_ids=self.scan().ids)
        case = self.case_of(filing.action_file())
        intake = self.env["civic.intake"].search([("case_id", "=", case.id)])
        self.assertEqual((intake.adapter, intake.result), ("counter", "case"))
        self.assertIn(PDF, intake._get_raw())
        self.assertEqual((case.partner_id, case.channel_id), (self.citizen, self.env.ref("civic_crm.channel_counter")))
        self.assertEqual(self.public_messages(case).attachment_ids.raw, PDF)
        self.assertFalse(case.identity_user_id, "nobody's document was seen")
        self.assertTrue(self.env["civic.intake"]._get_balance().is_even)

    def test_pressed_twice_it_is_filed_once(self):
        filing = self.file(partner_id=self.citizen.id)
        self.assertEqual(filing.action_file()["res_id"], filing.action_file()["res_id"])

    def test_a_document_that_was_seen_is_written_down_with_who_saw_it(self):
        self.citizen.sudo().write({"civic_id_number": DNI, "civic_id_kind": "dni"})
        filing = self.file(id_number=DNI)
        filing.action_check_document()
        self.assertEqual((filing.partner_id, filing.document_seen), (self.citizen, "dni"))
        self.assertFalse(filing.id_number, "the number is not kept")
        case = self.case_of(filing.action_file())
        self.assertEqual((case.identity_document, case.identity_user_id), ("dni", self.users["agent"]))
        with self.assertRaises(AccessError):
            case.with_user(self.users["manager"]).write({"identity_user_id": self.users["manager"].id})

    def test_a_document_is_looked_at_before_it_is_known_what_it_is_about(self):
        self.citizen.sudo().write({"civic_id_number": DNI, "civic_id_kind": "dni"})
        filing = self.file(id_number=DNI, category_id=False)
        filing.action_check_document()
        self.assertEqual(filing.partner_id, self.citizen)
        with self.assertRaisesRegex(UserError, "Choose the service"):
            filing.action_file()

    def test_a_document_of_somebody_else_is_refused(self):
        self.citizen.sudo().write({"civic_id_number": DNI, "civic_id_kind": "dni"})
        filing = self.file(id_number=DNI, partner_id=self.neighbour.id)
        with self.assertRaises(UserError):
            filing.action_check_document()
        self.assertFalse(filing.document_seen)

    def test_the_check_is_for_the_one_it_was_made_with(self):
        self.citizen.sudo().write({"civic_id_number": DNI, "civic_id_kind": "dni"})
        filing = self.file(id_number=DNI)
        filing.action_check_document()
        filing.partner_id = self.neighbour
        self.assertFalse(filing.document_seen)
        filing.write({"document_seen": "dni"})
        self.assertFalse(filing.document_seen, "said by the check alone")
        self.assertFalse(self.file(document_seen="dni").document_seen)

    def test_a_document_nobody_has_registers_its_citizen(self):
        filing = self.file(id_number=DNI)
        filing.action_check_document()
        self.assertTrue(filing.is_unknown)
        with self.assertRaises(UserError):
            filing.action_file()
        filing.name = "Rosa Gil"
        case = self.case_of(filing.action_file())
        self.assertEqual((case.partner_id.name, case.partner_id.sudo().civic_id_number), ("Rosa Gil", DNI))
        self.assertEqual(case.identity_user_id, self.users["agent"])
        self.assertFalse(filing.id_number)

    def test_a_citizen_without_a_document_gets_the_one_that_was_seen(self):
        filing = self.file(id_number=DNI, partner_id=self.citizen.id)
        filing.action_check_document()
        self.assertEqual(self.citizen.sudo().civic_id_number, DNI)

    @freeze_time("2026-03-10 09:00:00")
    def test_the_clock_of_a_letter_runs_from_its_stamp(self):
        self.street_light.kind = "request"
        self.street_light.is_registered = True
        case = self.case_of(self.file(way="post", received_on="2026-03-06", partner_id=self.citizen.id).action_file())
        self.assertEqual(case._to_city_time(case.filed_at).date(), fields.Date.to_date("2026-03-06"))
        self.assertEqual(case.registered_at, fields.Datetime.to_datetime("2026-03-10 09:00:00"))
        self.assertTrue(case.registry_number)
        self.assertEqual(case.channel_id, self.env.ref("civic_crm.channel_post"))
        with self.assertRaises(UserError):
            self.file(received_on="2026-03-11", partner_id=self.citizen.id).action_file()

    def test_what_cannot_be_taken_is_named_and_nothing_is_filed(self):
        before = self.env["civic.intake"].search_count([])
        exe = self.scan("virus.pdf", b"MZ not a PDF")
        for wrong in (
            {"text": " "},
            {"attachment_ids": exe.ids},
            {"attachment_ids": [self.scan(f"{n}.pdf").id for n in range(6)]},
            {"partner_id": False},
        ):
            with self.subTest(wrong=list(wrong)), self.assertRaises(UserError):
                self.file(**{"partner_id": self.citizen.id, **wrong}).action_file()
        self.assertEqual(self.env["civic.intake"].search_count([]), before)

    def test_the_services_questions_are_asked(self):
        question = self.env["civic.service.question"].create(
            {"service_id": self.street_light.id, "label": "How many?", "datatype": "number", "required": True}
        )
        filing = self.file(partner_id=self.citizen.id)
        self.assertEqual(filing.answer_ids.question_id, question)
        with self.assertRaises(UserError):
            filing.action_file()
        filing.answer_ids.value = "3"
        case = self.case_of(filing.action_file())
        self.assertEqual(case.answer_ids.value_number, 3)


@tagged("post_install", "-at_install")
class TestReceipt(CounterMixin, CityMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()

    def make_case(self):
        filing = self.file(partner_id=self.citizen.id, attachment_ids=self.scan().ids)
        return self.case_of(filing.action_file())

    def open(self, case, login="t_agent", query=""):
        self.authenticate(login, login.ljust(8, "x"))
        return self.url_open(f"/civic/cases/{case.id}/receipt{query}", allow_redirects=False)

    def test_it_says_what_was_filed_and_proves_it(self):
        self.street_light.kind = "request"
        self.street_light.is_registered = True
        case = self.make_case()
        intake = self.env["civic.intake"].search([("case_id", "=", case.id)])
        page = self.open(case)
        self.assertEqual(page.status_code, 200)
        for text in (
            case.registry_number,
            case.tracking_code,
            "No light.",
            "Test City",
            "Citizen",
            intake.digest,
            hashlib.sha256(PDF).hexdigest(),
            "letter.pdf",
        ):
            self.assertIn(text, page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertNotIn(DNI, page.text)

    def test_it_is_in_the_language_that_is_asked_for(self):
        case = self.make_case()
        self.env["res.lang"]._activate_lang("es_ES")
        self.assertIn('lang="es-ES"', self.open(case, query="?lang=es_ES").text)
        self.assertIn('lang="en-US"', self.open(case, query="?lang=xx").text, "the citizen's")

    def test_only_who_may_read_the_case_has_its_receipt(self):
        case = self.make_case()
        for login, status in (("t_worker", 200), ("t_auditor", 200), ("t_stranger", 404), ("t_citizen", 404)):
            with self.subTest(login=login):
                self.assertEqual(self.open(case, login).status_code, status)

    def test_without_a_renderer_the_page_is_printed(self):
        case = self.make_case()
        self.authenticate("t_agent", "t_agent".ljust(8, "x"))
        answer = self.url_open(f"/civic/cases/{case.id}/receipt.pdf", allow_redirects=False)
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() == "ok":
            self.assertEqual(answer.content[:5], b"%PDF-")
        else:
            self.assertEqual(answer.status_code, 303)

# SPDX-License-Identifier: AGPL-3.0-or-later
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CityCase

NUMBER = "12345678Z"


@tagged("post_install", "-at_install")
class TestCitizenIdentity(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registrar = new_test_user(cls.env, "t_registrar", groups="civic_crm.group_agent,civic_crm.group_identity")
        cls.citizen.write(
            {"civic_id_kind": "dni", "civic_id_number": " 12.345.678-z", "civic_birth_date": "1980-05-06"}
        )
        cls.Partner = cls.env["res.partner"]

    def test_a_document_is_stored_in_one_form(self):
        self.assertEqual(self.citizen.civic_id_number, NUMBER)
        new = self.Partner.create({"name": "A", "is_citizen": True, "civic_id_number": "x-2482300-w"})
        self.assertEqual((new.civic_id_kind, new.civic_id_number), ("nie", "X2482300W"))

    def test_a_document_that_cannot_exist_is_refused_and_nothing_is_saved(self):
        for vals in (
            {"civic_id_kind": "dni", "civic_id_number": "12345678A"},
            {"civic_id_kind": "nie", "civic_id_number": "12345678Z"},
            {"civic_id_kind": "cif", "civic_id_number": "G28667152"},  # a person's it is not
            {"civic_birth_date": "2999-01-01"},
            {"civic_birth_date": "1780-05-06"},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.neighbour.write(vals)
        self.env.invalidate_all()
        self.assertFalse(self.neighbour.civic_id_number)
        with self.assertRaises(ValidationError):
            self.citizen.is_company = True

    def test_a_document_is_one_citizens(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.neighbour.write({"civic_id_number": NUMBER})
            self.env.flush_all()

    def test_two_countries_may_give_one_passport_number(self):
        for country in ("base.fr", "base.it"):
            self.Partner.create(
                {
                    "name": country,
                    "civic_id_kind": "passport",
                    "civic_id_number": "AA 12345",
                    "civic_id_country_id": self.env.ref(country).id,
                }
            )
        self.assertFalse(self.Partner._find_by_document("passport", "AA12345"), "a person has to look")

    def test_who_may_not_read_documents_sees_four_digits_at_most(self):
        for role in ("agent", "worker", "head", "manager", "auditor"):
            with self.subTest(role=role):
                self.env.invalidate_all()
                theirs = self.citizen.with_user(self.users[role])
                self.assertEqual(theirs.civic_id_masked, "***4567**")
                for field in ("civic_id_number", "civic_birth_date", "civic_id_kind"):
                    with self.assertRaises(AccessError):
                        theirs.read([field])
        for user in (self.registrar, self.users["admin"]):
            self.assertEqual(self.citizen.with_user(user).civic_id_number, NUMBER)

    def test_nothing_of_a_document_is_found_out_by_searching(self):
        case = self.file_case()
        agent = self.users["agent"]
        Partner = self.Partner.with_user(agent)
        for ask in (
            lambda: Partner.search([("civic_id_number", "=like", "1%")]),
            lambda: Partner.search([], order="civic_id_number"),
            lambda: Partner.search([], order="civic_birth_date"),
            lambda: Partner._read_group([], ["civic_id_number"], ["__count"]),
            lambda: Partner._read_group([], ["civic_birth_date:year"], ["__count"]),
            lambda: Partner._read_group([], [], ["civic_id_number:array_agg"]),
            lambda: Partner.search([("child_ids", "any", [("civic_id_number", "=like", "1%")])]),
            lambda: case.with_user(agent).search([("partner_id.civic_id_number", "=like", "1%")]),
            lambda: Partner.search([]).filtered_domain([("civic_id_number", "=like", "1%")]),
            lambda: self.citizen.with_user(self.users["manager"]).export_data(["civic_id_number"]),
        ):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                ask()
        with mute_logger("odoo.domains"), self.assertRaises(ValueError):  # not even the four digits
            Partner.search([("civic_id_masked", "like", "4567")])

    def test_who_reads_documents_finds_by_them(self):
        found = self.Partner.with_user(self.registrar).search([("civic_id_number", "=", NUMBER)])
        self.assertEqual(found, self.citizen)

    def test_the_front_desk_finds_by_the_exact_document_without_reading_it(self):
        as_agent = self.Partner.with_user(self.users["agent"])
        self.assertEqual(as_agent._look_up_document("dni", "12345678 z"), self.citizen)
        self.assertEqual(as_agent._look_up_document(False, NUMBER), self.citizen)
        self.assertFalse(as_agent._look_up_document("dni", "87654321X"))
        with self.assertRaises(ValidationError):
            as_agent._look_up_document("dni", "1234567")
        found = as_agent._look_up_document("dni", NUMBER)
        self.assertFalse(found.env.su)

    def test_nobody_else_looks_documents_up(self):
        for role in ("worker", "head", "auditor", "employee", "citizen", "public"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.Partner.with_user(self.users[role])._look_up_document("dni", NUMBER)

    def test_every_look_up_is_logged_and_the_number_is_not(self):
        agent = self.users["agent"]
        self.Partner.with_user(agent)._look_up_document("dni", NUMBER)
        self.Partner.with_user(agent)._look_up_document("dni", "87654321X")
        missed, hit = self.env["civic.identity.lookup"].search([], limit=2)
        self.assertEqual((hit.user_id, hit.partner_id), (agent, self.citizen))
        self.assertFalse(missed.partner_id)
        self.assertNotIn("civic_id_number", hit._fields)
        with self.assertRaises(UserError):
            hit.user_id = self.users["admin"]
        with self.assertRaises(UserError):
            hit.unlink()

    def test_whoever_tries_one_number_after_the_other_is_stopped(self):
        self.env["ir.config_parameter"].set_param("civic_crm.identity_lookups_per_hour", "3")
        with freeze_time("2026-03-02 09:00:00"):
            for _try in range(3):
                self.Partner.with_user(self.users["agent"])._look_up_document("dni", NUMBER)
            with self.assertRaises(UserError):
                self.Partner.with_user(self.users["agent"])._look_up_document("dni", NUMBER)
            self.Partner.with_user(self.users["manager"])._look_up_document("dni", NUMBER)
        with freeze_time("2026-03-02 10:01:00"):
            self.assertTrue(self.Partner.with_user(self.users["agent"])._look_up_document("dni", NUMBER))

    def test_the_counter_finds_registers_and_completes(self):
        Find = self.env["civic.citizen.find"].with_user(self.users["agent"])
        self.assertEqual(Find.create({"id_number": NUMBER}).action_find()["res_id"], self.citizen.id)
        unknown = Find.create({"id_number": "x2482300w"})
        unknown.action_find()
        self.assertTrue(unknown.is_unknown)
        unknown.write({"name": "Ana Sanz", "phone": "+34 600 000 777"})
        ana = self.Partner.browse(unknown.action_register()["res_id"])
        self.assertEqual((ana.name, ana.civic_id_kind, ana.civic_id_number), ("Ana Sanz", "nie", "X2482300W"))
        self.assertTrue(ana.is_citizen)
        self.assertTrue(ana.civic_phone_by_staff)
        self.assertFalse(unknown.id_number, "typed and not kept")
        club = Find.create({"id_number": "G28667152", "name": "Chess Club"})
        self.assertTrue(self.Partner.browse(club.action_register()["res_id"]).is_company)
        Find.create({"id_number": "87654321X", "partner_id": self.neighbour.id}).action_add()
        self.assertEqual(self.neighbour.civic_id_number, "87654321X")
        self.assertIn("***5432", self.neighbour.message_ids[0].body)

    def test_a_document_once_recorded_is_changed_only_by_who_may_read_it(self):
        with self.assertRaises(UserError):
            self.citizen.with_user(self.users["agent"])._record_document("dni", "87654321X")
        with self.assertRaises(AccessError):
            self.neighbour.with_user(self.users["worker"])._record_document("dni", "87654321X")
        with self.assertRaises(AccessError):
            self.citizen.with_user(self.users["agent"]).civic_id_number = "87654321X"

    def test_the_citizens_form_opens_for_who_may_read_documents_and_who_may_not(self):
        view = "civic_crm.res_partner_view_form_citizen"
        for user in (self.registrar, self.users["agent"]):
            with Form(self.Partner.with_user(user).with_context(default_is_citizen=True), view) as form:
                form.name = f"New {user.login}"
            self.assertTrue(form.record.is_citizen)
        shown = self.Partner.with_user(self.users["agent"]).get_view(self.env.ref(view).id)["arch"]
        self.assertNotIn('name="civic_id_number"', shown)
        self.assertIn('name="civic_id_masked"', shown)

    def test_an_association_has_its_number_from_the_start(self):
        view = "civic_crm.res_partner_view_form_citizen"
        with Form(self.Partner.with_user(self.registrar).with_context(default_is_citizen=True), view) as form:
            form.civic_kind = "association"
            form.name = "Chess Club"
            form.civic_id_number = "G28667152"
        self.assertTrue(form.record.is_company)
        self.assertEqual(form.record.sudo().civic_id_kind, "cif")

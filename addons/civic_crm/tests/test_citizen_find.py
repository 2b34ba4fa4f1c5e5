# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import CityCase

PHONE = "+34600000123"


@tagged("post_install", "-at_install")
class TestCitizenFind(CityCase):
    """One person, one entry: found by document, by address, by phone alone, in this order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.city.country_id = cls.env.ref("base.es")
        cls.Partner = cls.env["res.partner"]
        ana = {"name": "Ana Sanz", "is_citizen": True, "phone": "600 000 123", "email": "ana@home.test"}
        cls.ana = cls.Partner.with_user(cls.users["agent"]).create(ana).with_env(cls.env)

    def find(self, email=None, **facts):
        """Find as a web form does: on behalf of nobody."""
        found = self.Partner.with_user(self.users["public"])._find_or_create_citizen(email, **facts)
        return self.Partner.browse(found.ids)

    def test_a_phone_is_kept_in_the_form_of_the_whole_world(self):
        for typed in ("600 000 123", "+34 600-000-123", "0034600000123"):
            with self.subTest(typed=typed):
                self.ana.phone = typed
                self.assertEqual(self.ana.phone_sanitized, PHONE)

    def test_whom_staff_knows_by_a_phone_is_found_by_it(self):
        self.assertEqual(self.find(phone="+34 600 000 123"), self.ana)
        self.assertEqual(self.find(phone="600000123", name="Somebody"), self.ana)
        self.assertEqual(self.ana.name, "Ana Sanz")

    def test_a_phone_that_two_share_is_nobodys(self):
        self.Partner.create({"name": "Luis", "is_citizen": True, "phone": "600000123"})
        self.assertNotIn(self.find(phone="600000123"), self.ana)

    def test_a_phone_does_not_speak_against_an_address(self):
        """Whoever gives an address is who has it, whatever number they type."""
        new = self.find("other@home.test", phone="600000123")
        self.assertNotEqual(new, self.ana)
        self.assertEqual(new.email, "other@home.test")

    def test_nobody_receives_anothers_cases_by_taking_the_phone(self):
        """A login edits its own number, a form types any, both unverified."""
        self.ana.active = False
        as_citizen = self.citizen.with_user(self.users["citizen"]).sudo()
        as_citizen.phone = "600000123"
        self.assertNotEqual(self.find(phone="600000123"), self.citizen, "a login's own word")
        self.Partner.search([("phone_sanitized", "=", PHONE)]).phone = False
        claimed = self.find("mallory@home.test", phone="600000123")
        self.assertNotEqual(self.find(phone="600000123"), claimed, "who has an address reads mail")
        by_cron = self.Partner.with_user(self.env.ref("base.user_root"))._find_or_create_citizen(
            "eve@home.test", phone="600000124"
        )
        self.assertNotEqual(self.find(phone="600000124"), by_cron, "what a program takes in is no word of staff")

    def test_who_is_known_by_the_phone_alone_is_not_made_twice(self):
        one = self.find(phone="600000555", name="Rosa")
        self.assertEqual(one.name, "Rosa")
        self.assertEqual(self.find(phone="+34600000555"), one)

    def test_a_number_that_staff_writes_is_trusted_from_then_on(self):
        as_citizen = self.citizen.with_user(self.users["citizen"]).sudo()
        as_citizen.phone = "600000777"
        self.assertFalse(self.citizen.civic_phone_by_staff)
        self.citizen.with_user(self.users["agent"]).phone = "600000777"
        self.assertEqual(self.find(phone="600000777"), self.citizen)
        as_citizen.phone = "600000123"
        self.assertFalse(self.citizen.civic_phone_by_staff)

    def test_what_is_no_number_makes_nobody(self):
        for phone in (None, "", "1", "call me", "000"):
            with self.subTest(phone=phone):
                self.assertFalse(self.find(phone=phone))

    def test_the_document_says_more_than_address_and_phone(self):
        self.ana.civic_id_number = "12345678Z"
        find = self.Partner._find_or_create_citizen
        self.assertEqual(find("citizen@home.test", phone="1", document=("dni", "12345678-z")), self.ana)
        new = find("luz@home.test", "Luz", document=(None, "X2482300W"))
        self.assertEqual((new.civic_id_kind, new.civic_id_number), ("nie", "X2482300W"))
        self.assertEqual(find(None, document=("nie", "X2482300W")), new)
        self.assertEqual(find("citizen@home.test", document=("dni", "87654321X")), self.citizen)
        self.assertFalse(self.citizen.civic_id_number, "nothing known is overwritten")
        with self.assertRaises(ValidationError):
            find("luz@home.test", document=("dni", "12345678A"))

    def test_finding_and_making_by_address_stay_cheap(self):
        self.find("warm@home.test", name="W", phone="600000999", lang="en_US")
        Partner = self.Partner.with_user(self.users["public"])
        with self.assert_queries_at_most(9):  # one of them the country of the city, for the phone
            Partner._find_or_create_citizen("new@home.test", "New", "600000998", "en_US")
        with self.assert_queries_at_most(1):
            Partner._find_or_create_citizen("new@home.test", "New", "600000998", "en_US")

    def test_many_new_citizens_cost_few_queries_each(self):
        vals = [{"name": f"C {i}", "is_citizen": True, "phone": f"6000{i:05d}"} for i in range(200)]
        self.Partner.with_context(tracking_disable=True).create(vals[:1])
        with self.assert_queries_at_most(40):
            self.Partner.with_context(tracking_disable=True).create(vals)

    # who may be entered twice ----------------------------------------

    def pairs(self):
        found = self.env["civic.citizen.duplicate"].with_user(self.users["agent"]).search([])
        return {(pair.partner_id.name, pair.other_id.name) for pair in found}

    def test_signs_of_one_person_entered_twice(self):
        base = {"is_citizen": True, "civic_zone_id": self.old_town.id}
        for name, extra, expected in (
            ("Phone", {"phone": "+34 600 000 123"}, True),
            ("Mail", {"email": "ANA@home.test"}, True),
            ("SANZ, Ana", {}, True),
            ("Ána sanz", {"civic_zone_id": False, "civic_birth_date": "1980-01-01"}, True),
            ("Ana Sanz", {"civic_zone_id": self.centre.id}, False),
            ("Ana Sanz", {"civic_birth_date": "1999-01-01"}, False),
            ("Ana Sanz", {"is_company": True}, False),
            ("Ana Sanz", {"is_citizen": False, "email": "ana@home.test"}, False),
            ("Ana Sanz", {"active": False, "email": "ana@home.test"}, False),
            ("Ana Ruiz", {}, False),
        ):
            with self.subTest(name=name, extra=extra), self.env.cr.savepoint() as savepoint:
                self.ana.write({"civic_zone_id": self.old_town.id, "civic_birth_date": "1980-01-01"})
                other = self.Partner.create({"name": name, **base, **extra})
                found = {pair for pair in self.pairs() if "Ana Sanz" in pair}
                self.assertEqual(found, {("Ana Sanz", name)} if expected else set())
                twins = self.ana.with_user(self.users["agent"]).civic_twin_ids
                self.assertEqual(other in twins, expected)
                flagged = self.Partner.search([("civic_has_twin", "=", True)])
                self.assertEqual(self.ana in flagged, expected)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_two_people_told_apart_are_not_shown_again(self):
        other = self.Partner.create({"name": "Ana", "is_citizen": True, "phone": "600000123"})
        pair = self.env["civic.citizen.duplicate"].with_user(self.users["agent"]).search([])
        self.assertEqual(len(pair), 1)
        self.assertEqual(pair.strength, 1)
        pair.action_tell_apart()
        self.env.invalidate_all()
        self.assertFalse(self.pairs())
        self.assertFalse(self.ana.civic_twin_ids)
        self.assertFalse(other.civic_twin_ids)
        self.assertIn("somebody else", other.message_ids[0].body)

    def test_a_pair_is_the_same_pair_on_the_next_page(self):
        first = self.Partner.create({"name": "Ana", "is_citizen": True, "phone": "600000123"})
        pair = self.env["civic.citizen.duplicate"].search([])
        self.Partner.create({"name": "A0", "is_citizen": True, "email": "citizen@home.test"})
        self.env.invalidate_all()
        again = self.env["civic.citizen.duplicate"].browse(pair.ids)
        self.assertEqual((again.partner_id, again.other_id), (self.ana, first))

    # nobody disappears -----------------------------------------------

    def test_a_citizen_with_history_is_not_deleted(self):
        self.file_case(partner=self.ana)
        with self.assertRaises(UserError):
            self.ana.with_user(self.users["admin"]).unlink()
        self.assertTrue(self.Partner.create({"name": "Mistake", "is_citizen": True}).unlink())

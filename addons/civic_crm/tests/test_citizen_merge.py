# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..wizards.base_partner_merge import LOOKED_AT
from .common import CityCase


@tagged("post_install", "-at_install")
class TestCitizenMerge(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Partner = cls.env["res.partner"]
        cls.kept = Partner.create({"name": "Ana Sanz", "is_citizen": True, "email": "ana@home.test"})
        cls.other = Partner.create(
            {
                "name": "A. Sanz",
                "is_citizen": True,
                "phone": "+34 600 000 123",
                "street": "Main Street 3",
                "civic_zone_id": cls.old_town.id,
                "civic_id_number": "12345678Z",
                "civic_birth_date": "1980-05-06",
            }
        )
        cls.council = Partner.create({"name": "Council", "is_citizen": True, "is_company": True})
        cls.way = cls.env.ref("civic_crm.consent_purpose_news")._get_way("email")

    def merge(self, other=None, kept=None, user=None, login=None, **context):
        user = user or self.users["agent"]
        other, kept = other or self.other, kept or self.kept
        wizard = self.env["civic.citizen.join"].with_user(user).with_context(**context)
        wizard.create(
            {
                "kept_id": kept.id,
                "other_id": other.id,
                "reason": "Same person",
                "is_checked": True,
                "kept_login_id": login.id if login else False,
            }
        ).action_merge()
        self.env.invalidate_all()

    def plain_merge(self, partners, user=None):
        """Merge as core's own wizard does, which knows nothing of citizens."""
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user or self.users["agent"])
        wizard._merge(partners.ids, partners[0])

    # nothing is lost ---------------------------------------------------

    def test_the_whole_history_goes_to_the_one_kept(self):
        kept, other = self.kept, self.other
        cases = self.file_case(partner=kept) | self.file_case(partner=other) | self.file_case(self.tree, partner=other)
        archived = self.file_case(partner=other, active=False)
        lead = self.env["crm.lead"].create({"name": "Asks", "type": "lead", "partner_id": other.id})
        message = cases[1]._post_from_citizen("It is dark.")
        other.message_post(body="Called", message_type="comment")
        consents = kept._record_consent(self.way, "given", "form", evidence="a", at="2026-01-01 10:00:00")
        consents |= other._record_consent(self.way, "withdrawn", "phone", at="2026-02-01 10:00:00")
        membership = self.env["civic.membership"].create({"partner_id": other.id, "group_id": self.council.id})
        acts = self.env["civic.representation"].create(
            {"representative_id": other.id, "represented_id": self.council.id, "evidence": "Statutes"}
        )
        of_case = self.env["civic.representation"].create(
            {
                "representative_id": self.citizen.id,
                "represented_id": other.id,
                "evidence": "x",
                "scope": "case",
                "case_id": cases[1].id,
            }
        )
        filed_for = self.file_case(partner=self.council, representative_id=other.id)
        self.env["res.partner"].with_user(self.users["agent"])._look_up_document("dni", "12345678Z")
        topic = self.env["civic.topic"].search([], limit=2)
        other.civic_topic_ids = [Command.set(topic.ids)]
        kept.civic_topic_ids = [Command.set(topic[:1].ids)]

        self.merge()

        self.assertFalse(other.exists())
        self.assertEqual((cases | archived).partner_id, kept)
        self.assertEqual((cases | archived).commercial_partner_id, kept)
        self.assertEqual(lead.partner_id, kept)
        self.assertEqual(message.author_id, kept)
        self.assertTrue(kept.message_ids.filtered(lambda m: "Called" in (m.body or "")))
        self.assertEqual(consents.partner_id, kept)
        self.assertFalse(kept.civic_allowed_ids, "the later decision counts")
        self.assertEqual(kept.civic_refused_ids, self.way)
        self.assertEqual(membership.partner_id, kept)
        self.assertEqual(acts.representative_id, kept)
        self.assertEqual(of_case.represented_id, kept)
        self.assertTrue(cases[1]._may_act_for(self.citizen))
        self.assertEqual(filed_for.representative_id, kept)
        self.assertEqual(kept.civic_topic_ids, topic)
        self.assertEqual(self.env["civic.identity.lookup"].search([], limit=1).partner_id, kept)

    def test_every_place_that_points_to_a_citizen_points_to_the_one_kept(self):
        """Also those of addons that nobody thought of here."""
        self.file_case(partner=self.other)
        gone = self.other.id
        self.merge()
        wizard = self.env["base.partner.merge.automatic.wizard"]
        for table, column in wizard._get_fk_on("res_partner"):
            if not table.startswith(("base_partner_merge", "civic_citizen_join", "civic_citizen_find")):
                with self.subTest(table=table, column=column):
                    self.env.cr.execute(f'SELECT count(*) FROM "{table}" WHERE "{column}" = %s', (gone,))
                    self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_who_follows_the_same_case_keeps_following_the_others(self):
        """Core would delete all of one's rows for the one that collides."""
        shared, only = self.file_case(partner=self.citizen), self.file_case(partner=self.citizen)
        shared.message_subscribe((self.kept | self.other).ids)
        only.message_subscribe(self.other.ids)
        self.merge()
        self.assertEqual(shared.message_partner_ids & self.kept, self.kept)
        self.assertEqual(only.message_partner_ids & self.kept, self.kept)

    def test_who_was_told_the_same_is_told_once(self):
        case = self.file_case(partner=self.citizen)
        message = case.message_post(body="x", partner_ids=(self.kept | self.other).ids)
        self.merge()
        self.assertEqual(message.notified_partner_ids & self.kept, self.kept)

    def test_a_membership_both_have_is_one(self):
        for partner in (self.kept, self.other):
            self.env["civic.membership"].create({"partner_id": partner.id, "group_id": self.council.id})
        club = self.env["res.partner"].create({"name": "Club", "is_citizen": True, "is_company": True})
        self.env["civic.membership"].create({"partner_id": self.other.id, "group_id": club.id})
        self.merge()
        self.assertEqual(len(self.kept.civic_membership_ids), 2)

    def test_nobody_represents_themselves_afterwards(self):
        Mandate = self.env["civic.representation"]
        Mandate.create({"representative_id": self.kept.id, "represented_id": self.other.id, "evidence": "x"})
        stays = Mandate.create({"representative_id": self.other.id, "represented_id": self.council.id, "evidence": "x"})
        case = self.file_case(partner=self.other, representative_id=self.kept.id)
        self.merge()
        self.assertEqual(self.kept.civic_representation_ids, stays)
        self.assertFalse(case.representative_id)
        self.assertEqual(case.partner_id, self.kept)

    def test_what_the_kept_entry_does_not_say_is_taken_from_the_other(self):
        self.merge()
        kept = self.kept
        self.assertEqual((kept.name, kept.email), ("Ana Sanz", "ana@home.test"))
        self.assertEqual((kept.phone, kept.street), ("+34 600 000 123", "Main Street 3"))
        self.assertEqual(kept.civic_zone_id, self.old_town)
        self.assertEqual((kept.civic_id_kind, kept.civic_id_number), ("dni", "12345678Z"))
        self.assertEqual(str(kept.civic_birth_date), "1980-05-06")

    # logged --------------------------------------------------------------

    def test_a_merge_says_who_when_why_and_what_was_there(self):
        self.file_case(partner=self.other)
        gone = self.other.id
        self.merge()
        log = self.env["civic.citizen.merge"].search([("partner_id", "=", self.kept.id)])
        self.assertEqual((log.merged_id, log.merged_name, log.reason), (gone, "A. Sanz", "Same person"))
        self.assertEqual((log.user_id, log.case_count), (self.users["agent"], 1))
        self.assertEqual(log.merged_values["phone"], "+34 600 000 123")
        self.assertEqual(log.merged_values["document"], "***4567**")
        self.assertNotIn("12345678", str(log.read()))
        self.assertNotIn("1980", str(log.merged_values))
        self.assertIn("A. Sanz", self.kept.message_ids.filtered("body")[:1].body)
        for tamper in (lambda: log.sudo().write({"reason": "x"}), lambda: log.sudo().unlink()):
            with self.assertRaises(UserError):
                tamper()

    def test_the_log_of_the_other_goes_along(self):
        third = self.env["res.partner"].create({"name": "Third", "is_citizen": True})
        self.merge(other=third, kept=self.other)
        self.merge()
        logs = self.env["civic.citizen.merge"].search([("partner_id", "=", self.kept.id)])
        self.assertEqual(logs.mapped("merged_name"), ["A. Sanz", "Third"])

    # guarded -------------------------------------------------------------

    def test_who_merges(self):
        for role in self.users:
            may = role in ("agent", "manager", "admin")
            with self.subTest(role=role), self.env.cr.savepoint() as savepoint:
                self.env.invalidate_all()
                if may:
                    self.merge(user=self.users[role])
                    self.assertFalse(self.other.exists())
                else:
                    with self.assertRaises(AccessError):
                        self.merge(user=self.users[role])
                    with self.assertRaises(AccessError):
                        self.plain_merge(self.kept | self.other, self.users[role])
                savepoint.rollback()
                self.env.invalidate_all()

    def test_core_s_own_wizard_is_guarded_and_logged_too(self):
        self.other.email = self.kept.email  # which core demands
        self.plain_merge(self.kept | self.other)
        self.assertFalse(self.other.exists())
        self.assertEqual(self.env["civic.citizen.merge"].search([], limit=1).partner_id, self.kept)

    def test_two_documents_are_two_people_but_for_the_administrator(self):
        self.kept.civic_id_number = "X2482300W"
        with self.assertRaisesRegex(UserError, "different documents"):
            self.merge()
        self.merge(user=self.users["admin"])
        self.assertEqual(self.kept.civic_id_number, "X2482300W")

    def test_a_person_and_an_association_are_never_one(self):
        with self.assertRaises(UserError):
            self.merge(other=self.council)

    def test_two_logins_are_the_administrators_to_merge(self):
        with self.assertRaisesRegex(UserError, "The administrator merges them"):
            self.merge(other=self.neighbour, kept=self.citizen)
        self.neighbour.email = self.citizen.email
        with self.assertRaisesRegex(UserError, "The administrator merges them"):
            self.plain_merge(self.neighbour | self.citizen, self.users["admin"])

    def test_of_two_logins_somebody_chooses_the_one_that_stays(self):
        with self.assertRaisesRegex(UserError, "Choose which one stays"):
            self.merge(other=self.neighbour, kept=self.citizen, user=self.users["admin"])
        with self.assertRaisesRegex(UserError, "Choose which one stays"):
            stranger = self.users["employee"]
            self.merge(other=self.neighbour, kept=self.citizen, user=self.users["admin"], login=stranger)
        self.assertTrue(self.users["neighbour"].active)

    def test_the_other_login_ends_with_its_sessions_and_keys(self):
        stays, ends = self.users["neighbour"], self.users["citizen"]
        case = self.file_case(partner=self.citizen)
        self.env["res.users.apikeys"].with_user(ends).sudo()._generate("rpc", "mine", "2999-01-01")
        token = ends._compute_session_token("a" * 84)
        self.merge(other=self.neighbour, kept=self.citizen, user=self.users["admin"], login=stays)
        self.assertEqual((stays.partner_id, stays.active), (self.citizen, True))
        self.assertEqual(case.partner_id, stays.partner_id)
        self.assertFalse(ends.active)
        self.assertNotEqual(ends._compute_session_token("a" * 84), token, "nobody is logged in with it")
        self.assertFalse(self.env["res.users.apikeys"].search([("user_id", "=", ends.id)]))
        self.assertFalse(ends.partner_id.active or ends.partner_id.is_citizen or ends.partner_id.email)
        log = self.env["civic.citizen.merge"].search([], limit=1)
        self.assertEqual((log.ended_login, log.user_id), ("t_citizen", self.users["admin"]))

    def test_staff_is_not_merged(self):
        employee = self.users["employee"].partner_id
        with self.assertRaisesRegex(UserError, "staff"):
            self.merge(other=employee)

    def test_a_login_is_merged_only_by_who_has_looked(self):
        self.kept.email = self.citizen.email
        with self.assertRaisesRegex(UserError, "has a login"):
            self.plain_merge(self.citizen | self.kept)
        wizard = self.env["civic.citizen.join"].with_user(self.users["agent"])
        wizard = wizard.create({"kept_id": self.citizen.id, "other_id": self.kept.id, "reason": "x"})
        self.assertTrue(wizard.has_login)
        with self.assertRaisesRegex(UserError, "Check who it is"):
            wizard.action_merge()
        wizard.is_checked = True
        wizard.action_merge()
        self.assertEqual(self.users["citizen"].partner_id, self.citizen)
        self.assertTrue(self.env["civic.citizen.merge"].search([], limit=1).had_login)

    def test_a_login_moves_to_the_one_kept(self):
        self.merge(other=self.citizen, kept=self.kept)
        self.assertEqual(self.users["citizen"].partner_id, self.kept)

    def test_nobody_is_given_anothers_history_by_having_taken_the_address(self):
        """A login writes itself the victim's address, shows up among the duplicates and waits."""
        victim = self.kept
        self.citizen.with_user(self.users["citizen"]).sudo().email = victim.email
        for other, kept in ((victim, self.citizen), (self.citizen, victim)):
            with self.subTest(kept=kept.name), self.assertRaisesRegex(UserError, "nobody has checked"):
                self.merge(other=other, kept=kept)
        self.merge(other=victim, kept=self.citizen, user=self.users["admin"])
        self.assertEqual(self.citizen.civic_trusted_email, "citizen@home.test", "merging vouches for nothing")

    def test_merging_vouches_for_no_phone(self):
        as_citizen = self.citizen.with_user(self.users["citizen"]).sudo()
        as_citizen.phone = "+34 600 000 999"
        self.merge(other=self.kept, kept=self.citizen)
        self.assertFalse(self.citizen.civic_phone_by_staff)

    def test_two_addresses_are_merged_only_by_who_has_looked(self):
        self.other.email = "sanz@home.test"
        with self.assertRaisesRegex(UserError, "different addresses"):
            self.plain_merge(self.kept | self.other)
        self.merge()
        self.assertEqual(self.kept.email, "ana@home.test")

    def test_no_client_can_say_that_a_person_has_looked(self):
        self.kept.email = self.citizen.email
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(self.users["agent"])
        with self.assertRaises(UserError):
            wizard.with_context(civic_merge=True)._merge((self.citizen | self.kept).ids, self.citizen)
        self.assertNotEqual(LOOKED_AT, True)

    def test_the_wizard_offers_to_keep_who_has_the_login_then_the_document(self):
        Join = self.env["civic.citizen.join"].with_user(self.users["agent"])

        def offered(one, two):
            with Form(Join.with_context(active_model="res.partner", active_ids=(one | two).ids)) as form:
                form.reason = "x"
            return form.record.kept_id

        self.assertEqual(offered(self.kept, self.other), self.other)
        self.assertEqual(offered(self.other, self.citizen), self.citizen)
        wizard = Join.create({"kept_id": self.kept.id, "other_id": self.other.id, "reason": "x"})
        self.assertIn("Main Street 3", wizard.comparison)
        self.assertNotIn("12345678", wizard.comparison)
        wizard.action_swap()
        self.assertEqual(wizard.kept_id, self.other)

    def test_contacts_that_are_no_citizens_are_merged_as_ever(self):
        pair = self.env["res.partner"].create([{"name": n, "email": "x@shop.test"} for n in "AB"])
        self.plain_merge(pair, self.env.ref("base.user_admin"))
        self.assertEqual(len(pair.exists()), 1)
        self.assertFalse(self.env["civic.citizen.merge"].search([]))

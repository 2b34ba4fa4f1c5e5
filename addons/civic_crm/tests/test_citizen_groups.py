# SPDX-License-Identifier: AGPL-3.0-or-later
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import CityCase

TODAY = "2026-03-10"


@tagged("post_install", "-at_install")
class TestCitizenGroups(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(f"{TODAY} 09:00:00"))
        Partner = cls.env["res.partner"]
        cls.council = Partner.create({"name": "Old Town Council", "is_citizen": True, "civic_kind": "association"})
        cls.daughter = Partner.create({"name": "Daughter", "is_citizen": True, "email": "daughter@home.test"})
        cls.lamps = cls.env["helpdesk.ticket.category"].create({"name": "Lamps", "parent_id": cls.street_light.id})

    def mandate(self, **vals):
        return self.env["civic.representation"].create(
            {
                "representative_id": self.daughter.id,
                "represented_id": self.citizen.id,
                "evidence": "Signed at the counter",
                "date_from": "2026-03-01",
                **vals,
            }
        )

    # parenting -------------------------------------------------------

    def test_no_citizen_is_put_below_another(self):
        with self.assertRaisesRegex(ValidationError, "membership"), self.env.cr.savepoint():
            self.citizen.parent_id = self.council
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.env["res.partner"].create({"name": "A", "is_citizen": True, "parent_id": self.council.id})
        contact = self.env["res.partner"].create({"name": "Office", "parent_id": self.council.id})
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            contact.is_citizen = True

    # membership ------------------------------------------------------

    def test_a_citizen_belongs_to_several_associations_and_no_association_is_a_person(self):
        club = self.env["res.partner"].create({"name": "Club", "is_citizen": True, "is_company": True})
        Membership = self.env["civic.membership"]
        both = Membership.create([{"partner_id": self.citizen.id, "group_id": g.id} for g in (self.council, club)])
        self.assertEqual(self.citizen.civic_membership_ids.group_id, self.council | club)
        self.assertTrue(all(both.mapped("is_current")))
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            Membership.create({"partner_id": self.citizen.id, "group_id": self.neighbour.id})

    def test_impossible_memberships_are_refused(self):
        Membership = self.env["civic.membership"]
        one = {"partner_id": self.citizen.id, "group_id": self.council.id}
        Membership.create(one)
        for vals in (
            one,  # twice at once
            {"partner_id": self.council.id, "group_id": self.council.id},
            {**one, "date_from": TODAY, "date_to": "2026-03-09"},
        ):
            with self.subTest(vals=vals), mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                Membership.create(vals)
                self.env.flush_all()

    def test_a_membership_is_current_from_its_first_to_its_last_day(self):
        Membership = self.env["civic.membership"]
        for dates, expected in (
            (("2026-03-10", False), True),
            (("2026-03-11", False), False),
            (("2026-01-01", "2026-03-10"), True),
            (("2026-01-01", "2026-03-09"), False),
        ):
            with self.subTest(dates=dates):
                membership = Membership.create(
                    {
                        "partner_id": self.citizen.id,
                        "group_id": self.council.id,
                        "date_from": dates[0],
                        "date_to": dates[1],
                    }
                )
                self.assertEqual(membership.is_current, expected)
                found = Membership.search([("is_current", "=", True), ("id", "=", membership.id)])
                self.assertEqual(bool(found), expected)
                found = Membership.search([("is_current", "=", False), ("id", "=", membership.id)])
                self.assertEqual(bool(found), not expected)
                membership.unlink()

    def test_belonging_gives_no_right_to_act(self):
        self.env["civic.membership"].create({"partner_id": self.daughter.id, "group_id": self.council.id})
        case = self.file_case(partner=self.council)
        self.assertFalse(case._may_act_for(self.daughter))
        self.assertFalse(self.daughter._get_represented())

    # representation --------------------------------------------------

    def test_who_may_act_in_whose_case(self):
        """One table for the judge of one case, the list of cases and the list of who is represented."""
        case = self.file_case(service=self.lamps)
        other = self.file_case(service=self.tree)
        neighbours = self.file_case(partner=self.neighbour)
        both = {case, other}
        past = {"date_from": "2025-01-01", "date_to": "2026-03-09"}
        for vals, expected in (
            (None, set()),
            ({}, both),
            ({"date_from": TODAY}, both),
            ({"date_to": TODAY}, both),
            ({"scope": "service", "service_id": self.street_light.id}, {case}),
            ({"scope": "service", "service_id": self.lamps.id}, {case}),
            ({"scope": "service", "service_id": self.internal_service.id}, set()),
            ({"scope": "case", "case_id": other.id}, {other}),
            (past, set()),
            ({"date_from": "2026-03-11"}, set()),
            ({"scope": "case", "case_id": other.id, **past}, set()),
        ):
            with self.subTest(vals=vals), self.env.cr.savepoint() as savepoint:
                if vals is not None:
                    self.mandate(**vals)
                may = {c for c in (case, other, neighbours) if c._may_act_for(self.daughter)}
                self.assertEqual(may, expected)
                domain = self.env["helpdesk.ticket"]._get_acting_domain(self.daughter)
                self.assertEqual(set(self.env["helpdesk.ticket"].search(domain)), expected)
                outside_scope = vals and vals.get("service_id") == self.internal_service.id
                represented = self.citizen if expected or outside_scope else self.citizen.browse()
                self.assertEqual(self.daughter._get_represented(), represented)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_everybody_acts_in_the_own_cases_and_nobody_in_nobodys(self):
        case = self.file_case()
        self.assertTrue(case._may_act_for(self.citizen))
        self.assertFalse(case._may_act_for(self.neighbour))
        self.assertFalse(case._may_act_for(self.env["res.partner"]))
        anonymous = self.file_case(service=self.tree, partner_id=False)
        self.assertFalse(anonymous._may_act_for(self.citizen))
        self.assertFalse(anonymous._may_act_for(self.env["res.partner"]))

    def test_a_representation_goes_one_way(self):
        self.mandate()
        self.assertFalse(self.file_case(partner=self.daughter)._may_act_for(self.citizen))
        self.assertFalse(self.citizen._get_represented())

    def test_a_representative_of_a_representative_represents_nobody_further(self):
        self.mandate()
        self.mandate(representative_id=self.neighbour.id, represented_id=self.daughter.id)
        self.assertFalse(self.file_case()._may_act_for(self.neighbour))

    def test_revoked_is_revoked_at_once_and_the_past_stays(self):
        case = self.file_case()
        mandate = self.mandate()
        mandate.with_user(self.users["agent"])._revoke("Asked for by phone")
        self.assertEqual(mandate.state, "revoked")
        self.assertEqual(mandate.revoked_by_id, self.users["agent"])
        self.assertFalse(case._may_act_for(self.daughter))
        self.assertFalse(self.daughter._get_represented())
        self.assertFalse(self.env["helpdesk.ticket"].search(case._get_acting_domain(self.daughter)))
        yesterday = mandate.date_from.replace(day=9)
        self.assertTrue(case._may_act_for(self.daughter, yesterday))
        self.assertEqual(self.daughter._get_represented(yesterday), self.citizen)

    def test_the_citys_day_decides_not_greenwichs(self):
        case = self.file_case()
        mandate = self.mandate()
        with freeze_time("2026-03-10 23:30:00"):  # half past midnight of the 11th in the city
            mandate._revoke("late")
        tenth = mandate.date_from.replace(day=10)
        self.assertTrue(case._may_act_for(self.daughter, tenth))
        self.assertEqual(self.daughter._get_represented(tenth), self.citizen)
        self.assertFalse(case._may_act_for(self.daughter, tenth.replace(day=11)))

    def test_impossible_representations_are_refused(self):
        foreign = self.file_case(partner=self.neighbour)
        for vals in (
            {"representative_id": self.citizen.id},
            {"date_to": "2026-02-28"},
            {"evidence": False},
            {"scope": "service"},
            {"scope": "case"},
            {"scope": "all", "service_id": self.tree.id},
            {"scope": "service", "service_id": self.tree.id, "case_id": self.file_case().id},
            {"scope": "case", "case_id": foreign.id},
        ):
            error = ValidationError if vals == {"scope": "case", "case_id": foreign.id} else IntegrityError
            with self.subTest(vals=vals), mute_logger("odoo.sql_db"), self.assertRaises(error):
                self.mandate(**vals)
                self.env.flush_all()

    def test_a_mandate_is_not_changed_into_another(self):
        mandate = self.mandate(date_to="2026-12-31").with_user(self.users["admin"])
        for vals in (
            {"representative_id": self.neighbour.id},
            {"represented_id": self.neighbour.id},
            {"scope": "case", "case_id": self.file_case().id},
            {"date_from": "2020-01-01"},
            {"revoked_at": False},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                mandate.write(vals)
        mandate.date_to = "2026-06-30"
        mandate._revoke("ended")
        with self.assertRaises(AccessError):
            mandate.date_to = "2027-01-01"
        with self.assertRaises(UserError):
            mandate.unlink()
        with self.assertRaises(AccessError):
            mandate.create(
                {
                    "representative_id": self.daughter.id,
                    "represented_id": self.neighbour.id,
                    "evidence": "x",
                    "revoked_at": "2020-01-01 00:00:00",
                }
            )

    def test_a_case_is_filed_for_another_only_by_who_represents_them(self):
        with self.assertRaisesRegex(ValidationError, "does not represent"), self.env.cr.savepoint():
            self.file_case(representative_id=self.daughter.id)
        mandate = self.mandate(scope="service", service_id=self.street_light.id)
        self.assertEqual(self.file_case(representative_id=self.daughter.id).representative_id, self.daughter)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.file_case(service=self.tree, representative_id=self.daughter.id)
        case = self.file_case()
        mandate._revoke("over")
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            case.representative_id = self.daughter
        early = self.file_case(filed_at="2026-03-05 09:00:00", representative_id=self.daughter.id)
        self.assertTrue(early, "a letter of before is filed after")

    def test_the_wizard_revokes_with_a_reason(self):
        mandate = self.mandate().with_user(self.users["agent"])
        action = mandate.action_revoke()
        with Form(
            self.env[action["res_model"]].with_user(self.users["agent"]).with_context(**action["context"])
        ) as form:
            form.reason = "Death"
        form.record.action_revoke()
        self.assertEqual(mandate.revoke_reason, "Death")
        with self.assertRaises(AccessError):
            self.mandate(represented_id=self.neighbour.id).with_user(self.users["worker"])._revoke("x")

    def test_filing_many_for_others_costs_no_more_for_those_who_file_themselves(self):
        vals = {
            "name": "A",
            "description": "x",
            "category_id": self.street_light.id,
            "channel_id": self.web.id,
            "partner_id": self.citizen.id,
        }
        Case = self.env["helpdesk.ticket"].with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        Case.create(vals)
        with self.assert_queries_at_most(160):
            Case.create([vals] * 100)

    # topics ----------------------------------------------------------

    def test_topics_count_their_citizens_in_one_query(self):
        topics = self.env["civic.topic"].search([])
        self.assertGreaterEqual(len(topics), 12)
        one, two = topics[:2]
        self.citizen.civic_topic_ids = [Command.set((one | two).ids)]
        self.neighbour.civic_topic_ids = [Command.set(one.ids)]
        with self.assert_queries_at_most(1):
            topics.mapped("citizen_count")
        self.assertEqual((one.citizen_count, two.citizen_count), (2, 1))

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import tagged

from .common import CityCase

STAFF = ("agent", "worker", "head", "manager", "admin", "auditor", "stranger", "employee")
CASES = ("agent", "worker", "head", "manager", "admin", "auditor", "stranger")
DESK = ("agent", "manager", "admin")


@tagged("post_install", "-at_install")
class TestCitizenAccess(CityCase):
    """Every model of citizens, every role, every operation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.council = cls.env["res.partner"].create({"name": "Council", "is_citizen": True, "is_company": True})
        cls.way = cls.env.ref("civic_crm.consent_purpose_news")._get_way("email")

    def test_lists_that_the_city_keeps(self):
        everybody = dict.fromkeys(STAFF, "r") | {"admin": "rwcu"}
        for xmlid in ("association_kind_sports", "membership_role_chair", "consent_purpose_news"):
            self.assert_matrix(self.env.ref(f"civic_crm.{xmlid}"), everybody)
        topic = dict.fromkeys(STAFF, "r") | {"admin": "rwcu"}
        self.assert_matrix(self.env.ref("civic_crm.topic_parks"), topic)
        self.assert_matrix(self.way, dict.fromkeys(STAFF, "r"))

    def test_memberships(self):
        vals = {"partner_id": self.citizen.id, "group_id": self.council.id}
        membership = self.env["civic.membership"].create({**vals, "date_to": "2099-01-01"})
        allowed = dict.fromkeys(CASES, "r") | dict.fromkeys(DESK, "rwc") | {"admin": "rwcu"}
        self.assert_matrix(membership, allowed, create_vals=vals)

    def test_representations(self):
        vals = {"representative_id": self.citizen.id, "represented_id": self.council.id, "evidence": "x"}
        mandate = self.env["civic.representation"].create(vals)
        allowed = dict.fromkeys(CASES, "r") | dict.fromkeys(DESK, "rwc")
        self.assert_matrix(mandate, allowed, create_vals=vals)

    def test_consents(self):
        consent = self.citizen._record_consent(self.way, "given", "form", evidence="x")
        vals = {"partner_id": self.citizen.id, "way_id": self.way.id, "decision": "withdrawn", "source": "phone"}
        allowed = dict.fromkeys(CASES, "r") | dict.fromkeys(DESK, "rc")
        self.assert_matrix(consent, allowed, create_vals=vals)

    def test_history_duplicates_merges_and_look_ups(self):
        self.file_case()
        event = self.env["civic.citizen.event"].search([("partner_id", "=", self.citizen.id)])
        self.assertTrue(event)
        for role, user in self.users.items():
            with self.subTest(role=role):
                self.assertEqual(event.browse().with_user(user).has_access("read"), role in CASES)
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(event.browse().with_user(user).has_access(operation))
        self.assert_matrix(self.env["civic.citizen.duplicate"], dict.fromkeys((*DESK, "auditor"), "r"))
        self.assert_matrix(self.env["civic.citizen.merge"], dict.fromkeys((*DESK, "auditor"), "r"))
        self.assert_matrix(self.env["civic.identity.lookup"], dict.fromkeys(("admin", "auditor"), "r"))

    def test_wizards_of_the_counter(self):
        for model in (
            "civic.citizen.find",
            "civic.citizen.join",
            "civic.consent.decide",
            "civic.representation.revoke",
        ):
            self.assert_matrix(self.env[model], dict.fromkeys(DESK, "rwcu"))

    def test_what_a_colleague_has_typed_is_not_read(self):
        theirs = self.env["civic.citizen.find"].with_user(self.users["agent"]).create({"id_number": "12345678Z"})
        self.env.invalidate_all()
        self.assertFalse(theirs.with_user(self.users["manager"]).has_access("read"))

    def test_a_citizen_reads_of_the_own_entry_no_more_than_is_theirs(self):
        mine = self.citizen.with_user(self.users["citizen"])
        readable = mine.fields_get()
        for name in self.env["res.partner"]._fields:
            if name.startswith("civic_") and name in readable:
                self.assertIn(
                    name,
                    {"civic_zone_id", "civic_topic_ids", "civic_channel_id", "civic_kind", "civic_association_kind_id"},
                )

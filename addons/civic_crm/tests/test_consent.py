# SPDX-License-Identifier: AGPL-3.0-or-later
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from ..models.civic_consent import ANONYMISING
from .common import CityCase


@tagged("post_install", "-at_install")
class TestConsent(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.news = cls.env.ref("civic_crm.consent_purpose_news")
        cls.service = cls.env.ref("civic_crm.consent_purpose_service")
        cls.by_mail = cls.news._get_way("email")
        cls.by_sms = cls.news._get_way("sms")

    def record(self, decision, ways=None, partners=None, **facts):
        facts = {"evidence": "Form 3, 2026", **facts}
        return (partners or self.citizen)._record_consent(ways or self.by_mail, decision, "form", **facts)

    def allowed(self, way):
        return self.env["res.partner"].search(
            [("civic_allowed_ids", "in", way.ids), ("id", "in", (self.citizen | self.neighbour).ids)]
        )

    def test_the_city_begins_with_four_purposes_and_their_channels(self):
        bases = {p.name: p.lawful_basis for p in self.env["civic.consent.purpose"].search([])}
        self.assertEqual(len(bases), 4)
        self.assertEqual(bases["Service messages"], "public_task")
        self.assertEqual(self.news.way_ids.mapped("channel"), ["email", "sms", "app"])
        self.assertEqual(self.by_mail.display_name, "News by topic · E-mail")

    def test_the_latest_decision_counts_for_each_purpose_and_channel(self):
        self.record("given", self.by_mail | self.by_sms, at="2026-03-01 10:00:00")
        self.assertEqual(self.citizen.civic_allowed_ids, self.by_mail | self.by_sms)
        self.record("withdrawn", self.by_sms, at="2026-03-02 10:00:00", evidence=False)
        self.assertEqual(self.citizen.civic_allowed_ids, self.by_mail)
        self.assertEqual(self.citizen.civic_refused_ids, self.by_sms)
        self.record("given", self.by_sms, at="2026-03-01 12:00:00")  # a sheet found later
        self.assertEqual(self.citizen.civic_refused_ids, self.by_sms)
        self.record("given", self.by_sms, at="2026-03-03 10:00:00")
        self.assertEqual(self.citizen.civic_allowed_ids, self.by_mail | self.by_sms)
        self.assertFalse(self.citizen.civic_refused_ids)
        self.assertEqual(len(self.citizen.civic_consent_ids), 5, "every decision stays")

    def test_of_two_decisions_at_the_same_second_the_one_recorded_last_counts(self):
        self.record("given", at="2026-03-01 10:00:00")
        self.record("withdrawn", at="2026-03-01 10:00:00")
        self.assertFalse(self.citizen.civic_allowed_ids)

    def test_audiences_filter_on_what_counts(self):
        self.record("given")
        self.assertEqual(self.allowed(self.by_mail), self.citizen)
        self.assertFalse(self.allowed(self.by_sms))
        self.record("withdrawn")
        self.assertFalse(self.allowed(self.by_mail))

    def test_without_need_of_consent_everybody_is_reached_but_who_objected(self):
        both = self.citizen | self.neighbour
        way = self.service._get_way("email")
        self.record("withdrawn", way)
        search = self.env["res.partner"].search
        self.assertEqual(search(way._get_audience_domain() & self.among(both)), self.neighbour)
        self.record("given", self.by_mail)
        self.assertEqual(search(self.by_mail._get_audience_domain() & self.among(both)), self.citizen)

    def among(self, partners):
        from odoo.fields import Domain

        return Domain("id", "in", partners.ids)

    def test_the_filter_uses_an_index(self):
        partners = self.env["res.partner"].create([{"name": f"P{i}", "is_citizen": True} for i in range(50)])
        self.record("given", partners=partners)
        query = self.env["res.partner"]._search([("civic_allowed_ids", "in", self.by_mail.ids)])
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        sql = query.select()
        self.env.cr.execute("EXPLAIN " + sql.code, sql.params)
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertRegex(plan, r"Index (Only )?(Scan|Cond).*|Bitmap Index Scan")
        self.assertRegex(plan, r"civic_allowed_rel\w*(_idx|_pkey)")

    def test_a_decision_is_neither_changed_nor_deleted_by_anybody(self):
        consent = self.record("given")
        for user in (*self.users.values(), self.env.ref("base.user_root")):
            with self.subTest(user=user.login):
                theirs = consent.with_user(user)
                with self.assertRaises(UserError):
                    theirs.write({"decision": "withdrawn"})
                with self.assertRaises(UserError):
                    theirs.unlink()
        with self.assertRaises(UserError):
            consent.sudo().write({"at": "2020-01-01 00:00:00"})
        with self.assertRaises(UserError):  # a client can send no object
            consent.sudo().with_context(civic_anonymising=True).write({"evidence": "x"})

    def test_only_the_anonymising_hook_blots_out_the_evidence(self):
        consent = self.record("given", evidence="Signed by Ana")
        anonymising = {"civic_anonymising": ANONYMISING}
        with self.assertRaises(UserError):
            consent.with_user(self.users["admin"]).with_context(**anonymising).write({"evidence": "x"})
        consent.sudo().with_context(**anonymising).write({"evidence": "Anonymised"})
        self.assertEqual(consent.evidence, "Anonymised")

    def test_what_counts_is_not_written_by_hand(self):
        admin = self.citizen.with_user(self.users["admin"])
        for field in ("civic_allowed_ids", "civic_refused_ids"):
            with self.subTest(field=field):
                with self.assertRaises(UserError):
                    admin.write({field: [Command.link(self.by_mail.id)]})
                with self.assertRaises(UserError):
                    admin.create({"name": "A", field: [Command.link(self.by_mail.id)]})

    def test_a_yes_needs_a_proof_and_a_no_does_not(self):
        with self.assertRaises(ValidationError):
            self.record("given", evidence=" ")
        self.record("given", evidence=False, evidence_file=b"c2lnbmVk")
        self.record("withdrawn", evidence=False)
        self.record("given", self.service._get_way("email"), evidence=False)

    def test_nobody_decides_in_the_future(self):
        with freeze_time("2026-03-10 09:00:00"), self.assertRaises(ValidationError):
            self.record("given", at="2026-03-10 10:00:00")

    def test_nobody_records_in_anothers_name(self):
        agent = self.users["agent"]
        consent = self.citizen.with_user(agent)._record_consent(
            self.by_mail, "given", "counter", evidence="x", author_id=self.users["manager"].id
        )
        self.assertEqual(consent.author_id, agent)

    def test_a_decision_keeps_the_basis_it_was_made_on(self):
        consent = self.record("given")
        self.news.lawful_basis = "public_task"
        self.assertEqual(consent.lawful_basis, "consent")

    def test_a_channel_no_longer_used_is_kept_for_what_was_decided(self):
        self.record("given", self.by_sms)
        self.news.by_sms = False
        self.assertFalse(self.by_sms.active)
        self.assertFalse(self.news._get_way("sms"))
        self.assertEqual(self.citizen.civic_consent_ids.way_id, self.by_sms)
        self.news.by_sms = True
        self.assertTrue(self.by_sms.active, "the same way, not another")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.by_sms.copy()

    def test_a_purpose_with_decisions_is_not_deleted(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.news.unlink()

    def test_a_citizen_with_decisions_is_not_deleted(self):
        eva = self.env["res.partner"].create({"name": "Eva", "is_citizen": True})
        self.record("given", partners=eva)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            eva.unlink()

    def test_the_counter_records_for_whom_it_stands_in_front_of(self):
        Decide = self.env["civic.consent.decide"].with_user(self.users["agent"])
        with Form(Decide.with_context(default_partner_ids=self.citizen.ids)) as form:
            form.way_ids.add(self.by_mail)
            form.evidence = "Sheet 12"
        form.record.action_record()
        self.assertEqual(self.citizen.civic_allowed_ids, self.by_mail)
        consent = self.citizen.civic_consent_ids
        self.assertEqual((consent.source, consent.author_id), ("counter", self.users["agent"]))
        self.assertIn("at most once a week", form.record.description)
        with self.assertRaises(AccessError):
            Decide.with_user(self.users["worker"]).create({"partner_ids": self.citizen.ids})

    def test_an_import_of_thousands_costs_as_few_queries_as_one(self):
        partners = self.env["res.partner"].create([{"name": f"P{i}", "is_citizen": True} for i in range(1000)])
        self.record("given", partners=partners[:1])
        with self.assert_queries_at_most(30):
            self.record("given", self.by_mail | self.by_sms, partners=partners)
        self.assertEqual(
            self.env["res.partner"].search_count([("civic_allowed_ids", "in", self.by_sms.ids)]), len(partners)
        )

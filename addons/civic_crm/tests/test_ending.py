# SPDX-License-Identifier: AGPL-3.0-or-later
import base64
import io
from datetime import timedelta

from PIL import Image

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.mail.tests.common import MailCommon

from .common import CityMixin, QueryBudgetMixin, SecurityMatrixMixin


def photo():
    """Return the bytes of a small JPEG that says where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Telephone"
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(out, "JPEG", exif=exif)
    return out.getvalue()


class EndingCase(CityMixin, SecurityMatrixMixin, QueryBudgetMixin, MailCommon):
    """A city whose citizens have a page where they are asked, as civic_portal gives one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.case = cls.file_case()
        cls.case._subscribe_requester_of_new()
        for name in ("solved", "informed", "planned", "not_competent", "rejected", "duplicate", "withdrawn"):
            setattr(cls, name, cls.env.ref(f"civic_crm.outcome_{name}"))
        cls.law = cls.env.ref("civic_crm.reason_law")
        cls.region = cls.env.ref("civic_crm.referral_region")
        stages = ("new", "in_progress", "awaiting", "done", "rejected")
        cls.stage = {name: cls.env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}") for name in stages}
        Case = cls.env.registry["helpdesk.ticket"]
        cls.classPatch(
            Case, "_get_confirmation_url", lambda case: f"https://city.test/cases/{case.tracking_code}/confirm"
        )

    def close(self, outcome=None, case=None, user=None, **values):
        """Close as a worker does, with the wizard."""
        wizard = (
            self.env["civic.case.close"]
            .with_user(user or self.users["worker"])
            .create(
                {
                    "case_ids": (case or self.case).ids,
                    "outcome_id": (outcome or self.solved).id,
                    "answer": "<p>The lamp is new.</p>",
                    **values,
                }
            )
        )
        with self.mock_mail_gateway():
            wizard.action_close()
        return wizard

    def attach(self, name="after.jpg", data=None, user=None):
        data = base64.b64encode(data or photo())
        return self.env["ir.attachment"].with_user(user or self.users["worker"]).create({"name": name, "datas": data})


@tagged("post_install", "-at_install")
class TestEnding(EndingCase):
    def test_a_rejection_has_a_reason_that_the_citizen_reads(self):
        with self.assertRaisesRegex(UserError, "Choose the reason"):
            self.close(self.rejected)
        self.assertFalse(self.case.closed_date)
        self.close(self.rejected, reason_id=self.law.id, reason_text="Noise after midnight.")
        self.assertEqual(self.case.reason_id, self.law)
        [mail] = self._mails
        self.assertIn(self.law.name, mail["body"])
        self.assertIn("Noise after midnight.", mail["body"])
        summary = self.case._get_public_summary()
        self.assertEqual(summary["reason"], self.law.name)
        self.assertEqual(summary["reason_text"], "Noise after midnight.")

    def test_a_reason_that_says_too_little_is_explained(self):
        other = self.env.ref("civic_crm.reason_other")
        with self.assertRaisesRegex(UserError, "Explain"):
            self.close(self.rejected, reason_id=other.id, reason_text="  ")
        self.close(self.rejected, reason_id=other.id, reason_text="Because.")
        self.assertEqual(self.case.reason_text, "Because.")

    def test_a_reason_of_another_outcome_is_refused(self):
        case = self.case.with_user(self.users["worker"])
        with self.assertRaisesRegex(UserError, "is no reason for"):
            case._close(self.planned, {"en_US": "x"}, why=self.law)

    def test_changing_the_outcome_forgets_the_reason(self):
        form = Form(self.env["civic.case.close"].with_context(default_case_ids=self.case.ids))
        form.outcome_id = self.rejected
        form.reason_id = self.law
        form.outcome_id = self.planned
        self.assertFalse(form.reason_id)

    def test_nobody_is_sent_away_without_somewhere_to_go(self):
        with self.assertRaisesRegex(UserError, "referred"):
            self.close(self.not_competent)
        self.region.write({"contact": "Phone 012", "url": "https://region.test"})
        self.close(self.not_competent, referral_id=self.region.id)
        [mail] = self._mails
        for part in (self.region.name, "Phone 012", "https://region.test"):
            self.assertIn(part, mail["body"])
        self.assertEqual(self.case._get_public_summary()["referral"]["url"], "https://region.test")

    def test_a_referral_leads_to_the_web_and_nowhere_else(self):
        for url in ("javascript:alert(1)", "region.test", "ftp://region.test", "https:///x"):
            with self.subTest(url=url), self.assertRaises(ValidationError):
                self.region.url = url

    def test_evidence_is_cleaned_kept_and_shown(self):
        self.close(evidence_ids=[Command.set(self.attach().ids)])
        shown = self.public_messages(self.case).attachment_ids
        self.assertEqual(self.case.evidence_ids, shown)
        self.assertIn(shown.id, self.case._get_public_file_ids())
        self.assertFalse(Image.open(io.BytesIO(shown.raw)).getexif())

    def test_evidence_for_staff_stays_with_staff(self):
        self.close(evidence_ids=[Command.set(self.attach().ids)], show_evidence=False)
        self.assertEqual(len(self.case.evidence_ids), 1)
        self.assertFalse(self.case._get_public_file_ids())

    def test_evidence_is_a_photo_or_a_document(self):
        with self.assertRaisesRegex(UserError, "cannot be evidence"):
            self.close(evidence_ids=[Command.set(self.attach("run.exe", b"MZ not a photo").ids)])
        self.assertFalse(self.case.closed_date)

    def test_nobody_shows_a_file_that_they_may_not_read(self):
        secret = self.env["ir.attachment"].create(
            {"name": "s.jpg", "raw": photo(), "res_model": "res.company", "res_id": self.city.id}
        )
        secret.write({"res_model": "ir.config_parameter", "res_id": 1})
        with self.assertRaises(AccessError):
            self.close(evidence_ids=[Command.set(secret.ids)])

    def test_a_service_that_wants_evidence_is_not_resolved_without(self):
        self.street_light.evidence_required = True
        with self.assertRaisesRegex(UserError, "with evidence"):
            self.close()
        self.close(self.rejected, reason_id=self.law.id)
        other = self.file_case()
        self.close(case=other, evidence_ids=[Command.set(self.attach().ids)])
        self.assertTrue(other.closed_date)

    def test_a_closed_case_is_not_closed_again_and_nothing_is_half_done(self):
        other = self.file_case()
        self.close()
        with self.assertRaisesRegex(UserError, "press “Reopen”"):
            self.close(case=self.case | other)
        self.assertFalse(other.closed_date)

    def test_other_parts_may_stand_against_closing(self):
        refusal = UserError("something is open")

        def refuse(cases, outcome, reason):
            if not reason:
                raise refusal

        self.patch(self.env.registry["helpdesk.ticket"], "_check_may_close", refuse)
        other = self.file_case()
        with self.assertRaisesRegex(UserError, "something is open"):
            self.close(case=self.case | other)
        self.close(case=self.case | other, note="It does not matter any more.")
        self.assertTrue(other.closed_date)
        self.assertIn("does not matter", str(other.message_ids.mapped("body")))
        self.assertNotIn("does not matter", str(other._get_public_timeline()))

    def test_how_it_ended_is_not_changed_by_hand(self):
        self.close(self.rejected, reason_id=self.law.id)
        case = self.case.with_user(self.users["head"])
        for values in (
            {"outcome_id": self.solved.id},
            {"outcome_id": False},
            {"reason_id": False},
            {"referral_id": self.region.id},
            {"confirmation": "confirmed"},
            {"denial_count": 0},
            {"reopen_count": 0},
            {"evidence_ids": [Command.clear()]},
            {"previous_id": self.file_case().id},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                case.write(values)

    def test_each_citizen_is_answered_in_their_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.env["ir.module.module"].search([("name", "=", "civic_crm")])._update_translations(["es_ES"])
        self.solved.with_context(lang="es_ES").answer = "Ya está hecho."
        self.neighbour.lang = "es_ES"
        hers = self.file_case(partner=self.neighbour)
        hers._subscribe_requester_of_new()
        form = Form(
            self.env["civic.case.close"]
            .with_user(self.users["worker"])
            .with_context(default_case_ids=(self.case | hers).ids)
        )
        form.outcome_id = self.solved
        self.assertIn("It is done", form.answer)
        wizard = form.save()
        self.assertEqual(wizard.other_answer_ids.mapped("lang"), ["es_ES"])
        with self.mock_mail_gateway():
            wizard.action_close()
            self.env["mail.mail"].process_email_queue()
        bodies = {mail["email_to"][0]: mail["body"] for mail in self._mails}
        english = next(body for to, body in bodies.items() if "citizen@" in to)
        spanish = next(body for to, body in bodies.items() if "neighbour@" in to)
        self.assertIn("It is done", english)
        self.assertIn("Is it fixed?", english)
        self.assertIn("Ya está hecho.", spanish)
        self.assertNotIn("Is it fixed?", spanish)

    def test_a_language_left_empty_gets_the_first_answer(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.neighbour.lang = "es_ES"
        hers = self.file_case(partner=self.neighbour)
        wizard = self.close(case=self.case | hers)
        self.assertEqual(list(wizard._get_answers()), ["en_US", "es_ES"])
        wizard.other_answer_ids.answer = "<p><br></p>"
        self.assertEqual(list(wizard._get_answers()), ["en_US"])

    def test_closing_fifty_cases_costs_few_queries_each(self):
        cases = self.env["helpdesk.ticket"].browse([self.file_case().id for _ in range(50)])
        cases._subscribe_requester_of_new()
        self.close()
        wizard = self.env["civic.case.close"].create(
            {"case_ids": cases.ids, "outcome_id": self.solved.id, "answer": "<p>Done.</p>"}
        )
        # message, followers, references, mail and notification: core's own, eleven a message
        with self.mock_mail_gateway(), self.assert_queries_at_most(620):
            wizard.action_close()
        self.assertEqual(set(cases.mapped("confirmation")), {"asked"})


@tagged("post_install", "-at_install")
class TestConfirmation(EndingCase):
    def test_one_message_asks_whether_it_is_fixed_and_how_the_city_did(self):
        with freeze_time("2026-03-06 09:00:00"):
            self.close()
        self.assertEqual(self.case.confirmation, "asked")
        self.assertEqual(str(self.case.confirmation_due), "2026-03-16")
        [mail] = self._mails
        for part in (
            "The lamp is new.",
            "Is it fixed?",
            f"{self.case.tracking_code}/confirm",
            "March 16, 2026",
            "/rate/",
        ):
            self.assertIn(part, mail["body"])

    def test_only_what_is_resolved_is_asked_and_only_where_the_city_asks(self):
        cases = [self.file_case() for _ in range(8)]
        self.close(self.rejected, cases[0], reason_id=self.law.id)
        self.close(self.planned, cases[1])
        self.close(self.informed, cases[2])
        (cases[3] | self.file_case())._gather()
        self.close(self.duplicate, cases[3])
        cases[4]._withdraw()
        self.street_light.ask_confirmation = False
        self.close(case=cases[5])
        self.street_light.ask_confirmation = True
        self.city.confirmation_days = 0
        self.close(case=cases[6])
        self.city.confirmation_days = 10
        cases[7].partner_id = self.env["res.partner"].create({"name": "Nobody"})
        self.close(case=cases[7])
        for case in cases:
            with self.subTest(outcome=case.outcome_id.name):
                self.assertTrue(case.closed_date)
                self.assertEqual(case.confirmation, "none")
                self.assertFalse(case._confirm())
                self.assertFalse(case._deny("It is not."))
                self.assertTrue(case.closed_date)

    def test_a_case_without_service_is_asked_too(self):
        case = self.file_case(category_id=False, team_id=self.lighting.id)
        self.close(case=case)
        self.assertEqual(case.confirmation, "asked")

    def test_only_resolved_outcomes_can_ask(self):
        with self.assertRaises(ValidationError):
            self.rejected.ask_confirmation = True

    def test_yes_confirms_once(self):
        self.close()
        self.assertTrue(self.case._confirm())
        self.assertEqual(self.case.confirmation, "confirmed")
        self.assertTrue(self.case.confirmed_at)
        self.assertFalse(self.case._confirm(), "answered before")
        self.assertFalse(self.case._deny("Not at all."), "answered before")
        self.assertTrue(self.case.closed_date)

    def test_no_reopens_with_the_reason(self):
        self.case.user_id = self.users["worker"]
        self.close()
        with self.mock_mail_gateway():
            self.assertTrue(self.case._deny("It is dark again."))
        self.assertEqual(self.case.confirmation, "denied")
        self.assertEqual(self.case.stage_id, self.stage["in_progress"])
        self.assertFalse(self.case.closed_date)
        self.assertFalse(self.case.outcome_id)
        self.assertEqual((self.case.denial_count, self.case.reopen_count), (1, 1))
        self.assertEqual(self.case.user_id, self.users["worker"])
        self.assertTrue(self.case.has_citizen_message)
        message = self.public_messages(self.case)[-1]
        self.assertIn("It is dark again.", message.body)
        self.assertEqual(message.author_id, self.citizen)

    def test_denied_and_confirmed_are_both_counted(self):
        self.close()
        self.case._deny("It is dark again.")
        self.close()
        self.assertEqual(self.case.confirmation, "asked")
        self.case._confirm()
        self.assertEqual(self.case.confirmation, "confirmed")
        self.assertEqual((self.case.denial_count, self.case.reopen_count), (1, 1))

    def test_silence_is_assumed_after_the_days_and_counted_apart(self):
        silent, answered = self.file_case(), self.file_case()
        with freeze_time("2026-03-06 09:00:00"):
            self.close(case=silent | answered)
        answered._confirm()

        def run_cron(moment):
            with freeze_time(moment), self.enter_registry_test_mode():
                self.env.ref("civic_crm.cron_assume_confirmed").method_direct_trigger()

        run_cron("2026-03-16 22:30:00")  # still the 16th in the city
        self.assertEqual(silent.confirmation, "asked")
        run_cron("2026-03-16 23:30:00")
        self.assertEqual(silent.confirmation, "assumed")
        self.assertEqual(answered.confirmation, "confirmed")
        self.assertTrue(silent.closed_date)
        self.assertFalse(silent._deny("Too late."))

    def test_taking_silence_for_a_yes_is_a_batch(self):
        cases = self.env["helpdesk.ticket"].browse([self.file_case().id for _ in range(20)])
        self.close(case=cases)
        cases.confirmation_due = "2020-01-01"
        self.flush_tracking()
        with self.enter_registry_test_mode(), self.assert_queries_at_most(90):
            self.env.ref("civic_crm.cron_assume_confirmed").method_direct_trigger()
        self.assertEqual(set(cases.mapped("confirmation")), {"assumed"})

    def test_nobody_can_set_days_that_make_no_sense(self):
        for field in ("confirmation_days", "reopen_days"):
            for days in (-1, 100000):
                with self.subTest(field=field, days=days), self.assertRaises(ValidationError):
                    self.city[field] = days
        with self.assertRaises(ValidationError):
            self.city.reopen_stage_id = self.stage["done"]


@tagged("post_install", "-at_install")
class TestReopening(EndingCase):
    def reopen(self, role="worker", case=None, reason="It blinks."):
        wizard = (
            self.env["civic.case.move"]
            .with_user(self.users[role])
            .create({"case_ids": (case or self.case).ids, "is_reopening": True, "reason": reason})
        )
        with self.mock_mail_gateway():
            wizard.action_move()

    def test_a_closed_case_is_moved_by_reopening_only(self):
        self.close()
        case = self.case.with_user(self.users["head"])
        for stage in ("new", "in_progress", "rejected"):
            with self.subTest(stage=stage), self.assertRaisesRegex(UserError, "press “Reopen”"):
                case.stage_id = self.stage[stage]
        with self.assertRaisesRegex(UserError, "press “Reopen”"):
            case.with_context(civic_move_reason="x", civic_reopening=True).stage_id = self.stage["new"]
        self.assertEqual(self.case.stage_id, self.stage["done"])

    def test_reopening_keeps_the_reason_with_staff_and_counts(self):
        self.close()
        self.reopen()
        self.assertEqual(self.case.stage_id, self.stage["in_progress"])
        self.assertEqual((self.case.reopen_count, self.case.denial_count), (1, 0))
        self.assertEqual(self.case.confirmation, "none")
        self.assertIn("It blinks.", str(self.case.message_ids.mapped("body")))
        self.assertNotIn("It blinks.", str(self.case._get_public_timeline()))

    def test_the_citizen_hears_that_it_is_open_again_and_no_machine_answers(self):
        self.close()
        self.reopen()
        self.env["mail.mail"].flush_model()
        mail = self.env["mail.mail"].search([("recipient_ids", "in", self.citizen.ids)], order="id desc", limit=1)
        self.assertIn("again", mail.subject)
        self.assertIn("auto-replied", mail.headers)

    def test_reopening_needs_a_reason_and_a_closed_case(self):
        with self.assertRaisesRegex(UserError, "open already"):
            self.reopen()
        self.close()
        with self.assertRaisesRegex(UserError, "Write the reason"):
            self.reopen(reason="  ")
        self.assertTrue(self.case.closed_date)

    def test_only_who_may_write_the_case_reopens_it(self):
        self.close()
        for role in ("stranger", "auditor", "employee", "citizen"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.reopen(role)
        self.assertTrue(self.case.closed_date)

    def test_the_city_says_where_a_reopened_case_goes_unless_its_department_has_no_such_state(self):
        self.city.reopen_stage_id = self.stage["awaiting"]
        self.close()
        self.case._reopen("x")
        self.assertEqual(self.case.stage_id, self.stage["awaiting"])
        self.stage["awaiting"].team_ids = self.parks
        self.close()
        self.case._reopen("x")
        self.assertEqual(self.case.stage_id, self.stage["new"])

    def test_the_citizen_reopens_within_the_days_and_only_what_may_be_reopened(self):
        rejected = self.file_case()
        with freeze_time("2026-03-06 09:00:00"):
            self.close(case=self.case)
            self.close(self.rejected, rejected, reason_id=self.law.id)
            self.assertTrue(self.case._may_citizen_reopen())
            self.assertFalse(rejected._may_citizen_reopen())
            self.assertFalse(self.file_case()._may_citizen_reopen(), "it is open")
        with freeze_time("2026-04-05 08:59:00"):
            self.assertTrue(self.case._may_citizen_reopen())
        with freeze_time("2026-04-05 09:01:00"):
            self.assertFalse(self.case._may_citizen_reopen())
            self.assertTrue(self.case._get_public_summary()["may_file_again"])
            self.assertFalse(rejected._get_public_summary()["may_file_again"])

    def test_what_comes_back_later_is_a_new_case_linked_to_the_old(self):
        self.case.write({"place": "Main Street 3", "civic_zone_id": self.old_town.id})
        self.close()
        closed_date = self.case.closed_date
        again = self.case._file_again("It is dark again, a year later.", self.web)
        self.assertEqual(again.previous_id, self.case)
        self.assertEqual(self.case.later_ids, again)
        self.assertEqual((again.category_id, again.partner_id), (self.case.category_id, self.citizen))
        self.assertEqual((again.place, again.civic_zone_id), ("Main Street 3", self.old_town))
        self.assertNotEqual(again.tracking_code, self.case.tracking_code)
        self.assertEqual(self.case.closed_date, closed_date)

    def test_a_withdrawn_case_is_taken_up_again_by_its_citizen(self):
        self.case._withdraw()
        self.assertTrue(self.case._may_citizen_reopen())
        self.case._reopen_for_citizen("I need it after all.")
        self.assertFalse(self.case.closed_date)
        self.assertEqual((self.case.reopen_count, self.case.denial_count), (1, 0))


@tagged("post_install", "-at_install")
class TestEndingAccess(EndingCase):
    def test_reasons_bodies_and_rules(self):
        staff = dict.fromkeys(("agent", "worker", "head", "manager", "auditor", "stranger", "employee"), "r")
        everybody = staff | {"admin": "rwcu"}
        self.assert_matrix(self.law, everybody)
        self.assert_matrix(self.region, everybody)
        self.assert_matrix(self.env.ref("civic_crm.stage_rule_reopen"), everybody)

    def test_the_wizards(self):
        allowed = ("worker", "head", "agent", "manager", "admin", "stranger")
        for model in ("civic.case.move", "civic.case.close.answer"):
            for role, user in self.users.items():
                with self.subTest(model=model, role=role):
                    may = self.env[model].with_user(user).has_access("create")
                    self.assertEqual(may, role in allowed)

    def test_settings_reach_the_city(self):
        with Form(self.env["civic.city.settings"].with_user(self.users["admin"])) as form:
            form.confirmation_days = 5
            form.reopen_days = 7
        self.assertEqual((self.city.confirmation_days, self.city.reopen_days), (5, 7))
        with freeze_time("2026-03-06 09:00:00"):
            self.close()
        self.assertEqual(self.case.confirmation_due, fields.Date.to_date("2026-03-06") + timedelta(days=5))

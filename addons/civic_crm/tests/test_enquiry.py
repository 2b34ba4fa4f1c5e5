# SPDX-License-Identifier: AGPL-3.0-or-later
import io
from datetime import timedelta

from PIL import Image

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from odoo.addons.mail.tests.common import MailCommon

from .common import CityCase, CityMixin

MAIL = """\
From: {sender}
To: {to}
Cc: neighbour@home.test
Subject: {subject}
Message-Id: <{msg_id}@home.test>
{extra}MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

When is the library open?
"""


@tagged("post_install", "-at_install")
class TestEnquiry(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls.users["agent"]
        (cls.street_light | cls.tree).ask_place = "optional"
        cls.desk = cls.env.ref("civic_crm.team_front_desk")
        cls.phone = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone")
        cls.topic = cls.env["civic.topic"].create({"name": "Libraries"})
        cls.answered = cls.env.ref("civic_crm.enquiry_outcome_answered")
        cls.Lead = cls.env["crm.lead"].with_user(cls.agent)

    def ask(self, **vals):
        """An enquiry taken at the telephone by the agent."""
        return self.Lead.create(
            {
                "name": "When is the library open?",
                "description": "<p>When is the library open?</p>",
                "is_enquiry": True,
                "partner_id": self.citizen.id,
                "channel_id": self.phone.id,
                "topic_id": self.topic.id,
                **vals,
            }
        )

    def answer(self, enquiry, outcome=None, user=None, **vals):
        Wizard = self.env["civic.enquiry.answer"].with_user(user or self.agent)
        wizard = Wizard.create({"enquiry_id": enquiry.id, "outcome_id": (outcome or self.answered).id, **vals})
        wizard.action_finish()
        return enquiry

    def convert(self, enquiry, *lines, user=None):
        Wizard = self.env["civic.enquiry.convert"].with_user(user or self.agent)
        Wizard.create({"enquiry_id": enquiry.id, "line_ids": [Command.create(line) for line in lines]}).action_convert()
        return enquiry.case_ids

    # taking it

    def test_nothing_of_an_enquiry_is_sent_to_a_third_party(self):
        """Odoo's lead enrichment, which installs itself, asks about each address's domain."""
        job = self.env.ref("crm_iap_enrich.ir_cron_lead_enrichment", raise_if_not_found=False)
        self.assertFalse(job and job.active)
        self.assertEqual(self.env["ir.config_parameter"].get_param("crm.iap.lead.enrich.setting"), "manual")

    def test_a_call_is_an_enquiry_of_the_front_desk_and_the_clock_runs(self):
        with freeze_time("2026-03-02 08:30:00"):
            form = Form(
                self.Lead.with_context(default_is_enquiry=True, default_type="lead"),
                view="civic_crm.crm_lead_view_form_enquiry",
            )
            form.topic_id = self.topic
            enquiry = form.save()
        self.assertTrue(enquiry.is_enquiry)
        self.assertEqual(enquiry.type, "lead")
        self.assertEqual(enquiry.team_id, self.desk)
        self.assertEqual(enquiry.name, "Libraries")
        self.assertEqual(enquiry.handling_started_at, fields.Datetime.to_datetime("2026-03-02 08:30:00"))
        self.assertEqual(enquiry.received_hour, 9)  # in the city's time

    def test_who_takes_it_leaves_it_with_the_front_desk(self):
        self.env["crm.team"].create({"name": "Sales", "member_ids": [Command.set(self.agent.ids)]})
        enquiry = self.ask(user_id=False)
        enquiry.action_take()
        self.assertEqual(enquiry.user_id, self.agent)
        self.assertEqual(enquiry.team_id, self.desk)
        self.assertEqual(enquiry.enquiry_state, "in_hand")
        self.assertTrue(enquiry.handling_started_at)

    def test_what_is_typed_at_the_desk_overwrites_nobodys_address(self):
        enquiry = self.ask()
        enquiry.email_from = "other@home.test"
        enquiry.phone = "+34600000001"
        self.env.flush_all()
        self.assertEqual(self.citizen.email, "citizen@home.test")
        self.assertFalse(self.citizen.phone)

    def test_the_front_desk_answers_in_its_own_name(self):
        self.desk.write({"alias_name": "desk", "alias_domain_id": self.alias_domain.id})
        enquiry = self.answer(self.ask(), answer="<p>From nine to eight.</p>")
        message = enquiry.message_ids.filtered(lambda m: m.message_type == "comment")
        self.assertEqual(message.email_from, '"Front desk" <desk@city.test>')

    def test_sales_stages_stay_sales(self):
        enquiry = self.ask()
        self.answer(enquiry)
        self.assertFalse(enquiry.stage_id.is_won)
        self.assertEqual(enquiry.won_status, "pending")

    # answering

    def test_an_answer_is_sent_and_ends_it(self):
        enquiry = self.ask()
        self.answer(enquiry, answer="<p>From nine to eight.</p>", topic_id=self.topic.id)
        self.assertEqual(enquiry.enquiry_state, "done")
        self.assertEqual(enquiry.enquiry_outcome_id, self.answered)
        message = enquiry.message_ids.filtered(lambda m: m.message_type == "comment")
        self.assertIn("From nine to eight.", message.body)
        self.assertEqual(message.partner_ids, self.citizen)

    def test_without_an_address_the_answer_is_a_note(self):
        enquiry = self.ask(partner_id=False, contact_name="A voice")
        self.answer(enquiry, answer="<p>From nine to eight.</p>")
        message = enquiry.message_ids.filtered(lambda m: "From nine" in (m.body or ""))
        self.assertTrue(message.subtype_id.internal)
        self.assertFalse(message.partner_ids)

    def test_who_wrote_is_not_left_without_an_answer(self):
        enquiry = self.ask(has_citizen_message=True)
        with self.assertRaises(UserError):
            self.answer(enquiry, answer="<p><br></p>")
        self.assertEqual(enquiry.enquiry_state, "new")
        self.answer(enquiry, self.env.ref("civic_crm.enquiry_outcome_unanswerable"))
        self.assertFalse(enquiry.has_citizen_message)

    def test_the_seconds_run_from_the_call_to_the_end(self):
        with freeze_time("2026-03-02 09:00:00"):
            enquiry = self.ask(handling_started_at="2026-03-02 09:00:00")
        Wizard = self.env["civic.enquiry.answer"].with_user(self.agent)
        with freeze_time("2026-03-02 09:01:00"):
            wizard = Wizard.create({"enquiry_id": enquiry.id, "outcome_id": self.answered.id})
            self.assertEqual(wizard.seconds_spent, 60)
        with freeze_time("2026-03-02 09:01:45"):
            wizard.action_finish()
        self.assertEqual(enquiry.seconds_spent, 105)

    def test_what_the_person_says_it_took_counts(self):
        enquiry = self.ask()
        self.answer(enquiry, seconds_spent=240)
        self.assertEqual(enquiry.seconds_spent, 240)

    def test_no_enquiry_ends_without_an_outcome(self):
        enquiry = self.ask()
        for who in (self.agent, self.users["admin"]):
            with self.assertRaises(UserError):
                enquiry.with_user(who).enquiry_state = "done"
            for name, value in (("enquiry_outcome_id", self.answered.id), ("first_contact_resolution", True)):
                with self.subTest(field=name), self.assertRaises(AccessError):
                    enquiry.with_user(who)[name] = value
        born_done = self.ask(enquiry_state="done", enquiry_outcome_id=self.answered.id, first_contact_resolution=True)
        self.assertEqual(born_done.enquiry_state, "new")
        self.assertFalse(born_done.first_contact_resolution)
        with self.assertRaises(AccessError):
            enquiry.is_enquiry = False

    def test_no_enquiry_is_deleted(self):
        with self.assertRaises(UserError):
            self.ask().sudo().unlink()

    def test_spam_is_put_away_and_counts_as_no_answer(self):
        enquiry = self.ask()
        enquiry.action_spam()
        self.assertEqual(enquiry.enquiry_outcome_id.kind, "spam")
        self.assertFalse(enquiry.first_contact_resolution)

    # first contact

    def test_answered_at_once_is_first_contact_resolution(self):
        enquiry = self.answer(self.ask())
        self.assertTrue(enquiry.first_contact_resolution)
        self.assertEqual(enquiry.first_contact_rate, 1.0)

    def test_handed_over_is_not(self):
        enquiry = self.ask()
        enquiry.user_id = self.users["manager"]
        self.assertEqual(enquiry.handovers, 1)
        self.answer(enquiry, user=self.users["manager"])
        self.assertFalse(enquiry.first_contact_resolution)

    def test_taking_what_nobody_had_is_no_handover(self):
        enquiry = self.ask(user_id=False)
        enquiry.action_take()
        self.assertTrue(self.answer(enquiry).first_contact_resolution)

    def test_who_comes_back_about_the_same_was_not_answered(self):
        other_topic = self.topic.create({"name": "Parks"})
        table = [
            ("the same topic", self.topic, self.citizen, 3, False),
            ("another topic", other_topic, self.citizen, 3, True),
            ("another person", self.topic, self.neighbour, 3, True),
            ("long after", self.topic, self.citizen, 8, True),
        ]
        for name, topic, partner, days, still in table:
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                first = self.answer(self.ask())
                later = fields.Datetime.now() + timedelta(days=days)
                second = self.ask(topic_id=topic.id, partner_id=partner.id, received_at=later)
                self.answer(second, topic_id=topic.id)
                self.assertEqual(first.first_contact_resolution, still)
                self.assertTrue(second.first_contact_resolution)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_the_days_are_the_front_desks(self):
        self.desk.first_contact_days = 1
        first = self.answer(self.ask())
        self.answer(self.ask(received_at=fields.Datetime.now() + timedelta(days=3)))
        self.assertTrue(first.first_contact_resolution)

    def test_taking_up_again_takes_it_back(self):
        enquiry = self.answer(self.ask())
        enquiry.action_reopen()
        self.assertEqual(enquiry.enquiry_state, "in_hand")
        self.assertFalse(enquiry.first_contact_resolution)
        self.assertFalse(enquiry.enquiry_outcome_id)

    # turning into cases

    def test_one_or_several_cases_each_with_its_text_and_its_link(self):
        enquiry = self.ask(received_at="2026-03-02 09:00:00")
        cases = self.convert(
            enquiry,
            {
                "category_id": self.street_light.id,
                "text": "Dark.",
                "place": "Main Street 3",
                "civic_zone_id": self.old_town.id,
            },
            {"category_id": self.tree.id, "text": "A tree fell."},
        )
        light = cases.filtered(lambda case: case.category_id == self.street_light)
        self.assertEqual(len(cases), 2)
        self.assertEqual(light.team_id, self.lighting)
        self.assertIn("Dark.", light.description)
        self.assertEqual(light.civic_zone_id, self.old_town)
        self.assertEqual(cases.partner_id, self.citizen)
        self.assertEqual(set(cases.mapped("filed_at")), {enquiry.received_at})
        self.assertEqual(cases.channel_id, self.phone)
        self.assertEqual(enquiry.enquiry_outcome_id.kind, "cases")
        self.assertFalse(enquiry.first_contact_resolution)
        for case in cases:
            self.assertEqual(case.enquiry_id, enquiry)
            self.assertEqual(case.message_partner_ids, self.citizen)
            self.assertIn("When is the library open?", case.message_ids.filtered("subtype_id.internal")[:1].body)
            self.assertFalse(self.public_messages(case))

    def test_the_clock_of_the_case_runs_from_the_day_the_city_was_asked(self):
        with freeze_time("2026-03-10 09:00:00"):
            case = self.convert(
                self.ask(received_at="2026-03-06 09:00:00"), {"category_id": self.street_light.id, "text": "Dark."}
            )
        self.assertEqual(case.promised_on, fields.Date.to_date("2026-03-13"))

    def test_the_thread_stays_with_the_enquiry(self):
        enquiry = self.ask()
        enquiry.message_post(body="She will call back", subtype_xmlid="mail.mt_note")
        before = enquiry.message_ids
        cases = self.convert(enquiry, {"category_id": self.tree.id, "text": "A tree fell."})
        self.assertLessEqual(before, enquiry.message_ids)
        self.assertNotIn("She will call back", str(cases.message_ids.mapped("body")))

    def test_photos_go_along_without_what_the_telephone_wrote_into_them(self):
        exif = Image.Exif()
        exif[0x010F] = "SECRET MAKER"
        raw = io.BytesIO()
        Image.new("RGB", (8, 8)).save(raw, "JPEG", exif=exif)
        enquiry = self.ask()
        enquiry.with_user(self.env.ref("base.user_root")).message_post(
            body="Look",
            author_id=self.citizen.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            attachments=[("hole.jpg", raw.getvalue()), ("virus.exe", b"MZ")],
        )
        enquiry.message_post(body="x", subtype_xmlid="mail.mt_note", attachments=[("staff.pdf", b"%PDF-1")])
        tree = {"category_id": self.tree.id, "text": "A tree fell."}
        with_files, without = self.convert(enquiry, tree, dict(tree, with_files=False)).sorted("id")
        files = self.public_messages(with_files).attachment_ids
        self.assertEqual(files.mapped("name"), ["hole.jpg"])
        self.assertNotIn(b"SECRET MAKER", files.raw)
        self.assertFalse(self.public_messages(without).attachment_ids)

    def test_a_service_for_named_citizens_is_not_filed_for_nobody(self):
        nobody = self.ask(partner_id=False, contact_name="A voice")
        with self.assertRaises(UserError):
            self.convert(nobody, {"category_id": self.street_light.id, "text": "Dark."})
        self.assertFalse(nobody.case_ids)
        self.assertTrue(self.convert(nobody, {"category_id": self.tree.id, "text": "A tree fell."}))

    def test_a_case_needs_its_text_and_an_enquiry_a_case(self):
        enquiry = self.ask()
        with self.assertRaises(UserError):
            self.convert(enquiry, {"category_id": self.tree.id, "text": " "})
        with self.assertRaises(UserError):
            self.convert(enquiry)
        self.assertEqual(enquiry.enquiry_state, "new")

    def test_a_case_is_made_of_an_enquiry_by_the_button_only(self):
        case, enquiry = self.file_case(), self.ask()
        with self.assertRaises(AccessError):
            case.with_user(self.agent).enquiry_id = enquiry.id

    # who

    def test_who_may_do_what(self):
        enquiry = self.ask()
        roles = {"agent": "rwc", "manager": "rwc", "admin": "rwcu", "auditor": "r"}
        # the test's administrator is no sales administrator
        roles["admin"] = "rwc"
        self.assert_matrix(enquiry.sudo(), roles, create_vals={"name": "x", "is_enquiry": True})
        outcomes = dict.fromkeys(("agent", "worker", "head", "manager", "auditor", "stranger", "employee"), "r")
        self.assert_matrix(self.answered, outcomes | {"admin": "rwcu"})
        for model in ("civic.enquiry.answer", "civic.enquiry.convert", "civic.enquiry.convert.line"):
            for role, user in self.users.items():
                with self.subTest(model=model, role=role):
                    may = self.env[model].with_user(user).has_access("create")
                    self.assertEqual(may, role in ("agent", "manager", "admin"))

    def test_sales_and_the_front_desk_do_not_see_each_others(self):
        sales = new_test_user(self.env, "t_sales", groups="sales_team.group_sale_manager")
        enquiry = self.ask()
        lead = self.env["crm.lead"].create({"name": "A shop wants to open", "type": "opportunity", "user_id": sales.id})
        self.env.invalidate_all()
        mine = [("id", "in", (enquiry | lead).ids)]
        self.assertEqual(self.env["crm.lead"].with_user(sales).search(mine), lead)
        self.assertEqual(self.Lead.search(mine), enquiry)
        with self.assertRaises(AccessError):
            self.Lead.create({"name": "Not of the desk"})

    def test_the_dialogues_take_the_right_to_write_the_enquiry(self):
        enquiry = self.ask()
        for role in ("worker", "auditor", "stranger", "employee", "citizen"):
            for act in (
                lambda user: self.answer(enquiry, user=user),
                lambda user: self.convert(enquiry, {"category_id": self.tree.id, "text": "x"}, user=user),
                lambda user: enquiry.with_user(user).action_reopen(),
                lambda user: enquiry.with_user(user).action_take(),
            ):
                with self.subTest(role=role), self.assertRaises(AccessError):
                    act(self.users[role])


@tagged("post_install", "-at_install")
class TestEnquiryMail(CityMixin, MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.desk = cls.env.ref("civic_crm.team_front_desk")
        cls.desk.write({"alias_name": "desk", "alias_domain_id": cls.alias_domain.id, "user_id": cls.users["agent"].id})

    def receive(self, sender="Eva Ruiz <eva@home.test>", subject="Library", msg_id="m1", extra=""):
        """Pass a mail through the gateway and return the enquiries it made."""
        known = self.env["crm.lead"].search([])
        with self.mock_mail_gateway():
            self.env["mail.thread"].message_process(
                False, MAIL.format(sender=sender, to="desk@city.test", subject=subject, msg_id=msg_id, extra=extra)
            )
        return self.env["crm.lead"].search([]) - known

    def test_a_mail_to_the_front_desk_is_its_senders_enquiry(self):
        enquiry = self.receive()
        self.assertTrue(enquiry.is_enquiry)
        self.assertEqual((enquiry.enquiry_state, enquiry.type, enquiry.name), ("new", "lead", "Library"))
        self.assertEqual(enquiry.partner_id.name, "Eva Ruiz")
        self.assertTrue(enquiry.partner_id.is_citizen)
        self.assertEqual(enquiry.channel_id, self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_email"))
        self.assertIn("When is the library open?", enquiry.description)
        self.assertFalse(enquiry.user_id)
        self.assertTrue(enquiry.has_citizen_message)
        self.assertNotIn(self.neighbour, enquiry.message_partner_ids)

    def test_who_writes_again_was_not_answered(self):
        enquiry = self.receive()
        wizard = self.env["civic.enquiry.answer"].with_user(self.users["agent"])
        with self.mock_mail_gateway():
            wizard.create({"enquiry_id": enquiry.id, "answer": "<p>At nine.</p>"}).action_finish()
        self.assertTrue(enquiry.first_contact_resolution)
        answer = enquiry.message_ids.filtered(lambda m: m.message_type == "comment")
        self.receive(msg_id="m2", subject="Re: Library", extra=f"In-Reply-To: {answer.message_id}\n")
        self.assertFalse(enquiry.first_contact_resolution)
        self.assertEqual(enquiry.enquiry_state, "in_hand")
        self.assertTrue(enquiry.has_citizen_message)

    def test_the_desk_answers_by_its_name_in_the_citizens_language_and_by_no_private_one(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.desk.with_context(lang="es_ES").name = 'La "Oficina"'
        enquiry = self.receive()
        enquiry.partner_id.lang = "es_ES"
        wizard = self.env["civic.enquiry.answer"].with_user(self.users["agent"])
        with self.mock_mail_gateway():
            wizard.create({"enquiry_id": enquiry.id, "answer": "<p>A las nueve.</p>"}).action_finish()
        [mail] = self._mails
        for part in ("email_from", "reply_to"):
            self.assertIn("Oficina", mail[part])
            self.assertIn("desk@city.test", mail[part])
            self.assertNotIn("Agent", mail[part])

    def test_a_strangers_reply_is_a_note(self):
        enquiry = self.receive()
        first = enquiry.message_ids.filtered(lambda m: m.message_type == "email")
        enquiry.has_citizen_message = False
        self.receive(sender="bob@else.test", msg_id="m3", extra=f"In-Reply-To: {first.message_id}\n")
        self.assertFalse(enquiry.has_citizen_message)
        self.assertTrue(enquiry.message_ids.sorted("id")[-1:].is_internal)

    def test_no_machine_asks(self):
        self.assertFalse(self.receive(extra="Auto-Submitted: auto-replied\n"))

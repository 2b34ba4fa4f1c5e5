# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCommon

from .common import CityMixin, QueryBudgetMixin


@tagged("post_install", "-at_install")
class TestCorrespondence(CityMixin, QueryBudgetMixin, MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()

    def file(self, **facts):
        facts = {"email": "Eva <eva@home.test>", "place": "Main Street 3", **facts}
        return self.env["helpdesk.ticket"]._file_case(self.street_light, "It is dark here.", channel=self.web, **facts)

    def acknowledge(self):
        """Run the cron and return the mails it sent."""
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            self.env.ref("civic_crm.cron_send_acknowledgements").method_direct_trigger()
            self.env["mail.mail"].process_email_queue()
        return self._mails

    def test_one_acknowledgement_with_code_department_and_day(self):
        case = self.file()
        self.assertEqual(case.acknowledgement, "to_send")
        [mail] = self.acknowledge()
        self.assertIn(case.tracking_code, mail["subject"])
        self.assertIn(case.tracking_code, mail["body"])
        self.assertIn("Lighting", mail["body"])
        self.assertIn("lighting@city.test", mail["email_from"])
        self.assertEqual(case.acknowledgement, "sent")
        self.assertFalse(self.acknowledge(), "acknowledged once")

    def test_filing_is_cheap(self):
        """The base's own create takes 22 queries, without finding out who asks."""
        for _warm in range(2):
            self.file()
        with self.assert_queries_at_most(9):
            self.file()
        with self.assert_queries_at_most(15):
            self.file(email="New <new@home.test>")

    def test_who_follows_a_department_follows_its_new_cases(self):
        """Which departments are followed is kept in memory: beginning and ending it are seen at once."""
        follower = self.users["head"].partner_id
        self.assertNotIn(follower, self.file().message_partner_ids)
        self.lighting.message_subscribe(follower.ids)
        self.assertIn(follower, self.file().message_partner_ids)
        self.lighting.message_unsubscribe(follower.ids)
        self.assertNotIn(follower, self.file().message_partner_ids)

    def test_a_state_with_a_template_writes_to_the_citizen_of_a_new_case(self):
        stage = self.file().stage_id
        template = self.env["mail.template"].create(
            {
                "name": "New",
                "model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                "subject": "We have it: {{ object.name }}",
                "email_to": "{{ object.partner_email }}",
            }
        )
        stage.mail_template_id = template
        with self.mock_mail_gateway():
            case = self.file()
            self.write_down_changes()
        self.assertIn(f"We have it: {case.name}", [mail.subject for mail in self._new_mails])

    def test_a_rush_calls_the_job_once(self):
        job = self.env.ref("civic_crm.cron_send_acknowledgements")
        find = self.env["ir.cron.trigger"].search
        waiting = [("cron_id", "=", job.id)]
        find(waiting).unlink()
        for citizen in "ab":
            self.file(email=f"{citizen}@home.test")
        self.assertEqual(len(find(waiting)), 1)
        find(waiting).unlink()  # as the job does when it comes
        self.file(email="c@home.test")
        self.assertEqual(len(find(waiting)), 1)

    def test_the_acknowledgement_declares_itself_automatic(self):
        self.file()
        [mail] = self.acknowledge()
        self.assertEqual(mail["headers"]["Auto-Submitted"], "auto-replied")

    def test_in_the_citizens_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        template = self.env.ref("civic_crm.mail_template_case_received")
        template.with_context(lang="es_ES").subject = "Hemos recibido {{ object.tracking_code }}"
        self.file(lang="es_ES")
        [mail] = self.acknowledge()
        self.assertTrue(mail["subject"].startswith("Hemos recibido"))

    def test_nobody_to_tell_nothing_sent(self):
        case = self.file(email=None, phone="600 000 001")
        self.assertEqual(case.acknowledgement, "none")
        self.assertFalse(case.partner_id.email, "known by the telephone alone")
        self.assertFalse(self.acknowledge())

    def test_an_answer_goes_out_in_the_departments_name(self):
        case = self.file()
        with self.mock_mail_gateway():
            case.with_user(self.users["worker"]).message_post(
                body="Repaired.", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        [mail] = self._mails
        self.assertIn("Lighting", mail["email_from"])
        self.assertIn("lighting@city.test", mail["reply_to"])
        for part in ("body", "email_from", "reply_to"):
            self.assertNotIn("Worker", mail[part], "no private name")
        self.assertIn(case.tracking_code, mail["subject"])

    def test_whoever_answers_the_citizen_reads_the_department_in_the_own_language(self):
        """Also between the addresses: a colleague's Spanish is no English citizen's, and the other way round."""
        self.env["res.lang"]._activate_lang("es_ES")
        self.lighting.with_context(lang="es_ES").name = "Alumbrado"
        for citizens, colleagues, named in (("es_ES", "en_US", "Alumbrado"), ("en_US", "es_ES", "Lighting")):
            with self.subTest(citizen=citizens):
                self.users["worker"].lang = colleagues
                case = self.file(email=f"{citizens}@home.test", lang=citizens)
                worker = case.with_user(self.users["worker"]).with_context(lang=colleagues)
                with self.mock_mail_gateway():
                    worker.message_post(body="OK", message_type="comment", subtype_xmlid="mail.mt_comment")
                [mail] = self._mails
                for part in ("email_from", "reply_to", "body"):
                    self.assertIn(named, mail[part])
                [receipt] = [mail for mail in self.acknowledge() if case.tracking_code in mail["subject"]]
                self.assertIn(named, receipt["email_from"])

    def test_the_public_story_holds_no_notes_and_no_names(self):
        case = self.file(attachments=[("photo.pdf", b"%PDF-1.7")])
        case.with_user(self.users["worker"]).message_post(body="He is always complaining", subtype_xmlid="mail.mt_note")
        with self.mock_mail_gateway():
            case.with_user(self.users["worker"]).message_post(
                body="Repaired.", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        self.flush_tracking()
        case.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")
        self.flush_tracking()
        story = case._get_public_timeline()
        self.assertEqual([event["kind"] for event in story], ["state", "answer", "filed"], "newest first")
        self.assertEqual([file["name"] for file in story[-1]["files"]], ["photo.pdf"])
        self.assertNotIn("complaining", str(story))
        self.assertNotIn("Worker", str(story))
        [state] = [event for event in story if event["kind"] == "state"]
        self.assertEqual(state["text"], "Being dealt with")
        summary = str(case._get_public_summary())
        for private in ("Eva", "eva@home.test", "Worker"):
            self.assertNotIn(private, summary)

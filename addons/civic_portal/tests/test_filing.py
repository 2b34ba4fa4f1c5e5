# SPDX-License-Identifier: AGPL-3.0-or-later
import io
from unittest.mock import patch

from PIL import Image

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PortalCase

FORM = {
    "text": "La farola no funciona <b>desde ayer</b>.",
    "place": "Calle Mayor 3",
    "name": "Eva Ruiz",
    "email": "eva@home.test",
}


@tagged("post_install", "-at_install")
class TestFiling(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.path = f"/cases/new/{cls.street_light.id}"

    def test_services_offered_are_listed_by_department(self):
        page = self.url_open("/cases/new").text
        self.assertIn("Broken street light", page)
        self.assertIn("Lighting", page)
        self.assertNotIn("Inspection", page)

    def test_anybody_files_a_case_and_receives_its_code(self):
        answer = self.post(self.path, {**FORM, "zone": str(self.old_town.id)})
        case = self.last_case()
        self.assertEqual(answer.status_code, 303)
        self.assertIn(f"/cases/{case.tracking_code}/received", answer.headers["Location"])
        self.assertEqual(case.category_id, self.street_light)
        self.assertEqual(case.team_id, self.lighting)
        self.assertEqual(case.place, "Calle Mayor 3")
        self.assertEqual(case.civic_zone_id, self.old_town)
        self.assertEqual(case.partner_id.email, "eva@home.test")
        self.assertTrue(case.partner_id.is_citizen)
        self.assertIn("&lt;b&gt;", case.description, "the text is text")
        self.assertEqual(case.acknowledgement, "to_send")
        page = self.url_open(answer.headers["Location"]).text
        self.assertIn(case.tracking_code, page)
        self.assertIn("Lighting", page)

    def test_a_signed_in_citizen_is_not_asked_again(self):
        self.authenticate("t_citizen", "t_citizen")
        self.assertNotIn('name="email"', self.url_open(self.path).text)
        self.post(self.path, {"text": FORM["text"], "place": FORM["place"]})
        self.assertEqual(self.last_case().partner_id, self.citizen)

    def test_a_form_does_not_choose_whose_case_it_is(self):
        self.authenticate("t_citizen", "t_citizen")
        self.post(
            self.path,
            {**FORM, "partner_id": self.neighbour.id, "email": "neighbour@home.test"},
        )
        self.assertEqual(self.last_case().partner_id, self.citizen)

    def test_anonymous_where_the_service_allows_it(self):
        self.post(f"/cases/new/{self.tree.id}", {k: FORM[k] for k in ("text", "place")})
        case = self.last_case()
        self.assertEqual(case.category_id, self.tree)
        self.assertFalse(case.partner_id)
        self.assertEqual(case.acknowledgement, "none")

    def test_errors_are_said_and_nothing_written_is_lost(self):
        before = self.last_case()
        answer = self.post(self.path, {**FORM, "email": "eva", "text": "short"})
        self.assertEqual(answer.status_code, 400)
        self.assertIn("Check the e-mail address", answer.text)
        self.assertIn("at least 10 characters", answer.text)
        self.assertIn('value="Calle Mayor 3"', answer.text)
        self.assertIn('href="#civic-email"', answer.text)
        self.assertEqual(self.last_case(), before)

    def test_the_same_page_sent_twice_is_one_case(self):
        form = {**FORM, "page_key": "k" * 22}
        first, second = self.post(self.path, form), self.post(self.path, form)
        self.assertEqual(first.headers["Location"], second.headers["Location"])
        third = self.post(self.path, {**form, "text": "La otra farola tampoco funciona."})
        self.assertNotEqual(first.headers["Location"], third.headers["Location"], "mended and sent again")

    def test_every_form_is_in_the_ledger_with_its_files(self):
        self.post(self.path, FORM, files=[("files", ("lamp.jpg", self.photo()))])
        case = self.last_case()
        entry = self.env["civic.intake"].search([("case_id", "=", case.id)])
        self.assertEqual((entry.adapter, entry.state, entry.result), ("web", "processed", "case"))
        self.assertIn("La farola no funciona", entry.text)
        self.assertIn(b"lamp.jpg", entry._get_raw())

    def test_the_case_is_made_when_its_page_is_opened_or_by_the_job(self):
        self.env["ir.config_parameter"].set_param("civic_crm.intake_at_once", "False")
        before = self.last_case()
        answer = self.post(self.path, FORM)
        self.assertEqual(self.last_case(), before, "the citizen does not wait for it")
        entry = self.env["civic.intake"].search([], order="id desc", limit=1)
        page = self.url_open(f"/cases/{entry.message_ref}")
        self.assertIn(entry.message_ref, page.text)
        self.assertEqual(self.last_case().tracking_code, entry.message_ref)
        self.url_open(answer.headers["Location"])
        self.assertEqual(len(self.env["helpdesk.ticket"].search([("id", ">", before.id or 0)])), 1)
        self.post(self.path, FORM)
        self.env.flush_all()
        self.env.ref("civic_crm.cron_process_intake").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(len(self.env["helpdesk.ticket"].search([("id", ">", before.id or 0)])), 2)

    @mute_logger("odoo.addons.civic_crm.models.civic_intake")
    def test_what_cannot_be_registered_at_once_is_kept_and_said(self):
        before = self.last_case()
        case_class = type(self.env["helpdesk.ticket"])
        with patch.object(case_class, "_file_case", side_effect=ValueError("broken")):
            answer = self.post(self.path, FORM)
            page = self.url_open(answer.headers["Location"])
        entry = self.env["civic.intake"].search([], order="id desc", limit=1)
        self.assertEqual(page.status_code, 200)
        self.assertIn(entry.number, page.text)
        self.assertIn(entry.message_ref, page.text)
        self.assertEqual(entry.state, "received")
        self.assertEqual(self.last_case(), before)
        entry._process()
        self.assertEqual(self.last_case(), entry.case_id)
        self.assertIn("La farola no funciona", entry.case_id.description)

    def test_what_a_limit_holds_is_said_to_wait_for_a_person(self):
        self.env["civic.intake.limit"].create({"name": "One an hour", "most": 1})
        self.url_open(self.post(self.path, FORM).headers["Location"])
        held = self.post(self.path, {**FORM, "text": "La farola sigue apagada."})
        page = self.url_open(held.headers["Location"]).text
        entry = self.env["civic.intake"].search([], order="id desc", limit=1)
        self.assertEqual((entry.state, entry.reason), ("spam", "loop"))
        self.assertIn("held for a person to look at", page)
        self.assertNotIn("we try again", page)
        self.assertIn(entry.message_ref, page)
        entry.with_user(self.users["agent"]).action_retry()
        self.assertEqual(entry.case_id.tracking_code, entry.message_ref, "the code that was given holds")
        self.assertIn(entry.message_ref, self.url_open(f"/cases/{entry.message_ref}").text)

    def test_what_is_not_offered_does_not_exist(self):
        for service_id in (self.internal_service.id, 0, 99999999):
            with self.subTest(service_id=service_id):
                self.assertEqual(self.url_open(f"/cases/new/{service_id}").status_code, 404)

    @mute_logger("odoo.http")
    def test_without_token_nothing_is_filed(self):
        before = self.last_case()
        self.assertEqual(self.url_open(self.path, data=FORM).status_code, 400)
        self.assertEqual(self.last_case(), before)

    def test_a_robot_files_nothing(self):
        before = self.last_case()
        answer = self.post(self.path, {**FORM, "website_url": "http://spam.test"})
        self.assertEqual(answer.status_code, 429)
        self.assertEqual(self.last_case(), before)

    def test_a_flood_is_stopped(self):
        self.env["ir.config_parameter"].set_param("civic_portal.limit_filing", "2")
        codes = [self.post(self.path, FORM).status_code for _ in range(3)]
        self.assertEqual(codes, [303, 303, 429])

    def test_the_count_of_attempts_names_nobody(self):
        self.post(self.path, FORM)
        rows = self.env["civic.rate.limit"].search([])
        self.assertTrue(rows)
        self.assertNotIn("127.0.0.1", str(rows.read()))

    def photo(self):
        exif = Image.Exif()
        exif[0x8825] = {1: "N", 2: (40.0, 25.0, 0.0)}
        out = io.BytesIO()
        Image.new("RGB", (60, 40), "blue").save(out, "JPEG", exif=exif)
        return out.getvalue()

    def test_photos_arrive_without_the_place_they_were_taken(self):
        self.post(self.path, FORM, files=[("files", ("farola.jpg", self.photo()))])
        case = self.last_case()
        [file] = self.public_messages(case).attachment_ids
        self.assertEqual(file.mimetype, "image/jpeg")
        self.assertFalse(dict(Image.open(io.BytesIO(file.raw)).getexif()))
        page = self.url_open(f"/cases/{case.tracking_code}").text
        self.assertIn(f"/cases/{case.tracking_code}/files/{file.id}", page)

    def test_files_of_other_kinds_and_too_many_are_refused(self):
        before = self.last_case()
        for files, said in (
            ([("files", ("x.jpg", b"MZ\x90"))], "photos (JPEG"),
            ([("files", ("x.svg", b"<svg onload='x'/>"))], "photos (JPEG"),
            ([("files", (f"{i}.jpg", self.photo())) for i in range(6)], "at most 5"),
        ):
            with self.subTest(said=said):
                answer = self.post(self.path, FORM, files=files)
                self.assertEqual(answer.status_code, 400)
                self.assertIn(said, answer.text)
        self.assertEqual(self.last_case(), before)

    def test_the_bases_addresses_lead_here(self):
        self.authenticate("t_citizen", "t_citizen")
        self.assertTrue(self.url_open("/new/ticket").url.endswith("/cases/new"))

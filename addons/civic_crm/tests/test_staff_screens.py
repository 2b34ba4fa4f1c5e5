# SPDX-License-Identifier: AGPL-3.0-or-later
"""What staff's screens ask of the models: words that are told apart, figures that do not mislead, what helps filing."""

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import CityCase


@tagged("post_install", "-at_install")
class TestStaffScreens(CityCase):
    def open_form(self, user, **defaults):
        Case = self.env["helpdesk.ticket"].with_user(self.users[user])
        return Form(
            Case.with_context(**{f"default_{name}": value for name, value in defaults.items()}),
            view="civic_crm.helpdesk_ticket_view_form",
        )

    def test_a_new_case_is_called_so(self):
        self.assertEqual(self.env["helpdesk.ticket"].new({}).display_name, "New case")
        case = self.file_case(name="Dark corner")
        self.assertEqual(case.display_name, f"{case.number} · Dark corner")

    def test_what_was_reported_before_is_shown_while_filing(self):
        known = self.file_case(place="Harbour Street 12", name="Dark")
        form = self.open_form("agent")
        form.category_id = self.street_light
        self.assertFalse(form.possible_duplicate_count)
        form.place = "Harbour Street 12"
        self.assertEqual(form.possible_duplicate_count, 1)
        self.assertEqual(form.possible_duplicate_ids.ids, known.ids)

    def test_what_was_reported_of_a_department_one_does_not_see_is_not_shown_while_filing(self):
        self.file_case(place="Harbour Street 12", name="Dark")
        form = self.open_form("stranger")
        form.category_id = self.street_light
        form.place = "Harbour Street 12"
        self.assertFalse(form.possible_duplicate_count)

    def test_a_known_citizen_is_reached_by_the_known_telephone(self):
        self.citizen.phone = "+34 600 111 222"
        form = self.open_form("agent", partner_id=self.citizen.id)
        self.assertEqual(form.partner_phone, self.citizen.phone)
        self.assertEqual(form.partner_email, self.citizen.email)

    def test_whoever_types_a_case_in_says_how_it_came(self):
        form = self.open_form("agent", partner_id=self.citizen.id)
        form.name = "Dark"
        form.description = "It is dark."
        form.category_id = self.street_light
        with self.assertRaisesRegex(AssertionError, "channel_id is a required field"):
            form.save()
        form.channel_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone")
        self.assertTrue(form.save())

    def test_a_citizens_cases_are_called_so_everywhere(self):
        for name, field in self.env["res.partner"]._fields.items():
            if name.startswith("helpdesk_ticket"):
                self.assertNotIn("icket", field.string)

    def test_lists_call_departments_services_and_zones_by_their_own_name(self):
        heading = self.street_light.create({"name": "Streets"})
        self.street_light.parent_id = heading
        for record, path in (
            (self.lighting, "Works / Lighting"),
            (self.street_light, "Streets / Broken street light"),
            (self.old_town, "Centre › Old Town"),
        ):
            self.assertEqual(record.display_name, path)
            self.assertEqual(record.with_context(civic_name_alone=True).display_name, record.name)

    def test_nobodys_cases_are_an_open_column_of_a_board_by_responsible(self):
        case = self.file_case()
        groups = self.read_board("user_id")
        self.assertEqual([record["id"] for record in groups[False]["__records"] if record["id"] == case.id], case.ids)

    def test_a_column_that_was_folded_stays_so(self):
        self.file_case()
        groups = self.read_board("user_id", opening_info=[{"value": False, "folded": True}])
        self.assertNotIn("__records", groups[False])

    def read_board(self, groupby, **options):
        Case = self.env["helpdesk.ticket"].with_user(self.users["head"])
        result = Case.web_read_group(
            [("closed_date", "=", False)],
            [groupby],
            auto_unfold=True,
            unfold_read_specification={"name": {}},
            **options,
        )
        return {group[groupby] and group[groupby][0]: group for group in result["groups"]}

    def test_a_department_whose_cases_one_does_not_see_shows_no_figures(self):
        seen = {
            "worker": self.lighting,
            "head": self.works | self.lighting | self.parks,
            "agent": self.works | self.lighting | self.parks,
            "manager": self.works | self.lighting | self.parks,
            "auditor": self.works | self.lighting | self.parks,
        }
        for role, teams in seen.items():
            every = (self.works | self.lighting | self.parks).with_user(self.users[role])
            self.env.invalidate_all()
            self.assertEqual(every.filtered("cases_are_seen"), teams, role)

    def test_a_case_of_another_department_is_refused_in_plain_words(self):
        case = self.file_case()
        with self.assertRaisesRegex(AccessError, "This case is another department's"):
            case.with_user(self.users["stranger"]).read(["name"])
        with self.assertRaises(AccessError) as refusal:
            case.with_user(self.users["neighbour"]).read(["name"])
        self.assertNotIn("department", str(refusal.exception))

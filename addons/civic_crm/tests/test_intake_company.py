# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two cities in one system: what came to one is worked off there, whichever of them the job runs in."""

import json

from odoo.tests import TransactionCase, tagged

from .common import CityMixin


@tagged("post_install", "-at_install")
class TestIntakeCompany(CityMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_city()
        cls.env["ir.config_parameter"].set_param("civic_crm.intake_at_once", "False")
        cls.town = cls.env["res.company"].create({"name": "Next Town", "country_id": cls.env.ref("base.es").id})
        cls.everywhere = cls.env["helpdesk.ticket.team"].create({"name": "Both", "company_id": False})
        cls.street_light.write({"company_id": False, "team_id": cls.everywhere.id})

    def form(self, company):
        web = self.env["civic.adapter.web"].with_company(company)
        values = {"text": "It is dark.", "place": "Oak Street", "name": "Eva", "email": "eva@home.test"}
        return web._accept_form(self.street_light, self.web, values)

    def post(self, company):
        connector = self.env["civic.connector"].create({"name": "Bot", "company_id": company.id})
        body = json.dumps({"from": {"account": "7"}, "text": "A question"}).encode()
        facts = {"connector": connector.id}
        Intake = self.env["civic.intake"].with_company(company)
        return Intake._accept("json", body, key=f"{company.id}:1", channel=connector.channel_id, facts=facts)[0]

    def work_off(self):
        """As the job does: in the main company."""
        waiting = self.env["civic.intake"].with_company(self.city).search([("state", "=", "received")])
        self.assertEqual(waiting.env.company, self.city)
        waiting._process()

    def test_a_form_of_another_company_is_that_companys_case(self):
        entries = [self.form(company) for company in (self.city, self.town)]
        self.work_off()
        for entry, company in zip(entries, (self.city, self.town), strict=True):
            self.assertEqual(entry.company_id, company)
            self.assertEqual(entry.case_id.company_id, company, entry.last_error)
            self.assertEqual(entry.case_id.team_id, self.everywhere)

    def test_an_enquiry_is_that_companys_front_desks(self):
        desk = self.env["crm.team"].create({"name": "Desk", "is_front_desk": True, "company_id": self.town.id})
        entries = [self.post(company) for company in (self.city, self.town)]
        self.work_off()
        ours, theirs = (entry.enquiry_id for entry in entries)
        self.assertEqual((theirs.company_id, theirs.team_id), (self.town, desk), entries[1].last_error)
        self.assertEqual(ours.company_id, self.city, entries[0].last_error)
        self.assertNotEqual(ours.team_id, desk)

    def test_each_company_says_for_itself_what_files_by_itself(self):
        """The switch of one does not file for the other."""
        self.city.text_files_by_itself = True
        adapter = self.form(self.town)._get_adapter()
        self.assertEqual(adapter.env.company, self.town)
        self.assertFalse(adapter.env.company._get_text_settings()["files_by_itself"])

# SPDX-License-Identifier: AGPL-3.0-or-later
from lxml import etree

from odoo.exceptions import AccessError, MissingError
from odoo.tests import Form, new_test_user, tagged

from .common import CityCase

FORM = "civic_crm.res_partner_view_form_citizen"


@tagged("post_install", "-at_install")
class TestCitizenHistory(CityCase):
    def events(self, role="agent", partner=None, **more):
        """Return ``(kind, title)`` of what a role sees of a citizen, newest first."""
        self.env.invalidate_all()
        user = self.users[role] if isinstance(role, str) else role
        partner = (partner or self.citizen).with_user(user)
        return [(event.kind, event.title) for event in partner.civic_event_ids]

    def kinds(self, role="agent", partner=None):
        return sorted(kind for kind, _title in self.events(role, partner))

    def test_everything_is_in_one_list_newest_first(self):
        case = self.file_case(filed_at="2026-03-01 10:00:00")
        case._post_from_citizen("It is still dark.")
        way = self.env.ref("civic_crm.consent_purpose_news")._get_way("email")
        self.citizen._record_consent(way, "given", "form", evidence="x", at="2026-02-01 10:00:00")
        council = self.env["res.partner"].create({"name": "Council", "is_citizen": True, "is_company": True})
        self.env["civic.membership"].create(
            {"partner_id": self.citizen.id, "group_id": council.id, "date_from": "2026-01-01"}
        )
        self.env["civic.representation"].create(
            {
                "representative_id": self.citizen.id,
                "represented_id": council.id,
                "evidence": "x",
                "date_from": "2025-01-01",
            }
        )
        self.assertEqual(
            self.events(),
            [
                ("message", "Citizen: It is still dark."),
                ("case", case.display_name),
                ("consent", "News by topic · E-mail: Given"),
                ("membership", "Citizen · Council"),
                ("representation", "Citizen for Council"),
            ],
        )
        self.assertEqual(self.kinds(partner=council), ["membership", "representation"])

    def test_notes_are_not_the_citizens_history_and_calls_are(self):
        case = self.file_case()
        case.message_post(body="suspected fraud", subtype_xmlid="mail.mt_note")
        self.citizen.message_post(body="about the citizen", subtype_xmlid="mail.mt_note")
        self.citizen.message_post(body="Good morning", message_type="comment", subtype_xmlid="mail.mt_comment")
        call = self.citizen.activity_schedule("mail.mail_activity_data_call", summary="Call back")
        call.action_feedback(feedback="Reached")
        self.assertEqual(self.kinds(), ["call", "case", "message"])
        titles = " ".join(title for _kind, title in self.events())
        self.assertNotIn("fraud", titles)
        self.assertIn("Reached", titles)

    def test_nobody_sees_by_the_history_what_they_may_not_read(self):
        """One row for each role: the cases of two departments and one of none, with a message each."""
        cases = {
            "lighting": self.file_case(),
            "parks": self.file_case(self.tree),
            "none": self.file_case(self.internal_service),
        }
        for name, case in cases.items():
            case._post_from_citizen(f"secret of {name}")
        for role, visible in (
            ("agent", {"lighting", "parks", "none"}),
            ("manager", {"lighting", "parks", "none"}),
            ("auditor", {"lighting", "parks", "none"}),
            ("admin", {"lighting", "parks", "none"}),
            ("head", {"lighting", "parks"}),
            ("worker", {"lighting"}),
            ("stranger", {"parks"}),
        ):
            with self.subTest(role=role):
                events = self.events(role)
                said = {title.rsplit(" ", 1)[1] for kind, title in events if kind == "message"}
                self.assertEqual(said, visible)
                shown = {title for kind, title in events if kind == "case"}
                self.assertEqual(shown, {cases[name].display_name for name in visible})

    def test_the_list_of_all_events_shows_no_more_than_the_form(self):
        hidden = self.file_case(self.tree)
        hidden._post_from_citizen("secret")
        Event = self.env["civic.citizen.event"]
        as_worker = Event.with_user(self.users["worker"])
        all_ids = Event.sudo().search([("partner_id", "=", self.citizen.id)]).ids
        self.env.invalidate_all()
        for ask in (
            lambda: as_worker.search([("res_id", "=", hidden.id), ("kind", "=", "case")]),
            lambda: as_worker.search([("partner_id", "=", self.citizen.id)]),
            lambda: list(as_worker._read_group([("partner_id", "=", self.citizen.id)], ["kind"])),
        ):
            self.env.invalidate_all()
            self.assertFalse(ask())
        self.env.invalidate_all()
        self.assertFalse(as_worker.browse(all_ids).exists())

    def test_nobody_opens_by_the_history_what_they_may_not_read(self):
        case = self.file_case()
        case._post_from_citizen("x")
        events = (
            self.env["civic.citizen.event"]
            .with_user(self.users["agent"])
            .search([("partner_id", "=", self.citizen.id)])
        )
        self.assertEqual(
            {(e.action_open()["res_model"], e.action_open()["res_id"]) for e in events}, {(case._name, case.id)}
        )
        for event in events:
            model, number = event.res_model, event.res_id
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.users["stranger"]).browse(number).check_access("read")
            with self.assertRaises(MissingError):
                event.with_user(self.users["stranger"]).action_open()

    def test_who_is_no_staff_has_no_history_to_read(self):
        self.file_case()
        Event = self.env["civic.citizen.event"]
        for role in ("employee", "citizen", "neighbour", "public"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                Event.with_user(self.users[role]).search([])
        self.assertFalse(self.events("employee"))
        with self.assertRaises(AccessError):
            self.citizen.with_user(self.users["citizen"]).read(["civic_event_ids"])

    def test_enquiries_are_shown_to_who_may_read_them(self):
        self.env["crm.lead"].create({"name": "Opening hours?", "type": "lead", "partner_id": self.citizen.id})
        user = new_test_user(
            self.env, "t_enquiries", groups="civic_crm.group_agent,sales_team.group_sale_salesman_all_leads"
        )
        self.assertEqual(self.events(user), [("enquiry", "Opening hours?")])
        self.assertEqual(self.citizen.with_user(user).civic_enquiry_count, 1)

    def test_a_telephone_call_is_in_it_for_who_may_read_calls(self):
        ended = {"started_at": "2026-03-01 10:00:00", "answered_at": "2026-03-01 10:00:10"}
        calls = self.env["civic.call"].create(
            [
                {
                    **ended,
                    "partner_id": self.citizen.id,
                    "state": "ended",
                    "ended_at": "2026-03-01 10:02:15",
                    "disposition_id": self.env.ref("civic_crm.call_disposition_answered").id,
                    "notes": "Wants to know the opening hours.\nIn Spanish.",
                },
                {
                    "partner_id": self.citizen.id,
                    "direction": "out",
                    "state": "ended",
                    "started_at": "2026-03-02 10:00:00",
                    "ended_at": "2026-03-02 10:00:30",
                },
                {**ended, "partner_id": self.neighbour.id},
            ]
        )
        for role in ("agent", "manager", "auditor"):
            self.assertEqual(
                self.events(role),
                [
                    ("call", "Outgoing · nobody answered"),
                    ("call", "Incoming · 2:05 · Answered on the phone · Wants to know the opening hours."),
                ],
            )
        self.assertFalse(self.events("worker"), "calls are the front desk's")
        event = self.citizen.with_user(self.users["agent"]).civic_event_ids[:1]
        opened = event.action_open()
        self.assertEqual((opened["res_model"], opened["res_id"]), ("civic.call", calls[1].id))

    def test_what_was_written_on_an_enquiry_is_in_it(self):
        desk = self.env.ref("civic_crm.team_front_desk")
        vals = {"partner_id": self.citizen.id, "name": "Opening hours?"}
        enquiry, chance = self.env["crm.lead"].create(
            [{**vals, "type": "lead", "team_id": desk.id}, {**vals, "type": "opportunity"}]
        )
        enquiry.message_post(body="At nine.", message_type="comment", subtype_xmlid="mail.mt_comment")
        chance.message_post(body="Buy!", message_type="comment", subtype_xmlid="mail.mt_comment")
        for role in ("agent", "admin"):
            said = " ".join(title for kind, title in self.events(role) if kind == "message")
            self.assertIn("At nine.", said)
            self.assertNotIn("Buy!", said)
        self.assertFalse(self.events("worker"))

    def test_a_new_kind_of_event_is_one_query_more(self):
        Event = self.env["civic.citizen.event"].with_user(self.users["agent"])
        self.assertIsNone(Event._make_event_query("no.such.model", "case", "partner_id", "at"))
        query = Event._make_event_query("helpdesk.ticket", "case", "partner_id", "filed_at", [("name", "=", "X")])
        self.assertIn("helpdesk_ticket", query.code)

    def test_figures_count_what_the_user_may_read(self):
        self.file_case()
        self.file_case(self.tree)
        for role, expected in (("agent", "2 / 2"), ("worker", "1 / 1"), ("employee", "0 / 0")):
            with self.subTest(role=role):
                self.env.invalidate_all()
                self.assertEqual(self.citizen.with_user(self.users[role]).helpdesk_ticket_count_string, expected)

    def test_a_citizen_opens_in_the_citizens_form_for_staff(self):
        form = self.env.ref(FORM).id
        self.assertEqual(self.citizen.with_user(self.users["worker"]).get_formview_id(), form)
        self.assertNotEqual(self.citizen.with_user(self.users["employee"]).get_formview_id(), form)
        shop = self.env["res.partner"].create({"name": "Shop"})
        self.assertNotEqual(shop.with_user(self.users["worker"]).get_formview_id(), form)

    def test_every_role_of_staff_opens_the_form_and_what_it_leads_to(self):
        case = self.file_case()
        for role in ("agent", "worker", "head", "manager", "admin", "auditor"):
            with self.subTest(role=role):
                self.env.invalidate_all()
                citizen = self.citizen.with_user(self.users[role])
                self.assertEqual(Form(citizen, FORM).name, "Citizen")
                for action, model in (
                    (citizen.action_view_cases(), "helpdesk.ticket"),
                    (citizen.action_view_consents(), "civic.consent"),
                    (citizen.action_view_memberships(), "civic.membership"),
                    (citizen.action_view_representations(), "civic.representation"),
                    (citizen.action_view_events(), "civic.citizen.event"),
                ):
                    self.assertEqual(action["res_model"], model)
                    found = self.env[model].with_user(self.users[role]).search(action["domain"])
                    if model == "helpdesk.ticket":
                        self.assertEqual(found, case)

    def test_opening_a_citizen_with_200_cases_costs_what_one_with_a_case_costs(self):
        view = self.env["res.partner"].with_user(self.users["agent"]).get_view(self.env.ref(FORM).id)
        arch = etree.fromstring(view["arch"])
        names = {node.get("name") for node in arch.xpath("//field[not(ancestor::field)]")}
        events = {"fields": {"at": {}, "kind": {}, "title": {}}, "limit": 40}
        spec = {name: events if name == "civic_event_ids" else {} for name in names}

        def open_form(partner):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            data = partner.with_user(self.users["agent"]).web_read(spec)[0]
            return self.env.cr.sql_log_count - before, data

        self.file_case(partner=self.neighbour)._post_from_citizen("x")
        open_form(self.neighbour)
        few, _data = open_form(self.neighbour)
        cases = self.env["helpdesk.ticket"]
        for _case in range(200):
            cases |= self.file_case()
        for case in cases[:50]:
            case._post_from_citizen("Dark.")
        many, data = open_form(self.citizen)
        self.assertEqual(len(data["civic_event_ids"]), 200)
        self.assertEqual(data["helpdesk_ticket_count_string"], "200 / 200")
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 30)

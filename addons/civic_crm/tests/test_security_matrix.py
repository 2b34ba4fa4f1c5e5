# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every model × every role × every operation, own and others'."""

from odoo.tests import new_test_user, tagged

from ..core.intake import Outcome
from . import access_table
from .common import OPERATIONS, CityCase


class EveryModelMixin:
    """Asserts an addon's whole table of access, and that no model is missing from it."""

    def get_models(self, *modules):
        """Return the names of the models with a table or a form that *modules* define."""
        return sorted(
            name
            for name, model in self.env.registry.items()
            if model._original_module in modules and not model._abstract
        )

    def assert_every_model_has_a_row(self, modules, table):
        self.assertEqual(
            self.get_models(*modules),
            sorted(table),
            "each model has one line in tests/access_table.py, and each line a model",
        )

    def assert_table(self, table, get_record):
        """Check each line of *table*.

        :param get_record: function, model name → a record of it (superuser), or an empty recordset,
            with which the rights on the model itself are checked
        """
        for name, expected in table.items():
            with self.subTest(model=name):
                self.assert_matrix(get_record(name).sudo(), expected)

    def get_any_record(self, name):
        """Return one record of model *name* that is there, or an empty recordset."""
        return self.env[name].with_context(active_test=False).search([], limit=1)


@tagged("post_install", "-at_install")
class TestSecurityMatrix(EveryModelMixin, CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["service_manager"] = new_test_user(
            cls.env, "t_service_manager", groups="civic_crm.group_service_manager"
        )
        cls.tree.promise_days = 3
        cls.case = cls.file_case()
        cls.other = cls.file_case(cls.tree)
        for case in (cls.case, cls.other):
            cls.make_records_of_case(case)

    @classmethod
    def make_records_of_case(cls, case):
        """Give *case* one record of each model that hangs on cases and does not come by itself."""
        question = cls.env["civic.service.question"].create(
            {"service_id": case.category_id.id, "label": "How many?", "datatype": "number"}
        )
        cls.env["civic.case.answer"].create({"case_id": case.id, "question_id": question.id, "value_number": 3})
        (case | cls.file_case(case.category_id))._gather()
        cls.env["civic.representation"].create(
            {
                "representative_id": cls.neighbour.id,
                "represented_id": case.partner_id.id,
                "scope": "case",
                "case_id": case.id,
                "evidence": "A letter",
            }
        )
        entry, _is_new = cls.env["civic.intake"]._accept("web", case.number.encode())
        entry._settle(Outcome("processed", "case", case_id=case.id))
        connector = cls.env["civic.connector"].create({"name": "Bot"})
        handle = cls.env["civic.identity.handle"].create({"connector_id": connector.id, "account": "1"})
        cls.env["civic.outbox"].create({"handle_id": handle.id, "case_id": case.id, "words": "We come."})
        cls.env["civic.connector.refusal"].create({"connector_id": connector.id, "at": case.filed_at, "reason": "old"})
        cls.env["civic.deadline.extension"].create(
            {"deadline_id": case.deadline_ids.id, "amount": 1, "article": "art_23", "reason": "Many cases at once"}
        )
        cls.env["civic.text.suggestion"]._note_automatic(case, [0.95])
        cls.env["civic.deadline.pause"].create(
            {"case_id": case.id, "reason_id": cls.env["civic.pause.reason"].search([], limit=1).id}
        )

    def get_own(self, name):
        """Return a record that is the lighting department's, or of no department in particular."""
        if name == "helpdesk.ticket.category":
            return self.street_light
        if name == "helpdesk.ticket.tag":
            return self.env[name].create({"name": "Urgent"})
        return self.get_record_of_case(name, self.case) or self.get_any_record(name)

    def get_others(self, name):
        return self.get_record_of_case(name, self.other)

    def get_record_of_case(self, name, case):
        """Return the record of model *name* that hangs on *case*, if the model hangs on cases."""
        if name == "helpdesk.ticket":
            return case
        if name == "civic.issue":
            return case.issue_id
        Model = self.env[name]
        if Model.is_transient():
            return Model.browse()
        self.env.flush_all()
        return Model.search([("case_id", "=", case.id)], limit=1) if "case_id" in Model._fields else Model.browse()

    def test_every_model_has_a_row(self):
        self.assert_every_model_has_a_row(("civic_crm", "helpdesk_mgmt"), access_table.OWN)

    def test_every_role_is_tried(self):
        self.assertEqual(set(self.users), {*access_table.STAFF, *access_table.OUTSIDERS})

    def test_own(self):
        self.assert_table(access_table.OWN, self.get_own)

    def test_others(self):
        for name in access_table.OTHERS:
            self.assertTrue(self.get_others(name), f"no record of {name} to try")
        self.assert_table(access_table.OTHERS, self.get_others)

    def test_what_is_kept_in_odoos_own_models(self):
        self.assert_table(access_table.BORROWED, lambda name: self.get_borrowed(name, self.case))

    def test_what_is_kept_in_odoos_own_models_of_anothers_case(self):
        table = {}
        for name in access_table.BORROWED_OF_CASE:
            rights = dict(access_table.BORROWED[name])
            table[name] = rights | {"stranger": rights.pop("worker")}
        self.assert_table(table, lambda name: self.get_borrowed(name, self.other))

    def get_borrowed(self, name, case):
        """Return a record of Odoo's model *name* in which the product keeps something; of *case*, where it is a case's."""
        calendar = self.city.legal_calendar_id
        desk = self.env.ref("civic_crm.team_front_desk")
        make = {
            "base.automation": lambda: self.env[name].search([], limit=1),
            "crm.lead": lambda: self.env[name].create({"name": "Opening hours?", "type": "lead", "team_id": desk.id}),
            "crm.team": lambda: desk,
            "ir.attachment": lambda: self.env[name].create(
                {"name": "a.txt", "raw": b"x", "res_model": case._name, "res_id": case.id}
            ),
            "mail.activity": lambda: case.activity_schedule("mail.mail_activity_data_todo", user_id=self.env.uid),
            "mail.message": lambda: case.message_post(body="x", subtype_xmlid="mail.mt_comment"),
            "mail.template": lambda: self.env.ref("civic_crm.mail_template_case_received"),
            "rating.rating": lambda: self.env[name].create(
                {"res_model_id": self.env["ir.model"]._get_id(case._name), "res_id": case.id}
            ),
            "res.partner": lambda: self.env[name].create({"name": "Ana", "is_citizen": True}),
            "resource.calendar": lambda: calendar,
            "resource.calendar.leaves": lambda: self.env[name].create(
                {"name": "Fair", "calendar_id": calendar.id, "date_from": "2027-01-11", "date_to": "2027-01-12"}
            ),
        }
        return make[name]()

    def test_whatever_hangs_on_a_case_is_no_others_business(self):
        """A model with a case and no line for others would show all departments' records to each."""
        for name in self.get_models("civic_crm"):
            model = self.env[name]
            if "case_id" in model._fields and not model.is_transient():
                with self.subTest(model=name):
                    self.assertIn(name, access_table.OTHERS)

    def test_the_auditor_reads_all_and_writes_nothing(self):
        auditor = self.users["auditor"]
        for name in self.get_models("civic_crm", "helpdesk_mgmt"):
            model = self.env[name].with_user(auditor)
            if model.is_transient():
                continue
            with self.subTest(model=name):
                self.assertEqual([op for op in OPERATIONS if model.has_access(op)], ["read"])
                self.assertEqual(model.search_count([]), model.sudo().search_count([]))

    def test_a_service_of_the_house_is_not_shown_outside(self):
        self.assert_matrix(self.internal_service, access_table.CATALOGUE)

    def test_a_wizard_is_whoevers_who_opened_it(self):
        """Core shows everybody's; it holds answers not sent yet."""
        worker, stranger = self.users["worker"], self.users["stranger"]
        wizard = self.env["civic.case.close"].with_user(worker).create({"case_ids": self.case.ids, "answer": "Draft"})
        self.env.invalidate_all()
        self.assertTrue(wizard.has_access("write"))
        for operation in ("read", "write", "unlink"):
            self.assertFalse(wizard.with_user(stranger).has_access(operation))
        self.assertFalse(wizard.with_user(stranger).search([("answer", "ilike", "Draft")]))

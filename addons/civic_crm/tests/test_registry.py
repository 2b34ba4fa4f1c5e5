# SPDX-License-Identifier: AGPL-3.0-or-later
import threading

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, freeze_time, tagged
from odoo.tools import mute_logger

from .common import CityCase

#: Nobody files in it, so that what is committed there is in nobody's way.
FAR_YEAR = 2917


@tagged("post_install", "-at_install")
class TestRegistry(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permit = cls.env["helpdesk.ticket.category"].create(
            {"name": "Terrace permit", "service_code": "terrace", "kind": "request", "team_id": cls.works.id}
        )

    def number_of(self, case):
        return int(case.registry_number.rsplit("-", 1)[1])

    def test_only_requests_and_complaints_are_official_filings(self):
        for kind, official in (("notice", False), ("request", True), ("complaint", True), ("suggestion", False)):
            with self.subTest(kind=kind):
                service = self.permit.copy({"kind": kind, "service_code": kind, "is_registered": official})
                self.assertEqual(service.is_registered, official)
                case = self.file_case(service)
                self.assertEqual(bool(case.registry_number), official)
                self.assertEqual(bool(case.registered_at), official)

    def test_the_city_decides_which_kinds_and_a_service_for_itself(self):
        self.city.register_suggestions = True
        Service = self.env["helpdesk.ticket.category"]
        self.assertTrue(Service.create({"name": "Idea", "kind": "suggestion"}).is_registered)
        self.street_light.is_registered = True
        self.assertTrue(self.file_case().registry_number)
        self.permit.is_registered = False
        self.assertFalse(self.file_case(self.permit).registry_number)

    def test_numbers_follow_each_other_and_say_the_year_in_the_city(self):
        with freeze_time("2031-12-31 22:59:00"):
            last = self.file_case(self.permit)
        with freeze_time("2031-12-31 23:30:00"):  # half past midnight in the city
            first, second = self.file_case(self.permit), self.file_case(self.permit)
        self.assertRegex(last.registry_number, r"^2031-E-\d{6}$")
        self.assertEqual(first.registry_number, "2032-E-000001")
        self.assertEqual(second.registry_number, "2032-E-000002")
        self.city.registry_prefix = False
        with freeze_time("2032-01-02 09:00:00"):
            self.assertEqual(self.file_case(self.permit).registry_number, "2032-000003")

    def create_batch(self, services):
        """Return cases of *services*, created in one call, and what that cost in queries."""
        vals = [
            {"name": str(i), "description": "x", "category_id": service.id, "partner_id": self.citizen.id}
            for i, service in enumerate(services)
        ]
        Case = self.env["helpdesk.ticket"].with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        cases = Case.create(vals)
        self.env.flush_all()
        return cases, self.env.cr.sql_log_count - before

    def test_a_batch_is_numbered_in_the_order_of_the_list(self):
        cases, _cost = self.create_batch([self.permit, self.street_light] * 10)
        numbers = [self.number_of(case) for case in cases if case.registry_number]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 10)))

    def test_official_filings_cost_one_query_a_batch(self):
        for size in (1, 10):
            for service in (self.permit, self.street_light):
                self.create_batch([service] * size)
            _cases, official = self.create_batch([self.permit] * size)
            _cases, notices = self.create_batch([self.street_light] * size)
            with self.subTest(size=size):
                self.assertLessEqual(official - notices, 1)

    def test_a_case_whose_kind_is_set_right_is_registered_then_and_stays(self):
        case = self.file_case()
        self.assertFalse(case.registry_number)
        case.with_user(self.users["worker"]).kind = "request"
        number = case.registry_number
        self.assertTrue(number)
        case.kind = "notice"
        self.assertEqual(case.registry_number, number)
        case.category_id = self.permit
        self.assertEqual(case.registry_number, number)

    def test_an_entry_is_nobodys_to_write_or_to_take(self):
        case = self.file_case(self.permit)
        for role in ("head", "admin"):
            for values in ({"registry_number": "2031-E-000001"}, {"registered_at": "2031-01-01"}):
                with self.subTest(role=role, values=values), self.assertRaises(AccessError):
                    case.with_user(self.users[role]).write(values)
        with self.assertRaises(AccessError):
            case.with_user(self.users["admin"]).create({"name": "A", "description": "x", "registry_number": "1"})

    def test_a_copy_is_another_entry(self):
        case = self.file_case(self.permit)
        self.assertEqual(self.number_of(case.copy()), self.number_of(case) + 1)

    def test_what_is_rolled_back_leaves_no_gap(self):
        before = self.file_case(self.permit)
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.file_case(self.permit)
            raise ZeroDivisionError
        after = self.file_case(self.permit)
        self.assertEqual(self.number_of(after), self.number_of(before) + 1)

    def test_a_case_is_found_by_its_entry(self):
        case = self.file_case(self.permit)
        found = self.env["helpdesk.ticket"].name_search(case.registry_number)
        self.assertIn(case.id, [case_id for case_id, _name in found])

    def test_the_counter_is_read_by_administrator_and_auditor_and_written_by_nobody(self):
        self.file_case(self.permit)
        counter = self.env["civic.registry.counter"].search([], limit=1)
        self.assert_matrix(counter, {"admin": "r", "auditor": "r"})

    def test_the_receipt_says_what_the_law_wants(self):
        """Ley 39/2015, art. 16.3."""
        with freeze_time("2031-03-06 09:00:00"):
            case = self.file_case(self.permit)
        template = self.env.ref("civic_crm.mail_template_case_received")
        body = template._render_field("body_html", case.ids)[case.id]
        for part in (case.registry_number, "Terrace permit", "2031", "10:00", "Citizen", "Test City", "Works"):
            self.assertIn(part, body)
        notice = self.file_case()
        self.assertNotIn("registry", template._render_field("body_html", notice.ids)[notice.id])


@tagged("post_install", "-at_install")
class TestRegistryUnderWay(TransactionCase):
    """Two transactions at once, on real cursors; what they commit is removed."""

    def setUp(self):
        super().setUp()
        self.company_id = self.env.ref("base.main_company").id
        self.addCleanup(self._remove)

    def _remove(self):
        with self.registry.cursor() as cursor:
            cursor.execute("DELETE FROM helpdesk_ticket WHERE registry_number LIKE %s", [f"{FAR_YEAR}-%"])
            cursor.execute("DELETE FROM civic_registry_counter WHERE year = %s", [FAR_YEAR])

    def _file(self, cursor, count=1):
        """File official cases in *cursor*'s transaction; return their numbers."""
        env = api.Environment(cursor, SUPERUSER_ID, {"tracking_disable": True})
        vals = {"name": "A", "description": "x", "kind": "request", "company_id": self.company_id}
        with freeze_time(f"{FAR_YEAR}-06-01 09:00:00"):
            cases = env["helpdesk.ticket"].create([dict(vals) for _ in range(count)])
            env.flush_all()
        return cases.mapped("registry_number")

    def _draw_and_commit(self, env, numbers, count):
        """Draw as filing does, and as the server does once more after a serialisation failure.

        In a thread nothing may want the registry's lock, not even a new environment: Odoo's own runner holds it.
        """
        company = env["res.company"].browse(self.company_id)
        for _try in range(5):
            try:
                numbers += env["civic.registry.counter"]._draw(company, FAR_YEAR, count)
            except SerializationFailure:
                env.cr.rollback()
            else:
                env.cr.commit()  # pylint: disable=invalid-commit
                return

    def _expected(self, count):
        return [f"{FAR_YEAR}-E-{number:06d}" for number in range(1, count + 1)]

    def test_a_transaction_that_fails_gives_its_number_back(self):
        with self.registry.cursor() as cursor:
            self.assertEqual(self._file(cursor, 3), self._expected(3))
            cursor.rollback()
        with self.registry.cursor() as cursor:
            self.assertEqual(self._file(cursor), self._expected(1))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_at_once_get_no_number_twice_and_leave_none_out(self):
        for outcome in ("commit", "rollback"):
            with (
                self.subTest(first=outcome),
                self.registry.cursor() as cursor,
                self.registry.cursor() as other,
            ):
                self._remove()
                first = self._file(cursor, 2)
                second = []
                env = api.Environment(other, SUPERUSER_ID, {})
                thread = threading.Thread(target=self._draw_and_commit, args=(env, second, 2))
                thread.start()
                thread.join(0.5)
                self.assertTrue(thread.is_alive(), "the second waits for the first")
                getattr(cursor, outcome)()
                thread.join(30)
                kept = [int(number.rsplit("-", 1)[1]) for number in first] if outcome == "commit" else []
                self.assertEqual(kept + second, list(range(1, len(kept) + 3)))
                self.assertEqual(len(second), 2)

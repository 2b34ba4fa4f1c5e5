# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import datetime

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ..core.intake import TERMS, Outcome
from .common import CityCase

#: 00:30 on 2 March in Madrid, while it is still 1 March in London
NIGHT = datetime(2027, 3, 1, 23, 30)


@tagged("post_install", "-at_install")
class TestIntakeEquation(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Intake = cls.env["civic.intake"]
        cls.case = cls.file_case()
        cls.post = cls.env.ref("civic_crm.channel_post")
        cls.env.cr.execute("UPDATE civic_intake SET received_at = '2020-01-01'")
        with freeze_time(NIGHT):
            cls.receive("processed", "case", 2)
            cls.receive("processed", "enquiry", channel=cls.post)
            cls.receive("processed", "reply")
            cls.receive("spam")
            cls.receive("quarantined", channel=cls.post)
            cls.receive("received")
        with freeze_time(datetime(2027, 3, 1, 22, 30)):  # the city's yesterday
            cls.receive("spam", count=3)

    @classmethod
    def receive(cls, state, result="", count=1, channel=None):
        for _number in range(count):
            entry, _is_new = cls.Intake._accept(
                "web", b"x", key=f"{cls.Intake.search_count([])}", channel=channel or cls.web
            )
            if state != "received":
                entry._settle(Outcome(state, result, case_id=cls.case.id if result == "case" else 0))

    def count(self, period="today", user="agent"):
        with freeze_time(NIGHT):
            return self.Intake.with_user(self.users[user]).get_equation(period)

    def follow(self, term, period="today", channel_id=None):
        """Return the messages that a click shows."""
        with freeze_time(NIGHT):
            action = self.Intake.with_user(self.users["auditor"]).get_equation_action(term, period, channel_id)
        return self.Intake.search(action["domain"])

    def test_what_was_received_is_the_sum_of_the_terms(self):
        equation = self.count()
        self.assertTrue(equation["is_even"])
        self.assertEqual(
            equation["total"],
            {
                "received": 7,
                "cases": 2,
                "enquiries": 1,
                "replies": 1,
                "spam": 1,
                "quarantined": 1,
                "waiting": 1,
                "nowhere": 0,
            },
        )
        self.assertEqual([row["name"] for row in equation["channels"]], [self.web.name, self.post.name])
        self.assertEqual([row["received"] for row in equation["channels"]], [5, 2])
        self.assertEqual(equation["to_decide"], self.Intake.search_count([("state", "=", "quarantined")]))

    def test_days_begin_at_midnight_in_the_city(self):
        self.assertEqual(self.count()["first_day"], "2027-03-02")
        self.assertEqual(self.count("yesterday")["total"]["received"], 3)
        self.assertEqual(self.count("week")["total"]["received"], 10)
        self.assertEqual(
            (self.count("week")["first_day"], self.count("week")["last_day"]), ("2027-02-24", "2027-03-02")
        )

    def test_each_number_leads_to_as_many_messages(self):
        for period in ("today", "yesterday", "week", "month"):
            equation = self.count(period)
            for term in ("received", *TERMS):
                with self.subTest(period=period, term=term):
                    self.assertEqual(len(self.follow(term, period)), equation["total"][term])
                for row in equation["channels"]:
                    with self.subTest(period=period, term=term, channel=row["name"]):
                        self.assertEqual(len(self.follow(term, period, row["id"])), row[term])

    def test_a_message_in_no_term_is_told_and_shown(self):
        lost = self.follow("cases")[0]
        self.env.execute_query(SQL("UPDATE civic_intake SET result = NULL WHERE id = %s RETURNING id", lost.id))
        self.env.invalidate_all()
        equation = self.count()
        self.assertFalse(equation["is_even"])
        self.assertEqual(equation["total"]["nowhere"], 1)
        self.assertEqual(self.follow("nowhere"), lost)

    def test_no_day_is_an_empty_equation(self):
        with freeze_time(datetime(2030, 1, 1)):
            equation = self.Intake.get_equation("today")
        self.assertEqual((equation["total"]["received"], equation["channels"]), (0, []))
        self.assertTrue(equation["is_even"])

    def test_whoever_reads_the_ledger_reads_it_and_nobody_else(self):
        for role, user in self.users.items():
            Intake = self.Intake.with_user(user)
            with self.subTest(role=role):
                if role in ("agent", "manager", "admin", "auditor"):
                    self.assertTrue(Intake.get_equation("today")["is_even"])
                    continue
                with self.assertRaises(AccessError):
                    Intake.get_equation("today")
                with self.assertRaises(AccessError):
                    Intake.get_equation_action("cases")

    def test_nonsense_is_refused(self):
        with self.assertRaises(UserError):
            self.count("for ever")
        with self.assertRaises(UserError):
            self.follow("write_uid")

    def test_it_costs_the_same_whatever_came(self):
        Intake = self.Intake.with_user(self.users["agent"])
        with freeze_time(NIGHT):
            Intake.get_equation("month")
            with self.assert_queries_at_most(8):
                Intake.get_equation("month")


@tagged("post_install", "-at_install")
class TestIntakeSearch(CityCase):
    """Whatever somebody remembers of a message finds it, however many there are."""

    ROWS = 6000

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Intake = cls.env["civic.intake"]
        Intake.flush_model()
        # texts of some length, so that reading all of them would show
        cls.env.cr.execute(
            """
            INSERT INTO civic_intake (number, adapter, key, company_id, received_at, digest, state, attempts, subject,
                                      message_ref, text)
            SELECT 'T' || n, 'web', 'many ' || n, %s, now() AT TIME ZONE 'UTC', '', 'spam', 0, 'Subject ' || n,
                   '<ref' || n || '@home.test>',
                   'Subject ' || n || E'\\n' || repeat(md5(n::text) || ' ', 10)
                       || CASE WHEN n = 4321 THEN 'Señal caída en Calle Ñandú' ELSE '' END
              FROM generate_series(1, %s) AS n
            """,
            [cls.city.id, cls.ROWS],
        )
        # what autovacuum does in time
        cls.env.cr.execute("SELECT gin_clean_pending_list('civic_intake__text_index')")
        cls.env.cr.execute("SELECT gin_clean_pending_list('civic_intake__number_index')")
        cls.env.cr.execute("ANALYZE civic_intake")

    def look_for(self, words):
        """Return the query of the search bar for *words*, as the front desk makes it."""
        Intake = self.env["civic.intake"].with_user(self.users["agent"])
        view = etree.fromstring(Intake.get_view(view_type="search")["arch"])
        [field] = view.xpath("//field[@name='text']")
        return Intake._search(safe_eval(field.get("filter_domain"), {"self": words}), limit=80, order="id desc")

    def explain(self, query):
        return "\n".join(line for (line,) in self.env.execute_query(SQL("EXPLAIN %s", query.select())))

    def test_a_part_of_a_word_finds_it_by_the_index(self):
        for words in ("calle ñandú", "SEÑAL CA", "T4321"):
            with self.subTest(words=words):
                query = self.look_for(words)
                found = self.env["civic.intake"].browse(query)
                self.assertEqual(found.mapped("number"), ["T4321"])
                plan = self.explain(query)
                self.assertIn("civic_intake__text_index", plan)
                self.assertNotIn("Seq Scan", plan)

    def test_the_name_a_mail_server_gave_it_finds_it(self):
        found = self.env["civic.intake"].browse(self.look_for("<ref77@home.test>"))
        self.assertEqual(found.mapped("number"), ["T77"])

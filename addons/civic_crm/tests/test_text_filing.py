# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was learned files, suggests and sets aside what arrives; what people put right is learned from."""

import json

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.mail.tests.common import MailCommon

from .common import QueryBudgetMixin, SecurityMatrixMixin
from .example_texts import letters, spam_or_not
from .test_mail_intake import MailMixin

DARK = "la farola está apagada y la calle está a oscuras, no funciona el alumbrado"
BRANCH = "se ha caído una rama y el árbol está inclinado"
MONEY = "gane dinero desde casa sin esfuerzo, haga clic en el enlace para cobrar su premio, bitcoin"
UNCLEAR = "quería preguntarles una cosa sobre la fiesta"
PARK = "el columpio está roto"


class TextFilingCase(MailMixin, SecurityMatrixMixin, QueryBudgetMixin, MailCommon):
    """A city that has decided some 300 texts, and learned from them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Model = cls.env["civic.text.model"]
        cls.Suggestion = cls.env["civic.text.suggestion"]
        cls.container = cls.env["helpdesk.ticket.category"].create(
            {"name": "Overflowing container", "service_code": "container", "identification": "anonymous"}
        )
        cls.services = {"light": cls.street_light, "tree": cls.tree, "container": cls.container}
        cls.done = cls.env["civic.case.outcome"].search([("kind", "=", "resolved")], limit=1)
        (cls.street_light | cls.tree | cls.container).ask_place = "optional"
        desk = cls.env["crm.team"].browse(cls.env["crm.team"]._find_front_desk_id(cls.city.id))
        desk.write({"alias_name": "hello", "alias_domain_id": cls.alias_domain.id})
        cls.desk = desk
        cls.file_decided()
        cls.end_enquiries()
        cls.learned = cls.Model._train("service")
        cls.filter = cls.Model._train("spam")
        cls.city.write({"text_files_by_itself": True, "text_confidence": 0.8, "text_spam_confidence": 0.9})

    @classmethod
    def file_decided(cls, count=300, seed=1):
        told = [(text, name) for text, name in letters(4 * count, seed) if name in cls.services][:count]
        closed = {"stage_id": cls.done.stage_id.id, "outcome_id": cls.done.id}
        return cls.env["helpdesk.ticket"].create(
            [
                {"name": "Aviso", "description": f"<p>{text}</p>", "category_id": cls.services[name].id, **closed}
                for text, name in told
            ]
        )

    @classmethod
    def end_enquiries(cls, count=200, seed=1):
        Outcome = cls.env["civic.enquiry.outcome"]
        outcomes = {
            True: Outcome.search([("kind", "=", "spam")], limit=1),
            False: Outcome.search([("kind", "=", "answered")], limit=1),
        }
        return cls.env["crm.lead"].create(
            [
                {
                    "name": "Hola",
                    "description": f"<p>{text}</p>",
                    "team_id": cls.desk.id,
                    "enquiry_state": "done",
                    "enquiry_outcome_id": outcomes[is_spam].id,
                }
                for text, is_spam in spam_or_not(count, seed)
            ]
        )

    def mail(self, text, to="hello@city.test", subject="Aviso", **headers):
        return self.receive(to=to, text=text, Subject=subject, **headers)

    def as_role(self, record, role):
        return record.with_user(self.users[role])

    def noted(self, case):
        return self.Suggestion.search([("case_id", "=", case.id)])


@tagged("post_install", "-at_install")
class TestFilingByItself(TextFilingCase):
    def test_a_mail_to_the_front_desk_becomes_a_case_of_the_service(self):
        entry = self.mail(DARK)
        case = entry.case_id
        self.assertEqual((entry.state, entry.result), ("processed", "case"), entry.last_error)
        self.assertEqual((case.category_id, case.team_id), (self.street_light, self.lighting))
        self.assertEqual((case.name, case.partner_id.email), ("Aviso", "eva@home.test"))
        self.assertTrue(case.promised_on, "it has the service's deadlines")
        self.assertEqual(case.acknowledgement, "to_send")
        self.assertFalse(entry.enquiry_id)

    def test_its_thread_says_so_and_for_staff_only(self):
        case = self.mail(DARK).case_id
        [noted] = self.noted(case)
        self.assertTrue(noted.is_automatic)
        self.assertEqual(
            (noted.suggested_id, noted.version_id, noted.chosen_id.id), (case.category_id, self.learned, False)
        )
        self.assertRegex(self.notes(case), r"“Broken street light” \(\d\d%, Services 1\)")
        self.assertIn("because of: apagada", self.notes(case))
        self.assertNotIn("automatically", "".join(self.public_messages(case).mapped("body")))

    def test_what_is_not_sure_enough_is_an_enquiry_with_suggestions(self):
        self.city.text_confidence = 1.0
        entry = self.mail(f"{DARK} {BRANCH}")
        self.assertEqual(entry.result, "enquiry", entry.last_error)
        enquiry = self.as_role(entry.enquiry_id, "agent")
        self.assertFalse(enquiry.category_id)
        self.assertIn(enquiry.suggested_service_1_id, self.street_light | self.tree)
        self.assertTrue(enquiry.suggestion_1 and enquiry.suggestion_why)
        self.assertFalse(self.Suggestion.search([("is_automatic", "=", True)]))

    def test_without_the_switch_nothing_is_filed_by_itself(self):
        self.city.text_files_by_itself = False
        self.assertEqual(self.mail(DARK).result, "enquiry")

    def test_without_history_nothing_is_filed_by_itself(self):
        self.Model.search([]).write({"state": "superseded"})
        self.env.registry.clear_cache()
        self.street_light.keywords = "farola, alumbrado, oscuras, calle"
        self.assertEqual(self.mail(DARK).result, "enquiry")

    def test_what_lacks_a_fact_that_the_service_needs_is_an_enquiry(self):
        needs = {
            "a place": {"ask_place": "required"},
            "a photo": {"ask_photo": "required"},
            "to know who asks": {"identification": "identified"},
            "an answer": {"question_ids": [(0, 0, {"label": "How many?", "datatype": "number", "required": True})]},
        }
        for name, vals in needs.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.street_light.write(vals)
                entry = self.mail(DARK)
                self.assertEqual(entry.result, "enquiry", entry.last_error)
                self.assertEqual(entry.enquiry_id.suggested_service_1_id, self.street_light)
                savepoint.rollback()
            self.env.invalidate_all()
            self.env.registry.clear_cache()

    def test_words_of_danger_make_it_urgent(self):
        self.street_light.default_priority = "0"
        self.assertEqual(self.mail(DARK).case_id.priority, "0")
        self.assertEqual(self.mail(f"{DARK}. Huele a gas.").case_id.priority, "3")

    # to a department

    def test_a_mail_to_a_department_gets_its_service_there(self):
        case = self.mail(DARK, to="lighting@city.test").case_id
        self.assertEqual((case.category_id, case.team_id), (self.street_light, self.lighting))
        self.assertTrue(self.noted(case).is_automatic)

    def test_what_is_missing_is_asked_on_the_case_that_there_is_anyway(self):
        self.street_light.write({"ask_place": "required", "ask_photo": "required"})
        self.assertEqual(self.mail(DARK, to="lighting@city.test").case_id.category_id, self.street_light)
        self.street_light.identification = "identified"
        self.assertFalse(self.mail(f"{DARK}.", to="lighting@city.test").case_id.category_id)

    def test_what_was_written_to_a_department_is_not_taken_from_it(self):
        case = self.mail(BRANCH, to="lighting@city.test").case_id
        self.assertEqual((case.category_id.id, case.team_id), (False, self.lighting))
        self.assertEqual(case.suggested_service_1_id, self.tree)
        self.assertFalse(self.noted(case).filtered("is_automatic"))

    def test_it_may_go_to_a_part_of_the_department(self):
        self.works.write({"alias_name": "works", "alias_domain_id": self.alias_domain.id})
        self.assertEqual(self.mail(BRANCH, to="works@city.test").case_id.team_id, self.parks)

    def test_an_answer_is_never_classified(self):
        case = self.mail(DARK).case_id
        reference = self.answer(case).message_id
        reply = self.mail(BRANCH, to="lighting@city.test", References=reference)
        self.assertEqual((reply.result, reply.case_id, case.category_id), ("reply", case, self.street_light))
        self.assertEqual(len(self.noted(case)), 1)

    # other channels

    def send(self, text, **post):
        connector = self.env["civic.connector"].search([("name", "=", "Bot")]) or self.env["civic.connector"].create(
            {"name": "Bot"}
        )
        body = {"from": {"account": "77", "name": "Eva"}, "text": text, **post}
        entry, _is_new = self.env["civic.intake"]._accept(
            "json", json.dumps(body).encode(), channel=connector.channel_id, facts={"connector": connector.id}
        )
        entry._process()
        return entry

    def test_what_a_network_brings_is_filed_when_the_service_takes_it(self):
        entry = self.send("el contenedor está lleno y la basura se desborda", subject="Basura")
        case = entry.case_id
        self.assertEqual(
            (entry.result, case.category_id, case.name), ("case", self.container, "Basura"), entry.last_error
        )
        self.assertTrue(self.noted(case).is_automatic)
        more = self.send("y huele fatal")
        self.assertEqual((more.result, more.case_id), ("reply", case), more.last_error)

    def test_or_is_an_enquiry_when_it_needs_an_address(self):
        entry = self.send(DARK)
        self.assertEqual(entry.result, "enquiry", entry.last_error)
        self.assertEqual(entry.enquiry_id.suggested_service_1_id, self.street_light)

    def test_what_an_agent_writes_down_of_a_call_is_for_the_agent_to_decide(self):
        call = self.env["civic.call"].create({"user_id": self.users["agent"].id, "number": "+34600111222"})
        for words in (DARK, MONEY):
            entry = self.env["civic.adapter.phone"]._accept_request(call, {"text": words}, words)
            self.assertEqual((entry.state, entry.result), ("processed", "enquiry"), entry.last_error)

    # putting right

    def test_an_agent_puts_it_right_in_one_step(self):
        """Choosing the service moves the case, counts against the suggestion and teaches."""
        case = self.as_role(self.mail(DARK).case_id, "agent")
        self.assertRegex(case.filed_by_itself, r"^Broken street light · \d+%$")
        self.assertNotIn(self.street_light, case.suggested_service_1_id | case.suggested_service_2_id)
        case.category_id = self.tree
        self.assertEqual((case.team_id, case.is_service_chosen), (self.parks, True))
        [noted] = self.noted(case)
        self.assertEqual((noted.chosen_id, noted.is_right), (self.tree, False))
        self.assertFalse(case.filed_by_itself)
        self.assertIn(
            "filed automatically", self.env["civic.case.custody"].search([("case_id", "=", case.id)])[-1:].reason
        )

    def test_whoever_has_it_by_mistake_gives_it_away_by_one_click(self):
        case = self.as_role(self.mail(DARK).case_id, "worker")
        action = case.with_context(civic_service_id=self.tree.id).action_take_suggestion()
        self.assertEqual(case.sudo().team_id, self.parks)
        self.assertFalse(case.has_access("read"))
        self.assertEqual(action["tag"], "display_notification", "the form is left, which could not be read again")

    def test_whoever_would_lose_sight_of_a_form_keeps_the_case(self):
        """Saving a form reads it again: it would fail, and undo the correction."""
        case = self.as_role(self.mail(DARK).case_id, "worker")
        case.web_save({"category_id": self.tree.id}, {"category_id": {}})
        self.assertEqual((case.category_id, case.team_id), (self.tree, self.lighting))
        self.assertFalse(self.noted(case).is_right)

    def test_a_person_says_that_it_is_right(self):
        case = self.as_role(self.mail(DARK).case_id, "worker")
        case.action_agree()
        self.assertTrue(self.noted(case).is_right)
        self.assertFalse(case.filed_by_itself)
        self.assertTrue(case.is_service_chosen)

    def test_only_who_works_on_the_case_says_so(self):
        case = self.mail(DARK).case_id
        for role in ("stranger", "auditor", "employee", "citizen", "public"):
            with self.subTest(role), self.assertRaises(AccessError):
                self.as_role(case, role).action_agree()
        self.assertFalse(self.noted(case).chosen_id)

    def test_what_was_chosen_by_people_stays_where_it_is(self):
        """Only what a machine gave to a department is taken from it by changing the service."""
        case = self.as_role(self.file_case(), "agent")
        case.category_id = self.tree
        self.assertEqual(case.team_id, self.lighting)

    def test_the_next_training_learns_from_what_was_put_right(self):
        playground = self.env["helpdesk.ticket.category"].create({"name": "Playground", "ask_place": "optional"})
        texts = [text for text, name in letters(700, seed=4) if name == "playground"][:24]
        before = self.learned.texts
        cases = self.env["helpdesk.ticket"].browse([self.mail(f"{text} {DARK}").case_id.id for text in texts[:12]])
        self.assertEqual(set(cases.category_id.ids), {self.street_light.id}, "mistaken for it")
        self.assertEqual(self.Model._count_examples("service"), before, "a guess is no example")
        for case in self.as_role(cases, "agent"):
            case.category_id = playground
        self.assertEqual(self.Model._count_examples("service"), before + len(cases))
        again = self.Model._train("service")
        self.assertEqual(again.texts, before + len(cases))
        self.assertIn(playground, again.line_ids.service_id)
        self.assertEqual(self.Model._suggest_services([f"{texts[-1]} {DARK}"])[0][0][0], playground.id)
        self.assertEqual(self.learned.automatic_rate, 0)
        self.assertEqual(self.learned.automatic_count, len(cases))

    # cost

    def test_telling_costs_a_mail_no_query(self):
        """Of two mails that are not filed by themselves, the one that was judged costs no more."""
        costs = {}
        for is_on in (False, True, False, True):
            self.city.write({"text_files_by_itself": is_on, "text_sets_aside": is_on})
            self.mail(UNCLEAR, to="lighting@city.test")
            self.mail(UNCLEAR, to="lighting@city.test")
            before = self.env.cr.sql_log_count
            entry = self.mail(UNCLEAR, to="lighting@city.test")
            costs[is_on] = self.env.cr.sql_log_count - before
            self.assertEqual((entry.result, entry.case_id.category_id.id), ("case", False))
        self.assertLessEqual(costs[True], costs[False] + 1)

    def test_filing_by_itself_costs_what_it_writes(self):
        for text in (UNCLEAR, DARK):
            self.mail(text, to="lighting@city.test")
        before = self.env.cr.sql_log_count
        self.mail(UNCLEAR, to="lighting@city.test")
        plain = self.env.cr.sql_log_count - before
        before = self.env.cr.sql_log_count
        self.mail(DARK, to="lighting@city.test")
        self.assertLessEqual(self.env.cr.sql_log_count - before, plain + 12)


@tagged("post_install", "-at_install")
class TestSpamFilter(TextFilingCase):
    def assert_aside(self, entry):
        self.assertEqual((entry.state, entry.reason), ("spam", "filter"), entry.last_error)

    def test_what_looks_like_what_was_set_aside_is_set_aside_and_kept(self):
        cases, enquiries = (self.env[name].search_count([]) for name in ("helpdesk.ticket", "crm.lead"))
        for to in ("hello@city.test", "lighting@city.test"):
            entry = self.mail(MONEY, to=to)
            self.assert_aside(entry)
            self.assertRegex(entry.detail, r"^The filter was \d\d% sure \(Spam 1\)$")
            self.assertIn("bitcoin", entry.text)
            self.assertIn(b"bitcoin", entry._get_raw())
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), cases)
        self.assertEqual(self.env["crm.lead"].search_count([]), enquiries)
        self.assertTrue(entry._get_balance().is_even)

    def test_below_the_threshold_or_switched_off_it_is_let_in(self):
        self.city.text_spam_confidence = 1.0
        self.assertEqual(self.mail(MONEY).result, "enquiry")
        self.city.write({"text_spam_confidence": 0.9, "text_sets_aside": False})
        self.assertEqual(self.mail(MONEY).result, "enquiry")

    def test_a_person_lets_it_in_and_that_teaches(self):
        entry = self.mail(MONEY)
        self.assertFalse(
            [text for text, _spam in self.Model._get_spam_examples() if "bitcoin, multi" in text and "eva@" in text]
        )
        entry.with_user(self.users["agent"]).action_retry()
        self.assertEqual((entry.state, entry.result), ("processed", "enquiry"), entry.last_error)
        self.assertIn((entry.text, False), self.Model._get_spam_examples())

    def test_the_filters_own_verdict_teaches_nothing_until_a_person_agrees(self):
        entry = self.mail(MONEY)
        self.assertNotIn(entry.text, [text for text, _spam in self.Model._get_spam_examples()])
        entry.with_user(self.users["agent"]).action_spam()
        self.assertIn((entry.text, True), self.Model._get_spam_examples())

    def test_one_message_teaches_once_and_what_its_enquiry_ended_with(self):
        entry = self.mail(UNCLEAR)
        self.assertEqual(entry.result, "enquiry")
        before = self.Model._get_spam_examples()
        self.assertNotIn(entry.text, [text for text, _spam in before], "nobody has decided yet")
        spam = self.env["civic.enquiry.outcome"].search([("kind", "=", "spam")], limit=1)
        entry.enquiry_id._finish(spam, 20)
        after = self.Model._get_spam_examples()
        self.assertEqual(len(after), len(before) + 1)
        self.assertIn((entry.text, True), after)

    def test_an_answer_is_never_set_aside(self):
        case = self.mail(DARK).case_id
        reference = self.answer(case).message_id
        case.first_answered_at = False  # whom the city has answered is let in for that
        for entry in (
            self.mail(MONEY, to="lighting@city.test", References=reference),
            self.mail(MONEY, subject=f"My case {case.tracking_code}"),
        ):
            self.assertEqual((entry.state, entry.result, entry.case_id), ("processed", "reply", case), entry.last_error)

    def test_whom_the_city_knows_is_let_in(self):
        user = new_test_user(self.env, "t_known", groups="base.group_portal", email="known@home.test")
        with_document = self.env["res.partner"].create(
            {"name": "Ana", "email": "ana@home.test", "is_citizen": True, "civic_id_number": "12345678Z"}
        )
        self.assert_aside(self.mail(MONEY))
        case = self.mail(DARK).case_id  # of Eva's
        self.assert_aside(self.mail(MONEY))
        self.answer(case)
        for address in (user.email, with_document.email, "eva@home.test"):
            self.assertEqual(self.mail(MONEY, From=address).state, "processed", address)

    def test_a_forged_name_opens_nothing(self):
        self.env["ir.config_parameter"].set_param("civic_crm.mail_authserv_id", "mx.city.test")
        forged = {"Authentication-Results": "mx.city.test; dmarc=fail"}
        new_test_user(self.env, "t_known", groups="base.group_portal", email="known@home.test")
        self.assert_aside(self.mail(MONEY, **{"From": "known@home.test", **forged}))

    def test_machines_are_told_apart_before_the_filter(self):
        self.assertEqual(self.mail(MONEY, **{"Auto-Submitted": "auto-replied"}).reason, "automatic")


@tagged("post_install", "-at_install")
class TestSaidToTheAdministrator(TextFilingCase):
    def test_the_settings_say_how_good_it_is_and_what_a_confidence_would_have_meant(self):
        settings = self.env["civic.city.settings"].with_user(self.users["admin"])
        form = Form(settings)
        self.assertRegex(
            form.text_service_learned, r"^Services 1: \d+% of \d+ texts held back were told right, \d+% by"
        )
        self.assertRegex(form.text_spam_learned, r"^Spam 1: \d+% of ")
        share, right = next((share, right) for level, share, right in self.learned.levels if level == 0.9)
        form.text_confidence = 0.93
        self.assertIn(f"At 90% it would have filed {share:.0%}", form.text_effect)
        self.assertIn(f"{right:.0%} of them rightly", form.text_effect)
        form.text_confidence = 0.1
        self.assertFalse(form.text_effect)

    def test_and_that_nothing_was_learned_yet(self):
        self.Model.search([]).write({"state": "superseded"})
        self.env.registry.clear_cache()
        form = Form(self.env["civic.city.settings"].with_user(self.users["admin"]))
        self.assertEqual(form.text_service_learned, "Nothing learned yet.")
        self.assertFalse(form.text_effect)

    def test_each_service_has_its_accuracy_from_the_texts_held_back(self):
        lines = self.learned.with_user(self.users["admin"]).line_ids
        self.assertEqual(lines.service_id, self.street_light | self.tree | self.container)
        for line in lines:
            self.assertGreater(line.held_back, 0)
            self.assertEqual(line.recall, line.right / line.held_back)

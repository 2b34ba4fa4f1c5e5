# SPDX-License-Identifier: AGPL-3.0-or-later
import base64

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import Form, tagged

from ..core import text_model
from .common import CityCase
from .example_texts import letters, spam_or_not

SERVICES = ("light", "tree", "container")
TEXTS = 240


@tagged("post_install", "-at_install")
class TestTextLearning(CityCase):
    """What the city decided is learned from, suggested, and measured by what people choose."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Model = cls.env["civic.text.model"]
        cls.container = cls.env["helpdesk.ticket.category"].create(
            {"name": "Overflowing container", "service_code": "container", "keywords": "rubbish, basura"}
        )
        cls.services = {"light": cls.street_light, "tree": cls.tree, "container": cls.container}
        cls.done = cls.env["civic.case.outcome"].search([("kind", "=", "resolved")], limit=1)

    def file_decided(self, count=TEXTS, seed=1, **vals):
        """File and close *count* cases as if people had worked on them; their subjects name the service."""
        told = [(text, name) for text, name in letters(4 * count, seed) if name in self.services][:count]
        closed = {"stage_id": self.done.stage_id.id, "outcome_id": self.done.id}
        return self.env["helpdesk.ticket"].create(
            [
                {
                    "name": f"{self.services[name].name} · Main Street",
                    "description": f"<p>{text}</p>",
                    "category_id": self.services[name].id,
                }
                | closed
                | vals
                for text, name in told
            ]
        )

    def train(self, **vals):
        self.file_decided(**vals)
        return self.Model._train("service")

    def as_agent(self, record):
        return record.with_user(self.users["agent"])

    # learning

    def test_it_tells_better_than_guessing_and_says_how_well(self):
        version = self.train()
        self.assertEqual(version.state, "active")
        self.assertEqual(version.texts, TEXTS)
        self.assertGreater(version.accuracy, version.baseline + 0.3)
        self.assertEqual(sum(version.line_ids.mapped("held_back")), version.held_back)
        self.assertEqual(version.line_ids.service_id, self.street_light | self.tree | self.container)
        told = [(text, name) for text, name in letters(400, seed=2) if name in SERVICES]
        found = self.Model._suggest_services([text for text, _name in told], limit=1)
        right = sum(one and one[0][0] == self.services[name].id for one, (_t, name) in zip(found, told, strict=True))
        self.assertGreater(right / len(told), 0.9)

    def test_a_subject_that_names_the_service_is_not_learned(self):
        """Forms name the case after the service: a model of that would know the answer before the question."""
        self.file_decided(3)
        texts, _labels, _days = self.Model._get_service_examples()
        self.assertFalse([text for text in texts if "Main Street" in text])
        mail = self.file_case(name="Una rama", description="<p>se ha <b>caído</b></p>", is_service_chosen=True)
        self.assertEqual(mail._get_classified_texts(), ["Una rama\nse ha caído"])

    def test_only_what_people_decided_teaches(self):
        Case = self.env["helpdesk.ticket"]
        general = self.env["helpdesk.ticket.category"].create({"name": "Something else", "is_general": True})
        closed = self.file_decided(1)
        chosen = self.file_case(is_service_chosen=True)
        self.file_case()  # filed, and nobody has looked at it
        self.file_decided(1, category_id=general.id)
        self.file_decided(1, category_id=False)
        found = Case.search(self.Model._get_service_domain())
        self.assertEqual(found, closed | chosen)

    def test_a_correction_teaches(self):
        case = self.file_case(self.tree)
        self.assertFalse(case.is_service_chosen)
        self.as_agent(case).category_id = self.street_light
        self.assertTrue(case.is_service_chosen)
        other = self.file_case(self.tree)
        other.category_id = self.street_light  # the system
        self.assertFalse(other.is_service_chosen)

    def test_the_same_decisions_teach_the_same(self):
        self.file_decided()
        examples = self.Model._get_examples("service")
        first, second = (text_model.train(examples[0], examples[1], seed=1)[0].to_bytes() for _time in range(2))
        self.assertEqual(first, second)

    def test_what_is_no_better_than_guessing_is_not_used(self):
        self.file_decided(120, description="<p>Buenos días</p>", name="Hola")
        version = self.Model._train("service")
        self.assertEqual(version.state, "rejected")
        self.assertFalse(version.data)
        self.assertIsNone(self.Model._get_learned("service"))

    def test_a_new_version_takes_over_and_the_old_one_can_be_used_again(self):
        first = self.train()
        second = self.Model._train("service")
        self.assertEqual((first.state, second.state), ("superseded", "active"))
        self.assertEqual(self.Model._find_active_id("service"), second.id)
        first.with_user(self.users["admin"]).action_use()
        self.assertEqual((first.state, second.state), ("active", "superseded"))
        self.assertEqual(self.Model._find_active_id("service"), first.id)
        with self.assertRaises(UserError):
            first.with_user(self.users["admin"]).action_use()

    def test_the_job_trains_when_there_is_enough(self):
        self.file_decided()
        self.env.company.text_minimum = TEXTS + 1
        cron = self.env.ref("civic_crm.cron_train_texts")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertFalse(self.Model.search([]))
        self.env.company.text_minimum = TEXTS
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(self.Model.search([]).mapped("purpose"), ["service"])

    def test_train_now_calls_the_job_and_says_what_is_missing(self):
        administrator = self.Model.with_user(self.users["admin"])
        calls = self.env["ir.cron.trigger"].search_count([])
        self.assertTrue(call_kw(administrator, "action_train", [[]], {}), "as the list's button calls it")
        self.assertEqual(administrator.action_train()["params"]["type"], "warning")
        self.assertEqual(self.env["ir.cron.trigger"].search_count([]), calls)
        self.file_decided(60)
        self.env.company.text_minimum = 50
        self.assertEqual(administrator.action_train()["params"]["type"], "success")
        self.assertEqual(self.env["ir.cron.trigger"].search_count([]), calls + 1)

    # storing

    def test_a_version_that_was_tampered_with_is_not_used(self):
        version = self.train()
        text = "la farola está apagada"
        self.assertGreater(self.Model._suggest_services([text])[0][0][1], 0.5)
        good = base64.b64decode(version.data)
        other = base64.b64encode(text_model.train(["a b"] * 20 + ["c d"] * 20, [1] * 20 + [2] * 20)[0].to_bytes())
        for name, vals in {
            "another model": {"data": other},
            "a changed byte": {"data": base64.b64encode(good[:-1] + bytes([good[-1] ^ 1]))},
            "no signature": {"data": base64.b64encode(good), "signature": False},
            "another one's signature": {"data": base64.b64encode(good), "signature": "0" * 64},
            "nothing": {"data": False},
        }.items():
            with self.subTest(name), self.assertLogs("odoo.addons.civic_crm.models.civic_text_model", "ERROR"):
                version.write(vals)
                self.env.registry.clear_cache("stable")
                self.assertIsNone(self.Model._get_learned("service"))
                self.assertTrue(all(best[1] < 0.5 for best in self.Model._suggest_services([text])[0]))

    def test_a_signature_is_of_one_version_alone(self):
        first, second = self.train(), self.Model._train("service")
        self.assertNotEqual(first._sign(b"x"), second._sign(b"x"))

    def test_staff_cannot_reach_what_is_stored(self):
        version = self.train()
        attachment = (
            self.env["ir.attachment"].sudo().search([("res_model", "=", version._name), ("res_field", "=", "data")])
        )
        self.assertEqual(len(attachment), 1)
        self.assertNotIn(b"farola", attachment.raw)
        for role in ("agent", "worker", "head", "manager", "employee", "admin", "auditor", "citizen", "public"):
            with self.subTest(role):
                self.env.invalidate_all()
                user = self.users[role]
                self.assertFalse(attachment.with_user(user).has_access("read"))
                with self.assertRaises(AccessError):
                    version.with_user(user).read(["data"])

    def test_only_the_administrator_trains(self):
        version = self.train()
        for role in ("agent", "worker", "manager", "auditor", "employee", "citizen", "public"):
            for call in (
                self.Model.with_user(self.users[role]).action_train,
                version.with_user(self.users[role]).action_use,
            ):
                with self.subTest(role), self.assertRaises(AccessError):
                    call()

    # telling

    def test_without_history_the_catalogue_suggests_and_is_never_sure(self):
        [[best, *_others], nothing] = self.Model._suggest_services(["la basura se desborda, rubbish everywhere", ""])
        self.assertEqual(best[0], self.container.id)
        self.assertLess(best[1], 0.5)
        self.assertIn("basura", best[2])
        self.assertEqual(nothing, [])

    def test_a_service_without_history_is_found_by_its_keywords(self):
        self.train()
        pool = self.env["helpdesk.ticket.category"].create({"name": "Swimming pool", "keywords": "piscina, cloro"})
        found = self.Model._suggest_services(["la piscina municipal huele a cloro"])[0]
        self.assertIn(pool.id, [service for service, _sure, _why in found], found)

    def test_what_is_no_longer_offered_is_not_suggested(self):
        self.train()
        self.tree.active = False
        self.street_light.is_general = True
        for text in ("se ha caído una rama", "la farola está apagada"):
            found = self.Model._suggest_services([text])[0]
            self.assertFalse({self.tree.id, self.street_light.id} & {service for service, _sure, _why in found})

    def test_filing_by_itself_is_off_until_switched_on_and_needs_confidence(self):
        self.train()
        text = "la farola está apagada y la calle a oscuras"
        confidence = self.Model._suggest_services([text])[0][0][1]
        self.assertEqual(self.Model._decide_services([text]), [None])
        self.city.write({"text_files_by_itself": True, "text_confidence": max(0.5, confidence - 0.01)})
        [light, *others] = self.Model._decide_services([text, "", "hola"])
        self.assertEqual((light[0], round(light[1], 4)), (self.street_light.id, round(confidence, 4)))
        self.assertIn("apagada", light[2])
        self.assertEqual(others, [None, None])
        self.city.text_confidence = 1.0
        self.assertEqual(self.Model._decide_services(["una cosa cualquiera en la calle"]), [None])
        self.city.text_confidence = 0.5
        self.street_light.active = False
        self.assertEqual(self.Model._decide_services([text]), [None], "it is no longer offered")

    def test_settings_refuse_nonsense(self):
        wrong = {"text_confidence": (0.3, 1.1), "text_spam_confidence": (0.5, 1.1), "text_minimum": (3,)}
        for vals in ({name: value} for name, values in wrong.items() for value in values):
            with self.subTest(vals), self.assertRaises(ValidationError):
                self.city.write(vals)

    def test_telling_asks_the_database_nothing_once_it_is_in_memory(self):
        self.train()
        texts = [text for text, _name in letters(300, seed=3)]
        self.Model._suggest_services(texts)
        self.Model._spam_scores(texts)
        with self.assertQueryCount(0):
            self.Model._suggest_services(texts)
            self.Model._spam_scores(texts)

    # spam

    def test_spam_is_none_until_learned(self):
        self.assertEqual(self.Model._spam_scores(["gane dinero", ""]), [None, None])

    def test_spam_is_learned_from_what_people_set_aside(self):
        desk = self.env["crm.team"].search([("is_front_desk", "=", True)], limit=1)
        outcomes = {
            True: self.env["civic.enquiry.outcome"].search([("kind", "=", "spam")], limit=1),
            False: self.env["civic.enquiry.outcome"].search([("kind", "!=", "spam")], limit=1),
        }
        told = spam_or_not(150, seed=1)
        self.env["crm.lead"].create(
            [
                {
                    "name": text[:30],
                    "description": f"<p>{text}</p>",
                    "team_id": desk.id,
                    "enquiry_state": "done",
                    "enquiry_outcome_id": outcomes[spam].id,
                }
                for text, spam in told
            ]
        )
        self.assertEqual([spam for _text, spam in self.Model._get_spam_examples()], [spam for _text, spam in told])
        version = self.Model._train("spam")
        self.assertEqual(version.state, "active")
        bad, good, empty = self.Model._spam_scores(["gane dinero, haga clic", "la farola está apagada", ""])
        self.assertGreater(bad, 0.5)
        self.assertLess(good, 0.5)
        self.assertEqual(empty, 0)

    # on the forms

    def test_staff_sets_a_suggested_service_by_one_click(self):
        self.train()
        case = self.file_case(
            name="Aviso", description="<p>la farola está apagada</p>", category_id=False, team_id=self.parks.id
        )
        case = self.as_agent(case)
        self.assertEqual(case.suggested_service_1_id, self.street_light)
        self.assertRegex(case.suggestion_1, r"^Broken street light · \d+%$")
        self.assertIn("farola", case.suggestion_why)
        case.with_context(civic_service_id=case.suggested_service_1_id.id).action_take_suggestion()
        self.assertEqual(case.category_id, self.street_light)
        self.assertFalse(case.suggestion_1)
        self.assertEqual(case.team_id, self.parks, "another department takes it over by “Hand over” only")
        noted = self.env["civic.text.suggestion"].search([("case_id", "=", case.id)])
        self.assertTrue(noted.is_right and noted.was_shown)
        self.assertEqual(noted.version_id.shown_rate, 1)

    def test_a_case_that_nobody_has_goes_to_the_department(self):
        case = self.file_case(name="Aviso", description="la farola", category_id=False, team_id=False)
        self.as_agent(case).with_context(civic_service_id=self.street_light.id).action_take_suggestion()
        self.assertEqual(case.team_id, self.lighting)

    def test_what_was_chosen_instead_counts_against_it(self):
        self.train()
        case = self.file_case(name="Aviso", description="<p>la farola está apagada</p>", category_id=False)
        self.as_agent(case).category_id = self.tree
        noted = self.env["civic.text.suggestion"].search([("case_id", "=", case.id)])
        self.assertEqual((noted.suggested_id, noted.chosen_id, noted.is_right), (self.street_light, self.tree, False))
        self.assertEqual((noted.version_id.shown_count, noted.version_id.shown_rate), (1, 0))

    def test_nothing_is_suggested_where_the_service_is_known(self):
        self.train()
        case = self.file_case(description="<p>la farola está apagada</p>")
        self.assertFalse(case.suggestion_1)
        self.street_light.is_general = True
        case = self.file_case(description="<p>se ha caído una rama</p>")
        self.assertEqual(case.suggested_service_1_id, self.tree)

    def test_an_enquiry_is_suggested_a_service(self):
        desk = self.env["crm.team"].search([("is_front_desk", "=", True)], limit=1)
        lead = self.env["crm.lead"].create({"name": "La basura se desborda", "team_id": desk.id})
        lead = self.as_agent(lead)
        self.assertEqual(lead.suggested_service_1_id, self.container)
        lead.with_context(civic_service_id=self.container.id).action_take_suggestion()
        self.assertEqual(lead.category_id, self.container)
        self.assertTrue(self.env["civic.text.suggestion"].search([("enquiry_id", "=", lead.id)]).is_right)

    def test_a_service_that_is_gone_is_refused(self):
        case = self.as_agent(self.file_case(category_id=False))
        for service_id in (False, 10**9, self.street_light.id):
            self.street_light.active = False
            with self.subTest(service_id), self.assertRaises(UserError):
                case.with_context(civic_service_id=service_id).action_take_suggestion()

    def test_whoever_may_not_write_sets_nothing(self):
        case = self.file_case(name="Aviso", category_id=False, team_id=self.lighting.id)
        for role in ("stranger", "auditor", "employee", "citizen"):
            with self.subTest(role), self.assertRaises(AccessError):
                case.with_user(self.users[role]).with_context(civic_service_id=self.tree.id).action_take_suggestion()
        self.assertFalse(case.category_id)

    def test_the_forms_open(self):
        for model, view in (
            ("helpdesk.ticket", "helpdesk_ticket_view_form"),
            ("crm.lead", "crm_lead_view_form_enquiry"),
        ):
            with self.subTest(model):
                form = Form(self.env[model].with_user(self.users["agent"]), view=f"civic_crm.{view}")
                self.assertFalse(form.suggestion_1, "nothing is suggested of what nobody has typed")

    def test_what_was_filed_by_itself_and_closed_unmoved_was_right(self):
        Suggestion = self.env["civic.text.suggestion"]
        [stays, moved, waits] = cases = self.file_case() + self.file_case() + self.file_case()
        Suggestion._note_automatic(cases, [0.95, 0.96, 0.97])
        self.as_agent(moved).category_id = self.tree
        stays.write({"stage_id": self.done.stage_id.id, "outcome_id": self.done.id})
        Suggestion._settle_automatic()
        found = {noted.case_id: noted for noted in Suggestion.search([("case_id", "in", cases.ids)])}
        self.assertEqual(len(found), 3)
        self.assertTrue(found[stays].is_right)
        self.assertEqual(found[moved].chosen_id, self.tree)
        self.assertFalse(found[moved].is_right)
        self.assertFalse(found[waits].chosen_id)

    # urgency

    def test_words_of_danger_suggest_a_priority(self):
        for text, priority in {
            "Huele a gas en el portal": "3",
            "it smells of GAS": "3",
            "hay un gasto indebido": False,
            "": False,
        }.items():
            with self.subTest(text):
                self.assertEqual(self.Model._suggest_urgency(text)[0], priority)
        self.street_light.default_priority = "2"
        self.assertEqual(self.Model._suggest_urgency("nada", self.street_light), ("2", []))

    def test_words_may_count_for_some_services_only(self):
        word = self.env["civic.urgent.word"].create(
            {"name": "Dark", "words": "a oscur*", "priority": "2", "service_ids": self.street_light.ids}
        )
        text = "está a oscuras"
        self.assertEqual(self.Model._suggest_urgency(text, self.street_light), ("2", ["a oscuras"]))
        self.assertEqual(self.Model._suggest_urgency(text)[1], [])
        word.active = False
        self.assertEqual(self.Model._suggest_urgency(text, self.street_light)[1], [])

    def test_words_that_fit_everything_are_refused(self):
        for words in ("*", "ab*", "(.*)"):
            with self.subTest(words), self.assertRaises(ValidationError):
                self.env["civic.urgent.word"].create({"name": "x", "words": words})

    def test_staff_raises_the_priority_by_one_click(self):
        case = self.as_agent(self.file_case(description="<p>There is a smell of gas</p>", priority="1"))
        self.assertIn("gas", case.urgent_words)
        case.action_take_urgency()
        self.assertEqual(case.priority, "3")
        self.assertFalse(case.urgent_words)

# SPDX-License-Identifier: AGPL-3.0-or-later
import base64
import hashlib
import logging
import time

from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import consteq
from odoo.tools.misc import hmac

from ..core import keyword_guess, text_model

_logger = logging.getLogger(__name__)

#: What is learned, and how.
METHODS = {"service": text_model.LINEAR, "spam": text_model.BAYES}
#: The newest decided texts are learned from: older ones tell of another catalogue.
MOST_TEXTS = 30_000
READ_AT_ONCE = 1000
#: Versions whose numbers are kept, so that one may go back.
KEPT_VERSIONS = 3
#: A suggestion less probable than this is not worth reading.
LEAST = 0.05
#: Below this the catalogue's words are asked too, for services that were never learned.
UNSURE = 0.7


class CivicTextModel(models.Model):
    """What the city's own decisions have taught about texts: one version for each training.

    ``_suggest_services``, ``_decide_services`` and ``_spam_scores`` are for whatever receives messages;
    they take many texts and ask the database nothing once the version in use is in memory. The texts
    are read when training and kept nowhere; what is stored are numbers (``core/text_model.py``), signed
    with the database's secret.
    """

    _name = "civic.text.model"
    _inherit = "civic.kept.in.memory"
    _description = "Version of the automatic classification"
    _order = "purpose, version desc"

    purpose = fields.Selection(
        [("service", "Services"), ("spam", "Spam")], required=True, readonly=True, help="What it tells of a text."
    )
    version = fields.Integer(required=True, readonly=True, aggregator=None)
    state = fields.Selection(
        [("active", "In use"), ("superseded", "Superseded"), ("rejected", "Not used")],
        required=True,
        readonly=True,
        help="Not used: it was no better than always naming the most frequent answer.",
    )
    create_date = fields.Datetime(string="Trained", readonly=True)
    seconds = fields.Float(string="Training took (s)", readonly=True, digits=(10, 1), aggregator=None)

    # what it learned from
    texts = fields.Integer(readonly=True, aggregator=None, help="Decided texts that it learned from.")
    first_on = fields.Date(string="From", readonly=True)
    last_on = fields.Date(string="To", readonly=True)
    left_out = fields.Integer(
        string="Texts left out", readonly=True, aggregator=None, help="Of services with too few texts to learn from."
    )

    # how good it is, on texts that it had not seen
    held_back = fields.Integer(
        readonly=True,
        aggregator=None,
        help="The newest texts of each service, kept out of learning to measure with.",
    )
    accuracy = fields.Float(readonly=True, aggregator=None, help="The share of the texts held back that it told right.")
    baseline = fields.Float(
        string="By guessing",
        readonly=True,
        aggregator=None,
        help="The share that always naming the most frequent answer would get right.",
    )
    levels = fields.Json(readonly=True)
    levels_table = fields.Html(string="By confidence", compute="_compute_levels_table", sanitize=False)
    line_ids = fields.One2many("civic.text.model.line", "version_id", string="By service", readonly=True)

    # how it fares since
    shown_count = fields.Integer(string="Decided since", compute="_compute_shown")
    shown_rate = fields.Float(
        string="Right since",
        compute="_compute_shown",
        help="Of the cases and enquiries for which it suggested a service and a person then chose one: how often its"
        " first suggestion was chosen.",
    )

    automatic_count = fields.Integer(
        string="Filed by itself", compute="_compute_automatic", help="Of those, on which a person has decided since."
    )
    automatic_rate = fields.Float(
        string="Rightly",
        compute="_compute_automatic",
        help="Of the cases that were filed by themselves: how often people left or confirmed the service.",
    )

    data = fields.Binary(attachment=True, readonly=True, groups="base.group_system")
    signature = fields.Char(readonly=True, groups="base.group_system")

    _version_unique = models.UniqueIndex("(purpose, version)")
    _one_active = models.UniqueIndex("(purpose) WHERE state = 'active'")

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("purpose", "version")
    def _compute_display_name(self):
        purposes = dict(self._fields["purpose"]._description_selection(self.env))
        for version in self:
            version.display_name = f"{purposes.get(version.purpose)} {version.version}"

    @api.depends("levels")
    @api.depends_context("lang")
    def _compute_levels_table(self):
        head = Markup("<tr><th>%s</th><th>%s</th><th>%s</th></tr>") % (
            self.env._("Confidence of at least"),
            self.env._("Share of the texts"),
            self.env._("Right among them"),
        )
        for version in self:
            rows = Markup().join(
                Markup("<tr><td>%s</td><td>%s</td><td>%s</td></tr>")
                % (f"{level:.0%}", f"{share:.0%}", "–" if right is None else f"{right:.1%}")
                for level, share, right in version.levels or ()
            )
            version.levels_table = Markup('<table class="table table-sm">%s%s</table>') % (head, rows)

    def _compute_shown(self):
        counts = self._count_decided("was_shown")
        for version in self:
            version.shown_count, version.shown_rate = counts[version]

    def _compute_automatic(self):
        counts = self._count_decided("is_automatic")
        for version in self:
            version.automatic_count, version.automatic_rate = counts[version]

    def _count_decided(self, flag):
        """Return ``{version: (decided, share of them that was right)}`` of the suggestions with *flag*."""
        groups = self.env["civic.text.suggestion"]._read_group(
            [("version_id", "in", self.ids), ("chosen_id", "!=", False), (flag, "=", True)],
            ["version_id", "is_right"],
            ["__count"],
        )
        counts = {(version.id, right): count for version, right, count in groups}
        right = {version: counts.get((version.id, True), 0) for version in self}
        decided = {version: right[version] + counts.get((version.id, False), 0) for version in self}
        return {version: (count, right[version] / count if count else 0) for version, count in decided.items()}

    # ------------------------------------------------------------------
    # actions
    # ------------------------------------------------------------------

    def action_train(self):
        """Have it trained soon, by the job that trains weekly; say what there is to learn from."""
        self._check_administrator()
        minimum = self.env.company._get_text_settings()["minimum"]
        counts = {purpose: self.sudo()._count_examples(purpose) for purpose in METHODS}
        enough = any(count >= minimum for count in counts.values())
        if enough:
            self.env["ir.cron"]._wake("civic_crm.cron_train_texts")
        facts = {"services": counts["service"], "spam": counts["spam"], "minimum": minimum}
        words = (
            self.env._(
                "Training begins in a moment and takes a few minutes. Decided texts: %(services)s for services,"
                " %(spam)s for spam; %(minimum)s are needed.",
                **facts,
            )
            if enough
            else self.env._(
                "There is too little to learn from yet: %(services)s decided texts for services, %(spam)s for spam;"
                " %(minimum)s are needed. Until then the keywords of the catalogue suggest.",
                **facts,
            )
        )
        kind = "success" if enough else "warning"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": kind, "sticky": True, "message": words},
        }

    def action_use(self):
        """Go back to a version that was superseded."""
        self._check_administrator()
        self.ensure_one()
        if self.state != "superseded" or not self.sudo().data:
            raise UserError(self.env._("Only one of the last superseded versions can be used again."))
        # sudo: nobody writes versions but through here
        self.sudo()._activate()

    def _check_administrator(self):
        if not self.env.user.has_group("civic_crm.group_admin"):
            raise AccessError(self.env._("Only the administrator trains the classification."))

    def _activate(self):
        others = self.search([("purpose", "=", self.purpose), ("state", "=", "active")]) - self
        others.write({"state": "superseded"})
        others.flush_recordset()
        self.write({"state": "active"})
        used = self.search([("purpose", "=", self.purpose), ("state", "!=", "rejected")], order="version desc")
        (used[KEPT_VERSIONS:] - self).filtered("data").write({"data": False})
        self.env.registry.clear_cache("stable")

    # ------------------------------------------------------------------
    # said to the administrator
    # ------------------------------------------------------------------

    @api.model
    def _describe_active(self, purpose):
        """Say of which version is in use, and how good it was on texts that it had not seen."""
        version = self.browse(self.sudo()._find_active_id(purpose) or ())
        if not version:
            return self.env._("Nothing learned yet.")
        return self.env._(
            "%(version)s: %(accuracy)s of %(count)s texts held back were told right, %(baseline)s by guessing.",
            version=version.display_name,
            accuracy=f"{version.accuracy:.0%}",
            count=version.held_back,
            baseline=f"{version.baseline:.0%}",
        )

    @api.model
    def _describe_effect(self, confidence):
        """Say what filing by itself from *confidence* on would have meant for the texts held back; empty: not known."""
        levels = self.browse(self.sudo()._find_active_id("service") or ()).levels or ()
        below = [level for level in levels if level[0] <= confidence + 1e-6]
        if not below:
            return ""
        level, share, right = below[-1]
        if not share:
            return self.env._("At %(level)s none of the texts held back would have been filed.", level=f"{level:.0%}")
        return self.env._(
            "At %(level)s it would have filed %(share)s of the texts held back, %(right)s of them rightly.",
            level=f"{level:.0%}",
            share=f"{share:.0%}",
            right=f"{right:.0%}",
        )

    # ------------------------------------------------------------------
    # telling: for the ledger of messages and whoever else asks
    # ------------------------------------------------------------------

    @api.model
    def _suggest_services(self, texts, limit=3):
        """Suggest services for plain texts: as learned, or by the catalogue's words where nothing was.

        :param texts: list of str; empty ones are allowed
        :param limit: how many services for each text, at most
        :return: for each text a list of ``(service id, confidence 0..1, why)``, the best first; why is a few of the
            text's own words, plain text. Guesses by keywords have a confidence below 0.5.
        """
        # sudo: the catalogue's words, and numbers
        this = self.sudo()
        offered = this._get_offered(this.env.company.id)
        learned = this._get_learned("service")
        told = learned.suggest(texts, limit + 3) if learned else [[]] * len(texts)
        known = frozenset(learned.labels) if learned else frozenset()
        result = []
        for text, found in zip(texts, told, strict=True):
            best = [one for one in found if one[0] in offered and one[1] >= LEAST][:limit]
            if not best or best[0][1] < UNSURE:
                guesses = this._get_keyword_guess().suggest([text or ""], len(known) + limit)[0]
                others = [one for one in guesses if one[0] in offered and one[0] not in known and one[1] >= LEAST]
                # what was never learned has one place at least
                best = [*best[: max(limit - len(others), limit - 1)], *others][:limit]
                best.sort(key=lambda one: -one[1])
            result.append([(service, sure, ", ".join(words)) for service, sure, words in best])
        return result

    @api.model
    def _decide_services(self, texts):
        """Return for each text ``(service id, confidence, why)`` under which it is filed by itself, or None.

        None for all, unless the current company has switched it on; see ``_suggest_services`` for what stands in it and
        ``_note_automatic`` of ``civic.text.suggestion`` for who has to be told. The catalogue's words decide nothing.
        """
        settings = self.env.company._get_text_settings()
        # sudo: the ids of services, and numbers
        this = self.sudo()
        learned = this._get_learned("service") if settings["files_by_itself"] else None
        if not learned:
            return [None] * len(texts)
        offered = this._get_offered(self.env.company.id)
        return [
            (best[0][0], best[0][1], ", ".join(best[0][2]))
            if best and best[0][0] in offered and best[0][1] >= settings["confidence"]
            else None
            for best in learned.suggest(texts, 1)
        ]

    @api.model
    def _spam_scores(self, texts):
        """Return for each plain text how probably it is spam, 0..1; None for each while nothing was learned."""
        # sudo: numbers
        learned = self.sudo()._get_learned("spam")
        if not learned:
            return [None] * len(texts)
        return learned.probabilities(texts)[:, learned.labels.index(True)].tolist()

    @api.model
    def _judge_spam(self, texts):
        """Return for each plain text the score for which the current company sets it aside, or None."""
        settings = self.env.company._get_text_settings()
        scores = self._spam_scores(texts) if settings["sets_aside"] else [None] * len(texts)
        return [score if score is not None and score >= settings["spam_confidence"] else None for score in scores]

    @api.model
    def _suggest_urgency(self, text, service=None):
        """Return ``(priority, words)`` of a text: the priority "0" to "3" or False, and the words of danger found.

        :param service: one ``helpdesk.ticket.category``, whose usual priority is the least
        """
        return self.env["civic.urgent.word"]._find_urgency(text, service)

    # kept in memory

    @api.model
    def _get_learned(self, purpose):
        """Return the ``TextModel`` in use, or None."""
        version_id = self._find_active_id(purpose)
        return self._load(version_id) if version_id else None

    @api.model
    @tools.ormcache("purpose")
    def _find_active_id(self, purpose):
        return self.search([("purpose", "=", purpose), ("state", "=", "active")], limit=1).id

    @api.model
    @tools.ormcache("version_id", cache="stable")
    def _load(self, version_id):
        """Return what a version learned, or None when it was not written by this database."""
        version = self.browse(version_id).with_context(bin_size=False)
        data = base64.b64decode(version.data or b"")
        if not version.signature or not consteq(version._sign(data), version.signature):
            _logger.error("Version %s of the classification is not as it was stored: it is not used.", version_id)
            return None
        try:
            return text_model.TextModel.from_bytes(data)
        except text_model.BadModel as error:
            _logger.error("Version %s of the classification cannot be read: %s", version_id, error)
            return None

    def _sign(self, data):
        """Return the signature of *data* as this version's, by the database's secret."""
        fact = (self.id, self.purpose, self.version, hashlib.sha256(data).hexdigest())
        return hmac(self.env(su=True), "civic.text.model", fact)

    @api.model
    @tools.ormcache("company_id")
    def _get_offered(self, company_id):
        """Return the ids of the services that may be suggested."""
        domain = [("is_heading", "=", False), ("is_general", "=", False), ("company_id", "in", [company_id, False])]
        return frozenset(self.env["helpdesk.ticket.category"].search(domain).ids)

    @api.model
    @tools.ormcache()
    def _get_keyword_guess(self):
        """Return the catalogue's words in all languages, as ``KeywordGuess``."""
        services = self.env["helpdesk.ticket.category"].search([("is_heading", "=", False), ("is_general", "=", False)])
        words = {service.id: [] for service in services}
        for lang, _name in self.env["res.lang"].get_installed():
            for service in services.with_context(lang=lang):
                words[service.id].append((service.name, service.keywords, service.description))
        return keyword_guess.KeywordGuess(words.items())

    # ------------------------------------------------------------------
    # training
    # ------------------------------------------------------------------

    @api.model
    def _cron_train(self):
        """Train what there is enough to learn from; one purpose after the other."""
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(METHODS))
        self.env["civic.text.suggestion"]._settle_automatic()
        for purpose in METHODS:
            if self._count_examples(purpose) >= self.env.company._get_text_settings()["minimum"]:
                try:
                    self._train(purpose)
                except text_model.TooLittle as error:
                    _logger.info("The classification of %s was not trained: %s", purpose, error)
            progress(1)

    @api.model
    def _train(self, purpose):
        """Learn from all decided texts and use it, if it is better than guessing; return the new version.

        :raises TooLittle: when there are not two answers with enough texts
        """
        start = time.monotonic()
        texts, labels, days = self._get_examples(purpose)
        version = self.search([("purpose", "=", purpose)], order="version desc", limit=1).version + 1
        learned, report = text_model.train(texts, labels, method=METHODS[purpose])
        record = self.create(
            {
                "purpose": purpose,
                "version": version,
                "state": "rejected",
                "texts": report.texts,
                "first_on": min(days, default=False),
                "last_on": max(days, default=False),
                "left_out": sum(report.left_out.values()),
                "held_back": report.held_back,
                "accuracy": report.accuracy,
                "baseline": report.baseline,
                "levels": report.levels,
                "seconds": time.monotonic() - start,
                "line_ids": [fields.Command.create(vals) for vals in self._prepare_lines(purpose, report)],
            }
        )
        if report.accuracy > report.baseline:
            data = learned.to_bytes()
            record.write({"data": base64.b64encode(data), "signature": record._sign(data)})
            record._activate()
        return record

    def _prepare_lines(self, purpose, report):
        for label, line in report.of_label.items():
            vals = {"texts": line.texts, "held_back": line.held_back, "right": line.right, "taken": line.taken}
            if purpose == "service":
                yield vals | {"service_id": label, "mistaken_id": line.mistaken_for, "mistaken": line.mistaken}
            else:
                yield vals | {"is_spam": label, "mistaken": line.mistaken}

    @api.model
    def _count_examples(self, purpose):
        if purpose == "service":
            return self.env["helpdesk.ticket"].search_count(self._get_service_domain(), limit=MOST_TEXTS)
        return len(self._get_spam_examples())

    @api.model
    def _get_examples(self, purpose):
        """Return ``(texts, labels, days)``, the oldest first; *days* may be empty."""
        if purpose == "service":
            return self._get_service_examples()
        pairs = [(text, bool(spam)) for text, spam in self._get_spam_examples() if text]
        return [text for text, _spam in pairs], [spam for _text, spam in pairs], []

    @api.model
    def _get_service_domain(self):
        """Return which cases teach: whose service a person set, or left as it was until the case was closed."""
        return (
            Domain(
                "category_id", "any", [("active", "=", True), ("is_general", "=", False), ("is_heading", "=", False)]
            )
            & Domain("parent_case_id", "=", False)
            & (Domain("closed_date", "!=", False) | Domain("is_service_chosen", "=", True))
        )

    @api.model
    def _get_service_examples(self):
        Case = self.env["helpdesk.ticket"].with_context(active_test=False)
        ids = Case.search(self._get_service_domain(), order="id desc", limit=MOST_TEXTS).ids[::-1]
        texts, labels, days = [], [], []
        for start in range(0, len(ids), READ_AT_ONCE):
            cases = Case.browse(ids[start : start + READ_AT_ONCE])
            for case, text in zip(cases, cases._get_classified_texts(), strict=True):
                if text:
                    texts.append(text)
                    labels.append(case.category_id.id)
                    days.append(case.filed_at.date())
            cases.invalidate_recordset()
        return texts, labels, days

    @api.model
    def _get_spam_examples(self):
        """Return ``[(text, is_spam)]``, the oldest first: what people set aside, and what they did not.

        From finished enquiries, and from the ledger of messages. There, spam is what a person set aside (the filter's
        own verdicts teach nothing), and the rest is what became a case or a reply, or was let in by a person; of what
        became an enquiry its outcome decides, once there is one.
        """
        messages = self._find_spam_messages()
        Enquiry = self.env["crm.lead"].with_context(active_test=False)
        domain = [
            ("is_enquiry", "=", True),
            ("enquiry_outcome_id", "!=", False),
            ("id", "not in", messages.enquiry_id.ids),
        ]
        enquiries = Enquiry.search(domain, order="id desc", limit=MOST_TEXTS)[::-1]
        spam = [enquiry.enquiry_outcome_id.kind == "spam" for enquiry in enquiries]
        return [
            *zip(enquiries._get_classified_texts(), spam, strict=True),
            *((message.text, self._is_spam(message)) for message in messages),
        ]

    @api.model
    def _find_spam_messages(self):
        """Return the messages of the ledger of which people have decided whether they are spam, the oldest first."""
        domain = Domain("text", "!=", False) & (
            Domain([("state", "=", "spam"), ("reason", "=", "spam"), ("decided_user_id", "!=", False)])
            | Domain([("state", "=", "processed"), ("result", "!=", "enquiry")])
            | (
                Domain([("state", "=", "processed"), ("result", "=", "enquiry")])
                & (Domain("enquiry_id.enquiry_outcome_id", "!=", False) | Domain("is_released", "=", True))
            )
        )
        read = ["text", "state", "enquiry_id"]
        return self.env["civic.intake"].search_fetch(domain, read, order="id desc", limit=MOST_TEXTS)[::-1]

    def _is_spam(self, message):
        outcome = message.enquiry_id.enquiry_outcome_id
        return outcome.kind == "spam" if outcome else message.state == "spam"


class CivicTextModelLine(models.Model):
    """How one service's, or spam's, texts fared among those held back."""

    _name = "civic.text.model.line"
    _description = "Accuracy of the classification for one service"
    _order = "texts desc, id"

    version_id = fields.Many2one("civic.text.model", required=True, index=True, ondelete="cascade")
    service_id = fields.Many2one("helpdesk.ticket.category", ondelete="cascade")
    is_spam = fields.Boolean(string="Spam")
    texts = fields.Integer(help="Texts that it learned from.")
    held_back = fields.Integer(help="Texts kept out of learning, to measure with.")
    right = fields.Integer(help="Of those held back, how many it told right.")
    taken = fields.Integer(string="Taken for it", help="Texts held back that were taken for this one, rightly or not.")
    recall = fields.Float(string="Found", compute="_compute_rates", help="Of its texts, the share that was told right.")
    precision = fields.Float(
        string="Reliable", compute="_compute_rates", help="Of the texts taken for it, the share that was right."
    )
    mistaken_id = fields.Many2one("helpdesk.ticket.category", string="Mostly mistaken for", ondelete="set null")
    mistaken = fields.Integer(string="Times", help="How many were mistaken for that one.")

    @api.depends("right", "held_back", "taken")
    def _compute_rates(self):
        for line in self:
            line.recall = line.right / line.held_back if line.held_back else 0
            line.precision = line.right / line.taken if line.taken else 0

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a message of free text is taken for, before anybody has read it: spam, or something a service is there for."""

from dataclasses import dataclass

from odoo import models

from ..core.intake import Outcome
from ..core.text_model import say_confidence
from ..exceptions import FilingError

#: Errors of filing with which no case gets a service by itself: nobody knows who asks, or it is no service.
NEVER_WITHOUT = {"login", "service"}


@dataclass(frozen=True)
class Decision:
    """A service that was told by the text alone; *service* is one ``helpdesk.ticket.category``."""

    service: object
    confidence: float
    why: str
    priority: str


class CivicAdapter(models.AbstractModel):
    """Spam and services of messages that name no service and belong to nothing yet.

    Each message asks for itself, as each is filed in its own savepoint: with what was learned in memory that is half a
    millisecond, no query, and a small part of what filing costs.
    """

    _inherit = "civic.adapter"

    def _set_aside(self, intake, seen, is_known=False):
        """Return the ``Outcome`` of a message that looks like what people have set aside, or None.

        Nothing is lost by it: the message stays in the ledger, with how sure the filter was and which version of it,
        and whoever lets it in is believed.

        :param dict seen: what is known of the message; its ``text`` is judged
        :param is_known: whether the city knows the sender by more than what the message says: such a one is let in
        """
        if is_known or intake.is_released:
            return None
        Model = self.env["civic.text.model"]
        [score] = Model._judge_spam([seen.get("text") or ""])
        if score is None:
            return None
        # sudo: its name
        version = Model.sudo().browse(Model.sudo()._find_active_id("spam"))
        here = self.with_context(lang=self.env["res.partner"]._get_city_lang())
        detail = here.env._(
            "The filter was %(score)s sure (%(version)s)",
            score=say_confidence(score),
            version=version.with_context(lang=here.env.lang).display_name,
        )
        return Outcome("spam", reason="filter", seen={**seen, "detail": detail})

    def _decide_service(self, text, facts, is_case=False):
        """Return the ``Decision`` by which a text is filed by itself in the current company, or None.

        :param dict facts: those of ``helpdesk.ticket._file_case``: where one is missing that the service needs, or a
            wrong one is given, a person decides
        :param is_case: whether it is a case whatever is decided: what is missing is asked there. What is given only to
            people whom the city knows is not opened by a text all the same.
        """
        [found] = self.env["civic.text.model"]._decide_services([text])
        if not found:
            return None
        service_id, confidence, why = found
        # sudo: what a service needs is public
        service = self.env["helpdesk.ticket.category"].sudo().browse(service_id)
        try:
            self.env["helpdesk.ticket"]._check_filing(service, facts)
        except FilingError as error:
            if not is_case or NEVER_WITHOUT & set(error.errors):
                return None
        priority, _words = self.env["civic.text.model"]._suggest_urgency(text, service)
        return Decision(service, confidence, why, priority or "")

    def _note_decision(self, case, decision):
        """Tell staff that a case was filed by itself, and how that is put right."""
        self.env["civic.text.suggestion"]._note_automatic(case, [decision.confidence])
        here = self.with_context(lang=self.env["res.partner"]._get_city_lang())
        version = self.env["civic.text.model"].sudo()._find_active_id("service")
        case.sudo()._message_log(
            body=here.env._(
                "Filed automatically as “%(service)s” (%(confidence)s, %(version)s), because of: %(why)s. If that is"
                " wrong, choose the right service on this page: the next training learns from it.",
                service=decision.service.with_context(lang=here.env.lang)._get_public_facts()["name"],
                confidence=say_confidence(decision.confidence),
                why=decision.why or "–",
                version=self.env["civic.text.model"]
                .sudo()
                .browse(version)
                .with_context(lang=here.env.lang)
                .display_name,
            )
        )

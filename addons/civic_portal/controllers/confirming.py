# SPDX-License-Identifier: AGPL-3.0-or-later
"""After a case is closed: is it fixed? Whoever holds the code answers, reopens or files again.

Nothing happens by following a link: mail scanners follow them all. Answers are sent by forms.
"""

from odoo.http import request, route

from ..core import filing_form
from .tracking import CASE, Tracking, as_text

POST = {"type": "http", "auth": "public", "website": True, "methods": ["POST"], "sitemap": False}


class Confirming(Tracking):
    @route(
        f"{CASE}/confirm",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def show_question(self, code, **_kw):
        case = request.env["helpdesk.ticket"]._find_by_tracking_code(code)
        if not case:
            return self._render_no_such_case(code)
        if case.tracking_code != code:
            return request.redirect(f"/cases/{case.tracking_code}/confirm", code=303)
        return self._render_question(case)

    @route(f"{CASE}/confirm", **POST)
    def answer_question(self, code, answer="", text="", **_kw):
        """Take a yes or a no; a link used before says what was answered, and changes nothing."""
        case, refusal = self._find_case_to_write(code)
        if refusal:
            return refusal
        if case.confirmation == "asked" and answer == "no":
            text, errors = self._check_text(text)
            if errors:
                return self._render_question(case, text=text, errors=errors, status=400)
            case._deny(text)
            return request.redirect(f"/cases/{case.tracking_code}?reopened=1", code=303)
        if answer == "yes":
            case._confirm()
        return request.redirect(f"/cases/{case.tracking_code}/confirm", code=303)

    @route(f"{CASE}/reopen", **POST)
    def reopen(self, code, text="", **_kw):
        case, refusal = self._find_case_to_write(code)
        if refusal:
            return refusal
        if not case._may_citizen_reopen():
            return request.redirect(f"/cases/{case.tracking_code}", code=303)
        text, errors = self._check_text(text)
        if errors:
            return self._render_back(case, text, errors)
        # while the question stands, to open it again is to say no
        if not case._deny(text):
            case._reopen_for_citizen(text)
        return request.redirect(f"/cases/{case.tracking_code}?reopened=1", code=303)

    @route(f"{CASE}/again", **POST)
    def file_again(self, code, text="", **_kw):
        """After the days to reopen: a new case, linked to the old one."""
        case, refusal = self._find_case_to_write(code, "filing")
        if refusal:
            return refusal
        if not case._get_public_summary()["may_file_again"]:
            return request.redirect(f"/cases/{case.tracking_code}", code=303)
        text, errors = self._check_text(text)
        if errors:
            return self._render_back(case, text, errors)
        channel = request.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_web").sudo()
        again = case._file_again(text, channel)
        return request.redirect(f"/cases/{again.tracking_code}?filed=1", code=303)

    # ------------------------------------------------------------------

    def _find_case_to_write(self, code, action="message"):
        """Return ``(case, refusal)``: the case of the code, or the page that says why not."""
        case = request.env["helpdesk.ticket"]._find_by_tracking_code(code)
        if not case:
            return case, self._render_no_such_case(code)
        if not request.env["civic.rate.limit"].sudo()._hit(action):
            return case, self._render_too_many()
        return case, None

    def _check_text(self, text):
        """Return ``(text, errors)`` of what must be told: an empty one is asked for again."""
        text = as_text(text)
        if not text:
            return text, {"back": "required"}
        if len(text) > filing_form.MAX_TEXT:
            return text, {"back": "too_long"}
        return text, {}

    def _get_error_words(self):
        words = super()._get_error_words()
        words["back", "required"] = request.env._("Tell us what is not right.")
        words["back", "too_long"] = words["text", "too_long"]
        return words

    def _render_back(self, case, text, errors):
        return self._render_case(case, back=text, errors=errors, status=400)

    def _render_question(self, case, *, text="", errors=None, status=200):
        summary = case._get_public_summary()
        timeline = case._get_public_timeline()
        return self._render_page(
            "civic_portal.confirm",
            {
                "case": summary,
                "answer": next((event for event in timeline if event["kind"] == "answer"), None),
                "rates": case._get_rating_links() if summary["closed"] else [],
                "back": text,
                "errors": self._put_into_words(errors or {}),
            },
            request.env._("Is it fixed?"),
            status=status,
            private=True,
        )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Following a case by its code: whoever holds the code may read, write and withdraw."""

from odoo.http import request, route

from ..core import filing_form
from .civic_page import PRIVATE_HEADERS
from .filing import MAX_REQUEST, Filing

#: Shown in the page; everything else is downloaded, never opened in the city's name.
PHOTOS = ("image/jpeg", "image/png")
CASE = "/cases/<string(minlength=12,maxlength=20):code>"


def as_text(value):
    """Return what a field holds as text; a file sent in its place holds none."""
    return value.replace("\r", "").strip() if isinstance(value, str) else ""


class Tracking(Filing):
    @route("/cases/find", type="http", auth="public", website=True, sitemap=False)
    def find(self, code="", **_kw):
        code = as_text(code)
        if not code:
            return self._render_no_such_case()
        if not request.env["civic.rate.limit"].sudo()._hit("lookup"):
            return self._render_too_many()
        case = request.env["helpdesk.ticket"]._find_by_tracking_code(code)
        if not case:
            return self._render_no_such_case(code)
        return request.redirect(f"/cases/{case.tracking_code}", code=303)

    @route(CASE, type="http", auth="public", website=True, readonly=True, sitemap=False)
    def follow(self, code, filed=None, sent=None, reopened=None, **_kw):
        case = request.env["helpdesk.ticket"]._find_by_tracking_code(code)
        if not case and (intake := request.env["civic.adapter.web"]._find_accepted(code)):
            return request.redirect(f"/cases/{intake.message_ref}/received", code=303)
        if not case:
            return self._render_no_such_case(code)
        if case.tracking_code != code:
            return request.redirect(f"/cases/{case.tracking_code}", code=303)
        return self._render_case(case, filed=bool(filed), sent=bool(sent), reopened=bool(reopened))

    @route(
        f"{CASE}/message",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        max_content_length=MAX_REQUEST,
        sitemap=False,
    )
    def write_message(self, code, text="", **_kw):
        case = request.env["helpdesk.ticket"]._find_by_tracking_code(code)
        if not case:
            return self._render_no_such_case(code)
        if not request.env["civic.rate.limit"].sudo()._hit("message"):
            return self._render_too_many()
        text = as_text(text)
        errors = {"text": "too_long"} if len(text) > filing_form.MAX_TEXT else {}
        files, refused = ([], None) if errors else self._take_files()
        if refused:
            errors["files"] = refused
        elif not text and not files and not errors:
            errors["text"] = "required"
        if errors:
            return self._render_case(case, text=text, errors=errors, status=400)
        # sudo: marks the message, shows nothing
        web = request.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_web").sudo()
        user = request.env.user
        case._post_from_citizen(text, files, channel=web, writer=None if user._is_public() else user.partner_id)
        return request.redirect(f"/cases/{case.tracking_code}?sent=1#story", code=303)

    @route(
        f"{CASE}/withdraw",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def withdraw(self, code, **_kw):
        case = request.env["helpdesk.ticket"]._find_by_tracking_code(code)
        if not case:
            return self._render_no_such_case(code)
        if not case.closed:
            case._withdraw()
        return request.redirect(f"/cases/{case.tracking_code}", code=303)

    @route(
        f"{CASE}/files/<int:file_id>",
        type="http",
        auth="public",
        readonly=True,
        sitemap=False,
    )
    def download(self, code, file_id, **_kw):
        """Send a file of the correspondence; those of staff's notes do not exist here."""
        case = request.env["helpdesk.ticket"]._find_by_tracking_code(code)
        if not case or file_id not in case._get_public_file_ids():
            raise request.not_found()
        # sudo: the file belongs to a message that the holder of the code may read
        file = request.env["ir.attachment"].sudo().browse(file_id)
        stream = request.env["ir.binary"]._get_stream_from(file)
        response = stream.get_response(as_attachment=file.mimetype not in PHOTOS)
        response.headers.update(PRIVATE_HEADERS)
        return response

    def _render_case(self, case, *, filed=False, sent=False, reopened=False, text="", back="", errors=None, status=200):
        return self._render_page(
            "civic_portal.tracking",
            {
                "case": case._get_public_summary(),
                "timeline": case._get_public_timeline(),
                "answers": case._get_public_answers(),
                "filed": filed,
                "sent": sent,
                "reopened": reopened,
                "text": text,
                "back": back,
                "errors": self._put_into_words(errors or {}),
            },
            request.env._("Your case"),
            status=status,
            private=True,
        )

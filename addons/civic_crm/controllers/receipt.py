# SPDX-License-Identifier: AGPL-3.0-or-later
"""The receipt of a case, for staff: a page to print, and a PDF where the server can make one."""

from odoo.http import Controller, request, route

PRIVATE = [("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex"), ("Referrer-Policy", "no-referrer")]


class Receipt(Controller):
    @route("/civic/cases/<int:case_id>/receipt", type="http", auth="user", methods=["GET"], readonly=True)
    def show(self, case_id, lang=None, **_kw):
        case = self._find_case(case_id)
        pdf_url = f"/civic/cases/{case.id}/receipt.pdf" if self._makes_pdf() else ""
        return request.make_response(
            case._render_receipt(self._get_lang(lang), pdf_url), self._get_headers("text/html")
        )

    @route("/civic/cases/<int:case_id>/receipt.pdf", type="http", auth="user", methods=["GET"], readonly=True)
    def download(self, case_id, lang=None, **_kw):
        """Send the same page as PDF; without a renderer, the page, which the browser prints as well."""
        case = self._find_case(case_id)
        if not self._makes_pdf():
            return request.redirect(f"/civic/cases/{case.id}/receipt", code=303)
        page = str(case._render_receipt(self._get_lang(lang)))
        # sudo: printing reads its paper's settings; the case has been checked
        pdf = request.env["ir.actions.report"].sudo()._run_wkhtmltopdf([page])
        return request.make_response(pdf, self._get_headers("application/pdf"))

    def _find_case(self, case_id):
        """Return the case, as the user may read it, or answer 404."""
        case = request.env["helpdesk.ticket"].browse(case_id).exists()
        if not case or not case.has_access("read"):
            raise request.not_found()
        return case

    def _makes_pdf(self):
        return request.env["ir.actions.report"].get_wkhtmltopdf_state() in ("ok", "workers")

    def _get_lang(self, lang):
        return lang if lang in dict(request.env["res.lang"].get_installed()) else None

    def _get_headers(self, kind):
        return [("Content-Type", f"{kind}; charset=utf-8" if kind == "text/html" else kind), *PRIVATE]

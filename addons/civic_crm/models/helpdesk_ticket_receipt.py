# SPDX-License-Identifier: AGPL-3.0-or-later
"""The receipt: that something was filed, when, and what exactly (Ley 39/2015, art. 16.3)."""

from babel.dates import format_date, format_time
from markupsafe import Markup

from odoo import models
from odoo.tools import html2plaintext
from odoo.tools.misc import babel_locale_parse

from ..core import qr_code
from ..core.intake import digest


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def action_open_receipt(self):
        """Open the receipt of one case, ready to be printed."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/civic/cases/{self.id}/receipt", "target": "new"}

    def _render_receipt(self, lang=None, pdf_url=""):
        """Return the whole page (Markup) of one case's receipt; access has been checked by the caller.

        :param str lang: code of an active language; by default the citizen's
        :param str pdf_url: where the same page comes as PDF; empty where nothing makes one
        """
        self.ensure_one()
        lang = lang or self.partner_id.lang or self.env["res.partner"]._get_city_lang()
        # sudo: plain values of one case, for whoever may have its receipt
        case = self.sudo().with_context(lang=lang)
        values = {**case._get_receipt(), "pdf_url": pdf_url, "html_lang": (lang or "en").replace("_", "-")}
        return case.env["ir.qweb"]._render("civic_crm.receipt", values, minimal_qcontext=True)

    def _get_receipt(self):
        """Return the plain values of one case's receipt, dates in words of the language and the city's time."""
        case, summary = self, self._get_public_summary()
        speak_day, speak_moment = self._get_receipt_speakers()
        post = self.env.ref("civic_crm.channel_post", raise_if_not_found=False)
        by_post = bool(post) and case.channel_id == post
        promised_at = summary.get("promised_at")
        due = speak_moment(promised_at) if promised_at else summary["promised_on"] and speak_day(summary["promised_on"])
        return {
            "case": summary,
            "city": case.company_id.name,
            "address": ", ".join(part for part in (case.company_id.street, case.company_id.city) if part),
            "citizen": case.partner_name or case.partner_id.name,
            "channel": case.channel_id.name,
            "text": html2plaintext(case.description or "").strip(),
            "filed": speak_day(self._to_city_time(case.filed_at).date()) if by_post else speak_moment(case.filed_at),
            "registered": case.registered_at and speak_moment(case.registered_at),
            "due": due,
            "legal_due": case.legal_due_on and speak_day(case.legal_due_on),
            "identity_checked": bool(case.identity_user_id),
            "digest": self._get_filed_digest(),
            "documents": self._get_filed_documents(),
            "url": case.tracking_url,
            # drawn here, of our own text
            "qr": Markup(qr_code.svg(case.tracking_url)) if case.tracking_url else "",  # noqa: S704
        }

    def _get_receipt_speakers(self):
        """Return functions that put a date, and a naive UTC datetime, into words of the city's zone."""
        locale = babel_locale_parse(self.env.lang)

        def speak_moment(moment):
            local = self._to_city_time(moment)
            time = format_time(local.time(), "short", locale=locale)
            return f"{format_date(local.date(), 'long', locale=locale)}, {time} {local.tzname()}"

        return lambda day: format_date(day, "long", locale=locale), speak_moment

    def _get_filed_digest(self):
        """Return the SHA-256 of what arrived, as the ledger has it; empty for what staff typed into the case."""
        intake = self.env["civic.intake"].search([("case_id", "=", self.id), ("result", "=", "case")], limit=1)
        return intake.digest or ""

    def _get_filed_documents(self):
        """Return ``name`` and ``sha256`` of each file that was filed with the case, as the city keeps it."""
        rows = [row for row in self._read_public_history() if not row.field_id and row.from_citizen and row.files]
        first = min(rows, key=lambda row: row.order, default=None)
        if not first or html2plaintext(first.body or "").strip():
            return []  # files that came later, with a message
        files = self.env["ir.attachment"].browse(file["id"] for file in first.files)
        return [{"name": file.name, "sha256": digest(file.raw or b"")} for file in files]

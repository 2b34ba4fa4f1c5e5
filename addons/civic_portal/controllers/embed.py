# SPDX-License-Identifier: AGPL-3.0-or-later
"""The city's form in a frame on its other sites.

A frame on another site gets no cookies (SameSite), so nobody is signed in here, whoever they are elsewhere, and a
signed, short-lived key of the page stands for the CSRF token. Which sites may show it is said to the browser
(``frame-ancestors``), and held to here where the browser says who asks.
"""

import time
from urllib.parse import urlsplit

from odoo.http import request, route

from ..core import filing_form, page_key
from .filing import MAX_REQUEST, Filing

ROUTE = {"type": "http", "auth": "none", "save_session": False, "csrf": False}


class Embed(Filing):
    @route("/embed/form/<string(minlength=8,maxlength=24):key>", methods=["GET"], **ROUTE)
    def embed_home(self, key, **_kw):
        embed = self._find_embed(key)
        if not embed:
            return self._render_closed()
        if not self._may_show(embed):
            return self._refuse()
        services = self._get_embedded_services(embed)
        if len(services) == 1:
            return self._render_embedded_form(embed, services, {}, {})
        groups = self._group_services(services)
        return self._render_frame(embed, "civic_portal.embed_services", {"groups": groups})

    @route("/embed/form/<string(minlength=8,maxlength=24):key>/<int:service_id>", methods=["GET"], **ROUTE)
    def embed_form(self, key, service_id, **_kw):
        embed = self._find_embed(key)
        if not embed:
            return self._render_closed()
        if not self._may_show(embed):
            return self._refuse()
        return self._render_embedded_form(embed, self._find_embedded(embed, service_id), {}, {})

    @route(
        "/embed/form/<string(minlength=8,maxlength=24):key>/<int:service_id>",
        methods=["POST"],
        readonly=False,
        max_content_length=MAX_REQUEST,
        **ROUTE,
    )
    def embed_file(self, key, service_id, **form):
        embed = self._find_embed(key)
        if not embed:
            return self._render_closed()
        if not self._is_from_own_page():
            return self._refuse()
        if filing_form.is_robot(form) or not request.env["civic.rate.limit"].sudo()._hit("filing"):
            return self._render_frame(embed, "civic_portal.embed_too_many", {}, status=429)
        service = self._find_embedded(embed, service_id)
        values, errors, files = self._read_form(service, form)
        try:
            nonce = page_key.read(form.get("page_key"), self._get_secret(), embed.key, time.time())
        except page_key.BadKey:
            return self._render_embedded_form(embed, service, values, {}, status=400, is_late=True)
        if errors:
            return self._render_embedded_form(embed, service, values, errors, status=400, nonce=nonce)
        intake = self._accept_form(service, values, files, embed.lang_id.code, nonce)
        intake._process()
        case = intake.case_id
        facts = {
            "code": intake.message_ref,
            "number": intake.number,
            "is_held": intake._is_held(),
            "case": case and case._get_public_summary(),
        }
        return self._render_frame(embed, "civic_portal.embed_received", facts)

    # ------------------------------------------------------------------

    def _find_embed(self, key):
        """Return the form with *key* (superuser), the visitor being nobody and speaking its language."""
        request.update_env(user=request.env.ref("base.public_user").id)
        # sudo: what stands on another site is public
        embed = request.env["civic.embed"].sudo().search([("key", "=", key)], limit=1)
        if embed:
            request.update_context(lang=embed.lang_id.code)
        return embed.with_context(lang=embed.lang_id.code)

    def _may_show(self, embed):
        """Return whether the site that asks may show it, as far as the browser tells (Fetch Metadata, Referer)."""
        headers = request.httprequest.headers
        referrer = urlsplit(headers.get("Referer") or "")
        is_framed = headers.get("Sec-Fetch-Dest") in ("iframe", "frame", "embed", "object")
        if not is_framed or not referrer.netloc:
            return True  # opened as a page, or the browser says nothing: frame-ancestors decides
        origin = f"{referrer.scheme}://{referrer.netloc}".lower()
        return origin in embed._get_origins() or self._is_own(origin)

    def _is_from_own_page(self):
        """Return whether a form was sent by our own page; browsers tell by Origin (RFC 6454)."""
        origin = request.httprequest.headers.get("Origin")
        return origin is None or self._is_own(origin.lower())

    def _is_own(self, origin):
        return urlsplit(origin).netloc == request.httprequest.host.lower()

    def _get_embedded_services(self, embed):
        services = request.env["helpdesk.ticket.category"].search(
            [("show_in_portal", "=", True), ("is_heading", "=", False), ("identification", "!=", "identified")]
        )
        # access to the services is checked
        return (services & services.browse(embed.service_ids.ids) if embed.service_ids else services).sudo()

    def _find_embedded(self, embed, service_id):
        service = self._get_embedded_services(embed).filtered(lambda service: service.id == service_id)
        if not service:
            raise request.not_found()
        return service

    def _get_secret(self):
        return request.env["ir.config_parameter"].sudo().get_param("database.secret")

    def _render_embedded_form(self, embed, service, values, errors, status=200, nonce=None, is_late=False):
        key = page_key.make(self._get_secret(), embed.key, time.time(), nonce)
        values = self._prepare_form_values(service, dict(values, page_key=key), errors)
        values["is_late"] = is_late
        return self._render_frame(embed, "civic_portal.embed_form", values, status=status)

    def _render_frame(self, embed, template, values, status=200):
        values = {
            **values,
            "embed_path": f"/embed/form/{embed.key}" if embed else "",
            "html_lang": request.env.lang.replace("_", "-"),
            "get_city": lambda: request.env.company.sudo().name,
            **self._make_date_speakers(),
        }
        html = request.env["ir.qweb"]._render(template, values)
        origins = " ".join(embed._get_origins()) if embed else ""
        return request.make_response(
            html,
            headers=[
                ("Content-Type", "text/html; charset=utf-8"),
                ("Content-Security-Policy", f"frame-ancestors 'self' {origins}".strip()),
                ("Cache-Control", "no-store"),
                ("X-Robots-Tag", "noindex, nofollow"),
                ("Referrer-Policy", "same-origin"),
            ],
            status=status,
        )

    def _render_closed(self):
        return self._render_frame(None, "civic_portal.embed_closed", {}, status=404)

    def _refuse(self):
        return self._render_frame(None, "civic_portal.embed_refused", {}, status=403)

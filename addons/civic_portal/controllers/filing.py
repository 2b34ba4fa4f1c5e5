# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filing a case: choose the service, say what and where, receive the code."""

from odoo.http import request, route

from odoo.addons.civic_crm.core import citizen_file

from ..core import filing_form
from .civic_page import CivicPage

#: The whole form with its files; nginx refuses more before it arrives here.
MAX_REQUEST = citizen_file.MAX_FILES * citizen_file.MAX_BYTES + 1024 * 1024


class Filing(CivicPage):
    @route("/cases", type="http", auth="public", website=True, readonly=True)
    def home(self, **_kw):
        return self._render_page("civic_portal.cases_home", {}, request.env._("Tell the city"))

    @route("/cases/new", type="http", auth="public", website=True, readonly=True)
    def choose_service(self, **_kw):
        return self._render_page(
            "civic_portal.choose_service",
            {"groups": self._get_services_by_department()},
            request.env._("What is it about?"),
        )

    @route(
        "/cases/new/<int:service_id>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def show_form(self, service_id, **_kw):
        service = self._find_service(service_id)
        return self._render_form(service, self._get_known_values(), {})

    @route(
        "/cases/new/<int:service_id>",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        max_content_length=MAX_REQUEST,
        sitemap=False,
    )
    def file_case(self, service_id, **form):
        service = self._find_service(service_id)
        if filing_form.is_robot(form) or not request.env["civic.rate.limit"].sudo()._hit("filing"):
            return self._render_too_many()
        values, errors = filing_form.clean(form, self._asked_by(service))
        zone = self._find_zone(values["zone"])
        # files last: looking into them costs the most
        files, refused = ([], None) if errors else self._take_files()
        if refused:
            errors["files"] = refused
        if errors:
            return self._render_form(service, values, errors, status=400)
        user = request.env.user
        case = request.env["helpdesk.ticket"]._file_case(
            service,
            values["text"],
            channel=request.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_web").sudo(),
            zone=zone,
            place=values["place"],
            name=values["name"],
            email=values["email"],
            phone=values["phone"],
            lang=request.lang.code,
            partner=None if user._is_public() else user.partner_id,
            attachments=files,
        )
        return request.redirect(f"/cases/{case.tracking_code}?filed=1", code=303)

    # ------------------------------------------------------------------

    def _render_form(self, service, values, errors, status=200):
        return self._render_page(
            "civic_portal.filing_form",
            {
                "service": self._get_public_service(service),
                "zones": self._get_zones() if service.needs_place else [],
                "values": values,
                "errors": self._put_into_words(errors),
                "identity": self._asked_by(service).identity,
                "known": not request.env.user._is_public(),
                "max_files": citizen_file.MAX_FILES,
                "max_mb": citizen_file.MAX_BYTES // (1024 * 1024),
            },
            service.name,
            status=status,
            private=True,
        )

    def _find_service(self, service_id):
        """Return the service, as the visitor may see it, or answer 404."""
        service = request.env["helpdesk.ticket.category"].search_fetch(
            [("id", "=", service_id), ("show_in_portal", "=", True)],
            ["name", "company_id", "team_id", "needs_place", "allow_anonymous"],
        )
        if not service:
            raise request.not_found()
        return service.sudo()

    def _asked_by(self, service):
        known = not request.env.user._is_public()
        return filing_form.Asked(
            place=service.needs_place,
            identity=not (service.allow_anonymous or known),
        )

    def _get_known_values(self):
        user = request.env.user
        if user._is_public():
            return {}
        partner = user.partner_id
        return {"name": partner.name, "email": partner.email, "phone": partner.phone}

    def _get_services_by_department(self):
        """List ``(department name, [service dict])``, both in the city's order."""
        services = request.env["helpdesk.ticket.category"].search(
            [("show_in_portal", "=", True), ("child_id", "=", False)]
        )
        # access to the services is checked; department names are public
        groups = {}
        for service in services.sudo():
            groups.setdefault(service.team_id, []).append(self._get_public_service(service))
        return [
            (team.name or request.env._("Other"), listed)
            for team, listed in sorted(groups.items(), key=lambda group: (group[0].sequence, group[0].id))
        ]

    def _get_public_service(self, service):
        return {
            **service._get_public_facts(),
            "department": service.team_id._get_public_facts()["name"],
        }

    def _get_zones(self):
        # zones are the city's public map; only their names leave here
        zones = request.env["civic.zone"].sudo().search([("kind", "!=", "city")])
        return [{"id": str(zone.id), "name": zone.complete_name} for zone in zones]

    def _find_zone(self, text):
        zones = request.env["civic.zone"].sudo()
        return zones.browse(int(text)).exists() if text.isdecimal() and len(text) < 10 else zones.browse()

    def _take_files(self):
        """Return ``(files, refused)``: cleaned ``(name, bytes)`` and a code or None."""
        uploads = [upload for upload in request.httprequest.files.getlist("files") if upload.filename]
        if len(uploads) > citizen_file.MAX_FILES:
            return [], "too_many_files"
        files = []
        for upload in uploads:
            try:
                files.append(citizen_file.clean(upload.filename, upload.read()))
            except citizen_file.RefusedFile as refusal:
                return [], refusal.reason
        return files, None

    def _put_into_words(self, errors):
        words = self._get_error_words()
        return {field: words[field, code] for field, code in errors.items()}

    def _get_error_words(self):
        too_long = request.env._("Shorten this to 200 characters.")
        return {
            ("text", "required"): request.env._("Tell us what happens."),
            ("text", "too_short"): request.env._("Tell us a little more: at least 10 characters."),
            ("text", "too_long"): request.env._("Shorten the text to 4,000 characters."),
            ("place", "required"): request.env._("Tell us where: a street and number, or a place."),
            ("place", "too_long"): too_long,
            ("name", "required"): request.env._("Write your name."),
            ("name", "too_long"): too_long,
            ("email", "required"): request.env._("Write your e-mail address: we answer to it."),
            ("email", "not_an_address"): request.env._(
                "Check the e-mail address: it should look like name@example.org."
            ),
            ("email", "too_long"): too_long,
            ("phone", "too_long"): too_long,
            ("files", "too_many_files"): request.env._("Send at most 5 files."),
            ("files", "too_large"): request.env._("A file is too large: at most 10 MB each."),
            ("files", "wrong_kind"): request.env._("Send photos (JPEG, PNG, WebP) or PDF files."),
        }

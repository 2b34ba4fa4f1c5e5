# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filing a case: choose the service, say what and where, receive the code."""

import secrets

from odoo.http import request, route

from odoo.addons.civic_crm.core import citizen_file

from ..core import filing_form
from .civic_page import CivicPage

#: The whole form with its files; nginx refuses more before it arrives here.
MAX_REQUEST = citizen_file.MAX_FILES * citizen_file.MAX_BYTES + 1024 * 1024


#: Found services shown; whoever has to read more has not found it.
MOST_FOUND = 8


class Filing(CivicPage):
    @route("/cases", type="http", auth="public", website=True, readonly=True)
    def home(self, **_kw):
        return self._render_page("civic_portal.cases_home", {}, request.env._("Tell the city"))

    @route("/cases/new", type="http", auth="public", website=True, readonly=True)
    def choose_service(self, q="", **_kw):
        groups = self._get_service_groups()
        q = " ".join(q.split())[: filing_form.MAX_LINE] if isinstance(q, str) else ""
        return self._render_page(
            "civic_portal.choose_service",
            {"groups": groups, "typed": q, "found": self._find_services(q, groups)},
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
        if self._must_sign_in(service):
            return self._render_sign_in(service)
        values = dict(self._get_known_values(), page_key=secrets.token_urlsafe(16))
        return self._render_form(service, values, {})

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
        if self._must_sign_in(service):
            return self._render_sign_in(service)
        values, errors, files = self._read_form(service, form)
        values["page_key"] = self._get_page_key(form)
        if errors:
            return self._render_form(service, values, errors, status=400)
        user = request.env.user
        partner = None if user._is_public() else user.partner_id
        intake = self._accept_form(service, values, files, request.lang.code, values["page_key"], partner)
        return request.redirect(f"/cases/{intake.message_ref}/received", code=303)

    @route(
        "/cases/<string(minlength=12,maxlength=20):code>/received",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
    )
    def show_received(self, code, **_kw):
        """Register what was just sent, unless the job has done it, and go to its page."""
        intake = request.env["civic.adapter.web"]._find_accepted(code)
        intake._process()
        if not intake.case_id:
            return self._render_received(intake) if intake else self._render_no_such_case(code)
        return request.redirect(f"/cases/{intake.case_id.tracking_code}?filed=1", code=303)

    def _get_page_key(self, form):
        """Return the key of the page that was filled in; without one, the same for every try at this request."""
        given = form.get("page_key")
        if isinstance(given, str) and filing_form.is_page_key(given):
            return given
        if not hasattr(request, "civic_page_key"):
            request.civic_page_key = secrets.token_urlsafe(16)
        return request.civic_page_key

    def _render_received(self, intake):
        """Say that the city has it, though it could not be registered at once: it is tried again, or a person looks."""
        values = {"number": intake.number, "code": intake.message_ref, "is_held": intake._is_held(), "case": None}
        return self._render_page("civic_portal.received", values, request.env._("We have it"), private=True)

    # a form, wherever it stands -----------------------------------------

    def _read_form(self, service, form):
        """Return ``(values, errors, files)`` of a sent form, held to all that *service* asks.

        :return: ``values``, texts by field and ``answers``, to show the form again; ``errors``, a code by field in
            the order of the page; ``files``, cleaned ``(name, bytes)``, none if anything is wrong
        """
        values, errors = filing_form.clean(form, self._asked_by(service))
        values["answers"] = self._get_given_answers(service)
        _answers, wrong = service._clean_answers(values["answers"])
        errors.update({f"answer-{code}": error for code, error in wrong.items()})
        files, refused = self._take_files(service._get_public_facts()["ask_photo"], look_inside=not errors)
        if refused:
            errors["files"] = refused
        return values, filing_form.in_page_order(errors), files

    def _accept_form(self, service, values, files, lang, page_key, partner=None):
        """Store a form that is right in the ledger; return its entry.

        :param str page_key: what tells two tries at sending one page from two requests
        :param partner: the citizen who is signed in, if anybody
        """
        return request.env["civic.adapter.web"]._accept_form(
            service,
            # sudo: marks the message, shows nothing
            request.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_web").sudo(),
            {
                **{name: values[name] for name in ("text", "place", "name", "email", "phone", "answers")},
                "zone_id": self._find_zone(values["zone"]).id,
                "lang": lang,
            },
            files,
            partner=partner,
            page_key=page_key,
        )

    def _prepare_form_values(self, service, values, errors):
        """Return what the form's template needs.

        :param dict values: what has been filled in
        :param dict errors: a code by field
        """
        facts = self._get_public_service(service)
        questions = service._get_questions()
        return {
            "service": facts,
            "questions": questions,
            "zones": self._get_zones() if facts["ask_place"] != "no" else [],
            "values": values,
            "errors": self._put_into_words(errors, questions),
            "labels": {f"answer-{question.code}": question.label for question in questions},
            "identity": self._asked_by(service).identity,
            "known": not request.env.user._is_public(),
            "max_files": citizen_file.MAX_FILES,
            "max_mb": citizen_file.MAX_BYTES // (1024 * 1024),
        }

    # ------------------------------------------------------------------

    def _render_form(self, service, values, errors, status=200):
        return self._render_page(
            "civic_portal.filing_form",
            self._prepare_form_values(service, values, errors),
            service.name,
            status=status,
            private=True,
        )

    def _must_sign_in(self, service):
        identified = service._get_public_facts()["identification"] == "identified"
        return identified and request.env.user._is_public()

    def _render_sign_in(self, service):
        values = {"service": self._get_public_service(service)}
        return self._render_page("civic_portal.sign_in_first", values, service.name, private=True)

    def _find_service(self, service_id):
        """Return the service, as the visitor may see it, or answer 404."""
        service = request.env["helpdesk.ticket.category"].search_fetch(
            [("id", "=", service_id), ("show_in_portal", "=", True), ("is_heading", "=", False)],
            ["name", "company_id"],
        )
        if not service:
            raise request.not_found()
        return service.sudo()

    def _asked_by(self, service):
        known = not request.env.user._is_public()
        facts = service._get_public_facts()
        return filing_form.Asked(
            place=facts["ask_place"] == "required",
            identity=not (facts["identification"] == "anonymous" or known),
        )

    def _get_given_answers(self, service):
        """Return what the form holds for this service's questions, and for nothing else: code → list of texts."""
        form = request.httprequest.form
        return {
            question.code: form.getlist(f"answer-{question.code}")
            for question in service._get_questions()
            if not question.is_notice
        }

    def _get_known_values(self):
        user = request.env.user
        if user._is_public():
            return {}
        partner = user.partner_id
        return {"name": partner.name, "email": partner.email, "phone": partner.phone}

    def _get_service_groups(self):
        """List the services that the city offers online, as ``_group_services`` does."""
        return self._group_services(
            request.env["helpdesk.ticket.category"].search([("show_in_portal", "=", True), ("is_heading", "=", False)])
        )

    def _group_services(self, services):
        """List ``(name, [service dict])`` in the city's order: by heading, or by department where there is none.

        :param services: which the visitor may see
        """
        # access to the services is checked; the names of headings and departments are public
        groups = {}
        for service in services.sudo():
            group = service.parent_id or service._get_department()
            groups.setdefault(group, []).append(self._get_public_service(service))
        return [
            (group._get_public_facts()["name"] or request.env._("Other"), listed)
            for group, listed in sorted(groups.items(), key=lambda item: self._place_group(item[0]))
        ]

    def _find_services(self, typed, groups):
        """Return those of the services in *groups* that fit what was typed, best first."""
        listed = {service["id"]: service for _name, services in groups for service in services}
        ranked = request.env["helpdesk.ticket.category"].browse(listed)._rank_by_words(typed)
        return [listed[service.id] for service in ranked[:MOST_FOUND]]

    def _place_group(self, group):
        is_heading = group._name == "helpdesk.ticket.category"
        return not is_heading, group.sequence if group else 0, group.id

    def _get_public_service(self, service):
        """Return the public facts of a service, with its department where all places have the same."""
        department = "" if service._answers_differ_by_place() else service._get_department()
        return {
            **service._get_public_facts(),
            "department": department and department._get_public_facts()["name"],
        }

    def _get_zones(self):
        # zones are the city's public map; only their names leave here
        zones = request.env["civic.zone"].sudo().search([("kind", "!=", "city")])
        return [{"id": str(zone.id), "name": zone.complete_name} for zone in zones]

    def _find_zone(self, text):
        zones = request.env["civic.zone"].sudo()
        return zones.browse(int(text)).exists() if text.isdecimal() and len(text) < 10 else zones.browse()

    def _take_files(self, need="optional", look_inside=True):
        """Return ``(files, refused)``: cleaned ``(name, bytes)`` and a code or None.

        Looking into files costs the most of a form: not done when it comes back to the citizen anyway.

        :param str need: ``no``, ``optional`` or ``required``
        """
        uploads = [upload for upload in request.httprequest.files.getlist("files") if upload.filename]
        if need == "no":
            return [], None
        if need == "required" and not uploads:
            return [], "required"
        if len(uploads) > citizen_file.MAX_FILES:
            return [], "too_many_files"
        files = []
        for upload in uploads if look_inside else ():
            try:
                files.append(citizen_file.clean(upload.filename, upload.read()))
            except citizen_file.RefusedFile as refusal:
                return [], refusal.reason
        return files, None

    def _put_into_words(self, errors, questions=()):
        words = self._get_error_words()
        for question in questions:
            code = errors.get(f"answer-{question.code}")
            if code:
                said = request.env["civic.service.question"]._say_error(code, question)
                words[f"answer-{question.code}", code] = said
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
            ("files", "required"): request.env._("Add a photo or a document: this service needs one."),
            ("files", "too_many_files"): request.env._("Send at most 5 files."),
            ("files", "too_large"): request.env._("A file is too large: at most 10 MB each."),
            ("files", "wrong_kind"): request.env._("Send photos (JPEG, PNG, WebP) or PDF files."),
        }

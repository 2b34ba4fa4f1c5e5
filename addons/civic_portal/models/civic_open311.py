# SPDX-License-Identifier: AGPL-3.0-or-later
"""Open311 GeoReport v2: what the city answers, as plain values. docs/open311.md says it to developers."""

from collections import namedtuple

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools.misc import hmac

from odoo.addons.civic_crm.core import citizen_file, places
from odoo.addons.civic_crm.exceptions import FilingError
from odoo.addons.civic_crm.models.civic_issue import PUBLIC_FIELDS

from ..core.open311 import address, asked, document, filed, moments
from ..core.open311.refusals import Fault, Refused

#: When this interface last changed its shape; clients compare it.
CHANGESET = "2026-11-25T00:00:00Z"
#: What the states of an issue are called in updates (mySociety).
UPDATE_STATUS = {"open": "OPEN", "in_progress": "IN_PROGRESS", "solved": "FIXED", "closed": "CLOSED"}
#: What the fields of a filing error are called by clients.
PARAMETERS = {
    "place": "lat, long, address_string",
    "files": "media",
    "email": "email, phone",
    "service": "service_code",
    "login": "service_code",
}

#: A request as the interface shows it: its number, the issue or else the application's own case or entry.
Shown = namedtuple("Shown", "code issue case intake")


class CivicOpen311(models.AbstractModel):
    """What Open311 shows is issues that are published, to anybody; never cases.

    Only the application that filed a case learns how it stands before anything of it is published: service, state
    and times, nothing that anybody wrote.
    """

    _name = "civic.open311"
    _description = "Open311 GeoReport v2"

    # ------------------------------------------------------------------
    # who asks whom
    # ------------------------------------------------------------------

    @api.model
    def _find_city(self, jurisdiction):
        """Return the company that is meant.

        :param str jurisdiction: as the client says it; may be left out, or wrong, where only one is served
        :raises Refused: 400 when it is needed and missing, 404 when it is unknown
        """
        Company = self.env["res.company"]
        cities = Company._get_open311_cities()
        if not cities:
            return self.env.company
        if len(cities) == 1 and not jurisdiction:
            return Company.browse(cities[0][0])
        if not jurisdiction:
            raise Refused(Fault(400, "missing", "jurisdiction_id"))
        for company_id, name in cities:
            if name == jurisdiction:
                return Company.browse(company_id)
        raise Refused(Fault(404, "jurisdiction", "jurisdiction_id"))

    @api.model
    def _find_key(self, text):
        """Return the ``ApiKey`` of a request that needs one, and count the request.

        :raises Refused: 403 without a valid one, 429 when too many come
        """
        key = self.env["civic.api.key"]._find_by_key(text)
        if not key:
            # sudo: counts, shows nothing
            if not self.env["civic.rate.limit"].sudo()._hit("api_key"):
                raise Refused(Fault(429, "too_many"), headers=[("Retry-After", "3600")])
            raise Refused(Fault(403, "no_key" if text else "missing", "api_key"))
        if key.company_id != self.env.company.id:
            raise Refused(Fault(403, "other_city", "api_key"))
        if self.env["civic.api.usage"].sudo()._count(key.id) > key.limit_per_hour:
            self.env["civic.api.usage"].sudo()._count_refused(key.id)
            raise Refused(Fault(429, "too_many"), headers=[("Retry-After", "3600")])
        return key

    # ------------------------------------------------------------------
    # what can be asked for
    # ------------------------------------------------------------------

    @api.model
    def _get_discovery(self):
        # sudo: how to reach the city is public
        city = self.env.company.sudo()
        base = city.get_base_url()
        reach = " ".join(filter(None, (city.name, city.email, city.phone, city.website)))
        formats = [kind.partition(";")[0] for kind in address.FORMATS.values()]
        return {
            "changeset": CHANGESET,
            "contact": self.env._("You can reach us here: %s", reach),
            "key_service": self.env._(
                "Ask us for a key, and tell us what your application does: %s", city.email or city.website or city.name
            ),
            "endpoints": [
                {
                    "specification": "http://wiki.open311.org/GeoReport_v2",
                    "url": f"{base}/open311/v2",
                    "changeset": CHANGESET,
                    "type": "test" if city.open311_is_test else "production",
                    "formats": formats,
                }
            ],
        }

    @api.model
    def _render_services(self, kind):
        """Return the list of services as bytes."""
        return self._read_rendered_services(self.env.company.id, self.env.lang, kind)

    @api.model
    @tools.ormcache("company_id", "lang", "kind")
    def _read_rendered_services(self, company_id, lang, kind):
        rows = [
            {name: value for name, value in service.items() if name != "id"}
            for service in self.env["helpdesk.ticket.category"]._get_open311_services().values()
        ]
        return document.to_json(rows) if kind == "json" else document.to_xml("services", rows, "service")

    @api.model
    def _find_service(self, code):
        """Return a service that apps may file, as plain values; raises ``Refused`` 404."""
        service = self.env["helpdesk.ticket.category"]._get_open311_services().get(code)
        if not service:
            raise Refused(Fault(404, "service", "service_code"))
        return service

    @api.model
    def _get_definition(self, code):
        service = self._find_service(code)
        questions = self.env["helpdesk.ticket.category"].browse(service["id"])._get_questions()
        return {
            "service_code": code,
            "attributes": [self._make_attribute(order, question) for order, question in enumerate(questions, 1)],
        }

    def _make_attribute(self, order, question):
        """Return a question as the specification's attribute; a notice is one that is not variable."""
        return {
            "variable": not question.is_notice,
            "code": question.code,
            "datatype": "string" if question.is_notice else question.datatype,
            "required": question.required,
            "datatype_description": question.datatype_description or question.help or None,
            "order": order,
            "description": question.label,
            **(
                {"values": [{"key": option.key, "name": option.name} for option in question.options]}
                if question.is_list
                else {}
            ),
        }

    # ------------------------------------------------------------------
    # requests, as the public reads them
    # ------------------------------------------------------------------

    @api.model
    def _list_requests(self, args, key):
        """Return the requests that a client asks for.

        :param args: ``MultiDict`` of the query
        :param key: the ``ApiKey`` of the application that asks, or None
        """
        wanted = asked.read(args, fields.Datetime.now(), self.env.company._get_city_zone())
        if wanted.ids:
            shown = self._find_shown(wanted.ids, key)
        else:
            issues = self._search_issues(
                self._make_domain(wanted),
                order="first_reported_at desc, id desc",
                offset=wanted.offset,
                limit=wanted.size,
            )
            shown = [Shown(issue.code, issue, None, None) for issue in issues]
        return self._make_records(shown, wanted.extensions)

    @api.model
    def _get_request(self, code, args, key):
        """Return the one request *code*, in a list; raises ``Refused`` 404."""
        shown = self._find_shown([asked.clean(code)], key)
        if not shown:
            raise Refused(Fault(404, "request", "service_request_id"))
        return self._make_records(shown, asked.first(args, "extensions").lower() in ("true", "1", "yes"))

    def _search_issues(self, domain, **options):
        # sudo: published issues are everybody's, and the domain has nothing else
        Issue = self.env["civic.issue"].sudo()
        published = Issue._get_published_domain() & Domain("company_id", "=", self.env.company.id)
        return Issue.search_fetch(published & domain, PUBLIC_FIELDS, **options)

    def _make_domain(self, wanted):
        domain = Domain.TRUE
        for name, operator, value in (
            ("first_reported_at", ">=", wanted.start),
            ("first_reported_at", "<=", wanted.end),
            ("updated_at", ">=", wanted.updated_after),
            ("updated_at", "<=", wanted.updated_before),
        ):
            if value:
                domain &= Domain(name, operator, value)
        if wanted.services:
            domain &= Domain("category_id.service_code", "in", list(wanted.services))
        if len(set(wanted.statuses)) == 1:
            states = ("open", "in_progress") if wanted.statuses[0] == "open" else ("solved", "closed")
            domain &= Domain("state", "in", states)
        return domain

    def _find_shown(self, codes, key):
        """Return the requests of these numbers that the client may see, in their order."""
        found = {
            issue.code: Shown(issue.code, issue, None, None)
            for issue in self._search_issues(Domain("code", "in", list(codes)))
        }
        if missing := [code for code in codes if code not in found]:
            found.update(self._find_filed(missing, key))
        return [found[code] for code in codes if code in found]

    def _find_filed(self, codes, key):
        """Return ``{number: Shown}`` of requests that an app filed and that are no issue of their own (any more).

        One that was gathered under a published issue is that issue, for anybody; else it is its own application's.
        """
        # sudo: of another's case nothing is shown but the issue, which is published
        Case = self.env["helpdesk.ticket"].sudo()
        found = {}
        for case in Case.search([("request_code", "in", codes), ("company_id", "=", self.env.company.id)]):
            code, issue = case.request_code, case.issue_id
            if issue.is_published and issue.active:
                found[code] = Shown(code, issue, None, None)
            elif key and case.api_key_id.id == key.id:
                found[code] = Shown(code, None, case, None)
        waiting = [code for code in codes if code not in found]
        if key and waiting:
            # sudo: its own, by the key in the facts
            Intake = self.env["civic.intake"].sudo()
            own = [("adapter", "=", "open311"), ("message_ref", "in", waiting), ("case_id", "=", False)]
            for intake in Intake.search(own):
                if (intake.facts or {}).get("api_key") == key.id:
                    found[intake.message_ref] = Shown(intake.message_ref, None, None, intake)
        return found

    def _make_records(self, shown, extensions=False):
        zone = self.env.company._get_city_zone()
        issues = self.env["civic.issue"].sudo().browse(row.issue.id for row in shown if row.issue)
        photos = self._find_photos(issues)
        return [
            self._make_issue_record(row.code, row.issue, zone, photos.get(row.issue.id), extensions)
            if row.issue
            else self._make_own_record(row, zone)
            for row in shown
        ]

    def _find_photos(self, issues):
        """Return ``{issue id: where its photo is}`` of published issues."""
        if not issues:
            return {}
        # sudo: the photo is published with its issue
        files = self.env["ir.attachment"].sudo()
        of_them = [("res_model", "=", "civic.issue"), ("res_field", "=", "photo"), ("res_id", "in", issues.ids)]
        ids = {file.res_id for file in files.search_fetch(of_them, ["res_id"])}
        base = self.env.company.get_base_url() if ids else ""
        return {issue.id: f"{base}/open311/v2/photos/{issue.code}.jpg" for issue in issues if issue.id in ids}

    def _make_issue_record(self, code, issue, zone, photo, extensions):
        facts = issue._get_public_summary()
        is_open = facts["kind"] in ("open", "in_progress")
        record = {
            "service_request_id": code,
            "status": "open" if is_open else "closed",
            "status_notes": facts["state"],
            "service_name": facts["service"],
            "service_code": issue.category_id._get_public_facts()["service_code"] or None,
            "description": facts["text"] or facts["title"],
            "agency_responsible": facts["department"] or None,
            "service_notice": None,
            "requested_datetime": moments.write(facts["first_reported_at"], zone),
            "updated_datetime": moments.write(
                facts["updated_at"] if is_open else issue.state_since or facts["updated_at"], zone
            ),
            "expected_datetime": None,
            "address": facts["place"] or None,
            "address_id": None,
            "zipcode": None,
            "lat": facts["latitude"],
            "long": facts["longitude"],
            "media_url": photo,
        }
        if extensions:
            record["extended_attributes"] = {
                "title": facts["title"],
                "zone": facts["zone"] or None,
                "reports": facts["reports"],
                "supporters": facts["supporters"],
                "photos": [photo] if photo else [],
            }
            record["attributes"] = []
            record["notes"] = [
                {
                    "datetime": moments.write(issue.state_since, zone),
                    "type": UPDATE_STATUS[facts["kind"]].lower(),
                    "description": facts["state"],
                }
            ]
        return record

    def _make_own_record(self, row, zone):
        """Return how an application's own, unpublished request stands: nothing that anybody wrote is in it."""
        case, intake = row.case, row.intake
        service = self.env["helpdesk.ticket.category"].browse(
            case.category_id.id if case else (intake.facts or {}).get("service")
        )
        facts = service._get_public_facts()
        is_closed, words, changed = self._say_state(case) if case else (False, self._say_waiting(), intake.received_at)
        located = case and places.is_known(case.latitude, case.longitude)
        settings = service._get_issue_settings()
        point = places.coarsen(case.latitude, case.longitude, settings.precision) if located else (None, None)
        return {
            "service_request_id": row.code,
            "status": "closed" if is_closed else "open",
            "status_notes": words,
            "service_name": facts["name"] or None,
            "service_code": facts["service_code"] or None,
            "description": None,
            "agency_responsible": (case and case.team_id._get_public_facts()["name"]) or None,
            "service_notice": None,
            "requested_datetime": moments.write(case.filed_at if case else intake.received_at, zone),
            "updated_datetime": moments.write(changed, zone),
            "expected_datetime": moments.write_end_of(case and case.promised_on, zone),
            "address": None,
            "address_id": None,
            "zipcode": None,
            "lat": point[0],
            "long": point[1],
            "media_url": None,
        }

    def _say_state(self, case):
        """Return ``(whether it is closed, the state in words, since when)`` of one case."""
        stage = case.stage_id._get_public_facts()
        words = [stage["public_name"] or stage["name"], case.outcome_id._get_public_facts()["name"]]
        changed = case.closed_date if stage["closed"] else case.last_stage_update
        return stage["closed"], " · ".join(filter(None, words)), changed or case.filed_at

    def _say_waiting(self):
        return self.env._("We have it; it is not registered yet.")

    @api.model
    def _get_photo(self, code):
        """Return the photo of a published issue as bytes; raises ``Refused`` 404."""
        issue = self._search_issues(Domain("code", "=", asked.clean(code)), limit=1)
        # sudo: as above
        photo = self.env["ir.attachment"].sudo()
        if issue:
            photo = photo.search(
                [("res_model", "=", "civic.issue"), ("res_field", "=", "photo"), ("res_id", "=", issue.id)], limit=1
            )
        if not photo:
            raise Refused(Fault(404, "photo"))
        return photo.raw, photo.mimetype

    # ------------------------------------------------------------------
    # updates
    # ------------------------------------------------------------------

    @api.model
    def _list_updates(self, args, key):
        """Return how requests stand that changed their state within the time asked for, the oldest first.

        One for each: the newest. What people and the city wrote to each other is not in them.
        """
        zone = self.env.company._get_city_zone()
        wanted = asked.read_for_updates(args, fields.Datetime.now(), zone)
        domain = Domain("state_since", ">=", wanted.updated_after)
        if wanted.updated_before:
            domain &= Domain("state_since", "<=", wanted.updated_before)
        if wanted.ids:
            domain &= Domain("code", "in", list(wanted.ids))
        issues = self._search_issues(domain, order="state_since, id", limit=asked.MOST)
        updates = [self._make_issue_update(issue, zone) for issue in issues]
        if key:
            updates += [self._make_own_update(case, zone) for case in self._find_own_changed(wanted, key)]
        return sorted(updates, key=lambda update: update["updated_datetime"])

    def _find_own_changed(self, wanted, key):
        """Return the application's own cases that changed and have no published issue of their own."""
        domain = Domain("api_key_id", "=", key.id) & Domain("last_stage_update", ">=", wanted.updated_after)
        if wanted.updated_before:
            domain &= Domain("last_stage_update", "<=", wanted.updated_before)
        if wanted.ids:
            domain &= Domain("request_code", "in", list(wanted.ids))
        # sudo: its own, by the domain
        cases = self.env["helpdesk.ticket"].sudo().search(domain, order="last_stage_update, id", limit=asked.MOST)
        return cases.filtered(
            lambda case: (
                not (case.issue_id.code == case.request_code and case.issue_id.is_published and case.issue_id.active)
            )
        )

    def _make_issue_update(self, issue, zone):
        facts = issue._get_public_summary()
        status = UPDATE_STATUS[facts["kind"]]
        return self._make_update(issue.code, status, facts["state"], issue.state_since, zone)

    def _make_own_update(self, case, zone):
        is_closed, words, changed = self._say_state(case)
        is_solved = case.outcome_id._get_public_facts()["is_solved"]
        going_on = "OPEN" if case.unattended else "IN_PROGRESS"
        status = ("FIXED" if is_solved else "CLOSED") if is_closed else going_on
        return self._make_update(case.request_code, status, words, changed, zone)

    def _make_update(self, code, status, words, moment, zone):
        return {
            "update_id": f"{code}-{status.lower()}-{moment:%Y%m%d%H%M%S}",
            "service_request_id": code,
            "status": status,
            "description": words,
            "updated_datetime": moments.write(moment, zone),
            "media_url": None,
        }

    # ------------------------------------------------------------------
    # filing
    # ------------------------------------------------------------------

    @api.model
    def _file(self, form, uploads, key):
        """Take a new request into the ledger.

        :param form: ``MultiDict`` of texts
        :param uploads: ``(name, file)`` of each; read only when all else is in order
        :param key: the ``ApiKey`` that files
        :return: the row of the answer
        :raises Refused: naming all that is missing or wrong
        """
        request = filed.read(form)
        service = self._find_service(request.service_code)
        if key.service_ids and service["id"] not in key.service_ids:
            raise Refused(Fault(403, "service_not_yours", "service_code"))
        Service = self.env["helpdesk.ticket.category"].browse(service["id"])
        files = self._clean_files(uploads) if Service._get_public_facts()["ask_photo"] != "no" else []
        values = self._make_values(request, service)
        self._check(Service, {**values, "attachments": files})
        intake = self.env["civic.adapter.open311"]._accept_request(key, service["id"], values, files)
        if service["type"] == "batch":
            return {"token": intake.key}
        notice = self._say_filed(Service, intake.facts["tracking_code"])
        return {"service_request_id": intake.message_ref, "service_notice": notice}

    def _make_values(self, request, service):
        """Return what a form says as ``helpdesk.ticket._file_case`` takes it, all plain values."""
        links = "\n".join(self.env._("Picture: %s", link) for link in request.links)
        return {
            "text": "\n\n".join(filter(None, (request.text or service["service_name"], links))),
            "place": request.place,
            "latitude": request.latitude or 0,
            "longitude": request.longitude or 0,
            "email": request.email,
            "name": request.name,
            "phone": request.phone,
            "answers": request.answers,
            "lang": self.env.lang,
        }

    def _check(self, service, values):
        """Hold a request to what its service asks, as the city's own form does."""
        try:
            self.env["helpdesk.ticket"]._check_filing(service, values)
        except FilingError as error:
            raise Refused(
                *(
                    Fault(400, code, self._name_parameter(field), error.words.get(field, ""))
                    for field, code in error.errors.items()
                )
            ) from error

    def _name_parameter(self, field):
        if field.startswith("answer-"):
            return f"attribute[{field.removeprefix('answer-')}]"
        return PARAMETERS.get(field, field)

    def _clean_files(self, uploads):
        """Return ``(name, bytes)`` of each file, made harmless."""
        if len(uploads) > citizen_file.MAX_FILES:
            raise Refused(Fault(400, "too_many_files", "media"))
        files = []
        for name, upload in uploads:
            try:
                files.append(citizen_file.clean(name, upload.read(citizen_file.MAX_BYTES + 1)))
            except citizen_file.RefusedFile as error:
                raise Refused(Fault(400, error.reason, "media")) from error
        return files

    def _say_filed(self, service, code):
        days = service._get_public_facts()["promise_days"]
        words = [self.env._("Follow it at %s", f"{self.env.company.get_base_url()}/cases/{code}")]
        if days == 1:
            words.append(self.env._("We answer within one working day."))
        elif days:
            words.append(self.env._("We answer within %s working days.", days))
        return " ".join(words)

    @api.model
    def _get_token(self, token):
        """Return the row of a token: without a number until the request is registered; raises ``Refused`` 404."""
        # sudo: whoever has the token may ask; it is a keyed hash
        Intake = self.env["civic.intake"].sudo()
        intake = Intake.search([("adapter", "=", "open311"), ("key", "=", asked.clean(token))], limit=1)
        if not intake or intake.company_id != self.env.company or (intake.facts or {}).get("update_of"):
            raise Refused(Fault(404, "token", "token"))
        code = intake.message_ref if intake.case_id else None
        return {"service_request_id": code, "token": intake.key}

    @api.model
    def _take_update(self, form, uploads, key):
        """Take what somebody adds to a request into the ledger; the row of the answer.

        :raises Refused: as ``_file`` does; 404 for what the application has not filed itself
        """
        if not key.may_update:
            raise Refused(Fault(403, "no_updates", "api_key"))
        update = filed.read_update(form, self.env.company._get_city_zone())
        if not self._has_filed(update.request_id, key):
            raise Refused(Fault(404, "request", "service_request_id"))
        files = self._clean_files(uploads)
        intake = self.env["civic.adapter.open311"]._accept_update(key, update, files)
        return {"update_id": intake.message_ref}

    def _has_filed(self, code, key):
        # sudo: whether it is its own
        own = [("request_code", "=", code), ("api_key_id", "=", key.id)]
        if self.env["helpdesk.ticket"].sudo().search_count(own, limit=1):
            return True
        Intake = self.env["civic.intake"].sudo()
        intake = Intake.search([("adapter", "=", "open311"), ("message_ref", "=", code)], limit=1)
        return bool(intake) and (intake.facts or {}).get("api_key") == key.id and "service" in intake.facts

    # ------------------------------------------------------------------
    # words
    # ------------------------------------------------------------------

    @api.model
    def _say(self, fault):
        """Return a fault in words, in the language of the environment."""
        if fault.words:
            return fault.words
        name = fault.parameter
        words = {
            "address": self.env._("There is nothing at this address."),
            "failed": self.env._("Something went wrong on our side. Try again later."),
            "jurisdiction": self.env._("We do not serve this jurisdiction_id."),
            "length": self.env._("Say in Content-Length how much you send."),
            "media_type": self.env._(
                "Send a form: application/x-www-form-urlencoded, or multipart/form-data with files."
            ),
            "method": self.env._("This address does not take this method."),
            "missing": self.env._("The parameter %s is missing.", name),
            "no_key": self.env._("This api_key is not valid, or no longer."),
            "no_updates": self.env._("This api_key may not send updates."),
            "not_a_link": self.env._("media_url takes at most 10 addresses that begin with http:// or https://."),
            "not_a_moment": self.env._("%s takes a date and time such as 2026-05-01T10:00:00Z.", name),
            "not_a_number": self.env._("%s takes a number from 1 to 1000 (page: to 1000000).", name),
            "not_a_point": self.env._("lat and long are degrees: -90 to 90 and -180 to 180, and not both 0."),
            "not_an_address": self.env._("Check the e-mail address: it should look like name@example.org."),
            "other_city": self.env._("This api_key is for another jurisdiction."),
            "photo": self.env._("There is no such photo."),
            "request": self.env._("There is no request with this service_request_id, or it is not public."),
            "service": self.env._("There is no service with this service_code."),
            "service_not_yours": self.env._("This api_key may not file this service."),
            "size": self.env._("This is too much: at most %s MB with files, 1 MB without.", 32),
            "span": self.env._("start_date and end_date may lie 90 days apart at most."),
            "status": self.env._("%s takes only the values that the documentation names.", name),
            "token": self.env._("There is no such token."),
            "too_large": self.env._("A file is too large: at most 10 MB each."),
            "too_long": self.env._("%s is too long.", name),
            "too_many": self.env._("Too many requests. Try again in an hour."),
            "too_many_files": self.env._("Send at most 5 files."),
            "wrong_kind": self.env._("Send photos (JPEG, PNG, WebP) or PDF files."),
            "wrong_order": self.env._("end_date lies before start_date."),
        }
        return words.get(fault.code) or self.env._("%s cannot be read.", name or self.env._("The request"))

    @api.model
    def _make_key(self, key_id, hour, raw):
        """Return the ledger's name of what an application sent: the same, sent twice within the hour, is one."""
        return hmac(self.env(su=True), "civic.open311", f"{key_id} {hour:%Y%m%d%H} {raw}")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Open311 GeoReport v2 over HTTP: each answer in the format that was asked for, whatever goes wrong.

No cookie is read or set: the key says who files, and all else is for anybody.
"""

import logging

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from odoo.http import Controller, HttpDispatcher, Response, request, route

from ..core.open311 import address, asked, document
from ..core.open311.refusals import Fault, Refused

_logger = logging.getLogger(__name__)

ROOT = "/open311/"
#: Bytes of a request with files, and without.
MAX_REQUEST, MAX_FORM = 32 * 1024 * 1024, 1024 * 1024
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
#: Root and children in XML.
SHAPES = {
    "requests": ("service_requests", "request"),
    "services": ("services", "service"),
    "servicerequestupdates": ("service_request_updates", "request_update"),
}
HTTP_CODES = {404: "address", 405: "method", 413: "size"}


class Open311Dispatcher(HttpDispatcher):
    """Says what went wrong in the format of the address; Odoo would show a page."""

    routing_type = "open311"

    @classmethod
    def is_compatible_with(cls, request):
        return True

    def dispatch(self, endpoint, args):
        """Call the controller without reading the form: it looks at the size first."""
        self.request.params = dict(args)
        return self.request.registry["ir.http"]._dispatch(endpoint)

    def handle_error(self, exc):
        status = exc.code if isinstance(exc, HTTPException) and exc.code else 500
        if status == 500:
            _logger.error("Open311: %s", type(exc).__name__, exc_info=exc)
            self.request.env.cr.rollback()
        target = address.parse(self.request.httprequest.path.removeprefix(ROOT))
        response = refuse(target, Refused(Fault(status, HTTP_CODES.get(status, "failed"))))
        response.headers.setdefault("Access-Control-Allow-Origin", "*")
        return response


def answer(target, content, root, child=""):
    """Return the response with *content* in the format of the address."""
    # a photo is asked for by a browser: what is wrong with that is said in XML
    kind = target.format if target.format in address.FORMATS else "xml"
    body = document.to_json(content) if kind == "json" else document.to_xml(root, content, child)
    return respond(body, address.FORMATS[kind])


def respond(body, content_type, **headers):
    response = Response(body, content_type=content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def refuse(target, refused):
    say = request.env["civic.open311"]._say
    rows = [
        {
            "code": fault.status,
            "description": say(fault),
            **({"parameter": fault.parameter} if fault.parameter else {}),
        }
        for fault in refused.faults
    ]
    response = answer(target, rows, "errors", "error")
    response.status_code = refused.status
    response.headers.extend(refused.headers)
    return response


class Open311(Controller):
    def _is_readonly(self, _rule, _args):
        return request.httprequest.method in ("GET", "HEAD", "OPTIONS")

    @route(
        f"{ROOT}<path:path>",
        type="open311",
        auth="none",
        csrf=False,
        save_session=False,
        cors="*",
        max_content_length=MAX_REQUEST,
        readonly=_is_readonly,
        sitemap=False,
    )
    def respond(self, path):
        """Answer any address of the interface; what it takes is said in docs/open311.md."""
        # nobody is signed in here; what may be seen is decided by what is published, and by the key
        user_id, company_id = request.env["res.company"]._get_open311_home()
        request.update_env(user=user_id)
        request.update_context(allowed_company_ids=[company_id])
        target, method = address.parse(path), request.httprequest.method
        self._set_language(asked.first(request.httprequest.args, "locale"))
        try:
            if not target.resource:
                raise Refused(Fault(404, "address"))
            if not target.allows(method):
                allowed = ", ".join(address.METHODS[target.resource])
                raise Refused(Fault(405, "method"), headers=[("Allow", allowed)])
            return self._write(target) if method == "POST" else self._read(target)
        except Refused as refused:
            return refuse(target, refused)

    def _set_language(self, wanted):
        lang = request.env["res.company"]._get_open311_lang(request.env.company.id)
        if wanted:
            known = {code: code for code, _name in request.env["res.lang"].get_installed()}
            short = {code.partition("_")[0]: code for code in reversed(known)}
            lang = known.get(wanted) or short.get(wanted) or lang
        request.update_context(lang=lang)

    def _enter_city(self, values):
        """Return the interface within the city that *values* (the query, then the form) name."""
        Open311 = request.env["civic.open311"]
        city = Open311._find_city(asked.first(values, "jurisdiction_id"))
        # superuser: the public user belongs to one city; each answer says in its domain what is everybody's
        return Open311.sudo().with_company(city)

    # ------------------------------------------------------------------

    def _read(self, target):
        args = request.httprequest.args
        city = self._enter_city(args)
        resource, name = target.resource, target.name
        if resource == "discovery":
            return answer(target, city._get_discovery(), "discovery")
        if resource == "photos":
            data, kind = city._get_photo(name)
            return respond(data, kind, Cache_Control="public, max-age=3600")
        if resource == "tokens":
            return answer(target, [city._get_token(name)], *SHAPES["requests"])
        if resource == "services" and name:
            return answer(target, city._get_definition(asked.clean(name)), "service_definition")
        if resource == "services":
            return respond(city._render_services(target.format), address.FORMATS[target.format])
        key = self._find_key_of_reader(city, args)
        if resource == "servicerequestupdates":
            rows = city._list_updates(args, key)
        elif name:
            rows = city._get_request(name, args, key)
        else:
            rows = city._list_requests(args, key)
        return answer(target, rows, *SHAPES[resource])

    def _find_key_of_reader(self, city, args):
        """Return the key of who reads, or None: reading needs none, and a wrong one is as none."""
        key = request.env["civic.api.key"]._find_by_key(asked.first(args, "api_key"))
        return key if key and key.company_id == city.env.company.id else None

    # ------------------------------------------------------------------

    def _write(self, target):
        if target.name:
            raise Refused(Fault(405, "method"), headers=[("Allow", "GET")])
        form, uploads = self._take_form()
        self._set_language(asked.first(form, "locale"))
        city = self._enter_city(form)
        key = city._find_key(asked.first(form, "api_key"))
        take = city._file if target.resource == "requests" else city._take_update
        try:
            row = take(form, uploads, key)
        except Refused:
            # sudo: counts, shows nothing
            request.env["civic.api.usage"].sudo()._count_refused(key.id)
            raise
        return answer(target, [row], *SHAPES[target.resource])

    def _take_form(self):
        """Return ``(texts, files)`` of the form; what is in the query counts too, as some clients send their key there.

        Whatever is too large is refused before any of it is read.
        """
        sent = request.httprequest
        if sent.mimetype not in (FORM, MULTIPART):
            raise Refused(Fault(400, "media_type"))
        if sent.content_length is None:
            raise Refused(Fault(411, "length"))
        if sent.content_length > (MAX_REQUEST if sent.mimetype == MULTIPART else MAX_FORM):
            raise Refused(Fault(413, "size"))
        try:
            form = sent.form.copy()
        except RequestEntityTooLarge:  # of too many parts, or one of them
            raise Refused(Fault(413, "size")) from None
        for name, values in sent.args.lists():
            form.setlistdefault(name, values)
        uploads = [(file.filename, file) for _name, file in sent.files.items(multi=True) if file.filename]
        return form, uploads

# SPDX-License-Identifier: AGPL-3.0-or-later
import io
import json
import secrets

from urllib3.filepost import encode_multipart_formdata
from werkzeug.formparser import parse_form_data

from odoo import api, models

from ..core import tracking_code
from ..core.intake import Message, Sender, digest

#: Fixed, so that the same form is the same bytes; the data is JSON and files, never raw text of that shape.
BOUNDARY = "civic-8e7f2f0c3a5d4b6f9c1e"


class CivicAdapterWeb(models.AbstractModel):
    """The city's own forms: what was written in them, with the files, as one multipart body.

    A form has been checked before it is sent here, so that the citizen could mend it: what arrives is complete.
    """

    _name = "civic.adapter.web"
    _inherit = "civic.adapter"
    _description = "Adapter of web forms"

    @api.model
    def _accept_form(self, service, channel, values, files=(), partner=None, page_key=""):
        """Take one checked form into the ledger; the case is made of it when its page is opened, or by the job.

        :param service: one ``helpdesk.ticket.category``
        :param dict values: ``text``, ``name``, ``email``, ``phone``, ``place``, ``zone_id``, ``lang``, ``answers`` and
            whatever else ``helpdesk.ticket._file_case`` takes, all plain values
        :param files: ``(name, bytes)`` of each
        :param partner: the person who is signed in
        :param str page_key: of the page that was filled in: the same page sent twice with the same words is one
        :return: the entry; its ``message_ref`` is the code of the case that is made of it
        """
        raw, mimetype = self._pack_form(values, files)
        intake, _is_new = self.env["civic.intake"]._accept(
            "web",
            raw,
            key=digest(f"{page_key or secrets.token_urlsafe(16)} {service.id}".encode() + raw),
            channel=channel,
            mimetype=mimetype,
            ref=tracking_code.new_code(),
            facts={"service": service.id, **({"partner": partner.id} if partner else {})},
        )
        if intake._is_at_once():
            intake._process()
        return intake

    @api.model
    def _pack_form(self, values, files):
        """Return ``(body, MIME type)`` of what a form says; ``_translate`` reads it again."""
        parts = [("form", (None, json.dumps(values, ensure_ascii=False, sort_keys=True), "application/json"))]
        parts += [("file", (name, data, "application/octet-stream")) for name, data in files]
        return encode_multipart_formdata(parts, boundary=BOUNDARY)

    @api.model
    def _find_accepted(self, code):
        """Return the entry (superuser) of which the case with *code* is made, or an empty one."""
        # sudo: whoever holds the code may follow what becomes of it
        code = tracking_code.normalise(code)
        Intake = self.env["civic.intake"].sudo()
        return Intake.search([("adapter", "=", "web"), ("message_ref", "=", code)], limit=1) if code else Intake

    @api.model
    def _unpack_form(self, intake):
        """Return ``(values, files)`` of what ``_pack_form`` packed: a dict, and ``(name, bytes)`` of each file."""
        body = intake._get_raw()
        environ = {
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": f"multipart/form-data; boundary={BOUNDARY}",
            "REQUEST_METHOD": "POST",
        }
        _stream, form, files = parse_form_data(environ)
        return json.loads(form["form"]), tuple((file.filename, file.read()) for file in files.getlist("file"))

    def _translate(self, intake):
        values, files = self._unpack_form(intake)
        known = intake.facts or {}
        zone = self.env["civic.zone"].sudo().browse(values.pop("zone_id", None) or [])
        address = values.pop("email", "") or ""
        return Message(
            text=values.pop("text"),
            sender=Sender(
                kind="email" if address else "phone" if values.get("phone") else "",
                address=address or values.get("phone") or "",
                name=values.pop("name", "") or "",
            ),
            files=files,
            lang=values.pop("lang", "") or "",
            facts={"zone": zone, "tracking_code": intake.message_ref, **values},
            service_id=known["service"],
            partner_id=known.get("partner", 0),
        )

    def _must_be_a_case(self, message):
        return True

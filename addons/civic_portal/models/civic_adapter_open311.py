# SPDX-License-Identifier: AGPL-3.0-or-later
from dataclasses import replace

from odoo import api, fields, models

from odoo.addons.civic_crm.core import tracking_code
from odoo.addons.civic_crm.core.intake import Message, digest

#: How it came.
CHANNEL = "civic_crm.channel_app"


class NotRegisteredYet(Exception):
    """What an update is about waits itself: the ledger tries again later."""


class CivicAdapterOpen311(models.AbstractModel):
    """Requests of applications by Open311, and what they add to them later.

    Stored as a form of the city's own is (``civic.adapter.web``); the controller has checked it, so that the
    application could mend it. The number that the application is given is the ``message_ref`` of its entry and the
    ``request_code`` of the case made of it; it is drawn from the numbers of issues, as the issue made of it has it too.
    """

    _name = "civic.adapter.open311"
    _inherit = "civic.adapter.web"
    _description = "Adapter of Open311"

    @api.model
    def _accept_request(self, key, service_id, values, files):
        """Take one checked request into the ledger; return its entry.

        :param key: the ``ApiKey`` that files
        :param dict values: as ``helpdesk.ticket._file_case`` takes them, all plain
        :param files: ``(name, bytes)`` of each
        """
        # sudo: numbers are drawn by the system
        number = next(self.env["ir.sequence"].sudo()._draw_civic("civic.issue", 1))
        facts = {"service": service_id, "tracking_code": tracking_code.new_code()}
        return self._accept_from(key, values, files, facts, number, str(service_id))

    @api.model
    def _accept_update(self, key, update, files):
        """Take what is added to a request into the ledger; return its entry."""
        values = {"text": update.text, "status": update.status, "links": update.links, "update_id": update.update_id}
        facts = {"update_of": update.request_id}
        return self._accept_from(key, values, files, facts, f"U-{tracking_code.new_code()}", update.request_id)

    def _accept_from(self, key, values, files, facts, ref, about):
        raw, mimetype = self._pack_form(values, files)
        now = fields.Datetime.now()
        intake, is_new = self.env["civic.intake"]._accept(
            "open311",
            raw,
            key=self.env["civic.open311"]._make_key(key.id, now, f"{about} {digest(raw)}"),
            channel=self.env["helpdesk.ticket.channel"].browse(self.env["ir.model.data"]._xmlid_to_res_id(CHANNEL)),
            mimetype=mimetype,
            ref=ref,
            facts={"api_key": key.id, **facts},
        )
        if is_new and intake._is_at_once():
            intake._process()
        elif is_new:
            self.env["civic.connector"].sudo()._wake_job()
        return intake

    def _process(self, intake):
        """Of several cities in one system, the one that it was sent to files it."""
        return super(CivicAdapterOpen311, self.with_company(intake.company_id))._process(intake)

    def _translate(self, intake):
        facts = intake.facts
        key = self.env["civic.api.key"].sudo().browse(facts["api_key"])
        if "update_of" in facts:
            return self._translate_update(intake, key)
        message = super()._translate(intake)
        given = {"api_key": key, "request_code": intake.message_ref, "tracking_code": facts["tracking_code"]}
        return replace(message, facts={**message.facts, **given})

    def _translate_update(self, intake, key):
        values, files = self._unpack_form(intake)
        lines = [values["text"], *(self.env._("Picture: %s", link) for link in values["links"])]
        if values["status"] not in ("", "OPEN"):
            lines.append(self.env._("State given with it: %s", values["status"]))
        return Message(
            text="\n".join(lines), files=files, facts={"api_key": key, "update_of": intake.facts["update_of"]}
        )

    def _find_thread(self, message):
        """Return the case that an update is about; the application may write into those it filed itself."""
        if "update_of" not in message.facts:
            return super()._find_thread(message)
        own = [("request_code", "=", message.facts["update_of"]), ("api_key_id", "=", message.facts["api_key"].id)]
        case = self.env["helpdesk.ticket"].sudo().search(own, limit=1)
        if not case:
            raise NotRegisteredYet
        return case

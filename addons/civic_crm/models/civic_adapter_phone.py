# SPDX-License-Identifier: AGPL-3.0-or-later
import json

from odoo import api, models

from ..core.intake import Message, Sender


class CivicAdapterPhone(models.AbstractModel):
    """The telephone: what the agent wrote down of a call, with the call's own facts, as one JSON object.

    The agent has been told what is missing before it is sent here.
    """

    _name = "civic.adapter.phone"
    _inherit = "civic.adapter"
    _description = "Adapter of the telephone"

    @api.model
    def _accept_request(self, call, request, page_key):
        """Take what was asked in one *call* into the ledger and make of it what it is.

        :param dict request: plain values: ``text``, ``place``, ``answers``, ``case_code``, ``zone_id``, ``service_id``
        :param str page_key: of the form on the screen: pressed twice, it is one
        :return: the entry (superuser)
        """
        # sudo: the agent reads the call, and not the settings of what it came through
        system = call.sudo().system_id
        told = {
            "call": {
                "id": call.id,
                "system": system.code or None,
                "ref": call.call_ref or None,
                "number": call.number or None,
                "direction": call.direction,
                "started_at": str(call.started_at),
                "agent": call.user_id.login,
            },
            "citizen": call.partner_id.name or None,
            "request": request,
        }
        intake, _is_new = self.env["civic.intake"]._accept(
            "phone",
            json.dumps(told, ensure_ascii=False, sort_keys=True).encode(),
            key=f"{call.id}:{page_key}",
            channel=self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone"),
            mimetype="application/json",
            facts={"call": call.id, "partner": call.partner_id.id},
        )
        intake._process()
        return intake

    def _process(self, intake):
        intake.call_id = (intake.facts or {}).get("call")
        return super()._process(intake)

    def _translate(self, intake):
        told = json.loads(intake._get_raw())
        request, call = told["request"], told["call"]
        zone = self.env["civic.zone"].sudo().browse(request.get("zone_id") or [])
        return Message(
            text=request.get("text") or "",
            subject=request.get("subject") or "",
            sender=Sender(kind="phone", address=call.get("number") or "", name=told.get("citizen") or ""),
            case_code=request.get("case_code") or "",
            facts={"place": request.get("place") or "", "zone": zone, "answers": request.get("answers") or {}},
            service_id=request.get("service_id") or 0,
            partner_id=(intake.facts or {}).get("partner") or 0,
        )

    def _is_by_staff(self, intake):
        return True

    def _must_be_a_case(self, message):
        return bool(message.service_id)

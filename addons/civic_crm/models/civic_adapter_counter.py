# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models

#: What the counter says of a filing beside what any form says; see ``helpdesk.ticket._note_counter``.
COUNTER_FACTS = ("received_at", "identity_document", "identity_user_id")


class CivicAdapterCounter(models.AbstractModel):
    """The counter and the post: what staff filed for somebody who came or wrote, with the scanned documents.

    The same body as the web form's, and who checked the document besides.
    """

    _name = "civic.adapter.counter"
    _inherit = "civic.adapter.web"
    _description = "Adapter of counter and post"

    @api.model
    def _accept_filing(self, service, channel, values, files, partner, key):
        """Take one checked filing into the ledger and make a case of it.

        :param dict values: those of ``civic.adapter.web._accept_form``, and ``COUNTER_FACTS``
        :param files: ``(name, bytes)`` of each
        :param partner: the citizen, whom staff has in front of them or who signed the letter; may be empty
        :param str key: of the dialogue: pressed twice, it is one
        :return: the entry (superuser)
        """
        raw, mimetype = self._pack_form(values, files)
        intake, _is_new = self.env["civic.intake"]._accept(
            "counter",
            raw,
            key=key,
            channel=channel,
            mimetype=mimetype,
            facts={"service": service.id, **({"partner": partner.id} if partner else {})},
        )
        intake._process()
        return intake

    def _is_by_staff(self, intake):
        return True

    def _file(self, intake, message, service):
        counter = {name: message.facts.pop(name, None) for name in COUNTER_FACTS}
        received_at = fields.Datetime.to_datetime(counter["received_at"]) or intake.received_at
        case = super(CivicAdapterCounter, self.with_context(default_filed_at=received_at))._file(
            intake, message, service
        )
        case._note_counter(counter["identity_document"], counter["identity_user_id"])
        return case

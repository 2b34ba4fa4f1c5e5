# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models

STAFF_ONLY = "base.group_user"


class CivicAnsweredByHandle(models.AbstractModel):
    """A case or enquiry whose citizen may be answered by an account of a network.

    What staff writes to the citizen goes there once, instead of by e-mail; notes never do.
    """

    _name = "civic.answered.by.handle"
    _description = "Answered by a network"

    handle_id = fields.Many2one(
        "civic.identity.handle",
        string="Came by account",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=STAFF_ONLY,
    )
    answer_handle_id = fields.Many2one(
        "civic.identity.handle",
        string="Answer goes to",
        copy=False,
        ondelete="restrict",
        groups=STAFF_ONLY,
        help="The account the citizen wrote by last. Empty: the answer goes by e-mail.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:  # who wrote is said by the network
            self = self.with_context(default_handle_id=False, default_answer_handle_id=False)
            vals_list = [{name: value for name, value in vals.items() if name != "handle_id"} for vals in vals_list]
        return super().create(vals_list)

    def _get_answer_handle(self):
        """Return the account (superuser) that the answer to one case or enquiry goes to, or none.

        The citizen's wish comes first, then the way they wrote last. Never an account that is not theirs.
        """
        self.ensure_one()
        # sudo: whoever may answer need not see accounts
        record = self.sudo()
        citizen = record.partner_id
        wish = citizen.civic_answer_by or "last"
        if wish == "email" and citizen.email:
            return record.answer_handle_id.browse()
        handle = record.answer_handle_id
        if wish == "handle" and not handle:
            handle = citizen.civic_handle_ids[:1]
        usable = handle.active and handle.connector_id.active and handle._may_write_in(record)
        return handle if usable else handle.browse()

    def _is_answer_to_citizen(self, message):
        """Return whether *message* is staff's word to the citizen, none to colleagues."""
        is_public = message.subtype_id.id == self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        return (
            is_public
            and not message.is_internal
            and message.message_type == "comment"
            and any(user._is_internal() for user in message.author_id.sudo().with_context(active_test=False).user_ids)
        )

    def _get_answer_link(self):
        return ""

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Whoever is answered by a network gets no mail of the same words."""
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if len(self) == 1 and self._is_answer_to_citizen(message) and self._get_answer_handle():
            citizen = self.sudo().partner_id.id
            recipients = [recipient for recipient in recipients if recipient["id"] != citizen]
        return recipients

    def message_post(self, **kwargs):
        message = super().message_post(**kwargs)
        if self._is_answer_to_citizen(message) and (handle := self._get_answer_handle()):
            Outbox = self.env["civic.outbox"]
            link = self._get_answer_link()
            if words := Outbox._get_words(message.sudo(), link):
                Outbox._queue(self, handle, words, message=message, link=link)
                message.sudo().civic_channel_id = handle.connector_id.channel_id
        return message

    def _post_from_citizen(self, text, files=(), channel=None, **facts):
        """The answer goes back the way the question came."""
        message = super()._post_from_citizen(text, files, channel=channel, **facts)
        handle = self.env.context.get("civic_from_handle") or self.env["civic.identity.handle"]
        if not isinstance(handle, models.BaseModel):  # a client's context holds no record
            handle = self.env["civic.identity.handle"]
        record = self.sudo()
        if record.answer_handle_id != handle:
            record.answer_handle_id = handle.id
        return message

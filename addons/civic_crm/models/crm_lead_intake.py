# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models
from odoo.tools import plaintext2html


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _stop_enrichment(self):
        """Stop the job of Odoo's lead enrichment where it was installed before us."""
        job = self.env.ref("crm_iap_enrich.ir_cron_lead_enrichment", raise_if_not_found=False)
        if job:
            job.active = False

    def _post_from_citizen(self, text, files=(), channel=None):
        """Add what the citizen wrote once more; that it is theirs has been checked by the caller.

        :param str text: plain text; may be empty when there are files
        :param channel: one ``helpdesk.ticket.channel``, by which it came
        :return: the message
        """
        self.ensure_one()
        message = self.with_user(self.env.ref("base.user_root")).message_post(
            body=plaintext2html(text) if text else "",
            author_id=(self.partner_id or self.env.ref("base.public_partner")).id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=list(files),
        )
        if channel:
            message.civic_channel_id = channel
        self._come_back()
        return message

    def _keep_files(self, files):
        """Keep what the citizen sent with an enquiry as a message of theirs.

        :param files: ``(name, bytes)`` of each, as they came; they are made harmless when a case is made of it
        """
        self.ensure_one()
        self.with_user(self.env.ref("base.user_root")).message_post(
            author_id=(self.partner_id or self.env.ref("base.public_partner")).id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=list(files),
        )

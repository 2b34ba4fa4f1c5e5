# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letter of Ley 39/2015, art. 21.4: within ten days the citizen is told the term and what silence means."""

from markupsafe import Markup

from odoo import api, models

from .helpdesk_ticket_mail import ACKNOWLEDGEMENT_HEADERS

#: Letters written per transaction of the cron.
LETTER_BATCH = 50
#: The kinds of case that begin a procedure.
TOLD_KINDS = ("request",)


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    @api.model
    def _cron_send_term_letters(self):
        """Tell the citizens of new requests by when they are answered, each once, in batches."""
        domain = self._get_untold_domain()
        progress = self.env["ir.cron"]._commit_progress
        while cases := self.search(domain, order="id", limit=LETTER_BATCH).try_lock_for_update():
            for case in cases:
                case._send_term_letter()
            # core empties its queue once an hour
            self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
            if not progress(len(cases), remaining=self.search_count(domain)):
                break

    @api.model
    def _get_untold_domain(self):
        return [
            ("kind", "in", TOLD_KINDS),
            ("closed_date", "=", False),
            ("term_letter_on", "=", False),
            ("partner_id", "!=", False),
            # a term that is over before anybody told it is no news
            ("deadline_ids", "any", [("purpose", "=", "legal"), ("outcome", "=", False), ("is_overdue", "=", False)]),
        ]

    def _send_term_letter(self):
        """Post the letter on one case, in the citizen's language; who waits for an answer still waits for it."""
        template = self.env.ref("civic_crm.mail_template_case_term")
        lang = template._render_lang(self.ids)[self.id]
        letter = template.with_context(lang=lang)
        waits = self.has_citizen_message
        self.with_context(lang=lang, mail_notify_force_send=False).message_post(
            body=Markup(letter._render_field("body_html", self.ids)[self.id]),  # noqa: S704 rendered from the city's own template
            subject=letter._render_field("subject", self.ids)[self.id],
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            mail_headers=ACKNOWLEDGEMENT_HEADERS,
        )
        self.write({"has_citizen_message": waits, "term_letter_on": self._get_city_today()})
        if not self.partner_id.email:
            self._ask_for_post()

    def _ask_for_post(self):
        """Whom no mail reaches has to be told on paper: the responsible person is asked for it, or else the head."""
        user = self.user_id or self.team_id._find_head()
        if not user:
            return
        reader = self.with_context(lang=user.lang)
        self.with_context(
            mail_activity_quick_update=True, civic_nobody_follows=True, tracking_disable=True
        ).activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self._get_city_today(),
            user_id=user.id,
            summary=reader.env._("Send the letter about the term by post: the citizen has no e-mail"),
        )

    def _get_told_deadline(self):
        """Return the deadline of which the letter tells: the first of those set by law that are open."""
        return self.deadline_ids.filtered(lambda clock: clock.purpose == "legal" and not clock.outcome)[:1]

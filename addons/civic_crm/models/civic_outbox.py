# SPDX-License-Identifier: AGPL-3.0-or-later
import logging
from datetime import timedelta

from psycopg2 import Error as DatabaseError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from ..core import intake as ledger
from ..core import outgoing
from .civic_connector import NETWORKS

_logger = logging.getLogger(__name__)

BATCH = 20
#: Where an answer is only seen below the question when it names it.
QUOTING = ("mastodon", "json")
#: An answer that was begun so long ago and not ended was cut off with the server.
CUT_OFF = timedelta(minutes=10)


class CivicOutbox(models.Model):
    """Answers on their way to a network: each goes out once.

    What certainly did not arrive is tried again, ever later. What may have arrived is tried again only where the
    network knows it by its name; else a person is told, as two answers are worse than a question. What cannot arrive
    goes by e-mail where there is an address, and whoever wrote it is told.
    """

    _name = "civic.outbox"
    _description = "Answer by a network"
    _order = "id desc"
    _rec_name = "handle_id"

    message_id = fields.Many2one("mail.message", readonly=True, index="btree_not_null", ondelete="restrict")
    handle_id = fields.Many2one(
        "civic.identity.handle", string="Addressee", required=True, readonly=True, index=True, ondelete="restrict"
    )
    connector_id = fields.Many2one(
        related="handle_id.connector_id", store=True, readonly=True, index=True, ondelete="restrict"
    )
    case_id = fields.Many2one("helpdesk.ticket", readonly=True, index="btree_not_null", ondelete="restrict")
    enquiry_id = fields.Many2one("crm.lead", readonly=True, index="btree_not_null", ondelete="restrict")
    words = fields.Text(required=True, readonly=True)
    link = fields.Char(readonly=True, help="Where the rest is, when the network takes no more characters.")
    reply_to = fields.Char(readonly=True, help="The network's name of the message it answers.")
    ref = fields.Char(string="Name in the network", readonly=True, index="btree_not_null")

    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("sending", "Being sent"),
            ("sent", "Sent"),
            ("delivered", "Delivered"),
            ("failed", "Not sent"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    attempts = fields.Integer(readonly=True)
    next_attempt_at = fields.Datetime(string="Next try", readonly=True, default=fields.Datetime.now)
    sent_at = fields.Datetime(readonly=True)
    last_error = fields.Char(readonly=True)

    _once = models.UniqueIndex("(message_id, handle_id) WHERE message_id IS NOT NULL")
    _waiting_idx = models.Index("(next_attempt_at, id) WHERE state IN ('waiting', 'sending')")

    def _get_record(self):
        return self.case_id or self.enquiry_id

    # ------------------------------------------------------------------
    # queueing
    # ------------------------------------------------------------------

    @api.model
    def _queue(self, record, handle, words, message=None, link=""):
        """Have *words* sent to *handle*, the same message once.

        :param record: the case or enquiry they are about; the handle has been checked against it
        """
        # sudo: whoever may write to the citizen, the job sends it
        Outbox = self.sudo()
        if message and Outbox.search_count([("message_id", "=", message.id), ("handle_id", "=", handle.id)], limit=1):
            return Outbox
        is_case = record._name == "helpdesk.ticket"
        answer = Outbox.create(
            {
                "message_id": message.id if message else False,
                "handle_id": handle.id,
                "case_id": record.id if is_case else False,
                "enquiry_id": False if is_case else record.id,
                "words": words,
                "link": link,
                "reply_to": handle.last_ref if handle.kind in QUOTING else False,
            }
        )
        handle._remember(record if is_case else None, None if is_case else record)
        self.env["ir.cron"]._wake("civic_crm.cron_send_answers")
        return answer

    @api.model
    def _get_words(self, message, link=""):
        """Return a message as plain text, its files named and where they are."""
        words = html2plaintext(message.body or "", include_references=False).strip()
        files = message.attachment_ids.mapped("name")
        return "\n".join([words, *(f"📎 {name}" for name in files), link if files else ""]).strip()

    # ------------------------------------------------------------------
    # sending
    # ------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Send what waits, the oldest first, of each connector so many in a minute."""
        self._end_cut_off()
        progress = self.env["ir.cron"]._commit_progress
        for connector in self.env["civic.connector"].search([("active", "=", True)]):
            domain = [
                ("connector_id", "=", connector.id),
                ("state", "=", "waiting"),
                ("next_attempt_at", "<=", fields.Datetime.now()),
            ]
            while room := self._get_room(connector):
                batch = self.search(domain, order="next_attempt_at, id", limit=min(room, BATCH))
                batch = batch.try_lock_for_update()
                if not batch:
                    break
                batch.write({"state": "sending", "next_attempt_at": fields.Datetime.now()})
                self.env["civic.intake"]._commit()
                for answer in batch:
                    answer._send()
                    self.env["civic.intake"]._commit()
                if not progress(len(batch), remaining=self.search_count(domain)):
                    return

    def _get_room(self, connector):
        """Return how many answers may still go out in this minute."""
        minute = fields.Datetime.now() - timedelta(minutes=1)
        sent = self.search_count([("connector_id", "=", connector.id), ("sent_at", ">", minute)])
        return max(connector.rate_per_minute - sent, 0)

    def _end_cut_off(self):
        """Decide on what was being sent when the server stopped."""
        begun = fields.Datetime.now() - CUT_OFF
        for answer in self.search([("state", "=", "sending"), ("next_attempt_at", "<", begun)]).try_lock_for_update():
            answer._take_unclear("cut off")

    def _send(self):
        """Send one answer, and write down how it went."""
        self.ensure_one()
        connector = self.connector_id
        adapter = self.env[f"civic.adapter.{connector.kind}"]
        try:
            if not self.handle_id._may_write_in(self._get_record()):
                raise outgoing.Refused("unlinked")
            adapter._check_may_send(self.handle_id)
            ref = adapter._send(connector, self)
        except outgoing.Refused as error:
            self._give_up(error)
        except outgoing.TryAgain as error:
            self._try_later(error, error.seconds)
        except outgoing.Unclear as error:
            self._take_unclear(error)
        except DatabaseError:
            raise
        except Exception as error:  # one that fails holds up none
            _logger.exception("Answer %s could not be sent", self.id)
            self._take_unclear(type(error).__name__)
        else:
            self.write({"state": "sent", "ref": ref, "sent_at": fields.Datetime.now(), "last_error": False})

    def _take_unclear(self, error):
        if NETWORKS[self.connector_id.kind].IS_IDEMPOTENT:
            self._try_later(error)
        else:
            self._give_up(error, unclear=True)

    def _try_later(self, error, seconds=0):
        attempts = self.attempts + 1
        wait = ledger.next_wait(attempts)
        self.write({"attempts": attempts, "last_error": str(error)[:200]})
        if wait is None:
            self._give_up(error)
        else:
            wait = max(wait, timedelta(seconds=seconds))
            self.write({"state": "waiting", "next_attempt_at": fields.Datetime.now() + wait})

    def _give_up(self, error, unclear=False):
        """End answers that will not arrive: by e-mail instead where there is one, and whoever wrote it is told."""
        for answer in self:
            answer.write({"state": "failed", "last_error": str(error)[:200], "next_attempt_at": False})
            _logger.warning("Answer %s was not sent: %s", answer.id, str(error)[:200])
            by_mail = not unclear and str(error) != "unlinked" and answer._send_by_mail()
            answer._tell_author(str(error)[:200], unclear, by_mail)

    def _send_by_mail(self):
        """Send it by e-mail instead; return whether there is an address."""
        record = self._get_record()
        address = record.partner_id.email
        if not (address and self.message_id):
            return False
        message = self.message_id
        self.env["mail.mail"].create(
            {
                "mail_message_id": message.id,
                "body_html": message.body,
                "recipient_ids": [fields.Command.set(record.partner_id.ids)],
                "is_notification": True,
            }
        )
        return True

    def _tell_author(self, why, unclear, by_mail):
        record = self._get_record()
        if unclear:
            text = self.env._(
                "It is not known whether your answer by %s arrived. Ask before you write it again.",
                self.handle_id.display_name,
            )
        elif by_mail:
            text = self.env._("Your answer could not go by %s; it went by e-mail.", self.handle_id.display_name)
        else:
            text = self.env._("Your answer by %s was not delivered. Find another way.", self.handle_id.display_name)
        author = self.message_id.author_id.user_ids.filtered(lambda user: not user.share)[:1]
        record.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Answer not delivered"),
            note=f"{text} ({why})",
            user_id=(record.user_id or author or self.env.user).id,
        )

    @api.model
    def _take_receipts(self, connector_id, receipts):
        """Write down what the network says of answers: ``(name, status, code)`` of each."""
        names = {name: (status, code) for name, status, code in receipts}
        answers = self.search([("connector_id", "=", connector_id), ("ref", "in", list(names))])
        for answer in answers:
            status, code = names[answer.ref]
            if status == "failed" and answer.state in ("sent", "sending"):
                answer._give_up(code)
            elif status in ("delivered", "read") and answer.state == "sent":
                answer.state = "delivered"

    def action_retry(self):
        """Send again what was not sent; for the front desk, who has seen why."""
        self.check_access("write")
        if self.filtered(lambda answer: answer.state != "failed"):
            raise UserError(self.env._("Only what was not sent is sent again."))
        # sudo: the state is the job's
        self.sudo().write({"state": "waiting", "attempts": 0, "next_attempt_at": fields.Datetime.now()})
        self.env["ir.cron"]._wake("civic_crm.cron_send_answers")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was written to citizens is kept."))

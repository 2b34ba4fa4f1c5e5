# SPDX-License-Identifier: AGPL-3.0-or-later
import logging
from datetime import timedelta

from psycopg2 import Error as DatabaseError

from odoo import api, fields, models
from odoo.tools import html2plaintext

from odoo.addons.civic_crm.core import intake as ledger
from odoo.addons.civic_crm.core import outgoing

from ..core.open311 import client

_logger = logging.getLogger(__name__)

BATCH = 20
#: Of one server, asked about within one run of the job.
MOST_ASKED = 500
#: What was begun so long ago and not ended was cut off with the server.
CUT_OFF = timedelta(minutes=10)


class CivicOpen311Forward(models.Model):
    """A case on its way to another Open311 server, and how it stands there.

    It goes out once. What certainly did not arrive is tried again, ever later; of what may have arrived a person is
    told, as the specification gives a request no name by which it could be known again. What is said there comes
    back as a note for staff: the case stays theirs to answer.
    """

    _name = "civic.open311.forward"
    _description = "Case sent to another Open311 server"
    _order = "id desc"
    _rec_name = "request_id"

    case_id = fields.Many2one("helpdesk.ticket", required=True, readonly=True, index=True, ondelete="restrict")
    server_id = fields.Many2one("civic.open311.server", required=True, readonly=True, index=True, ondelete="restrict")
    code = fields.Char(string="Service there", required=True, readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("sending", "Being sent"),
            ("sent", "Being worked on there"),
            ("closed", "Closed there"),
            ("failed", "Not sent"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    request_id = fields.Char(string="Number there", readonly=True)
    token = fields.Char(readonly=True, help="By which its number there is asked for.")
    notes = fields.Char(string="What they say", readonly=True)
    attempts = fields.Integer(readonly=True)
    next_attempt_at = fields.Datetime(string="Next try", readonly=True, default=fields.Datetime.now)
    sent_at = fields.Datetime(string="Sent", readonly=True)
    asked_at = fields.Datetime(string="Last asked", readonly=True)
    last_error = fields.Char(readonly=True)

    _once = models.UniqueIndex("(case_id, server_id)")
    _waiting_idx = models.Index("(next_attempt_at, id) WHERE state IN ('waiting', 'sending')")
    _sent_idx = models.Index("(server_id, asked_at) WHERE state = 'sent'")

    # ------------------------------------------------------------------
    # sending
    # ------------------------------------------------------------------

    @api.model
    def _queue_new(self, cases):
        """Have new cases sent where those of their services go."""
        get_servers = self.env["civic.open311.server.service"]._get_servers
        due = [
            {"case_id": case.id, "server_id": server_id, "code": code}
            for case in cases
            if case.category_id and not case.parent_case_id
            for server_id, company_id, code, app_id in get_servers(case.category_id.id)
            if company_id == case.company_id.id and not (app_id and app_id == case.sudo().api_key_id.id)
        ]
        if due:
            # sudo: whoever files, the city forwards
            self.sudo().create(due)
            self.env["ir.cron"]._wake("civic_portal.cron_forward")

    @api.model
    def _cron_send(self):
        """Send what waits, the oldest first, then ask how things stand."""
        self._end_cut_off()
        domain = [("state", "=", "waiting"), ("next_attempt_at", "<=", fields.Datetime.now())]
        progress = self.env["ir.cron"]._commit_progress
        while batch := self.search(domain, order="next_attempt_at, id", limit=BATCH).try_lock_for_update():
            batch.write({"state": "sending", "next_attempt_at": fields.Datetime.now()})
            self.env["civic.intake"]._commit()
            for forward in batch:
                forward._send()
                self.env["civic.intake"]._commit()
            if not progress(len(batch), remaining=self.search_count(domain)):
                return

    def _end_cut_off(self):
        begun = fields.Datetime.now() - CUT_OFF
        cut_off = self.search([("state", "=", "sending"), ("next_attempt_at", "<", begun)]).try_lock_for_update()
        for forward in cut_off:
            forward._give_up("cut off", unclear=True)

    def _send(self):
        """Send one case, and write down how it went."""
        server = self.server_id
        try:
            # sudo: the key is nobody's to read
            pairs = client.make_form(server.sudo().api_key_kept, server.jurisdiction, self.code, self._get_facts())
            taken = client.read_taken(server._ask("POST", "requests.xml", data=pairs))
        except outgoing.Refused as error:
            self._give_up(client.read_errors(str(error).removeprefix(str(error.code)).strip()) or error.code)
        except outgoing.TryAgain as error:
            self._try_later(error)
        except (outgoing.Unclear, client.Unreadable) as error:
            self._give_up(error, unclear=True)
        except DatabaseError:
            raise
        except Exception as error:  # one that fails holds up none
            _logger.exception("Case %s could not be forwarded", self.case_id.number)
            self._give_up(type(error).__name__, unclear=True)
        else:
            self.write(
                {
                    "state": "sent",
                    "request_id": taken.request_id,
                    "token": taken.token,
                    "sent_at": fields.Datetime.now(),
                    "last_error": False,
                }
            )

    def _get_facts(self):
        """Return what is sent of the case, as ``core.open311.client.make_form`` takes it."""
        # sudo: the job sends it
        case = self.case_id.sudo()
        words = html2plaintext(case.description or "", include_references=False).strip() or case.name
        # as words: what the other server calls its questions is its own
        answers = "\n".join(f"{question}: {answer}" for question, answer in case._get_public_answers())
        facts = {
            "text": "\n\n".join(filter(None, (words, answers))),
            "latitude": case.latitude,
            "longitude": case.longitude,
            "place": case.place or case.civic_zone_id._get_public_facts()["complete_name"],
        }
        if self.server_id.with_contact:
            facts.update(name=case.partner_name, email=case.partner_email, phone=case.partner_phone)
        return facts

    def _try_later(self, error):
        attempts = self.attempts + 1
        wait = ledger.next_wait(attempts)
        self.write({"attempts": attempts, "last_error": str(error)[:200]})
        if wait is None:
            self._give_up(error)
        else:
            wait = max(wait, timedelta(seconds=error.seconds))
            self.write({"state": "waiting", "next_attempt_at": fields.Datetime.now() + wait})

    def _give_up(self, error, unclear=False):
        """End what will not arrive, or may have; a person is told."""
        self.write({"state": "failed", "last_error": str(error)[:200], "next_attempt_at": False})
        _logger.warning("Case %s was not forwarded: %s", self.case_id.number, str(error)[:200])
        if unclear:
            text = self.env._("It is not known whether %s has this case. Ask them.", self.server_id.name)
        else:
            text = self.env._("%s did not take this case. Find another way.", self.server_id.name)
        self._tell(self.env._("Case not forwarded"), f"{text} ({str(error)[:200]})")

    def action_send_again(self):
        """Try again what was not sent; whoever asks has made sure that it is not there."""
        self.check_access("read")
        self.case_id.check_access("write")
        # sudo: these facts are the job's; whether this person works on the case was checked
        self.sudo().filtered(lambda forward: forward.state == "failed").write(
            {"state": "waiting", "attempts": 0, "next_attempt_at": fields.Datetime.now(), "last_error": False}
        )
        self.env["ir.cron"]._wake("civic_portal.cron_forward")

    # ------------------------------------------------------------------
    # asking
    # ------------------------------------------------------------------

    @api.model
    def _cron_ask(self):
        """Ask each server how what it was sent stands; one that does not answer holds up none."""
        for server in self.env["civic.open311.server"].search([("active", "=", True)]):
            due = self.search(
                [("server_id", "=", server.id), ("state", "=", "sent")],
                order="asked_at NULLS FIRST, id",
                limit=MOST_ASKED,
            )
            try:
                due.filtered(lambda forward: not forward.request_id)._ask_numbers()
                numbered = due.filtered("request_id")
                for start in range(0, len(numbered), client.BATCH):
                    numbered[start : start + client.BATCH]._ask_standing()
                error = False
            except (outgoing.Refused, outgoing.TryAgain, outgoing.Unclear, client.Unreadable) as problem:
                error = str(problem)[:200]
            server.write({"polled_at": fields.Datetime.now(), "last_error": error})
            self.env["civic.intake"]._commit()

    def _ask_numbers(self):
        for forward in self:
            server = forward.server_id
            body = server._ask("GET", f"tokens/{forward.token}.xml", params=server._get_params())
            try:
                forward.write({"asked_at": fields.Datetime.now(), "request_id": client.read_taken(body).request_id})
            except client.Unreadable:
                continue  # not ready

    def _ask_standing(self):
        """Take back how some requests of one server stand; what has changed is noted on the cases."""
        server = self.server_id
        # sudo: some servers show those who sent it more than the public; the key is nobody's to read
        key = server.sudo().api_key_kept
        params = server._get_params(service_request_id=",".join(self.mapped("request_id")), api_key=key)
        standings = {
            found.request_id: found
            for found in client.read_standings(server._ask("GET", "requests.xml", params=params))
        }
        self.write({"asked_at": fields.Datetime.now()})
        for forward in self:
            if found := standings.get(forward.request_id):
                forward._take(found)

    def _take(self, found):
        is_closed = found.status == "closed"
        if not is_closed and found.notes == (self.notes or ""):
            return
        self.write({"notes": found.notes, "state": "closed" if is_closed else "sent"})
        words = self.env._("Closed there") if is_closed else self.env._("Open there")
        text = ": ".join(filter(None, (f"{self.server_id.name} ({self.request_id}): {words}", found.notes)))
        self.case_id._message_log(body=text)
        if is_closed and not self.case_id.closed_date:
            self._tell(self.env._("Check and answer: %s has closed it", self.server_id.name), text)

    def _tell(self, summary, note):
        case = self.case_id
        user = case.user_id or case.team_id.user_id or self.env.user
        case.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo", summary=summary, note=note, user_id=user.id
        )

# SPDX-License-Identifier: AGPL-3.0-or-later
import json
import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models, modules
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..core import intake as ledger
from .civic_virus_scan import Found

_logger = logging.getLogger(__name__)

#: A message and its file stored in one statement, unless the adapter has had that key; nothing of it is read.
STORE = """
    WITH wanted AS (
        SELECT nextval('civic_intake_id_seq') AS id
         WHERE NOT EXISTS (SELECT 1 FROM civic_intake WHERE adapter = %(adapter)s AND key = %(key)s)
    ), file AS (
        INSERT INTO ir_attachment (name, type, res_model, res_id, mimetype, store_fname, db_datas, checksum, file_size,
                                   company_id, create_uid, create_date)
        SELECT %(name)s, 'binary', 'civic.intake', wanted.id, %(mimetype)s, %(path)s, %(data)s, %(checksum)s, %(size)s,
               %(company)s, %(uid)s, %(now)s
          FROM wanted
        RETURNING id, res_id
    )
    INSERT INTO civic_intake (id, number, adapter, key, channel_id, company_id, received_at, digest, size,
                              connector_id, message_ref, facts, raw_attachment_id, state, attempts, next_attempt_at,
                              create_uid, create_date)
    SELECT file.res_id, 'M' || lpad(file.res_id::text, 7, '0'), %(adapter)s, %(key)s, %(channel)s,
           %(company)s, %(now)s, %(digest)s, %(size)s, %(connector)s, %(ref)s, %(facts)s,
           file.id, 'received', 0, %(now)s, %(uid)s, %(now)s
      FROM file
    ON CONFLICT (adapter, key) DO NOTHING
    RETURNING id
"""

#: Messages worked off per transaction of the cron.
PROCESS_BATCH = 20
#: PostgreSQL's class of errors for what it has no room for; the fault of the message, for ever.
TOO_MUCH = "54"
#: Bytes of a message that is kept in its row. A file takes a block of the disk and a second file that names it to the
#: cleaner: to make the two costs more CPU than the row with all its indexes.
IN_ROW = 4096
#: Characters of a message that are kept to be searched in.
TEXT_LIMIT = 20_000
REASONS = [
    ("spam", "Unwanted mail"),
    ("filter", "Looks like unwanted mail"),
    ("automatic", "Written by a machine"),
    ("list", "From a mailing list"),
    ("loop", "Too many from one sender"),
    ("flood", "Too many at once"),
    ("duplicate", "Came a second time"),
    ("bounce", "Could not be delivered"),
    ("no_route", "Nobody's address"),
    ("unreadable", "Cannot be read"),
    ("failed", "Could not be filed"),
    ("command", "A word to the system"),
    ("restored", "Taken back"),
    ("other", "Other"),
]

#: Reasons that hold up no more what a person has let in.
HELD_UP = ("loop", "flood", "filter")


class CivicIntake(models.Model):
    """The ledger: whatever arrives, by any channel, stored as it came before anybody looks into it.

    A message is accepted once (its channel's key says so), numbered, hashed and committed; only then its adapter
    (``civic.adapter.<name>``) translates it and a case, an enquiry or a reply is made of it. What fails is tried
    again, with growing waits, and is then a person's to decide: nothing is thrown away and nothing waits unseen.
    """

    _name = "civic.intake"
    _description = "Message received"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _rec_name = "number"
    _order = "id desc"

    # how it came
    number = fields.Char(required=True, readonly=True, index="trigram")
    adapter = fields.Char(required=True, readonly=True, help="Technical name of what translates it.")
    key = fields.Char(required=True, readonly=True, help="What the channel calls it: the same one is accepted once.")
    channel_id = fields.Many2one("helpdesk.ticket.channel", index="btree_not_null", readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    received_at = fields.Datetime(string="Received", required=True, readonly=True)
    raw_attachment_id = fields.Many2one(
        "ir.attachment", string="As it came", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    virus = fields.Char(
        string="Virus found",
        readonly=True,
        help="What the scanner found in it. Only the administrator can fetch the message as it came.",
    )
    infected_source = fields.Binary(
        string="As it came, with the virus", attachment=True, readonly=True, groups="civic_crm.group_admin"
    )
    digest = fields.Char(string="SHA-256", size=64, required=True, readonly=True)
    size = fields.Integer(string="Bytes", readonly=True)
    connector_id = fields.Many2one("civic.connector", readonly=True, index="btree_not_null", ondelete="restrict")
    handle_id = fields.Many2one(
        "civic.identity.handle", string="Account", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    facts = fields.Json(readonly=True, help="What the channel knew besides: who was signed in, which service.")

    # what it is, once it has been looked into
    sender_kind = fields.Selection([("email", "E-mail"), ("phone", "Phone"), ("handle", "Account")], readonly=True)
    sender = fields.Char(readonly=True, index="btree_not_null")
    subject = fields.Char(readonly=True)
    text = fields.Text(readonly=True, index="trigram", help="What was read in it, to be searched.")

    message_ref = fields.Char(string="Name in the channel", readonly=True, index="btree_not_null")
    words = fields.Char(string="SHA-256 of its words", size=64, readonly=True)

    # what became of it
    state = fields.Selection(
        [
            ("received", "Waiting"),
            ("processed", "Done"),
            ("quarantined", "To be decided"),
            ("spam", "Set aside"),
        ],
        required=True,
        readonly=True,
        group_expand=True,
    )
    result = fields.Selection([("case", "Case"), ("enquiry", "Enquiry"), ("reply", "Reply")], readonly=True)
    reason = fields.Selection(REASONS, readonly=True)
    detail = fields.Char(string="In detail", readonly=True)
    case_id = fields.Many2one("helpdesk.ticket", index="btree_not_null", readonly=True, ondelete="restrict")
    enquiry_id = fields.Many2one("crm.lead", index="btree_not_null", readonly=True, ondelete="restrict")
    message_id = fields.Many2one("mail.message", index="btree_not_null", readonly=True, ondelete="set null")
    is_released = fields.Boolean(readonly=True, help="A person has let it in: limits do not hold it up again.")
    decided_at = fields.Datetime(string="Decided", readonly=True)
    decided_user_id = fields.Many2one("res.users", string="Decided by", readonly=True, help="Empty: the system.")
    attempts = fields.Integer(readonly=True)
    next_attempt_at = fields.Datetime(string="Next try", readonly=True)
    last_error = fields.Text(readonly=True)

    _key_unique = models.UniqueIndex("(adapter, key)")
    _waiting_idx = models.Index("(next_attempt_at, id) WHERE state = 'received'")
    _state_idx = models.Index("(state, received_at)")
    _received_idx = models.Index("(received_at)")

    # ------------------------------------------------------------------
    # accepting
    # ------------------------------------------------------------------

    @api.model
    def _accept(
        self, adapter, raw, *, key=None, channel=None, mimetype="application/octet-stream", ref=None, facts=None
    ):
        """Store one message as it came, and commit; nothing is parsed before.

        :param str adapter: what will translate it, ``civic.adapter.<adapter>``
        :param bytes raw: the message, whole
        :param str key: the channel's name for it; by default its digest
        :param channel: one ``helpdesk.ticket.channel``
        :param str mimetype: of *raw*
        :param str ref: a name by which it can be found before it is read
        :param dict facts: plain values that the channel knows and *raw* does not say
        :return: ``(message, whether it is new)``; the message in a superuser environment
        """
        # sudo: whoever brings it, the ledger takes it; reading it is another matter
        Intake = self.sudo()
        digest = ledger.digest(raw)
        key = key or digest
        facts = facts or {}
        found = Intake.env.execute_query(
            SQL(
                STORE,
                **self._prepare_stored_file(raw, f"{adapter}-{digest[:12]}", mimetype),
                adapter=adapter,
                key=key,
                digest=digest,
                channel=channel.id if channel else None,
                connector=facts.get("connector"),
                ref=ref,
                facts=json.dumps(facts) if facts else None,
                company=self.env.company.id,
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        self._commit()
        if found:
            return Intake.browse(found[0][0]), True
        return Intake.search([("adapter", "=", adapter), ("key", "=", key)], limit=1), False

    @api.model
    def _prepare_stored_file(self, raw, name, mimetype):
        """Put *raw* where the city's files are; return what of it stands in the row of its attachment."""
        # sudo: as in _accept
        files = self.env["ir.attachment"].sudo()
        checksum = files._compute_checksum(raw)
        in_database = len(raw) <= IN_ROW or files._storage() == "db"
        return {
            "name": name,
            "mimetype": mimetype,
            "path": None if in_database else files._file_write(raw, checksum),
            "data": raw if in_database else None,
            "checksum": checksum,
            "size": len(raw),
        }

    @api.model
    def _has(self, adapter, key):
        """Return whether the message that *adapter* knows as *key* has been accepted."""
        return bool(self.search_count([("adapter", "=", adapter), ("key", "=", key)], limit=1))

    def _is_held(self):
        """Return whether a person has to look at a message before anything comes of it."""
        return self.state in ("spam", "quarantined")

    @api.model
    def _is_at_once(self):
        """Return whether what arrives is worked off before its sender has an answer (a setting of the city)."""
        return self.env["ir.config_parameter"].sudo().get_param("civic_crm.intake_at_once") == "True"

    @api.model
    def _commit(self):
        """Make sure that what was accepted survives whatever comes next; tests roll back all they do."""
        if not modules.module.current_test:
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _get_raw(self):
        """Return the message as it came, as bytes; empty once it has been forgotten."""
        self.ensure_one()
        # sudo: whoever may read the entry may read what came
        return self.sudo().raw_attachment_id.raw or b""

    # ------------------------------------------------------------------
    # working off
    # ------------------------------------------------------------------

    def _wake_up(self):
        """Have the job come soon."""
        self.env["ir.cron"]._wake("civic_crm.cron_process_intake")

    def _process(self):
        """Make of each waiting message what it is, each in its own savepoint; doing it twice changes nothing."""
        found = Found()
        for intake in self:
            if intake.state != "received":
                continue
            found.viruses.clear()
            try:
                with self.env.cr.savepoint():
                    outcome = intake._get_adapter().with_context(civic_found=found)._process(intake)
                    intake._settle(outcome)
                    self.env.flush_all()
            except Exception as error:
                if isinstance(error, OperationalError) and (error.pgcode or "")[:2] != TOO_MUCH:
                    raise  # two at once, or no database: the transaction is tried again as a whole
                _logger.warning("Message %s could not be filed: %s", intake.number, error, exc_info=True)
                self.env.invalidate_all()
                intake._fail(error)
            intake._lock_away(found.viruses)

    def _lock_away(self, viruses):
        """Have only the administrator fetch a message in which *viruses* (names) were found, whatever became of it.

        What came is from then on the content of a field of theirs: Odoo itself gives it to nobody else.
        """
        if viruses:
            self.virus = ", ".join(dict.fromkeys(viruses))
            # sudo: nobody writes attachments of the ledger
            self.sudo().raw_attachment_id.res_field = "infected_source"

    def _get_adapter(self):
        """Return what translates one message, in the company that it came to: that one answers it."""
        adapter, company = self.env[f"civic.adapter.{self.adapter}"], self.company_id
        return adapter if company == self.env.company else adapter.with_company(company)

    def _settle(self, outcome, user=None):
        """Write down what became of one message."""
        seen = {name: ledger.storable(str(value))[:TEXT_LIMIT] for name, value in outcome.seen.items() if value}
        self.write(
            {
                "state": outcome.state,
                "result": outcome.result or False,
                "reason": outcome.reason or False,
                "case_id": outcome.case_id or False,
                "enquiry_id": outcome.enquiry_id or False,
                "message_id": outcome.message_id or False,
                "decided_at": fields.Datetime.now(),
                "decided_user_id": user.id if user else False,
                "next_attempt_at": False,
                **seen,
            }
        )
        if outcome.state == "quarantined":
            self._ask_front_desk()

    def _fail(self, error):
        """Try one message again later, or leave it to a person after the last try."""
        attempts = self.attempts + 1
        wait = ledger.next_wait(attempts)
        # what could not be read is found by what stands in it
        text = self.text or ledger.storable(self._get_raw()[:TEXT_LIMIT].decode("utf-8", "replace"))
        self.write({"attempts": attempts, "last_error": f"{type(error).__name__}: {error}"[:2000], "text": text})
        if wait is None:
            self._settle(ledger.Outcome("quarantined", reason="failed"))
        else:
            self.next_attempt_at = fields.Datetime.now() + wait

    def _ask_front_desk(self):
        """Put a to-do before the front desk's lead; without one, before nobody: the board shows it to all."""
        lead = self.env["crm.team"].sudo().browse(self.env["crm.team"]._find_front_desk_id(self.company_id.id)).user_id
        if lead:
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Decide what becomes of this message"),
                user_id=lead.id,
            )

    @api.model
    def _cron_process(self):
        """Work off what waits, the oldest first, in batches; what fails waits longer each time."""
        domain = [("state", "=", "received"), ("next_attempt_at", "<=", fields.Datetime.now())]
        progress = self.env["ir.cron"]._commit_progress
        while batch := self.search(domain, order="next_attempt_at, id", limit=PROCESS_BATCH).try_lock_for_update():
            batch._process()
            if not progress(len(batch), remaining=self.search_count(domain)):
                break

    # ------------------------------------------------------------------
    # counting
    # ------------------------------------------------------------------

    @api.model
    def _get_balance(self, domain=()):
        """Return the ``Balance`` of the messages in *domain*."""
        domain = list(domain)
        rows = self._read_group(domain, ["state", "result"], ["__count"])
        counts = {(state, result or ""): count for state, result, count in rows}
        return ledger.balance(self.search_count(domain), counts)

    # ------------------------------------------------------------------
    # decisions of people
    # ------------------------------------------------------------------

    def action_retry(self):
        """Try again at once what waits or was left to a person."""
        self.check_access("write")
        self._check_undecided()
        # sudo: filing is the system's; whether this person may ask for it was checked
        self._note_decision(self.env._("Tried again"))
        self._finish_todo()
        again = self.sudo()
        again.filtered(lambda intake: intake.reason in HELD_UP).write({"is_released": True})
        again.write({"state": "received", "reason": False, "attempts": 0, "next_attempt_at": fields.Datetime.now()})
        again._process()

    def action_spam(self):
        """Set aside what nobody has to answer; it stays in the ledger."""
        self._decide(ledger.Outcome("spam", reason="spam"))

    def _check_undecided(self):
        if any(intake.state == "processed" for intake in self):
            raise UserError(self.env._("This message is done already: open the case or enquiry made of it."))

    def _decide(self, outcome):
        """Write down a person's decision on messages that are not done.

        :raises AccessError: when the user may not work on the ledger
        """
        self.check_access("write")
        self._check_undecided()
        # sudo: the ledger's fields are nobody's to write by hand
        for intake in self.sudo():
            intake._settle(outcome, user=self.env.user)
        self._finish_todo()
        self._note_decision(self.env._("Set aside"))

    def write(self, vals):
        """What is in the ledger is said by what happened, and by the decisions below, never typed in."""
        if not self.env.su:
            raise AccessError(self.env._("Entries of the ledger are not changed by hand: decide what becomes of them."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What arrived stays in the ledger. Set it aside instead."))

    # ------------------------------------------------------------------
    # retention
    # ------------------------------------------------------------------

    @api.model
    def _cron_forget(self):
        """Delete the raw content and text of what was decided longer ago than the city keeps it; the entry stays."""
        for company in self.env["res.company"].search([("active", "=", True)]):
            for state, days in (("processed", company.intake_keep_days), ("spam", company.intake_keep_spam_days)):
                if days and not self._forget(company, state, days):
                    return

    def _forget(self, company, state, days):
        """Forget what *company* decided more than *days* ago, in batches; returns whether there is time for more."""
        progress = self.env["ir.cron"]._commit_progress
        domain = [
            ("company_id", "=", company.id),
            ("state", "=", state),
            ("decided_at", "<", fields.Datetime.now() - timedelta(days=days)),
            ("raw_attachment_id", "!=", False),
        ]
        while batch := self.search(domain, limit=500):
            files = batch.raw_attachment_id
            batch.write({"raw_attachment_id": False, "text": False, "facts": False})
            files.unlink()
            if not progress(len(batch), remaining=self.search_count(domain)):
                return False
        return True

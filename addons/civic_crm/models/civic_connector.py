# SPDX-License-Identifier: AGPL-3.0-or-later
import logging
import secrets
import time
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.orm.models import NO_ACCESS

from ..core import intake as ledger
from ..core import outgoing, signature
from ..core.networks import contract, mastodon, telegram, whatsapp
from ..core.networks.post import Unreadable, load

_logger = logging.getLogger(__name__)

KINDS = [("telegram", "Telegram"), ("whatsapp", "WhatsApp"), ("mastodon", "Mastodon"), ("json", "Another system")]
#: How each network writes.
NETWORKS = {"telegram": telegram, "whatsapp": whatsapp, "mastodon": mastodon, "json": contract}
API = {
    "telegram": "https://api.telegram.org",
    "whatsapp": "https://graph.facebook.com/v23.0",
}
#: Where photos lie besides the API's own host.
MEDIA_HOSTS = {"whatsapp": "lookaside.fbsbx.com"}
#: Bytes that are taken at once: Meta's batches have up to 3 MB, the others one message.
LIMITS = {"telegram": 256 << 10, "whatsapp": 3 << 20, "json": 2 << 20, "mastodon": 0}
MAX_LIMIT = max(LIMITS.values())
#: Of one connector and reason, one refusal in so many seconds is written down by each process.
REFUSALS_EVERY = 60
#: Seconds within which the ledger's job is called once by each process.
WAKE_EVERY = 5
#: What is written while it works; none of it is kept in memory.
RUNNING = {"cursor", "polled_at", "last_error"}

REFUSALS = [
    ("missing", "No signature"),
    ("wrong", "Wrong signature"),
    ("old", "Too old, or from the future"),
    ("size", "Too large"),
    ("other_number", "For another number"),
    ("reused", "Other words under a known id"),
]
STATUS = {"missing": 401, "wrong": 401, "old": 403, "size": 413, "other_number": 403, "reused": 409}


class Hook(NamedTuple):
    """What has to be known of a connector while somebody waits at its door."""

    id: int
    kind: str
    channel_id: int
    company_id: int
    signing_secret: str
    verify_token: str
    account_ref: str


class CivicConnector(models.Model):
    """A door to one network or system: who may knock, how answers go back, how it goes.

    What arrives is checked before its body is read, stored in the ledger, and answered at once; the rest is the job's.
    """

    _name = "civic.connector"
    _description = "Connected network"
    _order = "sequence, id"

    # what it is
    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="Off: nothing is taken and nothing goes out.")
    kind = fields.Selection(KINDS, string="Network", required=True, default="telegram")
    channel_id = fields.Many2one(
        "helpdesk.ticket.channel",
        required=True,
        default=lambda self: self.env.ref("civic_crm.channel_social", raise_if_not_found=False),
        ondelete="restrict",
        help="Cases and messages that come this way are marked with it.",
    )
    company_id = fields.Many2one("res.company", string="City", required=True, default=lambda self: self.env.company)

    # how it is reached
    slug = fields.Char(required=True, readonly=True, copy=False, default=lambda self: secrets.token_urlsafe(24))
    hook_url = fields.Char(
        string="Address of the webhook",
        compute="_compute_hook_url",
        help="Give it to the network. Nobody finds it by trying, and it alone opens nothing.",
    )
    account_ref = fields.Char(
        string="Number or account",
        help="WhatsApp: the phone number id. Mastodon: the account's name, such as city@social.example.",
    )
    api_url = fields.Char(
        string="Address of its API",
        compute="_compute_api_url",
        store=True,
        readonly=False,
        help="Where answers are sent. Mastodon: the server of the city's account. Another system: empty for none.",
    )
    media_hosts = fields.Char(
        compute="_compute_api_url",
        store=True,
        readonly=False,
        help="Servers that photos may be fetched from besides the API's own, with spaces between; no other is asked.",
    )

    # what only the two sides know: it can be written, never read
    signing_secret = fields.Char(
        compute="_compute_secrets",
        inverse="_inverse_signing_secret",
        help="Signs what comes in. WhatsApp: the app secret. Telegram: made when the webhook is registered.",
    )
    access_token = fields.Char(
        compute="_compute_secrets",
        inverse="_inverse_access_token",
        help="Lets the city answer. Telegram: the bot's token. WhatsApp and Mastodon: the access token.",
    )
    verify_token = fields.Char(
        compute="_compute_secrets",
        inverse="_inverse_verify_token",
        help="WhatsApp: any word that you also type there when the webhook is set up.",
    )
    signing_secret_kept = fields.Char(groups=NO_ACCESS, copy=False)
    access_token_kept = fields.Char(groups=NO_ACCESS, copy=False)
    verify_token_kept = fields.Char(groups=NO_ACCESS, copy=False)
    has_signing_secret = fields.Boolean(string="Secret is set", compute="_compute_secrets")
    has_access_token = fields.Boolean(string="Token is set", compute="_compute_secrets")
    has_verify_token = fields.Boolean(string="Word is set", compute="_compute_secrets")

    # how it behaves
    conversation_days = fields.Integer(
        default=14, help="A message within so many days belongs to the same open case; later it begins a new enquiry."
    )
    rate_per_minute = fields.Integer(default=60, help="Answers that go out in a minute at most.")
    max_file_mb = fields.Integer(string="Largest file (MB)", default=10, help="Larger photos and documents stay there.")

    # how it goes
    cursor = fields.Char(readonly=True, copy=False)
    polled_at = fields.Datetime(string="Last asked", readonly=True, copy=False)
    last_error = fields.Char(readonly=True, copy=False)
    last_seen_at = fields.Datetime(string="Last message", compute="_compute_counts")
    received_count = fields.Integer(string="Received", compute="_compute_counts")
    failed_count = fields.Integer(string="Answers not sent", compute="_compute_counts")
    refusal_ids = fields.One2many("civic.connector.refusal", "connector_id", string="Refused")

    #: database → when this process last woke the job
    _woken = {}

    _slug_unique = models.UniqueIndex("(slug)")
    _days_positive = models.Constraint("CHECK (conversation_days >= 0)", "Days cannot be negative.")
    _rate_positive = models.Constraint("CHECK (rate_per_minute > 0)", "At least one answer a minute has to go out.")
    _size_positive = models.Constraint("CHECK (max_file_mb > 0)", "The largest file has at least one megabyte.")

    @api.depends("slug", "kind")
    def _compute_hook_url(self):
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url", "")
        for connector in self:
            connector.hook_url = connector.kind != "mastodon" and f"{base}/civic/hook/{connector.slug}"

    @api.depends("kind")
    def _compute_api_url(self):
        for connector in self:
            connector.api_url = API.get(connector.kind, False)
            connector.media_hosts = MEDIA_HOSTS.get(connector.kind, False)

    @api.depends("signing_secret_kept", "access_token_kept", "verify_token_kept")
    def _compute_secrets(self):
        # sudo: that there is one, not which
        for connector, kept in zip(self, self.sudo(), strict=True):
            connector.signing_secret = connector.access_token = connector.verify_token = False
            connector.has_signing_secret = bool(kept.signing_secret_kept)
            connector.has_access_token = bool(kept.access_token_kept)
            connector.has_verify_token = bool(kept.verify_token_kept)

    def _inverse_signing_secret(self):
        self._keep("signing_secret")

    def _inverse_access_token(self):
        self._keep("access_token")

    def _inverse_verify_token(self):
        self._keep("verify_token")

    def _keep(self, name):
        """Keep what was typed; an empty box leaves what there is."""
        # sudo: nobody has the right to read it back
        for connector in self:
            if connector[name]:
                connector.sudo()[f"{name}_kept"] = connector[name].strip()

    def _compute_counts(self):
        # sudo: numbers alone
        received = {
            connector: (count, last)
            for connector, count, last in self.env["civic.intake"]
            .sudo()
            ._read_group([("connector_id", "in", self.ids)], ["connector_id"], ["__count", "received_at:max"])
        }
        failed = dict(
            self.env["civic.outbox"]
            .sudo()
            ._read_group([("connector_id", "in", self.ids), ("state", "=", "failed")], ["connector_id"], ["__count"])
        )
        for connector in self:
            connector.received_count, connector.last_seen_at = received.get(connector.sudo(), (0, False))
            connector.failed_count = failed.get(connector.sudo(), 0)

    @api.constrains("api_url", "media_hosts")
    def _check_addresses(self):
        for connector in self:
            if not connector.api_url:
                continue
            try:
                outgoing.check_address(connector.api_url, [outgoing.host_of(connector.api_url)])
            except outgoing.Refused as error:
                raise ValidationError(
                    self.env._(
                        "“%s” is no address that answers can be sent to. It begins with https://.", connector.api_url
                    )
                ) from error

    # what is kept in memory is forgotten with any change of it

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if not set(vals) <= RUNNING:
            self.env.registry.clear_cache()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        if self.filtered("received_count"):
            raise UserError(self.env._("Messages have come this way. Archive it instead."))
        self.env.registry.clear_cache()

    # ------------------------------------------------------------------
    # at the door
    # ------------------------------------------------------------------

    @api.model
    @tools.ormcache("slug")
    def _get_hook(self, slug):
        """Return the ``Hook`` behind an address, or None."""
        # sudo: whoever knows the address; what is asked of them next is up to it
        found = self.sudo().search([("slug", "=", slug), ("kind", "!=", "mastodon")], limit=1)
        if not found:
            return None
        return Hook(
            found.id,
            found.kind,
            found.channel_id.id,
            found.company_id.id,
            found.signing_secret_kept or "",
            found.verify_token_kept or "",
            found.account_ref or "",
        )

    @api.model
    def _refuse_by_headers(self, hook, headers, length):
        """Return why a message is refused before its body is read, or None.

        :param headers: of the request
        :param length: bytes of the body as announced, or None
        """
        if length is None or length > LIMITS[hook.kind]:
            return "size"
        if not hook.signing_secret:
            return "missing"
        if hook.kind == "telegram":
            return signature.check_token(hook.signing_secret, headers.get("X-Telegram-Bot-Api-Secret-Token"))
        if hook.kind == "whatsapp":
            return None if headers.get("X-Hub-Signature-256") else "missing"
        if not (headers.get("webhook-id") and headers.get("webhook-signature")):
            return "missing"
        return signature.check_time(headers.get("webhook-timestamp"), int(time.time()))

    @api.model
    def _refuse_by_body(self, hook, headers, body):
        """Return why a message is refused whose headers are in order, or None."""
        if hook.kind == "whatsapp":
            return signature.check_hub(hook.signing_secret, body, headers.get("X-Hub-Signature-256"))
        if hook.kind == "json":
            return signature.check(
                hook.signing_secret,
                headers.get("webhook-timestamp"),
                body,
                headers.get("webhook-signature"),
                int(time.time()),
                headers.get("webhook-id"),
            )
        return None

    @api.model
    def _take(self, hook, headers, body):
        """Store what has come in the ledger, each message of it under the network's own name.

        :return: why it is refused, or None: it is stored, now or before
        """
        names, receipts = self._look_into(hook, headers, body)
        if names is None:
            return "other_number"
        if receipts:
            self.env["civic.outbox"].sudo()._take_receipts(hook.id, receipts)
            if not names:
                return None
        Intake = self.env["civic.intake"].with_company(hook.company_id)
        channel = self.env["helpdesk.ticket.channel"].browse(hook.channel_id)
        intake = fresh = Intake.browse()
        for number, name in enumerate(names or [""]):
            intake, is_new = Intake._accept(
                hook.kind,
                body,
                key=f"{hook.id}:{name or ledger.digest(body)}",
                channel=channel,
                mimetype="application/json",
                facts={"connector": hook.id, **({"number": number} if number else {})},
            )
            fresh |= intake if is_new else intake.browse()
        if fresh:
            fresh._process() if fresh._is_at_once() else self._wake_job()
        elif hook.kind == "json" and intake.digest != ledger.digest(body):
            return "reused"
        return None

    @api.model
    def _wake_job(self):
        """Have the ledger's job come at once, and again when the messages of the next seconds are there.

        Asking for each whether it comes costs more than storing it.
        """
        now, database = time.monotonic(), self.env.cr.dbname
        if now - self._woken.get(database, -WAKE_EVERY) < WAKE_EVERY:
            return
        self._woken[database] = now
        moment = fields.Datetime.now()
        job = self.env.ref("civic_crm.cron_process_intake").sudo()
        job._trigger(at=[moment, moment + timedelta(seconds=WAKE_EVERY)])

    def _look_into(self, hook, headers, body):
        """Return the names of the messages and the receipts in *body*; no names at all for another's number.

        Whatever cannot be read has no name and is stored all the same.
        """
        if hook.kind == "json":
            return [headers.get("webhook-id")[:200]], []
        try:
            payload = load(body)
            if hook.kind == "whatsapp":
                if hook.account_ref and whatsapp.numbers(payload) - {hook.account_ref, ""}:
                    return None, []
                return whatsapp.names(payload), whatsapp.receipts(payload)
            return NETWORKS[hook.kind].names(payload), []
        except Unreadable:
            return [], []

    # ------------------------------------------------------------------
    # asking, where nobody knocks
    # ------------------------------------------------------------------

    @api.model
    def _cron_poll(self):
        """Ask for mentions where the network does not send them by itself."""
        for connector in self.search([("kind", "=", "mastodon")]):
            connector._poll()
            self.env["civic.intake"]._commit()

    def _poll(self):
        """Take what came since the last time; what fails is told on the connector and asked for again."""
        self.ensure_one()
        adapter = self.env[f"civic.adapter.{self.kind}"]
        try:
            fresh = adapter._bring_in(self)
        except (outgoing.Refused, outgoing.TryAgain, outgoing.Unclear, Unreadable) as error:
            self.write({"polled_at": fields.Datetime.now(), "last_error": str(error)[:200]})
            return
        self.write({"polled_at": fields.Datetime.now(), "last_error": False})
        if fresh:
            fresh._process() if fresh._is_at_once() else fresh._wake_up()

    def _get_hosts(self, with_media=False):
        """Return the hosts that may be asked for this connector."""
        hosts = [outgoing.host_of(self.api_url)]
        return hosts + (self.media_hosts or "").replace(",", " ").split() if with_media else hosts

    def action_register(self):
        """Tell Telegram where the webhook is, with a new secret."""
        self.ensure_one()
        self.check_access("write")
        if self.kind != "telegram":
            raise UserError(self.env._("Only Telegram's webhook is registered from here."))
        if not self.has_access_token:
            raise UserError(self.env._("Write the bot's token first: @BotFather gives it."))
        # sudo: the secret is nobody's to read
        connector = self.sudo()
        connector.signing_secret_kept = secrets.token_urlsafe(32)
        try:
            self.env["civic.adapter.telegram"]._register(connector)
        except (outgoing.Refused, outgoing.TryAgain, outgoing.Unclear) as error:
            raise UserError(self.env._("Telegram did not take it (%s). Check the token.", error)) from error
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": self.env._("Telegram sends the bot's messages here now.")},
        }

    def action_open_received(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Received"),
            "res_model": "civic.intake",
            "view_mode": "list,form",
            "domain": [("connector_id", "in", self.ids)],
        }

    def action_open_failed(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answers not sent"),
            "res_model": "civic.outbox",
            "view_mode": "list,form",
            "domain": [("connector_id", "in", self.ids), ("state", "=", "failed")],
        }


class CivicConnectorRefusal(models.Model):
    """What was refused at a door: the administrator sees whether a secret is wrong or somebody tries."""

    _name = "civic.connector.refusal"
    _description = "Refused at a webhook"
    _order = "id desc"
    _log_access = False

    connector_id = fields.Many2one("civic.connector", required=True, index=True, ondelete="cascade")
    at = fields.Datetime(string="When", required=True)
    reason = fields.Selection(REFUSALS, required=True)
    count = fields.Integer(string="How many", help="Since the line before.")

    #: (database, connector, reason) → [when it was last written, how many came since]
    _since = {}

    @api.model
    def _note(self, hook, reason):
        """Write a refusal down, unless one like it has been just now."""
        entry = self._since.setdefault((self.env.cr.dbname, hook.id, reason), [-REFUSALS_EVERY, 0])
        entry[1] += 1
        if time.monotonic() - entry[0] < REFUSALS_EVERY:
            return
        _logger.warning("Webhook %s: %d refused (%s)", hook.id, entry[1], reason)
        self.sudo().create({"connector_id": hook.id, "at": fields.Datetime.now(), "reason": reason, "count": entry[1]})
        entry[:] = [time.monotonic(), 0]

    @api.autovacuum
    def _gc_refusals(self):
        self.search([("at", "<", fields.Datetime.now() - timedelta(days=30))], limit=10_000).unlink()

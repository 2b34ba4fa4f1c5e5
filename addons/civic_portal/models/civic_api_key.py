# SPDX-License-Identifier: AGPL-3.0-or-later
import hashlib
import secrets
from collections import namedtuple

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.orm.models import NO_ACCESS
from odoo.tools import SQL

#: What a request needs to know of its key, kept in memory.
ApiKey = namedtuple("ApiKey", "id company_id limit_per_hour service_ids may_update")
#: How much of a key is kept readable, to tell one from another.
HINT = 6


class NoSuchKey(LookupError):
    """No application has this key, or no longer."""


class CivicApiKey(models.Model):
    """An application of others that may file cases: one key each, revocable at once.

    Of the key only its SHA-256 is kept. It has 256 random bits, so that a slow hash would protect nothing more.
    """

    _name = "civic.api.key"
    _inherit = ["civic.kept.in.memory"]
    _description = "Application"
    _order = "name, id"

    name = fields.Char(string="Application", required=True, help="Which program it is, such as: FixMyStreet.")
    contact = fields.Char(help="Whom to write to when it misbehaves: a name and an address.")
    active = fields.Boolean(default=True, help="Archived, its key opens nothing.")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, help="The city it files with."
    )

    # the key
    key_digest = fields.Char(groups=NO_ACCESS, copy=False)
    key_hint = fields.Char(string="Key begins with", readonly=True, copy=False)
    issued_at = fields.Datetime(string="Issued", readonly=True, copy=False)
    revoked_at = fields.Datetime(string="Revoked", readonly=True, copy=False)
    revoked_by_id = fields.Many2one("res.users", string="Revoked by", readonly=True, copy=False)
    state = fields.Selection(
        [("none", "No key yet"), ("valid", "In use"), ("revoked", "Revoked")], compute="_compute_state", store=True
    )

    # what it may do
    limit_per_hour = fields.Integer(
        string="Most in an hour", required=True, default=300, help="What it sends beyond that is refused until later."
    )
    service_ids = fields.Many2many(
        "helpdesk.ticket.category",
        string="Services",
        domain=[("show_in_portal", "=", True), ("is_heading", "=", False)],
        help="Empty: all that are offered to apps.",
    )
    may_update = fields.Boolean(
        string="May add to its cases", default=True, help="It may send what its people write later about a case."
    )

    # what it does
    usage_ids = fields.One2many("civic.api.usage", "key_id", readonly=True)
    last_used_at = fields.Datetime(string="Last used", compute="_compute_usage")
    request_count = fields.Integer(string="Requests (30 days)", compute="_compute_usage")
    refused_count = fields.Integer(string="Refused (30 days)", compute="_compute_usage")
    case_count = fields.Integer(string="Cases filed", compute="_compute_case_count")

    _digest_unique = models.UniqueIndex("(key_digest) WHERE key_digest IS NOT NULL")
    _limit_positive = models.Constraint("CHECK (limit_per_hour > 0)", "Let in at least one request an hour.")

    @api.depends("issued_at", "revoked_at")
    def _compute_state(self):
        for key in self:
            key.state = "revoked" if key.revoked_at else "valid" if key.issued_at else "none"

    def _compute_usage(self):
        # sudo: numbers alone
        Usage = self.env["civic.api.usage"].sudo()
        last = dict(Usage._read_group([("key_id", "in", self.ids)], ["key_id"], ["last_at:max"]))
        month = [("key_id", "in", self.ids), ("hour", ">", "today -30d")]
        counts = {
            key.id: (requests, refused)
            for key, requests, refused in Usage._read_group(month, ["key_id"], ["requests:sum", "refused:sum"])
        }
        last = {key.id: moment for key, moment in last.items()}
        for key in self:
            key.last_used_at = last.get(key.id, False)
            key.request_count, key.refused_count = counts.get(key.id, (0, 0))

    def _compute_case_count(self):
        # sudo: how many, not which
        Case = self.env["helpdesk.ticket"].sudo()
        counts = {
            key.id: count
            for key, count in Case._read_group([("api_key_id", "in", self.ids)], ["api_key_id"], ["__count"])
        }
        for key in self:
            key.case_count = counts.get(key.id, 0)

    # ------------------------------------------------------------------
    # by hand
    # ------------------------------------------------------------------

    def action_issue(self):
        """Make a new key and show it this once; the one before opens nothing from now on."""
        self.ensure_one()
        self.check_access("write")
        key = self._issue()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("The key of %s", self.name),
            "res_model": "civic.api.key.show",
            "view_mode": "form",
            "target": "new",
            "context": {"default_key": key},
        }

    def _issue(self):
        """Return a new key of one application, as text; it cannot be had a second time."""
        key = secrets.token_urlsafe(32)
        # sudo: nobody reads or writes the digest
        self.sudo().write(
            {
                "key_digest": self._digest(key),
                "key_hint": key[:HINT],
                "issued_at": fields.Datetime.now(),
                "revoked_at": False,
                "revoked_by_id": False,
            }
        )
        return key

    def action_revoke(self):
        """Have the key open nothing from now on."""
        self.check_access("write")
        self.sudo().write({"key_digest": False, "revoked_at": fields.Datetime.now(), "revoked_by_id": self.env.uid})

    def action_open_cases(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_crm.helpdesk_ticket_action")
        return {**action, "domain": [("api_key_id", "in", self.ids)], "context": {}}

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        if self.filtered("case_count"):
            raise UserError(self.env._("There are cases of this application. Revoke its key and archive it instead."))

    # ------------------------------------------------------------------
    # at the door
    # ------------------------------------------------------------------

    @api.model
    def _digest(self, key):
        return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()

    @api.model
    def _find_by_key(self, key):
        """Return the ``ApiKey`` of *key*, or None."""
        try:
            return self._read_by_digest(self._digest(key)) if key else None
        except NoSuchKey:
            return None

    @api.model
    @tools.ormcache("digest")
    def _read_by_digest(self, digest):
        """Raises for what is no key, so that guesses take no room in memory."""
        # sudo: whoever has the key is let in
        key = self.sudo().search([("key_digest", "=", digest)], limit=1)
        if not key:
            raise NoSuchKey
        return ApiKey(key.id, key.company_id.id, key.limit_per_hour, frozenset(key.service_ids.ids), key.may_update)


class CivicApiUsage(models.Model):
    """What one application sent within one hour."""

    _name = "civic.api.usage"
    _description = "Usage of an application"
    _log_access = False
    _order = "hour desc, id desc"
    _rec_name = "hour"

    key_id = fields.Many2one("civic.api.key", string="Application", required=True, readonly=True, ondelete="cascade")
    hour = fields.Datetime(required=True, readonly=True)
    last_at = fields.Datetime(string="Last", readonly=True)
    requests = fields.Integer(readonly=True, help="All that it sent.")
    refused = fields.Integer(readonly=True, help="Of these, with something missing or wrong, or too many.")

    _key_hour_unique = models.UniqueIndex("(key_id, hour)")

    @api.model
    def _count(self, key_id):
        """Count one request of an application; return how many it has sent within this hour."""
        now = fields.Datetime.now()
        [(count,)] = self.env.execute_query(
            SQL(
                """
                INSERT INTO civic_api_usage (key_id, hour, last_at, requests, refused) VALUES (%s, %s, %s, 1, 0)
                ON CONFLICT (key_id, hour)
                DO UPDATE SET requests = civic_api_usage.requests + 1, last_at = excluded.last_at
                RETURNING requests
                """,
                key_id,
                now.replace(minute=0, second=0),
                now,
            )
        )
        return count

    @api.model
    def _count_refused(self, key_id):
        """Count that the request that has just been counted was refused."""
        hour = fields.Datetime.now().replace(minute=0, second=0)
        self.env.execute_query(
            SQL(
                "UPDATE civic_api_usage SET refused = refused + 1 WHERE key_id = %s AND hour >= %s RETURNING id",
                key_id,
                hour,
            )
        )

    @api.autovacuum
    def _gc_old(self):
        """Years of hours are of no use to anybody."""
        self.search([("hour", "<", "today -13m")], limit=10_000).unlink()


class CivicApiKeyShow(models.AbstractModel):
    """The dialogue in which a key is seen once; it is stored nowhere (as core's ``res.users.apikeys.show``)."""

    _name = "civic.api.key.show"
    _description = "A key, shown once"

    # a form needs one, an abstract model has none
    id = fields.Id()
    key = fields.Char(readonly=True)

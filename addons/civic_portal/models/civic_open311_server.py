# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.orm.models import NO_ACCESS

from odoo.addons.civic_crm.core import outgoing

#: Written while it runs: nothing that is kept in memory hangs on these.
RUNNING = {"polled_at", "last_error"}


class CivicOpen311Server(models.Model):
    """Another Open311 server, of a contractor or the province, that works on cases of chosen services."""

    _name = "civic.open311.server"
    _description = "Other Open311 server"
    _order = "name, id"

    name = fields.Char(required=True, help="Who works there, such as: Lighting contractor.")
    active = fields.Boolean(default=True, help="Archived, nothing is sent to it and it is not asked any more.")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    address = fields.Char(
        required=True, help="Where its interface is, as its discovery says: https://contractor.example/open311/v2"
    )
    jurisdiction = fields.Char(help="Which city it shall take it for; empty where it serves one.")
    api_key = fields.Char(
        string="Key",
        compute="_compute_api_key",
        inverse="_inverse_api_key",
        help="The key that it gave the city. It can be written, never read.",
    )
    api_key_kept = fields.Char(groups=NO_ACCESS, copy=False)
    has_api_key = fields.Boolean(string="Key is set", compute="_compute_api_key")
    with_contact = fields.Boolean(
        string="With name and contact data",
        help="Who asked, and how to reach them. Off: only what, where and the answers; people still write names into"
        " what they write.",
    )
    own_app_id = fields.Many2one(
        "civic.api.key",
        string="Files here as",
        ondelete="set null",
        help="What this application filed with the city came from there, and is not sent back.",
    )
    line_ids = fields.One2many("civic.open311.server.service", "server_id", string="Services", copy=True)

    # how it goes
    polled_at = fields.Datetime(string="Last asked", readonly=True, copy=False)
    last_error = fields.Char(readonly=True, copy=False)
    open_count = fields.Integer(string="Open there", compute="_compute_counts")
    failed_count = fields.Integer(string="Not sent", compute="_compute_counts")

    @api.depends("api_key_kept")
    def _compute_api_key(self):
        # sudo: that there is one, not which
        for server, kept in zip(self, self.sudo(), strict=True):
            server.api_key = False
            server.has_api_key = bool(kept.api_key_kept)

    def _inverse_api_key(self):
        """Keep what was typed; an empty box leaves what there is."""
        for server in self:
            if server.api_key:
                server.sudo().api_key_kept = server.api_key.strip()

    def _compute_counts(self):
        # sudo: numbers alone
        groups = (
            self.env["civic.open311.forward"]
            .sudo()
            ._read_group([("server_id", "in", self.ids)], ["server_id", "state"], ["__count"])
        )
        counts = {(server.id, state): count for server, state, count in groups}
        for server in self:
            server.open_count = sum(counts.get((server.id, state), 0) for state in ("waiting", "sending", "sent"))
            server.failed_count = counts.get((server.id, "failed"), 0)

    @api.constrains("address")
    def _check_address(self):
        for server in self:
            try:
                outgoing.check_address(server.address, [outgoing.host_of(server.address)])
            except outgoing.Refused as error:
                raise ValidationError(
                    self.env._("“%s” is no address that cases can be sent to. It begins with https://.", server.address)
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if not set(vals) <= RUNNING:
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def action_open_forwards(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_portal.civic_open311_forward_action")
        return {**action, "domain": [("server_id", "in", self.ids)], "context": {}}

    def _ask(self, method, path, **options):
        """Ask the server once and return the body; raises what ``core.outgoing.ask`` does."""
        self.ensure_one()
        root = self.address.rstrip("/")
        return outgoing.ask(method, f"{root}/{path}", [outgoing.host_of(root)], **options)

    def _get_params(self, **params):
        return {**({"jurisdiction_id": self.jurisdiction} if self.jurisdiction else {}), **params}


class CivicOpen311ServerService(models.Model):
    """One service of the city, and what the other server calls it."""

    _name = "civic.open311.server.service"
    _inherit = ["civic.kept.in.memory"]
    _description = "Service at another Open311 server"
    _order = "server_id, id"
    _rec_name = "service_id"

    server_id = fields.Many2one("civic.open311.server", required=True, index=True, ondelete="cascade")
    service_id = fields.Many2one(
        "helpdesk.ticket.category",
        required=True,
        ondelete="cascade",
        domain=[("is_heading", "=", False)],
        help="New cases of it are sent.",
    )
    code = fields.Char(string="Code there", required=True, help="The service_code in that server's list of services.")

    _service_unique = models.UniqueIndex("(server_id, service_id)", "This service is in the list already.")

    @api.model
    @tools.ormcache("service_id")
    def _get_servers(self, service_id):
        """List ``(server id, company id, code there, key id whose cases stay)`` of where cases of a service go."""
        # sudo: whoever files, the city forwards
        lines = self.sudo().search([("service_id", "=", service_id), ("server_id.active", "=", True)])
        return tuple(
            (line.server_id.id, line.server_id.company_id.id, line.code, line.server_id.own_app_id.id) for line in lines
        )

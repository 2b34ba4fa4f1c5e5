# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a city decides about the life of its cases: the registry, the honest close, reopening."""

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

#: Company field → kind of case.
REGISTERED_KINDS = {
    "register_notices": "notice",
    "register_requests": "request",
    "register_complaints": "complaint",
    "register_suggestions": "suggestion",
}
#: How long the ledger keeps what came, in days.
KEEPING = {"intake_keep_days", "intake_keep_spam_days"}
SETTINGS = {*REGISTERED_KINDS, "registry_prefix", "confirmation_days", "reopen_days", "reopen_stage_id"}


class ResCompany(models.Model):
    _inherit = "res.company"

    intake_keep_days = fields.Integer(
        string="Keep messages as they came for",
        default=730,
        help="Days after which the raw content of a message that was filed is deleted; its entry stays. 0: for ever.",
    )
    intake_keep_spam_days = fields.Integer(
        string="Keep what was set aside for",
        default=90,
        help="Days after which the raw content of what was set aside is deleted; its entry stays. 0: for ever.",
    )
    register_notices = fields.Boolean(help="Notices are entered in the registry, unless the service says otherwise.")
    register_requests = fields.Boolean(
        default=True, help="Requests are entered in the registry, unless the service says otherwise."
    )
    register_complaints = fields.Boolean(
        default=True, help="Complaints are entered in the registry, unless the service says otherwise."
    )
    register_suggestions = fields.Boolean(
        help="Suggestions are entered in the registry, unless the service says otherwise."
    )
    registry_prefix = fields.Char(
        default="E", size=12, help="Stands between the year and the number: E gives 2027-E-000123."
    )
    confirmation_days = fields.Integer(
        string="Days to confirm",
        default=10,
        help="How long the citizen can say whether it is fixed. After that many days of silence it"
        " counts as assumed, apart from what was confirmed. 0: nobody is asked.",
    )
    reopen_days = fields.Integer(
        string="Days to reopen",
        default=30,
        help="How long after closing a citizen can have the same case opened again. After that it"
        " becomes a new case, linked to the old one. 0: always a new case.",
    )
    reopen_stage_id = fields.Many2one(
        "helpdesk.ticket.stage",
        string="State of reopened cases",
        domain=[("closed", "=", False)],
        default=lambda self: self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress", raise_if_not_found=False),
        ondelete="restrict",
        help="Where a reopened case goes, if its department uses that state; else to the department's first one.",
    )

    @api.constrains("confirmation_days", "reopen_days")
    def _check_case_days(self):
        for company in self:
            if not (0 <= company.confirmation_days <= 365 and 0 <= company.reopen_days <= 3650):
                raise ValidationError(
                    self.env._("Give 0 to 365 days to confirm, and 0 to 3650 days to reopen a closed case.")
                )

    @api.constrains(*KEEPING)
    def _check_keeping(self):
        for company in self:
            if any(not 0 <= company[name] <= 36500 for name in KEEPING):
                raise ValidationError(
                    self.env._("Messages as they came are kept for a number of days up to 100 years; 0 is for ever.")
                )

    @api.constrains("reopen_stage_id")
    def _check_reopen_stage(self):
        for company in self:
            if company.reopen_stage_id.closed:
                raise ValidationError(
                    self.env._(
                        "“%(stage)s” is a closed state. Choose an open one for reopened cases.",
                        stage=company.reopen_stage_id.name,
                    )
                )

    def write(self, vals):
        if SETTINGS & set(vals):
            self.env.registry.clear_cache()
        return super().write(vals)

    def _get_case_settings(self):
        """Return the settings of one company as a dict of plain values, kept in memory.

        ``registered_kinds`` (frozenset), ``registry_prefix`` (str), ``confirmation_days`` and
        ``reopen_days`` (int), ``reopen_stage_id`` (id or False).
        """
        self.ensure_one()
        return dict(self._read_case_settings(self.id))

    @tools.ormcache("company_id")
    def _read_case_settings(self, company_id):
        # sudo: whoever files or follows a case may know by which rules
        company = self.sudo().browse(company_id)
        kinds = frozenset(kind for field, kind in REGISTERED_KINDS.items() if company[field])
        return (
            ("registered_kinds", kinds),
            ("registry_prefix", (company.registry_prefix or "").strip()),
            ("confirmation_days", company.confirmation_days),
            ("reopen_days", company.reopen_days),
            ("reopen_stage_id", company.reopen_stage_id.id),
        )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the city may use a citizen's data for and by which channel: decisions, each written once."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .civic_consent_purpose import LAWFUL_BASES

#: Put into the context by whoever anonymises a citizen; no client can send an object.
ANONYMISING = object()


class CivicConsent(models.Model):
    """One decision of a citizen. It is never changed or deleted; a later one counts instead.

    The decision that counts for each purpose and channel is kept on the citizen: ``civic_allowed_ids`` and
    ``civic_refused_ids`` are what segments filter on.
    """

    _name = "civic.consent"
    _description = "Consent"
    _order = "at desc, id desc"

    partner_id = fields.Many2one("res.partner", string="Citizen", required=True, index=True, ondelete="restrict")
    way_id = fields.Many2one(
        "civic.consent.way", string="Purpose and channel", required=True, index=True, ondelete="restrict"
    )
    purpose_id = fields.Many2one(related="way_id.purpose_id", store=True, precompute=True)
    channel = fields.Selection(related="way_id.channel", store=True, precompute=True)
    lawful_basis = fields.Selection(
        LAWFUL_BASES,
        compute="_compute_lawful_basis",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    decision = fields.Selection([("given", "Given"), ("withdrawn", "Withdrawn")], required=True)
    at = fields.Datetime(
        string="When",
        required=True,
        default=fields.Datetime.now,
        help="When the citizen decided, not when it was typed in.",
    )
    source = fields.Selection(
        [
            ("form", "Web form"),
            ("counter", "Counter"),
            ("phone", "Phone"),
            ("import", "Import"),
            ("mail_link", "Link in a mail"),
        ],
        required=True,
    )
    evidence = fields.Char(help="What proves it: the text of the form, the recording, the signed sheet.")
    evidence_file = fields.Binary(attachment=True, string="Document")
    evidence_name = fields.Char()
    author_id = fields.Many2one(
        "res.users",
        string="Recorded by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )

    _latest_idx = models.Index("(partner_id, way_id, at DESC, id DESC)")

    @api.depends("way_id", "decision")
    def _compute_display_name(self):
        labels = dict(self._fields["decision"]._description_selection(self.env))
        for consent in self:
            consent.display_name = f"{consent.way_id.display_name}: {labels.get(consent.decision, '')}"

    @api.depends("way_id")
    def _compute_lawful_basis(self):
        for consent in self:
            consent.lawful_basis = consent.lawful_basis or consent.way_id.lawful_basis

    @api.constrains("at")
    def _check_not_in_the_future(self):
        limit = fields.Datetime.add(fields.Datetime.now(), minutes=5)  # clocks differ
        if any(consent.at > limit for consent in self):
            raise ValidationError(self.env._("Nobody has decided in the future. Correct the time of the decision."))

    @api.constrains("decision", "evidence", "evidence_file", "lawful_basis")
    def _check_evidence(self):
        """GDPR, art. 7.1: the controller shall be able to demonstrate that the data subject has consented.

        Withdrawing is as easy as giving (art. 7.3): it needs no proof.
        """
        for consent in self:
            needed = consent.decision == "given" and consent.lawful_basis == "consent"
            if needed and not (consent.evidence or "").strip() and not consent.evidence_file:
                raise ValidationError(
                    self.env._("Say what proves this consent (the form, the sheet, the call) or attach it.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:  # nobody records in another's name
            vals_list = [dict(vals, author_id=self.env.uid) for vals in vals_list]
        consents = super().create(vals_list)
        consents.partner_id._update_consent_state()
        return consents

    def write(self, vals):
        if not self._is_anonymising():
            self._refuse_to_tamper()
        return super().write(vals)

    def unlink(self):
        if not self._is_anonymising():
            self._refuse_to_tamper()
        return super().unlink()

    def _is_anonymising(self):
        return self.env.su and self.env.context.get("civic_anonymising") is ANONYMISING

    def _refuse_to_tamper(self):
        raise UserError(
            self.env._("A decision once recorded is neither changed nor deleted. Record the new decision instead.")
        )

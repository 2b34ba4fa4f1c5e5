# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    civic_consent_ids = fields.One2many(
        "civic.consent", "partner_id", string="Decisions on data use", groups="base.group_user"
    )
    civic_allowed_ids = fields.Many2many(
        "civic.consent.way",
        "civic_allowed_rel",
        "partner_id",
        "way_id",
        string="Consents in force",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="For what, and by which channel, this citizen has said yes.",
    )
    civic_refused_ids = fields.Many2many(
        "civic.consent.way",
        "civic_refused_rel",
        "partner_id",
        "way_id",
        string="Withdrawn or objected",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="For what, and by which channel, this citizen has said no.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_no_consent_state(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_no_consent_state(vals)
        return super().write(vals)

    def _check_no_consent_state(self, vals):
        if "civic_allowed_ids" in vals or "civic_refused_ids" in vals:
            raise UserError(self.env._("What a citizen allows follows from recorded decisions. Record one."))

    def _record_consent(self, ways, decision, source, **facts):
        """Record one decision of each of these citizens on each of *ways*; access is the user's.

        Costs the same few queries for one citizen and, apart from the inserts, for ten thousand.

        :param ways: ``civic.consent.way`` records
        :param str decision: ``"given"`` or ``"withdrawn"``
        :param str source: ``"form"``, ``"counter"``, ``"phone"``, ``"import"`` or ``"mail_link"``
        :param facts: any of ``at`` (naive UTC), ``evidence``, ``evidence_file`` (base64), ``evidence_name`` and
            ``lawful_basis`` (the purpose's own if not given)
        :return: the decisions
        :raises ValidationError: for a consent without evidence or a decision in the future
        """
        return self.env["civic.consent"].create(
            [
                {"partner_id": partner_id, "way_id": way.id, "decision": decision, "source": source, **facts}
                for partner_id in self.ids
                for way in ways
            ]
        )

    def _update_consent_state(self):
        """Write the decisions that count onto these citizens: the latest of each purpose and channel.

        In SQL, for whole imports at once: nothing stored is computed from it.
        """
        if not self.ids:
            return
        self.env["civic.consent"].flush_model()
        for table, decision in (("civic_allowed_rel", "given"), ("civic_refused_rel", "withdrawn")):
            rel = SQL.identifier(table)
            self.env.cr.execute(
                SQL(
                    """
                    WITH latest AS (
                        SELECT DISTINCT ON (partner_id, way_id) partner_id, way_id, decision
                          FROM civic_consent
                         WHERE partner_id IN %(partners)s
                         ORDER BY partner_id, way_id, at DESC, id DESC
                    ), gone AS (
                        DELETE FROM %(rel)s AS rel
                         WHERE rel.partner_id IN %(partners)s
                           AND NOT EXISTS (SELECT 1 FROM latest
                                            WHERE latest.partner_id = rel.partner_id
                                              AND latest.way_id = rel.way_id AND latest.decision = %(decision)s)
                    )
                    INSERT INTO %(rel)s (partner_id, way_id)
                    SELECT partner_id, way_id FROM latest WHERE decision = %(decision)s
                    ON CONFLICT DO NOTHING
                    """,
                    rel=rel,
                    partners=tuple(self.ids),
                    decision=decision,
                )
            )
        self.invalidate_recordset(["civic_allowed_ids", "civic_refused_ids", "civic_consent_ids"])

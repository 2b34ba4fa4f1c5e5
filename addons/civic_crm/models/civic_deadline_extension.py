# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from ..core import deadline


class CivicDeadlineExtension(models.Model):
    """A decision to give a deadline more time, taken before it passed."""

    _name = "civic.deadline.extension"
    _inherit = "civic.case.part"
    _description = "Extension of a deadline"
    _order = "granted_on, id"

    deadline_id = fields.Many2one("civic.case.deadline", required=True, index=True, ondelete="cascade")
    case_id = fields.Many2one(related="deadline_id.case_id", store=True, precompute=True)
    amount = fields.Integer(string="By", required=True, help="In the unit of the term.")
    unit = fields.Selection(related="deadline_id.unit")
    article = fields.Selection(
        [
            (deadline.ARTICLE_23, "Art. 23: means are exhausted; up to the term again"),
            (deadline.ARTICLE_32, "Art. 32: circumstances advise it; up to half of the term"),
            ("other", "The city's own promise, or another law"),
        ],
        string="Ground",
        required=True,
        help="Ley 39/2015. A term set by law is extended on one of these grounds only, and the citizen has to be told.",
    )
    granted_on = fields.Date(
        required=True, default=lambda self: self.env["helpdesk.ticket"]._get_city_today(), help="Day of the decision."
    )
    reason = fields.Text(required=True, help="Why; it stands in the decision that the citizen receives.")
    document_ids = fields.Many2many("ir.attachment", string="Documents", help="The decision.")
    author_id = fields.Many2one(
        "res.users", string="Entered by", required=True, readonly=True, default=lambda self: self.env.user
    )

    @api.depends("amount", "unit")
    @api.depends_context("lang")
    def _compute_display_name(self):
        units = dict(self._fields["unit"]._description_selection(self.env))
        for extension in self:
            extension.display_name = f"+{extension.amount} {units.get(extension.unit, '')}"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any("author_id" in vals for vals in vals_list):
            raise AccessError(self.env._("Who entered an extension is not set by hand."))
        extensions = super().create(vals_list)
        for extension in extensions:
            extension._check_allowed()
        extensions._keep_documents()
        # sudo: the clock moves by itself
        extensions.sudo().deadline_id._move()
        extensions.case_id._message_log_batch({each.case_id.id: each._describe() for each in extensions})
        return extensions

    def write(self, vals):
        if vals:
            raise UserError(self.env._("A decision that was taken is not changed. Enter another one."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A decision that was taken is not deleted."))

    def _check_allowed(self):
        """Refuse what the articles do not allow.

        :raises UserError: for a deadline that has ended, or a day set by hand
        :raises ValidationError: saying what would be allowed
        """
        clock = self.deadline_id.sudo()
        if clock.outcome or clock.case_id.closed_date:
            raise UserError(self.env._("This deadline has ended: the case is closed."))
        if clock.is_by_hand:
            raise UserError(self.env._("This day was set by hand. Set another day in the case instead."))
        if self.granted_on > self.env["helpdesk.ticket"]._get_city_today():
            raise ValidationError(self.env._("The decision cannot be of a day to come. Correct “Granted on”."))
        if clock.purpose == "legal" and self.article == "other" and not self.document_ids:
            raise ValidationError(
                self.env._("On another ground than articles 23 and 32, attach the decision that names it.")
            )
        already = sum((clock.extension_ids - self).mapped("amount"))
        refusal = deadline.refuse_extension(
            clock._get_term(), already, self.amount, self.article, self.granted_on, clock.due_date
        )
        if refusal:
            raise ValidationError(self._explain(refusal, clock, already))

    def _explain(self, refusal, clock, already):
        if refusal == "nothing":
            return self.env._("An extension is at least 1 long.")
        if refusal == "expired":
            return self.env._(
                "The term passed on %(day)s: one that is over cannot be extended (Ley 39/2015, art. 32.3).",
                day=format_date(self.env, clock.due_date),
            )
        limit = deadline.get_extension_limit(clock._get_term(), self.article)
        return self.env._(
            "On this ground the term may be extended by %(limit)s in all; %(already)s have been granted already.",
            limit=limit,
            already=already,
        )

    def _keep_documents(self):
        """Let whoever may read the case read its documents, and no one else."""
        for extension in self:
            # sudo: uploaded by the user a moment ago, tied to nothing yet
            files = extension.document_ids.sudo()
            loose = files.filtered(lambda file: not file.res_id and file.create_uid == self.env.user)
            loose.write({"res_model": self._name, "res_id": extension.id})

    def _describe(self):
        due = self.sudo().deadline_id.due_date
        return self.env._(
            "%(deadline)s extended (%(amount)s), now until %(day)s: %(reason)s",
            deadline=self.deadline_id.display_name,
            amount=self.display_name,
            day=format_date(self.env, due) if due else "–",
            reason=self.reason,
        )

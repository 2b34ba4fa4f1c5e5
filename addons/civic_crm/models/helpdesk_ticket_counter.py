# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the counter saw: whose document, and who looked at it. The number itself is the citizen's, not the case's."""

from odoo import fields, models

from .helpdesk_ticket import STAFF_ONLY


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    identity_document = fields.Selection(
        [("dni", "DNI"), ("nie", "NIE"), ("passport", "Passport"), ("cif", "CIF (associations)")],
        string="Document seen",
        readonly=True,
        copy=False,
        groups=STAFF_ONLY,
    )
    identity_user_id = fields.Many2one(
        "res.users",
        string="Identity checked by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=STAFF_ONLY,
        help="Who saw the document when the case was filed at the counter.",
    )
    identity_checked_at = fields.Datetime(string="Identity checked", readonly=True, copy=False, groups=STAFF_ONLY)

    def _note_counter(self, document, user_id):
        """Write down on one new case (superuser) which document was seen, and by whom; nothing when none was."""
        if not (document and user_id):
            return
        self.write(
            {
                "identity_document": document,
                "identity_user_id": user_id,
                "identity_checked_at": fields.Datetime.now(),
            }
        )

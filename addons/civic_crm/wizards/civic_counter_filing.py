# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import citizen_file, identity

DOCUMENTS = [("dni", "DNI"), ("nie", "NIE"), ("passport", "Passport"), ("cif", "CIF (associations)")]


class CivicCounterFiling(models.TransientModel):
    """Staff files for whoever stands at the counter, or for a letter: identity, documents, receipt.

    The number of the document is typed, compared and forgotten; the case keeps which kind was seen, and by whom.
    """

    _name = "civic.counter.filing"
    _description = "Filing at the counter or by post"

    # how it came
    way = fields.Selection([("counter", "At the counter"), ("post", "By post")], required=True, default="counter")
    received_on = fields.Date(
        string="Received on",
        required=True,
        default=lambda self: self.env["helpdesk.ticket"]._get_city_today(),
        help="The date of the stamp on a letter: the clock runs from there, whatever day it is registered.",
    )

    # who
    id_number = fields.Char(string="Number of the document")
    id_kind = fields.Selection(DOCUMENTS, string="Kind", help="Empty: seen by the number.")
    country_id = fields.Many2one("res.country", string="Issued by", help="Of a passport.")
    partner_id = fields.Many2one("res.partner", string="Citizen", domain=[("parent_id", "=", False)])
    is_unknown = fields.Boolean(readonly=True)
    name = fields.Char(help="As it is written in the document.")
    email = fields.Char()
    phone = fields.Char()
    document_seen = fields.Selection(DOCUMENTS, readonly=True, help="Compared with what the city knows of the citizen.")

    # what
    #: asked when it is filed: the document may be looked at first
    category_id = fields.Many2one("helpdesk.ticket.category", string="Service", domain=[("is_heading", "=", False)])
    place = fields.Char(string="Where")
    civic_zone_id = fields.Many2one("civic.zone", string="Zone")
    text = fields.Text(string="What is asked")
    attachment_ids = fields.Many2many("ir.attachment", string="Scanned documents")
    answer_ids = fields.One2many(
        "civic.counter.answer",
        "filing_id",
        string="Questions of the service",
        compute="_compute_answer_ids",
        store=True,
        readonly=False,
    )
    has_questions = fields.Boolean(compute="_compute_has_questions")

    @api.depends("category_id")
    def _compute_answer_ids(self):
        for filing in self:
            filing.answer_ids = filing.answer_ids._ask(filing.category_id)

    @api.depends("answer_ids")
    def _compute_has_questions(self):
        for filing in self:
            filing.has_questions = bool(filing.answer_ids)

    # ------------------------------------------------------------------
    # who it is
    # ------------------------------------------------------------------

    def action_check_document(self):
        """Compare the document in the hand with whom the city knows; it is written down who did.

        :raises UserError: when it is somebody else's
        """
        self.ensure_one()
        if not self.id_number:
            raise UserError(self.env._("Type the number of the document."))
        kind = self.id_kind or identity.guess_kind(self.id_number)
        found = self.env["res.partner"]._look_up_document(kind, self.id_number)
        if found and self.partner_id and found != self.partner_id:
            raise UserError(
                self.env._(
                    "This document is not %(chosen)s's but %(found)s's. Take the citizen out, and check again.",
                    chosen=self.partner_id.display_name,
                    found=found.display_name,
                )
            )
        if found:
            self.partner_id = found
        elif self.partner_id:
            self.partner_id._record_document(kind, self.id_number, self.country_id)
        else:
            self.is_unknown = True
        # sudo: said here and nowhere else
        self.sudo().document_seen = kind
        if self.partner_id:
            self.write({"id_number": False, "is_unknown": False})
        return self._reopen()

    @api.model_create_multi
    def create(self, vals_list):
        """That a document was seen is said by the check alone."""
        if not self.env.su:
            vals_list = [{name: value for name, value in vals.items() if name != "document_seen"} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        """Another citizen, or another number, is another document: the check is for the one it was made with."""
        if not self.env.su:
            vals = {name: value for name, value in vals.items() if name != "document_seen"}
            checked = self.filtered("document_seen")
            changed = checked.filtered(
                lambda filing: (
                    ("partner_id" in vals and filing.partner_id.id != vals["partner_id"])
                    or (vals.get("id_number") and vals["id_number"] != filing.id_number)
                )
            )
            # sudo: as in action_check_document
            changed.sudo().write({"document_seen": False, "is_unknown": False})
        return super().write(vals)

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("File for a citizen"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "current",
        }

    def _get_citizen(self):
        """Return whom it is filed for, registered now when the document was nobody's; may be empty."""
        Partner = self.env["res.partner"]
        if self.partner_id:
            return self.partner_id
        if not self.is_unknown:
            return Partner._find_or_create_citizen(self.email, self.name, self.phone).with_env(self.env)
        if not self.name:
            raise UserError(self.env._("Type the name as it is written in the document."))
        vals = Partner._prepare_citizen_vals(False, self.name, self.phone, None, (self.document_seen, self.id_number))
        vals.update(email=self.email, civic_id_country_id=self.country_id.id, civic_phone_by_staff=bool(self.phone))
        Partner.check_access("create")
        # sudo: the number is written and not read
        citizen = Partner.browse(Partner.sudo().create(vals).ids)
        # sudo: the check stays that of this document
        self.sudo().write({"partner_id": citizen.id, "id_number": False, "is_unknown": False})
        return citizen

    # ------------------------------------------------------------------
    # filing
    # ------------------------------------------------------------------

    def action_file(self):
        """Register it, through the ledger, and open the case.

        :raises UserError: naming what is missing; nothing is filed then
        """
        self.ensure_one()
        self.env["helpdesk.ticket"].check_access("create")
        self._check_filing()
        values = self._prepare_values()
        files = self._get_files()
        citizen = self._get_citizen()
        self.env["helpdesk.ticket"]._check_filing(
            self.category_id,
            {
                "place": self.place,
                "answers": values["answers"],
                "attachments": files,
                "partner": citizen,
                "email": self.email,
                "phone": self.phone,
            },
        )
        channel = self.env.ref("civic_crm.channel_post" if self.way == "post" else "civic_crm.channel_counter")
        intake = self.env["civic.adapter.counter"]._accept_filing(
            self.category_id, channel, values, files, citizen, key=f"filing:{self.id}"
        )
        if not intake.case_id:
            return self._open("civic.intake", intake.id)
        return self._open("helpdesk.ticket", intake.case_id.id)

    def _check_filing(self):
        if not self.category_id:
            raise UserError(self.env._("Choose the service: what it is about."))
        if not (self.text or "").strip():
            raise UserError(self.env._("Write what is asked, in the citizen's words."))
        if self.received_on > self.env["helpdesk.ticket"]._get_city_today():
            raise UserError(self.env._("Nothing is received in the future. Correct the date of the stamp."))

    def _prepare_values(self):
        return {
            "text": self.text.strip(),
            "place": self.place or "",
            "zone_id": self.civic_zone_id.id or 0,
            "name": self.name or self.partner_id.name or "",
            "email": self.email or "",
            "phone": self.phone or "",
            "answers": self.answer_ids._get_raw_answers(),
            "received_at": fields.Datetime.to_string(self._get_received_at()),
            "identity_document": self.document_seen or "",
            "identity_user_id": self.env.uid if self.document_seen else 0,
        }

    def _get_received_at(self):
        """Return when it reached the city (naive UTC): now, or the beginning of the day of the stamp."""
        if self.received_on == self.env["helpdesk.ticket"]._get_city_today():
            return fields.Datetime.now()
        zone = self.env.company._get_city_zone()
        return zone.localize(datetime.combine(self.received_on, time.min)).astimezone(pytz.utc).replace(tzinfo=None)

    def _get_files(self):
        """Return ``(name, bytes)`` of the scanned documents, made harmless.

        :raises UserError: naming the one that is not taken
        """
        if len(self.attachment_ids) > citizen_file.MAX_FILES:
            raise UserError(self.env._("Attach %s files at most: scan the pages into one PDF.", citizen_file.MAX_FILES))
        files = []
        for attachment in self.attachment_ids:
            try:
                files.append(citizen_file.clean(attachment.name, attachment.raw or b""))
            except citizen_file.RefusedFile as refusal:
                raise UserError(
                    self.env._("“%s” is not taken. Scan it as PDF or JPEG, 10 MB at most.", attachment.name)
                ) from refusal
        return files

    def _open(self, model, record_id):
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "view_mode": "form",
            "views": [(False, "form")],
            "res_id": record_id,
            "target": "current",
        }


class CivicCounterAnswer(models.TransientModel):
    """One answer to a question of the service."""

    _name = "civic.counter.answer"
    _inherit = "civic.service.answer"
    _description = "Answer given at the counter"

    filing_id = fields.Many2one("civic.counter.filing", required=True, ondelete="cascade")

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from ..core import enquiries


class CivicEnquiryConvert(models.TransientModel):
    """Make one or several cases of an enquiry; its thread stays, and each case knows where it came from."""

    _name = "civic.enquiry.convert"
    _description = "Turn an enquiry into cases"

    enquiry_id = fields.Many2one("crm.lead", required=True)
    line_ids = fields.One2many(
        "civic.enquiry.convert.line",
        "convert_id",
        string="Cases",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    opened_at = fields.Datetime(default=fields.Datetime.now, readonly=True)

    @api.depends("enquiry_id")
    def _compute_line_ids(self):
        for wizard in self:
            enquiry = wizard.enquiry_id
            wizard.line_ids = [
                Command.clear(),
                Command.create(
                    {
                        "category_id": enquiry.category_id.id,
                        "civic_zone_id": enquiry.civic_zone_id.id,
                        "text": html2plaintext(enquiry.description or "").strip(),
                    }
                ),
            ]

    def action_convert(self):
        """File the cases and end the enquiry.

        :raises AccessError: for whoever may not write the enquiry or file cases
        :raises UserError: when a case would lack its service, its text or a citizen its service asks for
        """
        self.ensure_one()
        enquiry = self.enquiry_id
        enquiry.check_access("write")
        self.env["helpdesk.ticket"].check_access("create")
        citizen = enquiry._get_citizen()
        self._check_lines(citizen)
        cases = self._file_cases(citizen)
        cases.with_env(self.env)._note_enquiry()
        outcome = self.env["civic.enquiry.outcome"].search([("kind", "=", "cases")], limit=1)
        if not outcome:
            raise UserError(self.env._("There is no outcome for enquiries turned into cases. Ask the administrator."))
        seconds = enquiries.handling_seconds(
            enquiry.handling_started_at, self.opened_at or fields.Datetime.now(), fields.Datetime.now()
        )
        enquiry._finish(outcome, seconds)
        return enquiry.action_open_cases() if len(cases) > 1 else self._open(cases)

    def _check_lines(self, citizen):
        if not self.line_ids:
            raise UserError(self.env._("Add a case, or press “Answer” if there is none to file."))
        for line in self.line_ids:
            if not (line.text or "").strip():
                raise UserError(self.env._("Write what the case is about: %s.", line.category_id.name))
            if not citizen and line.category_id.identification != "anonymous":
                raise UserError(
                    self.env._(
                        "“%s” is not filed without a name. Put the citizen or an e-mail address on the enquiry.",
                        line.category_id.name,
                    )
                )

    def _file_cases(self, citizen):
        """File a case for each line, through the one door all cases come through.

        The day the enquiry arrived is the day the city was asked: the clock runs from there.
        """
        enquiry = self.enquiry_id
        # sudo: the right to file has been checked; it comes first, as it drops defaults from the context
        Case = (
            self.env["helpdesk.ticket"]
            .sudo()
            .with_context(default_enquiry_id=enquiry.id, default_filed_at=enquiry.received_at)
        )
        files = enquiry._get_citizen_files()
        cases = Case.browse()
        for line in self.line_ids:
            cases |= Case._file_case(
                line.category_id,
                line.text,
                channel=enquiry.channel_id or self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone"),
                subject=line.name,
                zone=line.civic_zone_id,
                place=line.place,
                partner=citizen,
                attachments=files if line.with_files else [],
            )
        return cases

    def _open(self, case):
        return {"type": "ir.actions.act_window", "res_model": "helpdesk.ticket", "view_mode": "form", "res_id": case.id}


class CivicEnquiryConvertLine(models.TransientModel):
    """One case to file."""

    _name = "civic.enquiry.convert.line"
    _description = "Case to file from an enquiry"

    convert_id = fields.Many2one("civic.enquiry.convert", required=True, ondelete="cascade")
    category_id = fields.Many2one("helpdesk.ticket.category", string="Service", required=True)
    name = fields.Char(string="Subject", help="Empty: the service and the place.")
    place = fields.Char()
    civic_zone_id = fields.Many2one("civic.zone", string="Zone")
    text = fields.Text(string="Request")
    with_files = fields.Boolean(string="With files", default=True, help="Photos and documents the citizen sent.")

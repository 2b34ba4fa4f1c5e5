# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..core import clamd
from ..models.civic_adapter_mail import AUTHSERV_ID
from ..models.res_company_cases import KEEPING, SETTINGS
from ..models.res_company_text import SETTINGS as TEXT_SETTINGS

#: What is kept as a system parameter: field → key, and what an empty one means.
PARAMETERS = {
    "map_tile_url": ("civic_crm.map_tile_url", ""),
    "map_tile_attribution": ("civic_crm.map_tile_attribution", ""),
    "identity_lookups_per_hour": ("civic_crm.identity_lookups_per_hour", "60"),
    "clamd_address": ("civic_crm.clamd_address", ""),
    "mail_authserv_id": (AUTHSERV_ID, ""),
    "clamd_when_down": ("civic_crm.clamd_when_down", "wait"),
}
OF_COMPANY = (
    *sorted(SETTINGS | KEEPING | TEXT_SETTINGS),
    "legal_calendar_id",
    "name",
    "street",
    "zip",
    "city",
    "phone",
    "email",
)


class CivicCitySettings(models.TransientModel):
    """What the administrator of Civic CRM decides for the city, without the right to Odoo's own settings."""

    _name = "civic.city.settings"
    _description = "Settings of the city"

    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)

    # the city itself
    name = fields.Char(string="Name of the city", required=True)
    street = fields.Char()
    zip = fields.Char()
    city = fields.Char()
    phone = fields.Char()
    email = fields.Char()
    legal_calendar_id = fields.Many2one("resource.calendar", string="Working days by law")

    # after closing
    confirmation_days = fields.Integer(string="Days to confirm")
    reopen_days = fields.Integer(string="Days to reopen")
    reopen_stage_id = fields.Many2one(
        "helpdesk.ticket.stage", string="State of reopened cases", domain=[("closed", "=", False)]
    )

    # the registry of entries
    register_notices = fields.Boolean(string="Notices")
    register_requests = fields.Boolean(string="Requests")
    register_complaints = fields.Boolean(string="Complaints")
    register_suggestions = fields.Boolean(string="Suggestions")
    registry_prefix = fields.Char(string="Mark of the registry", size=12)

    # automatic classification
    text_service_learned = fields.Char(string="Services", compute="_compute_text_learned")
    text_spam_learned = fields.Char(string="Spam", compute="_compute_text_learned")
    text_files_by_itself = fields.Boolean(string="File by itself")
    text_effect = fields.Char(string="That would have meant", compute="_compute_text_effect")
    text_confidence = fields.Float(string="Sure enough from")
    text_sets_aside = fields.Boolean(string="Set spam aside")
    text_spam_confidence = fields.Float(string="Surely spam from")
    text_minimum = fields.Integer(string="Decided texts needed")

    # what arrives
    intake_keep_days = fields.Integer(string="Filed messages, as they came")
    intake_keep_spam_days = fields.Integer(string="Messages set aside, as they came")
    mail_authserv_id = fields.Char(string="Border mail server")

    # the map, and looking people up
    map_tile_url = fields.Char(string="Tiles of the map")
    map_tile_attribution = fields.Char(string="Whom to thank for them")
    identity_lookups_per_hour = fields.Integer(string="Look-ups by document")

    # viruses
    clamd_address = fields.Char(string="Virus scanner")
    clamd_when_down = fields.Selection(
        [("wait", "Files wait for it"), ("accept", "Files are taken, with a note")], string="When it does not answer"
    )

    @api.depends("company_id")
    def _compute_text_learned(self):
        Model = self.env["civic.text.model"]
        for settings in self:
            for purpose in ("service", "spam"):
                settings[f"text_{purpose}_learned"] = Model._describe_active(purpose)

    @api.depends("text_confidence")
    def _compute_text_effect(self):
        for settings in self:
            settings.text_effect = self.env["civic.text.model"]._describe_effect(settings.text_confidence)

    def action_open_learned(self):
        return self.env["ir.actions.act_window"]._for_xml_id("civic_crm.civic_text_model_action")

    @api.constrains("clamd_address")
    def _check_clamd_address(self):
        for settings in self:
            try:
                if settings.clamd_address:
                    clamd.read_address(settings.clamd_address)
            except ValueError:
                raise ValidationError(
                    self.env._(
                        "The virus scanner has to run on this machine:"
                        " unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310."
                    )
                ) from None

    @api.model
    def default_get(self, fields_list):
        """Show what holds now."""
        defaults = super().default_get(fields_list)
        self._check_administrator()
        # sudo: these settings, and no others, are the administrator's
        company = self.env.company.sudo()
        read = self.env["ir.config_parameter"].sudo().get_param
        for name in self._get_company_fields():
            if name in fields_list:
                defaults[name] = company._fields[name].convert_to_write(company[name], company)
        for name, (key, empty) in PARAMETERS.items():
            if name in fields_list:
                defaults[name] = read(key) or empty
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        settings = super().create(vals_list)
        settings._apply()
        return settings

    def write(self, vals):
        result = super().write(vals)
        self._apply()
        return result

    def action_save(self):
        """Saving the form has done it; show what holds now."""
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _apply(self):
        """Let what was saved hold from now on; the checks are the company's own.

        :raises ValidationError: saying what is wrong; nothing is saved then
        """
        self._check_administrator()
        parameters = self.env["ir.config_parameter"].sudo()
        for settings in self:
            # sudo: as in default_get
            company = settings.company_id.sudo()
            changed = [name for name in self._get_company_fields() if settings[name] != company[name]]
            if changed:
                company.write({name: self._fields[name].convert_to_write(settings[name], settings) for name in changed})
            for name, (key, empty) in PARAMETERS.items():
                parameters.set_param(key, str(settings[name] or "").strip() or empty)
        self.env.registry.clear_cache()

    @api.model
    def _get_company_fields(self):
        """Return the names of the settings that the company keeps, under the same names; addons add theirs."""
        return OF_COMPANY

    def _check_administrator(self):
        if not self.env.user.has_group("civic_crm.group_admin"):
            raise AccessError(self.env._("The settings of the city are its administrator's. Ask them for it."))
        if self and any(settings.company_id not in self.env.companies for settings in self):
            raise AccessError(self.env._("These are the settings of another city. Switch to it first."))

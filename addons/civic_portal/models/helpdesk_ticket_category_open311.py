# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models, tools
from odoo.fields import Domain


class HelpdeskTicketCategory(models.Model):
    _inherit = "helpdesk.ticket.category"

    open311_type = fields.Selection(
        [
            ("realtime", "Yes: they get the number at once"),
            ("batch", "Yes: they ask for the number later"),
            ("no", "No"),
        ],
        string="Offered to apps",
        required=True,
        default="realtime",
        help="Whether programs of others may file this by Open311. It needs a code and to be offered online, and is"
        " never offered where people have to sign in.",
    )

    @api.model
    def _get_open311_services(self):
        """Return what apps may file with the current company, in the language of the environment.

        :return: mapping of service code to a dict of plain values, in the city's order; not to be changed
        """
        return self._read_open311_services(self.env.company.id, self.env.lang)

    @api.model
    @tools.ormcache("company_id", "lang")
    def _read_open311_services(self, company_id, lang):
        # sudo: the catalogue is public; the domain says what of it
        services = self.sudo().with_context(lang=lang).search(self._get_open311_domain(company_id))
        return {service.service_code: service._make_open311_service() for service in services}

    @api.model
    def _get_open311_domain(self, company_id):
        return (
            Domain("show_in_portal", "=", True)
            & Domain("is_heading", "=", False)
            & Domain("service_code", "!=", False)
            & Domain("identification", "!=", "identified")
            & Domain("open311_type", "!=", "no")
            & Domain("company_id", "in", [False, company_id])
        )

    def _make_open311_service(self):
        keywords = [word.strip() for word in (self.keywords or "").replace("\n", ",").split(",")]
        return {
            "id": self.id,
            "service_code": self.service_code,
            "service_name": self.name,
            "description": self.description or None,
            "metadata": bool(self._get_questions()),
            "type": self.open311_type,
            "keywords": ", ".join(filter(None, keywords)) or None,
            "group": (self.parent_id or self._get_department()).name or None,
        }

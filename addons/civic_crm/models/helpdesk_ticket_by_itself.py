# SPDX-License-Identifier: AGPL-3.0-or-later
"""A case that was filed by itself waits for somebody to say whether its service is right; one step puts it right."""

from odoo import api, fields, models

from ..core.text_model import say_confidence


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    filed_by_itself = fields.Char(
        string="Filed automatically as",
        compute="_compute_filed_by_itself",
        groups="base.group_user",
        help="The service under which it was filed by itself, until somebody says whether that is right.",
    )

    @api.depends("category_id", "closed_date")
    @api.depends_context("lang")
    def _compute_filed_by_itself(self):
        noted = {suggestion.case_id.id: suggestion for suggestion in self._find_unsettled()}
        for case in self:
            suggestion = noted.get(case._origin.id)
            if suggestion and not case.closed_date:
                name = suggestion.suggested_id._get_public_facts()["name"]
                case.filed_by_itself = f"{name} · {say_confidence(suggestion.confidence)}"
            else:
                case.filed_by_itself = False

    def action_agree(self):
        """Say that the service under which cases were filed by themselves is right: that teaches, too."""
        self.check_access("write")
        for suggestion in self._find_unsettled():
            suggestion.chosen_id = suggestion.case_id.category_id
            suggestion.case_id.is_service_chosen = True
        self.invalidate_recordset(["filed_by_itself"])

    def write(self, vals):
        """Correcting the service of a case that was filed by itself corrects its department too, in the same step."""
        if not vals.get("category_id") or "team_id" in vals or not self._is_by_a_person():
            return super().write(vals)
        loose = self.filtered(lambda case: case.category_id.id != vals["category_id"] and case._waits_for_assent())
        result = super().write(vals)
        service = self.env["helpdesk.ticket.category"].browse(vals["category_id"])
        for case in loose:
            department = service._get_department(case.civic_zone_id, case.company_id)
            if department and department != case.team_id and self._stays_in_sight(department):
                case._give_reason().team_id = department
        return result

    def _find_unsettled(self):
        """Return what was noted (superuser) of those among the cases on which nobody has decided yet."""
        # sudo: for whoever reads or writes the case
        Suggestion = self.env["civic.text.suggestion"].sudo()
        domain = [("case_id", "in", self.ids), ("is_automatic", "=", True), ("chosen_id", "=", False)]
        return Suggestion.search_fetch(domain, ["case_id", "suggested_id", "confidence"])

    def _waits_for_assent(self):
        return bool(self.filed_by_itself)

    def _give_service(self, service):
        """One that was filed by itself goes to the department of the service, in sight of the user or not."""
        is_loose = self._waits_for_assent()
        result = super()._give_service(service)
        department = service._get_department(self.civic_zone_id, self.company_id)
        if is_loose and department and department != self.team_id:
            self._give_reason().team_id = department
        return result

    def _give_reason(self):
        reason = self.env._("It had been filed automatically under another service.")
        return self.with_context(civic_hand_over_reason=reason)

    def _stays_in_sight(self, department):
        """Return whether the user works on the cases of *department*: a form that is saved has to be read again."""
        user = self.env.user
        sees_all = user.has_group("helpdesk_mgmt.group_helpdesk_user")
        return sees_all or department.id in user._get_case_team_ids()

    def _leave_form_out_of_sight(self):
        # sudo: the department's name
        return None if self._filtered_access("read") == self else self._leave_form(self.sudo().team_id[:1])

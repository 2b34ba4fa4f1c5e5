# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import text_model

SETTLED_AT_ONCE = 1000
SHOWN = 3


class CivicTextSuggestion(models.Model):
    """A service that was suggested, and what a person chose: how good suggestions are in daily work."""

    _name = "civic.text.suggestion"
    _description = "Suggested service and choice"
    _order = "id desc"

    create_date = fields.Datetime(string="When", readonly=True)
    version_id = fields.Many2one(
        "civic.text.model", index="btree_not_null", readonly=True, help="Empty: keywords alone."
    )
    case_id = fields.Many2one("helpdesk.ticket", index="btree_not_null", readonly=True, ondelete="cascade")
    enquiry_id = fields.Many2one("crm.lead", index="btree_not_null", readonly=True, ondelete="cascade")
    suggested_id = fields.Many2one("helpdesk.ticket.category", readonly=True, ondelete="cascade")
    confidence = fields.Float(readonly=True, aggregator="avg")
    chosen_id = fields.Many2one("helpdesk.ticket.category", readonly=True, ondelete="cascade")
    is_right = fields.Boolean(string="Right", compute="_compute_is_right", store=True, precompute=True)
    is_automatic = fields.Boolean(string="Filed by itself", readonly=True)
    was_shown = fields.Boolean(
        readonly=True,
        help="Whoever chose had the suggestion before their eyes. Else a service given before was changed.",
    )

    @api.depends("suggested_id", "chosen_id")
    def _compute_is_right(self):
        for suggestion in self:
            chosen = suggestion.chosen_id
            suggestion.is_right = bool(chosen) and chosen == suggestion.suggested_id

    @api.model
    def _note_choice(self, records, link, chosen_id, had_service):
        """Note what a person chose for cases or enquiries, and what had been suggested for their texts.

        :param link: the field here that names the record: "case_id" or "enquiry_id"
        :param chosen_id: id of the service
        :param had_service: ids of the records that had a service before, so that nothing was shown
        """
        # sudo: noted by the system for whoever could write the record, and may have handed it over with that
        this, records = self.sudo(), records.sudo()
        automatic = this.search([(link, "in", records.ids), ("is_automatic", "=", True), ("chosen_id", "=", False)])
        automatic.chosen_id = chosen_id
        others = records - automatic[link]
        found = this.env["civic.text.model"]._suggest_services(others._get_classified_texts(), limit=1)
        this.create(
            [
                this._prepare_vals(link, record, best[0], chosen_id=chosen_id, was_shown=record.id not in had_service)
                for record, best in zip(others, found, strict=True)
                if best
            ]
        )

    @api.model
    def _note_automatic(self, cases, confidences):
        """Note cases that were filed by themselves under the service they have; people settle later whether rightly.

        :param confidences: of each case
        """
        self.sudo().create(
            [
                self._prepare_vals("case_id", case, (case.category_id.id, confidence, ""), is_automatic=True)
                for case, confidence in zip(cases, confidences, strict=True)
            ]
        )

    def _prepare_vals(self, link, record, suggestion, **vals):
        service_id, confidence, _why = suggestion
        version_id = self.env["civic.text.model"].sudo()._find_active_id("service")
        return {link: record.id, "version_id": version_id, "suggested_id": service_id, "confidence": confidence} | vals

    @api.model
    def _settle_automatic(self):
        """What was filed by itself and closed unmoved was right: somebody worked on it and left it there."""
        domain = [("is_automatic", "=", True), ("chosen_id", "=", False), ("case_id.closed_date", "!=", False)]
        while waiting := self.sudo().search(domain, limit=SETTLED_AT_ONCE):
            for service, settled in waiting.grouped(lambda suggestion: suggestion.case_id.category_id).items():
                if not service:
                    settled.unlink()
                settled.exists().chosen_id = service
            self.env.flush_all()


class CivicTextSuggested(models.AbstractModel):
    """Cases and enquiries: for what has no service yet, staff is shown up to three, set by one click."""

    _name = "civic.text.suggested"
    _description = "Has its service suggested"

    #: the field of ``civic.text.suggestion`` that names such a record
    _suggestion_link = None

    suggested_service_1_id = fields.Many2one(
        "helpdesk.ticket.category", compute="_compute_suggested_services", groups="base.group_user"
    )
    suggested_service_2_id = fields.Many2one(
        "helpdesk.ticket.category", compute="_compute_suggested_services", groups="base.group_user"
    )
    suggested_service_3_id = fields.Many2one(
        "helpdesk.ticket.category", compute="_compute_suggested_services", groups="base.group_user"
    )
    suggestion_1 = fields.Char(compute="_compute_suggested_services", groups="base.group_user")
    suggestion_2 = fields.Char(compute="_compute_suggested_services", groups="base.group_user")
    suggestion_3 = fields.Char(compute="_compute_suggested_services", groups="base.group_user")
    suggestion_why = fields.Char(
        compute="_compute_suggested_services",
        groups="base.group_user",
        help="The words of the text that speak most for the first suggestion.",
    )
    urgent_words = fields.Char(
        compute="_compute_urgent_words", groups="base.group_user", help="Words of danger in the text."
    )

    @api.depends("name", "description", "category_id")
    @api.depends_context("lang", "uid")
    def _compute_suggested_services(self):
        waiting = self.filtered(lambda record: record._waits_for_service() or record._waits_for_assent())
        found = self.env["civic.text.model"]._suggest_services(waiting._get_classified_texts(), limit=SHOWN + 1)
        suggested = dict(zip(waiting, found, strict=True))
        for record in self:
            best = suggested.get(record, [])
            record.suggestion_why = best[0][2] if best else False
            # of what was filed by itself, the other services are shown
            best = [one for one in best if one[0] != record.category_id._origin.id]
            for place in range(SHOWN):
                service_id, confidence, _why = best[place] if place < len(best) else (False, 0, "")
                service = self.env["helpdesk.ticket.category"].browse(service_id)
                record[f"suggested_service_{place + 1}_id"] = service
                name = service._get_public_facts()["name"]
                record[f"suggestion_{place + 1}"] = (
                    f"{name} · {text_model.say_confidence(confidence)}" if service else False
                )

    @api.depends("name", "description", "category_id", "priority")
    def _compute_urgent_words(self):
        """Only while the priority is lower than what the words ask for."""
        for record, text in zip(self, self._get_classified_texts(), strict=True):
            priority, words = self.env["civic.text.model"]._suggest_urgency(text)
            record.urgent_words = ", ".join(words) if words and (record.priority or "0") < priority else False

    def action_take_suggestion(self):
        """Set the service whose button was pressed."""
        service = self.env["helpdesk.ticket.category"].browse(self.env.context.get("civic_service_id")).exists()
        if not service or service.is_heading or not service.active:
            raise UserError(self.env._("This service is no longer offered. Open the form again for what is."))
        for record in self:
            record._give_service(service)
        return self._leave_form_out_of_sight()

    def action_take_urgency(self):
        """Set the priority that the words of danger ask for."""
        for record, text in zip(self, self._get_classified_texts(), strict=True):
            priority, _words = self.env["civic.text.model"]._suggest_urgency(text)
            if priority and (record.priority or "0") < priority:
                record.priority = priority

    def write(self, vals):
        """What a person chooses teaches; what jobs and other systems write does not."""
        if not vals.get("category_id") or not self._is_by_a_person():
            return super().write(vals)
        chosen = self.filtered(lambda record: record.category_id.id != vals["category_id"] and record._may_teach())
        had_service = chosen.filtered(lambda record: not record._waits_for_service()).ids
        result = super().write(chosen._complete_chosen_vals(vals) if chosen else vals)
        if chosen:
            self.env["civic.text.suggestion"]._note_choice(
                chosen, self._suggestion_link, vals["category_id"], had_service
            )
        return result

    def _is_by_a_person(self):
        return self.env.user._is_internal() and not self.env.user._is_superuser()

    def _may_teach(self):
        return True

    def _complete_chosen_vals(self, vals):
        return vals

    def _give_service(self, service):
        self.category_id = service

    def _leave_form_out_of_sight(self):
        return None

    def _waits_for_service(self):
        """Return whether it has no service yet, or one that does not say what it is about."""
        return not self.category_id or self.category_id.is_general

    def _waits_for_assent(self):
        """Return whether it was filed by itself, and nobody has said yet whether rightly."""
        return False

    def _get_classified_texts(self):
        """Return the plain text of each record that tells what it is about.

        A subject that is made of the service's name, as forms make it, tells what is to be found out and is left out.
        """
        names = self._get_service_names()
        texts = []
        for record in self:
            name = record.name or ""
            known = names.get(record.category_id._origin.id, ())
            subject = "" if any(word in name.casefold() for word in known) else name
            texts.append("\n".join(filter(None, (subject, text_model.plain(record.description).strip()))))
        return texts

    def _get_service_names(self):
        # sudo: the names of services that are archived since, too
        services = self.category_id._origin.sudo()
        names = {service.id: set() for service in services}
        for lang, _name in self.env["res.lang"].get_installed() if services else ():
            for service in services.with_context(lang=lang):
                names[service.id].add((service.name or "").casefold())
        return {service_id: {name for name in found if name} for service_id, found in names.items()}


class HelpdeskTicketCategory(models.Model):
    _inherit = "helpdesk.ticket.category"

    is_general = fields.Boolean(
        string="Says nothing of what it is about",
        help="For services such as “Something else”: a better one is suggested to staff for its cases, it is never"
        " suggested itself, and nothing is learned from it.",
    )


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "civic.text.suggested"]
    _suggestion_link = "enquiry_id"

    def _may_teach(self):
        return self.is_enquiry

    def _waits_for_service(self):
        return self.is_enquiry and self.enquiry_state != "done" and super()._waits_for_service()


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "civic.text.suggested"]
    _suggestion_link = "case_id"

    is_service_chosen = fields.Boolean(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Staff has set or corrected the service: the case is an example to learn from before it is closed.",
    )

    def _may_teach(self):
        return not self.parent_case_id

    def _complete_chosen_vals(self, vals):
        return dict(vals, is_service_chosen=True)

    def _waits_for_service(self):
        return not self.parent_case_id and not self.closed_date and super()._waits_for_service()

    def _give_service(self, service):
        """Set the service; a case that nobody has yet goes to the service's department."""
        vals = {"category_id": service.id}
        if not self.team_id and (department := service._get_department(self.civic_zone_id, self.company_id)):
            vals["team_id"] = department.id
        self.write(vals)

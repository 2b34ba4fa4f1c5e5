# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the agent's call screen asks and does; each method checks that it is an agent's."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..core import duplicates, service_search
from ..exceptions import FilingError

#: Enough to choose from while somebody waits on the phone.
MOST_CITIZENS = 6
MOST_OPEN = 12
MOST_SERVICES = 6
MOST_ALIKE = 5
MOST_RINGING = 10


class CivicCall(models.Model):
    _inherit = "civic.call"

    # ------------------------------------------------------------------
    # which call
    # ------------------------------------------------------------------

    @api.model
    def get_screen(self, call_id=None):
        """Return what the screen shows: the call, who it may be, what rings, and what can be chosen.

        :param int call_id: by default the agent's own call that is not finished, if there is one
        """
        self._check_agent()
        call = self.browse(call_id).exists() if call_id else self._find_own_open()
        if call:
            call.check_access("read")
        return {
            "call": call._describe() if call else None,
            "citizens": call._find_callers() if call else [],
            "ringing": self._find_ringing(),
            "dispositions": self.env["civic.call.disposition"].search_read(
                [("active", "=", True)], ["name", "kind"], load=False
            ),
            "zones": self._get_zone_choices(),
            "on_duty": self.env.user.is_on_phone_duty,
        }

    @api.model
    def start_call(self, number, direction="in"):
        """Begin a call that no telephony system has told of; returns the screen."""
        self._check_agent()
        number = self._to_e164((number or "").strip()[:64])
        # sudo: the facts of a call are the system's; the right to take one has been checked
        call = self.sudo().create(
            {
                "number": number,
                "direction": "out" if direction == "out" else "in",
                "state": "answered",
                "answered_at": fields.Datetime.now(),
                "user_id": self.env.uid,
                "partner_id": self.env["res.partner"]._find_by_phone(number).id if number else False,
            }
        )
        return self.get_screen(call.id)

    def take_call(self):
        """Take a call that rings for everybody; whoever is first has it. Returns the screen."""
        self.ensure_one()
        self._check_agent()
        self.check_access("write")
        # sudo: as in start_call
        call = self.sudo()
        call.lock_for_update()
        if call.user_id and call.user_id != self.env.user:
            raise UserError(self.env._("%s has taken this call.", call.user_id.name))
        vals = {"user_id": self.env.uid}
        if call.state == "ringing":
            vals.update(state="answered", answered_at=fields.Datetime.now())
        call.write(vals)
        call._find_on_duty()._bus_send("civic_call_taken", {"id": call.id, "user_id": self.env.uid})
        return self.get_screen(call.id)

    def get_ring(self):
        """Return how the call stands now: the bus repeats to a new session what it said in the last minutes."""
        self.ensure_one()
        self._check_agent()
        self.check_access("read")
        return self._prepare_ring()

    @api.model
    def set_duty(self, on_duty):
        """Say whether calls for everybody ring on the user's own screen."""
        self._check_agent()
        # sudo: one's own setting, as in the preferences
        self.env.user.sudo().is_on_phone_duty = bool(on_duty)
        return self.env.user.is_on_phone_duty

    @api.model
    def _check_agent(self):
        self.check_access("create")

    def _check_mine(self):
        """Refuse to work on a call that is another agent's."""
        self.ensure_one()
        self._check_agent()
        self.check_access("write")
        if self.user_id and self.user_id != self.env.user:
            raise AccessError(self.env._("%s has taken this call.", self.user_id.name))

    @api.model
    def _find_own_open(self):
        domain = [("user_id", "=", self.env.uid), ("disposition_id", "=", False), ("started_at", ">=", "-12H")]
        return self.search(Domain(domain) & Domain("is_missed", "=", False), limit=1)

    @api.model
    def _find_ringing(self):
        calls = self.search(
            [("state", "=", "ringing"), ("user_id", "=", False), ("started_at", ">=", "-15M")],
            order="id",
            limit=MOST_RINGING,
        )
        return [{"id": c.id, "number": c.number or "", "name": c.partner_id.name or ""} for c in calls]

    @api.model
    def _get_zone_choices(self):
        # sudo: zones are the city's public map
        zones = self.env["civic.zone"].sudo().search([("kind", "!=", "city")])
        return [{"id": zone.id, "name": zone.complete_name} for zone in zones]

    def _describe(self):
        self.ensure_one()
        return {
            "id": self.id,
            "number": self.number or "",
            "direction": self.direction,
            "state": self.state,
            "user_id": self.user_id.id,
            "started_at": fields.Datetime.to_string(self.started_at),
            "answered_at": fields.Datetime.to_string(self.answered_at) or "",
            "ended_at": fields.Datetime.to_string(self.ended_at) or "",
            "notes": self.notes or "",
            "disposition_id": self.disposition_id.id,
            "partner_id": self.partner_id.id,
            "made": [self._describe_made(entry) for entry in self.intake_ids.sorted("id")],
        }

    def _describe_made(self, intake):
        case, enquiry = intake.case_id, intake.enquiry_id
        return {
            "id": intake.id,
            "number": case.number or enquiry.display_name or intake.number,
            "name": case.name or "",
            "result": intake.result or "",
            "model": "helpdesk.ticket" if case else "crm.lead" if enquiry else "civic.intake",
            "res_id": case.id or enquiry.id or intake.id,
        }

    # ------------------------------------------------------------------
    # who it is
    # ------------------------------------------------------------------

    def _find_callers(self):
        """Return who this may be, with what is open of each: the one chosen, else all who have the number."""
        if self.partner_id:
            return self._describe_citizens(self.partner_id)
        if not self.number:
            return []
        Partner = self.env["res.partner"]
        domain = [("phone_sanitized", "=", self.number), ("parent_id", "=", False)]
        return self._describe_citizens(Partner.search(domain, order="is_citizen DESC, id DESC", limit=MOST_CITIZENS))

    @api.model
    def search_citizens(self, text):
        """Return citizens by name, e-mail or phone, with what is open of each."""
        self._check_agent()
        text = (text or "").strip()
        if len(text) < 3:
            return []
        number = self._to_e164(text)
        domain = Domain("is_citizen", "=", True) & (
            Domain("name", "ilike", text)
            | Domain("email_normalized", "=", text.lower())
            | Domain("phone_sanitized", "=", number)
        )
        return self._describe_citizens(self.env["res.partner"].search(domain, limit=MOST_CITIZENS))

    @api.model
    def _describe_citizens(self, partners):
        """Return plain facts of *partners* and of their open cases and enquiries, in three queries for all."""
        cases = self.env["helpdesk.ticket"].search_fetch(
            [("partner_id", "in", partners.ids), ("closed_date", "=", False), ("parent_case_id", "=", False)],
            ["number", "name", "partner_id", "stage_id", "tracking_code", "promised_on", "team_id", "filed_at"],
            limit=MOST_OPEN * max(len(partners), 1),
        )
        enquiries = self.env["crm.lead"].search_fetch(
            [("partner_id", "in", partners.ids), ("is_enquiry", "=", True), ("enquiry_state", "!=", "done")],
            ["name", "partner_id", "enquiry_state", "received_at"],
            limit=MOST_OPEN * max(len(partners), 1),
        )
        states = dict(enquiries._fields["enquiry_state"]._description_selection(self.env))
        return [
            {
                "id": partner.id,
                "name": partner.name,
                "email": partner.email or "",
                "phone": partner.phone or "",
                "document": partner.civic_id_masked or "",
                "zone_id": partner.civic_zone_id.id,
                "zone": partner.civic_zone_id.name or "",
                "cases": [self._describe_case(c) for c in cases if c.partner_id == partner][:MOST_OPEN],
                "enquiries": [
                    {"id": e.id, "name": e.name, "state": states[e.enquiry_state]}
                    for e in enquiries
                    if e.partner_id == partner
                ][:MOST_OPEN],
            }
            for partner in partners
        ]

    @api.model
    def _describe_case(self, case):
        return {
            "id": case.id,
            "number": case.number,
            "name": case.name,
            "code": case.tracking_code,
            "state": case.stage_id.name,
            "department": case.team_id.name or "",
            "promised_on": fields.Date.to_string(case.promised_on) or "",
            "filed_on": fields.Date.to_string(self.env["helpdesk.ticket"]._to_city_time(case.filed_at).date()),
        }

    def set_citizen(self, partner_id):
        """Say who it is, or that it is not known; returns the citizens to show."""
        self._check_mine()
        partner = self.env["res.partner"].browse(partner_id or [])
        partner.check_access("read")
        self.partner_id = partner
        return self._find_callers()

    def create_citizen(self, name, email=""):
        """Register the caller: the agent has heard the name and sees the number; returns the citizens to show.

        :raises UserError: without a name, or when neither number nor address could find the person again
        """
        self._check_mine()
        name = (name or "").strip()[:200]
        if not name:
            raise UserError(self.env._("Type the caller's name."))
        Partner = self.env["res.partner"]
        vals = Partner._prepare_citizen_vals(False, name, self.number or None, None, None)
        if not vals and not email:
            raise UserError(self.env._("The number is withheld: ask for an e-mail address or a number to call back."))
        vals = vals or {"name": name, "is_citizen": True, "lang": Partner._get_city_lang()}
        vals.update(email=(email or "").strip() or False, civic_phone_by_staff=bool(self.number))
        self.partner_id = Partner.create(vals)
        return self._find_callers()

    # ------------------------------------------------------------------
    # what is asked
    # ------------------------------------------------------------------

    def save_notes(self, notes):
        """Keep what the agent types while talking."""
        self._check_mine()
        self.notes = notes
        return True

    @api.model
    def suggest_services(self, text):
        """Return the services that fit *text*, best first, with what each asks."""
        self._check_agent()
        services = self.env["helpdesk.ticket.category"].search([("is_heading", "=", False)])
        facts = {service: service._get_public_facts() for service in services}
        scores = {
            service: service_search.score(text or "", f["name"], f["keywords"], f["description"])
            for service, f in facts.items()
        }
        found = [service for service in sorted(services, key=lambda s: -scores[s]) if scores[service]]
        return [self._describe_service(service) for service in found[:MOST_SERVICES]]

    @api.model
    def _describe_service(self, service):
        facts = service._get_public_facts()
        return {
            "id": service.id,
            "name": facts["name"],
            "description": facts["description"] or "",
            "ask_place": facts["ask_place"],
            "questions": [
                {
                    "code": question.code,
                    "label": question.label,
                    "datatype": question.datatype,
                    "required": question.required,
                    "options": [{"key": option.key, "name": option.name} for option in question.options],
                    "help": question.help or "",
                }
                for question in service._get_questions()
            ],
        }

    @api.model
    def find_alike(self, service_id, place, text=""):
        """Return open cases that may be the same fact as what is being filed, the likeliest first."""
        self._check_agent()
        service = self.env["helpdesk.ticket.category"].browse(service_id).exists()
        if not service:
            return []
        settings = service._get_issue_settings()
        Case = self.env["helpdesk.ticket"]
        report = duplicates.Report(service.id, 0, 0, (place or "").strip()[:200], (text or "").strip()[:200], 0)
        ranked = Case._find_like(report, metres=settings.metres, days=settings.days, service_ids=settings.service_ids)
        found = Case.browse([case_id for case_id, _score in ranked])._filtered_access("read")[:MOST_ALIKE]
        return [
            {**self._describe_case(case), "place": case.place or "", "citizen_id": case.partner_id.id} for case in found
        ]

    def file_request(self, request):
        """File what was asked: a case of a service, an enquiry without one, or a word on a case of the caller's.

        :param dict request: ``text``, ``page_key``, and any of ``service_id``, ``place``, ``zone_id``, ``answers``,
            ``case_code``, ``same_as`` (id of a case that is the same fact)
        :return: ``{"made": …}``, or ``{"error": text, "fields": names}`` of what the service still asks
        """
        self._check_mine()
        wanted = {
            "text": str(request.get("text") or "").strip()[:20_000],
            "place": str(request.get("place") or "").strip()[:200],
            "service_id": int(request.get("service_id") or 0),
            "zone_id": int(request.get("zone_id") or 0),
            "answers": request.get("answers") if isinstance(request.get("answers"), dict) else {},
            "case_code": str(request.get("case_code") or ""),
        }
        if not wanted["text"]:
            return {"error": self.env._("Write what the caller says first."), "fields": ["text"]}
        try:
            self._check_request(wanted)
        except FilingError as refusal:
            return {"error": str(refusal), "fields": list(refusal.errors)}
        page_key = str(request.get("page_key") or "")[:64]
        intake = self.env["civic.adapter.phone"]._accept_request(self, wanted, page_key)
        self._gather_with(intake.case_id, request.get("same_as"))
        return {"made": self._describe_made(intake.with_env(self.env)), "citizens": self._find_callers()}

    def _check_request(self, wanted):
        """Hold a request to what its service asks, before it is taken.

        :raises FilingError: naming all that is missing
        """
        if not wanted["service_id"]:
            return
        self.env["helpdesk.ticket"].check_access("create")
        service = self.env["helpdesk.ticket.category"].browse(wanted["service_id"])
        service.check_access("read")
        facts = {**wanted, "partner": self.partner_id, "phone": self.number}
        self.env["helpdesk.ticket"]._check_filing(service, facts)

    def _gather_with(self, case, other_id):
        """Put the new case and one that is the same fact under one issue, where the agent may."""
        other = self.env["helpdesk.ticket"].browse(int(other_id or 0)).exists()
        if not (case and other) or case == other:
            return
        other.check_access("write")
        (other | case.with_env(self.env))._gather()

    def finish_call(self, disposition_id, notes=None):
        """End a call: how it ended, and the last of the notes. Returns the screen, with the next call if one waits."""
        self._check_mine()
        disposition = self.env["civic.call.disposition"].browse(disposition_id or []).exists()
        if not disposition:
            raise UserError(self.env._("Choose how the call ended."))
        vals = {"disposition_id": disposition.id, **({"notes": notes} if notes is not None else {})}
        now = fields.Datetime.now()
        if self.state != "ended":
            vals.update(state="ended", ended_at=now, answered_at=self.answered_at or now)
        # sudo: as in start_call; the call is the agent's own
        self.sudo().write({**vals, "user_id": self.env.uid})
        return self.get_screen()

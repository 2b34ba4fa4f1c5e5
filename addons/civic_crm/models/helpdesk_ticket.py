# SPDX-License-Identifier: AGPL-3.0-or-later
from collections import namedtuple

import pytz
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, plaintext2html

from ..core import tracking_code
from .helpdesk_ticket_category import KINDS

STAFF_ONLY = "base.group_user"
#: Put into the context by closing with an answer; no client can send an object.
WITH_AN_ANSWER = object()
#: Given once, by the system.
FIXED_FIELDS = {
    "acknowledgement",
    "closed_date",
    "first_answered_at",
    "identity_checked_at",
    "identity_document",
    "identity_user_id",
    "is_shared",
    "legal_due_on",
    "number",
    "parent_case_id",
    "registered_at",
    "registry_number",
    "stage_before_end_id",
    "term_letter_on",
    "tracking_code",
}
#: How a case ended and what came after it: said by closing, by the citizen and by reopening, never by hand.
ENDING_FIELDS = {
    "confirmation",
    "confirmation_due",
    "confirmed_at",
    "denial_count",
    "evidence_ids",
    "outcome_id",
    "previous_id",
    "reason_id",
    "reason_text",
    "referral_id",
    "reopen_count",
}
#: What the citizen's page reads of a case, fetched together.
PUBLIC_FIELDS = (
    "category_id",
    "civic_zone_id",
    "closed_date",
    "company_id",
    "confirmation",
    "confirmation_due",
    "confirmed_at",
    "description",
    "filed_at",
    "legal_due_on",
    "name",
    "number",
    "outcome_id",
    "partner_id",
    "place",
    "promised_on",
    "reason_id",
    "reason_text",
    "referral_id",
    "registered_at",
    "registry_number",
    "stage_id",
    "team_id",
    "tracking_code",
)

PublicHistory = namedtuple(
    "PublicHistory", "order at field_id value_id body from_citizen files channel_id message_type"
)


class HelpdeskTicket(models.Model):
    """A case: one citizen's request, complaint or suggestion.

    Private to that citizen and the city. What the citizen may see of it is made by the
    ``_get_public_*`` methods, which return plain values and nothing else.
    """

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "mail.thread.blacklist"]
    _description = "Case"
    _primary_email = "partner_email"
    _mailing_enabled = True
    _order = "id desc"
    _rec_names_search = ["number", "registry_number", "tracking_code", "name"]

    # what is asked, where
    number = fields.Char(index="trigram")
    name = fields.Char(string="Subject", index="trigram")
    category_id = fields.Many2one(string="Service")
    civic_zone_id = fields.Many2one("civic.zone", string="Zone", index="btree_not_null", ondelete="restrict")
    place = fields.Char(help="Address or description of the place, as the citizen says it.")
    latitude = fields.Float(digits=(10, 7), help="Degrees north, WGS 84; 0 with longitude 0 means unknown.")
    longitude = fields.Float(digits=(10, 7), help="Degrees east, WGS 84.")
    kind = fields.Selection(
        KINDS,
        compute="_compute_kind",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="Given by the service; staff may set it right for one case.",
    )

    # who asks
    partner_id = fields.Many2one(string="Citizen", index="btree_not_null")
    # known before the row is written: the base writes them by a second UPDATE of every new case
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index="btree_not_null", precompute=True
    )
    email_normalized = fields.Char(compute="_compute_email_normalized", compute_sudo=True, store=True, precompute=True)
    partner_name = fields.Char(string="Name")
    partner_phone = fields.Char(string="Phone")
    tracking_code = fields.Char(
        readonly=True,
        copy=False,
        index="trigram",
        help="Whoever holds this code can follow the case on the city's website.",
    )
    tracking_url = fields.Char(compute="_compute_tracking_url")

    # who answers, by when
    team_id = fields.Many2one(string="Department", ondelete="restrict", tracking=True)
    user_id = fields.Many2one(
        string="Responsible",
        groups=STAFF_ONLY,
        domain="[('share', '=', False), '|', ('helpdesk_team_ids.is_front_desk', '=', True),"
        " ('helpdesk_team_ids', 'in', team_id and [team_id] + shared_team_ids or shared_team_ids)]",
    )
    filed_at = fields.Datetime(
        string="Filed",
        required=True,
        default=fields.Datetime.now,
        copy=False,
        tracking=True,
        help="When the request reached the city; a letter may be registered later.",
    )
    has_citizen_message = fields.Boolean(
        string="Citizen is waiting for an answer",
        copy=False,
        groups=STAFF_ONLY,
        help="The last message is the citizen's.",
    )

    first_answered_at = fields.Datetime(
        string="First answered",
        readonly=True,
        copy=False,
        help="When somebody of the city first wrote to the citizen.",
    )

    # how it ended
    outcome_id = fields.Many2one(
        "civic.case.outcome",
        copy=False,
        tracking=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    stage_id = fields.Many2one(string="State")
    unattended = fields.Boolean(related=None, compute="_compute_unattended", store=True)

    # how it came
    channel_id = fields.Many2one(index="btree_not_null")
    company_id = fields.Many2one(index=True)
    duplicate_id = fields.Many2one(index="btree_not_null", groups=STAFF_ONLY)
    acknowledgement = fields.Selection(
        [("none", "Not due"), ("to_send", "To send"), ("sent", "Sent")],
        default="none",
        required=True,
        readonly=True,
        copy=False,
        groups=STAFF_ONLY,
    )

    # the base's internal fields: not for a citizen who reads the own case over RPC
    access_token = fields.Char(groups=STAFF_ONLY)
    color = fields.Integer(groups=STAFF_ONLY, aggregator=None)
    kanban_state = fields.Selection(groups=STAFF_ONLY)
    priority = fields.Selection(groups=STAFF_ONLY)
    properties = fields.Properties(groups=STAFF_ONLY)
    sequence = fields.Integer(groups=STAFF_ONLY, aggregator=None)
    tag_ids = fields.Many2many(groups=STAFF_ONLY)

    _tracking_code_unique = models.UniqueIndex("(tracking_code)")
    _board_idx = models.Index("(stage_id, promised_on, priority DESC, id DESC) WHERE active IS TRUE")
    _acknowledgement_idx = models.Index("(id) WHERE acknowledgement = 'to_send'")

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("category_id")
    def _compute_kind(self):
        for case in self:
            case.kind = case.category_id._get_public_facts()["kind"] or case.kind or "notice"

    @api.depends("stage_id.unattended")
    def _compute_unattended(self):
        """As the base's related field, without reading the stage for each filing."""
        for case in self:
            case.unattended = case.stage_id._get_public_facts()["unattended"]

    def _compute_tracking_url(self):
        """The address of the citizen's page; the portal, where installed, has one."""
        self.tracking_url = False

    def _compute_access_url(self):
        """Mails to the citizen link to the tracking page, never to the base's portal."""
        res = super()._compute_access_url()
        for case in self:
            case.access_url = case.tracking_url or "#"
        return res

    @api.depends("number", "name")
    def _compute_display_name(self):
        for case in self:
            case.display_name = f"{case.number} · {case.name}" if case._origin else self.env._("New case")

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        """Who is known is reached as they are known, by telephone too."""
        result = super()._onchange_partner_id()
        if self.partner_id:
            self.partner_phone = self.partner_id.phone
        return result

    # ------------------------------------------------------------------
    # create, write, never unlink
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """Whoever types a case in is not its responsible: the department decides."""
        defaults = super().default_get(fields)
        if "default_user_id" not in self.env.context:
            defaults.pop("user_id", None)
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        if not self.env.su:
            for vals in vals_list:
                self._check_given_vals(vals)
        self._complete_create_vals(vals_list)
        return super().create(vals_list)

    def _check_given_vals(self, vals):
        """Refuse what nobody sets by hand, and cases nobody may name who may not read them.

        :raises AccessError: for a case the user may not read, or a fixed fact of this one
        """
        if vals.get("duplicate_id"):
            self.browse(vals["duplicate_id"]).check_access("read")
        closing = self.env.context.get("civic_closing") is WITH_AN_ANSWER
        by_hand = {name for name in ENDING_FIELDS & set(vals) if (self or vals[name]) and not closing}
        fixed = sorted(FIXED_FIELDS & set(vals) | by_hand)
        if fixed:
            raise AccessError(self.env._("These facts of a case are not changed: %s.", ", ".join(fixed)))

    def _complete_create_vals(self, vals_list):
        """Fill in what the base would look up for every single case of the batch.

        Also what only the city knows: the code, the service's department, the end of a
        case that is filed as closed already.
        """
        Service = self.env["helpdesk.ticket.category"]
        Team = self.env["helpdesk.ticket.team"]
        numbers = (
            self.env["ir.sequence"]
            .sudo()
            ._next_civic_case_numbers(sum(vals.get("number", "/") == "/" for vals in vals_list))
        )
        citizens = self.env["res.partner"].browse({vals["partner_id"] for vals in vals_list if vals.get("partner_id")})
        for vals in vals_list:
            citizen = citizens.browse(vals.get("partner_id")).with_prefetch(citizens._ids)
            if citizen and "partner_email" not in vals:
                vals["partner_email"] = citizen.email
            if citizen and "partner_name" not in vals:
                vals["partner_name"] = citizen.name
            vals.setdefault("tracking_code", tracking_code.new_code())
            if vals.get("number", "/") == "/":
                vals["number"] = next(numbers)
            service = Service.browse(vals.get("category_id"))
            if service:
                company_id = vals.get("company_id") or self.env.company.id
                department = vals.get("team_id") or service._find_department_id(vals.get("civic_zone_id"), company_id)
                vals.update({"team_id": department} if department else {})
                vals.setdefault("priority", service._get_public_facts()["default_priority"])
            if not vals.get("stage_id"):
                vals["stage_id"] = service._find_first_stage_id(vals.get("team_id"))
            if "default_user_id" not in self.env.context:
                vals.setdefault("user_id", False)
            self._complete_closing_vals(vals)
        # what creating asks of each department: read it of all, and no more
        Team.browse({vals["team_id"] for vals in vals_list if vals.get("team_id")}).fetch(
            ["company_id", "ticket_properties"]
        )

    def write(self, vals):
        """Closing says how it ended, reopening forgets it; *vals* is the caller's."""
        vals = dict(vals)
        if not self.env.su:
            self._check_given_vals(vals)
        if vals.get("stage_id"):
            self._complete_closing_vals(vals)
        return super().write(vals)

    def _complete_closing_vals(self, vals):
        stage = self.env["helpdesk.ticket.stage"].browse(vals["stage_id"])._get_public_facts()
        vals["unattended"] = stage["unattended"]  # else written by a second UPDATE
        if not stage["closed"]:
            vals["closed_date"] = vals["outcome_id"] = False
            return
        vals.setdefault("closed_date", fields.Datetime.now())
        has_outcome = vals.get("outcome_id") or (self and all(c.outcome_id for c in self))
        answered = self.env.su or self.env.context.get("civic_closing") is WITH_AN_ANSWER
        moved = not self or any(not case.closed_date for case in self)
        if moved and not (has_outcome and answered):
            raise UserError(
                self.env._(
                    "A case is closed with an outcome and an answer to the citizen."
                    " Open it and press “Answer and close”."
                )
            )

    def _check_may_close(self, outcome, reason):
        """Refuse what may not be closed so; called for the batch before anything is written.

        :param outcome: one ``civic.case.outcome``
        :param reason: why it is closed in spite of something, plain text, or nothing
        :raises UserError: saying what to do instead
        """

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("Cases are not deleted: the citizen may come back to them. Archive the case instead.")
        )

    # ------------------------------------------------------------------
    # actions
    # ------------------------------------------------------------------

    def action_answer_and_close(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer and close"),
            "res_model": "civic.case.close",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_ids": self.ids},
        }

    # ------------------------------------------------------------------
    # business
    # ------------------------------------------------------------------

    @api.model
    def _file_case(self, service, text, *, channel, **facts):
        """Register one case from a channel that has already checked its input.

        :param service: one ``helpdesk.ticket.category``
        :param str text: the request in plain text
        :param channel: one ``helpdesk.ticket.channel``
        :param facts: any of ``subject``, ``zone`` (``civic.zone``), ``place``,
            ``latitude`` and ``longitude`` (degrees; the zone follows when none is given), ``email``,
            ``name``, ``phone``, ``lang``, ``partner`` (known by a login; the three before
            are then ignored), ``tracking_code`` (when the citizen has it already),
            ``attachments`` (list of ``(name, bytes)``), ``answers`` (mapping of
            question code to one raw answer or a list of them), ``priority`` (by default the service's)
        :return: the case, in a superuser environment: a citizen has no right to create one
        :raises FilingError: what the service requires is missing or wrong; its ``errors`` tell by field
        """
        sudo = self.sudo()
        answers = self._check_filing(service, facts)
        partner = facts.get("partner") or self.env["res.partner"]._find_or_create_citizen(
            facts.get("email"), facts.get("name"), facts.get("phone"), facts.get("lang")
        )
        case = sudo.with_context(mail_create_nosubscribe=True, mail_create_nolog=True).create(
            {
                "name": facts.get("subject") or self._make_subject(service, facts),
                "description": plaintext2html(text),
                "category_id": service.id,
                "channel_id": channel.id,
                "company_id": (service.company_id or self.env.company).id,
                "civic_zone_id": facts["zone"].id if facts.get("zone") else False,
                "place": facts.get("place"),
                "latitude": facts.get("latitude") or 0,
                "longitude": facts.get("longitude") or 0,
                "partner_id": partner.id,
                "partner_name": facts.get("name") or partner.name,
                "partner_email": facts.get("email") or partner.email,
                "partner_phone": facts.get("phone") or (facts.get("partner") and partner.phone),
                "acknowledgement": "to_send" if partner.email else "none",
                **({"answer_ids": answers} if answers else {}),
                **({"priority": facts["priority"]} if facts.get("priority") else {}),
                **({"tracking_code": facts["tracking_code"]} if facts.get("tracking_code") else {}),
                **self._prepare_filed_vals(facts),
            }
        )
        case._subscribe_requester_of_new()
        if facts.get("attachments"):
            case._post_from_citizen("", facts["attachments"])
        case._schedule_acknowledgements()
        return case

    def _prepare_filed_vals(self, facts):
        """Return what else a case keeps of its filing; an addon that brings cases in adds its own."""
        return {}

    def _make_subject(self, service, facts):
        here = self.env.context.get("lang")
        zone = facts["zone"].with_context(lang=here) if facts.get("zone") else None
        place = facts.get("place") or (zone._get_public_facts()["name"] if zone else "")
        name = service.with_context(lang=here)._get_public_facts()["name"]
        return f"{name} · {place}" if place else name

    def _withdraw(self):
        """Close as withdrawn by the citizen; access has been checked by the caller."""
        outcome = self.env["civic.case.outcome"].search([("by_citizen", "=", True)], limit=1)
        if not outcome:
            raise UserError(self.env._("The city has not set how a case is withdrawn. Write to us."))
        self.write({"outcome_id": outcome.id, "stage_id": outcome.stage_id.id})

    # ------------------------------------------------------------------
    # what the citizen sees
    # ------------------------------------------------------------------

    def _get_public_summary(self):
        """Return the whitelisted facts of one case for its citizen's page.

        Dates and times are naive UTC, as stored; no staff name, no contact data.
        """
        self.ensure_one()
        stage = self.stage_id._get_public_facts()
        service = self.category_id._get_public_facts()
        outcome = self.outcome_id._get_public_facts()
        if stage["closed"]:
            kind = "solved" if outcome["is_solved"] else "ended"
        else:
            kind = "received" if stage["unattended"] else "working"
        return {
            "code": self.tracking_code,
            "number": self.number,
            "registry_number": self.registry_number,
            "registered_at": self.registered_at,
            "subject": self.name,
            "text": self.description,
            "service": service["name"],
            "zone": self.civic_zone_id._get_public_facts()["complete_name"],
            "place": self.place,
            "department": self.team_id._get_public_facts()["name"],
            "state": stage["public_name"] or stage["name"],
            "explanation": stage["public_explanation"],
            #: received, working, solved or ended: picks shape and colour
            "kind": kind,
            "closed": stage["closed"],
            "outcome": outcome["name"],
            **self._get_public_ending(),
            "filed_at": self.filed_at,
            "closed_at": self.closed_date,
            "promised_on": self.promised_on,
            "overdue": self._is_past_due(self._get_city_today()),
        }

    def _get_public_timeline(self):
        """Return the story of one case, newest first, as the citizen may read it.

        A list of dicts: ``at`` (naive UTC), ``order`` (within the same second), ``kind`` (``filed``, ``state``,
        ``department``, ``citizen`` or ``answer``), ``text`` (str, or Markup for messages),
        ``files`` (list of ``{"id", "name"}``). Notes between staff are not in it.
        """
        self.ensure_one()
        filed = {"at": self.filed_at, "order": 0, "kind": "filed", "text": "", "files": []}
        events = [filed]
        for row in self._read_public_history():
            event = self._make_public_change(row) if row.field_id else self._make_public_message(row)
            if event["kind"] == "citizen" and not event["text"]:
                filed["files"] += event["files"]  # photos sent with the form
            elif event["text"] or event["files"]:  # what has been deleted since has no name
                events.append(dict(event, at=row.at, order=row.order))
        return sorted(events, key=lambda event: (event["at"], event["order"]), reverse=True)

    def _get_public_file_ids(self):
        """Return the ids of the files of the correspondence; those of staff's notes are not among them."""
        return {file["id"] for row in self._read_public_history() for file in row.files or ()}

    def _read_public_history(self):
        """Read messages between the citizen and the city, and changes of state and department, in one query.

        What is internal stays inside: notes, logs and messages to staff are left out here and nowhere else.
        Returns ``PublicHistory`` rows in no order; those of a change have a ``field_id``.
        """
        self.ensure_one()
        self.env["mail.message"].flush_model()
        self.env["mail.tracking.value"].flush_model()
        get_field = self.env["ir.model.fields"]._get
        rows = self.env.execute_query(
            SQL(
                """
                SELECT message.id, message.date, value.field_id, value.new_value_integer, message.body,
                       author.id IS NULL OR author.partner_share OR author.id = %(citizen)s,
                       (SELECT json_agg(json_build_object('id', file.id, 'name', file.name) ORDER BY file.id)
                          FROM message_attachment_rel AS link
                          JOIN ir_attachment AS file ON file.id = link.attachment_id
                         WHERE link.message_id = message.id AND value.id IS NULL),
                       message.civic_channel_id, message.message_type
                  FROM mail_message AS message
                  LEFT JOIN res_partner AS author ON author.id = message.author_id
                  LEFT JOIN mail_tracking_value AS value
                         ON value.mail_message_id = message.id
                        AND value.field_id IN %(fields)s AND value.new_value_integer > 0
                 WHERE message.model = %(model)s AND message.res_id = %(case)s
                   AND (value.id IS NOT NULL
                        OR message.subtype_id = %(subtype)s AND message.is_internal IS NOT TRUE
                           AND message.message_type IN ('comment', 'email'))
                """,
                citizen=self.partner_id.id or None,
                fields=tuple(get_field(self._name, name).id for name in ("stage_id", "team_id")),
                model=self._name,
                case=self.id,
                subtype=self._get_comment_subtype_id(),
            )
        )
        return [PublicHistory(*row) for row in rows]

    def _make_public_message(self, row):
        return {
            "kind": "citizen" if row.from_citizen else "answer",
            # sanitised when it was written, as every mail.message body is
            "text": Markup(row.body or ""),  # noqa: S704
            "files": row.files or [],
            "channel": self._get_public_channel(row),
        }

    def _make_public_change(self, row):
        if row.field_id == self.env["ir.model.fields"]._get(self._name, "stage_id").id:
            facts = self.env["helpdesk.ticket.stage"].browse(row.value_id)._get_public_facts()
            return {"kind": "state", "text": facts["public_name"] or facts["name"], "files": []}
        facts = self.env["helpdesk.ticket.team"].browse(row.value_id)._get_public_facts()
        return {"kind": "department", "text": facts["name"], "files": []}

    def _get_comment_subtype_id(self):
        return self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")

    @api.model
    def _find_by_tracking_code(self, text):
        """Return the case (superuser) whose code was typed as *text*, or an empty one."""
        code = tracking_code.normalise(text)
        if not code:
            return self.sudo().browse()
        # sudo: whoever holds the code may follow the case; pages show its public facts
        found = [("tracking_code", "=", code), ("parent_case_id", "=", False)]
        return self.sudo().search_fetch(found, PUBLIC_FIELDS, limit=1)

    @api.model
    def _to_city_time(self, moment):
        """Return a naive UTC datetime in the city's time zone."""
        return pytz.utc.localize(moment).astimezone(self.env.company._get_city_zone())

    @api.model
    def _get_city_today(self):
        return self._to_city_time(fields.Datetime.now()).date()

    # ------------------------------------------------------------------
    # boards
    # ------------------------------------------------------------------

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        """Show the stages of the departments on the board, in one query."""
        shown = [self.env.context.get("default_team_id") or False]
        return stages.search(Domain("id", "in", stages.ids) | Domain("team_ids", "in", [False, *shown]))

# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, formataddr, is_html_empty

from ..core import enquiries
from ..core.citizen_file import MAX_FILES, RefusedFile, clean

#: Put into the context by finishing with an outcome; no client can send an object.
WITH_AN_OUTCOME = object()
#: Counted by the system.
FIXED_FIELDS = {"enquiry_outcome_id", "first_contact_resolution", "handling_ended_at", "handovers", "is_enquiry"}


class CrmLead(models.Model):
    """An enquiry: a contact that needs an answer but is no case (yet).

    Enquiries are leads of a front desk. They go their own way, new to done, beside Odoo's
    stages, which stay those of sales; and they are none of sales' business.
    """

    _inherit = "crm.lead"

    STATES = [
        ("new", "New"),
        ("in_hand", "In hand"),
        ("waiting", "Waiting"),
        ("done", "Done"),
    ]

    is_enquiry = fields.Boolean(string="Enquiry", readonly=True, help="Of a front desk, not of sales.")
    enquiry_state = fields.Selection(
        STATES, string="Progress", default="new", required=True, copy=False, group_expand=True
    )
    has_citizen_message = fields.Boolean(
        string="Citizen is waiting for an answer", copy=False, help="The last message is the citizen's."
    )

    # what is asked, and how it came
    channel_id = fields.Many2one("helpdesk.ticket.channel", index="btree_not_null")
    topic_id = fields.Many2one("civic.topic", index="btree_not_null")
    category_id = fields.Many2one(
        "helpdesk.ticket.category",
        string="Service",
        index="btree_not_null",
        help="The service it is probably about; proposed when it is turned into a case.",
    )
    civic_zone_id = fields.Many2one("civic.zone", string="Zone", index="btree_not_null", ondelete="restrict")
    received_at = fields.Datetime(
        string="Received", required=True, default=fields.Datetime.now, copy=False, help="When it reached the city."
    )
    received_hour = fields.Integer(
        string="Hour of the day",
        compute="_compute_received_hour",
        store=True,
        precompute=True,
        aggregator=None,
        help="In the city's time: 9 is from nine to ten.",
    )

    # how it was handled
    handling_started_at = fields.Datetime(
        string="Taken", copy=False, help="When somebody took it; a call: when its form was opened."
    )
    handling_ended_at = fields.Datetime(string="Finished", readonly=True, copy=False)
    seconds_spent = fields.Integer(
        string="Seconds", copy=False, aggregator="avg", help="What answering took, all times together."
    )
    handovers = fields.Integer(readonly=True, copy=False, help="How often it went from one person to another.")
    enquiry_outcome_id = fields.Many2one(
        "civic.enquiry.outcome", string="Outcome", readonly=True, copy=False, ondelete="restrict", tracking=True
    )
    first_contact_resolution = fields.Boolean(
        string="Answered at first contact",
        readonly=True,
        copy=False,
        help="Answered by whoever took it, no case made of it, and the person did not come back about it.",
    )
    first_contact_rate = fields.Float(
        string="At first contact",
        compute="_compute_first_contact_rate",
        store=True,
        aggregator="avg",
        help="The share answered at first contact.",
    )
    front_desk_lead_id = fields.Many2one(related="team_id.user_id", string="Lead of the front desk", related_sudo=True)
    case_ids = fields.One2many("helpdesk.ticket", "enquiry_id", string="Cases")
    case_count = fields.Integer(compute="_compute_case_count")

    _enquiry_board_idx = models.Index("(enquiry_state, received_at, id) WHERE is_enquiry IS TRUE AND active IS TRUE")

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("received_at")
    def _compute_received_hour(self):
        to_city_time = self.env["helpdesk.ticket"]._to_city_time
        for lead in self:
            lead.received_hour = to_city_time(lead.received_at or fields.Datetime.now()).hour

    @api.depends("first_contact_resolution")
    def _compute_first_contact_rate(self):
        for lead in self:
            lead.first_contact_rate = 1.0 if lead.first_contact_resolution else 0.0

    @api.depends("case_ids")
    def _compute_case_count(self):
        # sudo: how many there are, for whoever may read the enquiry
        groups = (
            self.env["helpdesk.ticket"]
            .sudo()
            ._read_group([("enquiry_id", "in", self.ids)], ["enquiry_id"], ["__count"])
        )
        counts = {enquiry.id: count for enquiry, count in groups}
        for lead in self:
            lead.case_count = counts.get(lead.id, 0)

    @api.depends("is_enquiry")
    def _compute_team_id(self):
        """Whoever takes an enquiry leaves it with the front desk."""
        enquiries_only = self.filtered("is_enquiry")
        return super(CrmLead, self - enquiries_only)._compute_team_id()

    def _inverse_email_from(self):
        """What is typed at the desk overwrites nobody's address: the caller may be somebody else."""
        return super(CrmLead, self.filtered(lambda lead: not lead.is_enquiry))._inverse_email_from()

    def _inverse_phone(self):
        return super(CrmLead, self.filtered(lambda lead: not lead.is_enquiry))._inverse_phone()

    # ------------------------------------------------------------------
    # create and write
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """A form opened for a call starts the clock."""
        defaults = super().default_get(fields_list)
        if self.env.context.get("default_is_enquiry") and "handling_started_at" in fields_list:
            defaults["handling_started_at"] = fields.Datetime.now()
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        teams = self.env["crm.team"].browse({vals["team_id"] for vals in vals_list if vals.get("team_id")})
        front_desks = set(teams.sudo().filtered("is_front_desk").ids)
        by_default = self.env.context.get("default_is_enquiry")
        for vals in vals_list:
            if vals.get("is_enquiry", by_default) or vals.get("team_id") in front_desks:
                self._complete_enquiry_vals(vals)
        return super().create(vals_list)

    def _complete_enquiry_vals(self, vals):
        vals.update(is_enquiry=True, type="lead")
        vals["team_id"] = vals.get("team_id") or self.env["crm.team"]._find_front_desk_id(self.env.company.id)
        if not vals.get("name"):
            topic = self.env["civic.topic"].browse(vals.get("topic_id"))
            vals["name"] = topic._get_public_facts()["name"] or self.env._("Enquiry")
        if not self.env.su:
            for name in FIXED_FIELDS - {"is_enquiry"}:
                vals.pop(name, None)
            if vals.get("enquiry_state") == "done":
                vals["enquiry_state"] = "new"

    def write(self, vals):
        """An enquiry ends with an outcome; taking one starts the clock."""
        if not self._concerns_enquiries(vals):
            return super().write(vals)
        if not self.env.su and FIXED_FIELDS & set(vals) and not self._is_finishing():
            raise AccessError(
                self.env._(
                    "These facts of an enquiry are not set by hand: %s.", ", ".join(sorted(FIXED_FIELDS & set(vals)))
                )
            )
        if vals.get("enquiry_state") == "done" and not self._is_finishing():
            raise UserError(
                self.env._("An enquiry ends with an outcome. Press “Answer” or “Turn into cases” on its form.")
            )
        vals = dict(vals)
        if vals.get("enquiry_state") == "in_hand":
            vals.setdefault("handling_started_at", fields.Datetime.now())
            if not vals.get("user_id") and not any(lead.user_id for lead in self):
                vals["user_id"] = self.env.uid
        if "user_id" in vals:
            self._count_handovers(vals["user_id"])
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_no_enquiry(self):
        if any(lead.is_enquiry for lead in self):
            raise UserError(
                self.env._("Enquiries are not deleted: they are counted. Finish it as spam, or archive it.")
            )

    def _concerns_enquiries(self, vals):
        watched = {"enquiry_state", "user_id"} | FIXED_FIELDS
        return bool(watched & set(vals)) and any(lead.is_enquiry for lead in self)

    def _is_finishing(self):
        return self.env.context.get("civic_finishing") is WITH_AN_OUTCOME

    def _count_handovers(self, user_id):
        # sudo: counted by the system, for whoever may write the enquiry
        for lead in self.sudo():
            if lead.user_id and user_id and lead.user_id.id != user_id:
                lead.handovers += 1

    def _assign_userless_lead_in_team(self, creation_source):
        """Nobody has an enquiry before taking it."""
        return super(CrmLead, self.filtered(lambda lead: not lead.is_enquiry))._assign_userless_lead_in_team(
            creation_source
        )

    def get_formview_id(self, access_uid=None):
        if len(self) == 1 and self.is_enquiry:
            return self.env.ref("civic_crm.crm_lead_view_form_enquiry").id
        return super().get_formview_id(access_uid=access_uid)

    # ------------------------------------------------------------------
    # actions
    # ------------------------------------------------------------------

    def action_take(self):
        """Take enquiries in hand; the clock runs from here."""
        self.write({"user_id": self.env.uid, "enquiry_state": "in_hand", "handling_started_at": fields.Datetime.now()})

    def action_answer(self):
        return self._open_dialogue(self.env._("Answer"), "civic.enquiry.answer")

    def action_turn_into_cases(self):
        return self._open_dialogue(self.env._("Turn into cases"), "civic.enquiry.convert")

    def _open_dialogue(self, name, model):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_enquiry_id": self.id},
        }

    def action_spam(self):
        """Put away what nobody has to answer."""
        outcome = self.env["civic.enquiry.outcome"].search([("kind", "=", "spam")], limit=1)
        if not outcome:
            raise UserError(self.env._("There is no outcome for spam. Ask the administrator to add one."))
        self._finish(outcome, 0)

    def action_reopen(self):
        """Take up again what was finished too early."""
        self.check_access("write")
        # sudo: an outcome is taken back as a whole
        self.sudo().write(
            {
                "enquiry_state": "in_hand",
                "enquiry_outcome_id": False,
                "first_contact_resolution": False,
                "handling_started_at": fields.Datetime.now(),
            }
        )

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_crm.helpdesk_ticket_action")
        return action | {"domain": [("enquiry_id", "=", self.id)], "context": {}}

    # ------------------------------------------------------------------
    # business
    # ------------------------------------------------------------------

    def _finish(self, outcome, seconds):
        """End enquiries with an outcome, and judge whether the first contact was enough.

        :param outcome: one ``civic.enquiry.outcome``
        :param int seconds: what it took this time, added to what it took before
        """
        for lead in self:
            lead.with_context(civic_finishing=WITH_AN_OUTCOME).write(
                {
                    "enquiry_state": "done",
                    "enquiry_outcome_id": outcome.id,
                    "handling_ended_at": fields.Datetime.now(),
                    "seconds_spent": lead.seconds_spent + seconds,
                    "user_id": lead.user_id.id or self.env.uid,
                    "has_citizen_message": False,
                    "first_contact_resolution": enquiries.is_first_contact(
                        answers=outcome.is_answer, cases=lead.case_count, handovers=lead.handovers
                    ),
                }
            )
        if outcome.kind != "spam":
            self._review_first_contacts()

    def _review_first_contacts(self):
        """Whoever comes back about the same was not answered the first time: take that back."""
        leads = self.filtered("partner_id")
        if not leads:
            return
        within = max(leads.team_id.sudo().mapped("first_contact_days"), default=0)
        # sudo: the figures are the city's, not only of those whose enquiries one may write
        earlier = leads.sudo().search(
            Domain("partner_id", "in", leads.partner_id.ids)
            & Domain("first_contact_resolution", "=", True)
            & Domain("handling_ended_at", ">=", min(leads.mapped("received_at")) - timedelta(days=within))
        )
        for lead in leads:
            days = lead.team_id.sudo().first_contact_days
            earlier.filtered(lambda first, lead=lead, days=days: lead._comes_back_after(first, days)).write(
                {"first_contact_resolution": False}
            )

    def _comes_back_after(self, first, days):
        """Return whether this is a second contact about what *first* answered."""
        if first == self or first.partner_id != self.partner_id or not first.handling_ended_at:
            return False
        between = (self.received_at - first.handling_ended_at).total_seconds() / 86400
        return enquiries.is_second_contact(first.topic_id.id, self.topic_id.id, days_between=between, within=days)

    def _get_citizen(self):
        """Return the citizen who asks, made from the address when there is none yet."""
        self.ensure_one()
        if not self.partner_id and self.email_from:
            self.partner_id = self.env["res.partner"]._find_or_create_citizen(
                self.email_from, self.contact_name, self.phone, self.lang_code
            )
        return self.partner_id

    def _get_citizen_files(self):
        """Return ``(name, bytes)`` of what the citizen sent, made harmless; the rest is left where it is."""
        self.ensure_one()
        internal = self.message_ids.filtered(
            lambda message: message.is_internal or any(not user.share for user in message.author_id.sudo().user_ids)
        )
        files = []
        # sudo: files of messages of an enquiry the user may read
        for attachment in (self.message_ids - internal).sudo().attachment_ids[:MAX_FILES]:
            try:
                files.append(clean(attachment.name, attachment.raw or b""))
            except RefusedFile:
                continue
        return files

    # ------------------------------------------------------------------
    # mail in and out
    # ------------------------------------------------------------------

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A mail to a front desk is an enquiry of its sender, and of nobody in copy."""
        team = self.env["crm.team"].sudo().browse((custom_values or {}).get("team_id") or [])
        if not team.is_front_desk:
            return super().message_new(msg_dict, custom_values)
        citizen = self.env["res.partner"]
        if not self.env.context.get("civic_forged_sender"):
            citizen = citizen._find_or_create_citizen(msg_dict.get("email_from") or msg_dict.get("from"))
        values = dict(
            custom_values,
            channel_id=self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_email").id,
            partner_id=citizen.id,
            description=msg_dict.get("body"),
            has_citizen_message=True,
            user_id=False,
        )
        if citizen:
            msg_dict["author_id"] = citizen.id
        return super().message_new(msg_dict, values)

    def message_update(self, msg_dict, update_vals=None):
        """Whoever writes again was not answered; a stranger's words are a note for staff."""
        result = super().message_update(msg_dict, update_vals)
        for lead in self.filtered("is_enquiry"):
            if lead._is_asked_by(msg_dict):
                lead._come_back()
            else:
                msg_dict["is_internal"] = True
        return result

    def _is_asked_by(self, msg_dict):
        if self.env.context.get("civic_forged_sender"):
            return False
        address = email_normalize(msg_dict.get("email_from") or msg_dict.get("from"))
        return bool(address) and address in (self.email_normalized, self.partner_id.email_normalized)

    def _come_back(self):
        """Put an enquiry on the board again, as the citizen wrote once more."""
        # sudo: the gateway writes, whoever it runs as
        vals = {"has_citizen_message": True, "first_contact_resolution": False}
        if self.enquiry_state in ("done", "waiting"):
            vals["enquiry_state"] = "in_hand" if self.user_id else "new"
        self.sudo().write(vals)

    def _send_answer(self, answer):
        """Mail the answer to the citizen in the front desk's name; without an address keep it as a note.

        :param answer: Markup or HTML as the answer box gives it
        :return: True when it was sent
        """
        self.ensure_one()
        if is_html_empty(answer):
            return False
        citizen = self._get_citizen()
        if not citizen.email:
            self.message_post(body=answer, subtype_xmlid="mail.mt_note")
            return False
        self.message_post(
            body=answer,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=citizen.ids,
            email_layout_xmlid="mail.mail_notification_light",
            email_add_signature=False,
            **self._get_answer_sender(),
        )
        return True

    def _get_answer_sender(self):
        """Return in whose name the front desk writes; its own address, so that a reply reaches it."""
        # sudo: the address of a team is no secret; its name as the citizen knows it
        team = self.team_id.sudo().with_context(lang=self.partner_id.lang or self.env.lang)
        address = team.alias_email or self.env.company.email
        if not address:
            return {}
        return {"email_from": formataddr((team.name, address)), "author_id": self.env.user.partner_id.id}

    def _notify_get_reply_to(self, default=None, author_id=False):
        """The front desk is named as each citizen knows it."""
        found = {}
        for lang, leads in self.grouped(lambda lead: lead.partner_id.lang or self.env.lang).items():
            theirs = super(CrmLead, leads.with_context(lang=lang))
            found.update(theirs._notify_get_reply_to(default=default, author_id=author_id))
        return found or super()._notify_get_reply_to(default=default, author_id=author_id)

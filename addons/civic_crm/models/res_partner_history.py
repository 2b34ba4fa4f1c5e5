# SPDX-License-Identifier: AGPL-3.0-or-later
"""One citizen seen whole: figures, history, and who may be the same person."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

STAFF_ONLY = "base.group_user"
#: Events shown on the form; the whole history is a list of its own.
EVENTS_SHOWN = 200


class ResPartner(models.Model):
    _inherit = "res.partner"

    civic_event_ids = fields.One2many(
        "civic.citizen.event", compute="_compute_civic_event_ids", string="History", groups=STAFF_ONLY
    )
    civic_enquiry_count = fields.Integer(compute="_compute_civic_counts", string="Enquiries", groups=STAFF_ONLY)
    civic_consent_count = fields.Integer(compute="_compute_civic_counts", string="Consents", groups=STAFF_ONLY)
    civic_membership_count = fields.Integer(compute="_compute_civic_counts", string="Memberships", groups=STAFF_ONLY)
    civic_representation_count = fields.Integer(
        compute="_compute_civic_counts", string="Representations", groups=STAFF_ONLY
    )
    civic_distinct_ids = fields.Many2many(
        "res.partner",
        "civic_distinct_rel",
        "one_id",
        "two_id",
        string="Told apart from",
        copy=False,
        groups=STAFF_ONLY,
        help="Looked like the same person and is not: the older entry holds the newer one.",
    )
    civic_twin_ids = fields.Many2many(
        "res.partner", compute="_compute_civic_twin_ids", string="May be the same person", groups=STAFF_ONLY
    )
    civic_has_twin = fields.Boolean(
        string="Possible duplicate",
        compute="_compute_civic_twin_ids",
        search="_search_civic_has_twin",
        groups=STAFF_ONLY,
    )

    # ------------------------------------------------------------------
    # history
    # ------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_civic_event_ids(self):
        Event = self.env["civic.citizen.event"]
        self.civic_event_ids = Event
        if not Event.has_access("read"):
            return
        for partner in self:  # one after the other: the form shows one
            if partner._origin.id:
                partner.civic_event_ids = Event.search([("partner_id", "=", partner._origin.id)], limit=EVENTS_SHOWN)

    def action_view_events(self):
        """Open the whole history, with filters."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_crm.civic_citizen_event_action")
        return action | {"domain": [("partner_id", "=", self.id)], "display_name": self.display_name}

    # ------------------------------------------------------------------
    # figures
    # ------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_civic_counts(self):
        """Count, one query for each figure, what the user may read of each."""
        enquiries = self._count_by("crm.lead", ["partner_id"], [("type", "=", "lead")])
        consents = self._count_by("civic.consent", ["partner_id"])
        memberships = self._count_by("civic.membership", ["partner_id", "group_id"])
        representations = self._count_by("civic.representation", ["representative_id", "represented_id"])
        for partner in self:
            partner.civic_enquiry_count = enquiries.get(partner.id, 0)
            partner.civic_consent_count = consents.get(partner.id, 0)
            partner.civic_membership_count = memberships.get(partner.id, 0)
            partner.civic_representation_count = representations.get(partner.id, 0)

    def _count_by(self, model, names, domain=()):
        """Return a dict, partner id → number of records that point to it by one of the fields *names*."""
        counts = {}
        Model = self.env[model]
        if not self.ids or not Model.has_access("read"):
            return counts
        for name in names:
            for partner, count in Model._read_group([*domain, (name, "in", self.ids)], [name], ["__count"]):
                counts[partner.id] = counts.get(partner.id, 0) + count
        return counts

    def _open_civic(self, xmlid, domain, **context):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return action | {"domain": domain, "context": context, "display_name": self.display_name}

    def action_view_cases(self):
        """Open this citizen's cases; a new one is theirs."""
        return self._open_civic(
            "civic_crm.helpdesk_ticket_action_of_citizen",
            [("partner_id", "=", self.id)],
            default_partner_id=self.id,
            search_default_open=1,
        )

    def action_view_enquiries(self):
        return self._open_civic(
            "crm.crm_lead_all_leads",
            [("partner_id", "=", self.id), ("type", "=", "lead")],
            default_partner_id=self.id,
            default_type="lead",
        )

    def action_view_consents(self):
        return self._open_civic(
            "civic_crm.civic_consent_action", [("partner_id", "=", self.id)], default_partner_id=self.id
        )

    def action_view_memberships(self):
        side = "group_id" if self.is_company else "partner_id"
        return self._open_civic(
            "civic_crm.civic_membership_action",
            ["|", ("partner_id", "=", self.id), ("group_id", "=", self.id)],
            **{f"default_{side}": self.id},
        )

    def action_view_representations(self):
        side = "represented_id" if self.is_company else "representative_id"
        return self._open_civic(
            "civic_crm.civic_representation_action",
            ["|", ("representative_id", "=", self.id), ("represented_id", "=", self.id)],
            **{f"default_{side}": self.id},
        )

    # ------------------------------------------------------------------
    # the same person twice
    # ------------------------------------------------------------------

    @api.depends("email", "phone", "name", "civic_zone_id", "is_citizen")
    def _compute_civic_twin_ids(self):
        """Find, in one query for each citizen, who has the same address or phone, or a like name close by."""
        self.civic_twin_ids = self.browse()
        self.civic_has_twin = False
        for partner in self.filtered("is_citizen"):
            twins = partner._find_twins()
            partner.civic_twin_ids = twins
            partner.civic_has_twin = bool(twins)

    def _find_twins(self):
        """Return at most five other citizens who may be this one; the signs are those of the list of duplicates."""
        self.ensure_one()
        # sudo: that two birth dates are the same is said, not the date
        me, known = self.sudo(), self._origin.sudo()
        signs = [Domain(name, "=", me[name]) for name in ("email_normalized", "phone_sanitized") if me[name]]
        if me.civic_name_key:
            signs.append(Domain("civic_name_key", "=", me.civic_name_key) & me._get_near_domain())
        others = Domain("id", "not in", [*known.ids, *known.civic_distinct_ids.ids])
        if known.ids:
            others &= Domain("civic_distinct_ids", "not in", known.ids)
        alike = Domain("is_citizen", "=", True) & Domain("is_company", "=", me.is_company)
        found = known.search(Domain.OR(signs) & others & alike, limit=5)
        return self.browse(found.ids)._filtered_access("read")

    def _get_near_domain(self):
        """Return who was born on the same day, or lives in the same zone and is not known to be born on another."""
        born, zone = self.civic_birth_date, self.civic_zone_id._origin.id
        near = Domain("civic_zone_id", "=", zone) if zone else Domain.FALSE
        if born:
            near = Domain("civic_birth_date", "=", born) | near & Domain("civic_birth_date", "=", False)
        return near

    @api.model
    def _search_civic_has_twin(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        pairs = self.env["civic.citizen.duplicate"]._table_query
        return Domain(
            "id", "in", SQL("(SELECT unnest(ARRAY[pair.partner_id, pair.other_id]) FROM (%s) AS pair)", pairs)
        )

    def action_merge_with(self):
        """Look at this citizen beside another entry and merge them; the likeliest other is offered."""
        self.ensure_one()
        twin = self.civic_twin_ids[:1]
        context = {"active_model": "res.partner", "active_ids": [self.id, twin.id]} if twin else {}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge two citizens"),
            "res_model": "civic.citizen.join",
            "view_mode": "form",
            "target": "new",
            "context": context or {"default_kept_id": self.id},
        }

    def action_tell_apart(self):
        """Say that nobody offered is this citizen."""
        self.ensure_one()
        for twin in self.civic_twin_ids:
            self._tell_apart(twin)

    def _tell_apart(self, other):
        """Remember that two entries are two people; said in the chatter of both."""
        (self | other).check_access("write")
        one, two = sorted((self, other), key=lambda partner: partner.id)
        one.civic_distinct_ids = [(4, two.id)]
        one._message_log(body=self.env._("Looked like %s and is somebody else.", two.display_name))
        two._message_log(body=self.env._("Looked like %s and is somebody else.", one.display_name))

    def get_formview_id(self, access_uid=None):
        """Staff opens a citizen in the citizen's form, from wherever it is opened."""
        if self and all(partner.is_citizen for partner in self) and self.env.user.has_group("civic_crm.group_worker"):
            return self.env.ref("civic_crm.res_partner_view_form_citizen").id
        return super().get_formview_id(access_uid=access_uid)

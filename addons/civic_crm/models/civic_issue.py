# SPDX-License-Identifier: AGPL-3.0-or-later
import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import citizen_file, duplicates, places

#: Given by the system, by the cases, or by the people who say "me too".
FIXED_FIELDS = {"case_ids", "code", "me_too_count", "published_at", "published_by_id"}
#: What the public page reads of an issue, fetched together.
PUBLIC_FIELDS = (
    "case_count",
    "category_id",
    "civic_zone_id",
    "code",
    "description",
    "first_reported_at",
    "latitude",
    "longitude",
    "name",
    "place",
    "state",
    "state_since",
    "supporter_count",
    "team_id",
    "updated_at",
)


class CivicIssue(models.Model):
    """An issue: the public fact behind one or many cases.

    Each case stays its citizen's and private. The issue says what everybody may know: what,
    where, since when, in whose hands. Nothing a citizen wrote gets into it unless staff puts it
    there.
    """

    _name = "civic.issue"
    _inherit = "civic.duplicates"
    _description = "Issue"
    _order = "id desc"
    _rec_names_search = ["code", "name", "place"]
    _reported_at = "last_reported_at"

    STATES = [
        ("open", "Not started"),
        ("in_progress", "In progress"),
        ("solved", "Solved"),
        ("closed", "Closed unsolved"),
    ]

    # what the public reads
    code = fields.Char(readonly=True, copy=False, help="By this code the public names the issue.")
    name = fields.Char(
        string="Title",
        index="trigram",
        help="Empty: the service and the place. Write no names and nothing about a person.",
    )
    default_title = fields.Char(compute="_compute_display_name")
    description = fields.Text(help="What everybody may know, in staff's words.")
    photo = fields.Image(max_width=1920, max_height=1920, help="A photo that shows no person and no number plate.")
    category_id = fields.Many2one("helpdesk.ticket.category", string="Service", required=True, ondelete="restrict")
    civic_zone_id = fields.Many2one("civic.zone", string="Zone", index="btree_not_null", ondelete="restrict")
    place = fields.Char(help="Where it is, as the public reads it. Check that no name or door number stands in it.")
    latitude = fields.Float(digits=(10, 7), help="Degrees north, WGS 84, rounded as the service demands.")
    longitude = fields.Float(digits=(10, 7), help="Degrees east, WGS 84, rounded as the service demands.")
    state = fields.Selection(
        STATES,
        group_expand=True,
        required=True,
        default="open",
        compute="_compute_from_cases",
        store=True,
        readonly=False,
        help="Follows the cases. Set by hand, it holds until one of them changes.",
    )
    first_reported_at = fields.Datetime(string="First reported", compute="_compute_from_cases", store=True)
    last_reported_at = fields.Datetime(string="Last reported", compute="_compute_from_cases", store=True)
    state_since = fields.Datetime(
        string="In this state since", compute="_compute_from_cases", store=True, help="When it last changed its state."
    )
    updated_at = fields.Datetime(
        string="Last change",
        compute="_compute_from_cases",
        store=True,
        help="When a case was added or moved on.",
    )

    # who answers
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        compute="_compute_from_cases",
        store=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Who has the newest open case.",
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)

    # what stands behind it
    case_ids = fields.One2many("helpdesk.ticket", "issue_id", string="Cases")
    case_count = fields.Integer(string="Reports", compute="_compute_from_cases", store=True)
    me_too_count = fields.Integer(
        string="“Me too”", readonly=True, copy=False, help="People who said so without filing a case."
    )
    supporter_count = fields.Integer(
        string="People affected",
        compute="_compute_supporter_count",
        store=True,
        help="Those who filed a case and those who said “me too”.",
    )
    citizen_count = fields.Integer(compute="_compute_from_cases", store=True)
    link_ids = fields.One2many("civic.issue.link", "issue_id", string="Links")

    # who says it may be seen
    is_published = fields.Boolean(
        string="Published",
        copy=False,
        help="Shown on the public map and in open data. The cases behind it never are.",
    )
    published_at = fields.Datetime(string="Published on", readonly=True, copy=False)
    published_by_id = fields.Many2one(
        "res.users", string="Published by", readonly=True, copy=False, help="Empty: by the rule of the service."
    )

    _code_unique = models.UniqueIndex("(code)")
    _near_idx = models.Index(
        "(category_id, latitude, longitude) WHERE active IS TRUE AND state IN ('open', 'in_progress')"
    )
    _published_idx = models.Index("(updated_at DESC, id DESC) WHERE is_published IS TRUE AND active IS TRUE")
    _published_reported_idx = models.Index(
        "(first_reported_at DESC, id DESC) WHERE is_published IS TRUE AND active IS TRUE"
    )
    _published_state_idx = models.Index("(state_since, id) WHERE is_published IS TRUE AND active IS TRUE")

    # ------------------------------------------------------------------
    # computed
    # ------------------------------------------------------------------

    @api.depends("name", "code", "category_id", "civic_zone_id", "place")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for issue in self:
            issue.default_title = issue._make_title()
            title = issue.name or issue.default_title
            issue.display_name = f"{issue.code} · {title}" if issue.code else title

    @api.depends(
        "case_ids.active",
        "case_ids.closed_date",
        "case_ids.filed_at",
        "case_ids.last_stage_update",
        "case_ids.outcome_id",
        "case_ids.partner_id",
        "case_ids.team_id",
        "case_ids.unattended",
    )
    def _compute_from_cases(self):
        """Take over what the cases say; without a case all stays as it was."""
        for issue in self:
            cases = issue.case_ids.filtered("active").sorted("filed_at")
            issue.case_count = len(cases)
            issue.citizen_count = len(cases.partner_id) + len(cases.filtered(lambda case: not case.partner_id))
            if not cases:
                issue.state = issue.state or "open"
                issue.team_id = issue.team_id
                for name in ("first_reported_at", "last_reported_at", "updated_at", "state_since"):
                    issue[name] = issue[name] or fields.Datetime.now()
                continue
            issue.first_reported_at = cases[0].filed_at
            issue.last_reported_at = cases[-1].filed_at
            issue.updated_at = max(max(case.last_stage_update or case.filed_at, case.filed_at) for case in cases)
            state = cases._get_issue_state()
            if state != issue.state or not issue.state_since:
                issue.state_since = issue.updated_at
            else:
                issue.state_since = issue.state_since
            issue.state = state
            open_cases = cases.filtered(lambda case: not case.closed_date)
            issue.team_id = ((open_cases or cases).filtered("team_id")[-1:].team_id) or issue.team_id

    @api.depends("citizen_count", "me_too_count")
    def _compute_supporter_count(self):
        for issue in self:
            issue.supporter_count = issue.citizen_count + issue.me_too_count

    # ------------------------------------------------------------------
    # create, write, never unlink
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._clean_vals(vals) for vals in vals_list]
        drawn = sum(not vals.get("code") for vals in vals_list)
        codes = self.env["ir.sequence"].sudo()._draw_civic("civic.issue", drawn)
        for vals in vals_list:
            vals["code"] = vals.get("code") or next(codes)
            settings = self.env["helpdesk.ticket.category"].browse(vals.get("category_id"))._get_issue_settings()
            vals["latitude"], vals["longitude"] = places.coarsen(
                vals.get("latitude") or 0.0, vals.get("longitude") or 0.0, settings.precision
            )
            if vals.get("is_published"):
                vals.update(self._prepare_publishing())
        return super().create(vals_list)

    def write(self, vals):
        vals = self._clean_vals(vals)
        if vals.get("is_published"):
            vals.update(self._prepare_publishing())
        if vals.get("state") and any(issue.state != vals["state"] for issue in self):
            vals.setdefault("state_since", fields.Datetime.now())
        result = super().write(vals)
        if {"latitude", "longitude", "category_id"} & set(vals):
            self._coarsen()
        return result

    def _clean_vals(self, vals):
        """Return *vals* with the photo drawn anew, or refuse what nobody sets by hand.

        :raises AccessError: for a fact that is not set by hand
        :raises ValidationError: for a photo that is none, or too large
        """
        if not self.env.su and FIXED_FIELDS & set(vals):
            raise AccessError(
                self.env._("These facts of an issue are not set by hand: %s.", ", ".join(FIXED_FIELDS & set(vals)))
            )
        vals = dict(vals)
        if vals.get("photo"):
            try:
                _name, photo = citizen_file.clean("photo", base64.b64decode(vals["photo"]))
            except (ValueError, citizen_file.RefusedFile) as error:
                raise ValidationError(self.env._("Choose a photo (JPEG, PNG or WebP) of at most 10 MB.")) from error
            vals["photo"] = base64.b64encode(photo)
        return vals

    def _prepare_publishing(self):
        by_rule = self.env.su and self.env.context.get("civic_by_rule")
        return {
            "published_at": fields.Datetime.now(),
            "published_by_id": False if by_rule else self.env.uid,
        }

    def _coarsen(self):
        for issue in self:
            metres = issue.category_id._get_issue_settings().precision
            point = places.coarsen(issue.latitude, issue.longitude, metres)
            if point != (issue.latitude, issue.longitude):
                issue.write({"latitude": point[0], "longitude": point[1]})

    @api.constrains("latitude", "longitude")
    def _check_point(self):
        for issue in self:
            if (issue.latitude or issue.longitude) and not places.is_known(issue.latitude, issue.longitude):
                raise ValidationError(
                    self.env._("This point is not on the earth: latitude goes from -90 to 90, longitude to 180.")
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Issues are not deleted: people may follow them. Archive the issue instead."))

    # ------------------------------------------------------------------
    # actions
    # ------------------------------------------------------------------

    def action_publish(self):
        self.write({"is_published": True})

    def action_unpublish(self):
        self.write({"is_published": False})

    def action_answer_and_close_all(self):
        """Open the dialogue that answers every open case behind the issue."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer and close all"),
            "res_model": "civic.issue.close",
            "view_mode": "form",
            "target": "new",
            "context": {"default_issue_id": self.id},
        }

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("civic_crm.helpdesk_ticket_action")
        action["domain"] = [("issue_id", "=", self.id)]
        action["context"] = {}
        action["view_mode"] = "list,kanban,form"
        action["views"] = sorted(action["views"], key=lambda view: view[1] != "list")
        return action

    # ------------------------------------------------------------------
    # business
    # ------------------------------------------------------------------

    @api.model
    def _create_for_cases(self, vals_list):
        """Make the issues that services publish by themselves, from the values of their cases.

        What the citizen wrote stays out, the place as written included: people write names into it.

        :param vals_list: values of cases about to be created, with ``category_id``
        :return: the issues, in the same order (superuser)
        """
        # sudo: the rule of the service publishes, whoever files
        return (
            self.sudo()
            .with_context(civic_by_rule=True)
            .create(
                [
                    {
                        "category_id": vals["category_id"],
                        "civic_zone_id": vals.get("civic_zone_id"),
                        "latitude": vals.get("latitude"),
                        "longitude": vals.get("longitude"),
                        "team_id": vals.get("team_id"),
                        "company_id": vals.get("company_id") or self.env.company.id,
                        "is_published": True,
                        "code": self._get_code_for(vals),
                    }
                    for vals in vals_list
                ]
            )
            .with_context(civic_by_rule=False)
        )

    @api.model
    def _create_for_case(self, case):
        """Make the unpublished issue behind one case that staff wants to gather others with.

        The place as written comes along: it is seen by a person before it is published.
        """
        if not case.category_id:
            raise UserError(self.env._("Choose the service of the case %s first: the issue needs it.", case.number))
        code = self._get_code_for_known(case)
        return self.create(
            {
                "category_id": case.category_id.id,
                "civic_zone_id": case.civic_zone_id.id,
                "place": case.place,
                "latitude": case.latitude,
                "longitude": case.longitude,
                "team_id": case.team_id.id,
                "company_id": case.company_id.id,
                **({"code": code} if code else {}),
            }
        )

    @api.model
    def _get_code_for(self, vals):
        """Return the code that the issue of a new case has already, or False: the next one is drawn.

        :param dict vals: of the case, about to be created
        """
        return False

    @api.model
    def _get_code_for_known(self, case):
        """Return the code that the issue made for *case* has already, or False."""
        return False

    @api.model
    def _get_open_sql(self):
        return SQL("r.active IS TRUE AND r.state IN ('open', 'in_progress') AND r.is_published IS TRUE")

    @api.model
    def _find_duplicate_candidates(self, service, latitude, longitude, place="", text=""):
        """Return published open issues that may be what somebody is about to report, the likeliest first.

        For anybody who files, logged in or not: public facts of issues, nothing of any case.

        :param service: one ``helpdesk.ticket.category``
        :param float latitude: degrees, WGS 84; 0 with longitude 0 when not known
        :param str place: as written, may be empty
        :param str text: what is asked, may be empty
        :return: list of dicts: those of ``_get_public_summary`` with ``metres`` (int, or None when
            not known; no more exact than the service allows), ``score`` (0 to 1), ``alike`` (0 to 1 or None)
        """
        settings = service._get_issue_settings()
        new = duplicates.Report(service.id, latitude or 0.0, longitude or 0.0, place or "", text or "", 0)
        # sudo: published facts only, by the condition on what is open
        ranked = self.sudo()._find_like(
            new,
            metres=settings.metres + settings.precision,
            days=settings.days,
            service_ids=settings.service_ids,
        )[:5]
        issues = self.sudo().browse([issue_id for issue_id, _score in ranked])
        issues.fetch(PUBLIC_FIELDS)
        return [
            issue._get_public_summary()
            | {
                "metres": None if result.metres is None else int(round(result.metres, -1)),
                "score": result.total,
                "alike": result.alike,
            }
            for issue, (_id, result) in zip(issues, ranked, strict=True)
        ]

    # ------------------------------------------------------------------
    # what the public sees
    # ------------------------------------------------------------------

    @api.model
    def _get_published_domain(self):
        """Return the domain of what anybody may see; pages and interfaces add theirs to it."""
        return Domain("is_published", "=", True) & Domain("active", "=", True)

    def _get_public_summary(self):
        """Return the whitelisted facts of one issue, plain values, in the language of the environment.

        Whether it is published is the caller's to check (``_get_published_domain``). Times are naive
        UTC, as stored; the point is rounded already, and None where there is none.
        """
        self.ensure_one()
        located = places.is_known(self.latitude, self.longitude)
        return {
            "code": self.code,
            "title": self.name or self._make_title(),
            "text": self.description or "",
            "service": self.category_id._get_public_facts()["name"],
            "zone": self.civic_zone_id._get_public_facts()["complete_name"],
            "place": self.place or "",
            "latitude": self.latitude if located else None,
            "longitude": self.longitude if located else None,
            "department": self.team_id._get_public_facts()["name"],
            #: open, in_progress, solved or closed: picks shape and colour
            "kind": self.state,
            "state": dict(self._fields["state"]._description_selection(self.env))[self.state],
            "first_reported_at": self.first_reported_at,
            "updated_at": self.updated_at,
            "reports": self.case_count,
            "supporters": self.supporter_count,
        }

    def _make_title(self):
        """Return the service and the place in the language of the environment."""
        service = self.category_id._get_public_facts()["name"] or ""
        where = self.place or self.civic_zone_id._get_public_facts()["name"]
        return f"{service} · {where}" if where else service

# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

#: Sources that can be told apart by the last digits of an event's id.
SOURCES = 64


class CivicCitizenEvent(models.Model):
    """Everything that happened between a citizen and the city, as one list.

    How it works: each kind of event is a query over the records it stands for. The query is made by the model's own
    ``_search`` as the user who asks, so that its access rules are part of it: whoever may not read a case does not
    see that there is one. There is no table, and as superuser there are no rules.

    How to add a kind: extend ``kind`` by ``selection_add`` and ``_get_event_queries`` by a query that
    ``_make_event_query`` makes (or ``_make_authored_query`` for what citizens write on records of all); a better title
    than the record's name is ``_make_title``'s. Opening a citizen costs one query for the list and two for the titles
    of each kind, however many events there are.
    """

    _name = "civic.citizen.event"
    _description = "Event in a citizen's history"
    _auto = False
    _order = "at desc, id desc"
    _rec_name = "title"

    partner_id = fields.Many2one("res.partner", string="Citizen", readonly=True)
    at = fields.Datetime(string="When", readonly=True)
    kind = fields.Selection(
        [
            ("case", "Case"),
            ("message", "Message"),
            ("call", "Call"),
            ("enquiry", "Enquiry"),
            ("campaign", "Campaign"),
            ("consent", "Data use"),
            ("membership", "Membership"),
            ("representation", "Representation"),
            ("merge", "Merge"),
        ],
        readonly=True,
    )
    res_model = fields.Char(string="Model", readonly=True)
    res_id = fields.Many2oneReference(string="Record", model_field="res_model", readonly=True)
    title = fields.Char(string="What", compute="_compute_title")

    # ------------------------------------------------------------------
    # the queries
    # ------------------------------------------------------------------

    @property
    def _table_query(self):
        queries = self._get_event_queries()
        selects = [
            SQL(
                "SELECT (source.id::bigint * %s + %s) AS id, source.partner_id, source.at, source.kind,"
                " source.res_model, source.res_id FROM (%s) AS source",
                SOURCES,
                number,
                query,
            )
            for number, query in enumerate(queries)
        ]
        if not selects:
            return SQL(
                "SELECT 0::bigint AS id, NULL::int AS partner_id, NULL::timestamp AS at, NULL::varchar AS kind,"
                " NULL::varchar AS res_model, NULL::int AS res_id WHERE FALSE"
            )
        return SQL(" UNION ALL ").join(selects)

    @api.model
    def _get_event_queries(self):
        """Return the list of queries that make up the history; each by ``_make_event_query``.

        The same list for the same user within a request: an event's id says which of them it is of.
        """
        queries = [
            self._make_event_query("helpdesk.ticket", "case", "partner_id", "filed_at"),
            self._make_event_query("crm.lead", "enquiry", "partner_id", "create_date", [("type", "=", "lead")]),
            self._make_event_query("civic.call", "call", "partner_id", "started_at"),
            self._make_event_query("civic.consent", "consent", "partner_id", "at"),
            self._make_event_query("civic.membership", "membership", "partner_id", "date_from"),
            self._make_event_query("civic.membership", "membership", "group_id", "date_from"),
            self._make_event_query("civic.representation", "representation", "representative_id", "date_from"),
            self._make_event_query("civic.representation", "representation", "represented_id", "date_from"),
            self._make_event_query("civic.citizen.merge", "merge", "partner_id", "at"),
            self._make_message_query("helpdesk.ticket", "partner_id"),
            self._make_message_query("crm.lead", "partner_id", [("type", "=", "lead")]),
            self._make_message_query("res.partner", "id"),
            self._make_mailing_query(),
        ]
        return [query for query in queries if query is not None]

    @api.model
    def _make_event_query(self, model, kind, partner_field, at_field, domain=()):
        """Return a query of those records of *model* that the user may read, one event each, or None.

        :param str model: name of the model; not installed or not for this user: no query
        :param str kind: the kind of the events
        :param str partner_field: name of the stored Many2one to the citizen
        :param str at_field: name of the stored Date or Datetime at which it happened
        :param domain: which records, beside those with a citizen and a date
        """
        Model = self._get_readable(model)
        if Model is None:
            return None
        query = Model._search([*domain, (partner_field, "!=", False), (at_field, "!=", False)])
        table = query.table
        return query.select(
            SQL("%s AS id", SQL.identifier(table, "id")),
            SQL("%s AS partner_id", Model._field_to_sql(table, partner_field, query)),
            SQL("%s::timestamp AS at", Model._field_to_sql(table, at_field, query)),
            SQL("%s::varchar AS kind", kind),
            SQL("%s::varchar AS res_model", model),
            SQL("%s AS res_id", SQL.identifier(table, "id")),
        )

    @api.model
    def _make_message_query(self, model, partner_field, domain=()):
        """Return a query of the messages and calls on records of *model* that the user may read, or None.

        What was said with the citizen, not what staff noted: the notes are on the record. Whoever may read the record
        may read its correspondence, as everywhere in Odoo.

        :param str model: as for ``_make_event_query``
        :param str partner_field: name of the stored Many2one to the citizen, or ``id``
        :param domain: which records, beside those with a citizen
        """
        Model = self._get_readable(model)
        if Model is None:
            return None
        for name in ("mail.message", "mail.activity.type"):
            self.env[name].flush_model()
        query = Model._search([*domain, (partner_field, "!=", False)])
        table = query.table
        message, is_call = self._join_messages(query, model)
        return query.select(
            SQL("%s AS id", SQL.identifier(message, "id")),
            SQL("%s AS partner_id", Model._field_to_sql(table, partner_field, query)),
            SQL("%s AS at", SQL.identifier(message, "date")),
            SQL("CASE WHEN %s THEN 'call' ELSE 'message' END::varchar AS kind", is_call),
            SQL("'mail.message'::varchar AS res_model"),
            SQL("%s AS res_id", SQL.identifier(message, "id")),
        )

    @api.model
    def _make_authored_query(self, model, kind):
        """Return a query of what citizens themselves wrote on records of *model* that the user may read, or None.

        For records of everybody, such as a process that is debated: they are of no one citizen, the words are.
        """
        Model = self._get_readable(model)
        if Model is None:
            return None
        for name in ("mail.message", "mail.activity.type"):
            self.env[name].flush_model()
        query = Model._search([])
        message, _is_call = self._join_messages(query, model)
        query.add_where(SQL("%s IS NOT NULL", SQL.identifier(message, "author_id")))
        return query.select(
            SQL("%s AS id", SQL.identifier(message, "id")),
            SQL("%s AS partner_id", SQL.identifier(message, "author_id")),
            SQL("%s AS at", SQL.identifier(message, "date")),
            SQL("%s::varchar AS kind", kind),
            SQL("'mail.message'::varchar AS res_model"),
            SQL("%s AS res_id", SQL.identifier(message, "id")),
        )

    @api.model
    def _make_mailing_query(self):
        """Return a query of the mass mailings sent to citizens, or None where Odoo's mass mailing is not installed.

        Whoever may read the citizen sees which were sent: they are said to the citizen as an answer is. What the
        mailing system knows beside (who opened what) is not shown.
        """
        Partner = self._get_readable("res.partner")
        if Partner is None or "mailing.trace" not in self.env:
            return None
        self.env["mailing.trace"].flush_model()
        query = Partner._search([("is_citizen", "=", True)])
        trace = query.make_alias(query.table, "trace")
        sent = SQL(
            "%s = 'res.partner' AND %s = %s AND %s IS NOT NULL AND %s IS NOT TRUE",
            SQL.identifier(trace, "model"),
            SQL.identifier(trace, "res_id"),
            SQL.identifier(query.table, "id"),
            SQL.identifier(trace, "sent_datetime"),
            SQL.identifier(trace, "is_test_trace"),
        )
        query.add_join("JOIN", trace, "mailing_trace", sent)
        return query.select(
            SQL("%s AS id", SQL.identifier(trace, "id")),
            SQL("%s AS partner_id", SQL.identifier(query.table, "id")),
            SQL("%s AS at", SQL.identifier(trace, "sent_datetime")),
            SQL("'campaign'::varchar AS kind"),
            SQL("'mailing.trace'::varchar AS res_model"),
            SQL("%s AS res_id", SQL.identifier(trace, "id")),
        )

    @api.model
    def _join_messages(self, query, model):
        """Join to a *query* of records of *model* what was said on them with the citizen.

        :return: alias of the messages, and SQL that says whether one is a call
        """
        message = query.make_alias(query.table, "message")
        on_record = SQL(
            "%s = %s AND %s = %s",
            SQL.identifier(message, "model"),
            model,
            SQL.identifier(message, "res_id"),
            SQL.identifier(query.table, "id"),
        )
        query.add_join("JOIN", message, "mail_message", on_record)
        activity = query.left_join(message, "mail_activity_type_id", "mail_activity_type", "id", "activity")
        is_call = SQL("COALESCE(%s = 'phonecall', FALSE)", SQL.identifier(activity, "category"))
        query.add_where(
            SQL(
                "(%s OR %s = %s AND %s IN ('comment', 'email', 'email_outgoing') AND %s IS NOT TRUE)",
                is_call,
                SQL.identifier(message, "subtype_id"),
                self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"),
                SQL.identifier(message, "message_type"),
                SQL.identifier(message, "is_internal"),
            )
        )
        return message, is_call

    @api.model
    def _get_readable(self, model):
        """Return a model that is installed and that the user may read at all, archived records included, or None."""
        Model = self.env.get(model)
        if Model is None or not Model.has_access("read"):
            return None
        return Model.with_context(active_test=False)

    # ------------------------------------------------------------------
    # what a line says, where it leads
    # ------------------------------------------------------------------

    @api.depends("res_model", "res_id")
    def _compute_title(self):
        for model, events in self.grouped("res_model").items():
            records = self.env[model].browse(events.mapped("res_id")) if model else self.browse()
            titles = {record.id: self._make_title(record) for record in records}
            for event in events:
                event.title = titles.get(event.res_id, False)

    @api.model
    def _make_title(self, record):
        """Return what the history says of one record, in one line."""
        if record._name == "mail.message":
            return f"{record.author_id.name or record.email_from or ''}: {record.preview}"
        if record._name == "civic.call":
            return record._make_summary()
        if record._name == "mailing.trace":
            # sudo: what was sent to the citizen; the mailing system is for those who write campaigns
            return record.sudo().mass_mailing_id.subject or record.sudo().mass_mailing_id.name
        return record.display_name

    def action_open(self):
        """Open the record that a line stands for; of a message, the record it is on, of a mailing's copy the mailing.

        :raises AccessError: for who may not read it
        """
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id)
        if record._name == "mailing.trace":
            if not record.has_access("read"):
                raise AccessError(self.env._("Campaigns are opened by those who write them."))
            record = record.mass_mailing_id
        record.check_access("read")
        if record._name == "mail.message":
            record = self.env[record.model].browse(record.res_id)
            record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
            "views": [(record.get_formview_id(), "form")],
        }

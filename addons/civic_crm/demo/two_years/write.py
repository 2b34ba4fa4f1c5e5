# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes a history into Odoo's database, as if the city had worked with it for two years.

Records are made by the product's own methods, in batches, each with its dates among its values. What the product
dates by itself (an entry of the registry, a publication, a row's creation) is set right in one place, at the end
(``_set_dates``). Nobody is sent anything.
"""

import logging
from collections import defaultdict
from datetime import datetime, time

from odoo import Command, fields
from odoo.tools import SQL, mute_logger, plaintext2html

from . import history as past
from .describe import describe_city

_logger = logging.getLogger(__name__)

#: Says which history a database has: it gets one, once.
MARK = "civic_crm.demo_history"
BATCH = 500
#: Nothing is mailed, followed or logged; what staff reads is in the city's language.
QUIET = {
    "lang": "es_ES",
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notify_force_send": False,
    "tracking_disable": True,
}
CHANNELS = {
    **{name: f"helpdesk_mgmt.helpdesk_ticket_channel_{name}" for name in ("web", "email", "phone")},
    **{name: f"civic_crm.channel_{name}" for name in ("app", "chat", "counter", "post", "social")},
}
STAGES = ("new", "in_progress", "awaiting", "done", "rejected", "cancelled")
#: Set when a case is closed; one whose clock has stood is closed after that has been entered.
CLOSING = ("stage_id", "outcome_id", "closed_date")


def write_history(env, seed=past.SEED, count=past.CASES):
    """Give the demo city two years of cases; a city that has them already keeps what it has.

    :return: number of cases written
    """
    env = env(su=True, context={**env.context, **QUIET})
    if env["ir.config_parameter"].get_param(MARK):
        return 0
    city = describe_city(env)
    if not city.zones or not city.services:
        raise ValueError("There is no demo city here: its neighbourhoods and services are missing.")
    with mute_logger("odoo.models.unlink"):
        writer = Writer(env, city)
        writer.record(past.imagine(city, seed, count))
    env["ir.config_parameter"].set_param(MARK, f"{city.today} {seed} {count}")
    return len(writer.cases)


class Writer:
    def __init__(self, env, city):
        self.env, self.city = env, city
        Team = env["helpdesk.ticket.team"]
        self.stages = {name: env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}") for name in STAGES}
        self.channels = {name: env.ref(xmlid).id for name, xmlid in CHANNELS.items()}
        self.services = {
            service.service_code: service
            for service in env["helpdesk.ticket.category"].search([("service_code", "in", list(city.services))])
        }
        self.zones = {zone.code: zone for zone in env["civic.zone"].search([("kind", "=", "neighbourhood")])}
        self.teams = {team.code: team for team in Team.search([("code", "in", list(city.teams))])}
        self.front_desk = Team.search([("is_front_desk", "=", True)], limit=1)
        self.first_id = {
            name: self._find_next_id(name)
            for name in ("helpdesk_ticket", "res_partner", "crm_lead", "civic_issue", "rating_rating", "mail_message")
        }

    def _find_next_id(self, table):
        self.env.flush_all()
        return self.env.execute_query(SQL("SELECT COALESCE(MAX(id), 0) + 1 FROM %s", SQL.identifier(table)))[0][0]

    def record(self, history):
        self.history = history
        self._write_people()
        self._write_enquiries()
        self._write_cases()
        self._write_hand_overs()
        self._write_pauses()
        self._write_contributions()
        self._write_correspondence()
        self._write_ratings()
        self._gather()
        self._number_registry()
        self._set_dates()
        self.env["civic.case.report"]._refresh()

    def _ref(self, name):
        return self.env.ref(f"civic_crm.{name}").id if name else False

    # people and enquiries -----------------------------------------------

    def _write_people(self):
        country, city = self.env.company.country_id, self.env.company.city
        self.people = self.env["res.partner"].create(
            [
                {
                    "name": person.name,
                    "is_citizen": True,
                    "email": person.email,
                    "phone": person.phone,
                    "lang": "es_ES",
                    "tz": self.city.zone_name,
                    "civic_zone_id": self.zones[person.zone].id,
                    "street": person.address,
                    "zip": self.env.company.zip,
                    "city": city,
                    "country_id": country.id,
                    **({"civic_id_kind": "dni", "civic_id_number": person.document} if person.document else {}),
                }
                for person in self.history.people
            ]
        )

    def _write_enquiries(self):
        desk = self.front_desk.user_ids or self.env.user
        self.enquiries = self.env["crm.lead"].create(
            [self._prepare_enquiry_vals(enquiry, desk) for enquiry in self.history.enquiries]
        )

    def _prepare_enquiry_vals(self, enquiry, desk):
        person = self.people[enquiry.person] if enquiry.person is not None else self.people.browse()
        topic = self.env.ref(f"civic_crm.demo_topic_{enquiry.topic}", raise_if_not_found=False)
        taken = enquiry.state != "new"
        return {
            "name": enquiry.name,
            "description": plaintext2html(enquiry.text),
            "is_enquiry": True,
            "partner_id": person.id,
            "email_from": person.email or (False if person else "suerte@spam.example"),
            "contact_name": person.name,
            "phone": person.phone,
            "channel_id": self.channels[enquiry.channel],
            "topic_id": topic.id if topic else False,
            "civic_zone_id": self.zones[enquiry.zone].id if enquiry.zone else False,
            "received_at": enquiry.received_at,
            "enquiry_state": enquiry.state,
            "has_citizen_message": enquiry.state == "new",
            "user_id": desk[enquiry.hand % len(desk)].id if taken else False,
            "handling_started_at": enquiry.taken_at,
            "handling_ended_at": enquiry.ended_at,
            "seconds_spent": enquiry.seconds,
            "enquiry_outcome_id": self._ref(enquiry.outcome),
            "first_contact_resolution": enquiry.is_first_contact,
        }

    # cases --------------------------------------------------------------

    def _write_cases(self):
        Case = self.cases = self.env["helpdesk.ticket"]
        told = self.history.cases
        for start in range(0, len(told), BATCH):
            batch = Case.create([self._prepare_case_vals(case) for case in told[start : start + BATCH]])
            batch._subscribe_requester_of_new()
            self.cases += batch
            _logger.info("Demo history: %s of %s cases", len(self.cases), len(told))
        self.told = dict(zip(self.cases, told, strict=True))

    def _prepare_case_vals(self, told):
        service = self.services[told.service]
        person = self.people[told.person] if told.person is not None else self.people.browse()
        zone = self.zones[told.zone] if told.zone else self.env["civic.zone"]
        team = self._find_team(told, service, zone)
        vals = {
            "name": told.subject,
            "description": plaintext2html(told.text),
            "category_id": service.id,
            "team_id": team.id,
            "channel_id": self.channels[told.channel],
            "civic_zone_id": zone.id,
            "place": told.place,
            "latitude": told.latitude,
            "longitude": told.longitude,
            "partner_id": person.id,
            "partner_phone": person.phone,
            "acknowledgement": "sent" if person.email else "none",
            "enquiry_id": self.enquiries[told.enquiry].id if told.enquiry is not None else False,
            "answer_ids": self._prepare_answers(service, told.answers),
            "filed_at": told.filed_at,
            "first_answered_at": told.first_answered_at,
            "has_citizen_message": told.citizen_waits,
            "last_stage_update": told.moved_at,
            "term_letter_on": self._tell_term_letter_day(told),
            "confirmation": told.confirmation,
            "confirmation_due": told.confirmation_due,
            "confirmed_at": told.confirmed_at,
            "denial_count": told.denials,
            "reopen_count": told.denials,
            "reason_id": self._ref(told.reason),
            "reason_text": told.reason_text,
            "referral_id": self._ref(told.referral),
            **self._prepare_stage_vals(told),
        }
        if told.steps:
            members = team.user_ids or team.user_id or self.env.user
            vals.update(user_id=members[told.hand % len(members)].id, assigned_date=told.steps[0].at)
        if told.pauses and told.closed_at:  # closed by _write_pauses
            vals.update(dict.fromkeys(CLOSING, False), stage_id=self.stages["in_progress"].id)
        return vals

    def _prepare_stage_vals(self, told):
        return {
            "stage_id": self.stages[told.stage].id,
            "outcome_id": self._ref(told.outcome),
            "closed_date": told.closed_at or False,
        }

    def _find_team(self, told, service, zone):
        """Return the department that has the case at the end."""
        if told.hand_over and told.hand_over.team in self.teams:
            return self.teams[told.hand_over.team]
        return self._find_first_team(service, zone)

    def _find_first_team(self, service, zone):
        team_id = service._find_department_id(zone.id, self.env.company.id)
        return self.env["helpdesk.ticket.team"].browse(team_id or self.front_desk.id)

    def _prepare_answers(self, service, answers):
        specs = {question.code: question for question in service._get_questions()}
        prepare = self.env["helpdesk.ticket"]._prepare_answer_vals
        return [Command.create(prepare(specs[code], value)) for code, value in answers.items()]

    def _tell_term_letter_day(self, told):
        """The letter went out within a day, but for requests so new that its cron has not come by."""
        told_kinds = self.city.services[told.service].kind == "request" and told.person is not None
        return fields.Date.add(told.filed_at.date(), days=1) if told_kinds else False

    # what became of them ------------------------------------------------

    def _write_hand_overs(self):
        """Let the trail begin with the department to which the case was routed."""
        moved = {case: told.hand_over for case, told in self.told.items() if told.hand_over}
        Custody = self.env["civic.case.custody"]
        first = Custody.search([("case_id", "in", [case.id for case in moved])])
        last_vals = []
        for link in first:
            case, hand_over = link.case_id, moved[link.case_id]
            routed = self._find_first_team(case.category_id, case.civic_zone_id)
            if routed == case.team_id:
                continue
            link.write({"team_id": routed.id, "date_to": hand_over.at})
            last_vals.append(
                {
                    "case_id": case.id,
                    "team_id": case.team_id.id,
                    "date_from": hand_over.at,
                    "passed_by_id": (routed.user_id or self.env.user).id,
                    "reason": hand_over.reason,
                    "previous_id": link.id,
                }
            )
        Custody.flush_model()
        Custody.create(last_vals)

    def _write_pauses(self):
        """Enter when clocks stood; then close what has been closed since, and count its clock again."""
        paused = [(case, told) for case, told in self.told.items() if told.pauses]
        self.env["civic.deadline.pause"].create(
            [
                {
                    "case_id": case.id,
                    "reason_id": self._ref(pause.reason),
                    "date_from": pause.first,
                    "date_to": pause.last,
                    "author_id": (case.user_id or self.env.user).id,
                }
                for case, told in paused
                for pause in told.pauses
            ]
        )
        closed = self.cases.browse()
        for case, told in paused:
            if told.closed_at:
                closed += case
                case.write(self._prepare_stage_vals(told))
                case.write({"closed_date": told.closed_at, "last_stage_update": told.moved_at})
        clocks = closed.deadline_ids
        clocks._reopen()
        clocks._settle()

    def _write_contributions(self):
        asked = [(case, told, one) for case, told in self.told.items() for one in told.contributions]
        asked = [(case, told, one) for case, told, one in asked if self.teams[one.team] != case.team_id]
        numbers = defaultdict(int)
        vals_list = []
        for case, _told, one in asked:
            numbers[case] += 1
            vals_list.append(self._prepare_contribution_vals(case, one, numbers[case]))
        self.sub_cases = self.env["helpdesk.ticket"].create(vals_list)
        self.sub_cases._share_with_family()

    def _prepare_contribution_vals(self, case, one, number):
        team = self.teams[one.team]
        stage = self.stages["done" if one.closed_at else "in_progress"]
        shared = case._get_shared_facts()
        return {
            **{name: case._fields[name].convert_to_write(case[name], case) for name in shared},
            "number": f"{case.number}-{number}",
            "parent_case_id": case.id,
            "company_id": case.company_id.id,
            "team_id": team.id,
            "user_id": (team.user_id or self.env.user).id,
            "assigned_date": one.asked_at,
            "asked_for": one.text,
            "asked_by_id": (case.user_id or self.env.user).id,
            "promised_on": one.wanted_on,
            "priority": case.priority,
            "filed_at": one.asked_at,
            "last_stage_update": one.closed_at or one.asked_at,
            "stage_id": stage.id,
            "outcome_id": self._ref("outcome_solved" if one.closed_at else None),
            "closed_date": one.closed_at or False,
        }

    # what was written ---------------------------------------------------

    def _write_correspondence(self):
        """Insert letters and changes of state as rows, the oldest first: posting would send them today."""
        told = [row for case, told in self.told.items() for row in self._tell_messages(case, told)]
        told += self._take_pause_notes()
        told.sort(key=lambda row: row[0]["date"])
        ids = self._insert("mail_message", [message for message, _change in told])
        self._insert(
            "mail_tracking_value",
            [
                self._prepare_change(message_id, message["date"], *change)
                for message_id, (message, change) in zip(ids, told, strict=True)
                if change
            ],
        )

    def _tell_messages(self, case, told):
        """Yield ``(values of a message, None or what it says has changed)`` of one case."""
        staff = (case.user_id or case.team_id.user_id or self.env.user).partner_id
        for message in told.messages:
            author = case.partner_id if message.from_citizen else staff
            yield self._prepare_message(case, message.at, author, "comment", plaintext2html(message.text)), None
        before = self.stages["new"]
        for step in told.steps:
            stage = self.stages[step.stage]
            yield self._prepare_message(case, step.at, staff), ("stage_id", before, stage)
            before = stage
        if told.hand_over:
            routed = self._find_first_team(case.category_id, case.civic_zone_id)
            yield self._prepare_message(case, told.hand_over.at, staff), ("team_id", routed, case.team_id)

    def _take_pause_notes(self):
        """Return the notes that entering the pauses has just left, to be written again on their day."""
        notes = self.env["mail.message"].search(
            [("model", "=", "helpdesk.ticket"), ("id", ">=", self.first_id["mail_message"])]
        )
        rows = []
        for note in notes:
            case = self.cases.browse(note.res_id)
            pause = case.pause_ids[:1]
            at = datetime.combine(pause.date_to or pause.date_from, time(10))
            author = pause.author_id.partner_id
            rows.append((self._prepare_message(case, max(at, case.filed_at), author, body=note.body), None))
        notes.unlink()
        return rows

    def _prepare_message(self, case, at, author, message_type="notification", body=""):
        is_comment = message_type == "comment"
        return {
            "model": case._name,
            "res_id": case.id,
            "date": at,
            "author_id": author.id or None,
            "email_from": author.email_formatted or None,
            "message_type": message_type,
            "subtype_id": self.env["ir.model.data"]._xmlid_to_res_id(
                "mail.mt_comment" if is_comment else "mail.mt_note"
            ),
            "is_internal": not is_comment,
            "body": body,
            "message_id": f"<{case.tracking_code}.{at.timestamp():.0f}.{message_type}@demo.example>",
            "create_uid": self.env.uid,
            "create_date": at,
            "write_uid": self.env.uid,
            "write_date": at,
        }

    def _prepare_change(self, message_id, at, name, before, after):
        """Return one change of state or department; the time spent in a state is counted between such rows."""
        return {
            "mail_message_id": message_id,
            "field_id": self.env["ir.model.fields"]._get("helpdesk.ticket", name).id,
            "old_value_integer": before.id,
            "old_value_char": before.name,
            "new_value_integer": after.id,
            "new_value_char": after.name,
            "create_uid": self.env.uid,
            "create_date": at,
        }

    def _insert(self, table, rows):
        """Insert *rows*, dicts with the same keys, in statements of ``BATCH``; return their ids in order."""
        ids = []
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            values = (SQL("(%s)", SQL(", ").join(SQL("%s", value) for value in row.values())) for row in batch)
            inserted = self.env.execute_query(
                SQL(
                    "INSERT INTO %s (%s) VALUES %s RETURNING id",
                    SQL.identifier(table),
                    SQL(", ").join(map(SQL.identifier, batch[0])),
                    SQL(", ").join(values),
                )
            )
            ids += [number for (number,) in inserted]
        return ids

    def _write_ratings(self):
        rated = [(case, told.rating) for case, told in self.told.items() if told.rating]
        ratings = self.env["rating.rating"].create(
            [
                {
                    **case._prepare_rating_request_vals(),
                    "rating": rating.value,
                    "feedback": rating.text or False,
                    "consumed": True,
                }
                for case, rating in rated
            ]
        )
        self.ratings = dict(zip(ratings, (rating for _case, rating in rated), strict=True))
        # core looks for what has just been created before it is all written
        self.env.flush_all()
        self.env.add_to_compute(
            self.cases._fields["rating_last_value"], self.cases.browse(case.id for case, _ in rated)
        )

    def _gather(self):
        """Put the reports of one fact under one issue, as staff does; who reported it twice knows it too."""
        facts = defaultdict(self.cases.browse)
        for case, told in self.told.items():
            if told.fact is not None:
                facts[told.fact] += case
        for cases in facts.values():
            if len(cases) > 1:
                cases._gather()

    # registry and dates -------------------------------------------------

    def _number_registry(self):
        """Number all entries of each year in the order of their filing, the demo city's own few included.

        An entry is given once and for all; here it is given to a city that has not opened its doors yet.
        """
        cr, company = self.env.cr, self.env.company
        self.env.flush_all()
        prefix = company._get_case_settings()["registry_prefix"]
        cr.execute(
            SQL(
                """
                CREATE TEMPORARY TABLE demo_registry ON COMMIT DROP AS
                SELECT id, filed_at, EXTRACT(year FROM filed_at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::int AS year,
                       row_number() OVER (
                           PARTITION BY EXTRACT(year FROM filed_at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)
                           ORDER BY filed_at, id) AS number
                  FROM helpdesk_ticket WHERE registry_number IS NOT NULL AND company_id = %(company)s
                """,
                zone=self.city.zone_name,
                company=company.id,
            )
        )
        cr.execute(SQL("UPDATE helpdesk_ticket SET registry_number = NULL WHERE company_id = %s", company.id))
        cr.execute(
            SQL(
                """
                UPDATE helpdesk_ticket AS ticket
                   SET registered_at = entry.filed_at,
                       registry_number = concat_ws('-', entry.year, %s, lpad(entry.number::text, 6, '0'))
                  FROM demo_registry AS entry WHERE entry.id = ticket.id
                """,
                prefix or None,
            )
        )
        cr.execute(SQL("DELETE FROM civic_registry_counter WHERE company_id = %s", company.id))
        cr.execute(
            SQL(
                """
                INSERT INTO civic_registry_counter (company_id, year, last_number)
                SELECT %s, year, max(number) FROM demo_registry GROUP BY year
                """,
                company.id,
            )
        )

    def _set_dates(self):
        """Let everything have happened when the history says: the one place where dates are set afterwards."""
        self.env.flush_all()
        for table, created, extra in self._get_dated_tables():
            self.env.cr.execute(
                SQL(
                    "UPDATE %s AS row SET create_date = %s%s WHERE row.id >= %s",
                    SQL.identifier(table),
                    SQL(created),
                    SQL(extra),
                    self.first_id[table],
                )
            )
        self._date_children()
        self._date_numbers()
        self.env.invalidate_all()

    def _get_dated_tables(self):
        """Return ``(table, when a row was made, what else it says of that day)``."""
        return (
            ("helpdesk_ticket", "filed_at", ", assigned_date = LEAST(assigned_date, last_stage_update)"),
            ("crm_lead", "received_at", ", date_open = handling_started_at, date_last_stage_update = received_at"),
            (
                "res_partner",
                "COALESCE((SELECT min(filed_at) FROM helpdesk_ticket WHERE partner_id = row.id), create_date)",
                "",
            ),
            ("civic_issue", "first_reported_at", ", published_at = CASE WHEN is_published THEN first_reported_at END"),
        )

    def _date_numbers(self):
        """Let numbers that begin with a year begin with theirs; a contribution has its main case's."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_ticket AS ticket
                   SET number = to_char(COALESCE(main.filed_at, ticket.filed_at) AT TIME ZONE 'UTC' AT TIME ZONE %s,
                                        'YYYY') || substr(ticket.number, 5)
                  FROM helpdesk_ticket AS own LEFT JOIN helpdesk_ticket AS main ON main.id = own.parent_case_id
                 WHERE own.id = ticket.id AND ticket.id >= %s AND ticket.number ~ '^[0-9]{4}/'
                """,
                self.city.zone_name,
                self.first_id["helpdesk_ticket"],
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE civic_issue SET code = 'I' || to_char(first_reported_at, 'YY') || substr(code, 4)
                 WHERE id >= %s AND code ~ '^I[0-9]{2}-'
                """,
                self.first_id["civic_issue"],
            )
        )

    def _date_children(self):
        """The same for what hangs on cases: links to issues, ratings."""
        execute, first = self.env.cr.execute, self.first_id
        execute(
            SQL(
                """
                UPDATE civic_issue_link AS link SET linked_at = ticket.filed_at + interval '2 hours'
                  FROM helpdesk_ticket AS ticket WHERE ticket.id = link.case_id AND ticket.id >= %s
                """,
                first["helpdesk_ticket"],
            )
        )
        rows = SQL(", ").join(SQL("(%s, %s::timestamp)", rating.id, told.at) for rating, told in self.ratings.items())
        if self.ratings:
            execute(
                SQL(
                    """
                    UPDATE rating_rating AS rating SET create_date = told.at, write_date = told.at
                      FROM (VALUES %s) AS told (id, at) WHERE rating.id = told.id
                    """,
                    rows,
                )
            )

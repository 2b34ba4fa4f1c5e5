# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the figures about cases mean: one definition each, for the pivot and the workbook.

All of them are SQL over ``get_source()``, whose ``local`` says of a case, in the city's own days, what a definition
needs. In words they stand in the help of the fields of ``civic.case.report``.
"""

from odoo.tools import SQL

#: Averages and shares: field → (what is added up, by what it is divided, factor).
RATIOS = {
    "kept_share": ("kept", "settled", 100),
    "legal_kept_share": ("legal_kept", "legal_settled", 100),
    "days_to_close": ("days_sum", "closed", 1),
    "days_after_promise": ("gap_sum", "closed_promised", 1),
    "hours_to_answer": ("hours_sum", "answered", 1),
    "reopen_rate": ("reopened", "ended", 100),
    "satisfaction": ("rating_sum", "rated", 1),
    "confirmed_share": ("confirmed", "judged", 100),
    "first_contact_share": ("first_contacts", "enquiries", 100),
}


def get_source():
    """Return the cases ``c`` that count, contributions between departments left out, each with its ``local`` facts.

    ``today``, ``filed_on`` and ``closed_on`` are days of the city; ``promise_kept`` and ``legal_kept`` are true, false,
    or null while nothing is decided and where nothing is owed.
    """
    return SQL(
        """
        helpdesk_ticket AS c
        LEFT JOIN res_company AS company ON company.id = c.company_id
        LEFT JOIN resource_calendar AS calendar ON calendar.id = company.resource_calendar_id
        LEFT JOIN civic_case_outcome AS outcome ON outcome.id = c.outcome_id
        CROSS JOIN LATERAL (SELECT COALESCE(calendar.tz, 'UTC') AS name) AS zone
        CROSS JOIN LATERAL (
            SELECT (now() AT TIME ZONE zone.name)::date AS today,
                   (c.filed_at AT TIME ZONE 'UTC' AT TIME ZONE zone.name)::date AS filed_on,
                   (c.closed_date AT TIME ZONE 'UTC' AT TIME ZONE zone.name)::date AS closed_on
        ) AS day
        CROSS JOIN LATERAL (
            SELECT day.today, day.filed_on, day.closed_on, %(promise)s AS promise_kept, %(legal)s AS legal_kept
        ) AS local
        WHERE c.parent_case_id IS NULL
        """,
        promise=_is_kept("promised_on", "promise"),
        legal=_is_kept("legal_due_on", "legal"),
    )


def _is_kept(column, purpose):
    """Return whether a case kept its day; a term in hours may be over before its day is, which the deadline knows."""
    in_time = SQL(
        "day.closed_on <= %s AND c.id NOT IN (SELECT case_id FROM civic_case_deadline"
        " WHERE outcome = 'late' AND due_at IS NOT NULL AND purpose = %s)",
        SQL.identifier("c", column),
        purpose,
    )
    passed = SQL(
        "c.id IN (SELECT case_id FROM civic_case_deadline"
        " WHERE outcome IS NULL AND due_at < now() AT TIME ZONE 'UTC' AND purpose = %s)",
        purpose,
    )
    return SQL(
        """
        CASE WHEN %(column)s IS NULL THEN NULL
             WHEN c.closed_date IS NULL THEN CASE WHEN %(column)s < day.today OR %(passed)s THEN FALSE END
             WHEN %(in_time)s THEN CASE WHEN outcome.kind IN ('withdrawn', 'duplicate') THEN NULL ELSE TRUE END
             ELSE FALSE
        END
        """,
        column=SQL.identifier("c", column),
        in_time=in_time,
        passed=passed,
    )


def get_month():
    """Return the first day of the month, in the city, in which a case was filed."""
    return SQL("date_trunc('month', local.filed_on)::date")


def get_measures():
    """Return what is counted: column of ``civic.case.report`` → aggregate over the source."""
    judged = SQL("c.confirmation IN ('confirmed', 'assumed') OR c.denial_count > 0")
    return {
        "cases": SQL("count(*)"),
        "open_cases": SQL("count(*) FILTER (WHERE c.closed_date IS NULL)"),
        "overdue": SQL(
            "count(*) FILTER (WHERE c.closed_date IS NULL"
            " AND (local.promise_kept IS FALSE OR local.legal_kept IS FALSE))"
        ),
        "closed": SQL("count(c.closed_date)"),
        "settled": SQL("count(local.promise_kept)"),
        "kept": SQL("count(*) FILTER (WHERE local.promise_kept)"),
        "legal_settled": SQL("count(local.legal_kept)"),
        "legal_kept": SQL("count(*) FILTER (WHERE local.legal_kept)"),
        "answered": SQL("count(c.first_answered_at)"),
        "ended": SQL("count(*) FILTER (WHERE c.closed_date IS NOT NULL OR c.reopen_count > 0)"),
        "reopened": SQL("count(*) FILTER (WHERE c.reopen_count > 0)"),
        "judged": SQL("count(*) FILTER (WHERE %s)", judged),
        "confirmed": SQL("count(*) FILTER (WHERE c.confirmation = 'confirmed')"),
        "assumed": SQL("count(*) FILTER (WHERE c.confirmation = 'assumed')"),
        "denied": SQL("count(*) FILTER (WHERE c.denial_count > 0)"),
        "rated": SQL("count(*) FILTER (WHERE c.rating_last_value > 0)"),
        "rating_sum": SQL("COALESCE(sum(c.rating_last_value), 0)"),
        "closed_promised": SQL("count(*) FILTER (WHERE c.closed_date IS NOT NULL AND c.promised_on IS NOT NULL)"),
        "gap_sum": SQL("COALESCE(sum(local.closed_on - c.promised_on), 0)"),
        "days_sum": SQL("COALESCE(sum(EXTRACT(epoch FROM c.closed_date - c.filed_at)), 0) / 86400"),
        "hours_sum": SQL("COALESCE(sum(EXTRACT(epoch FROM c.first_answered_at - c.filed_at)), 0) / 3600"),
    }


def get_enquiry_source():
    """Return the enquiries ``e`` that count: finished by the front desk, spam left out."""
    return SQL(
        """
        crm_lead AS e
        JOIN civic_enquiry_outcome AS outcome ON outcome.id = e.enquiry_outcome_id AND outcome.kind != 'spam'
        LEFT JOIN crm_team AS team ON team.id = e.team_id
        LEFT JOIN res_company AS company ON company.id = COALESCE(e.company_id, team.company_id)
        LEFT JOIN resource_calendar AS calendar ON calendar.id = company.resource_calendar_id
        WHERE e.is_enquiry IS TRUE AND e.enquiry_state = 'done'
        """
    )


def get_enquiry_dimensions():
    """Return column of ``civic.case.report`` → expression over the enquiries; one has no department and no kind."""
    received_at = SQL("e.received_at AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(calendar.tz, 'UTC')")
    return {
        "company_id": SQL("company.id"),
        "month": SQL("date_trunc('month', %s)::date", received_at),
        "team_id": SQL("NULL::int"),
        "category_id": SQL("e.category_id"),
        "civic_zone_id": SQL("e.civic_zone_id"),
        "channel_id": SQL("e.channel_id"),
        "kind": SQL("NULL::varchar"),
        "outcome_id": SQL("NULL::int"),
    }


def get_enquiry_measures():
    """Return what is counted: column of ``civic.case.report`` → aggregate over the enquiries."""
    return {
        "enquiries": SQL("count(*)"),
        "first_contacts": SQL("count(*) FILTER (WHERE e.first_contact_resolution)"),
    }

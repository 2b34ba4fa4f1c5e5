# SPDX-License-Identifier: AGPL-3.0-or-later
"""Our city: the same cases with zone, code, promise, deadline and trail."""

import json

from .city import CLOSED, FILED, IS_OPEN, LOT, City
from .rows import one_of, pick

NEIGHBOURHOODS = 21
WEST, SOUTH, STEP, HEIGHT = -5.5, 36.5, 0.01, 0.1
CODE = "upper(lpad(to_hex(i + 4096), 12, '0'))"


class OurCity(City):
    staff_group = "civic_crm.group_worker"
    agent_group = "civic_crm.group_agent"
    manager_group = "civic_crm.group_manager"

    def get_tables(self):
        return [*super().get_tables(), "civic_case_deadline", "civic_case_custody"]

    def settle(self):
        super().settle()
        Zone = self.env["civic.zone"]
        city = Zone.create({"name": "City", "kind": "city"})
        self.zones = Zone.create(
            [
                {"name": f"Zone {n}", "parent_id": city.id, "boundary": json.dumps(self._get_boundary(n))}
                for n in range(NEIGHBOURHOODS)
            ]
        )
        self.outcomes = self.env["civic.case.outcome"].search([("kind", "!=", "duplicate")])

    def _get_boundary(self, number):
        left, right, top = WEST + number * STEP, WEST + (number + 1) * STEP, SOUTH + HEIGHT
        ring = [[left, SOUTH], [right, SOUTH], [right, top], [left, top], [left, SOUTH]]
        return {"type": "Polygon", "coordinates": [ring]}

    def prepare_service(self, number):
        kind = "request" if number % 5 == 0 else "notice"
        return {"team_id": self.teams[number % len(self.teams)].id, "promise_days": 5 + number % 3, "kind": kind}

    def prepare_citizen(self):
        return {**super().prepare_citizen(), "is_citizen": True}

    def prepare_case(self, partner):
        vals = super().prepare_case(partner)
        return vals | {"latitude": SOUTH + HEIGHT / 2, "longitude": WEST + STEP / 2, "place": "Calle Mayor 3"}

    def get_citizen_columns(self):
        return super().get_citizen_columns() | {"civic_name_key": "'citizen ' || i"}

    def get_case_columns(self):
        columns = super().get_case_columns()
        is_open, filed, closed = (text.format(size=self.size) for text in (IS_OPEN, FILED, CLOSED))
        zone = f"(i::bigint * 13 + {LOT})"
        return columns | {
            "filed_at": filed,
            "civic_zone_id": one_of(self.zones.ids, zone),
            "place": f"'Calle ' || (i::bigint * 7 %% 2003) || ', ' || {LOT}",
            "latitude": f"{SOUTH} + {HEIGHT} * (i::bigint * 7 %% 2003) / 2003.0",
            "longitude": f"{WEST} + {STEP} * ({zone} %% {NEIGHBOURHOODS} + {LOT} / 101.0)",
            "tracking_code": f"left({CODE}, 4) || '-' || substr({CODE}, 5, 4) || '-' || right({CODE}, 4)",
            "email_normalized": columns["partner_email"],
            "kind": pick([(f"{LOT} < 20", "'request'"), (f"{LOT} < 25", "'complaint'")], "'notice'"),
            "registry_number": pick([(f"{LOT} < 20", "'2026-E-' || lpad(i::text, 8, '0')")]),
            "registered_at": pick([(f"{LOT} < 20", filed)]),
            "promised_on": pick([(f"{LOT} = 99", "NULL")], f"({filed} + interval '9 days')::date"),
            "legal_due_on": pick([(f"{LOT} < 20", f"({filed} + interval '92 days')::date")]),
            "first_answered_at": pick(
                [(f"{is_open} AND {LOT} %% 2 = 0", "NULL")], f"least({filed} + interval '9 hours', {closed})"
            ),
            "outcome_id": pick([(is_open, "NULL")], one_of(self.outcomes.ids, LOT)),
            "has_citizen_message": pick([(is_open, f"{LOT} %% 4 = 0")], "FALSE"),
        }

    def add_surroundings(self, first_case, first_partner):
        super().add_surroundings(first_case, first_partner)
        every = f"(SELECT * FROM helpdesk_ticket WHERE id >= {first_case}) AS ticket", "ticket.id"
        clock = self.model.deadline_ids.filtered(lambda clock: clock.purpose == "promise")[:1]
        self.rows.repeat(
            "civic_case_deadline",
            clock.id,
            every,
            {
                "case_id": "ticket.id",
                "start_at": "ticket.filed_at",
                "start_date": "ticket.filed_at::date",
                "due_date": "ticket.promised_on",
                "warn_on": "ticket.promised_on - 2",
                "closed_on": "ticket.closed_date::date",
                "outcome": pick(
                    [
                        ("ticket.closed_date IS NULL", "NULL"),
                        ("ticket.closed_date::date <= ticket.promised_on", "'met'"),
                    ],
                    "'late'",
                ),
            },
        )
        self.rows.repeat(
            "civic_case_custody",
            self.model.custody_ids.id,
            every,
            {"case_id": "ticket.id", "team_id": "ticket.team_id", "date_from": "ticket.filed_at"},
        )

    def fill(self):
        super().fill()
        self.env["civic.case.report"]._refresh()
        self.env.cr.commit()

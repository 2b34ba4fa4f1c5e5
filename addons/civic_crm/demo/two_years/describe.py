# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the history has to know of the database's city."""

import shapely

from .facts import City, Question, Service, Zone


def describe_city(env):
    """Return the ``City`` of the database: its neighbourhoods, services and departments, and today's date."""
    company = env.company
    services = env["helpdesk.ticket.category"].search([("promise_days", ">", 0)])
    return City(
        today=env["helpdesk.ticket"]._get_city_today(),
        zone_name=str(company._get_city_zone()),
        zones=tuple(_describe_zones(env)),
        services={service.service_code: _describe_service(service) for service in services},
        teams=frozenset(env["helpdesk.ticket.team"].search([("user_ids", "!=", False)]).mapped("code")),
        confirmation_days=company._get_case_settings()["confirmation_days"],
        first_contact_days=env["crm.team"].browse(env["crm.team"]._find_front_desk_id(company.id)).first_contact_days,
    )


def _describe_zones(env):
    zones = env["civic.zone"].search([("kind", "=", "neighbourhood"), ("boundary", "!=", False)], order="code")
    counted = env["civic.zone.population"]._read_group([("zone_id", "in", zones.ids)], ["zone_id"], ["count:sum"])
    people = dict(counted)
    for zone in zones:
        yield Zone(zone.code, zone.name, people.get(zone) or 1, shapely.from_geojson(zone.boundary))


def _describe_service(service):
    asks = service._get_public_facts()
    return Service(
        code=service.service_code,
        kind=service.kind,
        promise_days=service.promise_days,
        is_public=service.publish_issues,
        has_place=service.ask_place != "no",
        is_identified=service.identification == "identified",
        may_be_anonymous=service.identification == "anonymous",
        asks_confirmation=bool(asks["ask_confirmation"]),
        asks_satisfaction=bool(asks["ask_satisfaction"]),
        questions=tuple(
            Question(spec.code, spec.datatype, tuple(option.key for option in spec.options))
            for spec in service._get_questions()
            if spec.required
        ),
    )

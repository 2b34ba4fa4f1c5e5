# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tools.sql import table_exists


def migrate(cr, version):
    """Crews of zones and people's own zones become lines of “who answers where”, beside the departments by zone."""
    if table_exists(cr, "civic_zone_crew"):
        _move_crews(cr)
    if table_exists(cr, "civic_user_zone_rel"):
        _move_zones_of_people(cr)
    cr.execute("UPDATE helpdesk_ticket_team SET assign_method = 'least_loaded' WHERE assign_method = 'zone'")


def _move_crews(cr):
    """A crew's department went before the service's: where both named one for the same, it is the crew's."""
    cr.execute(
        """
        UPDATE civic_service_route AS route SET team_id = COALESCE(crew.team_id, route.team_id)
          FROM civic_zone_crew AS crew
         WHERE crew.zone_id = route.zone_id AND COALESCE(crew.service_id, 0) = COALESCE(route.service_id, 0);
        INSERT INTO civic_service_route (zone_id, service_id, team_id, create_date, write_date)
        SELECT zone_id, service_id, team_id, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC' FROM civic_zone_crew
            ON CONFLICT DO NOTHING;
        INSERT INTO civic_service_route_user_rel (route_id, user_id)
        SELECT route.id, crew.user_id
          FROM civic_zone_crew AS crew
          JOIN civic_service_route AS route
            ON crew.zone_id = route.zone_id AND COALESCE(crew.service_id, 0) = COALESCE(route.service_id, 0)
         WHERE crew.user_id IS NOT NULL
            ON CONFLICT DO NOTHING
        """
    )


def _move_zones_of_people(cr):
    cr.execute(
        """
        INSERT INTO civic_service_route (zone_id, create_date, write_date)
        SELECT DISTINCT zone_id, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC' FROM civic_user_zone_rel
            ON CONFLICT DO NOTHING;
        INSERT INTO civic_service_route_user_rel (route_id, user_id)
        SELECT route.id, own.user_id
          FROM civic_user_zone_rel AS own
          JOIN civic_service_route AS route ON route.zone_id = own.zone_id AND route.service_id IS NULL
            ON CONFLICT DO NOTHING
        """
    )

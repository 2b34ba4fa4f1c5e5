# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

#: States a record may have on a map, the most urgent first; each has its colour and shape.
STATES = ("overdue", "soon", "ok", "closed")


class CivicMap(models.AbstractModel):
    """Records with a point, as the view ``civic_map`` shows them.

    A model that inherits this has ``latitude`` and ``longitude`` (degrees, both 0 for
    unknown), and says by ``_get_map_state_sql`` and ``_prepare_map_items`` what is shown.
    However many records there are, the browser receives at most ``MAP_POINTS`` points and
    ``MAP_LISTED`` lines: where there are more, the database counts them by cells of a grid.
    """

    _name = "civic.map"
    _description = "Shown on the map"

    MAP_POINTS = 2000
    MAP_LISTED = 80
    #: cells of the grid from south to north in the part that is seen
    MAP_ROWS = 16

    @api.model
    @api.readonly
    def read_map(self, domain, box=None, with_totals=False):
        """Return what of the records of a domain lies in a box, as the user may read them.

        :param list domain: the search bar's
        :param box: [west, south, east, north] in degrees; everything if not given
        :param bool with_totals: also say ``unplaced``, how many have no point, and
            ``extent``, the box of those that have one (None if there is none)
        :return: dict with ``count``, ``points`` (lists of id, latitude, longitude, state;
            empty when there are too many), ``clusters`` (lists of latitude, longitude, count
            and counts by state; empty when there are points), ``items`` (the most urgent
            ones, as ``_prepare_map_items`` makes them)
        :raises UserError: when the box is none
        """
        domain = Domain(domain)
        here = domain & self._get_box_domain(box)
        clusters = self._read_map_clusters(here, box)
        count = sum(cluster[2] for cluster in clusters)
        few = count <= self.MAP_POINTS
        answer = {
            "count": count,
            "points": self._read_map_points(here, self.MAP_POINTS) if few else [],
            "clusters": [] if few else clusters,
            "items": self._read_map_items(here),
        }
        if with_totals:
            answer["unplaced"] = self.search_count(domain & self._get_unplaced_domain())
            answer["extent"] = self._read_map_extent(domain & self._get_box_domain(None))
        return answer

    @api.model
    @api.readonly
    def read_map_item(self, record_id):
        """Return what the map tells of one record; the user must be allowed to read it."""
        record = self.browse(int(record_id))
        record.check_access("read")
        return record._prepare_map_items()[0]

    # ------------------------------------------------------------------
    # what a model says of itself
    # ------------------------------------------------------------------

    @api.model
    def _get_map_state_sql(self, alias, query):
        """Return an SQL expression of one of ``STATES``."""
        return SQL("'ok'")

    @api.model
    def _get_map_order_sql(self, alias, query):
        """Return the SQL order within one state, the most urgent first."""
        return SQL("%s DESC", self._field_to_sql(alias, "id", query))

    def _prepare_map_items(self):
        """Return a dict for each record: ``id``, ``latitude``, ``longitude``, ``state``, ``title``, ``lines``.

        ``lines`` are texts to stand under the title.
        """
        return [
            {
                "id": record.id,
                "latitude": record.latitude,
                "longitude": record.longitude,
                "state": "ok",
                "title": record.display_name,
                "lines": [],
            }
            for record in self
        ]

    # ------------------------------------------------------------------
    # queries
    # ------------------------------------------------------------------

    @api.model
    def _get_unplaced_domain(self):
        return Domain("latitude", "in", [0, False]) & Domain("longitude", "in", [0, False])

    @api.model
    def _get_box_domain(self, box):
        if box is None:
            return Domain("latitude", "!=", 0) | Domain("longitude", "!=", 0)
        try:
            west, south, east, north = (float(side) for side in box)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("The part of the map to show is not understood. Reload the page.")) from error
        return (
            Domain("latitude", ">=", south)
            & Domain("latitude", "<=", north)
            & Domain("longitude", ">=", west)
            & Domain("longitude", "<=", east)
            & (Domain("latitude", "!=", 0) | Domain("longitude", "!=", 0))
        )

    def _read_map_clusters(self, domain, box):
        """Count by the cells of a grid over the box, in one query."""
        query = self._search(domain)
        latitude, longitude = self._get_point_sql(query)
        cell = (float(box[3]) - float(box[1])) / self.MAP_ROWS if box else 0.01
        rows = self.env.execute_query(
            SQL(
                """
                SELECT avg(latitude), avg(longitude), count(*), %(by_state)s
                  FROM (%(seen)s) AS seen
                 GROUP BY floor(latitude / %(cell)s::float8), floor(longitude / %(cell)s::float8)
                """,
                by_state=SQL(", ").join(SQL("count(*) FILTER (WHERE state = %s)", state) for state in STATES),
                seen=query.select(
                    SQL("%s AS latitude", latitude),
                    SQL("%s AS longitude", longitude),
                    SQL("%s AS state", self._get_map_state_sql(self._table, query)),
                ),
                cell=max(cell, 1e-5),
            )
        )
        return [[round(row[0], 6), round(row[1], 6), row[2], dict(zip(STATES, row[3:], strict=True))] for row in rows]

    def _read_map_points(self, domain, limit):
        query = self._search(domain, limit=limit)
        latitude, longitude = self._get_point_sql(query)
        rows = self.env.execute_query(
            query.select(
                SQL.identifier(self._table, "id"),
                latitude,
                longitude,
                self._get_map_state_sql(self._table, query),
            )
        )
        return [list(row) for row in rows]

    def _read_map_items(self, domain):
        """Read the most urgent records in the box."""
        query = self._search(domain, limit=self.MAP_LISTED)
        state = self._get_map_state_sql(self._table, query)
        query.order = SQL(
            "array_position(%s, %s), %s", list(STATES), state, self._get_map_order_sql(self._table, query)
        )
        return self.browse(query.get_result_ids())._prepare_map_items()

    def _read_map_extent(self, domain):
        query = self._search(domain)
        latitude, longitude = self._get_point_sql(query)
        select = query.select(
            SQL("min(%s)", longitude),
            SQL("min(%s)", latitude),
            SQL("max(%s)", longitude),
            SQL("max(%s)", latitude),
        )
        extent = list(self.env.execute_query(select)[0])
        return None if extent[0] is None else extent

    def _get_point_sql(self, query):
        """Return latitude and longitude as floats: grids over numerics cost a database much."""
        names = ("latitude", "longitude")
        return tuple(SQL("%s::float8", self._field_to_sql(self._table, name, query)) for name in names)

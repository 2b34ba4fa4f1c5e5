# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..core import duplicates, places

#: How many reports one query brings for scoring: those nearest in time, and those most alike.
NEAR_LIMIT = 200
ALIKE_LIMIT = 50
#: Has a record a point? As the partial indexes have it.
SOMEWHERE = SQL("(r.latitude <> 0 OR r.longitude <> 0)")
NOWHERE = SQL("COALESCE(r.latitude, 0) = 0 AND COALESCE(r.longitude, 0) = 0")


class CivicDuplicates(models.AbstractModel):
    """What was reported before: finds open records that may be the same fact, and scores them.

    How it works: one query brings candidates by two indexes, those in a box around the point and,
    of those of the service that have none, those whose place is written alike;
    ``core/duplicates.py`` scores them. Budget: one query for one report, whatever the number of records.

    A model that inherits this has ``category_id``, ``latitude``, ``longitude`` and ``place``.
    """

    _name = "civic.duplicates"
    _description = "Reports that may be the same"

    #: the column that says when it was reported, and the one that says what it is about
    _reported_at = "filed_at"
    _told_as = "name"

    @api.model
    def _get_open_sql(self):
        """Return the condition on alias ``r`` of what is still open, as the partial indexes have it."""
        raise NotImplementedError

    @api.model
    def _find_like(self, new, *, metres, days, service_ids, leave_out=()):
        """Return ``(id, Score)`` of open records that may be the same as *new*, the likeliest first.

        Rights are the caller's to check: nothing of the records but their ids is returned.

        :param new: a ``core.duplicates.Report``
        :param int metres: see ``core.duplicates.score``
        :param int days: likewise
        :param service_ids: ids of the services among which to look
        :param leave_out: ids of records that are not candidates
        """
        rows = self._read_candidates(new, metres, days, tuple(service_ids), tuple(leave_out))
        return duplicates.rank(new, rows, metres=metres, days=days)

    @api.model
    def _read_candidates(self, new, metres, days, service_ids, leave_out):
        branches = self._get_candidate_branches(new, metres)
        if not branches or not service_ids:
            return []
        self.flush_model()
        now = fields.Datetime.now()
        common = SQL(
            "r.category_id IN %s AND %s AND r.%s >= %s%s",
            service_ids,
            self._get_open_sql(),
            SQL.identifier(self._reported_at),
            now - timedelta(days=days),
            SQL(" AND r.id NOT IN %s", leave_out) if leave_out else SQL(),
        )
        told = SQL("r.%s", SQL.identifier(self._told_as))
        rows = self.env.execute_query(
            SQL(" UNION ALL ").join(
                SQL(
                    "(SELECT r.id, r.category_id, r.latitude, r.longitude, r.place, %s, r.%s"
                    " FROM %s AS r WHERE %s AND %s ORDER BY %s LIMIT %s)",
                    told,
                    SQL.identifier(self._reported_at),
                    SQL.identifier(self._table),
                    common,
                    condition,
                    order,
                    limit,
                )
                for condition, order, limit in branches
            )
        )
        return [
            (
                row[0],
                duplicates.Report(
                    row[1],
                    float(row[2] or 0),
                    float(row[3] or 0),
                    row[4] or "",
                    self._own_words(row[5]),
                    (now - row[6]).total_seconds() / 86400,
                ),
            )
            for row in rows
        ]

    @api.model
    def _get_candidate_branches(self, new, metres):
        """Return ``(condition, order, limit)`` of each way to a candidate: one index each, and no record by two."""
        alike, likeness = self._get_alike(new)
        branches = []
        if places.is_known(new.latitude, new.longitude):
            # two points settle it: words are looked at where one of the two has none
            south, west, north, east = places.box_around(new.latitude, new.longitude, metres)
            box = SQL(
                "%s AND r.latitude BETWEEN %s AND %s AND r.longitude BETWEEN %s AND %s",
                *(SOMEWHERE, south, north, west, east),
            )
            branches.append((box, SQL("r.%s DESC", SQL.identifier(self._reported_at)), NEAR_LIMIT))
        elif alike:
            branches.append((SQL("%s AND %s", SOMEWHERE, alike), likeness, ALIKE_LIMIT))
        if alike:
            branches.append((SQL("%s AND %s", NOWHERE, alike), likeness, ALIKE_LIMIT))
        return branches

    @api.model
    def _get_alike(self, new):
        """Return the condition that a record is written like *new*, and the order of how much; None, None without."""
        written = (("place", new.place), (self._told_as, new.text))
        ways = [(SQL.identifier("r", column), text) for column, text in written if text]
        if not ways or not self.pool.has_trigram:
            return None, None
        conditions = [SQL("%s %% %s", *way) for way in ways]
        likeness = SQL(", ").join(SQL("similarity(%s, %s)", *way) for way in ways)
        alike = conditions[0]
        if len(ways) == 2:
            # the subject is looked at where there is no place to compare; for an OR all indexes would be considered
            alike = SQL("CASE WHEN COALESCE(r.place, '') = '' THEN %s ELSE %s END", *reversed(conditions))
        return alike, SQL("GREATEST(%s) DESC", likeness)

    @api.model
    def _own_words(self, subject):
        """Return *subject* unless the system made it (service · place): likeness of that says nothing."""
        return subject if subject and " · " not in subject else ""

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Many rows from one: a record made through the ORM is repeated by SQL, with the columns that differ.

Every required column, also those that addons add later, then has what the ORM gives it. Secondary indexes are
made afterwards, and foreign keys are not looked up for each row: what is inserted is right by construction.
"""

import contextlib


def compose_insert(table, columns, changed, source):
    """Return the statement that repeats row %(row)s of *table* for every row of *source*.

    :param columns: the table's columns without ``id``
    :param changed: column → SQL expression over *source*; names nothing that is no column
    :param source: what stands in FROM and ORDER BY, such as ``("generate_series(1, 9) AS i", "i")``
    :raises KeyError: for a column that the table has not
    """
    if unknown := changed.keys() - set(columns):
        raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}.")
    rows, order = source
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(changed.get(column, f'model."{column}"') for column in columns)
    return (
        f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}" AS model CROSS JOIN {rows}'
        f" WHERE model.id = %(row)s ORDER BY {order}"
    )


def pick(cases, otherwise="NULL"):
    """Return a CASE over ``(condition, value)`` pairs, the first that holds."""
    whens = " ".join(f"WHEN {condition} THEN {value}" for condition, value in cases)
    return f"CASE {whens} ELSE {otherwise} END"


def one_of(ids, number):
    """Return the SQL of the element of *ids* that *number*, an SQL integer, points to, round and round."""
    return f"(ARRAY{[int(each) for each in ids]})[1 + ({number}) %% {len(ids)}]"


class Rows:
    """Inserts through one cursor."""

    def __init__(self, cr):
        self.cr = cr

    def columns(self, table):
        self.cr.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attname != 'id' ORDER BY attnum",
            [f'"{table}"'],
        )
        return [name for (name,) in self.cr.fetchall()]

    def repeat(self, table, row, source, changed):
        """Repeat the row with the id *row*; return the ids of the first and the last copy: they follow one another.

        :param source: a number of copies, counted by ``i`` from 1, or as in ``compose_insert``
        """
        if isinstance(source, int):
            source = f"generate_series(1, {source}) AS i", "i"
        self.cr.execute(compose_insert(table, self.columns(table), changed, source), {"row": row})
        added = self.cr.rowcount
        self.cr.execute(f'SELECT max(id) FROM "{table}"')
        last = self.cr.fetchone()[0]
        return last - added + 1, last

    @contextlib.contextmanager
    def without_indexes(self, *tables):
        """Drop the indexes that no constraint needs and make them again at the end; no trigger runs meanwhile."""
        self.cr.execute(
            """
            SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
             WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary
               AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
            """,
            [[f'"{table}"' for table in tables]],
        )
        indexes = self.cr.fetchall()
        for name, _definition in indexes:
            self.cr.execute(f"DROP INDEX {name}")
        self.cr.execute("SET LOCAL session_replication_role = replica")
        self.cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
        yield
        self.cr.execute("SET LOCAL session_replication_role = DEFAULT")
        for _name, definition in indexes:
            self.cr.execute(definition)

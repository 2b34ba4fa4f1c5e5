"""Who answers a case: one table of lines by place and service, read from the nearest word to the farthest.

A line is said of a place and a service: ``(zone, service)``. Without a zone it holds everywhere: that is a service's
own department. Without a service it holds for all of them. The nearest place wins, from the case's neighbourhood up to
the whole city and at last everywhere; in it the nearest service, from its own line up the catalogue to “all services”.
The department and the people are looked for apart: a line that names only people leaves the department to others.
"""

from collections import namedtuple

#: ``department``: an id, or None; ``people``: ids of those who look after it, empty for nobody in particular.
Line = namedtuple("Line", "department people", defaults=(None, ()))
#: What was found, and in which line it was said; ``zone`` and ``service`` are None where that line names none.
Said = namedtuple("Said", "value zone service")


def find(table, services, zones, part):
    """Return what the nearest line says, as ``Said``; None when no line says it.

    :param table: mapping of ``(zone id or None, service id or None)`` to ``Line``
    :param services: ids of the service, then of the headings above it, nearest first
    :param zones: ids of the case's zone, then of those it lies in, nearest first; empty when the place is unknown
    :param str part: ``"department"`` or ``"people"``
    """
    for zone in (*zones, None):
        for service in (*services, None):
            line = table.get((zone, service))
            value = line and getattr(line, part)
            if value:
                return Said(value, zone, service)
    return None


def depends_on_place(table, services):
    """Return True when another department than everywhere may answer in some zone."""
    concerned = {*services, None}
    return any(zone and service in concerned and line.department for (zone, service), line in table.items())

"""Who may act for whom: an explicit mandate, for a time, for everything, one service or one case."""

from collections import namedtuple

#: What a mandate is for: everything, the cases of one service and those below it, one case.
SCOPES = ("all", "service", "case")
#: The states of a mandate on a day.
FUTURE, IN_FORCE, EXPIRED, REVOKED = "future", "valid", "expired", "revoked"

Mandate = namedtuple("Mandate", "scope target date_from date_to revoked_on")
Mandate.__doc__ = """One mandate. Dates are the city's days.

``target`` is the id of the service or case, None for everything; ``date_to`` (None: without end) is the last day it
holds; ``revoked_on`` is the day it was taken back, or None.
"""


def state_on(mandate, day):
    """Return the state of a mandate on a day.

    Taken back is taken back for the whole of that day: in doubt nobody acts for another.
    """
    if mandate.revoked_on and mandate.revoked_on <= day:
        return REVOKED
    if day < mandate.date_from:
        return FUTURE
    if mandate.date_to and mandate.date_to < day:
        return EXPIRED
    return IN_FORCE


def covers(mandate, day, case_id, service_ids):
    """Return whether a mandate lets its holder act on a day in one case of who gave it.

    :param case_id: id of the case, or None for a case that is only being filed
    :param service_ids: ids of the case's service and of those above it; may be empty
    """
    if state_on(mandate, day) != IN_FORCE:
        return False
    if mandate.scope == "all":
        return True
    if mandate.scope == "service":
        return mandate.target in service_ids
    return mandate.scope == "case" and mandate.target is not None and mandate.target == case_id

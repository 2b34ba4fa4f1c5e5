"""Who takes the next case: fair, the same for the same facts, nobody who is absent."""

from collections import namedtuple

#: A member of a department who is at work. ``load``: open cases; ``turn``: a sortable value that
#: grows with the time of the last case given, e.g. ``(datetime, case id)``, or None for never;
#: ``zone_ids``: the zones looked after, empty for all.
Member = namedtuple("Member", "id load turn zone_ids")

METHODS = ("round_robin", "least_loaded", "zone")


def assign(method, members, cases):
    """Return for each of *cases* the id of the member who takes it, None when there is nobody.

    ``round_robin``: whoever has waited longest for a case. ``least_loaded``: whoever has fewest
    open cases, then whoever has waited longest. ``zone``: the least loaded of those who look
    after the case's zone or one around it; where nobody does, of all. Ties fall to the lowest
    id. Each case given counts for the next one.

    :param members: iterable of ``Member``
    :param cases: iterable of the zone ids of each case, its own zone and those around it
    :raises ValueError: for another method
    """
    if method not in METHODS:
        raise ValueError(f"unknown method of assignment: {method!r}")
    queue = [_Turn(member) for member in members]
    taken = []
    for step, zone_ids in enumerate(cases):
        chosen = min(_eligible(method, queue, zone_ids), key=lambda turn: turn.key(method), default=None)
        if chosen is not None:
            chosen.give(step)
        taken.append(chosen and chosen.member.id)
    return taken


def _eligible(method, queue, zone_ids):
    if method != "zone":
        return queue
    here = [turn for turn in queue if set(turn.member.zone_ids) & set(zone_ids)]
    return here or queue


class _Turn:
    """One member's place in the queue, as it changes while a batch is dealt out."""

    def __init__(self, member):
        self.member = member
        self.load = member.load
        self.given = None

    def key(self, method):
        """Sort first whoever is next: never served, then served long ago, then in this batch."""
        if self.given is not None:
            waited = (2, self.given)
        elif self.member.turn is not None:
            waited = (1, self.member.turn)
        else:
            waited = (0, 0)
        return (0 if method == "round_robin" else self.load, *waited, self.member.id)

    def give(self, step):
        self.load += 1
        self.given = step

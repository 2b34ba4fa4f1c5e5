"""Who takes the next case: fair, the same for the same facts, nobody who is absent."""

from collections import namedtuple

#: A member of a department who is at work. ``load``: open cases; ``turn``: a sortable value that
#: grows with the time of the last case given, e.g. ``(datetime, case id)``, or None for never.
Member = namedtuple("Member", "id load turn")

METHODS = ("none", "round_robin", "least_loaded")


def assign(method, members, cases):
    """Return for each of *cases* the id of the member who takes it, None when there is nobody.

    Those who look after the place of a case come first, if they are at work; else all of the department, where it
    gives cases at all. ``round_robin``: whoever has waited longest for a case. ``least_loaded``, and ``none`` among
    those who look after the place: whoever has fewest open cases, then whoever has waited longest. Ties fall to the
    lowest id. Each case given counts for the next one.

    :param members: iterable of ``Member``
    :param cases: iterable of the ids of those who look after the place of each case, empty for nobody in particular
    :raises ValueError: for another method
    """
    if method not in METHODS:
        raise ValueError(f"unknown method of assignment: {method!r}")
    queue = [_Turn(member) for member in members]
    taken = []
    for step, people in enumerate(cases):
        chosen = min(_eligible(method, queue, people), key=lambda turn: turn.key(method), default=None)
        if chosen is not None:
            chosen.give(step)
        taken.append(chosen and chosen.member.id)
    return taken


def _eligible(method, queue, people):
    here = [turn for turn in queue if turn.member.id in people]
    return here or ([] if method == "none" else queue)


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

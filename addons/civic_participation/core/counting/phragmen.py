# SPDX-License-Identifier: AGPL-3.0-or-later
"""Phragmén's sequential rule, for budgets: money flows to all voters alike, and who can pay buys.

Phragmén (1894), in Brill, Freeman, Janson and Lackner, "Phragmén's voting methods and justified
representation" (AAAI 2017); with costs, Los, Christoff and Grossi (IJCAI 2022). A voter's load is when
their money last ran out. A project is bought at the time (loads of its supporters + cost) / supporters.
"""

from fractions import Fraction

from .outcome import Round, budget_outcome

#: Times that differ by less than this part are compared as fractions.
NEAR = 1e-9


def phragmen(election):
    """Count by Phragmén's rule; it ends at the first project that does not fit.

    Projects chosen by nobody come last, in the order of ties, as the reference has it: a city that does
    not want them states a threshold. Facts: ``load``, ``supporters``, ``cost``, ``left``, ``tied_with``.
    """
    count = _Loads(election)
    chosen, rounds, left = [], [], election.limit
    while count.open:
        time, tied = count.earliest()
        i = min(tied, key=election.ranks.__getitem__)
        project = election.projects[i]
        facts = {
            "load": None if time is None else time / election.unit,
            "supporters": len(election.supporters[i]),
            "cost": project.cost,
            "left": Fraction(left, election.unit),
            "tied_with": [election.projects[j].id for j in tied if j != i],
        }
        dear = [j for j in tied if election.costs[j] > left]
        if dear:
            # as the reference has it: one of those at the same time that does not fit ends the count
            rounds.append(Round("stopped", election.projects[min(dear, key=election.ranks.__getitem__)].id, facts))
            break
        chosen.append(i)
        rounds.append(Round("funded", project.id, facts))
        left -= election.costs[i]
        count.buy(i, time)
    return budget_outcome(election, chosen, rounds)


class _Loads:
    """Loads as numbers of purchases: what a voter bought last, -1 for nothing yet."""

    def __init__(self, election):
        self.election = election
        self.open = {i for i in election.standing if election.costs[i] <= election.limit}
        self.last = [-1] * len(election.choices)
        self.loads = [0.0] * len(election.choices)
        self.times = []  # exact, by purchase
        wanted = [i for i in self.open if election.supporters[i]]
        # a time never falls: what it was is a lower bound, and most need not be computed again
        self.bounds = {i: election.costs[i] / len(election.supporters[i]) for i in wanted}

    def earliest(self):
        """Return the earliest time (a Fraction; None: never) and the projects bought then."""
        if not self.bounds:
            return None, sorted(self.open)
        best, near = None, []
        for i in sorted(self.bounds, key=self.bounds.__getitem__):
            if best is not None and self.bounds[i] > best * (1 + 2 * NEAR):
                break
            supporters, loads = self.election.supporters[i], self.loads
            self.bounds[i] = time = (sum([loads[v] for v in supporters]) + self.election.costs[i]) / len(supporters)
            near.append((time, i))
            best = time if best is None else min(best, time)
        exact = {i: self._exact(i) for time, i in near if time <= best * (1 + NEAR)}
        time = min(exact.values())
        return time, [i for i, each in exact.items() if each == time]

    def _exact(self, i):
        supporters, total = self.election.supporters[i], Fraction(self.election.costs[i])
        held = {}
        for voter in supporters:
            held[self.last[voter]] = held.get(self.last[voter], 0) + 1
        for purchase, voters in held.items():
            if purchase >= 0:
                total += self.times[purchase] * voters
        return total / len(supporters)

    def buy(self, i, time):
        self.open.discard(i)
        if time is None:
            return
        del self.bounds[i]
        purchase, load = len(self.times), float(time)
        self.times.append(time)
        for voter in self.election.supporters[i]:
            self.last[voter] = purchase
            self.loads[voter] = load

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which projects a budget pays for when votes alone decide: greedy, and the best set (knapsack)."""

from fractions import Fraction
from math import lcm

from .outcome import Round, budget_outcome

COST, CARDINALITY = "cost", "cardinality"


def greedy(election, utility=COST, skip=True):
    """Take the projects by their votes (or points), those that fit.

    With utility ``cost`` the most voted goes first, with ``cardinality`` the one with most votes per
    unit of money. With *skip* a project that does not fit is passed over; without, it ends the count.
    Facts of a round: ``votes``, ``cost``, ``left`` (before), ``tied_with`` (ids).
    """
    chosen, rounds, left = [], [], election.limit
    order = order_of_greed(election, utility)
    keys = {i: greed(election, i, utility) for i in order}
    for i in order:
        project, cost = election.projects[i], election.costs[i]
        facts = {
            "votes": election.scores[i],
            "cost": project.cost,
            "left": Fraction(left, election.unit),
            "tied_with": [election.projects[j].id for j in order if j != i and keys[j] == keys[i]],
        }
        if cost <= left:
            left -= cost
            chosen.append(i)
            rounds.append(Round("funded", project.id, facts))
        elif skip:
            rounds.append(Round("skipped", project.id, facts))
        else:
            rounds.append(Round("stopped", project.id, facts))
            break
    return budget_outcome(election, chosen, rounds)


def greed(election, i, utility):
    """Return what places a project: exact, the larger goes first."""
    if utility == COST:
        return Fraction(election.scores[i])
    if election.costs[i]:
        return Fraction(election.scores[i]) / election.costs[i]
    return float("inf") if election.scores[i] > 0 else Fraction(0)


def order_of_greed(election, utility):
    return sorted(election.standing, key=lambda i: (-greed(election, i, utility), election.ranks[i]))


def fill_up(election, chosen, utility):
    """Return *chosen* and the projects that greedy still adds to them."""
    chosen = list(chosen)
    left = election.limit - sum(election.costs[i] for i in chosen)
    for i in order_of_greed(election, utility):
        if i not in chosen and election.costs[i] <= left:
            chosen.append(i)
            left -= election.costs[i]
    return chosen


def knapsack(election, utility=CARDINALITY):
    """Take the set within the budget with most votes in all (``cardinality``), or most votes times cost.

    Exact: sets that cost more and give less are dropped (Nemhauser and Ullmann, "Discrete dynamic
    programming and capital allocation", 1969), and sets that even fractions of what is left could not
    bring to the best known (Dantzig, "Discrete-variable extremum problems", 1957). Of equally good sets
    the one with the project that wins ties wins, then the one with the next.
    """
    scale = lcm(*(Fraction(score).denominator for score in election.scores))
    wanted = [i for i in election.standing if election.scores[i] > 0 and election.costs[i] <= election.limit]
    # the value and then, for ties, a bit per project, the highest for the first in the order of ties
    size = len(election.projects)
    bits = {i: 1 << (size - 1 - election.ranks[i]) for i in wanted}
    values = {
        i: (int(election.scores[i] * scale) * (election.costs[i] if utility == COST else 1) << size) + bits[i]
        for i in wanted
    }
    best = _best_set(election, values)
    chosen = sorted((i for i in wanted if best & bits[i]), key=election.ranks.__getitem__)
    rounds = [
        Round("funded", election.projects[i].id, {"votes": election.scores[i], "cost": election.projects[i].cost})
        for i in chosen
    ]
    return budget_outcome(election, chosen, rounds)


def _best_set(election, values):
    """Return the highest sum of *values* (positive ints by position) that the budget pays for."""
    costs, limit = election.costs, election.limit
    items = sorted((i for i in values if costs[i]), key=lambda i: Fraction(-values[i], costs[i]))
    sets = [(0, sum(values[i] for i in values if not costs[i]))]
    floor = _greedy_value(costs, limit, items, values, sets[0][1])
    for place, item in enumerate(items):
        larger = [(cost + costs[item], value + values[item]) for cost, value in sets if cost + costs[item] <= limit]
        # per unit of money the rest brings at most what its first project brings
        value_of_next, cost_of_next = (
            (values[items[place + 1]], costs[items[place + 1]]) if items[place + 1 :] else (0, 1)
        )
        merged = sorted([*sets, *larger], key=lambda each: (each[0], -each[1]))
        sets, best = [], -1
        for cost, value in merged:
            if value > best:
                best = value
                if (value - floor) * cost_of_next + (limit - cost) * value_of_next >= 0:
                    sets.append((cost, value))
    return sets[-1][1]


def _greedy_value(costs, limit, items, values, value):
    for i in items:
        if costs[i] <= limit:
            limit -= costs[i]
            value += values[i]
    return value

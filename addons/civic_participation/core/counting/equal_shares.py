# SPDX-License-Identifier: AGPL-3.0-or-later
"""The method of equal shares: every voter holds an equal part of the budget and pays for what they chose.

Peters, Pierczyński and Skowron, "Proportional participatory budgeting with additive utilities" (NeurIPS
2021); https://equalshares.net. Round by round the project is bought whose supporters pay least for
what they get of it: the smallest rho with sum(min(purse, rho * utility)) = cost over its supporters.

Two engines give the same: one in whole numbers of any length, which decides whatever is close, and one in
floating point on numpy for large cities, which says so when two numbers are too close for it
(:class:`TooClose`) and leaves the count to the first. Without numpy everything is exact and slower.
"""

from contextlib import suppress
from fractions import Fraction

from .budgets import CARDINALITY, COST, fill_up, greedy
from .outcome import Round, budget_outcome

#: Where numpy pays: ballots times projects below this are counted exactly at once.
FAST_FROM = 2_000


class TooClose(ArithmeticError):
    """Floating point cannot decide this."""


NONE, ADD1, ADD1U, UTILITARIAN, EXHAUSTIVE = "", "add1", "add1u", "u", "exhaustive"


def equal_shares(election, utility=COST, completion=NONE, comparison=False, fast=None):
    """Count by equal shares.

    :param utility: what a funded project gives its supporter: ``cost`` (its cost) or ``cardinality`` (1),
        times the points where ballots give them
    :param completion: what becomes of money that is left over.
        ``add1``: purses grow by one unit of currency until the outcome leaves nothing affordable or the
        next one costs more than the budget. ``add1u``: then greedy. ``u``: greedy alone. ``exhaustive``:
        purses grow by 1 % of the share.
    :param comparison: keep greedy's outcome when more voters have more of their projects in it; add1 then
        goes on to the last step within the budget, as cities do that compare

    Facts of a round: ``price`` (what a voter pays at most), ``supporters``, ``paying_less`` (those who
    had less), ``cost``, ``left`` (before), ``effective_votes`` (cost / price), ``tied_with`` (ids).
    """
    count = _Count(election, utility, fast)
    run = count.complete(completion, exhaustive_stop=not comparison)
    chosen, rounds = run.chosen, count.describe(run)
    if completion in (ADD1U, UTILITARIAN):
        for i in fill_up(election, chosen, utility)[len(chosen) :]:
            chosen = [*chosen, i]
            project = election.projects[i]
            rounds.append(Round("funded", project.id, {"cost": project.cost, "completion": "greedy"}))
    outcome = budget_outcome(election, chosen, rounds)
    outcome.purse = run.start / election.unit
    return _compare_with_greedy(election, outcome, greedy(election)) if comparison else outcome


def _compare_with_greedy(election, outcome, other):
    position = {project.id: i for i, project in enumerate(election.projects)}
    ours, theirs = ({position[each] for each in one.winners} for one in (outcome, other))
    more = less = 0
    for ballot in election.choices:
        balance = sum((i in ours) - (i in theirs) for i in ballot)
        more += balance > 0
        less += balance < 0
    notes = [f"more of their projects by equal shares: {more}, by greedy: {less}"]
    kept = other if less > more else outcome
    kept.notes = [*kept.notes, *notes, f"kept: {'greedy' if kept is other else 'equal shares'}"]
    return kept


class _Run:
    """One pass: who was bought for what, with which purse at the start."""

    def __init__(self, start):
        self.start = start  # in whole units of money
        self.chosen, self.rhos, self.paying_less, self.tied = [], [], [], []
        self.spent = 0

    def buy(self, i, cost, rho, paying_less, tied):
        self.chosen.append(i)
        self.rhos.append(rho)
        self.paying_less.append(paying_less)
        self.tied.append(tied)
        self.spent += cost


class _Count:
    def __init__(self, election, utility, fast):
        self.election, self.utility = election, utility
        self.costs = election.costs
        self.worth = {i: election.costs[i] if utility == COST else 1 for i in election.standing}
        # as the reference has it, what gives no utility is never bought: a free project under "cost"
        self.items = [
            i for i in election.standing if self.worth[i] > 0 and self.costs[i] > 0 and election.supporters[i]
        ]
        self.gifts = (
            [i for i in election.standing if not self.costs[i] and election.supporters[i]]
            if utility == CARDINALITY
            else []
        )
        large = len(election.choices) * len(self.items) >= FAST_FROM
        self.purses = self._fast_purses() if (large if fast is None else fast) else None

    def _fast_purses(self):
        try:
            from .purses import FastPurses
        except ImportError:  # no numpy: the exact engine counts alone
            return None
        return FastPurses(self.election, self.items, self.worth)

    # growing purses

    def complete(self, completion, exhaustive_stop=True):
        election = self.election
        if not election.choices:
            return _Run(Fraction(0))
        start = Fraction(election.limit, len(election.choices))
        run = self.run(start)
        step, within = {
            ADD1: (Fraction(election.unit), self.items),
            ADD1U: (Fraction(election.unit), self.items),
            EXHAUSTIVE: (Fraction(election.limit, 100 * len(election.choices)), election.standing),
        }.get(completion, (None, ()))
        if not step:
            return run
        while not self._finished(run, within, exhaustive_stop):
            grown = self.run(run.start + step, election.limit)
            if grown is None:
                break
            run = grown
        return run

    def _finished(self, run, within, exhaustive_stop):
        bought = set(run.chosen)
        if all(i in bought for i in self.items):
            return True  # larger purses cannot change it
        if not exhaustive_stop:
            return False
        left = self.election.limit - run.spent
        return all(i in bought or self.costs[i] > left for i in within)

    def run(self, start, limit=None):
        """Return the pass with that purse, or None when it costs more than *limit*."""
        if self.purses:
            with suppress(TooClose):
                return self._fast(start, limit)
        return self._exact(start, limit)

    def _begin(self, start):
        run = _Run(start)
        for i in self.gifts:
            run.buy(i, 0, Fraction(0), 0, [])
        return run

    # the engine in whole numbers

    def _exact(self, start, limit):
        election, costs = self.election, self.costs
        run = self._begin(start)
        purses, unit = [start.numerator] * len(election.choices), start.denominator
        utilities = {i: self._utilities(i) for i in self.items}
        bounds = {i: Fraction(costs[i], sum(utilities[i])) for i in self.items}
        while True:
            best, tied = None, []
            for i in sorted(bounds, key=bounds.__getitem__):
                if best is not None and bounds[i] > best:
                    break
                share = _share([purses[v] for v in election.supporters[i]], utilities[i], costs[i] * unit)
                if share is None:
                    del bounds[i]
                    continue
                rest, weight, _less = share
                bounds[i] = rho = Fraction(rest, weight * unit)
                if best is None or rho < best:
                    best, tied = rho, [(i, share)]
                elif rho == best:
                    tied.append((i, share))
            if not tied:
                return run
            i, (rest, weight, less) = min(tied, key=lambda each: election.ranks[each[0]])
            del bounds[i]
            unit *= weight
            purses = [purse * weight for purse in purses]
            for voter, worth in zip(election.supporters[i], utilities[i], strict=True):
                purses[voter] -= min(purses[voter], rest * worth)
            run.buy(i, costs[i], best, less, [j for j, _share in tied if j != i])
            if limit is not None and run.spent > limit:
                return None

    def _utilities(self, i):
        worth, weights = self.worth[i], self.election.weights
        return [worth] * len(self.election.supporters[i]) if weights is None else [worth * w for w in weights[i]]

    # the engine in floating point

    def _fast(self, start, limit):
        election, costs, purses = self.election, self.costs, self.purses
        run = self._begin(start)
        purses.fill(float(start))
        bounds = dict(purses.lowest)
        while True:
            best, tied = None, []
            for i in sorted(bounds, key=bounds.__getitem__):
                if best is not None and bounds[i] > best.rho * purses.WIDE:
                    break
                price = purses.price(i, bounds[i])
                if price is None:
                    del bounds[i]
                    continue
                bounds[i] = price.rho
                if best is None or price.rho < best.rho / purses.WIDE:
                    best, tied = price, [price]
                elif price.rho <= best.rho * purses.WIDE:
                    tied.append(price)
                    best = min(best, price, key=lambda each: each.rho)
            if best is None:
                return run
            tied = purses.settle(tied)
            price = min(tied, key=lambda each: election.ranks[each.project])
            del bounds[price.project]
            purses.pay(price)
            run.buy(
                price.project, costs[price.project], price.rho, price.less, [t.project for t in tied if t is not price]
            )
            if limit is not None and run.spent > limit:
                return None

    # telling it

    def describe(self, run):
        election, rounds, left = self.election, [], self.election.limit
        for i, rho, less, tied in zip(run.chosen, run.rhos, run.paying_less, run.tied, strict=True):
            project, price = election.projects[i], Fraction(rho) * self.worth[i]
            facts = {
                "price": price / election.unit,
                "supporters": len(election.supporters[i]),
                "paying_less": less,
                "cost": project.cost,
                "left": Fraction(left, election.unit),
                "effective_votes": self.costs[i] / price if price else None,
                "tied_with": [election.projects[j].id for j in tied],
            }
            rounds.append(Round("funded", project.id, facts))
            left -= self.costs[i]
        return rounds


def _share(purses, utilities, cost):
    """Return (rest, weight, less): rho is rest / weight, paid in full by all but *less*; None: too dear.

    Those who cannot pay rho times their utility give all they have; the others share the rest.
    """
    if sum(purses) < cost:
        return None
    rest, weight, less = cost, sum(utilities), 0
    rich = list(zip(purses, utilities, strict=True))
    while True:
        still = []
        for purse, worth in rich:
            if purse * weight < rest * worth:
                less += 1
            else:
                still.append((purse, worth))
        if len(still) == len(rich):
            return rest, weight, less
        # the poor of this turn were found with one rest and weight: only now do they leave
        gone_money = sum(purse for purse, _w in rich) - sum(purse for purse, _w in still)
        rest, weight, rich = rest - gone_money, sum(w for _p, w in still), still

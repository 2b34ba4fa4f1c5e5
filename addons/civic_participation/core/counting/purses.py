# SPDX-License-Identifier: AGPL-3.0-or-later
"""Voters' purses in floating point, with a bound for the error of each: the fast engine of equal shares.

Never wrong, sometimes silent: every number carries how far off it may be, and where two decide something and
may be off by more than they differ, :class:`TooClose` hands the count to the exact engine.
"""

from typing import NamedTuple

import numpy as np

from .equal_shares import TooClose

EPS = 2.0**-52


class Price(NamedTuple):
    """What a project costs its supporters: *rho* per unit of utility; *less* of them have less than that."""

    project: int
    rho: float
    less: int
    whole: bool  # everybody can pay in full, beyond doubt: rho is cost / total utility exactly


class FastPurses:
    #: Prices that differ by less than this are settled as ties or not at all.
    WIDE = 1 + 4e-9
    #: How far off a price may be, relatively, before nothing is said any more.
    CLOSE = 1e-9

    def __init__(self, election, items, worth):
        self.costs = {i: float(election.costs[i]) for i in items}
        self.exact_cost = election.costs
        self.supporters = {i: np.array(election.supporters[i], dtype=np.intp) for i in items}
        weights = election.weights
        self.utilities, self.total = {}, {}
        for i in items:
            if weights is None:
                self.utilities[i] = None
                self.total[i] = worth[i] * len(election.supporters[i])
            else:
                self.utilities[i] = np.array([float(worth[i] * w) for w in weights[i]])
                self.total[i] = worth[i] * sum(weights[i])
        self.worth = {i: float(worth[i]) for i in items}
        self.lowest = {i: self.costs[i] / self.total[i] for i in items}
        self.purse = np.empty(len(election.choices))
        self.error = np.empty(len(election.choices))

    def fill(self, start):
        self.purse.fill(start)
        self.error.fill(start * EPS)
        self.worst = start * EPS  # the largest error

    def price(self, i):
        """Return the project's Price, or None when its supporters have not got the money."""
        purses, cost = self.purse[self.supporters[i]], self.costs[i]
        money = purses.sum()
        gap = abs(money - cost)
        if gap <= cost * self.CLOSE or (
            len(purses) * self.worst >= gap and self.error[self.supporters[i]].sum() >= gap * 0.999
        ):
            raise TooClose
        if money < cost:
            return None
        if self.utilities[i] is None:
            return self._equal_price(i, purses, cost)
        return self._weighted_price(i, purses, cost)

    def _equal_price(self, i, purses, cost):
        """Supporters of equal utility pay equally; those who have less give what they have."""
        count, due = len(purses), cost / len(purses)
        if purses.min() > due * self.WIDE:
            self._check_purses(due)
            return Price(i, due / self.worth[i], 0, whole=True)
        poor, less = purses < due, 0
        while (now := int(np.count_nonzero(poor))) != less:
            less = now
            if less == count:
                raise TooClose
            due = (cost - purses[poor].sum()) / (count - less)
            poor = purses < due
        self._check_purses(due)
        rich = purses > due * self.WIDE
        self._check(i, rich, np.count_nonzero(rich), due, cost)
        return Price(i, due / self.worth[i], less, whole=False)

    def _weighted_price(self, i, purses, cost):
        utilities = self.utilities[i]
        rho = cost / utilities.sum()
        if (purses > rho * utilities * self.WIDE).all():
            self._check_purses(rho * utilities.min())
            return Price(i, rho, 0, whole=True)
        poor, less = purses < rho * utilities, 0
        while (now := int(np.count_nonzero(poor))) != less:
            less = now
            if less == len(purses):
                raise TooClose
            rho = (cost - purses[poor].sum()) / utilities[~poor].sum()
            poor = purses < rho * utilities
        self._check_purses(rho * utilities.min())
        rich = purses > rho * utilities * self.WIDE
        self._check(i, rich, utilities[rich].sum(), rho, cost)
        return Price(i, rho, less, whole=False)

    def _check_purses(self, due):
        """Nobody counts as able to pay by an error of their purse."""
        if self.worst > due * self.CLOSE:
            raise TooClose

    def _check(self, i, rich, weight, price, cost):
        """Errors of all other purses are shared by those who surely pay in full."""
        error = self.error[self.supporters[i]][~rich].sum() + 4 * EPS * len(rich) * cost
        if not weight or error > weight * price * self.CLOSE:
            raise TooClose
        self._last_error = error / weight

    def settle(self, tied):
        """Return those of *tied* that really tie for the lowest price."""
        if len(tied) == 1:
            return tied
        lowest = min(price.rho for price in tied)
        tied = [price for price in tied if price.rho <= lowest * self.WIDE]
        if len(tied) == 1:
            return tied
        if not all(price.whole for price in tied):
            raise TooClose
        best = tied[0]
        for price in tied[1:]:
            if self._exactly_less(price, best):
                best = price
        return [price for price in tied if not self._exactly_less(best, price)]

    def _exactly_less(self, one, other):
        i, j = one.project, other.project
        return self.exact_cost[i] * self.total[j] < self.exact_cost[j] * self.total[i]

    def pay(self, price):
        i = price.project
        who, utilities = self.supporters[i], self.utilities[i]
        due = price.rho * (self.worth[i] if utilities is None else utilities)
        purses = self.purse[who]
        poor = purses < due
        if price.whole:
            off = 4 * EPS * due
        else:
            self.price(i)  # its error, which no other project's price may have replaced
            off = (self._last_error + 4 * EPS * price.rho) * (1 if utilities is None else utilities)
        left = np.where(poor, 0.0, purses - due)
        # whose purse is about as large as the price may be left with nothing or with almost nothing
        doubtful = np.abs(purses - due) <= due * self.CLOSE
        error = np.where(poor, 0.0, self.error[who] + off + EPS * purses)
        error = np.where(doubtful, self.error[who] + off + due * self.CLOSE, error)
        self.error[who] = error
        self.worst = max(self.worst, float(error.max()))
        self.purse[who] = left

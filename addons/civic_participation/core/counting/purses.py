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
    rich: object = None  # which of its supporters surely pay in full, where not all do
    weight: float = 0.0  # utility of those


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

    def price(self, i, lowest):
        """Return the project's Price, or None when its supporters have not got the money.

        *lowest* is a price that it had before: prices never fall.
        """
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
            return self._equal_price(i, purses, cost, lowest)
        return self._weighted_price(i, purses, cost)

    def _equal_price(self, i, purses, cost, lowest):
        """Supporters of equal utility pay equally; those who have less give what they have."""
        count, due = len(purses), cost / len(purses)
        if purses.min() > due * self.WIDE:
            self._check_purses(due)
            return Price(i, due / self.worth[i], 0, whole=True)
        poor, less = purses < max(due, lowest * self.worth[i] / self.WIDE), 0
        while (now := int(np.count_nonzero(poor))) != less:
            less = now
            if less == count:
                raise TooClose
            due = (cost - (purses * poor).sum()) / (count - less)
            poor = purses < due
        rich = purses > due * self.WIDE
        return self._checked(Price(i, due / self.worth[i], less, False, rich, np.count_nonzero(rich)), due, due, cost)

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
        rich = purses > rho * utilities * self.WIDE
        price = Price(i, rho, less, False, rich, utilities[rich].sum())
        return self._checked(price, rho, rho * utilities.min(), cost)

    def _check_purses(self, due):
        """Nobody counts as able to pay by an error of their purse."""
        if self.worst > due * self.CLOSE:
            raise TooClose

    def _checked(self, price, due, least_due, cost):
        """Return *price* when it is near enough. *due* is it for a utility of 1 in *weight*'s scale."""
        self._check_purses(least_due)
        most = price.weight * due * self.CLOSE
        if not price.weight:
            raise TooClose
        near = len(price.rich) * (self.worst + 4 * EPS * cost) <= most  # the cheap bound is mostly enough
        if not near and self._error(price, cost) > most:
            raise TooClose
        return price

    def _error(self, price, cost):
        """Return the error of a price times *weight*: those who surely pay in full share what is off elsewhere."""
        return self.error[self.supporters[price.project]][~price.rich].sum() + 4 * EPS * len(price.rich) * cost

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
        purses, errors = self.purse[who], self.error[who]
        poor = purses < due
        off = 4 * EPS * due
        if not price.whole:
            off = off + self._error(price, self.costs[i]) / price.weight * (1 if utilities is None else utilities)
        left = purses - due
        # whose purse is about as large as the price may be left with nothing or with almost nothing
        doubtful = np.abs(left) <= due * self.CLOSE
        left[poor] = 0.0
        errors = errors + off + EPS * purses
        errors[poor & ~doubtful] = 0.0
        if doubtful.any():
            errors = np.where(doubtful, errors + due * self.CLOSE, errors)
        self.purse[who], self.error[who] = left, errors
        self.worst = max(self.worst, float(errors.max()))

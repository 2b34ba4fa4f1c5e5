# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why a project lost, and what it would have needed: answered by counting again, not by a formula."""

from dataclasses import dataclass, replace
from fractions import Fraction

from . import count

#: Reasons, from the plainest on.
QUORUM, WITHDRAWN, THRESHOLD, OUTVOTED = "quorum", "withdrawn", "threshold", "outvoted"


@dataclass(frozen=True)
class Loss:
    """What there is to say to those who wanted it.

    :param left: money left when the count ended
    :param with_supporters: what its supporters held together at the end; equal shares only, else None
    :param votes_needed: with so many more ballots for it alone it wins, with one less it does not; None: never
    :param cost_at_most: at this cost it wins, at one unit of currency more it does not; None: never
    """

    reason: str
    votes: object
    cost: object
    left: object
    with_supporters: object
    votes_needed: int | None
    cost_at_most: int | None


def why_lost(election, project_id, rule=None):
    """Return the Loss of a project. Raise ValueError when it won, KeyError when there is no such project.

    Counts about 2 * log2 of ballots and of the cost times: seconds for a large city by equal shares.
    """
    places = {project.id: i for i, project in enumerate(election.projects)}
    i = places[project_id]
    outcome = count(election, rule)
    if project_id in outcome.winners:
        raise ValueError(f"{project_id} won")
    project = election.projects[i]
    return Loss(
        reason=_reason(election, i),
        votes=election.scores[i],
        cost=project.cost,
        left=outcome.left,
        with_supporters=_with_supporters(election, i, outcome, places),
        votes_needed=_votes_needed(election, i, rule),
        cost_at_most=_cost_at_most(election, i, rule) if election.budget else None,
    )


def _reason(election, i):
    if len(election.choices) < election.quorum:
        return QUORUM
    if election.projects[i].withdrawn:
        return WITHDRAWN
    return OUTVOTED if i in election.standing else THRESHOLD


def _votes_needed(election, i, rule):
    worth = max((max(points, default=0) for points in election.points or ()), default=1)

    def wins(more):
        changed = replace(
            election,
            choices=[*election.choices, *[(i,)] * more],
            points=None if election.points is None else [*election.points, *[(worth,)] * more],
        )
        return election.projects[i].id in count(changed, rule).winners

    return _first(wins, 2 * len(election.choices) + election.quorum + 1)


def _cost_at_most(election, i, rule):
    project = election.projects[i]

    def wins(cheaper):
        changed = replace(project, cost=project.cost - cheaper)
        projects = (*election.projects[:i], changed, *election.projects[i + 1 :])
        return project.id in count(replace(election, projects=projects), rule).winners

    cheaper = _first(wins, max(0, int(project.cost) - 1))
    return None if cheaper is None else project.cost - cheaper


def _first(wins, most):
    """Return a number that wins while the one before does not, 1 to *most*; None when it finds none."""
    low, high = 0, 1
    while high <= most and not wins(high):
        low, high = high, 2 * high
    if high > most:
        if low >= most or not wins(most):
            return None
        high = most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if wins(middle) else (middle, high)
    return high


def _with_supporters(election, i, outcome, places):
    if outcome.purse is None:
        return None
    spent = [Fraction(0)] * len(election.choices)
    for step in outcome.rounds:
        if "price" not in step.facts:
            continue
        j = places[step.option]
        weights = election.weights[j] if election.weights else [1] * len(election.supporters[j])
        for voter, weight in zip(election.supporters[j], weights, strict=True):
            spent[voter] = min(outcome.purse, spent[voter] + step.facts["price"] * weight)
    return sum(outcome.purse - spent[voter] for voter in election.supporters[i])

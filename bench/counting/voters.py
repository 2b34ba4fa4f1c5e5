# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ballots of a city that does not exist: approvals, most for the own district, the popular ones more."""

import random
from itertools import accumulate

DISTRICTS = 8
BUDGET_SHARE = 0.35
OWN_DISTRICT = 6  # how much likelier a project of the own district is
APPROVALS = (3, 8)


def city(voters, projects, seed=20260301):
    """Return ``(costs, choices, budget)``: ints, tuples of positions, int; the same for the same numbers."""
    dice = random.Random(seed)
    costs = [dice.randrange(5, 200) * 1000 for _project in range(projects)]
    homes = [dice.randrange(DISTRICTS) for _project in range(projects)]
    popular = [dice.paretovariate(1.2) for _project in range(projects)]
    of_district = [
        list(accumulate(p * (OWN_DISTRICT if home == district else 1) for p, home in zip(popular, homes, strict=True)))
        for district in range(DISTRICTS)
    ]
    everything, choices = range(projects), []
    for _voter in range(voters):
        weights, wanted = of_district[dice.randrange(DISTRICTS)], dice.randint(*APPROVALS)
        chosen = {}
        while len(chosen) < wanted:
            chosen.update(dict.fromkeys(dice.choices(everything, cum_weights=weights, k=wanted - len(chosen))))
        choices.append(tuple(chosen))
    return costs, choices, int(sum(costs) * BUDGET_SHARE)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Elections made up for the tests of counting, by hand and by dice."""

import random
from pathlib import Path

from ..core.election import Election, Project

ADDON = Path(__file__).resolve().parent.parent
#: Real elections that do not ship with the project; absent on most machines.
REAL = ADDON.parent.parent.parent / "shared" / "data" / "pb"
OWN = ADDON / "tests" / "elections"


def question(options, *ballots, vote_type="ordinal", **stated):
    """Return an election of *options* (one letter each) by pairs (how many, "letters")."""
    places = {letter: i for i, letter in enumerate(options)}
    choices = [tuple(places[letter] for letter in ballot) for many, ballot in ballots for _each in range(many)]
    return Election(tuple(Project(letter) for letter in options), choices, vote_type, **stated)


def budget(limit, costs, *ballots, **stated):
    """Return an election of projects a, b, c … with *costs* by pairs (how many, "letters")."""
    letters = "abcdefghijklmnop"[: len(costs)]
    election = question(letters, *ballots, vote_type="approval", budget=limit, **stated)
    election.projects = tuple(Project(letter, cost) for letter, cost in zip(letters, costs, strict=True))
    return election


def by_dice(seed, points=False):
    """Return a small election full of ties; the same for the same *seed*."""
    dice = random.Random(seed)
    count, voters = dice.randint(1, 7), dice.randint(1, 9)
    costs = [dice.choice((1, 2, 3, 4, 6)) if seed % 2 else dice.randint(1, 25) for _each in range(count)]
    ids = [str(number) for number in dice.sample(range(1, 30), count)]
    limit = dice.randint(max(1, min(costs)), sum(costs) + 2)
    choices = [tuple(dice.sample(range(count), dice.randint(0, count))) for _each in range(voters)]
    return Election(
        tuple(Project(project_id, cost) for project_id, cost in zip(ids, costs, strict=True)),
        choices,
        "cumulative" if points else "approval",
        points=[tuple(dice.randint(1, 5) for _each in ballot) for ballot in choices] if points else None,
        budget=limit,
        tie_order=tuple(dice.sample(ids, count)) if seed % 3 == 0 else (),
    )


def city(voters, projects, seed=1):
    """Return a larger election, of a few popular projects and many others; its budget pays for a third."""
    dice = random.Random(seed)
    costs = [dice.randrange(5, 200) * 1000 for _each in range(projects)]
    popular = [dice.paretovariate(1.2) for _each in range(projects)]
    choices = [
        tuple(dict.fromkeys(dice.choices(range(projects), popular, k=dice.randint(3, 8)))) for _each in range(voters)
    ]
    listed = tuple(Project(f"p{i}", cost) for i, cost in enumerate(costs))
    return Election(listed, choices, "approval", budget=sum(costs) // 3)

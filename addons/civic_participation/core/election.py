# SPDX-License-Identifier: AGPL-3.0-or-later
"""An election as it is counted: what stood for election, the ballots, and the rules stated beforehand.

Money is exact: ``int`` or :class:`fractions.Fraction`, never float, since a tie may hang on it.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import lcm

VOTE_TYPES = ("approval", "ordinal", "cumulative", "scoring", "choose-1")


class BadFile(ValueError):
    """A file that is not counted. *line* is where (1 is the first), None when it is about the whole."""

    def __init__(self, reason, line=None):
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.reason, self.line = reason, line


@dataclass(frozen=True)
class Project:
    """What can be chosen: an urban project with its *cost*, or an option of a question (cost 0)."""

    id: str
    cost: int | Fraction = 0
    name: str = ""
    withdrawn: bool = False
    selected: bool | None = None  # what the file says was chosen; never used for counting


@dataclass
class Election:
    """Projects, ballots and the rules they are counted by.

    :param choices: a tuple per ballot, of positions in *projects*, in the voter's order
    :param points: a tuple per ballot, as long as its choices; None where a choice is worth one
    :param threshold: votes (or points) that a project needs to be considered at all
    :param quorum: ballots without which nothing wins
    :param seats: how many options win, for questions
    :param tie_order: ids, the first wins a tie; those not named come after, by id
    """

    projects: tuple
    choices: list
    vote_type: str = "approval"
    points: list | None = None
    budget: int | Fraction = 0
    rule: str = ""
    threshold: int | Fraction = 0
    quorum: int = 0
    seats: int = 1
    tie_order: tuple = ()
    meta: dict = field(default_factory=dict)

    @cached_property
    def ranks(self):
        """Return each project's place in the order that decides ties; 0 wins."""
        stated = {project_id: place for place, project_id in enumerate(self.tie_order)}
        order = sorted(
            range(len(self.projects)),
            key=lambda i: (stated.get(self.projects[i].id, len(stated)), self.projects[i].id),
        )
        ranks = [0] * len(order)
        for rank, i in enumerate(order):
            ranks[i] = rank
        return ranks

    @cached_property
    def unit(self):
        """Return by what money is multiplied so that all of it is whole."""
        return lcm(*(Fraction(each).denominator for each in (self.budget, *(p.cost for p in self.projects))))

    @cached_property
    def costs(self):
        """Return the costs in whole units, a list of ints."""
        return [int(project.cost * self.unit) for project in self.projects]

    @cached_property
    def limit(self):
        """Return the budget in whole units, an int."""
        return int(self.budget * self.unit)

    @cached_property
    def supporters(self):
        """Return the numbers of the ballots that give each project something, lists in ascending order."""
        lists = [[] for _ in self.projects]
        if self.points is None:
            for voter, ballot in enumerate(self.choices):
                for i in ballot:
                    lists[i].append(voter)
        else:
            for voter, (ballot, points) in enumerate(zip(self.choices, self.points, strict=True)):
                for i, worth in zip(ballot, points, strict=True):
                    if worth > 0:
                        lists[i].append(voter)
        return lists

    @cached_property
    def weights(self):
        """Return the points beside each of ``supporters``, as whole numbers in one scale; None for all 1."""
        if self.points is None:
            return None
        scale = lcm(*{Fraction(worth).denominator for points in self.points for worth in points})
        lists = [[] for _ in self.projects]
        for ballot, points in zip(self.choices, self.points, strict=True):
            for i, worth in zip(ballot, points, strict=True):
                if worth > 0:
                    lists[i].append(int(worth * scale))
        return lists

    @cached_property
    def votes(self):
        """Return how many ballots name each project, a list of ints."""
        counts = [0] * len(self.projects)
        for ballot in self.choices:
            for i in ballot:
                counts[i] += 1
        return counts

    @cached_property
    def scores(self):
        """Return what each project was given: points where ballots give them, else ballots."""
        if self.points is None:
            return self.votes
        sums = [0] * len(self.projects)
        for ballot, points in zip(self.choices, self.points, strict=True):
            for i, worth in zip(ballot, points, strict=True):
                sums[i] += worth
        return sums

    @cached_property
    def standing(self):
        """Return the positions of the projects that can win: not withdrawn, and at the threshold or above."""
        return [
            i for i, project in enumerate(self.projects) if not project.withdrawn and self.scores[i] >= self.threshold
        ]

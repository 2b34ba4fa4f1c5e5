# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a count gives, step by step."""

from dataclasses import dataclass, field


class RuleError(ValueError):
    """A rule that is not known, or that these ballots cannot be counted by."""


@dataclass(frozen=True)
class Round:
    """One step. *action* says what happened to *option* (an id), *facts* how it came about.

    Budgets: ``funded``, ``skipped`` (did not fit), ``stopped`` (did not fit, and no other was tried).
    Questions: ``elected``, ``eliminated``. Facts are numbers and ids, named in each rule's docstring.
    """

    action: str
    option: str
    facts: dict = field(default_factory=dict)


@dataclass
class Outcome:
    """Who won, in the order of being chosen (ids), and how."""

    rule: str
    winners: tuple
    rounds: list = field(default_factory=list)
    spent: object = 0
    left: object = 0
    purse: object = None  # equal shares: what each voter held at the start of the last pass
    notes: list = field(default_factory=list)

    def __bool__(self):
        return bool(self.winners)


def budget_outcome(election, chosen, rounds, notes=()):
    """Return the Outcome of *chosen*, positions in the order of being funded."""
    spent = sum(election.projects[i].cost for i in chosen)
    return Outcome(
        rule="",
        winners=tuple(election.projects[i].id for i in chosen),
        rounds=rounds,
        spent=spent,
        left=election.budget - spent,
        notes=list(notes),
    )

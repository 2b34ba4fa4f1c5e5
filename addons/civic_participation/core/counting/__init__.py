# SPDX-License-Identifier: AGPL-3.0-or-later
"""Counting rules in plain Python: exact where a tie may hang on it, and telling how they came to it.

>>> count(election, "equalshares/add1").winners     # ids, in the order of being chosen

A rule is written ``name``, ``name/completion`` and, where it is not the usual one, ``@utility`` after it:
``greedy``, ``equalshares/add1u@cardinality``. The names are Pabulib's where it has one.
"""

from functools import partial

from .budgets import CARDINALITY, COST, greedy, knapsack
from .equal_shares import ADD1, ADD1U, EXHAUSTIVE, UTILITARIAN, equal_shares
from .outcome import Outcome, Round, RuleError
from .phragmen import phragmen
from .ranking import approval, borda, condorcet, instant_runoff, plurality, schulze, scores

#: Rules that spend a budget; each takes an election and, but for Phragmén's, a utility.
BUDGET_RULES = {
    "greedy": greedy,
    "greedy-no-skip": partial(greedy, skip=False),
    "greedy-threshold": greedy,
    "knapsack": knapsack,
    "equalshares": equal_shares,
    "equalshares/add1": partial(equal_shares, completion=ADD1),
    "equalshares/add1u": partial(equal_shares, completion=ADD1U),
    "equalshares/u": partial(equal_shares, completion=UTILITARIAN),
    "equalshares/exhaustive": partial(equal_shares, completion=EXHAUSTIVE),
    "equalshares-comparison": partial(equal_shares, comparison=True),
    "equalshares/add1-comparison": partial(equal_shares, completion=ADD1, comparison=True),
    "phragmen": phragmen,
}
#: Rules that answer a question; each takes an election alone.
QUESTION_RULES = {
    "plurality": plurality,
    "approval": approval,
    "scores": scores,
    "borda": borda,
    "instant-runoff": instant_runoff,
    "schulze": schulze,
    "condorcet": condorcet,
}
RULES = BUDGET_RULES | QUESTION_RULES
WITHOUT_UTILITY = {"phragmen", *QUESTION_RULES}

ALIASES = {
    "mes": "equalshares",
    "equal-shares": "equalshares",
    "method-of-equal-shares": "equalshares",
    "irv": "instant-runoff",
    "sequential-phragmen": "phragmen",
    "phragmén": "phragmen",
    "cumulative": "scores",
    "points": "scores",
    "scoring": "scores",
    "choose-1": "plurality",
    "greedy-noskip": "greedy-no-skip",
}


def find_rule(text):
    """Return (name, utility or None) of a rule as written; raise RuleError when there is no such rule."""
    written = text.strip().lower().replace("_", "-").replace(" ", "-")
    name, _at, utility = written.partition("@")
    head, slash, completion = name.partition("/")
    name = ALIASES.get(head, head) + slash + completion
    if name not in RULES:
        raise RuleError(f"There is no rule {text!r} here; choose of {', '.join(RULES)}.")
    if utility and (utility not in (COST, CARDINALITY) or name in WITHOUT_UTILITY):
        raise RuleError(f"The rule {name} does not count by {utility!r}.")
    return name, utility or None


def count(election, rule=None):
    """Count *election* by *rule* (its own unless told) and return the :class:`Outcome`.

    Raises RuleError when the rule is unknown or does not fit the ballots. With fewer ballots than the
    quorum nothing wins, and a note says so.
    """
    name, utility = find_rule(rule or election.rule)
    if len(election.choices) < election.quorum:
        note = f"quorum not reached: {len(election.choices)} of {election.quorum} ballots"
        return Outcome(name, (), left=election.budget, notes=[note])
    outcome = RULES[name](election, utility) if utility else RULES[name](election)
    outcome.rule = f"{name}@{utility}" if utility else name
    return outcome


def compare(election, rules=None):
    """Return {rule: Outcome} of the rules that fit these ballots, those that ask for others left out."""
    outcomes = {}
    for rule in rules or (BUDGET_RULES if election.budget else QUESTION_RULES):
        try:
            outcomes[rule] = count(election, rule)
        except RuleError:
            continue
    return outcomes

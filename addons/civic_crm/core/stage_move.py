"""Which moves of a case from one state to another the city's rules allow.

A state without rules is open to every move. As soon as it has one, a case enters it only by
a rule that names where the case comes from and who moves it; of several, the first in the
city's order holds, with what it requires.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One way into a state. Ids are opaque; an empty set means "any"."""

    to_stage: int
    from_stages: frozenset = frozenset()
    groups: frozenset = frozenset()
    needs_responsible: bool = False
    needs_answer: bool = False
    asks_reason: bool = False
    template: int = 0


@dataclass(frozen=True)
class Move:
    """One case on its way: whence, whither, by whom and with what."""

    from_stage: int
    to_stage: int
    groups: frozenset = frozenset()
    has_responsible: bool = False
    is_answered: bool = False
    has_reason: bool = False


def find_rule(rules, move):
    """Return the rule under which *move* happens, whoever makes it, or None.

    :param rules: ``Rule`` objects in the city's order
    """
    return next((rule for rule in _of_the_way(rules, move)), None)


def judge(rules, move):
    """Return ``(rule, refusal)`` for one move.

    :param rules: ``Rule`` objects in the city's order
    :return: the rule that holds, or None where the state has none; and None when the move is
        allowed, else ``path`` (no rule leads there from here), ``group`` (others may),
        ``responsible``, ``answer`` or ``reason`` (what is missing)
    """
    if not any(rule.to_stage == move.to_stage for rule in rules):
        return None, None
    ways = _of_the_way(rules, move)
    if not ways:
        return None, "path"
    rule = next((way for way in ways if not way.groups or way.groups & move.groups), None)
    if not rule:
        return ways[0], "group"
    return rule, _missing(rule, move)


def reachable(rules, from_stage, stages, groups):
    """Return those of *stages* (ids, in order) that one may try to enter from *from_stage*."""
    return [
        stage
        for stage in stages
        if stage != from_stage and judge(rules, Move(from_stage, stage, groups))[1] not in ("path", "group")
    ]


def _of_the_way(rules, move):
    return [
        rule
        for rule in rules
        if rule.to_stage == move.to_stage and (not rule.from_stages or move.from_stage in rule.from_stages)
    ]


def _missing(rule, move):
    if rule.needs_responsible and not move.has_responsible:
        return "responsible"
    if rule.needs_answer and not move.is_answered:
        return "answer"
    if rule.asks_reason and not move.has_reason:
        return "reason"
    return None

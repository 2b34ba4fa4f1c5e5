# SPDX-License-Identifier: AGPL-3.0-or-later
"""pabutools, the reference of the counting rules, given our elections with our order of ties.

It is a development dependency (requirements/dev.txt): nothing outside tests and bench imports it.
"""

from fractions import Fraction

from pabutools.election import (
    Additive_Cardinal_Sat,
    ApprovalBallot,
    ApprovalProfile,
    Cardinality_Sat,
    Cost_Sat,
    CumulativeBallot,
    CumulativeProfile,
    Instance,
    Project,
)
from pabutools.election.satisfaction import AdditiveSatisfaction
from pabutools.fractions import frac
from pabutools.rules import (
    BudgetAllocation,
    completion_by_rule_combination,
    exhaustion_by_budget_increase,
    greedy_utilitarian_welfare,
    max_additive_utilitarian_welfare,
    method_of_equal_shares,
    sequential_phragmen,
)
from pabutools.rules.mes.mes_rule import method_of_equal_shares_scheme
from pabutools.tiebreaking import TieBreakingRule


class CostTimesPoints(AdditiveSatisfaction):
    """Utility "cost" where ballots give points; pabutools' own Cost_Sat does not look at them."""

    def __init__(self, instance, profile, ballot):
        super().__init__(
            instance, profile, ballot, lambda i, p, ballot, project, v: ballot.get(project, 0) * project.cost
        )


class Reference:
    """An election of ours as pabutools has it; each rule returns ids, sorted."""

    def __init__(self, election):
        projects = [Project(project.id, project.cost) for project in election.projects]
        self.election = election
        self.instance = Instance(projects, budget_limit=election.budget)
        if election.points is None:
            ballots = [ApprovalBallot(projects[i] for i in ballot) for ballot in election.choices]
            self.profile = ApprovalProfile(ballots, instance=self.instance)
            self.utilities = {"cost": Cost_Sat, "cardinality": Cardinality_Sat}
        else:
            ballots = [
                CumulativeBallot({projects[i]: worth for i, worth in zip(ballot, points, strict=True)})
                for ballot, points in zip(election.choices, election.points, strict=True)
            ]
            self.profile = CumulativeProfile(ballots, instance=self.instance)
            self.utilities = {"cost": CostTimesPoints, "cardinality": Additive_Cardinal_Sat}
        ranks = {project.id: rank for project, rank in zip(election.projects, election.ranks, strict=True)}
        self.ties = {"tie_breaking": TieBreakingRule(lambda _i, _p, project: ranks[project.name])}

    def _ids(self, outcome):
        return sorted(project.name for project in outcome)

    def greedy(self, utility):
        return self._ids(greedy_utilitarian_welfare(self.instance, self.profile, self.utilities[utility], **self.ties))

    def equal_shares(self, utility, increment=None):
        return self._ids(
            method_of_equal_shares(
                self.instance, self.profile, self.utilities[utility], voter_budget_increment=increment, **self.ties
            )
        )

    def equal_shares_from(self, purse, utility, increment):
        """The same, with growing purses, from a purse (Fraction) on that is not the share of the budget."""
        return self._ids(
            method_of_equal_shares_scheme(
                self.instance,
                self.profile,
                self.profile.as_sat_profile(self.utilities[utility]),
                frac(Fraction(purse).numerator, Fraction(purse).denominator),
                BudgetAllocation(),
                self.ties["tie_breaking"],
                voter_budget_increment=increment,
                binary_sat=self.election.points is None,
            )
        )

    def filled_up(self, utility, increment=None):
        satisfaction = {"sat_class": self.utilities[utility], **self.ties}
        return self._ids(
            completion_by_rule_combination(
                self.instance,
                self.profile,
                [method_of_equal_shares, greedy_utilitarian_welfare],
                [{**satisfaction, "voter_budget_increment": increment}, satisfaction],
            )
        )

    def exhaustive(self, utility, step=None, exhaustive_stop=True):
        return self._ids(
            exhaustion_by_budget_increase(
                self.instance,
                self.profile,
                method_of_equal_shares,
                {"sat_class": self.utilities[utility], **self.ties},
                budget_step=step,
                exhaustive_stop=exhaustive_stop,
            )
        )

    def phragmen(self):
        return self._ids(sequential_phragmen(self.instance, self.profile, **self.ties))

    def best_welfare(self, utility):
        outcome = max_additive_utilitarian_welfare(self.instance, self.profile, self.utilities[utility])
        return self.welfare(self._ids(outcome), utility)

    def welfare(self, ids, utility):
        satisfaction = self.profile.as_sat_profile(self.utilities[utility])
        return sum(satisfaction.total_satisfaction_project(self.instance.get_project(each)) for each in ids)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Budgets: what each rule is for, its rounds, and its edges."""

import itertools
import unittest
from fractions import Fraction

from ..core.counting import count
from ..core.counting.equal_shares import equal_shares
from ..core.counting.explain import why_lost
from ..core.election import Project
from .election_cases import budget, by_dice, city, question

# Lackner and Skowron, "Multi-Winner Voting with Approval Preferences" (2023), example 1: four seats are a
# budget of 4 for projects of 1
BOOK = (4, [1] * 7, (3, "ab"), (3, "ac"), (2, "ad"), (1, "bcf"), (1, "e"), (1, "f"), (1, "g"))
# six tenths of the voters want a and b, four tenths c
TWO_GROUPS = (100, [50, 50, 40], (6, "ab"), (4, "c"))


def fractions(outcome, fact):
    return [(step.option, step.facts[fact]) for step in outcome.rounds]


class TestGreedy(unittest.TestCase):
    def test_the_most_voted_that_fits_goes_first(self):
        election = budget(10, [6, 5, 4, 1], (3, "abcd"), (2, "abc"), (1, "a"), (1, "b"), (1, "a"))
        outcome = count(election, "greedy")
        self.assertEqual(
            [(s.action, s.option) for s in outcome.rounds],
            [("funded", "a"), ("skipped", "b"), ("funded", "c"), ("skipped", "d")],
        )
        self.assertEqual((outcome.winners, outcome.spent, outcome.left), (("a", "c"), 10, 0))

    def test_without_skipping_the_first_that_does_not_fit_ends_it(self):
        election = budget(10, [6, 5, 4], (3, "a"), (2, "b"), (1, "c"))
        self.assertEqual(count(election, "greedy-no-skip").winners, ("a",))
        self.assertEqual(count(election, "greedy").winners, ("a", "c"))

    def test_by_cardinality_votes_per_money_go_first(self):
        election = budget(10, [10, 2], (5, "a"), (2, "b"))
        self.assertEqual(count(election, "greedy").winners, ("a",))
        self.assertEqual(count(election, "greedy@cardinality").winners, ("b",))

    def test_projects_below_the_threshold_and_withdrawn_ones_do_not_stand(self):
        election = budget(10, [5, 5, 1], (3, "a"), (2, "b"), (2, "c"), threshold=3)
        for rule in ("greedy", "greedy-no-skip", "knapsack", "equalshares/add1u", "phragmen"):
            self.assertEqual(count(election, rule).winners, ("a",), rule)
        election = budget(10, [5, 5], (3, "a"), (2, "b"))
        election.projects = (Project("a", 5, withdrawn=True), election.projects[1])
        for rule in ("greedy", "greedy-no-skip", "knapsack", "equalshares/add1u", "phragmen"):
            self.assertEqual(count(election, rule).winners, ("b",), rule)

    def test_ties_go_by_the_order_stated_and_are_told(self):
        election = budget(5, [5, 5], (2, "a"), (2, "b"), tie_order=("b", "a"))
        for rule in ("greedy", "greedy-no-skip", "knapsack", "equalshares/u", "equalshares/add1u", "phragmen"):
            self.assertEqual(count(election, rule).winners, ("b",), rule)
        self.assertEqual(count(election, "greedy").rounds[0].facts["tied_with"], ["a"])


class TestKnapsack(unittest.TestCase):
    def test_it_is_the_best_of_all_sets_and_of_those_the_first_by_ties(self):
        for seed in range(300):
            election = by_dice(seed, points=seed % 4 == 3)
            wanted = [i for i in range(len(election.projects)) if election.scores[i] > 0]
            order = sorted(wanted, key=election.ranks.__getitem__)

            def rank(chosen, election=election, order=order):
                return sum(election.scores[i] for i in chosen), [i in chosen for i in order]

            sets = itertools.chain.from_iterable(
                itertools.combinations(wanted, size) for size in range(len(wanted) + 1)
            )
            best = max((s for s in sets if sum(election.costs[i] for i in s) <= election.limit), key=rank)
            expected = {election.projects[i].id for i in best}
            self.assertEqual(set(count(election, "knapsack").winners), expected, seed)

    def test_a_large_city_is_no_trouble(self):
        election = city(2_000, 150)
        best, greedy = (
            sum(election.votes[int(each[1:])] for each in count(election, rule).winners)
            for rule in ("knapsack", "greedy@cardinality")
        )
        self.assertGreaterEqual(best, greedy)


class TestEqualShares(unittest.TestCase):
    def test_a_group_gets_what_its_share_pays(self):
        election = budget(*TWO_GROUPS)
        self.assertEqual(set(count(election, "greedy").winners), {"a", "b"})
        self.assertEqual(set(count(election, "equalshares").winners), {"a", "c"})

    def test_the_example_of_the_book(self):
        outcome = count(budget(*BOOK), "equalshares")
        self.assertEqual(outcome.winners, ("a",))
        self.assertEqual(outcome.purse, Fraction(1, 3))
        self.assertEqual(fractions(outcome, "price"), [("a", Fraction(1, 8))])

    def test_rounds_tell_price_supporters_and_what_was_left(self):
        outcome = count(budget(*TWO_GROUPS), "equalshares")
        self.assertEqual(
            [
                (s.option, s.facts["price"], s.facts["supporters"], s.facts["left"], s.facts["effective_votes"])
                for s in outcome.rounds
            ],
            [("a", Fraction(50, 6), 6, 100, 6), ("c", 10, 4, 50, 4)],
        )
        self.assertEqual(outcome.rounds[0].facts["tied_with"], ["b"])

    def test_who_has_less_gives_what_they_have_and_the_others_share_the_rest(self):
        # purses of 10: six pay 5 for a; of b's four, three have 5 left, the other pays what lacks
        election = budget(70, [30, 24], (3, "ab"), (3, "a"), (1, "b"))
        self.assertEqual(fractions(count(election, "equalshares"), "price"), [("a", 5), ("b", 9)])
        self.assertEqual(count(election, "equalshares").rounds[1].facts["paying_less"], 3)

    def test_add1_lets_purses_grow_until_the_next_step_would_overspend(self):
        election = budget(*TWO_GROUPS)  # purses of 10; after a, b's six hold 10 together and need 50
        self.assertEqual(set(count(election, "equalshares/add1").winners), {"a", "c"})
        election = budget(100, [50, 45], (6, "a"), (4, "b"))  # four purses of 10 do not pay 45
        self.assertEqual(count(election, "equalshares").winners, ("a",))
        self.assertEqual(count(election, "equalshares/add1").winners, ("a", "b"))
        self.assertEqual(count(election, "equalshares/add1").purse, 12)

    def test_add1u_fills_up_with_the_most_voted(self):
        election = budget(100, [50, 60, 50], (6, "ab"), (4, "c"))
        self.assertEqual(count(election, "equalshares").winners, ("a",))
        self.assertEqual(set(count(election, "equalshares/u").winners), {"a", "c"})
        self.assertEqual(set(count(election, "equalshares/add1u").winners), {"a", "c"})

    def test_utility_decides_between_large_and_cheap(self):
        """By cost 4 voters' 8 is cheaper per unit than 3 voters' 3; by cardinality 1 a head beats 2 a head."""
        election = budget(12, [8, 3], (3, "ab"), (1, "a"))
        self.assertEqual(count(election, "equalshares@cost").winners[0], "a")
        self.assertEqual(count(election, "equalshares@cardinality").winners[0], "b")

    def test_the_comparison_keeps_what_more_voters_have_more_of(self):
        mine = budget(100, [60, 40, 40], (6, "a"), (4, "b"), (4, "c"))
        for election in (mine, budget(*TWO_GROUPS)):
            outcome = count(election, "equalshares/add1-comparison")
            self.assertIn("kept: ", outcome.notes[-1])
        # greedy funds a and b, which please six; equal shares a and c, which please four more and lose six one
        self.assertEqual(set(count(budget(*TWO_GROUPS), "equalshares/add1-comparison").winners), {"a", "b"})

    def test_purses_of_thirds_are_exact(self):
        election = budget(100, [Fraction(100, 3), Fraction(200, 3)], (1, "a"), (2, "b"))
        self.assertEqual(set(count(election, "equalshares").winners), {"a", "b"})

    def test_both_engines_give_the_same_on_a_city(self):
        election = city(3_000, 60)
        for utility in ("cost", "cardinality"):
            for completion in ("", "exhaustive"):
                exact, fast = (equal_shares(election, utility, completion, fast=fast) for fast in (False, True))
                self.assertEqual(exact.winners, fast.winners)
                self.assertEqual(exact.purse, fast.purse)
                for one, other in zip(exact.rounds, fast.rounds, strict=True):
                    self.assertAlmostEqual(float(one.facts["price"]), float(other.facts["price"]), places=6)
                    self.assertEqual(one.facts["supporters"], other.facts["supporters"])

    def test_no_ballots_or_no_money_buy_nothing(self):
        for election in (budget(10, [5, 5]), budget(0, [5, 5], (2, "a"))):
            for rule in ("equalshares", "equalshares/add1", "equalshares/exhaustive", "equalshares/add1-comparison"):
                if election.choices or rule != "equalshares/add1-comparison":
                    self.assertEqual(count(election, rule).winners, (), rule)


class TestPhragmen(unittest.TestCase):
    def test_the_example_of_the_book(self):
        outcome = count(budget(*BOOK), "phragmen")
        self.assertEqual(
            fractions(outcome, "load"),
            [
                ("a", Fraction(1, 8)),
                ("b", Fraction(11, 32)),
                ("c", Fraction(55, 128)),
                ("d", Fraction(5, 8)),
                ("f", Fraction(183, 256)),
            ],
        )
        self.assertEqual(outcome.winners, tuple("abcd"))
        self.assertEqual(outcome.rounds[1].facts["tied_with"], ["c"])

    def test_it_ends_at_the_first_that_does_not_fit(self):
        election = budget(10, [6, 5, 1], (6, "a"), (5, "b"), (1, "c"))
        outcome = count(election, "phragmen")
        self.assertEqual([step.action for step in outcome.rounds], ["funded", "stopped"])


class TestWhyLost(unittest.TestCase):
    def test_the_votes_it_would_have_needed_are_found_by_counting_again(self):
        election = budget(10, [6, 5, 5], (4, "a"), (3, "b"), (2, "c"))
        loss = why_lost(election, "b", "greedy")
        self.assertEqual((loss.reason, loss.votes, loss.votes_needed), ("outvoted", 3, 2))  # five beat a's four
        self.assertEqual((loss.left, loss.cost_at_most), (4, 4))

    def test_one_vote_less_or_one_coin_more_would_not_have_been_enough(self):
        checked = 0
        for seed in range(40):
            election = by_dice(seed)
            for rule in ("greedy", "equalshares/add1", "phragmen"):
                winners = count(election, rule).winners
                for i, project in enumerate(election.projects):
                    if project.id in winners:
                        continue
                    loss = why_lost(election, project.id, rule)
                    for more in filter(None, (loss.votes_needed,)):
                        for votes, wins in ((more, True), (more - 1, False)):
                            again = by_dice(seed)
                            again.choices += [(i,)] * votes
                            self.assertEqual(project.id in count(again, rule).winners, wins)
                            checked += 1
        self.assertGreater(checked, 100)

    def test_equal_shares_tell_what_its_supporters_still_held(self):
        loss = why_lost(budget(*TWO_GROUPS), "b", "equalshares")
        self.assertEqual(loss.with_supporters, 10)  # six purses of 10, less 50 for a

    def test_reasons(self):
        election = budget(10, [6, 5], (4, "a"), (3, "b"), threshold=4)
        self.assertEqual(why_lost(election, "b", "greedy").reason, "threshold")
        election.quorum = 99
        self.assertEqual(why_lost(election, "a", "greedy").reason, "quorum")
        with self.assertRaises(ValueError):
            why_lost(budget(10, [6], (1, "a")), "a", "greedy")

    def test_options_of_a_question_need_votes_only(self):
        loss = why_lost(question("AB", (3, "A"), (1, "B")), "B", "plurality")
        self.assertEqual((loss.votes_needed, loss.cost_at_most), (3, None))

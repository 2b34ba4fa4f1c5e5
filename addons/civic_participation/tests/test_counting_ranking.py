# SPDX-License-Identifier: AGPL-3.0-or-later
"""Questions with options, on the examples of the literature."""

import unittest

from ..core.counting import RuleError, compare, count
from ..core.counting.ranking import pairwise
from .election_cases import question

# Malkevitch's 55 voters, in COMAP, "For All Practical Purposes": five rules, five winners
FIVE_WINNERS = (
    "ABCDE",
    (18, "ADECB"),
    (12, "BEDCA"),
    (10, "CBEDA"),
    (9, "DCEBA"),
    (4, "EBDCA"),
    (2, "ECDBA"),
)
# Schulze (2011), example 1: 45 voters
SCHULZE_1 = (
    "ABCDE",
    (5, "ACBED"),
    (5, "ADECB"),
    (8, "BEDAC"),
    (3, "CABED"),
    (7, "CAEBD"),
    (2, "CBADE"),
    (7, "DCEBA"),
    (8, "EBADC"),
)
# Condorcet (1785): 60 voters go round in a circle
CIRCLE = ("ABC", (23, "ABC"), (17, "BCA"), (2, "BAC"), (10, "CAB"), (8, "CBA"))


class TestRanking(unittest.TestCase):
    def test_each_rule_has_its_own_winner(self):
        election = question(*FIVE_WINNERS)
        for rule, winner in (
            ("plurality", "A"),
            ("instant-runoff", "C"),
            ("borda", "D"),
            ("condorcet", "E"),
            ("schulze", "E"),
        ):
            with self.subTest(rule=rule):
                self.assertEqual(count(election, rule).winners, (winner,))

    def test_borda_points_are_those_of_the_book(self):
        rounds = count(question(*FIVE_WINNERS), "borda").rounds
        points = {step.option: step.facts["votes"] for step in rounds}
        self.assertEqual(points, {"A": 72, "B": 101, "C": 107, "D": 136, "E": 134})

    def test_instant_runoff_eliminates_the_fewest_first_choices_and_passes_them_on(self):
        outcome = count(question(*FIVE_WINNERS), "instant-runoff")
        told = [(step.action, step.option, step.facts["counts"]) for step in outcome.rounds]
        self.assertEqual(
            told,
            [
                ("eliminated", "E", {"A": 18, "B": 12, "C": 10, "D": 9, "E": 6}),
                ("eliminated", "D", {"A": 18, "B": 16, "C": 12, "D": 9}),
                ("eliminated", "B", {"A": 18, "B": 16, "C": 21}),
                ("elected", "C", {"A": 18, "C": 37}),
            ],
        )

    def test_schulze_ranks_as_in_his_example(self):
        election = question(*SCHULZE_1, seats=5)
        self.assertEqual(count(election, "schulze").winners, tuple("EACBD"))

    def test_schulzes_strongest_paths_are_those_of_his_table(self):
        paths = count(question(*SCHULZE_1), "schulze").rounds[0].facts["paths"]
        self.assertEqual(paths, {"A": (25, 24), "B": (28, 24), "C": (28, 24), "D": (31, 24)})

    def test_pairwise_counts_who_stands_before_whom(self):
        self.assertEqual(pairwise(question(*CIRCLE)), [[0, 33, 25], [27, 0, 42], [35, 18, 0]])

    def test_a_circle_has_no_condorcet_winner_and_a_schulze_winner(self):
        election = question(*CIRCLE)
        self.assertEqual(count(election, "condorcet").winners, ())
        self.assertTrue(count(election, "condorcet").notes)
        self.assertEqual(count(election, "schulze").winners, ("B",))  # 42 for B over C, 33 and 35 elsewhere

    def test_a_comparison_that_is_not_won_is_no_link_of_a_path(self):
        """C beats A, all else is even: only A is beaten, though one ballot puts A before B and B before C."""
        outcome = count(question("ABC", (1, "CA"), (1, "B")), "schulze")
        self.assertEqual(outcome.winners, ("B",))
        self.assertEqual(outcome.rounds[0].facts["tied_with"], ["C"])

    def test_options_left_out_stand_below_all_named(self):
        election = question("ABC", (3, "A"), (2, "B"), (2, "CB"))
        self.assertEqual(pairwise(election), [[0, 3, 3], [4, 0, 2], [2, 2, 0]])
        self.assertEqual(count(election, "instant-runoff").winners, ("B",))

    def test_exhausted_ballots_leave_the_majority(self):
        outcome = count(question("ABC", (4, "A"), (3, "B"), (2, "C")), "instant-runoff")
        self.assertEqual([step.facts["exhausted"] for step in outcome.rounds], [0, 2])
        self.assertEqual(outcome.winners, ("A",))

    def test_borda_shares_the_points_of_places_left_out(self):
        rounds = count(question("ABC", (1, "A")), "borda").rounds
        self.assertEqual({step.option: step.facts["votes"] for step in rounds}, {"A": 2, "B": 0.5, "C": 0.5})

    def test_approvals_and_points_count_what_was_given(self):
        approvals = question("ABC", (2, "AB"), (2, "BC"), (1, "C"), vote_type="approval")
        self.assertEqual(count(approvals, "approval").winners, ("B",))
        points = question("AB", (1, "AB"), (1, "B"), vote_type="cumulative", points=[(5, 1), (2,)])
        self.assertEqual(count(points, "scores").winners, ("A",))

    def test_ties_go_by_the_order_stated_and_then_by_id(self):
        for order, winner, out in (((), "A", "C"), (("C", "B"), "C", "A"), (("B",), "B", "C")):
            election = question("ABC", (2, "A"), (2, "B"), (2, "C"), tie_order=order)
            with self.subTest(order=order):
                for rule in ("plurality", "borda", "schulze"):
                    self.assertEqual(count(election, rule).winners, (winner,))
                runoff = count(election, "instant-runoff")
                self.assertEqual(runoff.rounds[0].option, out)
                self.assertEqual(runoff.winners, (winner,))

    def test_several_seats_go_to_the_next_ones(self):
        election = question("ABC", (3, "A"), (2, "C"), (1, "B"), seats=2)
        self.assertEqual(count(election, "plurality").winners, ("A", "C"))
        with self.assertRaisesRegex(RuleError, "one option"):
            count(election, "instant-runoff")

    def test_nothing_wins_below_the_quorum(self):
        election = question("AB", (4, "A"), quorum=5)
        for rule in ("plurality", "borda", "instant-runoff", "schulze", "condorcet"):
            outcome = count(election, rule)
            self.assertEqual(outcome.winners, ())
            self.assertEqual(outcome.notes, ["quorum not reached: 4 of 5 ballots"])
        election.quorum = 4
        self.assertEqual(count(election, "plurality").winners, ("A",))

    def test_nothing_wins_below_the_threshold(self):
        election = question("AB", (3, "A"), (2, "B"), vote_type="choose-1", threshold=4)
        self.assertEqual(count(election, "plurality").winners, ())

    def test_rules_refuse_ballots_they_were_not_made_for(self):
        approvals = question("ABC", (1, "AB"), vote_type="approval")
        for rule in ("plurality", "borda", "instant-runoff", "schulze", "condorcet"):
            with self.subTest(rule=rule), self.assertRaises(RuleError):
                count(approvals, rule)
        self.assertEqual(set(compare(approvals)), {"approval", "scores"})

    def test_an_election_without_ballots_has_no_majority_and_does_not_fail(self):
        election = question("AB")
        for rule in ("plurality", "approval", "borda", "instant-runoff", "schulze", "condorcet"):
            self.assertLessEqual(len(count(election, rule).winners), 1)

    def test_a_rule_that_is_not_there_is_named(self):
        for rule in ("dice", "greedy@fun", "borda@cost", "equalshares/none", ""):
            with self.subTest(rule=rule), self.assertRaises(RuleError):
                count(question("AB", (1, "A")), rule)

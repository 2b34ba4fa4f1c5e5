import unittest

from ..core.stage_move import Move, Rule, find_rule, judge, reachable

NEW, WORK, WAIT, DONE = 1, 2, 3, 4
WORKERS, HEADS = 10, 11


class TestStageMove(unittest.TestCase):
    RULES = (
        Rule(WORK, frozenset({NEW, WAIT}), needs_responsible=True),
        Rule(WORK, frozenset({DONE}), frozenset({HEADS}), asks_reason=True, template=7),
        Rule(WAIT, needs_answer=True, asks_reason=True),
        Rule(DONE, frozenset({WORK}), frozenset({HEADS})),
        Rule(DONE, frozenset({WORK}), frozenset({WORKERS}), asks_reason=True),
    )

    def test_moves(self):
        workers, heads = frozenset({WORKERS}), frozenset({HEADS})
        table = [
            # a state without rules is open
            (Move(WORK, NEW), None),
            (Move(DONE, NEW), None),
            # where from
            (Move(NEW, DONE, heads), "path"),
            (Move(WAIT, DONE, heads), "path"),
            (Move(WORK, DONE, heads), None),
            # who
            (Move(WORK, DONE, frozenset()), "group"),
            (Move(DONE, WORK, workers, has_reason=True), "group"),
            (Move(DONE, WORK, heads, has_reason=True), None),
            # of two rules the first that fits the person holds
            (Move(WORK, DONE, workers), "reason"),
            (Move(WORK, DONE, workers | heads), None),
            (Move(WORK, DONE, workers, has_reason=True), None),
            # what is missing, one thing at a time
            (Move(NEW, WORK), "responsible"),
            (Move(NEW, WORK, has_responsible=True), None),
            (Move(NEW, WAIT), "answer"),
            (Move(NEW, WAIT, is_answered=True), "reason"),
            (Move(NEW, WAIT, is_answered=True, has_reason=True), None),
        ]
        for move, refusal in table:
            with self.subTest(move=move):
                self.assertEqual(judge(self.RULES, move)[1], refusal)

    def test_no_rules_no_refusal(self):
        self.assertEqual(judge((), Move(NEW, DONE)), (None, None))

    def test_the_message_of_a_move_does_not_depend_on_who_moves(self):
        self.assertEqual(find_rule(self.RULES, Move(DONE, WORK)).template, 7)
        self.assertIsNone(find_rule(self.RULES, Move(WORK, NEW)))

    def test_what_can_be_reached_from_here(self):
        stages = [NEW, WORK, WAIT, DONE]
        self.assertEqual(reachable(self.RULES, NEW, stages, frozenset({HEADS})), [WORK, WAIT])
        self.assertEqual(reachable(self.RULES, DONE, stages, frozenset({WORKERS})), [NEW, WAIT])

# SPDX-License-Identifier: AGPL-3.0-or-later
import io
import unittest
from fractions import Fraction

from ..core import ballot_csv, pabulib
from ..core.counting import count
from ..core.election import BadFile, Election, Project
from .election_cases import OWN, by_dice

GOOD = b"""\
META
key;value
description;Squares
country;Spain
unit;Puerto Claro
instance;2026
num_projects;3
num_votes;3
budget;1000,50
vote_type;approval
rule;greedy
min_length;1
max_length;2
PROJECTS
project_id;cost;votes;name;selected
1;700;2;"Trees; and more trees";1
2;300.5;2;Benches;1
3;100;1;None;0
VOTES
voter_id;vote;age
a;1,2;34
b;2;None
c;3,1;
"""
POINTS = (
    GOOD.replace(b"approval", b"cumulative")
    .replace(b"votes;name", b"votes;score;name")
    .replace(b"700;2;", b"700;2;7;")
    .replace(b"300.5;2;", b"300.5;2;9;")
    .replace(b"100;1;", b"100;1;4;")
    .replace(b"vote;age", b"vote;points")
    .replace(b"1,2;34", b"1,2;6,4")
    .replace(b"b;2;None", b"b;2;5")
    .replace(b"3,1;\n", b"3,1;4,1\n")
    .replace(b"max_length;2", b"max_points;6")
)


def swap(old, new, content=GOOD):
    assert content.count(old) == 1, old
    return content.replace(old, new)


class TestReading(unittest.TestCase):
    def test_a_file_is_what_it_says(self):
        election = pabulib.read(GOOD)
        self.assertEqual([project.id for project in election.projects], ["1", "2", "3"])
        self.assertEqual([project.cost for project in election.projects], [700, Fraction("300.5"), 100])
        self.assertEqual([project.name for project in election.projects], ["Trees; and more trees", "Benches", ""])
        self.assertEqual([project.selected for project in election.projects], [True, True, False])
        self.assertEqual(election.choices, [(0, 1), (1,), (2, 0)])
        self.assertEqual((election.budget, election.rule), (Fraction("1000.5"), "greedy"))
        self.assertEqual(count(election).winners, ("1", "2"))

    def test_windows_line_ends_a_byte_order_mark_and_blank_lines_are_read(self):
        for content in (GOOD.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + GOOD, GOOD.replace(b"VOTES", b"\n;;\nVOTES")):
            self.assertEqual(pabulib.read(content).choices, pabulib.read(GOOD).choices)

    def test_points_are_read_beside_the_choices(self):
        election = pabulib.read(POINTS)
        self.assertEqual(election.points, [(6, 4), (5,), (4, 1)])
        self.assertEqual(election.scores, [7, 9, 4])

    def test_what_does_not_agree_is_refused_with_its_line(self):
        for content, line, reason in (
            (b"", None, "META is missing"),
            (b"\xff", 1, "not UTF-8"),
            (b"key;value\n", 1, "does not begin with META"),
            (GOOD[: GOOD.index(b"VOTES")], None, "VOTES is missing"),
            (GOOD[: GOOD.index(b"VOTES")] + b"VOTES\n", None, "VOTES has no header"),
            (GOOD[: GOOD.index(b"b;2")], 8, "num_votes is 3, but there are 1"),
            (GOOD[:-4], 16, "project 1 has 2 votes, but 1 are counted"),
            (GOOD[:-6], 23, "ends before the vote"),
            (swap(b"VOTES\nvoter", b"PROJECTS\nvoter"), 19, "section PROJECTS out of place"),
            (swap(b"key;value", b"value;key"), 2, "header key;value"),
            (swap(b"country;Spain", b"budget;1"), 9, "budget is there twice"),
            (swap(b"country;Spain", b"country"), 4, "without a value"),
            (swap(b"budget;1000,50\n", b""), None, "does not say budget"),
            (swap(b"rule;greedy", b"rule;"), None, "does not say rule"),
            (swap(b"1000,50", b"much"), 9, "budget is 'much', not a number"),
            (swap(b"1000,50", b"-5"), 9, "not a number of 0 or more"),
            (swap(b"1000,50", b"1e9"), 9, "not a number"),
            (swap(b"approval", b"dice"), 10, "vote_type 'dice'"),
            (swap(b"num_projects;3", b"num_projects;4"), 7, "num_projects is 4, but there are 3"),
            (swap(b"num_projects;3", b"num_projects;2.5"), 7, "not a whole number"),
            (swap(b"project_id;cost", b"id;cost"), 15, "begins with the column project_id"),
            (swap(b"project_id;cost", b"project_id;price"), 15, "no column cost"),
            (swap(b"name;selected", b"name;votes"), 15, "a column twice"),
            (swap(b"2;300.5", b"1;300.5"), 17, "project 1 is there twice"),
            (swap(b"2;300.5", b";300.5"), 17, "needs an id"),
            (swap(b"2;300.5", b'"2,5";300.5'), 17, "without a comma"),
            (swap(b"300.5", b"None"), 17, "has no cost"),
            (swap(b"300.5", b"3 00"), 17, "cost is"),
            (swap(b"300.5", b"\xc2\xb2"), 17, "cost is"),
            (swap(b"Benches;1", b"Benches;yes"), 17, "selected is 'yes'"),
            (swap(b"Benches;1", b"Benches;1;2"), 17, "6 cells, but the header has 5"),
            (swap(b'"Trees; and more trees"', b'"Trees'), 23, "no row of cells"),
            (swap(b"voter_id;vote", b"voter_id;votes"), 20, "no column vote"),
            (swap(b"b;2;None", b"a;2;None"), 22, "voter a is there twice"),
            (swap(b"b;2;None", b";2;None"), 22, "without voter_id"),
            (swap(b"b;2;None", b"b"), 22, "ends before the vote"),
            (swap(b"b;2;None", b"b;9;None"), 22, "no project '9'"),
            (swap(b"1,2;34", b"1,1;34"), 21, "twice on one ballot"),
            (swap(b"1,2;34", b"1,;34"), 21, "no project ''"),
            (swap(b"b;2;None", b"b;;None"), 22, "choices: 0, fewer than 1"),
            (swap(b"1,2;34", b"1,2,3;34"), 21, "choices: 3, more than 2"),
            (swap(b"b;2;None", b"b;3;None"), 17, "project 2 has 2 votes, but 1 are counted"),
            (swap(b"Benches", b"Ben\0ches"), 17, "NUL"),
            (swap(b"6,4", b"6", POINTS), 21, "2 choices, but 1 points"),
            (swap(b"6,4", b"6,x", POINTS), 21, "points is 'x'"),
            (swap(b"6,4", b"6,-4", POINTS), 21, "not a number of 0 or more"),
            (swap(b"6,4", b"7,4", POINTS), 21, "points for a project: 7, more than 6"),
            (swap(b"6,4", b"5,4", POINTS), 16, "score 7, but 6 is counted"),
            (swap(b"vote;points", b"vote;age", POINTS), 20, "no column points"),
            (swap(b"approval", b"choose-1"), 21, "2 choices on a ballot for one"),
            (swap(b"max_length;2", b"tie_order;1,1"), 13, "tie_order"),
            (swap(b"max_length;2", b"seats;0"), 13, "seats is 0"),
        ):
            with self.subTest(reason=reason, line=line):
                with self.assertRaises(BadFile) as caught:
                    pabulib.read(content)
                self.assertIn(reason, str(caught.exception))
                self.assertEqual(caught.exception.line, line)
                if line:
                    self.assertTrue(str(caught.exception).startswith(f"line {line}: "))

    def test_the_points_of_places_are_those_that_give_the_files_scores(self):
        ranked = GOOD.replace(b"approval", b"ordinal").replace(b"votes;name", b"votes;score;name")
        for scores, points in (
            ((3, 2, 2), [(2, 1), (1,), (2, 1)]),
            ((3, 3, 2), [(2, 1), (2,), (2, 1)]),
            ((5, 5, 3), [(3, 2), (3,), (3, 2)]),
            ((1, 0, 1), [(1, 0), (0,), (1, 0)]),
        ):
            content = ranked
            for cells, score in zip((b"700;2;", b"300.5;2;", b"100;1;"), scores, strict=True):
                content = content.replace(cells, cells + b"%d;" % score)
            with self.subTest(scores=scores):
                self.assertEqual(pabulib.read(content).points, points)
        with self.assertRaisesRegex(BadFile, "not those of the rankings"):
            pabulib.read(content.replace(b"300.5;2;0;", b"300.5;2;8;"))

    def test_a_withdrawn_project_does_not_stand_and_does_not_stop_the_count(self):
        content = swap(b"rule;greedy", b"rule;greedy-no-skip").replace(b"1;700;", b"1;999999999;")
        self.assertEqual(count(pabulib.read(content)).winners, ("2", "3"))


class TestWriting(unittest.TestCase):
    def _elections(self):
        for path in sorted(OWN.glob("*.pb")):
            yield pabulib.read(path.read_bytes())
        for seed in range(60):
            election = by_dice(seed, points=seed % 2 == 1)
            election.rule = "equalshares/add1"
            yield election
        yield Election(
            (Project("a", Fraction("0.25"), 'Quotes "and; such"'), Project("ñ", 2, "línea\ndos")),
            [(1,), (), (0, 1)],
            budget=Fraction("12.375"),
            rule="greedy",
            threshold=2,
            quorum=3,
            seats=2,
            tie_order=("ñ",),
        )

    def test_what_is_written_is_read_again(self):
        for write, read in ((pabulib.write, pabulib.read), (ballot_csv.write, ballot_csv.read)):
            for election in self._elections():
                file = io.BytesIO()
                write(file, election)
                again = read(file.getvalue())
                for name in (
                    "choices",
                    "points",
                    "budget",
                    "rule",
                    "threshold",
                    "quorum",
                    "seats",
                    "tie_order",
                    "vote_type",
                    "ranks",
                ):
                    self.assertEqual(getattr(again, name), getattr(election, name), name)
                self.assertEqual([(p.id, p.cost) for p in again.projects], [(p.id, p.cost) for p in election.projects])

    def test_the_same_election_gives_the_same_bytes(self):
        election, files = by_dice(7), [io.BytesIO(), io.BytesIO()]
        election.rule = "greedy"
        for file in files:
            pabulib.write(file, election, selected=count(election).winners)
        self.assertEqual(files[0].getvalue(), files[1].getvalue())

    def test_any_changed_byte_of_a_published_file_is_found(self):
        election = by_dice(12)
        election.rule = "greedy"
        for write, read in ((pabulib.write, pabulib.read), (ballot_csv.write, ballot_csv.read)):
            file = io.BytesIO()
            write(file, election)
            content = file.getvalue()
            read(content)
            for place in range(len(content)):
                changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
                with self.subTest(place=place), self.assertRaises(BadFile):
                    read(changed)
            for cut in (content[:-1], content + b"\n", content[: len(content) // 2]):
                with self.assertRaises(BadFile):
                    read(cut)

    def test_ballots_are_written_as_they_come_and_not_kept(self):
        election = by_dice(12)
        election.rule = "greedy"
        many = 20_000
        election.meta = {}
        once = Election(election.projects, [(0,)] * many, budget=election.budget, rule="greedy")
        file = io.BytesIO()
        pabulib.write(file, once, ballots=(((0,), None) for _each in range(many)))
        self.assertEqual(len(pabulib.read(file.getvalue()).choices), many)

    def test_sums_of_our_own_ballots_are_held_against_the_limits(self):
        """The library's files have such ballots, and the cities counted them; ours never may."""
        foreign = swap(b"max_length;2", b"max_sum_cost;900")
        self.assertEqual(len(pabulib.read(foreign).choices), 3)
        content = foreign.replace(b"key;value\n", b"key;value\ncontent_sha256;%d\n" % 0)
        sealed = content.replace(b"content_sha256;0", f"content_sha256;{pabulib.seal(content)}".encode())
        with self.assertRaisesRegex(BadFile, "cost of the choices: 2001/2, more than 900"):
            pabulib.read(sealed)

    def test_a_number_without_decimal_form_is_not_rounded(self):
        self.assertEqual(
            [pabulib.decimal(v) for v in (5, Fraction(1, 8), Fraction(-5, 2), 0)], ["5", "0.125", "-2.5", "0"]
        )
        with self.assertRaises(ValueError):
            pabulib.decimal(Fraction(1, 3))


class TestCsv(unittest.TestCase):
    def setUp(self):
        super().setUp()
        file = io.BytesIO()
        election = pabulib.read(GOOD)
        ballot_csv.write(file, election)
        self.content = file.getvalue()

    def _sealed(self, old, new):
        import hashlib

        begin = self.content.rindex(b"sha256,")
        changed = swap(old, new, self.content[:begin])
        return changed + f"sha256,{hashlib.sha256(changed).hexdigest()}\n".encode()

    def test_rows_say_what_they_are(self):
        lines = self.content.decode().splitlines()
        self.assertEqual(lines[0], "civic-ballots,1")
        self.assertIn("project,1,700,Trees; and more trees", lines)
        self.assertIn("ballot,3,3|1,", lines)

    def test_what_does_not_agree_is_refused_with_its_line(self):
        for old, new, line, reason in (
            (b"civic-ballots,1", b"civic-ballots,2", 1, "does not begin"),
            (b"meta,unit,", b"meta,country,", 4, "country is there twice"),
            (b"meta,budget,1000.5\n", b"", None, "no row meta,budget"),
            (b"project,2,", b"project,1,", 14, "project 1 is there twice"),
            (b"project,2,300.5", b"project,2,x", 14, "cost is 'x'"),
            (b"ballot,2,2,", b"ballot,2,9,", 17, "no project '9'"),
            (b"ballot,2,2,", b"ballot,3,2,", 17, "ballot '3' where 2 comes next"),
            (b"ballot,2,2,", b"ballot,2,2,5", 17, "points on a ballot that has none"),
            (b"ballot,2,2,", b"vote,2,2,", 17, "not understood"),
            (b"ballot,2,2,\n", b"", 7, "num_votes is 3, but there are 2"),
            (b"ballot,2,2,", b"ballot,2,1|2|3,", 17, "more than 2"),
        ):
            with self.subTest(reason=reason), self.assertRaises(BadFile) as caught:
                ballot_csv.read(self._sealed(old, new))
            self.assertIn(reason, str(caught.exception))
            self.assertEqual(caught.exception.line, line)

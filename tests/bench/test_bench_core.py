# SPDX-License-Identifier: AGPL-3.0-or-later
"""The arithmetic behind ``./civic bench``."""

import os
from pathlib import Path

import pytest

from bench.core import access_log, procfs, rounds, table, verdict
from bench.core.rounds import Sample
from bench.growth import rows


def samples(*cpu):
    return [Sample(cpu_ms=value, wall_ms=2 * value, queries=10) for value in cpu]


def test_every_round_has_every_side_and_turns_the_order():
    assert list(rounds.turns("ab", 3)) == [(0, "a"), (0, "b"), (1, "b"), (1, "a"), (2, "a"), (2, "b")]


def test_a_summary_is_of_medians_so_that_one_bad_turn_does_not_count():
    summary = rounds.Summary.of(samples(10, 11, 500))
    assert (summary.cpu_ms, summary.cpu_least, summary.cpu_most, summary.wall_ms) == (11, 10, 500, 22)
    assert summary.rounds == 3


def test_queries_may_be_unknown():
    assert rounds.Summary.of([Sample(1, 1)]).queries is None


def test_a_mix_is_the_mean_of_its_operations():
    mixed = rounds.mean_sample([Sample(10, 20, 30), Sample(20, 40, 40)])
    assert mixed == Sample(15, 30, 35)


def test_the_ratio_is_taken_within_each_round():
    # the machine was twice as slow in the second round: for both sides
    assert rounds.paired_ratio(samples(10, 20, 12), samples(20, 40, 20)) == pytest.approx(0.5)


@pytest.mark.parametrize("ours, peers", [([], []), ([10], [])])
def test_a_ratio_of_different_rounds_is_refused(ours, peers):
    with pytest.raises(ValueError, match="same rounds"):
        rounds.paired_ratio(samples(*ours), samples(*peers))


@pytest.mark.parametrize("measured, met", [(0.99, True), (1.0, True), (1.001, False)])
def test_a_target_is_met_up_to_its_limit(measured, met):
    target = verdict.Target("CPU", measured, 1.0)
    assert target.met is met
    assert verdict.missed([target]) == ([] if met else [target])
    assert ("MISSED" in str(target)) is not met


STAT = "4021 (postgres: odoo (x) y) S 311 4021 4021 0 -1 4194624 9 0 0 0 70 30 5 6 20 0 1 0 99 1 1"


def test_a_process_is_read_though_its_name_has_brackets():
    assert procfs.ProcessStat.parse(STAT) == procfs.ProcessStat(pid=4021, parent=311, ticks=100)


def test_this_very_process_can_be_read():
    text = Path("/proc/self/stat").read_text(encoding="utf-8")
    stat = procfs.ProcessStat.parse(text)
    assert (stat.pid, stat.parent) == (os.getpid(), os.getppid())


def test_descendants_are_children_and_theirs():
    tree = [procfs.ProcessStat(pid, parent, 0) for pid, parent in ((1, 0), (2, 1), (3, 2), (4, 1), (5, 4))]
    assert procfs.descendants(tree, 2) == {2, 3}


def test_ticks_of_a_process_born_meanwhile_count_whole():
    assert procfs.ticks_between({1: 100}, {1: 130, 2: 7}) == 37


def test_a_process_that_ended_spoils_the_turn():
    with pytest.raises(procfs.Disturbed):
        procfs.ticks_between({1: 100, 2: 5}, {1: 130})


LOG = """\
2026-03-01 10:00:00,123 7 INFO city werkzeug: 127.0.0.1 - - [01/Mar/2026 10:00:00] "POST /cases/new/4 HTTP/1.1" 303 - 35 0.034 0.056
2026-03-01 10:00:00,200 7 INFO city odoo.addons.mail: something else "quoted" 303 - 1 2 3
2026-03-01 10:00:01,000 7 INFO ? werkzeug: 127.0.0.1 - - [01/Mar/2026 10:00:01] "GET /web/health HTTP/1.1" 200 - - - -
2026-03-01 10:00:02,000 7 INFO city werkzeug: 127.0.0.1 - - [01/Mar/2026 10:00:02] "GET /cases/K?filed=1 HTTP/1.1" 200 - 6 0.004 0.010
"""


def test_requests_with_their_queries_are_found_in_the_log():
    assert access_log.parse(LOG) == [
        access_log.Access("POST", "/cases/new/4", 303, 35),
        access_log.Access("GET", "/cases/K", 200, 6),
    ]


def test_half_a_line_is_no_request():
    assert access_log.parse(LOG.splitlines()[0][:-20]) == []


def test_the_table_has_columns():
    summary = rounds.Summary.of(samples(10, 12, 14))
    lines = table.render([table.summary_row("ours", summary, 0.5), table.summary_row("the peer's", summary)])
    assert len({line.index("CPU ms") + len("CPU ms") for line in lines[:1]}) == 1
    assert lines[1].split() == ["ours", "12.0", "10.0–14.0", "10", "24.0", "0.50"]
    assert lines[1].index("12.0") == lines[2].index("12.0")


def test_a_row_is_repeated_with_what_differs():
    statement = rows.compose_insert(
        "town", ["name", "mayor"], {"name": "'T' || i"}, ("generate_series(1, 3) AS i", "i")
    )
    assert statement == (
        'INSERT INTO "town" ("name", "mayor") SELECT \'T\' || i, model."mayor" FROM "town" AS model'
        " CROSS JOIN generate_series(1, 3) AS i WHERE model.id = %(row)s ORDER BY i"
    )


def test_a_column_that_the_table_has_not_is_refused():
    with pytest.raises(KeyError, match="town has no column sea"):
        rows.compose_insert("town", ["name"], {"sea": "NULL"}, ("generate_series(1, 3) AS i", "i"))


def test_sql_picks_the_first_that_holds_and_goes_round_a_list():
    assert rows.pick([("a", "1"), ("b", "2")], "3") == "CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END"
    assert rows.one_of([7, 9], "i + 1") == "(ARRAY[7, 9])[1 + (i + 1) %% 2]"

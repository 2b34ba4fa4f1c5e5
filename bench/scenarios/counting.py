# SPDX-License-Identifier: AGPL-3.0-or-later
"""A participatory budget counted by equal shares, Phragmén and greedy, against pabutools on the same ballots.

Each side counts in a process of its own, and both must give the same winners. What is compared is the rule alone,
each side's form of the ballots being built before. The last figure is all the way from ballots in PostgreSQL to both
published files, by equal shares completed in steps of 1 %, against pabutools' plain equal shares without any of that.
"""

import io
import json
import subprocess
import sys

import psycopg2

from ..comparison import Result
from ..core.rounds import Sample, Summary, paired_ratio, turns
from ..core.verdict import Target
from ..counting.voters import city
from ..place import ROOT, Place, Problem

#: (voters, projects, one round in so many): the peer takes a minute for the large one
SIZES = ((10_000, 100, 1), (100_000, 150, 3))
RULES = ("greedy", "equalshares", "phragmen")
FAST, LEAN, PUBLISHED = 0.01, 0.3, 0.1
COMPLETED = "equalshares/exhaustive"


def run(options):
    addons = options.addons or ROOT / "addons"
    result = Result("Counting a participatory budget")
    with Place(options.addons) as place:
        for voters, projects, seldom in SIZES:
            rounds = max(1, options.rounds // seldom)
            taken = {"ours": [], "peer": []}
            publish = _publication(place, addons, voters, projects) if (voters, projects, seldom) == SIZES[-1] else None
            published = []
            for number, side in turns(list(taken), rounds):
                taken[side].append(_ask("side", side, addons, voters, projects, *RULES))
                if side == "ours" and publish:
                    published.append(_ask("publish", *publish))
                if side == ("peer" if number % 2 == 0 else "ours"):
                    print(f"  {voters:,} voters, round {number + 1} of {rounds}", flush=True)
            _check(taken)
            _report(result, f"{voters // 1000}k × {projects}", taken, published)
    return result


def _ask(module, *words):
    done = subprocess.run(
        [sys.executable, "-m", f"bench.counting.{module}", *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise Problem(f"bench.counting.{module} failed; what it says is above.")
    return json.loads(done.stdout)


def _check(taken):
    """The same winners in every turn of both sides, or a ratio means nothing."""
    for rule in RULES:
        if len({tuple(turn[rule]["winners"]) for side in taken.values() for turn in side}) != 1:
            raise Problem(f"The two sides have other winners by {rule}.")


def _publication(place, addons, voters, projects):
    """Fill a database of this run's own with the ballots; return what the process that publishes is told."""
    costs, choices, budget = city(voters, projects)
    database = place.database("counting", lambda: "template1")
    connection = psycopg2.connect(dbname=database, **place.connection_options())
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE poll (budget bigint)")
        cursor.execute("INSERT INTO poll VALUES (%s)", (budget,))
        cursor.execute("CREATE TABLE project (id int PRIMARY KEY, cost bigint)")
        cursor.executemany("INSERT INTO project VALUES (%s, %s)", list(enumerate(costs)))
        cursor.execute("CREATE TABLE ballot (shuffled uuid PRIMARY KEY DEFAULT gen_random_uuid(), choices int[])")
        rows = io.StringIO("".join(f"{{{','.join(map(str, ballot))}}}\n" for ballot in choices))
        cursor.copy_expert("COPY ballot (choices) FROM STDIN", rows)
    connection.close()
    place.execute_in(database, "vacuum analyze")
    options = json.dumps({"dbname": database, **place.connection_options()})
    return addons, options, place.folder, COMPLETED


def _report(result, size, taken, published):
    samples = {
        (side, rule): [Sample(turn[rule]["cpu_ms"], turn[rule]["wall_ms"]) for turn in turns_of]
        for side, turns_of in taken.items()
        for rule in ("build", *RULES)
    }
    for (side, rule), of in samples.items():
        name = f"{size} {rule}, {'pabutools' if side == 'peer' else side}"
        result.figures[name] = Summary.of(of)
        if side == "ours":
            result.ratios[name] = paired_ratio(of, samples["peer", rule])
            if rule in ("equalshares", "phragmen"):
                result.targets.append(Target(f"{size}: CPU of {rule} / pabutools'", result.ratios[name], FAST))
    most = {side: max(turn["memory_mb"] for turn in turns_of) for side, turns_of in taken.items()}
    result.targets.append(Target(f"{size}: memory / pabutools'", most["ours"] / most["peer"], LEAN))
    result.notes.append(f"{size}: the same winners; {most['ours']:.0f} MB, pabutools {most['peer']:.0f} MB.")
    if published:
        _report_publication(result, size, published, samples["peer", "equalshares"])


def _report_publication(result, size, published, peer):
    of = [Sample(turn["cpu_ms"], turn["wall_ms"]) for turn in published]
    name = f"{size} from PostgreSQL to the files, completed"
    result.figures[name], result.ratios[name] = Summary.of(of), paired_ratio(of, peer)
    words = f"{size}: CPU from PostgreSQL to published files, completed / pabutools' plain equal shares"
    result.targets.append(Target(words, result.ratios[name], PUBLISHED))
    result.notes.append(f"{size}: publishing takes {max(turn['memory_mb'] for turn in published):.0f} MB.")

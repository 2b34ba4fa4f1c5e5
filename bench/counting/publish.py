# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ballots in PostgreSQL to a published result: read, counted, both files written; prints JSON.

``python -m bench.counting.publish ADDONS OPTIONS FOLDER RULE``; OPTIONS are psycopg2's, as JSON. CPU is this
process's and its PostgreSQL backend's.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import psycopg2

from ..core.procfs import ProcessStat


def main(addons, options, folder, rule):
    sys.path.insert(0, str(Path(addons) / "civic_participation"))
    from core import ballot_csv, pabulib
    from core.counting import count
    from core.election import Election, Project

    connection = psycopg2.connect(**json.loads(options))
    backend = Path(f"/proc/{connection.get_backend_pid()}/stat")
    before, cpu, wall = _ticks(backend), time.process_time(), time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT cost FROM project ORDER BY id")
        projects = tuple(Project(f"p{i:03}", cost) for i, (cost,) in enumerate(cursor))
        cursor.execute("SELECT budget FROM poll")
        (budget,) = cursor.fetchone()
    with connection.cursor("ballots") as cursor:
        cursor.itersize = 10_000
        cursor.execute("SELECT choices FROM ballot ORDER BY shuffled")
        choices = [tuple(each) for (each,) in cursor]
    election = Election(projects, choices, budget=budget, rule=rule)
    outcome = count(election)
    with open(Path(folder, "result.pb"), "wb") as file:
        pabulib.write(file, election, selected=outcome.winners)
    with open(Path(folder, "result.csv"), "wb") as file:
        ballot_csv.write(file, election)
    spent = time.process_time() - cpu + (_ticks(backend) - before) / os.sysconf("SC_CLK_TCK")
    told = {
        "cpu_ms": 1000 * spent,
        "wall_ms": 1000 * (time.perf_counter() - wall),
        "winners": sorted(outcome.winners),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    json.dump(told, sys.stdout)


def _ticks(path):
    return ProcessStat.parse(path.read_text(encoding="utf-8")).ticks


if __name__ == "__main__":
    main(*sys.argv[1:])

# SPDX-License-Identifier: AGPL-3.0-or-later
"""One side counts one city, in a process of its own so that its memory is its own; prints JSON.

``python -m bench.counting.side ours|peer ADDONS VOTERS PROJECTS RULE...``: for every rule its CPU and wall
milliseconds and its winners, and the most memory held. Building the ballots in each side's own form is told apart.
"""

import json
import resource
import sys
import time
from pathlib import Path

from .voters import city


def measure(run):
    cpu, wall = time.process_time(), time.perf_counter()
    answer = run()
    return answer, 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - wall)


def ours(addons, costs, choices, budget):
    sys.path.insert(0, str(Path(addons) / "civic_participation"))
    import core.counting.purses  # noqa: F401 (loads numpy, as the peer has it loaded)
    from core.counting import count
    from core.election import Election, Project

    def build():
        projects = tuple(Project(f"p{i:03}", cost) for i, cost in enumerate(costs))
        election = Election(projects, choices, budget=budget)
        election.supporters  # noqa: B018 (as the peer's own form has them)
        return election

    return build, lambda election, rule: count(election, rule).winners


def peer(_addons, costs, choices, budget):
    from pabutools.election import ApprovalBallot, ApprovalProfile, Cost_Sat, Instance, Project
    from pabutools.rules import greedy_utilitarian_welfare, method_of_equal_shares, sequential_phragmen

    rules = {
        "greedy": lambda instance, profile: greedy_utilitarian_welfare(instance, profile, Cost_Sat),
        "equalshares": lambda instance, profile: method_of_equal_shares(instance, profile, Cost_Sat),
        "phragmen": sequential_phragmen,
    }

    def build():
        projects = [Project(f"p{i:03}", cost) for i, cost in enumerate(costs)]
        instance = Instance(projects, budget_limit=budget)
        ballots = [ApprovalBallot(projects[i] for i in ballot) for ballot in choices]
        return instance, ApprovalProfile(ballots, instance=instance)

    return build, lambda form, rule: [project.name for project in rules[rule](*form)]


def main(side, addons, voters, projects, *rules):
    build, run = {"ours": ours, "peer": peer}[side](addons, *city(int(voters), int(projects)))
    form, *spent = measure(build)
    told = {"build": {"cpu_ms": spent[0], "wall_ms": spent[1]}}
    for rule in rules:
        winners, cpu, wall = measure(lambda rule=rule: run(form, rule))
        told[rule] = {"cpu_ms": cpu, "wall_ms": wall, "winners": sorted(winners)}
    told["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])

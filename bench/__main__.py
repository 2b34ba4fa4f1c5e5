# SPDX-License-Identifier: AGPL-3.0-or-later
"""``./civic bench [NAME...]``: measure, print a table, write JSON; with --check fail when a target is missed."""

import argparse
import dataclasses
import importlib
import json
import os
import platform
import re
import sys
import time
from pathlib import Path

import odoo.release

from . import scenarios
from .core import table
from .core.procfs import Disturbed
from .core.verdict import missed
from .place import STATE, Problem

CITIES = Path(__file__).resolve().parent / "cities"


def main():
    options = parse_arguments()
    known = scenarios.names()
    if options.list:
        for name in known:
            print(f"  {name:<10} {load(name).__doc__.strip().splitlines()[0]}")
        return 0
    if unknown := set(options.names) - set(known):
        print(
            f"bench: there is no scenario {', '.join(sorted(unknown))}; choose of {', '.join(known)}.", file=sys.stderr
        )
        return 2
    results = {}
    try:
        for name in options.names or known:
            print(f"\n{name}: {load(name).__doc__.strip().splitlines()[0]}", flush=True)
            results[name] = load(name).run(options)
            show(results[name])
    except (Problem, Disturbed) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    path = write(results, options)
    print(f"\n  Written: {path}")
    failed = missed(target for result in results.values() for target in result.targets)
    return 3 if options.check and failed else 0


def parse_arguments():
    parser = argparse.ArgumentParser(prog="civic bench", description=__doc__.split(":", 1)[1].strip())
    parser.add_argument("names", nargs="*", metavar="NAME", help="scenarios (default: all)")
    parser.add_argument("--list", action="store_true", help="name the scenarios and stop")
    parser.add_argument("--rounds", type=int, default=5, help="turns per side (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=0, help="Odoo's server processes; 0 (default): one, threaded")
    parser.add_argument("--size", type=int, default=100_000, help="cases of a grown city (default: %(default)s)")
    parser.add_argument(
        "--only", metavar="TEXT", default="", help="of cases: what has this in its name, as 'list' or 'duplicate'"
    )
    parser.add_argument("--addons", metavar="FOLDER", help="measure the addons there instead of this checkout's")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--check", action="store_true", help="exit with 3 when a target is missed")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    if options.size < 1000:
        parser.error("--size: at least 1000")
    options.warm_up = 10 + 10 * options.workers
    options.city = lambda name: CITIES / f"{name}.py"
    return options


def load(name):
    return importlib.import_module(f".scenarios.{name}", __package__)


def show(result):
    rows = [table.summary_row(name, figure, result.ratios.get(name)) for name, figure in result.figures.items()]
    print()
    for line in [*(table.render(rows) if rows else ()), *result.notes, *map(str, result.targets)]:
        print(f"  {line}")


def write(results, options):
    content = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "rounds": options.rounds,
        "workers": options.workers,
        "machine": machine(),
        "scenarios": {
            name: {
                **dataclasses.asdict(result),
                "targets": [{**dataclasses.asdict(target), "met": target.met} for target in result.targets],
            }
            for name, result in results.items()
        },
    }
    path = options.json or STATE / f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def machine():
    """What the figures depend on; nothing that names the machine."""
    processor = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
    return {
        "processor": processor[1] if processor else platform.machine(),
        "processors": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
        "load": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "odoo": odoo.release.version,
    }


if __name__ == "__main__":
    sys.exit(main())

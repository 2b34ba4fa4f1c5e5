# SPDX-License-Identifier: AGPL-3.0-or-later
"""The zones of a million points, against a bare STRtree query over the same zones and points.

In this process, without a server. The bare query is asked with its predicate, so that it says
which zones contain each point, and leaves the smallest to be picked out. It is asked both ways:
a tree of zones for all points, and a tree of points for all zones, which GEOS answers faster.
All sides make their point objects themselves, and all must agree. The boxes alone answer less;
they are there for support.
"""

import importlib.util
import time
from pathlib import Path

import numpy as np
import shapely

from ..comparison import Result
from ..core.rounds import Sample, Summary, paired_ratio, turns
from ..core.verdict import Target
from ..place import ROOT, Problem

BARE = "STRtree of zones asked for points"
TURNED = "STRtree of points asked for zones"
BOXES = "STRtree of zones, boxes alone"
OURS = "our zone of each point"
LIMIT = 1.5

POINTS = 1_000_000
SEED = 20260301
#: districts and neighbourhoods on each side: 1 + 9 + 81 zones
SIDES = (3, 3)
STEPS = 360  # vertices along one side of the city
WEST, SOUTH, SIZE = -5.5, 36.5, 0.2


def run(options):
    core = _load_core(options.addons)
    zones = _city()
    random = np.random.default_rng(SEED)
    longitudes = WEST + SIZE * random.uniform(-0.05, 1.05, POINTS)
    latitudes = SOUTH + SIZE * random.uniform(-0.05, 1.05, POINTS)
    index = core.ZoneIndex(zones)
    geometries = np.array([geometry for _key, _level, geometry in zones], dtype=object)
    tree = shapely.STRtree(geometries)
    sides = {
        BARE: lambda: tree.query(shapely.points(longitudes, latitudes), predicate="intersects"),
        TURNED: lambda: _ask_for_zones(longitudes, latitudes, geometries),
        OURS: lambda: index.find_many(longitudes, latitudes),
        BOXES: lambda: tree.query(shapely.points(longitudes, latitudes)),
    }
    answers = {name: side() for name, side in sides.items()}
    _check(zones, answers[BARE], answers[OURS])
    _check(zones, answers[TURNED], answers[OURS])
    samples = {name: [] for name in sides}
    for number, name in turns(list(sides), options.rounds):
        samples[name].append(_measure(sides[name]))
        if len(samples[name]) == number + 1 and all(len(taken) > number for taken in samples.values()):
            print(f"  round {number + 1} of {options.rounds}", flush=True)
    return _compare(samples, zones, geometries)


def _ask_for_zones(longitudes, latitudes, geometries):
    zones, points = shapely.STRtree(shapely.points(longitudes, latitudes)).query(geometries, predicate="intersects")
    return np.array((points, zones))


def _load_core(addons):
    path = Path(addons or ROOT / "addons") / "civic_crm" / "core" / "zones.py"
    spec = importlib.util.spec_from_file_location("civic_zones_core", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _city():
    """A square city with wavy borders that neighbours share: city, districts, neighbourhoods, sections."""
    zones, key = [(1, 0, _patch(0, 1, 0, 1))], 1
    parts = 1
    for level, side in enumerate(SIDES, 1):
        parts *= side
        for row in range(parts):
            for column in range(parts):
                key += 1
                edges = (column / parts, (column + 1) / parts, row / parts, (row + 1) / parts)
                zones.append((key, level, _patch(*edges)))
    return zones


def _patch(left, right, bottom, top):
    """The image of a rectangle of the unit square under one map that bends every line."""
    steps = np.arange(round(left * STEPS), round(right * STEPS) + 1) / STEPS
    heights = np.arange(round(bottom * STEPS), round(top * STEPS) + 1) / STEPS
    ring = np.concatenate(
        [
            np.column_stack((steps, np.full(len(steps), bottom))),
            np.column_stack((np.full(len(heights), right), heights)),
            np.column_stack((steps[::-1], np.full(len(steps), top))),
            np.column_stack((np.full(len(heights), left), heights[::-1])),
        ]
    )
    x, y = ring.T
    bent = (
        x + 0.004 * np.sin(37 * y) + 0.001 * np.sin(211 * y + 90 * x),
        y + 0.004 * np.sin(41 * x) + 0.001 * np.sin(199 * x + 80 * y),
    )
    return shapely.Polygon(np.column_stack((WEST + SIZE * bent[0], SOUTH + SIZE * bent[1])))


def _check(zones, pairs, keys):
    """The bare query's smallest zone of each point is ours."""
    given = np.array([key for key, _level, _geometry in zones])
    expected = np.zeros(POINTS, dtype=np.int64)
    order = np.argsort(pairs[1], kind="stable")  # larger zones first: the smallest is written last
    expected[pairs[0][order]] = given[pairs[1][order]]
    differing = int((expected != keys).sum())
    if differing:
        raise Problem(f"{differing} of {POINTS} points have another zone than the bare query finds.")


def _measure(side):
    wall, cpu = time.perf_counter(), time.process_time()
    side()
    return Sample(cpu_ms=(time.process_time() - cpu) * 1000, wall_ms=(time.perf_counter() - wall) * 1000)


def _compare(samples, zones, geometries):
    result = Result("Zones of a million points")
    for name, taken in samples.items():
        result.figures[name] = Summary.of(taken)
        if name != BARE:
            result.ratios[name] = paired_ratio(taken, samples[BARE])
    vertices = int(shapely.get_num_coordinates(geometries).sum())
    result.notes.append(f"{POINTS:,} points, {len(zones)} zones of {len(SIDES) + 1} levels, {vertices:,} vertices.")
    result.notes.append("All find the same smallest zone for every point; a twentieth lies outside the city.")
    best = min(BARE, TURNED, key=lambda name: result.figures[name].cpu_ms)
    ratio = paired_ratio(samples[OURS], samples[best])
    result.targets.append(Target(f"CPU of our lookup / of the faster bare query ({best})", ratio, LIMIT))
    result.more["points"], result.more["zones"], result.more["vertices"] = POINTS, len(zones), vertices
    return result

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Draws the demo city: boundaries and population of its zones, and the points of its demo cases.

    .state/venv/bin/python tools/demo_city.py

writes addons/civic_crm/demo/civic_zone_demo.xml, civic.zone.population.csv and
helpdesk_ticket_points_demo.xml. The same every time: whoever changes the plan below runs it again
and commits what it writes.

Puertoclaro exists nowhere: its coordinates lie in the open Atlantic. The plan says, in kilometres
from the south-west, where the middle of each neighbourhood is; what is nearest to it belongs to it
(Voronoi), and all borders are bent the way coasts and streams are. Neighbours share their borders
point by point, so that the city has neither gaps nor doubles.
"""

import csv
import itertools
import math
import random
import re
import sys
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import shapely

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "addons" / "civic_crm" / "demo"
sys.path.insert(0, str(ROOT / "addons" / "civic_crm" / "core"))

import zones  # noqa: E402  (pure, without Odoo)

SEED = 20260301
WEST, SOUTH = -7.10, 36.50
KM_EAST = 1 / (111.32 * math.cos(math.radians(36.53)))
KM_NORTH = 1 / 110.96
DECIMALS = 5  # a metre
YEAR = 2025
WARNING = "Written by tools/demo_city.py: change the plan there and run it again."

#: The sea is in the south; the notch is the harbour.
OUTLINE = [
    (0.3, 2.9), (1.9, 2.1), (3.4, 2.0), (4.3, 2.2), (4.9, 2.6), (5.4, 2.5), (5.7, 1.9), (5.9, 1.3), (6.5, 1.2),
    (7.6, 1.4), (9.2, 1.0), (9.6, 2.4), (9.2, 4.4), (9.5, 5.9), (8.4, 7.4), (6.3, 7.9), (4.2, 7.6), (2.4, 7.9),
    (0.9, 7.0), (0.5, 5.2),
]  # fmt: skip
#: (record, name, [(record, name, (east, north), people, share of the young)])
PLAN = [
    ("centro", "Centro", [
        ("casco_antiguo", "Casco Antiguo", (4.6, 3.1), 3400, 0.7),
        ("ensanche", "Ensanche", (5.2, 3.9), 5200, 0.9),
        ("estacion", "Estación", (4.1, 3.9), 4100, 1.1),
    ]),
    ("marina", "La Marina", [
        ("puerto", "El Puerto", (5.9, 2.5), 1900, 0.9),
        ("pescadores", "Pescadores", (6.8, 2.2), 3100, 0.8),
        ("playa_norte", "Playa Norte", (8.2, 2.2), 2600, 0.8),
    ]),
    ("molino", "El Molino", [
        ("molino_alto", "Molino Alto", (5.6, 5.8), 2700, 1.1),
        ("molino_bajo", "Molino Bajo", (5.9, 4.9), 3900, 1.0),
        ("ladera", "La Ladera", (4.6, 5.1), 2200, 1.3),
    ]),
    ("huertas", "Las Huertas", [
        ("huerta_vieja", "Huerta Vieja", (2.9, 4.3), 1800, 0.8),
        ("naranjos", "Los Naranjos", (2.3, 5.3), 2900, 1.4),
        ("acequia", "La Acequia", (3.5, 5.5), 2100, 1.2),
    ]),
    ("levante", "Levante", [
        ("almendros", "Los Almendros", (7.1, 3.4), 4300, 1.0),
        ("universidad", "Universidad", (8.3, 3.8), 3700, 1.6),
        ("olivar", "El Olivar", (7.4, 4.7), 2400, 1.2),
    ]),
    ("poniente", "Poniente", [
        ("pinos", "Los Pinos", (3.1, 2.9), 2800, 0.9),
        ("salinas", "Las Salinas", (1.7, 2.9), 1500, 0.9),
        ("torre_vigia", "Torre Vigía", (1.3, 4.0), 900, 1.1),
    ]),
    ("sierra", "La Sierra", [
        ("fuente_fria", "Fuente Fría", (3.8, 6.8), 1300, 1.3),
        ("monte_claro", "Monte Claro", (5.9, 6.9), 1700, 1.4),
        ("mirador", "El Mirador", (7.9, 6.2), 1100, 1.2),
        ("dehesa", "La Dehesa", (1.9, 6.6), 700, 0.9),
    ]),
]  # fmt: skip
#: (from age, to age, share of the people in an average city); 130 means: and older
AGES = [(0, 15, 0.15), (16, 29, 0.15), (30, 44, 0.20), (45, 64, 0.29), (65, 79, 0.15), (80, 130, 0.06)]
YOUNG = 44


def main():
    chance = random.Random(SEED)
    parts = [part for _record, _name, parts in PLAN for part in parts]
    boundaries = dict(zip((part[0] for part in parts), draw(parts, chance), strict=True))
    write_zones(boundaries)
    write_population(parts, chance)
    write_points(boundaries, chance)


# ----------------------------------------------------------------------
# boundaries
# ----------------------------------------------------------------------


def draw(parts, chance):
    """Return the neighbourhoods' boundaries in degrees: a tiling, every border bent once."""
    outline = shapely.Polygon(OUTLINE)
    seeds = shapely.MultiPoint([part[2] for part in parts])
    cells = shapely.voronoi_polygons(seeds, extend_to=outline, ordered=True).geoms
    cells = [cell.intersection(outline) for cell in cells]
    lines = shapely.line_merge(shapely.union_all([cell.boundary for cell in cells]))
    bent = [shapely.LineString(bend(line.coords, chance)) for line in lines.geoms]
    bent = [shapely.transform(line, to_degrees) for line in bent]
    pieces = list(shapely.polygonize(bent).geoms)
    grounds = [shapely.transform(cell, to_degrees) for cell in cells]
    drawn = [max(pieces, key=lambda piece, ground=ground: piece.intersection(ground).area) for ground in grounds]
    if len(pieces) != len(parts) or not shapely.coverage_is_valid(drawn):
        raise SystemExit("The borders cross each other: choose another seed, or bend less.")
    return [shapely.orient_polygons(piece) for piece in drawn]


def bend(points, chance):
    """Return the points of a line with more between them, off the straight by chance."""
    result = [tuple(points[0])]
    for start, end in itertools.pairwise(points):
        result += halve(tuple(start), tuple(end), chance)
    return result


def halve(start, end, chance):
    (x1, y1), (x2, y2) = start, end
    length = math.hypot(x2 - x1, y2 - y1)
    if length < 0.12:
        return [end]
    off = chance.gauss(0, 0.06)
    middle = ((x1 + x2) / 2 - off * (y2 - y1), (y1 + y2) / 2 + off * (x2 - x1))
    return halve(start, middle, chance) + halve(middle, end, chance)


def to_degrees(points):
    east, north = points[:, 0], points[:, 1]
    return np.column_stack((WEST + east * KM_EAST, SOUTH + north * KM_NORTH)).round(DECIMALS)


# ----------------------------------------------------------------------
# what is written
# ----------------------------------------------------------------------


def write_zones(boundaries):
    records = [record("city", "Puertoclaro", "00", "city", None, shapely.coverage_union_all(list(boundaries.values())))]
    for number, (district, name, parts) in enumerate(PLAN, 1):
        whole = shapely.coverage_union_all([boundaries[part[0]] for part in parts])
        records.append(record(district, name, f"{number:02}", "district", "city", whole))
        for place, (part, part_name, *_rest) in enumerate(parts, 1):
            code = f"{number:02}{place:02}"
            records.append(record(part, part_name, code, "neighbourhood", district, boundaries[part]))
    write_xml("civic_zone_demo.xml", records)


def record(name, title, code, kind, parent, boundary):
    lines = [
        f'    <record id="demo_zone_{name}" model="civic.zone">',
        f'        <field name="name">{escape(title)}</field>',
        f'        <field name="code">{code}</field>',
        f'        <field name="kind">{kind}</field>',
    ]
    if parent:
        lines.append(f'        <field name="parent_id" ref="demo_zone_{parent}" />')
    lines += [
        "        <field",
        '            name="boundary"',
        f"        >{zones.to_geojson(boundary)}</field>",
    ]  # as prettier has it
    return "\n".join([*lines, "    </record>"])


def write_population(parts, chance):
    path = DEMO / "civic.zone.population.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["id", "zone_id:id", "year", "sex", "age_from", "age_to", "count"])
        for part, _name, _place, people, young in parts:
            weights = [share * (young if to <= YOUNG else 1) for _from, to, share in AGES]
            for (age_from, age_to, _share), weight in zip(AGES, weights, strict=True):
                for sex in ("female", "male"):
                    women = 0.49 + 0.0016 * max(age_from - 20, 0)
                    share = women if sex == "female" else 1 - women
                    count = round(people * weight / sum(weights) * share * chance.uniform(0.95, 1.05))
                    name = f"demo_population_{part}_{sex}_{age_from}"
                    table.writerow([name, f"demo_zone_{part}", YEAR, sex, age_from, age_to, count])


def write_points(boundaries, chance):
    """Give every demo case a point in the neighbourhood it names."""
    text = (DEMO / "helpdesk_ticket_demo.xml").read_text(encoding="utf-8")
    records = []
    for case, body in re.findall(r'<record id="(demo_case_\w+)".*?>(.*?)</record>', text, re.S):
        zone = re.search(r'name="civic_zone_id" ref="demo_zone_(\w+)"', body)
        if not zone:
            continue
        longitude, latitude = point_in(boundaries[zone[1]].buffer(-0.001), chance)
        records.append(
            f'    <record id="{case}" model="helpdesk.ticket" context="{{\'tracking_disable\': True}}">\n'
            f'        <field name="latitude">{latitude}</field>\n'
            f'        <field name="longitude">{longitude}</field>\n'
            "    </record>"
        )
    write_xml("helpdesk_ticket_points_demo.xml", records)


def point_in(ground, chance):
    west, south, east, north = ground.bounds
    while True:
        point = (round(chance.uniform(west, east), 6), round(chance.uniform(south, north), 6))
        if ground.contains(shapely.Point(point)):
            return point


def write_xml(name, records):
    lines = [
        '<?xml version="1.0" encoding="utf-8" ?>',
        '<odoo noupdate="1">',
        f"    <!-- {WARNING} -->",
        *records,
        "</odoo>",
    ]
    (DEMO / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

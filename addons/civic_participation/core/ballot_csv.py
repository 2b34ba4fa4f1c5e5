# SPDX-License-Identifier: AGPL-3.0-or-later
"""Our own file of ballots, for a spreadsheet: one CSV (RFC 4180, UTF-8, comma) that says all that is counted.

The first cell of a row says what it is::

    civic-ballots,1
    meta,rule,equalshares/add1
    project,3,7200,PopUp podium          id, cost, name
    ballot,1,3|9,                        number, ids in the voter's order, points
    sha256,5f70…                         of all bytes before this row; the last row

Ballots are numbered after shuffling: the numbers say nothing of when or by whom.
"""

import csv
import hashlib
import io

from .election import VOTE_TYPES, BadFile, Project
from .pabulib import (
    NEEDED,
    Limits,
    Meta,
    _decode,
    _election,
    _Hashed,
    _meta,
    decimal,
    give_rank_points,
    number,
    own_ballots,
    read_choices,
    read_points,
)

TITLE, VERSION = "civic-ballots", "1"
SEPARATOR = "|"


def read(content):
    """Return the Election in *content* (bytes); raise BadFile."""
    text = _decode(content)
    _check_seal(content)
    meta, projects, ballots = Meta(), [], []
    for line, row in _rows(text):
        kind = row[0]
        if line == 1:
            if row != [TITLE, VERSION]:
                raise BadFile(f"the file does not begin with {TITLE},{VERSION}", line)
        elif kind == "meta" and len(row) == 3:
            if row[1] in meta:
                raise BadFile(f"{row[1]} is there twice", line)
            meta[row[1]], meta.lines[row[1]] = row[2], line
        elif kind == "project" and len(row) == 4 and not ballots:
            projects.append(_read_project(row, projects, line))
        elif kind == "ballot" and len(row) == 4:
            ballots.append((line, row))
        elif kind != "sha256":
            raise BadFile(f"this row is not understood: {','.join(row)[:60]}", line)
    return _count_in(meta, projects, ballots)


def _rows(text):
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise BadFile(f"this is no row of cells: {error}", reader.line_num)


def _read_project(row, before, line):
    _kind, project_id, cost, name = row
    if not project_id or {",", SEPARATOR} & set(project_id):
        raise BadFile("a project needs an id without comma or |", line)
    if any(project.id == project_id for project in before):
        raise BadFile(f"project {project_id} is there twice", line)
    return Project(project_id, number(cost, "cost", line), name)


def _count_in(meta, projects, ballots):
    for key in NEEDED:
        if not meta.get(key):
            raise BadFile(f"there is no row meta,{key}")
    if meta["vote_type"] not in VOTE_TYPES:
        raise BadFile(f"vote_type {meta['vote_type']!r} is not known", meta.lines["vote_type"])
    for key, found in (("num_projects", len(projects)), ("num_votes", len(ballots))):
        if meta.whole(key) != found:
            raise BadFile(f"{key} is {meta[key]}, but there are {found}", meta.lines[key])
    election, limits = _election(meta, tuple(projects)), Limits(meta)
    places = {project.id: i for i, project in enumerate(projects)}
    for expected, (line, row) in enumerate(ballots, start=1):
        _kind, numbered, vote, given = row
        if numbered != str(expected):
            raise BadFile(f"ballot {numbered!r} where {expected} comes next", line)
        ballot = read_choices(vote.split(SEPARATOR), places, line)
        points = None
        if election.points is not None:
            points = read_points(given.split(SEPARATOR), election, ballot, line)
            election.points.append(points)
        elif given:
            raise BadFile("points on a ballot that has none", line)
        limits.check(ballot, points, election.projects, line)
        election.choices.append(ballot)
    if "rank_points" in meta and election.vote_type == "ordinal" and election.budget:
        give_rank_points(election, meta["rank_points"])
    return election


def _check_seal(content):
    begin = content.rfind(b"\nsha256,") + 1
    if not begin or content[begin:] != f"sha256,{hashlib.sha256(content[:begin]).hexdigest()}\n".encode():
        raise BadFile("the file was changed or cut: its bytes are not those of the sha256 in its last row")


def write(file, election, ballots=None):
    """Write *election* to *file* (binary), a row at a time; *ballots* as in :func:`pabulib.write`."""
    hashed = _Hashed(file)
    row = csv.writer(hashed, lineterminator="\n")
    row.writerow((TITLE, VERSION))
    for pair in _meta(election).items():
        row.writerow(("meta", *pair))
    for project in election.projects:
        row.writerow(("project", project.id, decimal(project.cost), project.name.replace("\n", " ")))
    for place, (ballot, points) in enumerate(own_ballots(election) if ballots is None else ballots, start=1):
        vote = SEPARATOR.join(election.projects[i].id for i in ballot)
        with_points = points is not None and election.vote_type != "ordinal"
        row.writerow(("ballot", place, vote, SEPARATOR.join(map(decimal, points)) if with_points else ""))
    hashed.leave(f"sha256,{hashed.digest()}\n")

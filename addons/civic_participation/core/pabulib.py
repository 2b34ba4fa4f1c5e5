# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pabulib's ``.pb`` files, read strictly and written: https://pabulib.org/format.

Faliszewski et al., "Participatory budgeting: data, tools and analysis" (IJCAI 2023). UTF-8 with ``;``, three
titled sections META, PROJECTS and VOTES. Whatever does not agree with itself is refused with its line:
counts that are not the ballots', unknown projects, a voter twice, ballots against the stated limits.

A file that we publish says so in META by ``content_sha256``, the SHA-256 of all its other bytes, and by
``sealed_by``, without which a change of the former's name would go unseen. A file of the library has
neither; there the columns ``votes`` and ``score`` are what a changed ballot is seen by.
"""

import csv
import hashlib
import io
from fractions import Fraction

from .election import VOTE_TYPES, BadFile, Election, Project

SECTIONS = ("META", "PROJECTS", "VOTES")
SEAL, SEALED_BY = "content_sha256", "sealed_by"
WITHDRAWN_COST = 999_999_999  # how the library marks a project that was withdrawn after the ballots were printed
NEEDED = ("num_projects", "num_votes", "budget", "vote_type", "rule")
csv.field_size_limit(10_000_000)  # a project's description


# ------------------------------------------------------------------------------------------------ reading


def read(content):
    """Return the Election in *content* (bytes); raise BadFile."""
    lines = _decode(content)
    sections = _split(lines)
    meta = _read_meta(sections["META"])
    if SEAL in meta or SEALED_BY in meta:
        _check_seal(content, meta.get(SEAL))
    projects, stated = _read_projects(sections["PROJECTS"])
    _check_count(meta, "num_projects", len(projects), "projects")
    election = _election(meta, projects)
    _read_votes(sections["VOTES"], election, Limits(meta))
    _check_count(meta, "num_votes", len(election.choices), "ballots")
    _check_votes(election, stated)
    _read_ranks(election, stated)
    _check_scores(election, stated)
    return election


def _decode(content):
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile("this is not UTF-8 text", content.count(b"\n", 0, error.start) + 1)


def _split(text):
    """Return {section: [(line, cells)]} with its header first."""
    sections, current = {}, None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    try:
        for row in reader:
            line = reader.line_num
            if any("\0" in cell for cell in row):
                raise BadFile("there is a NUL character", line)
            row = [cell.strip() for cell in row]
            if not any(row):
                continue
            title = row[0].upper()
            if title in SECTIONS and not any(row[1:]):
                if title in sections or len(sections) != SECTIONS.index(title):
                    raise BadFile(f"section {title} out of place; the order is META, PROJECTS, VOTES", line)
                current = sections[title] = []
            elif current is None:
                raise BadFile("the file does not begin with META", line)
            else:
                current.append((line, row))
    except csv.Error as error:
        raise BadFile(f"this is no row of cells: {error}", reader.line_num)
    for title in SECTIONS:
        if title not in sections:
            raise BadFile(f"section {title} is missing")
        if not sections[title]:
            raise BadFile(f"section {title} has no header")
    return sections


def _read_meta(rows):
    line, header = rows[0]
    if [cell.lower() for cell in header[:2]] != ["key", "value"]:
        raise BadFile("META begins with the header key;value", line)
    meta = Meta()
    for line, row in rows[1:]:
        if len(row) < 2:
            raise BadFile("a key without a value", line)
        if row[0] in meta:
            raise BadFile(f"{row[0]} is there twice", line)
        meta[row[0]], meta.lines[row[0]] = row[1], line
    for key in NEEDED:
        if not meta.get(key):
            raise BadFile(f"META does not say {key}")
    if meta["vote_type"] not in VOTE_TYPES:
        raise BadFile(f"vote_type {meta['vote_type']!r} is none of {', '.join(VOTE_TYPES)}", meta.lines["vote_type"])
    return meta


class Meta(dict):
    """Keys and values as in the file; ``lines`` says where."""

    def __init__(self):
        super().__init__()
        self.lines = {}

    def number(self, key, default=None):
        if not self.get(key):
            return default
        return number(self[key], key, self.lines[key])

    def whole(self, key, default=None):
        value = self.number(key, default)
        if value is not None and value != int(value):
            raise BadFile(f"{key} is {self[key]}, not a whole number", self.lines[key])
        return value if value is None else int(value)


def number(text, what, line, negative=False):
    """Return *text* as an int or a Fraction; a decimal comma is read as a point, as the library has it."""
    plain = text.strip().replace(",", ".")
    digits = plain[1:] if negative and plain[:1] == "-" else plain
    if not digits.replace(".", "", 1).isdecimal() or not digits.isascii() or len(digits) > 40:
        raise BadFile(f"{what} is {text[:40]!r}, not a number{'' if negative else ' of 0 or more'}", line)
    value = Fraction(plain)
    return int(value) if value.denominator == 1 else value


def _header(rows, title, first, *needed):
    line, header = rows[0]
    if header[0] != first:
        raise BadFile(f"{title} begins with the column {first}", line)
    if len(set(header)) != len(header):
        raise BadFile(f"{title} has a column twice", line)
    for name in needed:
        if name not in header:
            raise BadFile(f"{title} has no column {name}", line)
    return {name: place for place, name in enumerate(header) if name}


def _cells(row, header, line):
    """Return {column: text}, without those left empty or "None"."""
    if any(row[len(header) :]):
        raise BadFile(f"{len(row)} cells, but the header has {len(header)} columns", line)
    return {
        name: row[place]
        for name, place in header.items()
        if place < len(row) and row[place].lower() not in ("", "none")
    }


def _read_projects(rows):
    """Return the projects and what the file says of each: {id: {"votes": …, "score": …, "line": …}}."""
    header = _header(rows, "PROJECTS", "project_id", "cost")
    projects, stated = [], {}
    for line, row in rows[1:]:
        cells = _cells(row, header, line)
        project_id = cells.get("project_id", "")
        if not project_id or "," in project_id:
            raise BadFile("a project needs an id without a comma", line)
        if project_id in stated:
            raise BadFile(f"project {project_id} is there twice", line)
        if "cost" not in cells:
            raise BadFile(f"project {project_id} has no cost", line)
        cost = number(cells["cost"], "cost", line)
        if cells.get("selected", "0") not in ("0", "1", "2", "3"):
            raise BadFile(f"selected is {cells['selected']!r}, not 0, 1, 2 or 3", line)
        selected = cells["selected"] == "1" if "selected" in cells else None
        projects.append(Project(project_id, cost, cells.get("name", ""), cost == WITHDRAWN_COST, selected))
        stated[project_id] = {
            name: number(cells[name], name, line, negative=True) for name in ("votes", "score") if name in cells
        } | {"line": line}
    return tuple(projects), stated


def _check_count(meta, key, found, what):
    if meta.whole(key) != found:
        raise BadFile(f"{key} is {meta[key]}, but there are {found} {what}", meta.lines[key])


def _election(meta, projects):
    known = {project.id for project in projects}
    tie_order = tuple(each.strip() for each in meta.get("tie_order", "").split(",") if each.strip())
    if len(set(tie_order)) != len(tie_order) or not set(tie_order) <= known:
        raise BadFile("tie_order names a project twice, or one that is not there", meta.lines["tie_order"])
    seats = meta.whole("seats", 1)
    if seats < 1:
        raise BadFile("seats is 0", meta.lines["seats"])
    return Election(
        projects=projects,
        choices=[],
        vote_type=meta["vote_type"],
        points=[] if meta["vote_type"] in ("cumulative", "scoring") else None,
        budget=meta.number("budget"),
        rule=meta["rule"],
        threshold=meta.number("min_project_score_threshold", 0),
        quorum=meta.whole("quorum", 0),
        seats=seats,
        tie_order=tie_order,
        meta=dict(meta),
    )


class Limits:
    """What a ballot may be, as META says. Sums are held against our own files only.

    The library's own checker calls ballots beyond ``max_sum_cost`` or ``max_sum_points`` a warning: cities
    counted such ballots, and so they are counted again.
    """

    def __init__(self, meta):
        self.one = meta["vote_type"] == "choose-1"
        self.length = meta.whole("min_length", 0), meta.whole("max_length")
        self.points = meta.number("min_points"), meta.number("max_points")
        own = SEAL in meta
        self.sum_points = (meta.number("min_sum_points"), meta.number("max_sum_points")) if own else (None, None)
        self.sum_cost = (meta.number("min_sum_cost"), meta.number("max_sum_cost")) if own else (None, None)

    def check(self, ballot, points, projects, line):
        if self.one and len(ballot) != 1:
            raise BadFile(f"{len(ballot)} choices on a ballot for one", line)
        self._within("choices", len(ballot), self.length, line)
        for worth in points or ():
            self._within("points for a project", worth, self.points, line)
        self._within("points", sum(points or ()), self.sum_points, line)
        if self.sum_cost != (None, None):
            self._within("cost of the choices", sum(projects[i].cost for i in ballot), self.sum_cost, line)

    @staticmethod
    def _within(what, value, limits, line):
        least, most = limits
        if least is not None and value < least:
            raise BadFile(f"{what}: {value}, fewer than {least}", line)
        if most is not None and value > most:
            raise BadFile(f"{what}: {value}, more than {most}", line)


def _read_votes(rows, election, limits):
    with_points = election.points is not None
    header = _header(rows, "VOTES", "voter_id", "vote", *(("points",) if with_points else ()))
    places = {project.id: i for i, project in enumerate(election.projects)}
    voters = set()
    for line, row in rows[1:]:
        cells = _cells(row, header, line)
        voter = cells.get("voter_id")
        if not voter:
            raise BadFile("a ballot without voter_id", line)
        if voter in voters:
            raise BadFile(f"voter {voter} is there twice", line)
        voters.add(voter)
        if len(row) <= header["vote"]:
            raise BadFile("the row ends before the vote", line)
        ballot = read_choices(cells.get("vote", "").split(","), places, line)
        points = read_points(cells.get("points", "").split(","), election, ballot, line) if with_points else None
        limits.check(ballot, points, election.projects, line)
        election.choices.append(ballot)
        if with_points:
            election.points.append(points)


def read_choices(names, places, line):
    """Return the positions of the projects of a ballot, a tuple."""
    names = [name.strip() for name in names]
    if names == [""]:
        return ()
    try:
        ballot = tuple([places[name] for name in names])
    except KeyError as unknown:
        raise BadFile(f"there is no project {unknown}", line)
    if len(set(ballot)) != len(ballot):
        raise BadFile("a project is chosen twice on one ballot", line)
    return ballot


def read_points(texts, election, ballot, line):
    """Return the points of a ballot, a tuple as long as its choices."""
    texts = [] if texts == [""] else texts
    if len(texts) != len(ballot):
        raise BadFile(f"{len(ballot)} choices, but {len(texts)} points", line)
    return tuple([number(text, "points", line, negative=election.vote_type == "scoring") for text in texts])


def _check_votes(election, stated):
    """A changed ballot shows here: the column ``votes`` must be what is counted."""
    for i, project in enumerate(election.projects):
        said = stated[project.id]
        if "votes" in said and said["votes"] != election.votes[i]:
            raise BadFile(
                f"project {project.id} has {said['votes']} votes, but {election.votes[i]} are counted", said["line"]
            )


#: What a place on a ranking is worth where a budget is decided, by length of the ballot, place from 0, the longest
#: ballot allowed, and the number of projects. META's ``rank_points`` names it in our own files.
RANK_POINTS = {
    "of-length": lambda length, place, most, size: length - place,
    "of-longest": lambda length, place, most, size: most - place,
    "of-projects": lambda length, place, most, size: size - place,
    "of-length-from-0": lambda length, place, most, size: length - place - 1,
}


def _read_ranks(election, stated):
    """Rankings decide a budget by points; cities differ in them, and the column ``score`` tells which they gave.

    Without that column a project counts once a ballot where ``votes`` are stated, as the library's checker
    does, and by its place from the last (last 1) where nothing is.
    """
    if election.vote_type != "ordinal" or not election.budget:
        return
    if "rank_points" in election.meta:
        give_rank_points(election, election.meta["rank_points"])
        return
    scores = [stated[project.id].get("score") for project in election.projects]
    if None in scores:
        if not any("votes" in said for said in stated.values()):
            give_rank_points(election, "of-length")
        return
    for name in RANK_POINTS:
        give_rank_points(election, name)
        if election.scores == scores:
            return
    raise BadFile("the scores of the projects are not those of the rankings, by any of the usual points")


def give_rank_points(election, name):
    """Give a ranking's places points, by the *name* of RANK_POINTS."""
    if name not in RANK_POINTS:
        raise BadFile(f"rank_points is {name!r}, not one of {', '.join(RANK_POINTS)}")
    worth, size = RANK_POINTS[name], len(election.projects)
    most = int(election.meta.get("max_length") or size)
    election.points = [
        tuple(worth(len(ballot), place, most, size) for place in range(len(ballot))) for ballot in election.choices
    ]
    election.meta["rank_points"] = name
    election.__dict__.pop("scores", None)


def _check_scores(election, stated):
    if election.points is None or election.meta.get("default_score", "0") not in ("", "0"):
        return  # a default is given to projects that a ballot does not name: their sum is another
    for i, project in enumerate(election.projects):
        said = stated[project.id]
        if "score" in said and said["score"] != election.scores[i]:
            raise BadFile(
                f"project {project.id} has the score {said['score']}, but {election.scores[i]} is counted", said["line"]
            )


def _check_seal(content, stated):
    if seal(content) != stated:
        raise BadFile(f"the file was changed: its bytes are not those of its {SEAL}")


def seal(content):
    """Return the SHA-256 (hex) of all bytes but the line that states it."""
    mark = f"\n{SEAL};".encode()
    begin = content.find(mark) + 1
    end = content.find(b"\n", begin) + 1 if begin else 0
    return hashlib.sha256(content[:begin] + content[end:] if begin and end else content).hexdigest()


# ------------------------------------------------------------------------------------------------ writing


def write(file, election, ballots=None, selected=()):
    """Write *election* to *file* (binary, seekable), sealed, a row at a time: memory does not grow with ballots.

    :param ballots: pairs (choices, points or None) instead of the election's own, any iterable
    :param selected: ids of the winners
    """
    hashed = _Hashed(file)
    row = csv.writer(hashed, delimiter=";", lineterminator="\n")
    hashed.write("META\n")
    row.writerow(("key", "value"))
    place = hashed.leave(f"{SEAL};{'0' * 64}\n")
    row.writerow((SEALED_BY, SEAL))
    for pair in _meta(election).items():
        row.writerow(pair)
    hashed.write("PROJECTS\n")
    scored = election.points is not None
    row.writerow(("project_id", "cost", "votes", *(("score",) if scored else ()), "name", "selected"))
    for i, project in enumerate(election.projects):
        score = (decimal(election.scores[i]),) if scored else ()
        chosen = int(project.id in selected)
        row.writerow((project.id, decimal(project.cost), election.votes[i], *score, project.name, chosen))
    hashed.write("VOTES\n")
    pointed = scored and election.vote_type != "ordinal"
    row.writerow(("voter_id", "vote", *(("points",) if pointed else ())))
    for voter, (ballot, points) in enumerate(own_ballots(election) if ballots is None else ballots, start=1):
        vote = ",".join(election.projects[i].id for i in ballot)
        row.writerow((voter, vote, *((",".join(map(decimal, points)),) if pointed else ())))
    end = file.tell()
    file.seek(place)
    file.write(f"{SEAL};{hashed.digest()}".encode())
    file.seek(end)


def own_ballots(election):
    points = election.points or [None] * len(election.choices)
    return zip(election.choices, points, strict=True)


def _meta(election):
    meta = {
        "description": "",
        "country": "",
        "unit": "",
        "instance": "",
        **{key: value for key, value in election.meta.items() if key not in (SEAL, SEALED_BY)},
        "num_projects": len(election.projects),
        "num_votes": len(election.choices),
        "budget": decimal(election.budget),
        "vote_type": election.vote_type,
        "rule": election.rule,
    }
    optional = {
        "min_project_score_threshold": decimal(election.threshold) if election.threshold else "",
        "quorum": election.quorum or "",
        "seats": election.seats if election.seats != 1 else "",
        "tie_order": ",".join(election.tie_order),
    }
    return {
        key: str(value).replace("\n", " ") for key, value in (meta | {k: v for k, v in optional.items() if v}).items()
    }


def decimal(value):
    """Return a number as exact decimal text; raise ValueError for one that has none (1/3)."""
    value = Fraction(value)
    digits = 0
    while value.denominator != 1 and (value * 10**digits).denominator != 1:
        digits += 1
        if digits > 30:
            raise ValueError(f"{value} cannot be written exactly")
    whole = int(abs(value) * 10**digits)
    text = str(whole).rjust(digits + 1, "0")
    return ("-" if value < 0 else "") + (f"{text[:-digits]}.{text[-digits:]}" if digits else text)


class _Hashed:
    """Writes text as UTF-8 and hashes it; what is *left* out of the hash is filled in later."""

    def __init__(self, file):
        self._file, self._hash = file, hashlib.sha256()

    def write(self, text):  # pylint: disable=method-required-super
        data = text.encode()
        self._hash.update(data)
        self._file.write(data)

    def leave(self, text):
        place = self._file.tell()
        self._file.write(text.encode())
        return place

    def digest(self):
        return self._hash.hexdigest()

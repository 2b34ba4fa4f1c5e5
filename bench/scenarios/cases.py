# SPDX-License-Identifier: AGPL-3.0-or-later
"""A grown city's cases: filing, lists, board, figures, citizen's list, workbook, against stock and a small city.

Plain helpdesk_mgmt has as many tickets as ours has cases (--size), made by the same SQL from a record of the
ORM's; the small city has 10,000 of ours. One Odoo process for each, and the operations in turn. What is done is
taken back, so that the filled databases are kept and the next run begins at once.
"""

import functools
import os
from contextlib import ExitStack
from dataclasses import dataclass

from ..comparison import Result, Side, measure_in_turns
from ..core.rounds import Sample, Summary, paired_ratio, turns
from ..core.verdict import Target
from ..growth.process import ONE_PROCESS, WorkProcess
from ..place import Place
from ..server import Server
from ..visitor import Visitor

SMALL = 10_000
STOCK, OURS, FEW = "stock", "ours", "ours, few"
#: A turn repeats what is quick, so that it takes about so long; less in a city too small to tell anything.
TURN_MS, MOST_IN_A_TURN, CASES_A_MS = 500, 40, 100
GROWTH, XLSX_MB = 1.5, 64


@dataclass(frozen=True)
class Compared:
    """One thing to do and who does it: each of *sides* is a process and its operation.

    ``limits`` are of CPU, ``(side, other side, at most)``; ``queries`` of queries, likewise.
    """

    name: str
    sides: tuple
    limits: tuple = ()
    queries: tuple = ()


def grows(name, operation):
    """Something that shall cost the same in a large city as in a small one; stock is there to read."""
    return Compared(
        name,
        ((OURS, operation), (FEW, operation), (STOCK, operation)),
        limits=((OURS, FEW, GROWTH),),
    )


def against_stock(name, operation, limit, queries=(), **others):
    sides = ((OURS, operation), (STOCK, operation), *others.items())
    return Compared(name, sides, limits=((OURS, STOCK, limit),), queries=queries)


COMPARED = (
    against_stock("file one", "file_one", 1.0, queries=((OURS, STOCK, 1.0),)),
    against_stock("file 1,000 at once", "file_batch", 0.2),
    grows("list", "open_list"),
    grows("list by date", "list_by_date"),
    grows("list of the open ones", "list_open"),
    grows("list of a service", "list_service"),
    grows("search a number", "search_number"),
    grows("search in titles", "search_title"),
    Compared("search a phrase in titles", tuple((side, "search_phrase") for side in (OURS, FEW, STOCK))),
    grows("citizen's own cases", "show_own_cases"),
    against_stock("citizen's own cases, both large", "show_own_cases", 0.2),
    against_stock("board, as it opens", "open_board", 0.25),
    Compared("board of the open ones", ((OURS, "open_board_of_open"), (STOCK, "open_board_of_open"))),
    Compared("board of all", ((OURS, "open_board_of_all"), (STOCK, "open_board_of_all"))),
    against_stock("department by month, pivot", "count_by_department_and_month", 0.1),
    against_stock("department by month, graph", "draw_department_and_month", 0.1),
    against_stock("delete a citizen", "delete_citizen", 0.3),
)
PAGE, HOME, PEER_PAGE, BY_SQL = "/my/cases", "/my", "/my/tickets", "own cases by SQL alone"
LOGIN = "bench_citizen"
PAGES_IN_A_TURN = 20
PAGES, EXPORTS = "citizen's page", "xlsx"
CANDIDATES, CANDIDATES_BY_SQL = "duplicate candidates", "the same by SQL alone"
NATIVE, WORKBOOK, RAW = "Odoo's export", "workbook", "xlsxwriter alone"


class _Side:
    def __init__(self, name, process, operation):
        self.name, self.process, self.operation = name, process, operation
        self.samples, self.grown, self.count = [], 0, 1

    def warm_up(self):
        """Fill what is kept in memory, and find out how often a turn repeats it."""
        for _time in range(2):
            sample, self.answer, _grown = self.process.do(self.operation)
        turn = min(TURN_MS, self.process.size / CASES_A_MS)
        self.count = max(1, min(MOST_IN_A_TURN, round(turn / sample.wall_ms)))

    def take_turn(self):
        sample, _answer, grown = self.process.do(self.operation, self.count)
        self.samples.append(sample)
        self.grown = max(self.grown, grown)


def run(options):
    small = min(SMALL, options.size // 2)
    with Place(options.addons) as place, ExitStack() as stack:
        kinds = {
            STOCK: ("stock", options.size, place.base_template),
            FEW: ("our", small, place.civic_template),
            OURS: ("our", options.size, place.civic_template),
        }

        @functools.cache
        def process(name):
            """Of one side, on its filled database: both are made when they are first asked for."""
            side, size, template = kinds[name]
            city, work = (f"{side}_{part}:{side.title()}{part.title()}" for part in ("city", "work"))
            database = place.grown(side, template, size, options.city("grown"), city)
            return stack.enter_context(WorkProcess(place, name, database, work, size))

        result = Result(f"A city of {options.size:,} cases")
        result.notes.append(f"{options.size:,} cases on both sides, {small:,} in the small city.")
        wanted = [compared for compared in COMPARED if options.only in compared.name]
        for compared in wanted:
            sides = [_Side(name, process(name), operation) for name, operation in compared.sides]
            _measure(sides, options.rounds)
            _judge(result, compared, {side.name: side for side in sides})
        if options.only in PAGES:
            _judge_pages(result, _measure_pages(place, stack, process, options.rounds))
        if options.only in CANDIDATES:
            _compare_candidates(result, process(OURS), options.rounds)
        if options.only in EXPORTS:
            exports = [
                _Side(name, process(OURS), operation)
                for name, operation in ((WORKBOOK, "write_workbook"), (NATIVE, "export_natively"), (RAW, "write_raw"))
            ]
            _measure(exports, min(options.rounds, 3), warm=options.size <= SMALL)
            _judge_exports(result, {side.name: side for side in exports}, min(options.size, 100_000))
        return result


def _compare_candidates(result, process, rounds):
    operations = ((CANDIDATES, "find_duplicates"), (CANDIDATES_BY_SQL, "find_duplicates_by_sql"))
    found, by_hand = (_Side(name, process, operation) for name, operation in operations)
    _measure([found, by_hand], rounds)
    for side in (found, by_hand):
        result.figures[side.name] = Summary.of(side.samples)
        result.notes.append(f"{side.name}: {side.answer['found']} found.")
    ratio = paired_ratio(found.samples, by_hand.samples)
    result.targets.append(Target(f"CPU of {CANDIDATES} / {CANDIDATES_BY_SQL}", ratio, 2.0))


def _measure(sides, rounds, warm=True):
    for side in sides:
        if warm:
            side.warm_up()
    for _number, side in turns(sides, rounds):
        side.take_turn()


def _judge(result, compared, sides):
    for name, side in sides.items():
        label = f"{compared.name}: {name}"
        result.figures[label] = Summary.of(side.samples)
        result.more[label] = {"answer": side.answer, "count": side.count}
        print(
            f"  {label:<48} {result.figures[label].cpu_ms:9.1f} ms {result.figures[label].queries:5.4g} queries",
            flush=True,
        )
    ours = sides[OURS]
    for name in sides:
        if name != OURS:
            result.ratios[f"{compared.name}: {OURS} / {name}"] = paired_ratio(ours.samples, sides[name].samples)
    for one, other, limit in compared.limits:
        ratio = paired_ratio(sides[one].samples, sides[other].samples)
        result.targets.append(Target(f"{compared.name}: CPU of {one} / {other}", ratio, limit))
    for one, other, limit in compared.queries:
        queries = [Summary.of(sides[name].samples).queries for name in (one, other)]
        result.targets.append(Target(f"{compared.name}: queries of {one} / {other}", queries[0] / queries[1], limit))


def _measure_pages(place, stack, process, rounds):
    """The citizen's list as the browser gets it, by one person's session on each server."""
    os.environ["PGOPTIONS"] = ONE_PROCESS
    stack.callback(os.environ.pop, "PGOPTIONS")
    servers = {name: stack.enter_context(Server(place, name, process(name).database)) for name in (OURS, STOCK)}
    sides = []
    for name, server in servers.items():
        visitor = Visitor(server.address)
        visitor.log_in(LOGIN, LOGIN)
        sides += [
            Side(path, server, lambda _count, visitor=visitor, path=path: lambda _number: visitor.get(path))
            for path in ((PAGE, HOME) if name == OURS else (PEER_PAGE,))
        ]
    measure_in_turns(sides, rounds, PAGES_IN_A_TURN, PAGES_IN_A_TURN // 2)
    floor = _Side(BY_SQL, process(OURS), "show_own_cases_by_sql")
    _measure([floor], rounds)
    return {side.name: side.samples for side in [*sides, floor]}


def _judge_pages(result, samples):
    for name, taken in samples.items():
        result.figures[f"{PAGES}: {name}"] = Summary.of(taken)
    least = [
        Sample(home.cpu_ms + sql.cpu_ms, home.wall_ms + sql.wall_ms)
        for home, sql in zip(samples[HOME], samples[BY_SQL], strict=True)
    ]
    result.targets += [
        Target(f"CPU of {PAGE} / of stock's {PEER_PAGE}", paired_ratio(samples[PAGE], samples[PEER_PAGE]), 0.2),
        Target(f"CPU of {PAGE} / of {HOME} and the SQL alone", paired_ratio(samples[PAGE], least), 1.5),
    ]


def _judge_exports(result, sides, cases):
    for name, side in sides.items():
        result.figures[f"{EXPORTS} of {cases:,}: {name}"] = Summary.of(side.samples)
        result.notes.append(f"xlsx of {cases:,} cases, {name}: memory grew by {side.grown:.0f} MB.")
    workbook, native, raw = (sides[name] for name in (WORKBOOK, NATIVE, RAW))
    result.targets += [
        Target("xlsx: CPU of the workbook / of Odoo's export", paired_ratio(workbook.samples, native.samples), 0.25),
        Target("xlsx: CPU of the workbook / of xlsxwriter alone", paired_ratio(workbook.samples, raw.samples), 0.5),
        Target("xlsx: MB by which memory grew", workbook.grown, XLSX_MB),
    ]

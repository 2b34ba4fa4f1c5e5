# SPDX-License-Identifier: AGPL-3.0-or-later
"""The anonymous page of a case with three events, against Odoo's anonymous home page on the same server.

Odoo keeps that home page whole in memory; a case's page has to be read and written for each visitor.
Every request comes without a cookie, as from a link in a mail. Other pages are there for support.
"""

from contextlib import ExitStack

from ..comparison import Result, Side, measure_in_turns
from ..core.rounds import Summary, paired_ratio
from ..core.verdict import Target
from ..place import Place, Problem
from ..server import Server
from ..visitor import Visitor

HOME, CASE = "Odoo's home page", "a case's page"
LIMIT = 1.5

PER_TURN = 150
EVENTS = ["answer", "state", "filed"]


def run(options):
    with Place(options.addons, options.workers) as place, ExitStack() as stack:
        database = place.database("civic", place.civic_template)
        facts = place.run_in_shell(database, options.city("civic"), citizens=1000)
        if facts["events"] != EVENTS:
            raise Problem(f"The case should have the events {EVENTS}, not {facts['events']}.")
        server = stack.enter_context(Server(place, "civic", database))
        pages = {
            HOME: "/",
            CASE: f"/cases/{facts['code']}",
            "choosing the service": "/cases/new",
            "the filing form": f"/cases/new/{facts['service']}",
        }
        sides = [Side(name, server, _reader(server, path)) for name, path in pages.items()]
        measure_in_turns(sides, options.rounds, PER_TURN, options.warm_up)
        return _compare(sides)


def _reader(server, path):
    def read(_number):
        visitor = Visitor(server.address)
        visitor.get(path)
        visitor.close()

    return lambda _count: read


def _compare(sides):
    home = sides[0]
    result = Result("Following a case by its code")
    for side in sides:
        result.figures[side.name] = Summary.of(side.samples)
        if side is not home:
            result.ratios[side.name] = paired_ratio(side.samples, home.samples)
    result.targets.append(Target("CPU of a case's page / of the home page", result.ratios[CASE], LIMIT))
    return result

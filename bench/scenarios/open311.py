# SPDX-License-Identifier: AGPL-3.0-or-later
"""Open311: reading services and requests against an empty page, filing against plain helpdesk_mgmt's form.

An application files with its key: that is checked and counted, the request is held to what the service asks, stored
in the ledger and committed, and answered with its number. The case is made of it by the job, measured in its batches.
django-helpdesk's REST POST took 0.84 of the CPU of the peer's form, its public form 0.54 (docs/performance.md).
"""

import http.client
from contextlib import ExitStack
from itertools import count
from urllib.parse import urlencode, urlsplit

from ..comparison import Result, Side, measure_in_turns
from ..core.rounds import Summary, paired_ratio
from ..core.verdict import Target
from ..place import ROOT, Place, Problem
from ..server import Server
from .filing import CITIZENS, LOGIN, PEER, TEXT, _PortalForm

EMPTY = "an empty page"
SERVICES, LISTED, SINGLE, FILED = "services", "25 of 1,000 requests", "one request", "filing by Open311"
#: of an empty page of the website
READ_LIMIT = 2.0
#: of the peer's form: 1.0 times django-helpdesk's REST POST, and 1.3 times its form
FILE_LIMIT = 0.7
WHOLE_LIMIT = 1.0
PER_TURN = 40
ISSUES = 1000


def run(options):
    with Place(options.addons, options.workers) as place, ExitStack() as stack:
        peer_database = place.database("plain", place.base_template)
        our_database = place.database("civic", place.civic_template)
        there = place.run_in_shell(
            peer_database, options.city("plain_helpdesk"), login=LOGIN, password=LOGIN, citizens=CITIZENS
        )
        place.settings["addons_path"] += f",{ROOT / 'bench' / 'addons'}"
        here = place.run_in_shell(our_database, options.city("open311"), citizens=CITIZENS, issues=ISSUES)
        peer_server = stack.enter_context(Server(place, "plain", peer_database))
        our_server = stack.enter_context(Server(place, "civic", our_database))
        peer = Side(PEER, peer_server, _PortalForm(peer_server, there).prepare)
        filed = Side(FILED, our_server, _filer(our_server, here["key"], count()))
        read = [
            Side(name, our_server, _reader(our_server, path))
            for name, path in (
                (EMPTY, "/bench/empty/page"),
                (SERVICES, "/open311/v2/services.json"),
                (LISTED, "/open311/v2/requests.json?page_size=25"),
                (SINGLE, f"/open311/v2/requests/{here['code']}.json"),
            )
        ]
        measure_in_turns([peer, filed], options.rounds, PER_TURN, options.warm_up)
        measure_in_turns(read, options.rounds, PER_TURN * 5, options.warm_up)
        registered = place.run_in_shell(our_database, options.city("register"), cases=200)
        return _compare(peer, filed, read, registered)


def _reader(server, path):
    return lambda _count: lambda _number: _ask(server, "GET", path)


def _filer(server, key, numbers):
    def file(_number):
        number = next(numbers)
        values = {
            "api_key": key,
            "service_code": "light",
            "address_string": f"Calle Mayor {number}",
            "description": TEXT,
            "email": f"citizen{number % CITIZENS}@home.example",
            "first_name": "Citizen",
            "last_name": str(number % CITIZENS),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        _ask(server, "POST", "/open311/v2/requests.json", urlencode(values).encode(), headers)

    return lambda _count: file


def _ask(server, method, path, body=None, headers=None):
    """Ask as a program does: a connection each time, no cookie."""
    address = urlsplit(server.address)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status != 200:
        raise Problem(f"{method} {path} answered {answer.status} instead of 200: {text[:300]}")


def _compare(peer, filed, read, registered):
    result = Result("Open311")
    for side in (peer, filed, *read):
        result.figures[side.name] = Summary.of(side.samples)
    result.ratios[FILED] = paired_ratio(filed.samples, peer.samples)
    empty = read[0]
    for side in read[1:]:
        result.ratios[side.name] = paired_ratio(side.samples, empty.samples)
        result.targets.append(Target(f"CPU of {side.name} / of {EMPTY}", result.ratios[side.name], READ_LIMIT))
    whole = result.ratios[FILED] + registered["cpu_ms"] / result.figures[PEER].cpu_ms
    result.more["registering"] = registered
    result.notes.append(
        f"Making the case of it, later and in batches: {registered['cpu_ms']:.1f} CPU ms and"
        f" {registered['queries']:.1f} queries per case ({registered['cases']} cases, {registered['left']} failed)."
    )
    result.targets += [
        Target("CPU of filing / of the peer's form", result.ratios[FILED], FILE_LIMIT),
        Target("CPU of filing and case / of the peer's form", whole, WHOLE_LIMIT),
    ]
    return result

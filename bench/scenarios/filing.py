# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filing a case by the anonymous web form, against plain helpdesk_mgmt's form for a logged-in portal user.

Ours counts the visitor, checks the form, stores it in the ledger, commits, and gives a code; every second citizen is
new. The case is made of it when its page is opened or by a job: that finds or makes the citizen, routes and promises a
day. What it costs is measured by the job in its batches, and the target holds for both together. The peer is sent the
same text by somebody it knows already. Neither sends mail at once: our acknowledgement is a cron's, reported apart.
"""

from contextlib import ExitStack
from itertools import count

from ..comparison import Result, Side, measure_in_turns
from ..core.rounds import Summary, mean_sample, paired_ratio
from ..core.verdict import Target
from ..place import Place
from ..server import Server
from ..visitor import Visitor

PEER = "helpdesk_mgmt portal form"
KNOWN, NEW, OURS = "our form, known citizen", "our form, new citizen", "our form, half and half"
LIMIT = 1.0
#: django-helpdesk's public form took 0.54 of the CPU of the peer's; 1.3 times that is what the form alone may take
FORM_LIMIT = 0.7

PER_TURN = 40
CITIZENS = 1000
LOGIN = "carmen"
TEXT = (
    "The street light in front of number 3 has been dark since Sunday evening.\n"
    "It flickered for a week before. The crossing there is used by children on their way to school, "
    "and it is still night when they pass. Please have somebody look at it."
)


def run(options):
    with Place(options.addons, options.workers) as place, ExitStack() as stack:
        peer_database = place.database("plain", place.base_template)
        our_database = place.database("civic", place.civic_template)
        there = place.run_in_shell(
            peer_database, options.city("plain_helpdesk"), login=LOGIN, password=LOGIN, citizens=CITIZENS
        )
        here = place.run_in_shell(our_database, options.city("civic"), citizens=CITIZENS)
        peer_server = stack.enter_context(Server(place, "plain", peer_database))
        our_server = stack.enter_context(Server(place, "civic", our_database))

        numbers = count()
        peer = Side(PEER, peer_server, _PortalForm(peer_server, there).prepare)
        known, new = (
            Side(name, our_server, _OurForm(our_server, here, numbers, new=name is NEW).prepare)
            for name in (KNOWN, NEW)
        )
        measure_in_turns([peer, known, new], options.rounds, PER_TURN, options.warm_up)
        registered = place.run_in_shell(our_database, options.city("register"), cases=200)
        result = _compare(peer, known, new, registered)
        result.more["acknowledgement"] = place.run_in_shell(our_database, options.city("acknowledge"), cases=100)
        told = result.more["acknowledgement"]
        result.notes.append(
            f"Writing the acknowledgement, later and in batches: {told['cpu_ms']:.1f} CPU ms and"
            f" {told['queries']:.1f} queries per case ({told['cases']} cases)."
        )
        return result


def _compare(peer, known, new, registered):
    ours = [mean_sample(pair) for pair in zip(known.samples, new.samples, strict=True)]
    result = Result("Filing a case by the web form")
    for name, samples in ((PEER, peer.samples), (KNOWN, known.samples), (NEW, new.samples), (OURS, ours)):
        result.figures[name] = Summary.of(samples)
        if samples is not peer.samples:
            result.ratios[name] = paired_ratio(samples, peer.samples)
    theirs = result.figures[PEER]
    whole = result.ratios[OURS] + registered["cpu_ms"] / theirs.cpu_ms
    queries = (result.figures[OURS].queries + registered["queries"]) / theirs.queries
    result.more["registering"] = registered
    result.notes.append(
        f"Making the case of it, later and in batches: {registered['cpu_ms']:.1f} CPU ms and"
        f" {registered['queries']:.1f} queries per case ({registered['cases']} cases, {registered['left']} failed)."
    )
    result.targets += [
        Target("CPU of our form / of the peer's", result.ratios[OURS], FORM_LIMIT),
        Target("CPU of form and case / of the peer's", whole, LIMIT),
        Target("queries of form and case / of the peer's", queries, LIMIT),
    ]
    return result


class _PortalForm:
    """The base's form, by one portal user with one session."""

    def __init__(self, server, facts):
        self.facts = facts
        self.visitor = Visitor(server.address)
        self.visitor.log_in(LOGIN, LOGIN)

    def prepare(self, _count):
        values = {
            "csrf_token": self.visitor.token_at("/new/ticket"),
            "subject": "Broken street light · Calle Mayor 3",
            "category": self.facts["category"],
            "description": TEXT,
        }
        return lambda _number: self.visitor.post("/submitted/ticket", values, status=302, multipart=True)


class _OurForm:
    """Our form, each time by another visitor with a session of their own."""

    def __init__(self, server, facts, numbers, new):
        self.server, self.facts, self.numbers, self.new = server, facts, numbers, new
        self.path = f"/cases/new/{facts['service']}"

    def prepare(self, count):
        visits = [self._visit() for _ in range(count)]

        def file_case(number):
            visitor, values = visits[number]
            visitor.post(self.path, values, multipart=True)
            visitor.close()

        return file_case

    def _visit(self):
        number = next(self.numbers)
        visitor = Visitor(self.server.address)
        name = f"{'newcomer' if self.new else 'citizen'}{number if self.new else number % CITIZENS}"
        return visitor, {
            "csrf_token": visitor.token_at(self.path),
            "website_url": "",
            "text": TEXT,
            "place": "Calle Mayor 3",
            "zone": self.facts["zone"],
            "name": name.title(),
            "email": f"{name}@home.example",
            "phone": "+34 955 555 123",
        }

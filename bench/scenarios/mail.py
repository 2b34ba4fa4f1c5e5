# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mail to a department: stored in the ledger, then made a case, against plain Odoo's way from mail to ticket.

The peer is plain helpdesk_mgmt. Both have 10,000 people; a large city of ours has a million, to see that
knowing the sender does not cost more there. No mail is sent, nothing is committed, on either side.
"""

from contextlib import ExitStack
from dataclasses import dataclass, field

from ..comparison import Result
from ..core.rounds import Summary, paired_ratio, turns
from ..core.verdict import Target
from ..growth.process import WorkProcess
from ..place import Place

PEOPLE, MANY = 10_000, 1_000_000
#: ten times the peer's rate
ACCEPT_LIMIT = 0.1
#: 0.8 of the own rate in a small city
GROWTH_LIMIT = 1.25
#: what telling a mail's service and whether it is spam may add
JUDGED_LIMIT = 1.15
MAILS_IN_A_TURN = 40
STOCK, ACCEPT, FILE, JUDGED, LARGE = (
    "plain Odoo, mail to ticket",
    "ours, into the ledger",
    "ours, to case",
    "ours, to case, its text judged",
    "ours, to case, large",
)


@dataclass
class _Side:
    name: str
    process: WorkProcess
    operation: str
    samples: list = field(default_factory=list)

    def work(self, count):
        sample, answer, _grown = self.process.do(self.operation, count)
        if not answer:
            raise AssertionError(f"{self.name}: the mail went nowhere")
        return sample


def run(options):
    many = min(MANY, options.size * 10)
    with Place(options.addons) as place, ExitStack() as stack:

        def start(name, template, people, work):
            database = place.database(name, template)
            place.run_in_shell(database, options.city("mail"), citizens=people)
            return stack.enter_context(WorkProcess(place, name, database, f"mail_work:{work}", people))

        stock = start("plainmail", place.base_template, PEOPLE, "StockMail")
        ours = start("ourmail", place.civic_template, PEOPLE, "OurMail")
        judged = start("judgedmail", place.civic_template, PEOPLE, "JudgedMail")
        large = start("largemail", place.civic_template, many, "OurMail")
        sides = [
            _Side(STOCK, stock, "take_in"),
            _Side(ACCEPT, ours, "take_in"),
            _Side(FILE, ours, "file"),
            _Side(JUDGED, judged, "file"),
            _Side(LARGE, large, "file"),
        ]
        for side in sides:
            side.work(10)
        for _number, side in turns(sides, options.rounds):
            side.samples.append(side.work(MAILS_IN_A_TURN))
    result = Result("A mail to a department")
    result.notes.append(f"{PEOPLE:,} people known on both sides, {many:,} in the large city.")
    peer, _stored, file, told, in_large = (side.samples for side in sides)
    for side in sides:
        result.figures[side.name] = Summary.of(side.samples)
        if side.samples is not peer:
            result.ratios[side.name] = paired_ratio(side.samples, peer)
    result.targets += [
        Target("CPU of storing / of the peer's mail to ticket", result.ratios[ACCEPT], ACCEPT_LIMIT),
        Target("CPU of mail to case, its text judged / not judged", paired_ratio(told, file), JUDGED_LIMIT),
        Target("CPU of mail to case, large city / small one", paired_ratio(in_large, file), GROWTH_LIMIT),
    ]
    return result

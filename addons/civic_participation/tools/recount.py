# SPDX-License-Identifier: AGPL-3.0-or-later
"""Count a published vote again: python3 recount.py FILE [--rule RULE]

FILE is a Pabulib .pb, our own CSV of ballots, or the .chain of a poll with its files beside it. It prints the ids
of what won, one a line, sorted. A file, or a chain beside it, that does not hold: the reason, and status 2.

Python 3.10 or newer is all it needs, with this folder's neighbour "core" (or the one file recount.pyz, which has it
inside). Where numpy is installed, large votes are counted faster; the result is the same.
"""

import argparse
import hashlib
import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parent.parent))  # after the archive when run from recount.pyz

from core import ballot_csv, chain, pabulib
from core.counting import RuleError, compare, count
from core.counting.explain import why_lost
from core.election import BadFile

REFUSED = 2
LARGEST = 1 << 31


def main(arguments=None):
    options = _parse(arguments)
    try:
        path, content, said = _open(options)
        election = _read(content)
        _tell(sys.stdout.write, election, options)
    except (BadFile, RuleError, chain.ChainError, OSError) as problem:
        sys.stderr.write(f"recount: {options.file}: {problem}\n")
        return REFUSED
    if said:
        sys.stderr.write(f"recount: {path.name} is the file of {said}\n")
    return 0


def _parse(arguments):
    about, _blank, rest = __doc__.partition("\n")
    parser = argparse.ArgumentParser(
        prog="recount", description=about, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--rule", metavar="RULE", help="instead of the file's own, such as equalshares/add1")
    parser.add_argument("--chain", metavar="FILE", type=Path, help="events of the poll (default: FILE's name, .chain)")
    parser.add_argument("--head", metavar="HASH", help="the chain's last hash as you got it, for example on a receipt")
    parser.add_argument("--rounds", action="store_true", help="tell each step instead")
    parser.add_argument("--why", metavar="ID", help="tell what a project that lost would have needed instead")
    parser.add_argument("--compare", action="store_true", help="tell the winners by each rule instead")
    return parser.parse_args(arguments)


# what is counted


def _open(options):
    """Return the file of ballots, its bytes, and the chain's name when one vouches for it."""
    path = options.file
    if path.suffix == ".chain":
        events = _verify(path, options.head)
        path = path.with_name(_ballot_file(events))
        return path, _vouched(path, events), options.file.name
    beside = options.chain or path.with_suffix(".chain")
    if options.chain or options.head or beside.exists():
        return path, _vouched(path, _verify(beside, options.head)), beside.name
    return path, _bytes(path), None


def _bytes(path):
    if path.stat().st_size > LARGEST:
        raise BadFile("the file is larger than 2 GiB")
    return path.read_bytes()


def _verify(path, head):
    with open(path, "rb") as lines:
        return chain.verify(lines, head)


def _published(events):
    """Return {name: SHA-256} of the files that the chain vouches for."""
    files = {}
    for event in events:
        if event.kind == "published" and isinstance(event.facts.get("files"), dict):
            files.update(event.facts["files"])
    return files


def _ballot_file(events):
    files = [Path(name) for name in _published(events)]
    names = sorted(path.name for path in files if path.suffix in (".pb", ".csv") and len(path.parts) == 1)
    if not names:
        raise chain.ChainError("no event names a file of ballots")
    return names[-1]


def _vouched(path, events):
    content, files = _bytes(path), _published(events)
    if path.name not in files:
        raise chain.ChainError(f"no event names {path.name}")
    if hashlib.sha256(content).hexdigest() != files[path.name]:
        raise chain.ChainError(f"{path.name} was changed: its SHA-256 is not the one in the chain")
    return content


def _read(content):
    if content.startswith((ballot_csv.TITLE.encode(), b"\xef\xbb\xbf" + ballot_csv.TITLE.encode())):
        return ballot_csv.read(content)
    return pabulib.read(content)


# what is told


def _tell(write, election, options):
    if options.compare:
        for rule, outcome in compare(election).items():
            write(f"{rule}: {' '.join(sorted(outcome.winners))}\n")
    elif options.why:
        _tell_why(write, election, options)
    elif options.rounds:
        outcome = count(election, options.rule)
        for number, step in enumerate(outcome.rounds, start=1):
            facts = ", ".join(
                f"{name} {_plain(value)}" for name, value in step.facts.items() if value not in (None, [])
            )
            write(f"{number}. {step.option} {step.action}: {facts}\n")
        for note in outcome.notes:
            write(f"{note}\n")
    else:
        for project_id in sorted(count(election, options.rule).winners):
            write(f"{project_id}\n")


def _tell_why(write, election, options):
    try:
        loss = why_lost(election, options.why, options.rule)
    except KeyError:
        raise BadFile(f"there is no project {options.why}")
    except ValueError:
        write(f"{options.why} won.\n")
        return
    write(f"{options.why} lost ({loss.reason}) with {_plain(loss.votes)} votes")
    write(f", a cost of {_plain(loss.cost)}; {_plain(loss.left)} were left at the end.\n" if election.budget else ".\n")
    if loss.with_supporters is not None:
        write(f"Its supporters together still held {_plain(loss.with_supporters)}.\n")
    if loss.votes_needed is not None:
        write(f"With {loss.votes_needed} more voters for it alone it had won.\n")
    if loss.cost_at_most is not None:
        write(f"At a cost of {_plain(loss.cost_at_most)} or less it had won.\n")


def _plain(value):
    if isinstance(value, list | tuple):
        return " ".join(map(_plain, value))
    if isinstance(value, dict):
        return " ".join(f"{key}={_plain(each)}" for key, each in value.items())
    return str(value) if isinstance(value, str | int) else f"{float(value):.2f}".removesuffix(".00")


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")  # ids are, wherever it runs
    sys.exit(main())

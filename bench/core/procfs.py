# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading /proc/<pid>/stat, see proc(5)."""

from dataclasses import dataclass


class Disturbed(Exception):
    """Something happened that makes this turn's figures worthless; take it again."""


@dataclass(frozen=True)
class ProcessStat:
    pid: int
    parent: int
    ticks: int

    @classmethod
    def parse(cls, text):
        """Read one line; the name, in brackets, may itself have brackets and spaces."""
        pid, rest = text.split(" (", 1)
        fields = rest.rsplit(")", 1)[1].split()
        # state, ppid, then utime and stime as the 14th and 15th of all
        return cls(int(pid), int(fields[1]), int(fields[11]) + int(fields[12]))


def descendants(stats, root):
    """Return the pids of *root* and all below it, from the ProcessStat of all processes."""
    children = {}
    for stat in stats:
        children.setdefault(stat.parent, []).append(stat.pid)
    found, todo = set(), [root]
    while todo:
        pid = todo.pop()
        if pid not in found:
            found.add(pid)
            todo.extend(children.get(pid, ()))
    return found


def ticks_between(before, after):
    """Return the ticks used from *before* to *after*, dicts of ticks by pid.

    A process that is new counts whole. One that is gone took its last ticks with it.
    """
    if gone := before.keys() - after.keys():
        raise Disturbed(f"{len(gone)} process(es) ended while being measured.")
    return sum(ticks - before.get(pid, 0) for pid, ticks in after.items())

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Odoo's access log: a line per request with the number of queries it made."""

import re
from dataclasses import dataclass

_LINE = re.compile(
    r'"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/[\d.]+" (?P<status>\d{3}) \S+ (?P<queries>\d+) [\d.]+ [\d.]+'
)


@dataclass(frozen=True)
class Access:
    method: str
    path: str
    status: int
    queries: int


def parse(text):
    """Return the requests in a piece of Odoo's log; ``path`` is without the query string."""
    return [
        Access(line["method"], line["path"].split("?")[0], int(line["status"]), int(line["queries"]))
        for line in _LINE.finditer(text)
    ]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Answering a signed webhook, stored in the ledger, against an empty route of the same kind on the same server.

The empty route (``bench/addons/bench_empty``) takes the same bytes by POST, without login, session or CSRF token, reads
them and answers nothing. Ours checks the signature and commits the message. What is made of it is the job's.
"""

import base64
import hashlib
import hmac
import http.client
import json
import time
from contextlib import ExitStack
from itertools import count
from urllib.parse import urlsplit

from ..comparison import Result, Side, measure_in_turns
from ..core.rounds import Summary, paired_ratio
from ..core.verdict import Target
from ..place import ROOT, Place, Problem
from ..server import Server

EMPTY, OURS, REFUSED = "an empty route", "our webhook", "our webhook, wrong signature"
LIMIT = 1.5
PER_TURN = 300
SECRET = "a secret of this run alone"


def run(options):
    with Place(options.addons, options.workers) as place, ExitStack() as stack:
        database = place.database("civic", place.civic_template)
        place.settings["addons_path"] += f",{ROOT / 'bench' / 'addons'}"
        slug = place.run_in_shell(database, options.city("webhook"), secret=SECRET)["slug"]
        server = stack.enter_context(Server(place, "civic", database))
        numbers = count()
        sides = [
            Side(EMPTY, server, lambda _count: _poster(server, "/bench/empty", numbers)),
            Side(OURS, server, lambda _count: _poster(server, f"/civic/hook/{slug}", numbers)),
            Side(REFUSED, server, lambda _count: _poster(server, f"/civic/hook/{slug}", numbers, status=401)),
        ]
        measure_in_turns(sides, options.rounds, PER_TURN, options.warm_up)
        return _compare(sides)


def _poster(server, path, numbers, status=200):
    address = urlsplit(server.address)

    def post(_number):
        number = next(numbers)
        body = json.dumps({"from": {"account": f"eva{number}"}, "text": "It is dark in Oak Street."}).encode()
        name, now = f"m{number}", int(time.time())
        key = SECRET if status == 200 else "other"
        signed = hmac.new(key.encode(), f"{name}.{now}.".encode() + body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(now),
            "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
        }
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != status:
            raise Problem(f"POST {path} answered {answer.status} instead of {status}.")

    return post


def _compare(sides):
    empty = sides[0]
    result = Result("Answering a webhook")
    for side in sides:
        result.figures[side.name] = Summary.of(side.samples)
        if side is not empty:
            result.ratios[side.name] = paired_ratio(side.samples, empty.samples)
    result.targets += [
        Target(f"CPU of {name} / of an empty route", result.ratios[name], LIMIT) for name in (OURS, REFUSED)
    ]
    return result

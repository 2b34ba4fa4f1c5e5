# SPDX-License-Identifier: AGPL-3.0-or-later
"""No mail is lost: the server and the database are killed while mails of all qualities arrive, then all are counted.

The mails and the points at which something is killed come from a seed. The database server is the test's own: no other
test is disturbed. ``./civic soak`` runs it in full.
"""

import contextlib
import os
import random
import signal
import smtplib
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest

from tests.common.city import RunningCity
from tests.common.imap import PASSWORD, USER, ImapServer
from tests.common.odd_mails import make_mails, number_of
from tests.common.postgres import OwnPostgres
from tests.common.processes import wait_until

MAILS = int(os.environ.get("CIVIC_SOAK_MAILS", 150))
SEED = int(os.environ.get("CIVIC_SOAK_SEED", 19))
KILLS = max(3, MAILS // 100)
PATIENCE = 120 + MAILS  # seconds for what is left when the last mail is sent


class Killer:
    """Kills Odoo or the database, and starts it again; one at a time."""

    def __init__(self, city, hand, seed):
        self.city = city
        self.hand = hand
        self.chance = random.Random(seed)
        self.killed = Counter()
        self.over = threading.Event()

    def strike_soon(self):
        """Kill the next in turn, at some moment within half a second; return the future."""
        return self.hand.submit(self.strike, self.chance.random() / 2)

    def strike(self, delay):
        if self.over.wait(delay):
            return
        victim = ["odoo", "database"][sum(self.killed.values()) % 2]
        getattr(self, f"kill_{victim}")()
        self.killed[victim] += 1

    def kill_odoo(self):
        os.killpg(self.city.odoo.popen.pid, signal.SIGKILL)
        self.city.odoo.popen.wait()
        self.city.start()

    def kill_database(self):
        self.city.server.crash()
        self.city.server.start()

    def stop(self):
        """Let what is being started be there, and kill nothing more."""
        self.over.set()
        self.hand.submit(int).result()


@pytest.fixture
def hand():
    """A thread that outlives all that it starts, for that ends with it."""
    with ThreadPoolExecutor(1) as hand:
        yield hand


@pytest.fixture
def server(hand):
    server = OwnPostgres(Path(os.environ["CIVIC_ODOO_RC"]).parent)
    try:
        server.create()
        yield server
    finally:
        server.close()


@pytest.fixture
def killer(scratch, mailbox, server, hand):
    city = RunningCity("loss", scratch / "loss", mailbox, server)
    try:
        city.create()
        with city.env() as env:
            env["ir.config_parameter"].set_param("civic_crm.intake_at_once", "False")
            env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 6)
        city.start()
        killer = Killer(city, hand, SEED)
        yield killer
        killer.stop()
    finally:
        city.close()


@pytest.fixture
def imap():
    server = ImapServer()
    yield server
    server.stop()


def send(mail, port):
    """Hand a mail to the city as a mail server does: again and again until it is taken."""

    def taken():
        with contextlib.suppress(OSError), smtplib.SMTP("127.0.0.1", port, timeout=60) as server:
            server.ehlo()
            assert server.mail("sender@home.test")[0] == 250 and server.rcpt("city@city.test")[0] == 250
            with contextlib.suppress(smtplib.SMTPDataError):
                code, answer = server.data(mail)
                assert code == 250 or 400 <= code < 500, f"refused for ever: {answer}"
                return code == 250
        return False

    wait_until(taken, "a mail to be taken", seconds=PATIENCE)


def fetch(city):
    """Have Odoo look into its mail box now."""
    with contextlib.suppress(psycopg2.Error), city.env() as env:
        env.ref("mail.ir_cron_mail_gateway_action")._trigger()


def work_off(city):
    with contextlib.suppress(psycopg2.Error), city.env() as env:
        env["ir.cron"]._wake("civic_crm.cron_process_intake")
        return not env["civic.intake"].search_count([("state", "=", "received"), ("attempts", "=", 0)])
    return False


def test_nothing_is_lost_and_nothing_is_made_twice(killer, imap):
    city = killer.city
    with city.env() as env:
        facts = {"server_type": "imap", "server": "127.0.0.1", "port": imap.port, "user": USER, "password": PASSWORD}
        env["fetchmail.server"].create({"name": "Box", "state": "done", **facts})
        before = env["helpdesk.ticket"].search_count([]), env["crm.lead"].search_count([])
    mails = make_mails(MAILS, SEED)
    by_imap = [mail for number, mail in enumerate(mails) if number % 3 == 0]
    by_smtp = [mail for number, mail in enumerate(mails) if number % 3]
    imap.put(by_imap)

    points = set(killer.chance.sample(range(len(by_smtp) // 10, len(by_smtp)), KILLS))
    strikes = []

    def deliver(numbered):
        number, mail = numbered
        if number % 20 == 0:
            fetch(city)
        if number in points:
            strikes.append(killer.strike_soon())
        send(mail, city.smtp_port)

    with ThreadPoolExecutor(4) as senders:
        list(senders.map(deliver, enumerate(by_smtp)))
    for strike in strikes:
        strike.result()
    wait_until(lambda: not imap.count_new() or fetch(city), "the mail box to be emptied", seconds=PATIENCE)
    wait_until(lambda: work_off(city), "the ledger to be worked off", seconds=PATIENCE, watching=city.odoo)

    assert killer.killed["odoo"] and killer.killed["database"], killer.killed
    with city.env() as env:
        entries = env["civic.intake"].search([])
        arrived = Counter(number_of(entry._get_raw()) for entry in entries)
        lost = set(range(MAILS)) - set(arrived)
        assert not lost, f"seed {SEED}: lost {[(number, mails[number][:300]) for number in sorted(lost)[:5]]}"
        assert not [number for number, times in arrived.items() if times > 1], "taken twice"
        balance = env["civic.intake"]._get_balance()
        print(f"\n{balance}; killed {dict(killer.killed)}; reasons {Counter(entries.mapped('reason'))}")
        assert balance.is_even and balance.received == MAILS
        cases, enquiries = (
            entries.filtered(lambda e: e.result == "case"),
            entries.filtered(lambda e: e.result == "enquiry"),
        )
        assert len(cases.case_id) == len(cases), "two mails made one case"
        assert env["helpdesk.ticket"].search_count([]) - before[0] == len(cases), "a case of no mail, or two of one"
        assert env["crm.lead"].search_count([]) - before[1] == len(enquiries)
        assert {"case", False} <= set(entries.mapped("result"))
        failed = entries.filtered(lambda e: e.attempts)
        assert not failed, f"could not be filed: {failed.mapped('last_error')[:3]}"

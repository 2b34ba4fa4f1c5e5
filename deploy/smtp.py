#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The city's incoming mail: SMTP from its mail server, straight into Odoo (compose profile 'smtp').

The city's mail server passes on what comes for the departments' addresses. A mail is answered 250 once Odoo has
stored it; while Odoo is down or busy the answer is 451, and the city's server keeps the mail and tries again. It
is no relay: only recipients of CIVIC_MAIL_DOMAINS are taken, only from CIVIC_MAIL_CLIENTS, and nothing is sent on.

    CIVIC_MAIL_DOMAINS           domains of the departments' addresses, separated by commas
    CIVIC_MAIL_CLIENTS           networks of the city's mail servers, separated by commas (default: none)
    CIVIC_SMTP_ODOO              http://odoo:8069
    CIVIC_SMTP_LOGIN             the gateway's own user in Odoo
    CIVIC_SMTP_PASSWORD_FILE     its password or API key
    CIVIC_SMTP_ADDRESS, _PORT    where to listen (0.0.0.0, 2525)
    CIVIC_SMTP_MAX_BYTES         largest mail (33554432)
"""

import asyncio
import functools
import ipaddress
import os
import signal
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP

sys.path.append(str(Path(__file__).resolve().parents[1] / "tools"))
from smtp_gateway import OdooGateway


def words(variable):
    return [word.strip() for word in os.environ.get(variable, "").split(",") if word.strip()]


class CityGateway(OdooGateway):
    """The gateway, for those who may use it and for the addresses that are ours."""

    def __init__(self, *odoo, domains, clients):
        super().__init__(*odoo)
        self.domains = {domain.lower() for domain in domains}
        self.clients = [ipaddress.ip_network(client) for client in clients]

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        address = ipaddress.ip_address(session.peer[0])
        if not any(address in network for network in self.clients):
            return ["550 5.7.1 Not from this address"]
        session.host_name = hostname
        return responses

    async def handle_HELO(self, server, session, envelope, hostname):
        return (await self.handle_EHLO(server, session, envelope, hostname, [f"250 {server.hostname}"]))[-1]

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.rpartition("@")[2].lower() not in self.domains:
            return "550 5.7.1 No mail is taken here for that domain"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        # Odoo looks for the department in the headers, where a blind copy or a forwarded mail does not have it.
        delivered = "".join(f"Delivered-To: {address}\r\n" for address in envelope.rcpt_tos)
        envelope.content = delivered.encode() + envelope.content
        return await super().handle_DATA(server, session, envelope)


async def main():
    domains, clients = words("CIVIC_MAIL_DOMAINS"), words("CIVIC_MAIL_CLIENTS")
    if not domains or not clients:
        raise SystemExit("smtp: set CIVIC_MAIL_DOMAINS and CIVIC_MAIL_CLIENTS: without them no mail would be taken.")
    try:
        password = Path(os.environ["CIVIC_SMTP_PASSWORD_FILE"]).read_text(encoding="utf-8").strip()
    except (KeyError, OSError) as problem:
        raise SystemExit(f"smtp: CIVIC_SMTP_PASSWORD_FILE cannot be read: {problem}") from None
    url = os.environ.get("CIVIC_SMTP_ODOO") or "http://odoo:8069"
    login = os.environ.get("CIVIC_SMTP_LOGIN") or "mailgate"
    database = os.environ.get("CIVIC_SMTP_DATABASE") or "civic"
    gateway = CityGateway(url, database, login, password, domains=domains, clients=clients)
    size = int(os.environ.get("CIVIC_SMTP_MAX_BYTES") or 32 * 1024 * 1024)
    make = functools.partial(SMTP, gateway, enable_SMTPUTF8=True, data_size_limit=size, ident="Civic CRM")
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    address = os.environ.get("CIVIC_SMTP_ADDRESS") or "0.0.0.0"
    async with await loop.create_server(make, address, int(os.environ.get("CIVIC_SMTP_PORT") or 2525)) as server:
        print(f"smtp: listening on {server.sockets[0].getsockname()[1]}", flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
